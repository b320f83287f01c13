/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See notes.h: which words for which item, and putting the text where the officer finds it. */
#include "daemon/notes.h"

#include "daemon/item_json.h"
#include "daemon/notes_text.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#define EOL "\r\n"

/* ---------------------------------------------------------------------------------------- which case */

static unsigned states_seen(const struct gh_item *item)
{
    unsigned seen = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        seen |= 1u << item->renditions[i].state;
    return seen & ~(1u << GH_REN_SKIPPED | 1u << GH_REN_FAILED);
}

/* Decided: by the states that are there; one kind alone has words of its own. */
static enum gh_case decided_case(unsigned seen)
{
    static const struct {
        enum gh_ren_state state;
        enum gh_case say;
    } rows[] = {
        {GH_REN_APPROVED, GH_CASE_APPROVED},   {GH_REN_PUBLISHED, GH_CASE_PUBLISHED},
        {GH_REN_COLLECTED, GH_CASE_COLLECTED}, {GH_REN_REJECTED, GH_CASE_REJECTED},
        {GH_REN_WITHDRAWN, GH_CASE_WITHDRAWN},
    };
    if (seen == (1u << GH_REN_APPROVED | 1u << GH_REN_PUBLISHED))
        return GH_CASE_APPROVED;
    for (size_t i = 0; i < GH_LEN(rows); i++)
        if (seen == 1u << rows[i].state)
            return rows[i].say;
    return GH_CASE_MIXED;
}

static bool retrying(const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].work == GH_WORK_DUE && item->files[i].strikes + item->files[i].interrupted > 0)
            return true;
    return false;
}

static bool incomplete(const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].work == GH_WORK_DUE && item->files[i].reason)
            return true;
    return false;
}

static bool recalled(const struct gh_item *item)
{
    if (item->sub.reason && strstr(item->sub.reason, "recalled by the department"))
        return true;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (item->renditions[i].state == GH_REN_REJECTED && item->renditions[i].reason &&
            strstr(item->renditions[i].reason, "recalled by the department"))
            return true;
    return false;
}

static enum gh_case case_of(const struct gh_item *item)
{
    unsigned seen = states_seen(item);
    switch (item->sub.state) {
    case GH_SUB_ARRIVING:
        return GH_CASE_ARRIVING;
    case GH_SUB_RECEIVED:
        return GH_CASE_RECEIVED;
    case GH_SUB_RENDERING:
        return incomplete(item) ? GH_CASE_INCOMPLETE : retrying(item) ? GH_CASE_RETRYING : GH_CASE_RENDERING;
    case GH_SUB_STAGED:
        return seen == 1u << GH_REN_HELD ? GH_CASE_HELD : GH_CASE_STAGED;
    case GH_SUB_DECIDED:
    case GH_SUB_DELIVERED:
        return recalled(item) ? GH_CASE_RECALLED : decided_case(seen);
    case GH_SUB_QUARANTINED:
        return recalled(item) ? GH_CASE_RECALLED : GH_CASE_QUARANTINED;
    case GH_SUB_DUPLICATE:
        return GH_CASE_DUPLICATE;
    case GH_SUB_STATES_N:
        break;
    }
    return GH_CASE_RECEIVED;
}

/* ---------------------------------------------------------------------------------------- writing it down */

/* A number or date: Bengali digits in the Bengali half. */
static void digits(struct gh_str *out, enum gh_lang lang, const char *text)
{
    for (; *text; text++)
        if (lang == GH_LANG_BN && *text >= '0' && *text <= '9')
            gh_str_printf(out, "\xe0\xa7%c", (char)(0xa6 + *text - '0'));
        else
            gh_str_add(out, text, 1);
}

static void label(struct gh_str *out, enum gh_lang lang, enum gh_label which)
{
    gh_str_printf(out, "%s: ", gh_label_words[which][lang]);
}

