/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules of intake in terms of the ledger: the same bytes from the same department are a duplicate, what joins a
 * folder or a text that comes late is a revision, and every dropped file ends in exactly one row.
 */
#include "daemon/record.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/text.h"
#include "daemon/names.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* What a file of a unit is, after the ledger was asked. */
enum fate {
    FATE_NONE,      /* gone, or refused and left: no row */
    FATE_NEW,       /* media not seen before from this department */
    FATE_EMPTY,     /* no bytes */
    FATE_CAPTION,   /* a text that goes with the submission */
    FATE_DUPLICATE, /* of submission same[i], or of file twin[i] of this unit */
    FATE_RESUME,    /* committed by an earlier try that did not move it away: row[i] */
};

struct fates {
    enum fate *fate;
    int64_t *same;
    size_t new, empty, captions, duplicates, resumed;
    int64_t first_same;
};

static const char *shown_name(const struct gh_unit *u, size_t i)
{
    const char *path = u->take.files[i].path;
    return u->folder ? path + strlen(u->name) + 1 : path; /* below the submission's folder */
}

static struct gh_new_file new_file(const struct gh_unit *u, size_t i)
{
    const struct gh_take_file *f = &u->take.files[i];
    const char *name = shown_name(u, i);
    struct gh_new_file n = {
        .name = name,
        .name_len = strlen(name),
        .size = f->print.size,
        .mtime_ms = f->print.mtime_ns / 1000000,
        .dev = f->print.dev,
        .ino = f->print.ino,
        .role = u->caption[i] ? GH_ROLE_CAPTION : GH_ROLE_MEDIA,
        .guess = gh_name_guess(name),
    };
    GH_COPY(n.sha256, f->sha256);
    return n;
}

/* ------------------------------------------------------------------------------------------- captions */

static bool has_media_of_stem(const struct gh_unit *u, size_t text)
{
    GH_AUTO_FREE char *key = gh_name_stem_key(u->take.files[text].path);
    for (size_t i = 0; i < u->take.n; i++) {
        GH_AUTO_FREE char *other = u->caption[i] ? NULL : gh_name_stem_key(u->take.files[i].path);
        if (other && gh_streq(key, other))
            return true;
    }
    return false;
}

/* caption.txt; else the only text; else, of several, those named like a photo or video, one after the other. NULL:
 * none. */
static char *caption_of(struct gh_daemon *d, const struct gh_unit *u)
{
    size_t only = SIZE_MAX, texts = 0;
    for (size_t i = 0; i < u->take.n; i++) {
        const char *slash = strrchr(u->take.files[i].path, '/');
        if (!u->caption[i] || u->take.files[i].how != GH_TAKE_COPIED)
            continue;
        texts++;
        only = i;
        if (gh_name_caption(slash ? slash + 1 : u->take.files[i].path)) {
            texts = 1;
            break;
        }
    }
    GH_AUTO_STR all = {0};
    for (size_t i = 0; texts && i < u->take.n; i++) {
        const struct gh_take_file *f = &u->take.files[i];
        if (!u->caption[i] || f->how != GH_TAKE_COPIED || (texts == 1 ? i != only : !has_media_of_stem(u, i)))
            continue;
        struct gh_err err = {0};
        GH_AUTO_FREE char *text = NULL;
        int r = f->text ? gh_text_decode(f->text, f->text_len, &text, &err)
                        : gh_fail(&err, GH_LIMIT, "the text is too long");
        if (r < 0)
            gh_log_err(GH_LOG_WARNING, "caption-unreadable", &err, "department=%s name=%s", u->dept->slug,
                       gh_log_quote(f->path));
        else if (*text)
            gh_str_printf(&all, "%s%s", all.len ? "\n\n" : "", text);
    }
    (void)d;
    return all.len ? gh_strdup(all.data) : NULL;
}

/* ------------------------------------------------------------------------------------------- fates */

static int judge_media(struct gh_daemon *d, struct gh_unit *u, size_t i, struct fates *fates, struct gh_err *err)
{
    struct gh_take_file *f = &u->take.files[i];
    const char *name = shown_name(u, i);
    struct gh_match m;
    int r = gh_ledger_find_bytes(d->ledger, u->dept->slug, f->sha256, name, strlen(name), &m, err);
    TRY(r);
    if (r && m.source == GH_SOURCE_PRESENT && m.same_name) {
        fates->fate[i] = FATE_RESUME;
        fates->resumed++;
        f->file = m.file;
        f->submission = m.submission;
        u->submission = m.submission;
        return 0;
    }
    if (r && !m.resendable && m.state != GH_SUB_DUPLICATE) {
        fates->fate[i] = FATE_DUPLICATE;
        fates->duplicates++;
        fates->same[i] = m.submission;
        fates->first_same = fates->first_same ? fates->first_same : m.submission;
        return 0;
    }
    for (size_t k = 0; k < i; k++)
        if (fates->fate[k] == FATE_NEW && gh_streq(u->take.files[k].sha256, f->sha256)) {
            fates->fate[i] = FATE_DUPLICATE; /* twice in one folder: of this very submission */
            fates->duplicates++;
            return 0;
        }
    fates->fate[i] = FATE_NEW;
    fates->new ++;
    return 0;
}

