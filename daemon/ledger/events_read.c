/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events read: one, or a list by the time they begin; what came of them; their folders. */
#include "daemon/ledger/db.h"
#include "daemon/ledger/event_int.h"
#include "daemon/ledger/outside.h"

#include <errno.h>
#include <inttypes.h>

#define FOLDERS_OVER 1000 /* that are looked for at once */

void gh_event_free(struct gh_event *e)
{
    char *const texts[] = {e->uid,      e->title,  e->place,   e->ward,
                           e->material, e->folder, e->made_by, e->reason};
    for (size_t i = 0; i < GH_LEN(texts); i++)
        free(texts[i]);
    *e = (struct gh_event){0};
}

int gh_no_event(int64_t id, struct gh_err *err)
{
    return gh_fail_code(err, GH_USAGE, ENOENT, "there is no event %" PRId64, id);
}

/* What of an event is out. */
#define IS_OUT(s)                                                                                  \
    " EXISTS (SELECT 1 FROM rendition seen WHERE seen.submission = " s                             \
    ".id AND " GH_SQL_IS_OUT("seen") ")"
/* The state as the outside knows it at the time of a parameter: as gh_event_hide_inside. */
#define STATE_OUTSIDE(now)                                                                         \
    "CASE WHEN e.state = 'covered' AND NOT EXISTS (SELECT 1 FROM submission s"                     \
    " WHERE s.event = e.id AND s.event > 0 AND" IS_OUT(                                            \
        "s") ") THEN"                                                                              \
             " CASE WHEN e.miss_ms <= " now " THEN 'missed' WHEN e.revision > 1 THEN 'changed'"    \
             " ELSE 'announced' END ELSE e.state END"

void gh_event_hide_inside(struct gh_event *e, int64_t now_ms)
{
    if (e->state == GH_EVENT_COVERED && !e->came_out)
        e->state = e->miss_ms <= now_ms ? GH_EVENT_MISSED
                   : e->revision > 1    ? GH_EVENT_CHANGED
                                        : GH_EVENT_ANNOUNCED;
    e->came = e->came_out;
    e->covered_ms = e->out_ms;
}

bool gh_event_is_late(const struct gh_event *e, int64_t now_ms)
{
    return (e->state == GH_EVENT_ANNOUNCED || e->state == GH_EVENT_CHANGED) &&
           e->expect_ms <= now_ms;
}

/* take_event knows the order. */
#define EVENT                                                                                      \
    "SELECT e.id, e.department, e.uid, e.sequence, e.title, e.starts_ms, e.ends_ms, e.all_day,"    \
    " e.place, e.ward, e.material, e.state, e.revision, e.folder, e.expect_ms, e.made_by,"         \
    " e.made_ms, e.changed_ms, e.covered_ms, e.reason,"                                            \
    " (SELECT count(*) FROM submission s WHERE s.event = e.id AND s.event > 0),"                   \
    " (SELECT count(*) FROM submission s WHERE s.event = e.id AND s.event > 0 AND" IS_OUT(         \
        "s") "),"                                                                                  \
             " (SELECT coalesce(min(seen.published_ms), 0) FROM submission s JOIN rendition seen"  \
             " ON seen.submission = s.id WHERE s.event = e.id AND s.event > 0 AND " GH_SQL_IS_OUT( \
                 "seen") "), e.miss_ms, e.told_ms FROM event e"

static void take_event(struct gh_stmt *s, struct gh_event *e)
{
    *e = (struct gh_event){
        .id = gh_col_i64(s, 0),
        .uid = gh_col_dup(s, 2),
        .sequence = gh_col_i64(s, 3),
        .title = gh_col_dup(s, 4),
        .starts_ms = gh_col_i64(s, 5),
        .ends_ms = gh_col_i64(s, 6),
        .all_day = gh_col_i64(s, 7) != 0,
        .place = gh_col_dup(s, 8),
        .ward = gh_col_dup(s, 9),
        .material = gh_col_dup(s, 10),
        .revision = (unsigned)gh_col_i64(s, 12),
        .folder = gh_col_dup(s, 13),
        .expect_ms = gh_col_i64(s, 14),
        .made_by = gh_col_dup(s, 15),
        .made_ms = gh_col_i64(s, 16),
        .changed_ms = gh_col_i64(s, 17),
        .covered_ms = gh_col_i64(s, 18),
        .reason = gh_col_dup(s, 19),
        .came = gh_col_i64(s, 20),
        .came_out = gh_col_i64(s, 21),
        .out_ms = gh_col_i64(s, 22),
        .miss_ms = gh_col_i64(s, 23),
        .told_ms = gh_col_i64(s, 24),
    };
    GH_COPY(e->department, gh_col_text(s, 1));
    gh_event_state_parse(gh_col_text(s, 11), &e->state);
}

