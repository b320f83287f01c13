/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading items: a submission with its files and renditions. Column lists and readers stand side by
 * side, so that they stay in step. */
#include "daemon/ledger/db.h"
#include "daemon/ledger/outside.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const works[] = {"none", "due", "running", "done", "bad"};

const char *gh_work_name(enum gh_file_work w)
{
    return (unsigned)w < GH_LEN(works) ? works[w] : "?";
}

static enum gh_file_work work_of(const char *name)
{
    for (unsigned i = 0; i < GH_LEN(works); i++)
        if (!strcmp(works[i], name))
            return (enum gh_file_work)i;
    return GH_WORK_NONE;
}

static const char *const saids[GH_SAIDS] = {"posted", "refused", "removed"};

const char *gh_said_name(enum gh_said said)
{
    return (unsigned)said < GH_SAIDS ? saids[said] : "?";
}

static enum gh_said said_of(const char *name)
{
    unsigned i = 0;
    while (i < GH_SAID_REMOVED && strcmp(saids[i], name) != 0)
        i++;
    return (enum gh_said)i;
}

static void submission_free(struct gh_submission *sub)
{
    free(sub->name);
    free(sub->caption);
    free(sub->approved_caption);
    free(sub->reason);
    free(sub->approved_by);
    free(sub->sender);
    *sub = (struct gh_submission){0};
}

static void file_free(struct gh_file *f)
{
    free(f->name);
    free(f->taken_name);
    free(f->probe);
    free(f->reason);
    free(f->alt);
    *f = (struct gh_file){0};
}

void gh_rendition_free(struct gh_rendition *r)
{
    free(r->checks);
    free(r->reason);
    free(r->note);
    free(r->stage);
    free(r->decided_by);
    free(r->approved_caption);
    free(r->approved_alt);
    free(r->out_caption);
    free(r->out_alt);
    free(r->out_common);
    free(r->out_by);
    free(r->collected_by);
    free(r->gone_by);
    *r = (struct gh_rendition){0};
}

void gh_item_free(struct gh_item *item)
{
    submission_free(&item->sub);
    for (size_t i = 0; i < item->n_files; i++)
        file_free(&item->files[i]);
    for (size_t i = 0; i < item->n_renditions; i++)
        gh_rendition_free(&item->renditions[i]);
    for (size_t i = 0; i < item->n_captions; i++)
        free(item->captions[i].text);
    for (size_t i = 0; i < item->n_deliveries; i++) {
        free(item->deliveries[i].actor);
        free(item->deliveries[i].text);
    }
    for (size_t i = 0; i < item->n_takes; i++)
        free(item->takes[i].actor);
    free(item->deliveries);
    free(item->takes);
    free(item->captions);
    free(item->files);
    free(item->renditions);
    *item = (struct gh_item){0};
}

#define I64(col) gh_col_i64(s, col)

#define SUB_COLUMNS                                                                                \
    "id, department, name, kind, state, caption, approved_caption, caption_ms, dropped_ms, "       \
    "received_ms, staged_ms, approved_ms, decided_ms, delivered_ms, reason, duplicate_of, "        \
    "urgent, revision, approved_revision, manifest, manifest_done, outbox_day, approved_by, "      \
    "retired, question, returned_ms, sender, embargo_ms, replaces, replaced_by, "                  \
    "manifest_sha256, posted_ms, event"