static void when(struct gh_str *out, enum gh_lang lang, enum gh_label which, int64_t ms)
{
    char text[64];
    struct tm tm;
    time_t t = (time_t)(ms / 1000);
    if (ms <= 0 || !localtime_r(&t, &tm))
        return;
    snprintf(text, sizeof(text), "%02d-%02d-%04d %02d:%02d", tm.tm_mday, tm.tm_mon + 1, tm.tm_year + 1900, tm.tm_hour,
             tm.tm_min);
    label(out, lang, which);
    digits(out, lang, text);
    gh_str_puts(out, EOL);
}

/* "about 5 minutes, until about 14:35". The time of day stays true when the note grows old. */
static void time_left(struct gh_str *out, enum gh_lang lang, const struct gh_note_about *about)
{
    char text[32];
    struct tm tm;
    int64_t minutes = (about->left_ms + 59999) / 60000;
    time_t t = (time_t)((about->now_ms + about->left_ms) / 1000);
    if (about->left_ms < 0 || !localtime_r(&t, &tm))
        return;
    minutes = GH_MAX(minutes, (int64_t)1);
    bool hours = minutes > 120;
    label(out, lang, GH_LABEL_LEFT);
    gh_str_puts(out, gh_label_words[GH_LABEL_ABOUT][lang]);
    snprintf(text, sizeof(text), "%" PRId64, hours ? (minutes + 30) / 60 : minutes);
    digits(out, lang, text);
    gh_str_puts(out, gh_label_words[hours ? GH_LABEL_HOURS : minutes == 1 ? GH_LABEL_MINUTE : GH_LABEL_MINUTES][lang]);
    gh_str_puts(out, gh_label_words[GH_LABEL_AT][lang]);
    snprintf(text, sizeof(text), "%02d:%02d", tm.tm_hour, tm.tm_min);
    digits(out, lang, text);
    gh_str_puts(out, EOL);
}

static const char *plain_reason(const char *reason, enum gh_lang lang)
{
    for (const struct gh_reason_words *r = gh_reasons; r->piece; r++)
        if (strcasestr(reason, r->piece))
            return r->say[lang];
    return NULL;
}

/* A technical reason: in plain words where we have them, and as it is for whoever helps. */
static void reason(struct gh_str *out, enum gh_lang lang, const char *why)
{
    const char *plain = plain_reason(why, lang);
    if (plain) {
        label(out, lang, GH_LABEL_REASON);
        gh_str_printf(out, "%s" EOL, plain);
    }
    label(out, lang, plain ? GH_LABEL_DETAIL : GH_LABEL_REASON);
    gh_str_display(out, why, strlen(why));
    gh_str_puts(out, EOL);
}

/* What the authority wrote, each different reason once. */
static void authority(struct gh_str *out, enum gh_lang lang, const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        bool said = false;
        if ((r->state != GH_REN_REJECTED && r->state != GH_REN_WITHDRAWN && r->state != GH_REN_HELD) || !r->reason ||
            !*r->reason)
            continue;
        for (size_t k = 0; k < i && !said; k++)
            said = item->renditions[k].state == r->state && gh_streq(item->renditions[k].reason, r->reason);
        if (said)
            continue;
        label(out, lang, GH_LABEL_AUTHORITY_SAYS);
        gh_str_display(out, r->reason, strlen(r->reason));
        gh_str_puts(out, EOL);
    }
}

static const char *title(const struct gh_profiles *profiles, const char *placement)
{
    const struct gh_profile *p = profiles ? gh_profiles_find(profiles, placement) : NULL;
    return p && *p->title ? p->title : placement;
}

static bool first_of_placement(const struct gh_item *item, size_t i)
{
    return i == 0 ||
           strcmp(item->renditions[i - 1].placement, item->renditions[i].placement) != 0; /* they are sorted */
}

static const struct gh_file *file_of(const struct gh_item *item, int64_t id)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].id == id)
            return &item->files[i];
    return NULL;
}

/* A placement this file cannot have, for a reason of its own: what is wrong with a whole file is told once, elsewhere.
 */
