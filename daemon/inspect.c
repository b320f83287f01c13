/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See inspect.h. The ledger is walked first and gives the set of paths that may exist; then the directories are walked
 * against it. */
#include "daemon/inspect.h"

#include "daemon/outbox.h"

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

#define GRACE_MS (50LL * 3600 * 1000) /* the sweep, once an hour, takes what is older than 48 */

/* Paths that may exist below one directory; sorted before it is asked. */
struct paths {
    char **list;
    size_t n, cap;
};

struct look {
    struct gh_ledger *l;
    const struct gh_inspect_opts *opts;
    gh_problem_fn *fn;
    void *arg;
    struct gh_inspection *sum;
    int spool, archive, staging, outbox;
    struct paths in_outbox, in_staging;
    struct paths pending; /* problems of the item looked at: told when it did not move meanwhile */
    bool hold;
};

static void add(struct paths *p, const char *path)
{
    if (p->n == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 64;
        p->list = gh_realloc(p->list, p->cap * sizeof(*p->list));
    }
    p->list[p->n++] = gh_strdup(path);
}

static void problem(struct look *k, const char *fmt, ...) GH_PRINTF(2, 3);
static void problem(struct look *k, const char *fmt, ...)
{
    char line[800];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (k->hold) {
        add(&k->pending, line);
        return;
    }
    k->sum->problems++;
    k->fn(line, k->arg);
}

/* ---------------------------------------------------------------------------------------- the set of paths */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct paths *p)
{
    if (p->n)
        qsort(p->list, p->n, sizeof(*p->list), by_text);
}

static bool has(const struct paths *p, const char *path)
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

/* ---------------------------------------------------------------------------------------- files the ledger names */

/* 1 there and right, 0 missing, -1 there and wrong (said). */
static int file_is(struct look *k, int dir, const char *path, const char *sha256, const char *what, int64_t submission)
{
    GH_AUTO_FD fd = -1;
    struct gh_err err = {0};
    char hex[GH_SHA_HEX];
    uint64_t bytes = 0;
    if (dir < 0 || gh_open_beneath(dir, path, O_RDONLY, &fd, &err) < 0) {
        if (dir < 0 || err.code == ENOENT)
            return 0;
        problem(k, "submission %" PRId64 ": %s %s: %s", submission, what, path, err.msg);
        return -1;
    }
    if (gh_hash_fd(fd, hex, &bytes, &err) < 0) {
        problem(k, "submission %" PRId64 ": %s %s cannot be read: %s", submission, what, path, err.msg);
        return -1;
    }
    k->sum->files++;
    k->sum->bytes += bytes;
    if (!strcmp(hex, sha256))
        return 1;
    problem(k, "submission %" PRId64 ": %s %s has sha256 %.16s…, the ledger says %.16s…", submission, what, path, hex,
            sha256);
    return -1;
}

/* Originals lie in the spool, or, when it is all over, in archive/yyyy/mm/<submission>/. */
static void check_original(struct look *k, const struct gh_submission *sub, const struct gh_file *f)
{
    char path[160], month[32];
    if (!*f->sha256 || (sub->retired & GH_KEPT_ORIGINALS) ||
        file_is(k, k->spool, f->sha256, f->sha256, "original", sub->id) != 0)
        return;
    if (f->work == GH_WORK_NONE) { /* a caption, or a copy that a later one replaced: it need not be kept */
        k->sum->skipped++;
        return;
    }
    gh_time_day(sub->dropped_ms, month, sizeof(month));
    if (strlen(month) >= 7) {
        month[4] = '/';
        month[7] = '\0';
    }
    snprintf(path, sizeof(path), "%s/%" PRId64 "/%s", month, sub->id, f->sha256);
    if (file_is(k, k->archive, path, f->sha256, "original", sub->id) == 0)
        problem(k, "submission %" PRId64 ": the original %.16s… is neither in the spool nor in the archive", sub->id,
                f->sha256);
}