static void read_sub(struct gh_stmt *s, struct gh_submission *ret)
{
    *ret = (struct gh_submission){
        .id = I64(0),
        .kind = strcmp(gh_col_text(s, 3), "folder") == 0 ? GH_KIND_FOLDER : GH_KIND_FILE,
        .caption = gh_col_dup(s, 5),
        .approved_caption = gh_col_dup(s, 6),
        .caption_ms = I64(7),
        .dropped_ms = I64(8),
        .received_ms = I64(9),
        .staged_ms = I64(10),
        .approved_ms = I64(11),
        .decided_ms = I64(12),
        .delivered_ms = I64(13),
        .reason = gh_col_dup(s, 14),
        .duplicate_of = I64(15),
        .urgent = I64(16) != 0,
        .urgent_by_authority = I64(16) == GH_URGENT_AUTHORITY,
        .revision = I64(17),
        .approved_revision = I64(18),
        .manifest = I64(19),
        .manifest_done = I64(20),
        .approved_by = gh_col_dup(s, 22),
        .retired = (unsigned)I64(23),
        .question = I64(24),
        .returned_ms = I64(25),
        .sender = gh_col_dup(s, 26),
        .embargo_ms = I64(27),
        .replaces = I64(28),
        .replaced_by = I64(29),
        .posted_ms = I64(31),
        .event = I64(32),
    };
    GH_COPY(ret->manifest_sha256, gh_col_text(s, 30));
    GH_COPY(ret->department, gh_col_text(s, 1));
    GH_COPY(ret->outbox_day, gh_col_text(s, 21));
    ret->name = gh_col_bytes(s, 2, &ret->name_len);
    gh_sub_state_parse(gh_col_text(s, 4), &ret->state); /* the table allows known names only */
}

#define FILE_COLUMNS                                                                               \
    "id, submission, name, sha256, size, dev, ino, mtime_ms, not_before_ms, role, source, "        \
    "taken_name, guess, media, work, probe, reason, found, attempts, strikes, interrupted, "       \
    "token, revision, alt, place, look, sharp, look IS NOT NULL"

/* The same columns, for an overview: texts nobody will look at are not read. */
#define FILE_BRIEF                                                                                 \
    "id, submission, name, sha256, size, 0, 0, 0, 0, role, source, NULL, guess, media, work, "     \
    "NULL, reason, found, 0, 0, 0, 0, revision, NULL, place, NULL, 0, 0"

static void read_file(struct gh_stmt *s, struct gh_file *ret)
{
    *ret = (struct gh_file){
        .id = I64(0),
        .submission = I64(1),
        .size = (uint64_t)I64(4),
        .dev = (uint64_t)I64(5),
        .ino = (uint64_t)I64(6),
        .mtime_ms = I64(7),
        .not_before_ms = I64(8),
        .role = strcmp(gh_col_text(s, 9), "caption") == 0 ? GH_FILE_CAPTION : GH_FILE_MEDIA,
        .source = strcmp(gh_col_text(s, 10), "taken") == 0 ? GH_SOURCE_TAKEN : GH_SOURCE_PRESENT,
        .taken_name = gh_col_dup(s, 11),
        .guess = (enum gh_media)I64(12),
        .media = (enum gh_media)I64(13),
        .work = work_of(gh_col_text(s, 14)),
        .probe = gh_col_dup(s, 15),
        .reason = gh_col_dup(s, 16),
        .found = (uint32_t)I64(17),
        .attempts = (unsigned)I64(18),
        .strikes = (unsigned)I64(19),
        .interrupted = (unsigned)I64(20),
        .token = (uint64_t)I64(21),
        .revision = I64(22),
        .alt = gh_col_dup(s, 23),
        .place = (unsigned)I64(24),
        .look = {(uint64_t)I64(25), (uint32_t)I64(26), (uint32_t)I64(27)},
    };
    GH_COPY(ret->sha256, gh_col_text(s, 3));
    ret->name = gh_col_bytes(s, 2, &ret->name_len);
}

#define REN_COLUMNS                                                                                \
    "id, submission, file, placement, part, parts, state, how, profile, recipe, sha256, "          \
    "bytes, w, h, removed, duration_us, checks, reason, note, stage, decided_by, staged_ms, "      \
    "approved_ms, published_ms, collected_ms, decided_ms, publishing_ms, crop_x, crop_y, crop_w, " \
    "crop_h, src_w, src_h, collected_by, gone_ms, gone_by"

#define REN_BRIEF                                                                                  \
    "id, submission, file, placement, part, parts, state, '', '', '', '', 0, 0, 0, 0, 0, "         \
    "NULL, reason, NULL, NULL, NULL, 0, 0, published_ms, 0, 0, 0, 0, 0, 0, 0, 0, 0, "              \
    "NULL, 0, NULL"

