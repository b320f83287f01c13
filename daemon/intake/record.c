/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rules of intake, as rows of the ledger: the same bytes from the same department are a
 * duplicate; files that join a folder later, and texts that come late, are a revision; and every
 * dropped file ends in exactly one row. Owns nothing.
 */
#include "daemon/intake/record.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/names.h"
#include "base/str.h"
#include "daemon/event/read.h"
#include "daemon/question/question.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* What a file of a unit is, after the ledger was asked. */
enum fate {
    FATE_NONE,      /* gone, or refused and left where it is: no row */
    FATE_NEW,       /* media not seen before from this department */
    FATE_EMPTY,     /* it has no bytes */
    FATE_CAPTION,   /* a text that belongs to the submission */
    FATE_DUPLICATE, /* of an earlier submission, or of another file of this unit */
    FATE_RESUME,    /* has a row already: an earlier ghatd committed it, but did not move it */
};

struct fates {
    enum fate *fate; /* of each file */
    size_t fresh, empty, captions, duplicates, resumed;
    int64_t first_same; /* submission of the first duplicate; 0: none */
};

static struct gh_new_file new_file(const struct gh_unit *u, size_t i)
{
    const struct gh_copy_file *f = &u->copy.files[i];
    const char *name = gh_unit_shown_name(u, i);
    struct gh_new_file n = {
        .name = name,
        .name_len = strlen(name),
        .size = f->print.size,
        .mtime_ms = f->print.mtime_ns / 1000000,
        .dev = f->print.dev,
        .ino = f->print.ino,
        .role = u->caption[i] ? GH_FILE_CAPTION : GH_FILE_MEDIA,
        .guess = gh_name_guess(name),
    };
    GH_COPY(n.sha256, f->sha256);
    return n;
}

/* ---------------------------------------------------------------------------------------- fates */

static int judge_media(struct gh_unit *u, size_t i, struct fates *fates, struct gh_err *err)
{
    struct gh_copy_file *f = &u->copy.files[i];
    const char *name = gh_unit_shown_name(u, i);
    struct gh_match m;
    int r = gh_ledger_find_bytes(u->dept->in->p.ledger, u->dept->slug, u->folder ? u->name : NULL,
                                 f->sha256, name, strlen(name), &m, err);
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
        fates->first_same = fates->first_same ? fates->first_same : m.submission;
        return 0;
    }
    for (size_t k = 0; k < i; k++)
        if (fates->fate[k] == FATE_NEW && gh_streq(u->copy.files[k].sha256, f->sha256)) {
            fates->fate[i] = FATE_DUPLICATE;
            fates->duplicates++;
            return 0;
        }
    fates->fate[i] = FATE_NEW;
    fates->fresh++;
    return 0;
}