int gh_ledger_event(struct gh_ledger *l, int64_t id, struct gh_event *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, EVENT " WHERE e.id = ?", "i", id));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r)
        return gh_no_event(id, err);
    take_event(&s, ret);
    return 0;
}

int gh_ledger_event_of_uid(struct gh_ledger *l, const char *department, const char *uid,
                           int64_t *ret, struct gh_err *err)
{
    return gh_db_int(l, ret, err, "SELECT id FROM event WHERE department = ? AND uid = ?", "tt",
                     department, uid);
}

int gh_ledger_event_of_folder(struct gh_ledger *l, const char *department, const char *folder,
                              int64_t *ret, struct gh_err *err)
{
    return gh_db_int(l, ret, err,
                     "SELECT event FROM event_folder WHERE department = ? AND name = ?", "tt",
                     department, folder);
}

void gh_event_list_free(struct gh_event_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        gh_event_free(&list->list[i]);
    free(list->list);
    *list = (struct gh_event_list){0};
}

int gh_ledger_events(struct gh_ledger *l, const struct gh_event_filter *f,
                     struct gh_event_list *ret, struct gh_err *err)
{
    GH_AUTO(gh_event_list_free) struct gh_event_list list = {0};
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    EVENT
                    " WHERE (CAST(?1 AS TEXT) IS NULL OR ?1 LIKE '%,' || e.department || ',%')"
                    " AND (CAST(?2 AS TEXT) IS NULL OR e.department = ?2)"
                    " AND (CAST(?3 AS TEXT) IS NULL OR ?3 = CASE WHEN ?9 = 0"
                    " OR coalesce(?10, '') LIKE '%,' || e.department || ',%' THEN e.state"
                    " ELSE " STATE_OUTSIDE(
                        "?11") " END)"
                               " AND (?12 = 0 OR e.state IN ('announced','changed','missed'))"
                               " AND (?4 = 0 OR e.ends_ms > ?4) AND (?5 = 0 OR e.starts_ms < ?5)"
                               " AND (?7 = 0 OR (e.starts_ms, e.id) > (?6, ?7))"
                               " ORDER BY e.starts_ms, e.id LIMIT ?8",
                    "tttiiiiiitii", f->departments, f->department, f->state, f->from_ms, f->to_ms,
                    f->after_ms, f->after, f->limit ? (int64_t)f->limit : INT64_MAX,
                    (int64_t)f->limited, f->own, f->now_ms, (int64_t)f->waits));
    while ((r = gh_db_step(&s, err)) > 0) {
        list.list = gh_realloc(list.list, (list.n + 1) * sizeof(*list.list));
        take_event(&s, &list.list[list.n++]);
    }
    TRY(r);
    *ret = list;
    list = (struct gh_event_list){0};
    return 0;
}

int gh_ledger_next_event_due(struct gh_ledger *l, int64_t *ret_id, int64_t *ret_ms,
                             struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT id, CASE told_ms WHEN 0 THEN expect_ms ELSE miss_ms END AS due"
                    " FROM event WHERE state IN ('announced','changed') ORDER BY due, id LIMIT 1",
                    ""));
    int r = gh_db_step(&s, err);
    if (r <= 0)
        return r;
    *ret_id = gh_col_i64(&s, 0);
    *ret_ms = gh_col_i64(&s, 1);
    return 1;
}

int gh_ledger_event_items(struct gh_ledger *l, int64_t id, int64_t **ret, size_t *ret_n,
                          struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    GH_AUTO_FREE int64_t *list = NULL;
    size_t n = 0;
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT id FROM submission WHERE event = ? AND event > 0 ORDER BY id", "i",
                    id));
    while ((r = gh_db_step(&s, err)) > 0) {
        list = gh_realloc(list, (n + 1) * sizeof(*list));
        list[n++] = gh_col_i64(&s, 0);
    }
    TRY(r);
    *ret = gh_steal(&list);
    *ret_n = n;
    return 0;
}

struct over {
    char *name;
    bool old;
};