static bool not_made(const struct gh_item *item, const struct gh_rendition *r)
{
    const struct gh_file *f = file_of(item, r->file);
    return (r->state == GH_REN_SKIPPED || r->state == GH_REN_FAILED) && r->reason && *r->reason &&
           (!f || f->work != GH_WORK_BAD);
}

static void places(struct gh_str *out, enum gh_lang lang, const struct gh_item *item,
                   const struct gh_profiles *profiles)
{
    bool head = false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (!first_of_placement(item, i) || gh_placement_state(item, r->placement) == GH_REN_SKIPPED ||
            item->sub.state == GH_SUB_QUARANTINED)
            continue;
        if (!head)
            gh_str_printf(out, "%s:" EOL, gh_label_words[GH_LABEL_PLACES][lang]);
        head = true;
        gh_str_printf(out, "  - %s: %s" EOL, title(profiles, r->placement),
                      gh_ren_words[gh_placement_state(item, r->placement)][lang]);
    }
    head = false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        const struct gh_file *f = file_of(item, r->file);
        if (!not_made(item, r) || recalled(item))
            continue;
        if (!head)
            gh_str_printf(out, "%s:" EOL, gh_label_words[GH_LABEL_NOT_MADE][lang]);
        head = true;
        const char *plain = plain_reason(r->reason, lang);
        gh_str_printf(out, "  - %s", title(profiles, r->placement));
        if (f && item->sub.kind == GH_KIND_FOLDER) {
            gh_str_puts(out, " · ");
            gh_str_display(out, f->name, f->name_len);
        }
        gh_str_printf(out, ": %s%s", plain ? plain : "", plain ? " (" : "");
        gh_str_display(out, r->reason, strlen(r->reason));
        gh_str_puts(out, plain ? ")" EOL : EOL);
    }
}

/* Files of a folder that could not be used though others could. */
static void bad_files(struct gh_str *out, enum gh_lang lang, const struct gh_item *item)
{
    bool head = false;
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        if (f->work != GH_WORK_BAD || item->sub.kind != GH_KIND_FOLDER || recalled(item))
            continue;
        if (!head)
            gh_str_printf(out, "%s:" EOL, gh_label_words[GH_LABEL_BAD_FILES][lang]);
        head = true;
        gh_str_puts(out, "  - ");
        gh_str_display(out, f->name, f->name_len);
        const char *plain = f->reason ? plain_reason(f->reason, lang) : NULL;
        if (f->reason)
            gh_str_printf(out, ": %s", plain ? plain : f->reason);
        gh_str_puts(out, EOL);
    }
}

/* Its own lines, with our line ends. */
static void caption(struct gh_str *out, const char *text)
{
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\n')
            gh_str_puts(out, EOL);
        else if (text[i] != '\r')
            gh_str_add(out, &text[i], 1);
    gh_str_puts(out, EOL);
}