static int judge_files(struct gh_unit *u, struct fates *fates, struct gh_err *err)
{
    for (size_t i = 0; i < u->copy.n; i++) {
        const struct gh_copy_file *f = &u->copy.files[i];
        if (f->how == GH_COPY_COPIED &&
            faccessat(u->dept->in->p.dirs->spool, f->sha256, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
            return gh_fail(err, GH_AGAIN,
                           "the copy of %s is gone from the spool: it is taken again", f->path);
        if (f->how == GH_COPY_EMPTY) {
            fates->fate[i] = u->caption[i] ? FATE_CAPTION : FATE_EMPTY;
            *(u->caption[i] ? &fates->captions : &fates->empty) += 1;
        } else if (f->how == GH_COPY_COPIED && u->caption[i]) {
            fates->fate[i] = FATE_CAPTION;
            fates->captions++;
        } else if (f->how == GH_COPY_COPIED) {
            TRY(judge_media(u, i, fates, err));
        }
    }
    return 0;
}

/* ----------------------------------------------------------------------------------------- rows */

/* Logged when the unit is committed; a commit that fails is tried again, with nothing logged twice.
 * Takes text. */
static void log_later(struct gh_unit *u, const char *event, char *text)
{
    if (u->n_events == GH_LEN(u->events)) {
        free(text);
        return;
    }
    u->events[u->n_events++] = (struct gh_unit_event){event, text};
}

void gh_record_forget(struct gh_unit *u)
{
    while (u->n_events)
        free(u->events[--u->n_events].text);
}

void gh_record_log(struct gh_unit *u)
{
    for (size_t i = 0; i < u->n_events; i++)
        gh_log(GH_LOG_INFO, u->events[i].event, "%s", u->events[i].text);
    gh_record_forget(u);
}

/* Files of a unit as the ledger takes them. */
struct gathered {
    struct gh_new_file *files;
    size_t *which; /* index of each in the unit's copy job */
    int64_t *ids;  /* the ledger's numbers, once it has them */
    size_t n;
};

static void gathered_free(struct gathered *g)
{
    free(g->files);
    free(g->which);
    free(g->ids);
}

/* All files whose fate is in the set. */
static void gather_files(const struct gh_unit *u, const struct fates *fates, unsigned set,
                         struct gathered *ret)
{
    size_t most = u->copy.n + 1;
    *ret = (struct gathered){.files = gh_alloc(most * sizeof(*ret->files)),
                             .which = gh_alloc(most * sizeof(*ret->which)),
                             .ids = gh_alloc(most * sizeof(*ret->ids))};
    for (size_t i = 0; i < u->copy.n; i++)
        if (set & 1u << fates->fate[i]) {
            ret->which[ret->n] = i;
            ret->files[ret->n++] = new_file(u, i);
        }
}

static void note_numbers(struct gh_unit *u, const struct gathered *g, int64_t submission)
{
    for (size_t i = 0; i < g->n; i++) {
        u->copy.files[g->which[i]].file = g->ids[i];
        u->copy.files[g->which[i]].submission = submission;
    }
}

/* Add a submission of all files whose fate is in the set. */
static int add_submission(struct gh_unit *u, const struct fates *fates, unsigned set,
                          enum gh_sub_state state, const char *caption, const char *reason,
                          int64_t duplicate_of, int64_t *ret_id, struct gh_err *err)
{
    GH_AUTO(gathered_free) struct gathered g = {0};
    gather_files(u, fates, set, &g);
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
        .question = state == GH_SUB_RECEIVED || state == GH_SUB_DELIVERED ? u->accepted : 0,
        .events = u->what == GH_UNIT_EVENT,
        .urgent = u->urgent,
        .files = g.files,
        .n_files = g.n,
    };
    int64_t id = 0;
    TRY(gh_ledger_add(u->dept->in->p.ledger, NULL, &sub, &id, g.ids, err));
    note_numbers(u, &g, id);
    log_later(u, gh_sub_state_name(state),
              gh_asprintf("id=%" PRId64 " department=%s name=%s files=%zu%s%s", id, u->dept->slug,
                          gh_log_quote(u->name), g.n, reason ? " reason=" : "",
                          reason ? gh_log_quote(reason) : ""));
    *ret_id = id;
    return 0;
}

/* Add all files whose fate is in the set to submission target: a revision of it. */
static int join_submission(struct gh_unit *u, const struct fates *fates, unsigned set,
                           const char *caption, struct gh_err *err)
{
    struct gh_ledger *ledger = u->dept->in->p.ledger;
    GH_AUTO(gathered_free) struct gathered g = {0};
    gather_files(u, fates, set, &g);
    if (g.n)
        TRY(gh_ledger_add_files(ledger, NULL, u->target, g.files, g.n, g.ids, err));
    note_numbers(u, &g, u->target);
    if (caption)
        TRY(gh_ledger_set_caption(ledger, NULL, u->target, caption, err));
    log_later(u, "revised",
              gh_asprintf("id=%" PRId64 " department=%s name=%s files=%zu", u->target,
                          u->dept->slug, gh_log_quote(u->name), g.n));
    u->submission = u->target;
    return 0;
}

/* A file that was cut off or damaged when it first came is replaced by a better copy of the same
 * name: its submission becomes the target. */
static int reopen_submission(struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    for (size_t i = 0; i < u->copy.n; i++) {
        const char *name = gh_unit_shown_name(u, i);
        int64_t id;
        if (fates->fate[i] != FATE_NEW)
            continue;
        int r = gh_ledger_reopen(u->dept->in->p.ledger, NULL, u->dept->slug, u->name,
                                 strlen(u->name), name, strlen(name), &id, err);
        TRY(r);
        if (r)
            u->target = id;
        if (r == 2) /* it was incomplete: taken in while its client was still writing */
            gh_quiet_learn(u->dept->in->p.quiet, u->dept->slug, true, 0);
    }
    return 0;
}

static bool may_join(const struct gh_unit *u, int64_t id)
{
    struct gh_item item = {0};
    if (!id || gh_ledger_get(u->dept->in->p.ledger, id, &item, NULL) < 0)
        return false;
    bool may = item.sub.state != GH_SUB_QUARANTINED && item.sub.state != GH_SUB_DUPLICATE &&
               !(item.sub.retired & (GH_KEPT_ORIGINALS | GH_KEPT_OUTBOX));
    gh_item_free(&item);
    return may;
}

#define SET(fate) (1u << FATE_##fate)

static int record_duplicates(struct gh_unit *u, const struct fates *fates, unsigned set,
                             const char *caption, struct gh_err *err)
{
    int64_t id = 0, same = fates->first_same ? fates->first_same : u->submission;
    TRY(add_submission(u, fates, set, GH_SUB_DUPLICATE, caption, NULL, same, &id, err));
    if (!u->submission)
        u->submission = id;
    return 0;
}

static int record_media(struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    GH_AUTO_FREE char *caption = gh_unit_caption(u);
    TRY(reopen_submission(u, fates, err));
    if (fates->fresh && may_join(u, u->target)) {
        TRY(join_submission(u, fates, SET(NEW) | SET(EMPTY) | SET(CAPTION), caption, err));
    } else if (fates->fresh) {
        TRY(add_submission(u, fates, SET(NEW) | SET(EMPTY) | SET(CAPTION), GH_SUB_RECEIVED, caption,
                           NULL, 0, &u->submission, err));
    } else if (fates->duplicates) {
        /* All of it came before: a new caption is a revision of what came first. */
        if (caption)
            TRY(gh_ledger_set_caption(u->dept->in->p.ledger, NULL, fates->first_same, caption,
                                      err));
        return record_duplicates(u, fates, SET(DUPLICATE) | SET(EMPTY) | SET(CAPTION), caption,
                                 err);
    } else if (fates->empty) {
        return add_submission(u, fates, SET(EMPTY) | SET(CAPTION), GH_SUB_QUARANTINED, caption,
                              "the file is empty (0 bytes): the copy did not work, copy it again",
                              0, &u->submission, err);
    } else if (fates->captions && fates->resumed) {
        u->target = u->submission;
        return join_submission(u, fates, SET(CAPTION), caption, err);
    }
    if (fates->duplicates)
        TRY(record_duplicates(u, fates, SET(DUPLICATE), NULL, err));
    return 0;
}

static int record_text(struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    GH_AUTO_FREE char *caption = gh_unit_caption(u);
    struct gh_err why = {0};
    int64_t id = 0;
    switch (u->what) {
    case GH_UNIT_TEXT:
        if (may_join(u, u->target))
            return join_submission(u, fates, SET(CAPTION), caption, err);
        break;
    case GH_UNIT_RECALL:
        if (!u->target)
            return add_submission(u, fates, SET(CAPTION), GH_SUB_QUARANTINED, caption,
                                  "nothing of that name was sent: check the name", 0, &id, err);
        if (gh_ledger_cancel(u->dept->in->p.ledger, NULL, u->target, &why) < 0) {
            if (why.cls != GH_LIMIT)
                return gh_fail(err, why.cls, "%s", why.msg);
            return add_submission(u, fates, SET(CAPTION), GH_SUB_QUARANTINED, caption, why.msg, 0,
                                  &id, err);
        }
        log_later(u, "recalled",
                  gh_asprintf("id=%" PRId64 " department=%s", u->target, u->dept->slug));
        return add_submission(u, fates, SET(CAPTION), GH_SUB_DUPLICATE, caption, NULL, u->target,
                              &id, err);
    default:
        break;
    }
    return add_submission(u, fates, SET(CAPTION), GH_SUB_QUARANTINED, caption,
                          "a text without a photo or video: send both together, with the same name",
                          0, &u->submission, err);
}

/* ------------------------------------------------------------------------------------- questions
 */

/* A sentence for the officer: why the question does not take it. */
static char *why_not(const struct gh_unit *u, const struct gh_err *err)
{
    if (err->cls == GH_USAGE)
        return gh_asprintf("your department was asked no question with the number %" PRId64,
                           u->question);
    return gh_strdup(err->msg);
}

/* What came with a reply that was not taken: pictures go their way, texts are kept and told. */
static int record_refused(struct gh_unit *u, const struct fates *fates, const char *why,
                          struct gh_err *err)
{
    int64_t id;
    u->accepted = 0;
    TRY(add_submission(u, fates, SET(CAPTION), GH_SUB_QUARANTINED, NULL, why, 0, &id, err));
    u->submission = id;
    if (fates->fresh)
        TRY(add_submission(u, fates, SET(NEW) | SET(EMPTY), GH_SUB_RECEIVED, NULL, NULL, 0,
                           &u->submission, err));
    return fates->duplicates ? record_duplicates(u, fates, SET(DUPLICATE), NULL, err) : 0;
}

static int record_accepted(struct gh_unit *u, const struct fates *fates, const char *text,
                           const struct gh_question_by *by, struct gh_err *err)
{
    const struct gh_intake_parts *p = &u->dept->in->p;
    GH_AUTO_FREE char *caption = u->folder && fates->fresh ? gh_unit_caption_only(u) : NULL;
    u->accepted = u->question;
    if (fates->fresh)
        TRY(add_submission(u, fates, SET(NEW) | SET(EMPTY) | SET(CAPTION), GH_SUB_RECEIVED, caption,
                           NULL, 0, &u->submission, err));
    else
        TRY(add_submission(u, fates, SET(EMPTY) | SET(CAPTION), GH_SUB_DELIVERED, NULL, NULL, 0,
                           &u->submission, err));
    if (u->what == GH_UNIT_LONGER)
        TRY(gh_question_extend(p->ledger, p->settings, by, u->question, text, u->said_ms, err));
    else
        TRY(gh_question_answer(p->ledger, p->settings, by, u->question, text, u->submission,
                               u->said_ms, err));
    log_later(u, u->what == GH_UNIT_LONGER ? "more-time" : "answered",
              gh_asprintf("id=%" PRId64 " department=%s question=%" PRId64, u->submission,
                          u->dept->slug, u->question));
    return fates->duplicates ? record_duplicates(u, fates, SET(DUPLICATE), NULL, err) : 0;
}

/* Whoever drops files acts as the department; actor is borrowed. */
static struct gh_question_by by_file(const struct gh_unit *u, const char *actor)
{
    return (struct gh_question_by){.who = {.actor = actor},
                                   .roles = GH_BY_DEPARTMENT,
                                   .via = GH_VIA_FILE,
                                   .department = u->dept->slug};
}

static int record_reply(struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    const struct gh_intake_parts *p = &u->dept->in->p;
    GH_AUTO_FREE char *actor = gh_asprintf("department:%s", u->dept->slug);
    const struct gh_question_by by = by_file(u, actor);
    struct gh_err no = {0};
    GH_AUTO_FREE char *why = NULL;
    GH_AUTO_FREE char *text = gh_unit_answer(u, &why);
    if (text &&
        gh_question_check(p->ledger, p->settings, &by, u->question,
                          u->what == GH_UNIT_LONGER ? GH_QUESTION_EXTEND : GH_QUESTION_ANSWER, text,
                          fates->fresh + fates->duplicates > 0, u->said_ms, &no) < 0) {
        if (no.cls != GH_USAGE && no.cls != GH_LIMIT)
            return gh_fail(err, no.cls, "%s", no.msg);
        why = why_not(u, &no);
    }
    return why ? record_refused(u, fates, why, err) : record_accepted(u, fates, text, &by, err);
}

/* -------------------------------------------------------------------------------------- events */

static int take_events(struct gh_unit *u, char *text, struct gh_event_reads *ret,
                       struct gh_err *err)
{
    const struct gh_intake_parts *p = &u->dept->in->p;
    GH_AUTO_FREE char *actor = gh_asprintf("department:%s", u->dept->slug);
    const struct gh_question_by by = by_file(u, actor);
    return gh_name_calendar(u->name)
               ? gh_event_take_calendar(p->ledger, p->settings, &by, text, ret, err)
               : gh_event_take_form(p->ledger, p->settings, &by, text, ret, err);
}

static int record_event(struct gh_unit *u, const struct fates *fates, struct gh_err *err)
{
    GH_AUTO(gh_event_reads_free) struct gh_event_reads reads = {0};
    GH_AUTO_FREE char *why = NULL;
    GH_AUTO_FREE char *text = gh_unit_answer(u, &why);
    if (text)
        TRY(take_events(u, text, &reads, err));
    else if (gh_name_calendar(u->name) && !strstr(why, "calendar file"))
        gh_event_refuse_file(&reads, "the calendar file cannot be read");
    else
        gh_event_refuse_file(&reads, why);
    bool taken = gh_event_was_taken(&reads);
    TRY(add_submission(u, fates, SET(CAPTION), taken ? GH_SUB_DELIVERED : GH_SUB_QUARANTINED, NULL,
                       taken ? NULL : reads.list[0].error, 0, &u->submission, err));
    log_later(u, "announced",
              gh_asprintf("id=%" PRId64 " department=%s events=%zu taken=%s", u->submission,
                          u->dept->slug, reads.n, taken ? "yes" : "no"));
    return gh_ledger_add_event_reads(u->dept->in->p.ledger, u->submission, &reads, err);
}

int gh_record_unit(struct gh_unit *u, struct gh_err *err)
{
    GH_AUTO_FREE enum fate *fate = gh_alloc((u->copy.n + 1) * sizeof(*fate));
    struct fates fates = {.fate = fate};
    for (size_t i = 0; i < u->copy.n; i++)
        u->copy.files[i].file = 0;
    u->submission = 0;
    gh_record_forget(u);
    TRY(judge_files(u, &fates, err));
    if (fates.fresh + fates.empty + fates.captions + fates.duplicates == 0)
        return 0; /* all of it vanished, was refused, or has its rows already */
    bool reply = u->what == GH_UNIT_ANSWER || u->what == GH_UNIT_LONGER;
    TRY(reply                      ? record_reply(u, &fates, err)
        : u->what == GH_UNIT_EVENT ? record_event(u, &fates, err)
        : u->what == GH_UNIT_MEDIA ? record_media(u, &fates, err)
                                   : record_text(u, &fates, err));
    if (u->event && fates.fresh && u->submission)
        TRY(gh_ledger_event_came(u->dept->in->p.ledger, NULL, u->event, u->submission, err));
    bool joined = fates.fresh || (u->what == GH_UNIT_TEXT && u->submission);
    if (!joined)
        return 0;
    GH_AUTO_FREE char *asked = gh_unit_asked(u);
    if (asked)
        TRY(gh_ledger_ask_for(u->dept->in->p.ledger, NULL, u->submission, asked, err));
    return gh_unit_record_alts(u, err);
}
