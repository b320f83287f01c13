/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sets: exactly which renditions were shown, in order, each with its bytes and its words; their
 * hash, and the handle under which what was shown is kept. A handle is drawn, never computed: a
 * part of a hash could be matched on purpose. What is kept is a line about the whole, "frame" and
 * the hash of order and correction, and a line a rendition, "id state sha256 caption alt", the
 * words by their hashes.
 */
#include "daemon/ledger/db.h"

#include "base/clock.h"

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#define KEPT 50 /* sets of a submission that are remembered */

const char *gh_caption_for(const struct gh_item *item, const char *placement)
{
    for (size_t i = 0; i < item->n_captions; i++)
        if (!strcmp(item->captions[i].placement, placement))
            return item->captions[i].text;
    return item->sub.caption ? item->sub.caption : "";
}

const struct gh_file *gh_file_of(const struct gh_item *item, int64_t file)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].id == file)
            return &item->files[i];
    return NULL;
}

unsigned gh_file_number(const struct gh_item *item, int64_t file)
{
    unsigned n = 0;
    for (size_t i = 0; i < item->n_files; i++) {
        n += item->files[i].role == GH_FILE_MEDIA;
        if (item->files[i].id == file)
            return item->files[i].role == GH_FILE_MEDIA ? n : 0;
    }
    return 0;
}

unsigned gh_file_place(const struct gh_item *item, int64_t file)
{
    const struct gh_file *f = gh_file_of(item, file);
    unsigned named = 0, before = 0;
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *o = &item->files[i];
        if (o->role != GH_FILE_MEDIA)
            continue;
        named += o->place > 0;
        before += !o->place && o->id < file;
    }
    if (!f || f->role != GH_FILE_MEDIA || named == 0)
        return 0;
    return f->place ? f->place : named + before + 1;
}

const char *gh_alt_for(const struct gh_item *item, const struct gh_rendition *r)
{
    const struct gh_file *f = gh_file_of(item, r->file);
    return f && f->alt ? f->alt : "";
}

static void hash_text(const char *text, char ret_hex[GH_SHA_HEX])
{
    gh_hash_mem(text, strlen(text), ret_hex);
}

void gh_member_of(const struct gh_item *item, const struct gh_rendition *r, struct gh_member *ret)
{
    *ret = (struct gh_member){.rendition = r->id, .state = r->state};
    GH_COPY(ret->sha256, *r->sha256 ? r->sha256 : "-");
    hash_text(gh_caption_for(item, r->placement), ret->caption);
    hash_text(gh_alt_for(item, r), ret->alt);
}

/* ------------------------------------------------------------------------------------- the hash */

static int by_file(const void *a, const void *b)
{
    const struct gh_rendition *x = *(const struct gh_rendition *const *)a,
                              *y = *(const struct gh_rendition *const *)b;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    int r = strcmp(x->placement, y->placement);
    return r ? r : (x->part > y->part) - (x->part < y->part);
}

/* Those that are in, in the order in which people see them; the caller's to free. */
static const struct gh_rendition **in_order(const struct gh_item *item, const bool *in,
                                            size_t *ret_n)
{
    const struct gh_rendition **list = gh_alloc((item->n_renditions + 1) * sizeof(*list));
    size_t n = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (in[i])
            list[n++] = &item->renditions[i];
    qsort(list, n, sizeof(*list), by_file);
    *ret_n = n;
    return list;
}

/* What holds for the set as a whole: nothing, where nobody said so. */
static void write_frame(const struct gh_item *item, struct gh_str *out)
{
    const char *sep = "order ";
    if (item->sub.replaces)
        gh_str_printf(out, "replaces %" PRId64 "\n", item->sub.replaces);
    for (unsigned place = 1; place <= item->n_files; place++)
        for (size_t i = 0; i < item->n_files; i++)
            if (item->files[i].place == place) {
                gh_str_printf(out, "%s%u", sep, gh_file_number(item, item->files[i].id));
                sep = ",";
            }
    if (*sep == ',')
        gh_str_puts(out, "\n");
}

