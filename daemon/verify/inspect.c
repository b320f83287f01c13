/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger is read first: each item is checked, and the paths that may exist are collected. Then
 * the directories are walked, and what is not among these paths is reported. */
#include "daemon/verify/inspect.h"

#include "daemon/publish/outbox.h"
#include "daemon/verify/proof.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#define HOUR_MS (3600ll * 1000)
#define GRACE_MS (50 * HOUR_MS) /* the hourly sweep removes what is older than 48 hours */
#define SUMS_MAX (1u << 22)     /* bytes of a SHA256SUMS, and of a manifest */
#define TRIES 10                /* readings of an item until it stands still */

/* Folders between a tree and its files. */
#define OUTBOX_DEPTH 100    /* ours has three: day, submission, placement */
#define RECEIPTS "receipts" /* below outbox/: written by the agency */
#define STAGING_DEPTH 4
#define SPOOL_DEPTH 0

/* Paths that may exist below one directory; sorted before it is asked. */
struct paths {
    char **list;
    size_t n, cap;
};

struct inspector {
    struct gh_ledger *l;
    const struct gh_inspect_opts *opts;
    gh_problem_fn *fn;
    void *arg;
    struct gh_inspection *sum;
    int spool, archive, staging, outbox, quarantine;
    bool held; /* a ledger that was restored, and not thawed: the outbox comes back then */
    struct paths in_outbox, in_staging;
    /* problems of the item that is checked: reported if it does not change meanwhile */
    struct paths pending;
    bool hold; /* collect them in pending */
    struct gh_proof *proof;
};

static void paths_add(struct paths *p, const char *path)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 64;
        p->list = gh_realloc(p->list, p->cap * sizeof(*p->list));
    }
    p->list[p->n++] = gh_strdup(path);
}

static void report(struct inspector *k, const char *fmt, ...) GH_PRINTF(2, 3);
static void report(struct inspector *k, const char *fmt, ...)
{
    char line[800];
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (k->hold) {
        paths_add(&k->pending, line);
        return;
    }
    k->sum->problems++;
    k->fn(line, k->arg);
}

/* ----------------------------------------------------------------------------- the set of paths */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void paths_sort(struct paths *p)
{
    if (p->n)
        qsort(p->list, p->n, sizeof(*p->list), by_text);
}

static bool paths_have(const struct paths *p, const char *path)
{
    return p->n && bsearch(&path, p->list, p->n, sizeof(*p->list), by_text);
}

static void paths_free(struct paths *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->list[i]);
    free(p->list);
    *p = (struct paths){0};
}

/* ----------------------------------------------------------------------- files the ledger names */

/* Compare a file with the hash that the ledger has. 1: it is there and right; 0: it is missing; -1:
 * it is there and wrong, which was reported. */
static int file_is(struct inspector *k, int dir, const char *path, const char *sha256,
                   const char *what, int64_t submission)
{
    GH_AUTO_FD fd = -1;
    struct gh_err err = {0};
    char hex[GH_SHA_HEX];
    uint64_t bytes = 0;
    if (dir < 0 || gh_open_beneath(dir, path, O_RDONLY, &fd, &err) < 0) {
        if (dir < 0 || err.code == ENOENT)
            return 0;
        report(k, "submission %" PRId64 ": %s %s: %s", submission, what, path, err.msg);
        return -1;
    }
    if (gh_hash_fd(fd, hex, &bytes, &err) < 0) {
        report(k, "submission %" PRId64 ": %s %s cannot be read: %s", submission, what, path,
               err.msg);
        return -1;
    }
    k->sum->files++;
    k->sum->bytes += bytes;
    if (!strcmp(hex, sha256))
        return 1;
    report(k, "submission %" PRId64 ": %s %s has sha256 %.16s…, the ledger says %.16s…", submission,
           what, path, hex, sha256);
    return -1;
}