static void check_rendition(struct look *k, const struct gh_submission *sub, const struct gh_rendition *r)
{
    char folder[128], name[256];
    bool made = r->state == GH_REN_STAGED || r->state == GH_REN_HELD || r->state == GH_REN_APPROVED;
    bool gone = !made && (sub->retired & GH_KEPT_STAGING);
    if (r->stage && r->state != GH_REN_DUE && !gone)
        add(&k->in_staging, r->stage);
    if (made && (!r->stage || file_is(k, k->staging, r->stage, r->sha256, "staged file", sub->id) == 0))
        problem(k, "submission %" PRId64 ": %s is %s, but its file %s is not in staging/", sub->id, r->placement,
                gh_ren_state_name(r->state), r->stage ? r->stage : "(none)");
    if (!gh_outbox_has(r) || (sub->retired & GH_KEPT_OUTBOX))
        return;
    gh_outbox_folder(sub, folder, sizeof(folder));
    gh_outbox_path(sub, r, name, sizeof(name));
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, name);
    add(&k->in_outbox, path);
    if (r->state == GH_REN_APPROVED) { /* not there yet is right, wrong is not */
        if (k->opts->idle)
            problem(k, "submission %" PRId64 ": %s is approved but not published", sub->id, r->placement);
        (void)file_is(k, k->outbox, path, r->sha256, "outbox file", sub->id);
    } else if (file_is(k, k->outbox, path, r->sha256, "outbox file", sub->id) == 0) {
        problem(k, "submission %" PRId64 ": %s is %s, but outbox/%s is missing", sub->id, r->placement,
                gh_ren_state_name(r->state), path);
    }
}

/* SHA256SUMS must list exactly the published files and the caption. */
static void check_sums(struct look *k, const struct gh_item *item, const char *folder)
{
    GH_AUTO_FREE char *text = NULL;
    GH_AUTO_FREE char *path = gh_asprintf("%s/SHA256SUMS", folder);
    struct gh_err err = {0};
    size_t n, lines = 0, want = 1;
    if (gh_read_file(k->outbox, path, 1u << 20, &text, &n, &err) < 0) {
        problem(k, "submission %" PRId64 ": outbox/%s: %s", item->sub.id, path, err.msg);
        return;
    }
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    for (size_t i = 0; i < item->n_renditions; i++) {
        char name[256];
        const struct gh_rendition *r = &item->renditions[i];
        if (!gh_outbox_has(r))
            continue;
        want++;
        gh_outbox_path(&item->sub, r, name, sizeof(name));
        GH_AUTO_FREE char *line = gh_asprintf("%s  %s\n", r->sha256, name);
        if (!strstr(text, line))
            problem(k, "submission %" PRId64 ": outbox/%s does not list %s", item->sub.id, path, name);
    }
    if (lines != want)
        problem(k, "submission %" PRId64 ": outbox/%s lists %zu files, %zu are published", item->sub.id, path, lines,
                want);
    GH_AUTO_FREE char *caption = gh_asprintf("%s/caption.txt", folder);
    char hex[GH_SHA_HEX];
    const char *said = want > 1 && item->sub.approved_caption ? item->sub.approved_caption : "";
    gh_hash_mem(said, strlen(said), hex);
    if (file_is(k, k->outbox, caption, hex, "outbox file", item->sub.id) == 0)
        problem(k, "submission %" PRId64 ": outbox/%s is missing", item->sub.id, caption);
}