static void read_ren(struct gh_stmt *s, struct gh_rendition *ret)
{
    *ret = (struct gh_rendition){
        .id = I64(0),
        .submission = I64(1),
        .file = I64(2),
        .part = (unsigned)I64(4),
        .parts = (unsigned)I64(5),
        .bytes = (uint64_t)I64(11),
        .w = (uint32_t)I64(12),
        .h = (uint32_t)I64(13),
        .removed = (uint32_t)I64(14),
        .duration_us = I64(15),
        .checks = gh_col_dup(s, 16),
        .reason = gh_col_dup(s, 17),
        .note = gh_col_dup(s, 18),
        .stage = gh_col_dup(s, 19),
        .decided_by = gh_col_dup(s, 20),
        .staged_ms = I64(21),
        .approved_ms = I64(22),
        .published_ms = I64(23),
        .collected_ms = I64(24),
        .decided_ms = I64(25),
        .publishing_ms = I64(26),
        .crop = {(uint32_t)I64(27), (uint32_t)I64(28), (uint32_t)I64(29), (uint32_t)I64(30)},
        .src_w = (uint32_t)I64(31),
        .src_h = (uint32_t)I64(32),
        .collected_by = gh_col_dup(s, 33),
        .gone_ms = I64(34),
        .gone_by = gh_col_dup(s, 35),
    };
    GH_COPY(ret->placement, gh_col_text(s, 3));
    GH_COPY(ret->how, gh_col_text(s, 7));
    GH_COPY(ret->profile, gh_col_text(s, 8));
    GH_COPY(ret->recipe, gh_col_text(s, 9));
    GH_COPY(ret->sha256, gh_col_text(s, 10));
    gh_ren_state_parse(gh_col_text(s, 6), &ret->state);
}

static struct gh_rendition *rendition_of(struct gh_item *item, int64_t id)
{
    for (size_t i = 0; i < item->n_renditions; i++)
        if (item->renditions[i].id == id)
            return &item->renditions[i];
    return NULL;
}

/* The words of the approval that s is at, as the last one so far. */
static void take_words(struct gh_stmt *s, int64_t *decision, char **caption, char **alt)
{
    free(*caption);
    free(*alt);
    *decision = gh_col_i64(s, 1);
    *caption = gh_col_dup(s, 2);
    *alt = gh_col_dup(s, 3);
}

/* A hold or a rejection, the last one so far. */
static void take_turn(struct gh_stmt *s, const char *verdict, struct gh_rendition *ren)
{
    enum gh_ren_state is = !strcmp(verdict, "hold") ? GH_REN_HELD : GH_REN_REJECTED;
    bool pending = ren->state == is && gh_col_i64(s, 4) >= 0;
    ren->turned = pending ? gh_col_i64(s, 1) : 0;
    ren->turned_undo_ms = pending ? gh_col_i64(s, 4) : 0;
}

/* The decisions each output stands on: the last approval of the bytes that it has now, and the last
 * one that the outside may see. What was undone counts for nothing. */
static int fill_decisions(struct gh_ledger *l, struct gh_item *item, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT r.id, d.decision, d.caption, d.alt, coalesce(p.undo_ms, -1), x.caption, x.actor,"
        " x.verdict"
        " FROM rendition r JOIN decided d ON d.rendition = r.id"
        " JOIN decision x ON x.id = d.decision"
        " AND d.sha256 = r.sha256 LEFT JOIN pending p ON p.decision = d.decision"
        " WHERE r.submission = ? AND NOT EXISTS (SELECT 1 FROM voided v"
        " WHERE v.decision = d.decision) ORDER BY d.decision",
        "i", item->sub.id));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_rendition *ren = rendition_of(item, gh_col_i64(&s, 0));
        if (!ren)
            continue;
        const char *verdict = gh_col_text(&s, 7);
        if (strcmp(verdict, "approve") != 0) {
            take_turn(&s, verdict, ren);
            continue;
        }
        take_words(&s, &ren->decision, &ren->approved_caption, &ren->approved_alt);
        ren->undo_ms = gh_col_i64(&s, 4);
        if (ren->undo_ms >= 0)
            continue;
        take_words(&s, &ren->out, &ren->out_caption, &ren->out_alt);
        free(ren->out_common);
        free(ren->out_by);
        ren->out_common = gh_col_dup(&s, 5);
        ren->out_by = gh_col_dup(&s, 6);
    }
    return r;
}

