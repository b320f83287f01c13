/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words that come with files: the caption of a unit, and what its photos show for those who
 * cannot see them. A text that cannot be read is logged, and counts as none. Owns nothing. Classes:
 * those of the ledger.
 */
#include "daemon/intake/intake_int.h"

#include "base/log.h"
#include "base/names.h"
#include "base/str.h"
#include "base/text.h"

#include <string.h>

#define ALT_MAX 4000 /* bytes of one, as on the control socket */

const char *gh_unit_shown_name(const struct gh_unit *u, size_t i)
{
    const char *path = u->copy.files[i].path;
    return u->folder ? path + strlen(u->name) + 1 : path;
}

static const char *file_name(const struct gh_unit *u, size_t i)
{
    const char *slash = strrchr(u->copy.files[i].path, '/');
    return slash ? slash + 1 : u->copy.files[i].path;
}

static bool is_copied_text(const struct gh_unit *u, size_t i)
{
    return u->caption[i] && u->copy.files[i].how == GH_COPY_COPIED;
}

/* ------------------------------------------------------------------------------------- captions */

static bool has_media_of_stem(const struct gh_unit *u, size_t text)
{
    GH_AUTO_FREE char *key = gh_name_stem_key(u->copy.files[text].path);
    for (size_t i = 0; i < u->copy.n; i++) {
        GH_AUTO_FREE char *other = u->caption[i] ? NULL : gh_name_stem_key(u->copy.files[i].path);
        if (other && gh_streq(key, other))
            return true;
    }
    return false;
}

/* The text of a file, to be freed; NULL: it cannot be read. */
static char *text_of(const struct gh_unit *u, size_t i, struct gh_err *err)
{
    const struct gh_copy_file *f = &u->copy.files[i];
    char *text = NULL;
    int r = f->text      ? gh_text_decode(f->text, f->text_len, &text, err)
            : f->no_text ? gh_fail(err, GH_INPUT, "%s", f->no_text)
                         : gh_fail(err, GH_LIMIT, "the text is too long");
    return r < 0 ? NULL : text;
}

static bool is_known(const char *said, void *settings)
{
    return gh_settings_known(settings, said);
}

char *gh_unit_asked(const struct gh_unit *u)
{
    GH_AUTO_STR words = {0};
    for (size_t i = 0; i < u->copy.n; i++) {
        struct gh_err err;
        GH_AUTO_FREE char *text = is_copied_text(u, i) ? text_of(u, i, &err) : NULL;
        if (text)
            gh_text_take_for(text, is_known, u->dept->in->p.settings, &words);
    }
    return words.len ? gh_strdup(words.data) : NULL;
}

/* The text of caption.txt; else of the only text; else, of several, those named like a photo or
 * video, one after the other. Alt texts are none of them. */
char *gh_unit_caption(const struct gh_unit *u)
{
    size_t only = SIZE_MAX, texts = 0;
    for (size_t i = 0; i < u->copy.n; i++) {
        if (!is_copied_text(u, i) || gh_name_alt(file_name(u, i)))
            continue;
        texts++;
        only = i;
        if (gh_name_caption(file_name(u, i))) {
            texts = 1;
            break;
        }
    }
    GH_AUTO_STR all = {0};
    for (size_t i = 0; texts && i < u->copy.n; i++) {
        if (!is_copied_text(u, i) || gh_name_alt(file_name(u, i)) ||
            (texts == 1 ? i != only : !has_media_of_stem(u, i)))
            continue;
        struct gh_err err = {0};
        GH_AUTO_FREE char *text = text_of(u, i, &err);
        if (!text)
            gh_log_err(GH_LOG_WARNING, "caption-unreadable", &err, "department=%s name=%s",
                       u->dept->slug, gh_log_quote(u->copy.files[i].path));
        if (text) {
            gh_text_take_alts(text, NULL);
            gh_text_take_for(text, is_known, u->dept->in->p.settings, NULL);
        }
        if (text && *text)
            gh_str_printf(&all, "%s%s", all.len ? "\n\n" : "", text);
    }
    return all.len ? gh_strdup(all.data) : NULL;
}