static void check_folder(struct look *k, const struct gh_item *item)
{
    static const char *const texts[] = {"caption.txt", "SHA256SUMS", "manifest.json"};
    const struct gh_submission *sub = &item->sub;
    char folder[128];
    if (!*sub->outbox_day || (sub->retired & GH_KEPT_OUTBOX))
        return;
    gh_outbox_folder(sub, folder, sizeof(folder));
    for (size_t i = 0; i < GH_LEN(texts); i++) {
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, texts[i]);
        add(&k->in_outbox, path);
    }
    /* a withdrawn file may be there until its withdrawal is published */
    for (size_t i = 0; sub->manifest != sub->manifest_done && !k->opts->idle && i < item->n_renditions; i++) {
        char name[256];
        gh_outbox_path(sub, &item->renditions[i], name, sizeof(name));
        GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, name);
        if (item->renditions[i].state == GH_REN_WITHDRAWN)
            add(&k->in_outbox, path);
    }
    if (sub->manifest != sub->manifest_done) {
        if (k->opts->idle)
            problem(k, "submission %" PRId64 ": its outbox folder lags behind its decisions", sub->id);
        return;
    }
    check_sums(k, item, folder);
    GH_AUTO_FREE char *path = gh_asprintf("%s/manifest.json", folder);
    struct stat st;
    if (fstatat(k->outbox, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        problem(k, "submission %" PRId64 ": outbox/%s is missing", sub->id, path);
}

static void check_state(struct look *k, const struct gh_item *item)
{
    struct gh_tally t = {0};
    for (size_t i = 0; i < item->n_files; i++) {
        enum gh_work w = item->files[i].work;
        if (item->files[i].role != GH_ROLE_MEDIA)
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
        problem(k, "submission %" PRId64 " is %s, but should be %s", item->sub.id, gh_sub_state_name(item->sub.state),
                gh_sub_state_name(should));
    if (k->opts->idle && t.files_running + t.rendition[GH_REN_RUNNING] > 0)
        problem(k, "submission %" PRId64 " is in work, but nobody works", item->sub.id);
    if (item->sub.state == GH_SUB_QUARANTINED && (!item->sub.reason || !*item->sub.reason))
        problem(k, "submission %" PRId64 " is quarantined without a reason", item->sub.id);
}

static void check_once(struct look *k, const struct gh_item *item)
{
    check_state(k, item);
    check_folder(k, item);
    for (size_t i = 0; i < item->n_files; i++)
        check_original(k, &item->sub, &item->files[i]);
    for (size_t i = 0; i < item->n_renditions; i++)
        check_rendition(k, &item->sub, &item->renditions[i]);
}

/* Nothing happened to it between the two readings. */
static bool same_item(const struct gh_item *a, const struct gh_item *b)
{
    bool same = a->sub.state == b->sub.state && a->sub.manifest == b->sub.manifest &&
                a->sub.manifest_done == b->sub.manifest_done && a->n_files == b->n_files &&
                a->n_renditions == b->n_renditions;
    for (size_t i = 0; same && i < a->n_files; i++)
        same = a->files[i].work == b->files[i].work && a->files[i].token == b->files[i].token;
    for (size_t i = 0; same && i < a->n_renditions; i++)
        same = a->renditions[i].state == b->renditions[i].state && a->renditions[i].id == b->renditions[i].id;
    return same;
}

/* ghatd may work on it while we look: what seems wrong is believed only of an item that stood still. */
static bool check_item(const struct gh_item *item, void *arg)
{
    struct look *k = arg;
    GH_AUTO(gh_item_free) struct gh_item fresh = {0};
    const struct gh_item *at = item;
    k->sum->submissions++;
    k->hold = true;
    for (unsigned tries = 0; tries < 10; tries++) {
        struct gh_item next = {0};
        struct gh_err err;
        paths_free(&k->pending);
        check_once(k, at);
        if (!k->pending.n || k->opts->idle || gh_ledger_get(k->l, item->sub.id, &next, &err) < 0)
            break;
        bool still = same_item(at, &next);
        gh_item_free(&fresh);
        fresh = next;
        at = &fresh;
        if (still)
            break;
    }
    k->hold = false;
    for (size_t i = 0; i < k->pending.n; i++)
        problem(k, "%s", k->pending.list[i]);
    paths_free(&k->pending);
    return true;
}

/* ---------------------------------------------------------------------------------------- files nobody names */

typedef void visit_fn(struct look *k, const char *path, const struct stat *st);

static void walk(struct look *k, int dir, const char *below, unsigned depth, visit_fn *fn)
{
    GH_AUTO_FD fd = openat(dir, *below ? below : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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
        if (S_ISDIR(st.st_mode) && depth > 0)
            walk(k, dir, path, depth - 1, fn);
        else if (!S_ISDIR(st.st_mode))
            fn(k, path, &st);
    }
    closedir(d);
}

static bool young(const struct look *k, const struct stat *st)
{
    int64_t grace = k->opts->grace_ms ? k->opts->grace_ms : GRACE_MS;
    return k->opts->now_ms - (int64_t)st->st_ctim.tv_sec * 1000 < grace;
}

/* Approved since the ledger was read? The folder's name says whose it is: <day>/<department>-<id>/… */
static bool approved_since(struct look *k, const char *path)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err;
    const char *folder = strchr(path, '/'), *end = folder ? strchr(folder + 1, '/') : NULL, *dash = end;
    char name[384];
    while (dash && dash > folder && *dash != '-')
        dash--;
    if (k->opts->idle || !dash || *dash != '-' || gh_ledger_get(k->l, strtoll(dash + 1, NULL, 10), &item, &err) < 0 ||
        !*item.sub.outbox_day || (item.sub.retired & GH_KEPT_OUTBOX))
        return false;
    gh_outbox_folder(&item.sub, name, sizeof(name));
    size_t n = strlen(name);
    if (strncmp(path, name, n) != 0 || path[n] != '/')
        return false;
    if (!strcmp(path + n, "/caption.txt") || !strcmp(path + n, "/SHA256SUMS") || !strcmp(path + n, "/manifest.json"))
        return true;
    for (size_t i = 0; i < item.n_renditions; i++) {
        gh_outbox_path(&item.sub, &item.renditions[i], name, sizeof(name));
        if (gh_outbox_has(&item.renditions[i]) && !strcmp(path + n + 1, name))
            return true;
    }
    return false;
}

static void in_outbox(struct look *k, const char *path, const struct stat *st)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    if (has(&k->in_outbox, path) || approved_since(k, path))
        return;
    if (*name == '.' && young(k, st) && !k->opts->idle) /* a text being replaced */
        return;
    problem(k, "outbox/%s is there, but nobody approved it", path);
}