static int fill_captions(struct gh_ledger *l, struct gh_item *item, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT placement, text FROM caption WHERE submission = ? ORDER BY placement",
                    "i", item->sub.id));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        item->captions =
            gh_realloc(item->captions, (item->n_captions + 1) * sizeof(*item->captions));
        struct gh_caption *c = &item->captions[item->n_captions++];
        GH_COPY(c->placement, gh_col_text(&s, 0));
        c->text = gh_col_dup(&s, 1);
    }
    return r;
}

static int fill_deliveries(struct gh_ledger *l, struct gh_item *item, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT id, time_ms, placement, said, actor, text FROM delivery"
                    " WHERE submission = ? ORDER BY id",
                    "i", item->sub.id));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        item->deliveries =
            gh_realloc(item->deliveries, (item->n_deliveries + 1) * sizeof(*item->deliveries));
        struct gh_delivery *d = &item->deliveries[item->n_deliveries++];
        *d = (struct gh_delivery){.id = gh_col_i64(&s, 0),
                                  .time_ms = gh_col_i64(&s, 1),
                                  .said = said_of(gh_col_text(&s, 3)),
                                  .actor = gh_col_dup(&s, 4),
                                  .text = gh_col_dup(&s, 5)};
        GH_COPY(d->placement, gh_col_text(&s, 2));
    }
    return r;
}

static int fill_takes(struct gh_ledger *l, struct gh_item *item, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT placement, actor, until_ms FROM take WHERE submission = ? ORDER BY placement", "i",
        item->sub.id));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        item->takes = gh_realloc(item->takes, (item->n_takes + 1) * sizeof(*item->takes));
        struct gh_take *t = &item->takes[item->n_takes++];
        *t = (struct gh_take){.actor = gh_col_dup(&s, 1), .until_ms = gh_col_i64(&s, 2)};
        GH_COPY(t->placement, gh_col_text(&s, 0));
    }
    return r;
}

/* Files and renditions of item->sub.id. */
static int fill(struct gh_ledger *l, struct gh_item *item, bool brief, struct gh_err *err)
{
    static const char *const files[] = {
        "SELECT " FILE_COLUMNS " FROM file WHERE submission = ? ORDER BY id",
        "SELECT " FILE_BRIEF " FROM file WHERE submission = ? ORDER BY id"};
    static const char *const renditions[] = {
        "SELECT " REN_COLUMNS
        " FROM rendition WHERE submission = ? ORDER BY placement, (SELECT CASE"
        " place WHEN 0 THEN 1000000 ELSE place END FROM file f WHERE f.id = rendition.file), file,"
        " part",
        "SELECT " REN_BRIEF " FROM rendition WHERE submission = ? ORDER BY placement, file, part"};
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err, files[brief], "i", item->sub.id));
        while ((r = gh_db_step(&s, err)) > 0) {
            item->files = gh_realloc(item->files, (item->n_files + 1) * sizeof(*item->files));
            read_file(&s, &item->files[item->n_files++]);
        }
        TRY(r);
    }
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, renditions[brief], "i", item->sub.id));
    while ((r = gh_db_step(&s, err)) > 0) {
        if (item->n_renditions % 16 == 0)
            item->renditions =
                gh_realloc(item->renditions, (item->n_renditions + 16) * sizeof(*item->renditions));
        read_ren(&s, &item->renditions[item->n_renditions++]);
    }
    return r;
}

uint64_t gh_ledger_items_read(const struct gh_ledger *l)
{
    return l->items_read;
}

/* What only a look at one item needs. */
static int fill_words(struct gh_ledger *l, struct gh_item *item, struct gh_err *err)
{
    TRY(fill_decisions(l, item, err));
    TRY(fill_deliveries(l, item, err));
    TRY(fill_takes(l, item, err));
    return fill_captions(l, item, err);
}

