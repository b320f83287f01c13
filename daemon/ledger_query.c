/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading items: a submission with its files and renditions. Column lists and readers stand side by side, so that they
 * stay in step. */
#include "daemon/ledger_db.h"

#include <inttypes.h>
#include <string.h>

static const char *const works[] = {"none", "due", "running", "done", "bad"};

const char *gh_work_name(enum gh_work w)
{
    return (unsigned)w < GH_LEN(works) ? works[w] : "?";
}

static enum gh_work work_of(const char *name)
{
    for (unsigned i = 0; i < GH_LEN(works); i++)
        if (!strcmp(works[i], name))
            return (enum gh_work)i;
    return GH_WORK_NONE;
}

void gh_submission_free(struct gh_submission *sub)
{
    free(sub->name);
    free(sub->caption);
    free(sub->approved_caption);
    free(sub->reason);
    free(sub->approved_by);
    *sub = (struct gh_submission){0};
}

static void file_free(struct gh_file *f)
{
    free(f->name);
    free(f->taken_name);
    free(f->probe);
    free(f->reason);
    *f = (struct gh_file){0};
}

void gh_rendition_free(struct gh_rendition *r)
{
    free(r->checks);
    free(r->reason);
    free(r->note);
    free(r->stage);
    free(r->decided_by);
    *r = (struct gh_rendition){0};
}

void gh_item_free(struct gh_item *item)
{
    gh_submission_free(&item->sub);
    for (size_t i = 0; i < item->n_files; i++)
        file_free(&item->files[i]);
    for (size_t i = 0; i < item->n_renditions; i++)
        gh_rendition_free(&item->renditions[i]);
    free(item->files);
    free(item->renditions);
    *item = (struct gh_item){0};
}

static char *col_blob(struct gh_stmt *s, int col, size_t *ret_len)
{
    const void *bytes = sqlite3_column_blob(s->st, col);
    *ret_len = (size_t)sqlite3_column_bytes(s->st, col);
    char *copy = gh_alloc(*ret_len + 1);
    if (bytes && *ret_len)
        memcpy(copy, bytes, *ret_len);
    return copy;
}

#define I64(col) sqlite3_column_int64(s->st, col)

#define SUB_COLUMNS                                                                                                    \
    "id, department, name, kind, state, caption, approved_caption, caption_ms, dropped_ms, received_ms, staged_ms, "   \
    "approved_ms,"                                                                                                     \
    " decided_ms, delivered_ms, reason, duplicate_of, urgent, revision, approved_revision, manifest, manifest_done, "  \
    "outbox_day,"                                                                                                      \
    " approved_by, retired"

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
        .revision = I64(17),
        .approved_revision = I64(18),
        .manifest = I64(19),
        .manifest_done = I64(20),
        .approved_by = gh_col_dup(s, 22),
        .retired = (unsigned)I64(23),
    };
    GH_COPY(ret->department, gh_col_text(s, 1));
    GH_COPY(ret->outbox_day, gh_col_text(s, 21));
    ret->name = col_blob(s, 2, &ret->name_len);
    gh_sub_state_parse(gh_col_text(s, 4), &ret->state); /* the table allows known names only */
}

#define FILE_COLUMNS                                                                                                   \
    "id, submission, name, sha256, size, dev, ino, mtime_ms, not_before_ms, role, source, taken_name, guess, media, "  \
    "work, probe,"                                                                                                     \
    " reason, found, attempts, strikes, interrupted, token, revision"

/* The same columns, for an overview: texts nobody will look at are not read. */
#define FILE_BRIEF                                                                                                     \
    "id, submission, name, sha256, size, 0, 0, 0, 0, role, source, NULL, guess, media, work, NULL, reason, found, 0, " \
    "0, 0, 0, revision"

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
        .role = strcmp(gh_col_text(s, 9), "caption") == 0 ? GH_ROLE_CAPTION : GH_ROLE_MEDIA,
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
    };
    GH_COPY(ret->sha256, gh_col_text(s, 3));
    ret->name = col_blob(s, 2, &ret->name_len);
}

#define REN_COLUMNS                                                                                                    \
    "id, submission, file, placement, part, parts, state, how, profile, recipe, sha256, bytes, w, h, removed, "        \
    "duration_us, checks,"                                                                                             \
    " reason, note, stage, decided_by, staged_ms, approved_ms, published_ms, collected_ms, decided_ms"

#define REN_BRIEF                                                                                                      \
    "id, submission, file, placement, part, parts, state, '', '', '', '', 0, 0, 0, 0, 0, NULL, reason, NULL, NULL, "   \
    "NULL, 0, 0, 0, 0, 0"

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
    };
    GH_COPY(ret->placement, gh_col_text(s, 3));
    GH_COPY(ret->how, gh_col_text(s, 7));
    GH_COPY(ret->profile, gh_col_text(s, 8));
    GH_COPY(ret->recipe, gh_col_text(s, 9));
    GH_COPY(ret->sha256, gh_col_text(s, 10));
    gh_ren_state_parse(gh_col_text(s, 6), &ret->state);
}