static void in_staging(struct look *k, const char *path, const struct stat *st)
{
    if (!has(&k->in_staging, path) && !young(k, st))
        problem(k, "staging/%s is there, but the ledger does not know it", path);
}

static void in_spool(struct look *k, const char *path, const struct stat *st)
{
    struct gh_err err;
    if (strlen(path) == 64 && gh_ledger_has_blob(k->l, path, &err) == 1)
        return;
    if (!young(k, st))
        problem(k, "spool/%s is there, but the ledger does not know it", path);
}

/* ---------------------------------------------------------------------------------------- all of it */

static int open_tree(const char *path, int *ret_fd)
{
    struct gh_err err;
    return gh_open_dir(AT_FDCWD, path, ret_fd, &err);
}

static void look_close(struct look *k)
{
    gh_close_fd(&k->spool);
    gh_close_fd(&k->archive);
    gh_close_fd(&k->staging);
    gh_close_fd(&k->outbox);
    paths_free(&k->in_outbox);
    paths_free(&k->in_staging);
    paths_free(&k->pending);
}

int gh_inspect(struct gh_ledger *l, const struct gh_conf *conf, const struct gh_inspect_opts *opts, gh_problem_fn *fn,
               void *arg, struct gh_inspection *ret, struct gh_err *err)
{
    struct gh_inspection sum = {0};
    GH_AUTO(look_close)
    struct look k = {.l = l,
                     .opts = opts,
                     .fn = fn,
                     .arg = arg,
                     .sum = &sum,
                     .spool = -1,
                     .archive = -1,
                     .staging = -1,
                     .outbox = -1};
    const struct {
        const char *path;
        int *fd;
        bool must;
    } trees[] = {{conf->spool, &k.spool, true},
                 {conf->archive, &k.archive, false},
                 {conf->staging, &k.staging, true},
                 {conf->outbox, &k.outbox, true}};
    for (size_t i = 0; i < GH_LEN(trees); i++)
        if (open_tree(trees[i].path, trees[i].fd) < 0 && trees[i].must)
            return gh_fail(err, GH_SYSTEM, "cannot read %s (are you allowed to? try sudo)", trees[i].path);
    struct gh_err why = {0};
    if (gh_ledger_verify_chain(l, &sum.audit_rows, &why) < 0) {
        if (why.cls != GH_LIMIT) {
            *err = why;
            return -why.cls;
        }
        problem(&k, "%s", why.msg);
    }
    struct gh_list_filter all = {0};
    TRY(gh_ledger_list(l, &all, check_item, &k, err));
    sort(&k.in_outbox);
    sort(&k.in_staging);
    walk(&k, k.outbox, "", 3, in_outbox);
    walk(&k, k.staging, "", 4, in_staging);
    walk(&k, k.spool, "", 0, in_spool);
    *ret = sum;
    return 0;
}