static int judge(struct gh_daemon *d, struct gh_unit *u, struct fates *fates, struct gh_err *err)
{
    for (size_t i = 0; i < u->take.n; i++) {
        const struct gh_take_file *f = &u->take.files[i];
        if (f->how == GH_TAKE_COPIED && faccessat(d->dirs.spool, f->sha256, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
            return gh_fail(err, GH_AGAIN, "the copy of %s is gone from the spool: it is taken again", f->path);
        if (f->how == GH_TAKE_EMPTY) {
            fates->fate[i] = u->caption[i] ? FATE_CAPTION : FATE_EMPTY;
            *(u->caption[i] ? &fates->captions : &fates->empty) += 1;
        } else if (f->how == GH_TAKE_COPIED && u->caption[i]) {
            fates->fate[i] = FATE_CAPTION;
            fates->captions++;
        } else if (f->how == GH_TAKE_COPIED) {
            TRY(judge_media(d, u, i, fates, err));
        }
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------- rows */

/* A submission of all files whose fate is in the set, in the given state. */
static int add(struct gh_daemon *d, struct gh_unit *u, const struct fates *fates, unsigned set, enum gh_sub_state state,
               const char *caption, const char *reason, int64_t duplicate_of, int64_t *ret_id, struct gh_err *err)
{
    GH_AUTO_FREE struct gh_new_file *files = gh_alloc((u->take.n + 1) * sizeof(*files));
    GH_AUTO_FREE int64_t *ids = gh_alloc((u->take.n + 1) * sizeof(*ids));
    GH_AUTO_FREE size_t *which = gh_alloc((u->take.n + 1) * sizeof(*which));
    size_t n = 0;
    for (size_t i = 0; i < u->take.n; i++)
        if (set & 1u << fates->fate[i]) {
            which[n] = i;
            files[n++] = new_file(u, i);
        }
    struct gh_new_sub sub = {
        .department = u->dept->slug,
        .name = u->name,
        .name_len = strlen(u->name),
        .kind = u->folder ? GH_KIND_FOLDER : GH_KIND_FILE,
        .state = state,
        .caption = caption,
        .dropped_ms = u->first_ms,
        .reason = reason,
        .duplicate_of = duplicate_of,
        .urgent = u->urgent,
        .files = files,
        .n_files = n,
    };
    int64_t id = 0;
    TRY(gh_ledger_add(d->ledger, NULL, &sub, &id, ids, err));
    for (size_t i = 0; i < n; i++) {
        u->take.files[which[i]].file = ids[i];
        u->take.files[which[i]].submission = id;
    }
    gh_log(GH_LOG_INFO, gh_sub_state_name(state), "id=%" PRId64 " department=%s name=%s files=%zu%s%s", id,
           u->dept->slug, gh_log_quote(u->name), n, reason ? " reason=" : "", reason ? gh_log_quote(reason) : "");
    *ret_id = id;
    return 0;
}

/* More files for a submission that is there already: a revision of it. */
static int join(struct gh_daemon *d, struct gh_unit *u, const struct fates *fates, unsigned set, const char *caption,
                struct gh_err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < u->take.n; i++) {
        if (!(set & 1u << fates->fate[i]))
            continue;
        struct gh_new_file f = new_file(u, i);
        TRY(gh_ledger_add_file(d->ledger, NULL, u->target, &f, &u->take.files[i].file, err));
        u->take.files[i].submission = u->target;
        n++;
    }
    if (caption)
        TRY(gh_ledger_set_caption(d->ledger, NULL, u->target, caption, err));
    gh_log(GH_LOG_INFO, "revised", "id=%" PRId64 " department=%s name=%s files=%zu", u->target, u->dept->slug,
           gh_log_quote(u->name), n);
    u->submission = u->target;
    return 0;
}

/* What was cut off or damaged when it came first: the better copy of the same name takes its place. */
static int reopen(struct gh_daemon *d, struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    for (size_t i = 0; i < u->take.n; i++) {
        const char *name = shown_name(u, i);
        int64_t id;
        if (fates->fate[i] != FATE_NEW)
            continue;
        int r =
            gh_ledger_reopen(d->ledger, NULL, u->dept->slug, u->name, strlen(u->name), name, strlen(name), &id, err);
        TRY(r);
        if (r)
            u->target = id;
        if (r == 2) /* half of it was taken while its client was at work */
            gh_dept_learn(u->dept, true, 0);
    }
    return 0;
}

static bool may_join(struct gh_daemon *d, int64_t id)
{
    struct gh_item item = {0};
    if (!id || gh_ledger_get(d->ledger, id, &item, NULL) < 0)
        return false;
    bool may = item.sub.state != GH_SUB_QUARANTINED && item.sub.state != GH_SUB_DUPLICATE &&
               !(item.sub.retired & (GH_KEPT_ORIGINALS | GH_KEPT_OUTBOX));
    gh_item_free(&item);
    return may;
}

#define SET(fate) (1u << FATE_##fate)

static int record_duplicates(struct gh_daemon *d, struct gh_unit *u, const struct fates *fates, unsigned set,
                             const char *caption, struct gh_err *err)
{
    int64_t id = 0, same = fates->first_same ? fates->first_same : u->submission;
    TRY(add(d, u, fates, set, GH_SUB_DUPLICATE, caption, NULL, same, &id, err));
    if (!u->submission)
        u->submission = id;
    return 0;
}

static int record_media(struct gh_daemon *d, struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    GH_AUTO_FREE char *caption = caption_of(d, u);
    TRY(reopen(d, u, fates, err));
    if (fates->new &&may_join(d, u->target)) {
        TRY(join(d, u, fates, SET(NEW) | SET(EMPTY) | SET(CAPTION), caption, err));
    } else if (fates->new) {
        TRY(add(d, u, fates, SET(NEW) | SET(EMPTY) | SET(CAPTION), GH_SUB_RECEIVED, caption, NULL, 0, &u->submission,
                err));
    } else if (fates->duplicates) {
        /* all of it came before: words that are new are a revision of what came first */
        if (caption)
            TRY(gh_ledger_set_caption(d->ledger, NULL, fates->first_same, caption, err));
        return record_duplicates(d, u, fates, SET(DUPLICATE) | SET(EMPTY) | SET(CAPTION), caption, err);
    } else if (fates->empty) {
        return add(d, u, fates, SET(EMPTY) | SET(CAPTION), GH_SUB_QUARANTINED, caption,
                   "the file is empty (0 bytes): the copy did not work, copy it again", 0, &u->submission, err);
    } else if (fates->captions && fates->resumed) {
        u->target = u->submission;
        return join(d, u, fates, SET(CAPTION), caption, err);
    }
    if (fates->duplicates)
        TRY(record_duplicates(d, u, fates, SET(DUPLICATE), NULL, err));
    return 0;
}

static int record_text(struct gh_daemon *d, struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    GH_AUTO_FREE char *caption = caption_of(d, u);
    struct gh_err why = {0};
    int64_t id = 0;
    switch (u->what) {
    case GH_UNIT_TEXT:
        if (may_join(d, u->target))
            return join(d, u, fates, SET(CAPTION), caption, err);
        break;
    case GH_UNIT_RECALL:
        if (!u->target)
            return add(d, u, fates, SET(CAPTION), GH_SUB_QUARANTINED, caption,
                       "nothing of that name was sent: check the name", 0, &id, err);
        if (gh_ledger_cancel(d->ledger, NULL, u->target, &why) < 0) {
            if (why.cls != GH_LIMIT)
                return gh_fail(err, why.cls, "%s", why.msg);
            return add(d, u, fates, SET(CAPTION), GH_SUB_QUARANTINED, caption, why.msg, 0, &id, err);
        }
        gh_log(GH_LOG_INFO, "recalled", "id=%" PRId64 " department=%s", u->target, u->dept->slug);
        return add(d, u, fates, SET(CAPTION), GH_SUB_DUPLICATE, caption, NULL, u->target, &id, err);
    default:
        break;
    }
    return add(d, u, fates, SET(CAPTION), GH_SUB_QUARANTINED, caption,
               "a text without a photo or video: send both together, with the same name", 0, &u->submission, err);
}

int gh_record_unit(struct gh_daemon *d, struct gh_unit *u, struct gh_err *err)
{
    GH_AUTO_FREE enum fate *fate = gh_alloc((u->take.n + 1) * sizeof(*fate));
    GH_AUTO_FREE int64_t *same = gh_alloc((u->take.n + 1) * sizeof(*same));
    struct fates fates = {.fate = fate, .same = same};
    for (size_t i = 0; i < u->take.n; i++)
        u->take.files[i].file = 0;
    u->submission = 0;
    TRY(judge(d, u, &fates, err));
    if (fates.new + fates.empty + fates.captions + fates.duplicates == 0)
        return 0; /* all of it vanished, was refused, or was there before */
    return u->what == GH_UNIT_MEDIA ? record_media(d, u, &fates, err) : record_text(d, u, &fates, err);
}
