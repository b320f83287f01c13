/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the ledger share: a fresh ledger for each, and one-line ways to drop, claim,
 * plan, stage, decide.
 */
#ifndef GH_TESTS_LEDGER_FIX_H
#define GH_TESTS_LEDGER_FIX_H

#include "daemon/ledger/ledger.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <sqlite3.h>

#define OK(expr)                                                                                   \
    do {                                                                                           \
        struct gh_err ok_err = {0};                                                                \
        struct gh_err *const err = &ok_err;                                                        \
        int ok_r = (expr);                                                                         \
        if (ok_r < 0)                                                                              \
            fail_msg("%s: %s", #expr, ok_err.msg);                                                 \
    } while (0)
#define REFUSED(class_, expr)                                                                      \
    do {                                                                                           \
        struct gh_err ok_err = {0};                                                                \
        struct gh_err *err = &ok_err;                                                              \
        assert_int_equal((expr), -(class_));                                                       \
        assert_true(ok_err.msg[0] != '\0');                                                        \
    } while (0)

struct fix {
    char dir[64], path[96];
    struct gh_ledger *l;
    unsigned next; /* for bytes nobody had before */
};

static inline int setup(void **state)
{
    struct fix *f = gh_alloc(sizeof(*f));
    strcpy(f->dir, "/tmp/ghat-ledger-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof(f->path), "%s/ledger.db", f->dir);
    OK(gh_ledger_create(f->path, 0, err));
    OK(gh_ledger_open(f->path, &f->l, err));
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fix *f = *state;
    struct gh_err err;
    gh_ledger_close(&f->l);
    int r = gh_remove_tree(AT_FDCWD, f->dir, &err);
    free(f);
    return r;
}

static inline void reopen(struct fix *f)
{
    gh_ledger_close(&f->l);
    OK(gh_ledger_open(f->path, &f->l, err));
}

static inline void sha_of(unsigned n, char ret[GH_SHA_HEX])
{
    gh_hash_mem(&n, sizeof(n), ret);
}

/* A submission of n photos with fresh bytes; *ret_files may be NULL. */
static inline int64_t drop(struct fix *f, const char *department, const char *name, size_t n,
                           enum gh_media guess, int64_t *ret_files)
{
    struct gh_new_file files[8] = {0};
    int64_t id;
    for (size_t i = 0; i < n; i++) {
        files[i] = (struct gh_new_file){.name = name,
                                        .name_len = strlen(name),
                                        .size = 1000 + i,
                                        .role = GH_FILE_MEDIA,
                                        .guess = guess};
        sha_of(++f->next, files[i].sha256);
    }
    struct gh_new_sub sub = {.department = department,
                             .name = name,
                             .name_len = strlen(name),
                             .kind = n > 1 ? GH_KIND_FOLDER : GH_KIND_FILE,
                             .state = GH_SUB_RECEIVED,
                             .dropped_ms = 1000,
                             .files = files,
                             .n_files = n};
    OK(gh_ledger_add(f->l, NULL, &sub, &id, ret_files, err));
    return id;
}

static inline struct gh_claim claim(struct fix *f)
{
    struct gh_claim c = {0};
    struct gh_err e;
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 1);
    return c;
}

static inline void plan(struct fix *f, const struct gh_claim *c, const char *const *placements,
                        size_t n)
{
    struct gh_plan_row rows[8] = {0};
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct gh_plan_row){.placement = placements[i],
                                       .part = 1,
                                       .parts = 1,
                                       .how = "encode",
                                       .profile = "p",
                                       .recipe = "r"};
    OK(gh_ledger_plan(f->l, NULL, c->file, c->token, rows, n, err));
}

static inline void stage(struct fix *f, const struct gh_claim *c, const char *placement)
{
    char sha[GH_SHA_HEX];
    sha_of(++f->next, sha);
    struct gh_staged out = {.placement = placement,
                            .part = 1,
                            .sha256 = sha,
                            .bytes = 10,
                            .w = 4,
                            .h = 3,
                            .checks_json = "[]",
                            .stage = "1/x"};
    OK(gh_ledger_staged(f->l, NULL, c->file, c->token, &out, err));
}

static const char *const two[] __attribute__((unused)) = {"fb.photo", "x.photo"};

/* Drop, claim, plan two placements, stage both. */
static inline int64_t staged(struct fix *f, const char *name)
{
    int64_t id = drop(f, "roads", name, 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    plan(f, &c, two, 2);
    stage(f, &c, "fb.photo");
    stage(f, &c, "x.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    gh_claim_free(&c);
    return id;
}

static inline const char *sub_state(struct fix *f, int64_t id)
{
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    const char *name = gh_sub_state_name(item.sub.state);
    gh_item_free(&item);
    return name;
}

static inline const char *ren_state(struct fix *f, int64_t id, const char *placement)
{
    struct gh_item item;
    const char *name = "none";
    OK(gh_ledger_get(f->l, id, &item, err));
    for (size_t i = 0; i < item.n_renditions; i++)
        if (!strcmp(item.renditions[i].placement, placement))
            name = gh_ren_state_name(item.renditions[i].state);
    gh_item_free(&item);
    return name;
}

static inline int decide(struct fix *f, enum gh_verdict v, int64_t id, const char *placement,
                         const char *reason, struct gh_err *why)
{
    char hash[GH_SHA_HEX] = "";
    struct gh_decision_req req = {.verdict = v,
                                  .submission = id,
                                  .placements = &placement,
                                  .n_placements = placement ? 1 : 0,
                                  .reason = reason,
                                  .set_hash = hash};
    if (v == GH_APPROVE)
        OK(gh_ledger_set_hash(f->l, id, req.placements, req.n_placements, hash, err));
    return gh_ledger_decide(f->l, NULL, &req, NULL, why);
}

/* All decisions that are pending go out, as far as they may. Returns how many. */
static inline unsigned let_out(struct fix *f, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    unsigned n = 0;
    OK(gh_ledger_get(f->l, id, &item, err));
    for (size_t i = 0; i < item.n_renditions; i++) {
        const struct gh_rendition *r = &item.renditions[i];
        struct gh_err e;
        if (r->decision != r->out)
            n += gh_ledger_publishing(f->l, NULL, id, r->decision, &e) == 0;
        if (r->turned)
            n += gh_ledger_publishing(f->l, NULL, id, r->turned, &e) == 0;
    }
    return n;
}

static inline void publish(struct fix *f, int64_t id)
{
    struct gh_item item;
    let_out(f, id);
    OK(gh_ledger_get(f->l, id, &item, err));
    OK(gh_ledger_published(f->l, NULL, &item, err));
    gh_item_free(&item);
}

static inline void chain_holds(struct fix *f)
{
    int64_t rows = 0;
    OK(gh_ledger_verify_chain(f->l, &rows, err));
    assert_true(rows > 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