static int folders_over(struct gh_ledger *l, const char *department, int64_t over_ms,
                        int64_t give_up_ms, struct over *ret, size_t *ret_n, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT f.name, max(e.ends_ms, e.changed_ms) AS since FROM event_folder f"
                    " JOIN event e ON e.id = f.event"
                    " WHERE f.department = ? AND f.gone = 0 AND (f.name <> e.folder"
                    " OR e.state = 'cancelled' OR e.ends_ms < ?) ORDER BY since LIMIT ?",
                    "tii", department, over_ms, (int64_t)FOLDERS_OVER));
    while ((r = gh_db_step(&s, err)) > 0)
        ret[(*ret_n)++] = (struct over){gh_col_dup(&s, 0), gh_col_i64(&s, 1) < give_up_ms};
    return r;
}

int gh_ledger_event_folders_over(struct gh_ledger *l, const char *department, int64_t over_ms,
                                 int64_t give_up_ms, gh_event_folder_fn *fn, void *arg,
                                 struct gh_err *err)
{
    GH_AUTO_FREE struct over *over = gh_alloc(FOLDERS_OVER * sizeof(*over));
    size_t n = 0;
    int r = folders_over(l, department, over_ms, give_up_ms, over, &n, err);
    for (size_t i = 0; i < n; i++) {
        if (r >= 0 && (fn(over[i].name, arg) || over[i].old))
            r = gh_db_run(l, err,
                          "UPDATE event_folder SET gone = 1 WHERE department = ? AND name = ?",
                          "tt", department, over[i].name);
        free(over[i].name);
    }
    return r < 0 ? r : 0;
}

/* ----------------------------------------------------------------------------- what a file said */

void gh_event_reads_free(struct gh_event_reads *reads)
{
    for (size_t i = 0; i < reads->n; i++) {
        struct gh_event_read *r = &reads->list[i];
        char *const texts[] = {r->act,      r->title, r->place, r->ward,
                               r->material, r->error, r->folder};
        for (size_t k = 0; k < GH_LEN(texts); k++)
            free(texts[k]);
    }
    free(reads->list);
    *reads = (struct gh_event_reads){0};
}

int gh_ledger_add_event_reads(struct gh_ledger *l, int64_t submission,
                              const struct gh_event_reads *reads, struct gh_err *err)
{
    GH_TX(l, err);
    for (size_t i = 0; i < reads->n; i++) {
        const struct gh_event_read *r = &reads->list[i];
        TRY(gh_db_run(l, err,
                      "INSERT INTO event_read(submission, line, event, act, title, starts_ms,"
                      " ends_ms, all_day, place, ward, material, error)"
                      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                      "iiittiiitttt", submission, (int64_t)i, r->event, r->act, r->title,
                      r->starts_ms, r->ends_ms, (int64_t)r->all_day, r->place, r->ward, r->material,
                      r->error));
    }
    return gh_tx_commit(&tx, err);
}

int gh_ledger_event_reads(struct gh_ledger *l, int64_t submission, struct gh_event_reads *ret,
                          struct gh_err *err)
{
    GH_AUTO(gh_event_reads_free) struct gh_event_reads list = {0};
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT r.event, r.act, r.title, r.starts_ms, r.ends_ms, r.all_day, r.place,"
                    " r.ward, r.material, r.error, coalesce(e.folder, '') FROM event_read r"
                    " LEFT JOIN event e ON e.id = r.event WHERE r.submission = ? ORDER BY r.line",
                    "i", submission));
    while ((r = gh_db_step(&s, err)) > 0) {
        list.list = gh_realloc(list.list, (list.n + 1) * sizeof(*list.list));
        list.list[list.n++] = (struct gh_event_read){.event = gh_col_i64(&s, 0),
                                                     .act = gh_col_dup(&s, 1),
                                                     .title = gh_col_dup(&s, 2),
                                                     .starts_ms = gh_col_i64(&s, 3),
                                                     .ends_ms = gh_col_i64(&s, 4),
                                                     .all_day = gh_col_i64(&s, 5) != 0,
                                                     .place = gh_col_dup(&s, 6),
                                                     .ward = gh_col_dup(&s, 7),
                                                     .material = gh_col_dup(&s, 8),
                                                     .error = gh_col_dup(&s, 9),
                                                     .folder = gh_col_dup(&s, 10)};
    }
    TRY(r);
    *ret = list;
    list = (struct gh_event_reads){0};
    return 0;
}

int gh_ledger_event_notices(struct gh_ledger *l, int64_t id, gh_notice_fn *fn, void *arg,
                            struct gh_err *err)
{
    GH_AUTO_FREE char *subject = gh_asprintf("event:%" PRId64, id);
    return gh_notices_of(l, subject, fn, arg, err);
}