/* A caption.txt beside other texts is for the pictures, and no part of the answer. */
static bool is_of_answer(const struct gh_unit *u, size_t i, size_t texts)
{
    const char *name = file_name(u, i);
    return is_copied_text(u, i) && !gh_name_alt(name) && (texts == 1 || !gh_name_caption(name));
}

static size_t count_texts(const struct gh_unit *u)
{
    size_t n = 0;
    for (size_t i = 0; i < u->copy.n; i++)
        n += is_copied_text(u, i) && !gh_name_alt(file_name(u, i));
    return n;
}

char *gh_unit_caption_only(const struct gh_unit *u)
{
    for (size_t i = 0; i < u->copy.n; i++)
        if (is_copied_text(u, i) && gh_name_caption(file_name(u, i)) && count_texts(u) > 1)
            return gh_unit_caption(u);
    return NULL;
}

char *gh_unit_answer(const struct gh_unit *u, char **ret_why)
{
    GH_AUTO_STR all = {0};
    size_t texts = count_texts(u);
    for (size_t i = 0; i < u->copy.n; i++) {
        struct gh_err err = {0};
        if (!is_of_answer(u, i, texts))
            continue;
        GH_AUTO_FREE char *text = text_of(u, i, &err);
        if (!text) {
            *ret_why = gh_strdup(err.msg);
            return NULL;
        }
        if (*text)
            gh_str_printf(&all, "%s%s", all.len ? "\n\n" : "", text);
    }
    return gh_strdup(gh_str_text(&all));
}

/* ------------------------------------------------------------------------------------ alt texts */

static bool same_stem(const char *a, const char *b)
{
    GH_AUTO_FREE char *x = gh_name_stem_key(a), *y = gh_name_stem_key(b);
    return gh_streq(x, y);
}

/* What a text says of files: a file of its own (IMG_1.alt.txt) says one thing; a caption has a line
 * for each. Lines, in alts. */
static void read_alts(const struct gh_unit *u, size_t i, struct gh_str *alts)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *text = text_of(u, i, &err);
    if (!text)
        return; /* a caption's was logged */
    gh_text_take_alts(text, alts);
    if (!gh_name_alt(file_name(u, i)) || alts->len)
        return;
    for (char *c = text; (c = strchr(c, '\n'));)
        *c = ' ';
    gh_str_printf(alts, "%s\n", gh_strip(text));
}

/* Its lines, in order, for the files of this stem; where there are none, for all files. */
static int record_lines(const struct gh_unit *u, const struct gh_item *item, const char *name,
                        const char *lines, struct gh_err *err)
{
    bool own = false;
    for (size_t k = 0; k < item->n_files; k++)
        own = own || (item->files[k].role == GH_FILE_MEDIA && same_stem(item->files[k].name, name));
    for (size_t k = 0; k < item->n_files && *lines; k++) {
        const struct gh_file *f = &item->files[k];
        if (f->role != GH_FILE_MEDIA || (own ? !same_stem(f->name, name) : gh_name_alt(name)))
            continue;
        size_t n = strcspn(lines, "\n");
        GH_AUTO_FREE char *line = gh_strndup(lines, n);
        line[gh_utf8_cut(line, ALT_MAX)] = 0;
        if (*line)
            TRY(gh_ledger_set_alt(u->dept->in->p.ledger, NULL, item->sub.id,
                                  gh_file_number(item, f->id), line, err));
        lines += n + (lines[n] == '\n');
    }
    return 0;
}

int gh_unit_record_alts(const struct gh_unit *u, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    for (size_t i = 0; i < u->copy.n; i++) {
        GH_AUTO_STR alts = {0};
        if (is_copied_text(u, i))
            read_alts(u, i, &alts);
        if (!alts.len)
            continue;
        if (!item.sub.id)
            TRY(gh_ledger_get(u->dept->in->p.ledger, u->submission, &item, err));
        TRY(record_lines(u, &item, gh_unit_shown_name(u, i), alts.data, err));
    }
    return 0;
}