void gh_frame_of(const struct gh_item *item, char ret_hex[GH_SHA_HEX])
{
    GH_AUTO_STR s = {0};
    write_frame(item, &s);
    gh_hash_mem(gh_str_text(&s), s.len, ret_hex);
}

void gh_set_hash_of(const struct gh_item *item, const bool *in, char ret_hex[GH_SHA_HEX])
{
    size_t n;
    GH_AUTO_STR s = {0};
    GH_AUTO_FREE const struct gh_rendition **list = in_order(item, in, &n);
    gh_str_printf(&s, "ghat-set-2\n%zu\n", n);
    write_frame(item, &s);
    for (size_t i = 0; i < n; i++) {
        struct gh_member m;
        gh_member_of(item, list[i], &m);
        gh_str_printf(&s, "%" PRId64 " %s %u %s %s %s\n", list[i]->file, list[i]->placement,
                      list[i]->part, m.sha256, m.caption, m.alt);
    }
    gh_hash_mem(gh_str_text(&s), s.len, ret_hex);
}

int gh_ledger_decision(struct gh_ledger *l, const struct gh_item *item, int64_t id,
                       struct gh_decision *ret, struct gh_err *err)
{
    GH_AUTO_STR lines = {0};
    GH_AUTO_STR s = {0};
    size_t n = 0;
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt q = {0};
        TRY(gh_db_query(l, &q, err, "SELECT set_hash FROM decision WHERE id = ? AND submission = ?",
                        "ii", id, item->sub.id));
        r = gh_db_step(&q, err);
        if (r <= 0)
            return r;
        *ret = (struct gh_decision){.id = id, .submission = item->sub.id};
        GH_COPY(ret->set_hash, gh_col_text(&q, 0));
    }
    GH_AUTO(gh_stmt_done) struct gh_stmt q = {0};
    TRY(gh_db_query(l, &q, err,
                    "SELECT r.file, r.placement, r.part, d.sha256, d.caption, d.alt FROM decided d"
                    " JOIN rendition r ON r.id = d.rendition WHERE d.decision = ?"
                    " ORDER BY r.file, r.placement, r.part",
                    "i", id));
    while ((r = gh_db_step(&q, err)) > 0) {
        char caption[GH_SHA_HEX], alt[GH_SHA_HEX];
        hash_text(gh_col_text(&q, 4), caption);
        hash_text(gh_col_text(&q, 5), alt);
        gh_str_printf(&lines, "%" PRId64 " %s %u %s %s %s\n", gh_col_i64(&q, 0), gh_col_text(&q, 1),
                      (unsigned)gh_col_i64(&q, 2), gh_col_text(&q, 3), caption, alt);
        n++;
    }
    TRY(r);
    gh_str_printf(&s, "ghat-set-2\n%zu\n", n);
    write_frame(item, &s);
    gh_str_puts(&s, gh_str_text(&lines));
    gh_hash_mem(gh_str_text(&s), s.len, ret->kept_hash);
    return 1;
}

/* ---------------------------------------------------------------------------------- the handles */

static bool may_be_shown(enum gh_ren_state s)
{
    return s != GH_REN_DUE && s != GH_REN_RUNNING && s != GH_REN_SKIPPED;
}

static void write_members(const struct gh_item *item, const bool *in, struct gh_str *out)
{
    size_t n;
    char frame[GH_SHA_HEX];
    GH_AUTO_FREE const struct gh_rendition **list = in_order(item, in, &n);
    gh_frame_of(item, frame);
    if (n)
        gh_str_printf(out, "frame %s\n", frame);
    for (size_t i = 0; i < n; i++) {
        struct gh_member m;
        gh_member_of(item, list[i], &m);
        gh_str_printf(out, "%" PRId64 " %s %s %s %s\n", m.rendition, gh_ren_state_name(m.state),
                      m.sha256, m.caption, m.alt);
    }
}