static int no_submission(int64_t id, struct gh_err *err)
{
    return gh_fail_code(err, GH_USAGE, ENOENT,
                        "there is no submission %" PRId64 " (ghat list shows them)", id);
}

int gh_ledger_get(struct gh_ledger *l, int64_t id, struct gh_item *ret, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT " SUB_COLUMNS " FROM submission WHERE id = ?", "i", id));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r)
        return no_submission(id, err);
    read_sub(&s, &item.sub);
    TRY(fill(l, &item, false, err));
    TRY(fill_words(l, &item, err));
    l->items_read++;
    *ret = item;
    item = (struct gh_item){0};
    return 0;
}

#define LIST_WHERE                                                                                 \
    "SELECT " SUB_COLUMNS " FROM submission s WHERE id > ?1 AND id < ?2"                           \
    " AND (CAST(?3 AS TEXT) IS NULL OR department = ?3)"                                           \
    " AND (CAST(?4 AS TEXT) IS NULL OR " GH_SQL_SUB_SEEN(                                          \
        "s") " = ?4)"                                                                              \
             " AND (CAST(?5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM rendition r"                 \
             " WHERE r.submission = s.id AND " GH_SQL_SEEN_IN("r",                                 \
                                                              "?5") "))"                           \
                                                                    " AND " GH_SQL_MAY_SEE("s")

static int list(struct gh_ledger *l, const struct gh_list_filter *filter, gh_item_fn *fn, void *arg,
                struct gh_err *err)
{
    static const char *const ways[] = {LIST_WHERE " ORDER BY id LIMIT ?6",
                                       LIST_WHERE " ORDER BY id DESC LIMIT ?6"};
    enum gh_sub_state sub;
    enum gh_ren_state ren;
    const char *of_sub = NULL, *of_ren = NULL;
    if (filter->state && gh_sub_state_parse(filter->state, &sub))
        of_sub = filter->state;
    else if (filter->state && gh_ren_state_parse(filter->state, &ren))
        of_ren = filter->state;
    else if (filter->state)
        return gh_fail(err, GH_USAGE, "there is no state %s", filter->state);
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, ways[filter->newest], "iitttiiti", filter->after,
                    filter->before ? filter->before : INT64_MAX, filter->department, of_sub, of_ren,
                    filter->limit ? (int64_t)filter->limit : INT64_MAX, (int64_t)filter->limited,
                    filter->departments, (int64_t)filter->out));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        GH_AUTO(gh_item_free) struct gh_item item = {0};
        read_sub(&s, &item.sub);
        TRY(fill(l, &item, filter->brief, err));
        if (!filter->brief)
            TRY(fill_words(l, &item, err));
        if (!fn(&item, arg))
            return 0;
    }
    return r;
}

int gh_ledger_list(struct gh_ledger *l, const struct gh_list_filter *filter, gh_item_fn *fn,
                   void *arg, struct gh_err *err)
{
    /* one reading of one moment: else every statement takes and gives back the locks */
    bool own = filter->brief && !gh_db_in_transaction(l);
    if (own)
        TRY(gh_db_begin_reading(l, err));
    int r = list(l, filter, fn, arg, err);
    if (own)
        gh_db_undo(l, NULL);
    return r;
}

int gh_ledger_each_present(struct gh_ledger *l, gh_present_fn *fn, void *arg, struct gh_err *err)
{
    int64_t after = 0;
    for (;;) { /* one at a time: fn may mark them taken */
        GH_AUTO(gh_item_free) struct gh_item item = {0};
        struct gh_file file = {0};
        {
            GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
            TRY(gh_db_query(l, &s, err,
                            "SELECT " FILE_COLUMNS
                            " FROM file WHERE source = 'present' AND id > ? ORDER BY id LIMIT 1",
                            "i", after));
            int r = gh_db_step(&s, err);
            if (r <= 0)
                return r;
            read_file(&s, &file);
        }
        after = file.id;
        int r = gh_ledger_get(l, file.submission, &item, err);
        bool more = r == 0 && fn(&item.sub, &file, arg);
        file_free(&file);
        TRY(r);
        if (!more)
            return 0;
    }
}