/* Originals lie in the spool, or, once nothing is left to do, in archive/yyyy/mm/<submission>/. */
static void check_original(struct inspector *k, const struct gh_submission *sub,
                           const struct gh_file *f)
{
    char day[32] = "";
    if (!*f->sha256 || (sub->retired & GH_KEPT_ORIGINALS) ||
        file_is(k, k->spool, f->sha256, f->sha256, "original", sub->id) != 0)
        return;
    /* a caption, or a copy that a later one replaced: it need not be kept */
    if (f->work == GH_WORK_NONE) {
        k->sum->skipped++;
        return;
    }
    gh_time_day(sub->dropped_ms, day, sizeof(day)); /* yyyy-mm-dd */
    GH_AUTO_FREE char *path =
        gh_asprintf("%.4s/%.2s/%" PRId64 "/%s", day, day + strlen("yyyy-"), sub->id, f->sha256);
    if (file_is(k, k->archive, path, f->sha256, "original", sub->id) == 0)
        report(k,
               "submission %" PRId64
               ": the original %.16s… is neither in the spool nor in the archive",
               sub->id, f->sha256);
}

/* What comes back into the outbox lies in staging, or where a restore put it. */
static void check_held(struct inspector *k, const struct gh_submission *sub,
                       const struct gh_rendition *r, const char *path)
{
    GH_AUTO_FREE char *aside = gh_asprintf("%s/%s", GH_OUTBOX_ASIDE, path);
    if ((!r->stage || file_is(k, k->staging, r->stage, r->sha256, "staged file", sub->id) == 0) &&
        file_is(k, k->quarantine, aside, r->sha256, "file put aside", sub->id) == 0)
        report(k, "submission %" PRId64 ": %s is %s, but its file is nowhere", sub->id,
               r->placement, gh_ren_state_name(r->state));
}

static void check_rendition(struct inspector *k, const struct gh_item *item,
                            const struct gh_rendition *r)
{
    const struct gh_submission *sub = &item->sub;
    char folder[128], name[256];
    bool made = r->state == GH_REN_STAGED || r->state == GH_REN_HELD ||
                r->state == GH_REN_APPROVED || r->state == GH_REN_PUBLISHING;
    bool gone = !made && (sub->retired & GH_KEPT_STAGING);
    if (r->stage && r->state != GH_REN_DUE && !gone)
        paths_add(&k->in_staging, r->stage);
    if (made &&
        (!r->stage || file_is(k, k->staging, r->stage, r->sha256, "staged file", sub->id) == 0))
        report(k, "submission %" PRId64 ": %s is %s, but its file %s is not in staging/", sub->id,
               r->placement, gh_ren_state_name(r->state), r->stage ? r->stage : "(none)");
    if ((gh_outbox_has(r) && !r->out) || (r->state == GH_REN_APPROVED && !r->decision))
        report(k, "submission %" PRId64 ": %s is %s, but no decision covers it", sub->id,
               r->placement, gh_ren_state_name(r->state));
    if (!gh_outbox_has(r) || (sub->retired & GH_KEPT_OUTBOX))
        return;
    gh_outbox_folder(sub, folder, sizeof(folder));
    gh_outbox_path(item, r, name, sizeof(name));
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, name);
    paths_add(&k->in_outbox, path);
    if (k->held && file_is(k, k->outbox, path, r->sha256, "outbox file", sub->id) == 0) {
        check_held(k, sub, r, path);
        return;
    }
    if (r->state == GH_REN_PUBLISHING) { /* it may be missing still, but not be wrong */
        if (k->opts->idle)
            report(k, "submission %" PRId64 ": %s was to be published and is not", sub->id,
                   r->placement);
        (void)file_is(k, k->outbox, path, r->sha256, "outbox file", sub->id);
    } else if (file_is(k, k->outbox, path, r->sha256, "outbox file", sub->id) == 0) {
        report(k, "submission %" PRId64 ": %s is %s, but outbox/%s is missing", sub->id,
               r->placement, gh_ren_state_name(r->state), path);
    }
}

static void on_proof(const char *line, void *arg)
{
    report(arg, "%s", line);
}

/* A text of the outbox, byte for byte. */
static void check_text(struct inspector *k, const struct gh_item *item, const char *folder,
                       const char *name, const struct gh_str *should)
{
    char hex[GH_SHA_HEX];
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, name);
    gh_hash_mem(gh_str_text(should), should->len, hex);
    if (file_is(k, k->outbox, path, hex, "outbox file", item->sub.id) == 0)
        report(k, "submission %" PRId64 ": outbox/%s is missing", item->sub.id, path);
}