static void one_language(struct gh_str *out, enum gh_lang lang, const struct gh_item *item,
                         const struct gh_note_about *about)
{
    const struct gh_submission *s = &item->sub;
    enum gh_case is = case_of(item);
    const struct gh_words *words = &gh_case_words[is][lang];
    char number[32];
    gh_str_printf(out, "%s · %s · ", gh_label_words[GH_LABEL_TITLE][lang],
                  about->department && about->department->title ? about->department->title : s->department);
    gh_str_display(out, s->name, s->name_len);
    gh_str_puts(out, EOL);
    label(out, lang, GH_LABEL_STATE);
    gh_str_printf(out, "%s" EOL "%s" EOL "%s%s", words->head, words->what, words->act, *words->act ? EOL : "");
    if (is == GH_CASE_RECEIVED || is == GH_CASE_RENDERING || is == GH_CASE_RETRYING)
        time_left(out, lang, about);
    if (s->reason && is == GH_CASE_QUARANTINED)
        reason(out, lang, s->reason);
    if (is != GH_CASE_RECALLED)
        authority(out, lang, item);
    if (s->duplicate_of) {
        snprintf(number, sizeof(number), "%" PRId64, s->duplicate_of);
        label(out, lang, GH_LABEL_DUPLICATE_OF);
        digits(out, lang, number);
        gh_str_puts(out, EOL);
    }
    gh_str_puts(out, EOL);
    snprintf(number, sizeof(number), "%" PRId64, s->id);
    label(out, lang, GH_LABEL_NUMBER);
    digits(out, lang, number);
    gh_str_puts(out, EOL);
    when(out, lang, GH_LABEL_DROPPED, s->dropped_ms);
    when(out, lang, GH_LABEL_STAGED, s->staged_ms);
    when(out, lang, GH_LABEL_APPROVED, s->approved_ms);
    when(out, lang, GH_LABEL_COLLECTED, s->delivered_ms);
    if (s->caption && *s->caption) {
        label(out, lang, GH_LABEL_CAPTION);
        caption(out, s->caption);
    } else if (s->state < GH_SUB_DECIDED) {
        gh_str_printf(out, "%s" EOL, gh_label_words[GH_LABEL_NO_CAPTION][lang]);
    }
    bad_files(out, lang, item);
    places(out, lang, item, about->profiles);
}

void gh_note_text(const struct gh_item *item, const struct gh_note_about *about, struct gh_str *out)
{
    one_language(out, GH_LANG_BN, item, about);
    gh_str_puts(out, EOL "----------------------------------------" EOL EOL);
    one_language(out, GH_LANG_EN, item, about);
}

/* ---------------------------------------------------------------------------------------- putting it there */

void gh_note_name(const void *name, size_t name_len, char ret[256])
{
    const char *s = name;
    size_t keep = 0, max = 255 - 4;
    while (keep < name_len) {
        size_t n = gh_utf8_char(s + keep, name_len - keep);
        n = n ? n : 1; /* a byte that is no character stays one byte */
        if (keep + n > max)
            break;
        keep += n;
    }
    memcpy(ret, s, keep);
    memcpy(ret + keep, ".txt", 5);
}

/* Is the same text there already? Whatever else is there (a link, a pipe, a folder) is not. */
static bool same(int dir, const char *name, const char *text, size_t len)
{
    GH_AUTO_FD fd = -1;
    GH_AUTO_FREE char *old = NULL;
    size_t n;
    struct stat st;
    struct gh_err err;
    if (gh_open_beneath(dir, name, O_RDONLY, &fd, &err) < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        (size_t)st.st_size != len)
        return false;
    return gh_read_fd(fd, len + 1, &old, &n, &err) == 0 && n == len && !memcmp(old, text, len);
}

void gh_note_sweep(int dir)
{
    GH_AUTO_FD status = -1;
    struct gh_err err;
    if (gh_open_dir(dir, GH_STATUS_DIR, &status, &err) < 0)
        return;
    (void)!gh_sweep_temporaries(status, &err);
}

int gh_note_put(int dir, const char *name, const char *text, size_t len, struct gh_err *err)
{
    GH_AUTO_FD status = -1;
    GH_AUTO_FD fd = -1;
    bool made = mkdirat(dir, GH_STATUS_DIR, 0755) == 0;
    if (!made && errno != EEXIST)
        return gh_fail_errno(err, GH_OK, "cannot make the folder " GH_STATUS_DIR);
    TRY(gh_open_dir(dir, GH_STATUS_DIR, &status, err));
    if (made) /* where set-group-id is forbidden (RestrictSUIDSGID) it has been inherited, and the umask's mode will do
               */
        (void)!fchmod(status, 02755);
    if (same(status, name, text, len))
        return 0;
    /* no fsync: a note lost in a power cut is written again from the ledger */
    TRY(gh_tmpfile(status, &fd, err));
    TRY(gh_write_all(fd, text, len, err));
    if (fchmod(fd, 0644) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "mode of a note");
    return gh_link_fd_replace(fd, status, name, err);
}