static int draw(struct gh_ledger *l, int64_t submission, char ret_handle[GH_HANDLE],
                struct gh_err *err)
{
    for (;;) {
        uint32_t r;
        int64_t taken = 0;
        if (getrandom(&r, sizeof(r), 0) != sizeof(r))
            return gh_fail_errno(err, GH_SYSTEM, "getrandom");
        gh_format(ret_handle, GH_HANDLE, "%06" PRIx32, r & 0xffffff);
        TRY(gh_db_int(l, &taken, err,
                      "SELECT count(*) FROM seen WHERE submission = ? AND handle = ?", "it",
                      submission, ret_handle));
        if (!taken)
            return 0;
    }
}

static int keep_seen(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                     const bool *in, const char *members, char ret_handle[GH_HANDLE],
                     struct gh_err *err)
{
    char hash[GH_SHA_HEX];
    int64_t id = item->sub.id;
    GH_TX(l, err);
    gh_set_hash_of(item, in, hash);
    TRY(draw(l, id, ret_handle, err));
    TRY(gh_db_run(
        l, err,
        "INSERT INTO seen(submission, handle, time_ms, set_hash, members) VALUES(?,?,?,?,?)",
        "ititt", id, ret_handle, gh_who_now(who), hash, members));
    TRY(gh_db_run(l, err,
                  "DELETE FROM seen WHERE submission = ?1 AND id NOT IN (SELECT id FROM seen"
                  " WHERE submission = ?1 ORDER BY id DESC LIMIT ?2)",
                  "ii", id, (int64_t)KEPT));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_see(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                  char ret_handle[GH_HANDLE], struct gh_err *err)
{
    GH_AUTO_STR members = {0};
    GH_AUTO_FREE bool *in = gh_alloc(item->n_renditions + 1);
    for (size_t i = 0; i < item->n_renditions; i++)
        in[i] = may_be_shown(item->renditions[i].state);
    write_members(item, in, &members);
    if (!members.len)
        return 0;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err,
                        "SELECT handle FROM seen WHERE submission = ? AND members = ?"
                        " ORDER BY id DESC LIMIT 1",
                        "it", item->sub.id, gh_str_text(&members)));
        int r = gh_db_step(&s, err);
        TRY(r);
        if (r) {
            gh_copy(ret_handle, GH_HANDLE, gh_col_text(&s, 0));
            return 1;
        }
    }
    TRY(keep_seen(l, who, item, in, gh_str_text(&members), ret_handle, err));
    return 1;
}

/* ------------------------------------------------------------------------------ what was shown */

void gh_set_free(struct gh_set *set)
{
    free(set->list);
    *set = (struct gh_set){0};
}

const struct gh_member *gh_set_find(const struct gh_set *set, int64_t rendition)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->list[i].rendition == rendition)
            return &set->list[i];
    return NULL;
}

static void read_members(const char *text, struct gh_set *ret)
{
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        struct gh_member m = {0};
        char state[16];
        if (sscanf(line, "frame %64s", ret->frame) == 1)
            continue;
        if (sscanf(line, "%" SCNd64 " %15s %64s %64s %64s", &m.rendition, state, m.sha256,
                   m.caption, m.alt) != 5 ||
            !gh_ren_state_parse(state, &m.state))
            continue; /* the ledger's own lines: a damaged one covers nothing */
        ret->list = gh_realloc(ret->list, (ret->n + 1) * sizeof(*ret->list));
        ret->list[ret->n++] = m;
    }
}

int gh_set_load(struct gh_ledger *l, int64_t submission, const char *handle, struct gh_set *ret,
                struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    "SELECT members FROM seen WHERE submission = ? AND handle = ? LIMIT 1", "it",
                    submission, handle));
    int r = gh_db_step(&s, err);
    TRY(r);
    if (!r)
        return gh_fail(err, GH_LIMIT,
                       "nothing was shown as %" PRId64
                       "@%.*s, or too long ago: look again (ghat show %" PRId64 ")",
                       submission, (int)gh_utf8_cut(handle, 16), handle, submission);
    read_members(gh_col_text(&s, 0), ret);
    return 0;
}