static void check_texts(struct inspector *k, const struct gh_item *item, const char *folder)
{
    size_t n;
    GH_AUTO_STR sums = {0};
    GH_AUTO_STR caption = {0};
    GH_AUTO_FREE char *text = NULL;
    GH_AUTO_FREE char *path = gh_asprintf("%s/manifest.json", folder);
    struct gh_err err = {0};
    gh_outbox_sums(item, &sums);
    gh_outbox_caption(item, &caption);
    check_text(k, item, folder, "SHA256SUMS", &sums);
    check_text(k, item, folder, "caption.txt", &caption);
    if (gh_read_file(k->outbox, path, SUMS_MAX, &text, &n, &err) < 0)
        report(k, "submission %" PRId64 ": outbox/%s: %s", item->sub.id, path,
               err.code == ENOENT ? "it is missing" : err.msg);
    else
        gh_proof_manifest(k->proof, item, text, n, on_proof, k);
}

/* A withdrawn file may be there until its withdrawal is published. */
static void expect_withdrawn(struct inspector *k, const struct gh_item *item, const char *folder)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        char name[256];
        if (item->renditions[i].state != GH_REN_WITHDRAWN)
            continue;
        gh_outbox_path(item, &item->renditions[i], name, sizeof(name));
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, name);
        paths_add(&k->in_outbox, path);
    }
}

static void check_folder(struct inspector *k, const struct gh_item *item)
{
    const struct gh_submission *sub = &item->sub;
    char folder[128];
    if (!*sub->outbox_day || (sub->retired & GH_KEPT_OUTBOX))
        return;
    gh_outbox_folder(sub, folder, sizeof(folder));
    for (size_t i = 0; i < GH_LEN(gh_outbox_texts); i++) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, gh_outbox_texts[i]);
        paths_add(&k->in_outbox, path);
    }
    if (k->held) /* they are written anew then */
        return;
    if (sub->manifest != sub->manifest_done) {
        if (k->opts->idle)
            report(k, "submission %" PRId64 ": its outbox folder lags behind its decisions",
                   sub->id);
        else
            expect_withdrawn(k, item, folder);
        return;
    }
    check_texts(k, item, folder);
}

static void check_state(struct inspector *k, const struct gh_item *item)
{
    struct gh_tally t = {0};
    for (size_t i = 0; i < item->n_files; i++) {
        enum gh_file_work w = item->files[i].work;
        if (item->files[i].role != GH_FILE_MEDIA)
            continue;
        t.files_due += w == GH_WORK_DUE;
        t.files_running += w == GH_WORK_RUNNING;
        t.files_done += w == GH_WORK_DONE;
        t.files_bad += w == GH_WORK_BAD;
    }
    for (size_t i = 0; i < item->n_renditions; i++)
        t.rendition[item->renditions[i].state]++;
    enum gh_sub_state should = gh_sub_derive(item->sub.state, &t);
    if (should != item->sub.state)
        report(k, "submission %" PRId64 " is %s, but should be %s", item->sub.id,
               gh_sub_state_name(item->sub.state), gh_sub_state_name(should));
    if (k->opts->idle && t.files_running + t.rendition[GH_REN_RUNNING] > 0)
        report(k, "submission %" PRId64 " is in work, but nobody works", item->sub.id);
    if (item->sub.state == GH_SUB_QUARANTINED && (!item->sub.reason || !*item->sub.reason))
        report(k, "submission %" PRId64 " is quarantined without a reason", item->sub.id);
}

static void check_once(struct inspector *k, const struct gh_item *item)
{
    struct gh_err err = {0};
    check_state(k, item);
    if (gh_proof_decisions(k->proof, k->l, item, on_proof, k, &err) < 0)
        report(k, "submission %" PRId64 ": its decisions cannot be read: %s", item->sub.id,
               err.msg);
    check_folder(k, item);
    for (size_t i = 0; i < item->n_files; i++)
        check_original(k, &item->sub, &item->files[i]);
    for (size_t i = 0; i < item->n_renditions; i++)
        check_rendition(k, item, &item->renditions[i]);
}