int gh_ledger_each_due(struct gh_ledger *l, gh_due_fn *fn, void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT submission, not_before_ms, department, size, guess, urgent FROM file"
                    " WHERE work = 'due' ORDER BY urgent, guess, department, id",
                    ""));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        const struct gh_due due = {.submission = gh_col_i64(&s, 0),
                                   .not_before_ms = gh_col_i64(&s, 1),
                                   .department = gh_col_text(&s, 2),
                                   .bytes = (uint64_t)gh_col_i64(&s, 3),
                                   .guess = (enum gh_media)gh_col_i64(&s, 4),
                                   .urgent = gh_col_i64(&s, 5) != 0};
        if (!fn(&due, arg))
            return 0;
    }
    return r;
}

int gh_ledger_unpublished(struct gh_ledger *l, int64_t **ret, size_t *ret_n, struct gh_err *err)
{
    GH_AUTO_FREE int64_t *ids = NULL;
    size_t n = 0;
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT id FROM submission WHERE manifest <> manifest_done UNION"
                    " SELECT submission FROM pending ORDER BY 1",
                    ""));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        ids = gh_realloc(ids, (n + 1) * sizeof(*ids));
        ids[n++] = gh_col_i64(&s, 0);
    }
    TRY(r);
    *ret = gh_steal(&ids);
    *ret_n = n;
    return 0;
}

int gh_ledger_find_recipe(struct gh_ledger *l, const char *recipe, const char *placement,
                          const char *profile, struct gh_rendition *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT " REN_COLUMNS
        " FROM rendition WHERE recipe = ? AND recipe <> '' AND placement = ? AND profile = ?"
        " AND stage IS NOT NULL"
        " AND state IN "
        "('staged','held','approved','publishing','published','collected','rejected') ORDER BY id "
        "DESC LIMIT 1",
        "ttt", recipe, placement, profile));
    int r = gh_db_step(&s, err);
    if (r > 0)
        read_ren(&s, ret);
    return r;
}

int gh_ledger_shown(struct gh_ledger *l, int64_t submission, gh_shown_fn *fn, void *arg,
                    struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT DISTINCT 1, sha256, '' FROM file WHERE submission = ?1 AND sha256 <> ''"
                    " AND role = 'media' AND work = 'done' UNION ALL"
                    " SELECT 0, sha256, min(stage) FROM rendition WHERE submission = ?1"
                    " AND stage IS NOT NULL AND state IN ('staged','held') GROUP BY sha256",
                    "i", submission));
    int r;
    while ((r = gh_db_step(&s, err)) > 0) {
        struct gh_shown shown = {.original = gh_col_i64(&s, 0) != 0};
        GH_COPY(shown.sha256, gh_col_text(&s, 1));
        GH_COPY(shown.path, gh_col_text(&s, 2));
        if (!fn(&shown, arg))
            return 0;
    }
    return r;
}

int gh_ledger_has_bytes(struct gh_ledger *l, const char *sha256, struct gh_err *err)
{
    int64_t one;
    return gh_db_int(l, &one, err,
                     "SELECT 1 FROM rendition r JOIN submission s ON s.id = r.submission"
                     " WHERE r.sha256 = ?1 AND r.sha256 <> '' AND r.stage IS NOT NULL"
                     " AND s.retired & ?2 = 0 UNION ALL"
                     " SELECT 1 FROM file f JOIN submission s ON s.id = f.submission"
                     " WHERE f.sha256 = ?1 AND s.retired & ?3 = 0 LIMIT 1",
                     "tii", sha256, (int64_t)GH_KEPT_STAGING, (int64_t)GH_KEPT_ORIGINALS);
}

int gh_ledger_standing(struct gh_ledger *l, int64_t id, enum gh_sub_state *ret,
                       int64_t *ret_staged_ms, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT state, staged_ms FROM submission WHERE id = ?", "i", id));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r || !gh_sub_state_parse(gh_col_text(&s, 0), ret))
        return gh_fail_code(err, GH_USAGE, ENOENT, "there is no submission %" PRId64, id);
    *ret_staged_ms = gh_col_i64(&s, 1);
    return 0;
}