/* Files and renditions of item->sub.id. */
static int fill(struct gh_ledger *l, struct gh_item *item, bool brief, struct gh_err *err)
{
    static const char *const files[] = {"SELECT " FILE_COLUMNS " FROM file WHERE submission = ? ORDER BY id",
                                        "SELECT " FILE_BRIEF " FROM file WHERE submission = ? ORDER BY id"};
    static const char *const renditions[] = {
        "SELECT " REN_COLUMNS " FROM rendition WHERE submission = ? ORDER BY placement, file, part",
        "SELECT " REN_BRIEF " FROM rendition WHERE submission = ? ORDER BY placement, file, part"};
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err, files[brief], "i", item->sub.id));
        while ((r = gh_db_step(l, &s, err)) > 0) {
            item->files = gh_realloc(item->files, (item->n_files + 1) * sizeof(*item->files));
            read_file(&s, &item->files[item->n_files++]);
        }
        TRY(r);
    }
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, renditions[brief], "i", item->sub.id));
    while ((r = gh_db_step(l, &s, err)) > 0) {
        if (item->n_renditions % 16 == 0)
            item->renditions = gh_realloc(item->renditions, (item->n_renditions + 16) * sizeof(*item->renditions));
        read_ren(&s, &item->renditions[item->n_renditions++]);
    }
    return r;
}

int gh_ledger_get(struct gh_ledger *l, int64_t id, struct gh_item *ret, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT " SUB_COLUMNS " FROM submission WHERE id = ?", "i", id));
    int r = gh_db_step(l, &s, err);
    TRY(r);
    if (!r)
        return gh_fail(err, GH_USAGE, "there is no submission %" PRId64 " (ghat list shows them)", id);
    read_sub(&s, &item.sub);
    TRY(fill(l, &item, false, err));
    *ret = item;
    item = (struct gh_item){0};
    return 0;
}

#define LIST_WHERE                                                                                                     \
    "SELECT " SUB_COLUMNS                                                                                              \
    " FROM submission s WHERE id > ?1 AND (?2 = 0 OR id < ?2) AND (?3 IS NULL OR department = ?3)"                     \
    " AND (?4 IS NULL OR state = ?4)"                                                                                  \
    " AND (?5 IS NULL OR EXISTS (SELECT 1 FROM rendition r WHERE r.submission = s.id AND r.state = ?5))"

static int list(struct gh_ledger *l, const struct gh_list_filter *filter, gh_item_fn *fn, void *arg, struct gh_err *err)
{
    static const char *const ways[] = {LIST_WHERE " ORDER BY id LIMIT ?6", LIST_WHERE " ORDER BY id DESC LIMIT ?6"};
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
    TRY(gh_db_query(l, &s, err, ways[filter->newest], "iittti", filter->after, filter->before, filter->department,
                    of_sub, of_ren, filter->limit ? (int64_t)filter->limit : (int64_t)-1));
    int r;
    while ((r = gh_db_step(l, &s, err)) > 0) {
        GH_AUTO(gh_item_free) struct gh_item item = {0};
        read_sub(&s, &item.sub);
        TRY(fill(l, &item, filter->brief, err));
        if (!fn(&item, arg))
            return 0;
    }
    return r;
}

int gh_ledger_list(struct gh_ledger *l, const struct gh_list_filter *filter, gh_item_fn *fn, void *arg,
                   struct gh_err *err)
{
    bool own = filter->brief && sqlite3_get_autocommit(l->db); /* else every statement takes and leaves the locks */
    if (own)
        TRY(gh_db_run(l, err, "BEGIN", ""));
    int r = list(l, filter, fn, arg, err);
    if (own)
        sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL); /* nothing was written: it only ends the reading */
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
                            "SELECT " FILE_COLUMNS " FROM file WHERE source = 'present' AND id > ? ORDER BY id LIMIT 1",
                            "i", after));
            int r = gh_db_step(l, &s, err);
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
                    "SELECT submission, not_before_ms, department, size, guess, urgent FROM file WHERE work = 'due'"
                    " ORDER BY urgent, guess, department, id",
                    ""));
    int r;
    while ((r = gh_db_step(l, &s, err)) > 0) {
        const struct gh_due due = {.submission = sqlite3_column_int64(s.st, 0),
                                   .not_before_ms = sqlite3_column_int64(s.st, 1),
                                   .department = gh_col_text(&s, 2),
                                   .bytes = (uint64_t)sqlite3_column_int64(s.st, 3),
                                   .guess = (enum gh_media)sqlite3_column_int(s.st, 4),
                                   .urgent = sqlite3_column_int(s.st, 5) != 0};
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
    TRY(gh_db_query(l, &s, err, "SELECT id FROM submission WHERE manifest <> manifest_done ORDER BY id", ""));
    int r;
    while ((r = gh_db_step(l, &s, err)) > 0) {
        ids = gh_realloc(ids, (n + 1) * sizeof(*ids));
        ids[n++] = sqlite3_column_int64(s.st, 0);
    }
    TRY(r);
    *ret = gh_steal(&ids);
    *ret_n = n;
    return 0;
}

int gh_ledger_find_recipe(struct gh_ledger *l, const char *recipe, const char *placement, const char *profile,
                          struct gh_rendition *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(
        l, &s, err,
        "SELECT " REN_COLUMNS " FROM rendition WHERE recipe = ? AND recipe <> '' AND placement = ? AND profile = ?"
        " AND stage IS NOT NULL"
        " AND state IN ('staged','held','approved','published','collected','rejected') ORDER BY id DESC LIMIT 1",
        "ttt", recipe, placement, profile));
    int r = gh_db_step(l, &s, err);
    if (r > 0)
        read_ren(&s, ret);
    return r;
}