/* Did nothing happen to it between the two readings? */
static bool is_same_item(const struct gh_item *a, const struct gh_item *b)
{
    bool same = a->sub.state == b->sub.state && a->sub.manifest == b->sub.manifest &&
                a->sub.manifest_done == b->sub.manifest_done && a->n_files == b->n_files &&
                a->n_renditions == b->n_renditions;
    for (size_t i = 0; same && i < a->n_files; i++)
        same = a->files[i].work == b->files[i].work && a->files[i].token == b->files[i].token;
    for (size_t i = 0; same && i < a->n_renditions; i++)
        same = a->renditions[i].state == b->renditions[i].state &&
               a->renditions[i].id == b->renditions[i].id;
    return same;
}

/* ghatd may change an item while it is checked: a problem counts only if the item was the same
 * before and after. */
static bool check_item(const struct gh_item *item, void *arg)
{
    struct inspector *k = arg;
    GH_AUTO(gh_item_free) struct gh_item fresh = {0};
    const struct gh_item *at = item;
    k->sum->submissions++;
    k->hold = true;
    for (unsigned tries = 0; tries < TRIES; tries++) {
        struct gh_item next = {0};
        struct gh_err err;
        paths_free(&k->pending);
        check_once(k, at);
        if (!k->pending.n || k->opts->idle || gh_ledger_get(k->l, item->sub.id, &next, &err) < 0)
            break;
        bool still = is_same_item(at, &next);
        gh_item_free(&fresh);
        fresh = next;
        at = &fresh;
        if (still)
            break;
    }
    k->hold = false;
    for (size_t i = 0; i < k->pending.n; i++)
        report(k, "%s", k->pending.list[i]);
    paths_free(&k->pending);
    return true;
}

/* ---------------------------------------------------------- files that the ledger does not name */

typedef void visit_fn(struct inspector *k, const char *path, const struct stat *st);

static void walk_tree(struct inspector *k, int dir, const char *below, unsigned depth, visit_fn *fn)
{
    GH_AUTO_FD fd =
        openat(dir, *below ? below : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;
    if (!d)
        return;
    (void)gh_steal_fd(&fd);
    while ((e = readdir(d))) {
        struct stat st;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
            continue;
        GH_AUTO_FREE char *path = gh_asprintf("%s%s%s", below, *below ? "/" : "", e->d_name);
        if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth == OUTBOX_DEPTH && !strcmp(path, RECEIPTS))
            continue;
        if (S_ISDIR(st.st_mode) && depth > 0)
            walk_tree(k, dir, path, depth - 1, fn);
        else if (!S_ISDIR(st.st_mode) || dir == k->outbox)
            fn(k, path, &st);
    }
    closedir(d);
}

static bool is_young(const struct inspector *k, const struct stat *st)
{
    int64_t grace = k->opts->grace_ms ? k->opts->grace_ms : GRACE_MS;
    return k->opts->now_ms - (int64_t)st->st_ctim.tv_sec * 1000 < grace;
}

/* The submission of a path in the outbox, <day>/<department>-<id>/…; 0: the path is none. */
static int64_t id_of_path(const char *path)
{
    const char *folder = strchr(path, '/'), *end = folder ? strchr(folder + 1, '/') : NULL;
    const char *dash = end;
    while (dash && dash > folder && *dash != '-')
        dash--;
    return dash && *dash == '-' ? strtoll(dash + 1, NULL, 10) : 0;
}

/* Was this file approved after the ledger had been read? */
static bool is_approved_since(struct inspector *k, const char *path)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err;
    char folder[128], name[256];
    int64_t id = id_of_path(path);
    if (k->opts->idle || !id || gh_ledger_get(k->l, id, &item, &err) < 0 || !*item.sub.outbox_day ||
        (item.sub.retired & GH_KEPT_OUTBOX))
        return false;
    gh_outbox_folder(&item.sub, folder, sizeof(folder));
    size_t n = strlen(folder);
    if (!gh_starts(path, folder) || path[n] != '/')
        return false;
    const char *file = path + n + 1;
    for (size_t i = 0; i < GH_LEN(gh_outbox_texts); i++)
        if (gh_streq(file, gh_outbox_texts[i]))
            return true;
    for (size_t i = 0; i < item.n_renditions; i++) {
        gh_outbox_path(&item, &item.renditions[i], name, sizeof(name));
        if (gh_outbox_has(&item.renditions[i]) && gh_streq(file, name))
            return true;
    }
    return false;
}

static void check_outbox_file(struct inspector *k, const char *path, const struct stat *st)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (paths_have(&k->in_outbox, path) || is_approved_since(k, path))
        return;
    if (*name == '.' && is_young(k, st) && !k->opts->idle) /* a text being replaced */
        return;
    report(k, "outbox/%s is there, but nobody approved it", path);
}

static void check_staging_file(struct inspector *k, const char *path, const struct stat *st)
{
    if (!paths_have(&k->in_staging, path) && !is_young(k, st))
        report(k, "staging/%s is there, but the ledger does not know it", path);
}

static void check_spool_file(struct inspector *k, const char *path, const struct stat *st)
{
    struct gh_err err;
    if (strlen(path) == GH_SHA_HEX - 1 && gh_ledger_has_blob(k->l, path, &err) == 1)
        return;
    if (!is_young(k, st))
        report(k, "spool/%s is there, but the ledger does not know it", path);
}

/* ------------------------------------------------------------------------------------ all of it */

static int open_tree(const char *path, int *ret_fd)
{
    struct gh_err err;
    return gh_open_dir(AT_FDCWD, path, ret_fd, &err);
}

static void close_inspector(struct inspector *k)
{
    gh_close_fd(&k->spool);
    gh_close_fd(&k->archive);
    gh_close_fd(&k->staging);
    gh_close_fd(&k->outbox);
    gh_close_fd(&k->quarantine);
    paths_free(&k->in_outbox);
    paths_free(&k->in_staging);
    paths_free(&k->pending);
    gh_proof_free(&k->proof);
}

/* Every page of it, and the whole audit chain. */
static int check_ledger(struct inspector *k, struct gh_ledger *l, struct gh_err *err)
{
    struct gh_err why = {0};
    int r = gh_ledger_check(l, &why);
    if (r < 0 && why.cls == GH_LIMIT)
        report(k, "%s; restore a backup", why.msg);
    if (r == 0 || why.cls == GH_LIMIT)
        r = gh_ledger_verify_chain(l, &k->sum->audit_rows, &why);
    if (r < 0 && why.cls == GH_LIMIT)
        report(k, "%s", why.msg);
    else if (r < 0)
        *err = why;
    return r < 0 && why.cls != GH_LIMIT ? r : 0;
}

int gh_inspect(struct gh_ledger *l, const struct gh_conf *conf, const struct gh_inspect_opts *opts,
               gh_problem_fn *fn, void *arg, struct gh_inspection *ret, struct gh_err *err)
{
    struct gh_inspection sum = {0};
    GH_AUTO(close_inspector)
    struct inspector k = {.l = l,
                          .opts = opts,
                          .fn = fn,
                          .arg = arg,
                          .sum = &sum,
                          .spool = -1,
                          .archive = -1,
                          .staging = -1,
                          .outbox = -1,
                          .quarantine = -1};
    const struct {
        const char *path;
        int *fd;
        bool must;
    } trees[] = {{conf->spool, &k.spool, true},
                 {conf->archive, &k.archive, false},
                 {conf->quarantine, &k.quarantine, false},
                 {conf->staging, &k.staging, true},
                 {conf->outbox, &k.outbox, true}};
    for (size_t i = 0; i < GH_LEN(trees); i++)
        if (open_tree(trees[i].path, trees[i].fd) < 0 && trees[i].must)
            return gh_fail(err, GH_SYSTEM, "cannot read %s (are you allowed to? try sudo)",
                           trees[i].path);
    struct gh_restored restored;
    int held = gh_ledger_restored(l, &restored, err);
    TRY(held);
    k.held = held > 0;
    TRY(check_ledger(&k, l, err));
    TRY(gh_proof_read(l, &k.proof, err));
    struct gh_list_filter all = {0};
    TRY(gh_ledger_list(l, &all, check_item, &k, err));
    paths_sort(&k.in_outbox);
    paths_sort(&k.in_staging);
    walk_tree(&k, k.outbox, "", OUTBOX_DEPTH, check_outbox_file);
    walk_tree(&k, k.staging, "", STAGING_DEPTH, check_staging_file);
    walk_tree(&k, k.spool, "", SPOOL_DEPTH, check_spool_file);
    *ret = sum;
    return 0;
}
