/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: the whole way of a submission, every transition, refusals, claims, decisions, the audit chain, damage, crashes. */
#include "daemon/ledger.h"

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

static int setup(void **state)
{
    struct fix *f = gh_alloc(sizeof(*f));
    strcpy(f->dir, "/tmp/ghat-ledger-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof(f->path), "%s/ledger.db", f->dir);
    OK(gh_ledger_open(f->path, &f->l, err));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    struct gh_err err;
    gh_ledger_close(&f->l);
    int r = gh_remove_tree(AT_FDCWD, f->dir, &err);
    free(f);
    return r;
}

static void reopen(struct fix *f)
{
    gh_ledger_close(&f->l);
    OK(gh_ledger_open(f->path, &f->l, err));
}

static void sha_of(unsigned n, char ret[GH_SHA_HEX])
{
    gh_hash_mem(&n, sizeof(n), ret);
}

/* A submission of n photos with fresh bytes; *ret_files may be NULL. */
static int64_t drop(struct fix *f, const char *department, const char *name, size_t n, enum gh_media guess, int64_t *ret_files)
{
    struct gh_new_file files[8] = {0};
    int64_t id;
    for (size_t i = 0; i < n; i++) {
        files[i] = (struct gh_new_file){.name = name, .name_len = strlen(name), .size = 1000 + i, .role = GH_ROLE_MEDIA, .guess = guess};
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

static struct gh_claim claim(struct fix *f)
{
    struct gh_claim c = {0};
    struct gh_err e;
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 1);
    return c;
}

static void plan(struct fix *f, const struct gh_claim *c, const char *const *placements, size_t n)
{
    struct gh_plan_row rows[8] = {0};
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct gh_plan_row){.placement = placements[i], .part = 1, .parts = 1, .how = "encode", .profile = "p", .recipe = "r"};
    OK(gh_ledger_plan(f->l, NULL, c->file, c->token, rows, n, err));
}

static void stage(struct fix *f, const struct gh_claim *c, const char *placement)
{
    char sha[GH_SHA_HEX];
    sha_of(++f->next, sha);
    struct gh_staged out = {.placement = placement, .part = 1, .sha256 = sha, .bytes = 10, .w = 4, .h = 3, .checks_json = "[]", .stage = "1/x"};
    OK(gh_ledger_staged(f->l, NULL, c->file, c->token, &out, err));
}

static const char *const two[] = {"fb.photo", "x.photo"};

/* Drop, claim, plan two placements, stage both. */
static int64_t staged(struct fix *f, const char *name)
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

static const char *sub_state(struct fix *f, int64_t id)
{
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    const char *name = gh_sub_state_name(item.sub.state);
    gh_item_free(&item);
    return name;
}

static const char *ren_state(struct fix *f, int64_t id, const char *placement)
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

static int decide(struct fix *f, enum gh_verdict v, int64_t id, const char *placement, const char *reason, struct gh_err *why)
{
    char hash[GH_SHA_HEX] = "";
    struct gh_decision_req req = {
        .verdict = v, .submission = id, .placements = &placement, .n_placements = placement ? 1 : 0, .reason = reason, .set_hash = hash};
    if (v == GH_APPROVE)
        OK(gh_ledger_set_hash(f->l, id, req.placements, req.n_placements, hash, err));
    return gh_ledger_decide(f->l, NULL, &req, NULL, why);
}

static void publish(struct fix *f, int64_t id)
{
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    OK(gh_ledger_published(f->l, NULL, &item, err));
    gh_item_free(&item);
}

static void chain_holds(struct fix *f)
{
    int64_t rows = 0;
    OK(gh_ledger_verify_chain(f->l, &rows, err));
    assert_true(rows > 0);
}

/* ------------------------------------------------------------------------------------------------ the way */

static void whole_way_with_times(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "puja.jpg");
    assert_string_equal(sub_state(f, id), "staged");
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    assert_string_equal(ren_state(f, id, "x.photo"), "approved");
    assert_string_equal(sub_state(f, id), "decided");
    publish(f, id);
    OK(decide(f, GH_COLLECT, id, "x.photo", NULL, err));
    assert_string_equal(sub_state(f, id), "decided");
    OK(decide(f, GH_COLLECT, id, NULL, NULL, err));
    assert_string_equal(sub_state(f, id), "delivered");
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.dropped_ms, 1000);
    assert_true(item.sub.received_ms && item.sub.staged_ms && item.sub.approved_ms && item.sub.decided_ms && item.sub.delivered_ms);
    assert_int_equal(item.sub.manifest, item.sub.manifest_done);
    char day[32];
    gh_time_day(item.sub.approved_ms, day, sizeof(day));
    assert_string_equal(item.sub.outbox_day, day);
    for (size_t i = 0; i < item.n_renditions; i++)
        assert_true(item.renditions[i].staged_ms && item.renditions[i].approved_ms && item.renditions[i].published_ms &&
                    item.renditions[i].collected_ms);
    gh_item_free(&item);
    chain_holds(f);
}

static void staged_only_when_every_file_is_over(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "folder", 2, GH_PHOTO, NULL);
    struct gh_claim a = claim(f), b = claim(f);
    assert_true(a.file != b.file);
    plan(f, &a, two, 2);
    plan(f, &b, two, 1);
    stage(f, &a, "fb.photo");
    OK(gh_ledger_failed(f->l, NULL, a.file, a.token, "x.photo", 1, "too large", NULL, err));
    OK(gh_ledger_attempt_end(f->l, NULL, a.file, a.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    assert_string_equal(sub_state(f, id), "rendering");
    /* but what is staged can be decided already */
    OK(decide(f, GH_APPROVE, id, "fb.photo", NULL, err));
    OK(gh_ledger_attempt_end(f->l, NULL, b.file, b.token, GH_ATTEMPT_REFUSED, "damaged", 0, NULL, err));
    assert_string_equal(sub_state(f, id), "decided");
    chain_holds(f);
}

static void nothing_made_is_quarantined_with_the_reason(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "cut.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    bool bad = false;
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_REFUSED, "the photo is cut off", 0, &bad, err));
    assert_true(bad);
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.state, GH_SUB_QUARANTINED);
    assert_string_equal(item.sub.reason, "the photo is cut off");
    gh_item_free(&item);
    /* and retry brings it back to received, due again */
    OK(decide(f, GH_RETRY, id, NULL, NULL, err));
    assert_string_equal(sub_state(f, id), "received");
    c = claim(f);
    assert_int_equal(c.attempt, 2);
    plan(f, &c, two, 1);
    OK(gh_ledger_skipped(f->l, NULL, c.file, c.token, "fb.photo", 1, "too small", err));
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    assert_string_equal(sub_state(f, id), "quarantined");
    /* a placement that was skipped is planned anew */
    OK(decide(f, GH_RETRY, id, NULL, NULL, err));
    c = claim(f);
    assert_int_equal(c.n_wanted, 0);
    plan(f, &c, two, 1);
    stage(f, &c, "fb.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    assert_string_equal(sub_state(f, id), "staged");
    chain_holds(f);
}

/* ------------------------------------------------------------------------------------------------ strikes */

static void two_strikes_quarantine(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "bomb.jpg", 1, GH_PHOTO, NULL);
    for (int i = 0; i < 2; i++) {
        struct gh_claim c = claim(f);
        bool bad = false;
        assert_int_equal(c.attempt, i + 1);
        plan(f, &c, two, 2);
        OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_CRASHED, "killed by signal 11", 0, &bad, err));
        assert_int_equal(bad, i == 1);
        if (i == 0)
            assert_string_equal(ren_state(f, id, "x.photo"), "due");
    }
    assert_string_equal(sub_state(f, id), "quarantined");
    assert_string_equal(ren_state(f, id, "x.photo"), "failed");
    struct gh_claim c;
    struct gh_err e;
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 0);
}

static void interruptions_are_no_strikes_until_twenty(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "slow.jpg", 1, GH_PHOTO, NULL);
    for (int i = 1; i <= GH_LEDGER_INTERRUPTIONS; i++) {
        struct gh_claim c = claim(f);
        if (i % 2) {
            unsigned n = 0;
            reopen(f); /* as after kill -9 */
            OK(gh_ledger_recover(f->l, NULL, &n, err));
            assert_int_equal(n, 1);
        } else {
            OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_INTERRUPTED, "stopping", 0, NULL, err));
        }
        assert_string_equal(sub_state(f, id), i < GH_LEDGER_INTERRUPTIONS ? "rendering" : "quarantined");
    }
    chain_holds(f);
}

static void disk_full_counts_nothing_and_waits(void **state)
{
    struct fix *f = *state;
    struct gh_who late = {.actor = "ghatd", .now_ms = 50000}, later = {.actor = "ghatd", .now_ms = 60000};
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_AGAIN, "disk full", 60000, NULL, err));
    struct gh_err e;
    int64_t next = 0;
    assert_int_equal(gh_ledger_claim(f->l, &late, 7, 0, &c, &next, &e), 0);
    assert_int_equal(next, 60000);
    assert_int_equal(gh_ledger_claim(f->l, &later, 7, 0, &c, NULL, &e), 1);
    struct gh_item item;
    OK(gh_ledger_get(f->l, c.submission, &item, err));
    assert_int_equal(item.files[0].strikes + item.files[0].interrupted, 0);
    gh_item_free(&item);
}

/* ------------------------------------------------------------------------------------------------ claims */

static void claims_take_turns_and_are_never_given_twice(void **state)
{
    struct fix *f = *state;
    int64_t video = drop(f, "water", "clip.mp4", 1, GH_VIDEO, NULL);
    int64_t roads1 = drop(f, "roads", "1.jpg", 1, GH_PHOTO, NULL);
    int64_t roads2 = drop(f, "roads", "2.jpg", 1, GH_PHOTO, NULL);
    int64_t parks = drop(f, "parks", "3.jpg", 1, GH_MEDIA_NONE, NULL);
    int64_t urgent = drop(f, "roads", "4.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_set_urgent(f->l, NULL, urgent, true, err));
    /* urgent first; the other photos by department, the one just served last; the video last of all */
    const int64_t want[] = {urgent, parks, roads1, roads2, video};
    for (size_t i = 0; i < GH_LEN(want); i++) {
        struct gh_claim c = claim(f);
        assert_int_equal(c.submission, want[i]);
    }
    struct gh_claim c;
    struct gh_err e;
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 0);
}

static void media_mask_keeps_videos_out(void **state)
{
    struct fix *f = *state;
    struct gh_claim c;
    struct gh_err e;
    drop(f, "water", "clip.mp4", 1, GH_VIDEO, NULL);
    assert_int_equal(gh_ledger_claim(f->l, NULL, 1u << GH_PHOTO | 1u << GH_MEDIA_NONE, 0, &c, NULL, &e), 0);
    assert_int_equal(gh_ledger_claim(f->l, NULL, 1u << GH_VIDEO, 0, &c, NULL, &e), 1);
}

static void a_stale_token_changes_nothing(void **state)
{
    struct fix *f = *state;
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim old = claim(f);
    OK(gh_ledger_recover(f->l, NULL, NULL, err));
    struct gh_claim now = claim(f);
    assert_true(old.token != now.token);
    struct gh_err e = {0};
    assert_int_equal(gh_ledger_attempt_end(f->l, NULL, old.file, old.token, GH_ATTEMPT_DONE, NULL, 0, NULL, &e), -GH_AGAIN);
    assert_int_equal(e.code, ESTALE);
    REFUSED(GH_AGAIN, gh_ledger_plan(f->l, NULL, old.file, old.token, NULL, 0, err));
    REFUSED(GH_AGAIN, gh_ledger_probed(f->l, NULL, old.file, old.token, GH_PHOTO, "{}", 0, err));
    plan(f, &now, two, 1);
    stage(f, &now, "fb.photo");
}

static void an_expired_lease_is_taken_back(void **state)
{
    struct fix *f = *state;
    struct gh_who t0 = {.now_ms = 1000}, t1 = {.now_ms = 1500}, t2 = {.now_ms = 2000};
    struct gh_claim a, b;
    struct gh_err e;
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    assert_int_equal(gh_ledger_claim(f->l, &t0, 7, 1000, &a, NULL, &e), 1);
    assert_int_equal(gh_ledger_claim(f->l, &t1, 7, 1000, &b, NULL, &e), 0);
    assert_int_equal(gh_ledger_claim(f->l, &t2, 7, 1000, &b, NULL, &e), 1);
    assert_int_equal(a.file, b.file);
    assert_true(a.token != b.token);
}

/* ------------------------------------------------------------------------------------------------ decisions */

static void approval_names_what_was_seen(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    char seen[GH_SHA_HEX], part[GH_SHA_HEX];
    OK(gh_ledger_set_hash(f->l, id, NULL, 0, seen, err));
    OK(gh_ledger_set_hash(f->l, id, two, 1, part, err));
    assert_string_not_equal(seen, part);
    struct gh_decision_req req = {.verdict = GH_APPROVE, .submission = id};
    REFUSED(GH_LIMIT, gh_ledger_decide(f->l, NULL, &req, NULL, err)); /* no hash */
    req.set_hash = part;
    REFUSED(GH_LIMIT, gh_ledger_decide(f->l, NULL, &req, NULL, err)); /* hash of something else */
    OK(gh_ledger_set_caption(f->l, NULL, id, "নতুন সেতু", err));
    req.set_hash = seen;
    REFUSED(GH_LIMIT, gh_ledger_decide(f->l, NULL, &req, NULL, err)); /* the caption changed */
    OK(decide(f, GH_RERENDER, id, "x.photo", NULL, err));
    struct gh_claim c = claim(f);
    assert_int_equal(c.n_wanted, 1);
    assert_string_equal(c.wanted[0], "x.photo");
    plan(f, &c, two + 1, 1);
    OK(gh_ledger_set_hash(f->l, id, NULL, 0, seen, err));
    stage(f, &c, "x.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    gh_claim_free(&c);
    REFUSED(GH_LIMIT, gh_ledger_decide(f->l, NULL, &req, NULL, err)); /* made again */
    assert_string_equal(ren_state(f, id, "fb.photo"), "staged");
    OK(gh_ledger_set_hash(f->l, id, NULL, 0, seen, err));
    unsigned changed = 0;
    OK(gh_ledger_decide(f->l, NULL, &req, &changed, err));
    assert_int_equal(changed, 2);
    OK(gh_ledger_decide(f->l, NULL, &req, &changed, err)); /* a lost answer, sent again */
    assert_int_equal(changed, 0);
    chain_holds(f);
}

static void a_new_caption_after_publication_needs_approval(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    OK(gh_ledger_set_caption(f->l, NULL, id, "one", err));
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    publish(f, id);
    OK(gh_ledger_set_caption(f->l, NULL, id, "two", err));
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_string_equal(item.sub.approved_caption, "one");
    assert_string_equal(item.sub.caption, "two");
    assert_int_equal(item.sub.manifest, item.sub.manifest_done); /* nothing to publish yet */
    gh_item_free(&item);
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_string_equal(item.sub.approved_caption, "two");
    assert_int_equal(item.sub.manifest, item.sub.manifest_done + 1);
    gh_item_free(&item);
    assert_string_equal(ren_state(f, id, "x.photo"), "published");
    int64_t *ids = NULL;
    size_t n = 0;
    OK(gh_ledger_unpublished(f->l, &ids, &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(ids[0], id);
    free(ids);
}

static void hold_release_reject_withdraw(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    REFUSED(GH_LIMIT, decide(f, GH_WITHDRAW, id, NULL, "x", err));
    REFUSED(GH_LIMIT, decide(f, GH_COLLECT, id, NULL, NULL, err));
    REFUSED(GH_LIMIT, decide(f, GH_REJECT, id, NULL, NULL, err));
    REFUSED(GH_LIMIT, decide(f, GH_REJECT, id, NULL, "", err));
    REFUSED(GH_LIMIT, decide(f, GH_HOLD, id, "no.such", NULL, err));
    REFUSED(GH_USAGE, decide(f, GH_HOLD, 999, NULL, NULL, err));
    OK(decide(f, GH_HOLD, id, "x.photo", NULL, err));
    assert_string_equal(sub_state(f, id), "staged");
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err)); /* the whole: only what is not held */
    assert_string_equal(ren_state(f, id, "x.photo"), "held");
    assert_string_equal(sub_state(f, id), "staged");
    OK(decide(f, GH_RELEASE, id, "x.photo", NULL, err));
    assert_string_equal(ren_state(f, id, "x.photo"), "staged");
    OK(decide(f, GH_REJECT, id, "x.photo", "wrong bridge", err));
    assert_string_equal(sub_state(f, id), "decided");
    publish(f, id);
    OK(decide(f, GH_WITHDRAW, id, NULL, "faces of children", err));
    assert_string_equal(ren_state(f, id, "fb.photo"), "withdrawn");
    assert_string_equal(ren_state(f, id, "x.photo"), "rejected");
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_string_equal(item.renditions[0].reason, "faces of children");
    assert_string_equal(item.renditions[1].reason, "wrong bridge");
    assert_int_equal(item.sub.manifest, item.sub.manifest_done + 1);
    gh_item_free(&item);
    chain_holds(f);
}

/* Every verdict against every state: taken exactly where the contract says, and a refusal changes nothing. */
static void every_verdict_on_every_state(void **state)
{
    struct fix *f = *state;
    static const struct {
        enum gh_verdict v;
        const char *from, *to; /* from: names, blank-separated with blanks around */
    } table[] = {
        {GH_APPROVE, " staged held ", "approved"},
        {GH_HOLD, " staged ", "held"},
        {GH_RELEASE, " held ", "staged"},
        {GH_REJECT, " staged held ", "rejected"},
        {GH_WITHDRAW, " approved published collected ", "withdrawn"},
        {GH_COLLECT, " published ", "collected"},
        {GH_RETRY, " failed ", "due"},
        {GH_RERENDER, " staged held rejected ", "due"},
    };
    static const char *const already[GH_VERDICTS] = {
        [GH_APPROVE] = " approved published collected ", [GH_HOLD] = " held ", [GH_RELEASE] = " staged ", [GH_REJECT] = " rejected ",
        [GH_WITHDRAW] = " withdrawn ", [GH_COLLECT] = " collected ", [GH_RETRY] = " due running ", [GH_RERENDER] = " due running "};
    sqlite3 *raw;
    int64_t id = staged(f, "a.jpg");
    assert_int_equal(sqlite3_open(f->path, &raw), SQLITE_OK);
    for (size_t i = 0; i < GH_LEN(table); i++)
        for (unsigned s = 0; s < GH_REN_STATES_N; s++) {
            const char *name = gh_ren_state_name(s);
            GH_AUTO_FREE char *force = gh_asprintf("UPDATE rendition SET state = '%s' WHERE placement = 'fb.photo';"
                                                   "UPDATE rendition SET state = 'staged' WHERE placement = 'x.photo';"
                                                   "UPDATE submission SET state = 'staged'; UPDATE file SET work = 'done'",
                                                   name);
            GH_AUTO_FREE char *word = gh_asprintf(" %s ", name);
            assert_int_equal(sqlite3_exec(raw, force, NULL, NULL, NULL), SQLITE_OK);
            struct gh_err e = {0};
            int r = decide(f, table[i].v, id, "fb.photo", "because", &e);
            if (strstr(table[i].from, word)) {
                assert_int_equal(r, 0);
                assert_string_equal(ren_state(f, id, "fb.photo"), table[i].to);
            } else {
                assert_int_equal(r, strstr(already[table[i].v], word) ? 0 : -GH_LIMIT);
                assert_string_equal(ren_state(f, id, "fb.photo"), name);
            }
            assert_string_equal(ren_state(f, id, "x.photo"), "staged");
        }
    sqlite3_close(raw);
    chain_holds(f);
}

static void withdrawn_while_publishing_stays_withdrawn(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    OK(decide(f, GH_WITHDRAW, id, "x.photo", "no", err));
    OK(gh_ledger_published(f->l, NULL, &item, err));
    gh_item_free(&item);
    assert_string_equal(ren_state(f, id, "x.photo"), "withdrawn");
    assert_string_equal(ren_state(f, id, "fb.photo"), "published");
    int64_t *ids = NULL;
    size_t n = 0;
    OK(gh_ledger_unpublished(f->l, &ids, &n, err));
    assert_int_equal(n, 1);
    free(ids);
}

static void rerender_while_running_is_not_lost(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    plan(f, &c, two, 2);
    stage(f, &c, "fb.photo");
    OK(decide(f, GH_RERENDER, id, "fb.photo", NULL, err));
    stage(f, &c, "x.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    assert_string_equal(sub_state(f, id), "rendering");
    c = claim(f);
    assert_int_equal(c.n_wanted, 1);
    assert_string_equal(c.wanted[0], "fb.photo");
    gh_claim_free(&c);
}

static void recall_before_and_after_approval(void **state)
{
    struct fix *f = *state;
    int64_t early = drop(f, "roads", "early.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    OK(gh_ledger_cancel(f->l, NULL, early, err));
    assert_string_equal(sub_state(f, early), "quarantined");
    REFUSED(GH_AGAIN, gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    int64_t late = staged(f, "late.jpg");
    OK(gh_ledger_cancel(f->l, NULL, late, err));
    assert_string_equal(ren_state(f, late, "x.photo"), "rejected");
    assert_string_equal(sub_state(f, late), "decided");
    int64_t out = staged(f, "out.jpg");
    OK(decide(f, GH_APPROVE, out, "x.photo", NULL, err));
    REFUSED(GH_LIMIT, gh_ledger_cancel(f->l, NULL, out, err));
}

/* ------------------------------------------------------------------------------------------------ intake */

static void the_same_bytes_are_found(void **state)
{
    struct fix *f = *state;
    int64_t file;
    int64_t id = drop(f, "roads", "a.jpg", 1, GH_PHOTO, &file);
    char sha[GH_SHA_HEX];
    sha_of(f->next, sha);
    struct gh_match m;
    struct gh_err e;
    assert_int_equal(gh_ledger_find_bytes(f->l, "parks", sha, "a.jpg", 5, &m, &e), 0);
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", sha, "a.jpg", 5, &m, &e), 1);
    assert_true(m.submission == id && m.file == file && m.source == GH_SOURCE_PRESENT && m.same_name && !m.resendable);
    OK(gh_ledger_source_taken(f->l, NULL, file, "1-abc", err));
    OK(gh_ledger_source_taken(f->l, NULL, file, "1-abc", err));
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", sha, "b.jpg", 5, &m, &e), 1);
    assert_true(m.source == GH_SOURCE_TAKEN && !m.same_name && !m.resendable);
    struct gh_claim c = claim(f);
    plan(f, &c, two, 1);
    stage(f, &c, "fb.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    OK(decide(f, GH_REJECT, id, NULL, "blurred", err));
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", sha, "b.jpg", 5, &m, &e), 1);
    assert_true(m.resendable);
}

static bool count_present(const struct gh_submission *sub, const struct gh_file *file, void *arg)
{
    (void)sub;
    struct fix *f = arg;
    f->next++;
    OK(gh_ledger_source_taken(f->l, NULL, file->id, "x", err));
    return true;
}

static void duplicates_and_interrupted_intakes(void **state)
{
    struct fix *f = *state;
    int64_t first = drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL), second;
    struct gh_new_file file = {.name = "b.jpg", .name_len = 5, .size = 1000, .role = GH_ROLE_MEDIA, .guess = GH_PHOTO};
    sha_of(f->next, file.sha256);
    struct gh_new_sub dup = {.department = "roads", .name = "b.jpg", .name_len = 5, .state = GH_SUB_DUPLICATE, .duplicate_of = first,
                             .dropped_ms = 2000, .files = &file, .n_files = 1};
    OK(gh_ledger_add(f->l, NULL, &dup, &second, NULL, err));
    assert_string_equal(sub_state(f, second), "duplicate");
    struct gh_match m;
    struct gh_err e;
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", file.sha256, "b.jpg", 5, &m, &e), 1);
    assert_int_equal(m.submission, second); /* its intake is to be resumed */
    struct gh_claim c = claim(f);
    assert_int_equal(c.submission, first);
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 0); /* a duplicate is not worked on */
    f->next = 0;
    OK(gh_ledger_each_present(f->l, count_present, f, err));
    assert_int_equal(f->next, 2);
    f->next = 0;
    OK(gh_ledger_each_present(f->l, count_present, f, err));
    assert_int_equal(f->next, 0);
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", file.sha256, "b.jpg", 5, &m, &e), 1);
    assert_int_equal(m.submission, first);
}

static void names_are_bytes(void **state)
{
    struct fix *f = *state;
    static const char odd[] = "a\nb\xff\0\xe0\xa6\x95.jpg";
    struct gh_new_file file = {.name = odd, .name_len = sizeof(odd) - 1, .size = 1, .role = GH_ROLE_MEDIA};
    sha_of(1, file.sha256);
    struct gh_new_sub sub = {.department = "roads", .name = odd, .name_len = sizeof(odd) - 1, .state = GH_SUB_RECEIVED, .files = &file,
                             .n_files = 1};
    int64_t id, found = 0;
    OK(gh_ledger_add(f->l, NULL, &sub, &id, NULL, err));
    struct gh_err e;
    assert_int_equal(gh_ledger_find_name(f->l, "roads", odd, sizeof(odd) - 1, &found, &e), 1);
    assert_int_equal(found, id);
    assert_int_equal(gh_ledger_find_name(f->l, "roads", odd, sizeof(odd) - 2, &found, &e), 0);
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.name_len, sizeof(odd) - 1);
    assert_memory_equal(item.sub.name, odd, sizeof(odd) - 1);
    gh_item_free(&item);
}

static void arriving_and_late_files(void **state)
{
    struct fix *f = *state;
    struct gh_new_sub sub = {.department = "roads", .name = "folder", .name_len = 6, .kind = GH_KIND_FOLDER, .state = GH_SUB_ARRIVING};
    struct gh_new_file file = {.name = "1.jpg", .name_len = 5, .size = 1, .role = GH_ROLE_MEDIA, .guess = GH_PHOTO};
    int64_t id, fid;
    struct gh_claim c;
    struct gh_err e;
    OK(gh_ledger_add(f->l, NULL, &sub, &id, NULL, err));
    sha_of(++f->next, file.sha256);
    OK(gh_ledger_add_file(f->l, NULL, id, &file, &fid, err));
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 0); /* not before all of it is there */
    OK(gh_ledger_received(f->l, NULL, id, err));
    REFUSED(GH_LIMIT, gh_ledger_received(f->l, NULL, id, err));
    c = claim(f);
    plan(f, &c, two, 2);
    stage(f, &c, "fb.photo");
    stage(f, &c, "x.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    sha_of(++f->next, file.sha256);
    OK(gh_ledger_add_file(f->l, NULL, id, &file, &fid, err)); /* a new revision; what was approved stays approved */
    assert_string_equal(sub_state(f, id), "rendering");
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.revision, 2);
    assert_int_equal(item.renditions[0].state, GH_REN_APPROVED);
    gh_item_free(&item);
}

static void quarantine_on_arrival(void **state)
{
    struct fix *f = *state;
    struct gh_new_file file = {.name = "empty.jpg", .name_len = 9, .role = GH_ROLE_MEDIA};
    struct gh_new_sub sub = {.department = "roads", .name = "empty.jpg", .name_len = 9, .state = GH_SUB_QUARANTINED, .reason = "empty",
                             .files = &file, .n_files = 1};
    int64_t id;
    OK(gh_ledger_add(f->l, NULL, &sub, &id, NULL, err));
    REFUSED(GH_LIMIT, decide(f, GH_RETRY, id, NULL, NULL, err)); /* there are no bytes to try again */
    assert_string_equal(sub_state(f, id), "quarantined");
    int64_t other = drop(f, "roads", "b.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_quarantine(f->l, NULL, other, "too large", err));
    OK(decide(f, GH_RETRY, other, NULL, NULL, err));
    assert_string_equal(sub_state(f, other), "received");
    struct gh_claim c = claim(f);
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_REFUSED, "damaged", 0, NULL, err));
    int64_t done = staged(f, "c.jpg");
    REFUSED(GH_LIMIT, gh_ledger_quarantine(f->l, NULL, done, "no", err));
    sub.state = GH_SUB_STAGED;
    REFUSED(GH_BUG, gh_ledger_add(f->l, NULL, &sub, &id, NULL, err));
}

/* ------------------------------------------------------------------------------------------------ the machinery */

static void batches_commit_whole_and_undo_single_failures(void **state)
{
    struct fix *f = *state;
    OK(gh_ledger_begin(f->l, err));
    int64_t a = drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    REFUSED(GH_LIMIT, gh_ledger_received(f->l, NULL, a, err)); /* fails alone */
    int64_t b = drop(f, "roads", "b.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_commit(f->l, err));
    assert_string_equal(sub_state(f, a), "received");
    assert_string_equal(sub_state(f, b), "received");
    OK(gh_ledger_begin(f->l, err));
    int64_t c = drop(f, "roads", "c.jpg", 1, GH_PHOTO, NULL);
    gh_ledger_rollback(f->l);
    struct gh_item item;
    REFUSED(GH_USAGE, gh_ledger_get(f->l, c, &item, err));
    drop(f, "roads", "d.jpg", 1, GH_PHOTO, NULL);
    chain_holds(f);
    reopen(f);
    chain_holds(f);
    struct gh_err e;
    assert_int_equal(gh_ledger_commit(f->l, &e), -GH_BUG);
}

struct touches {
    int64_t seen[16];
    size_t n;
    bool answer;
};

static void on_touched(struct gh_ledger *l, int64_t submission, void *arg)
{
    struct touches *t = arg;
    t->seen[t->n++] = submission;
    if (t->answer) {
        t->answer = false;
        OK(gh_ledger_set_caption(l, NULL, submission, "from the hook", err));
    }
}

static void touched_is_told_once_after_the_commit(void **state)
{
    struct fix *f = *state;
    struct touches t = {0};
    gh_ledger_on_touched(f->l, on_touched, &t);
    OK(gh_ledger_begin(f->l, err));
    int64_t a = drop(f, "roads", "a", 3, GH_PHOTO, NULL), b = drop(f, "roads", "b", 1, GH_PHOTO, NULL);
    assert_int_equal(t.n, 0);
    OK(gh_ledger_commit(f->l, err));
    assert_int_equal(t.n, 2);
    assert_true(t.seen[0] == a && t.seen[1] == b);
    t = (struct touches){.answer = true};
    OK(gh_ledger_set_urgent(f->l, NULL, a, true, err));
    assert_int_equal(t.n, 2); /* the hook's own change is told, too */
    t.n = 0;
    REFUSED(GH_LIMIT, gh_ledger_received(f->l, NULL, a, err));
    assert_int_equal(t.n, 0);
}

static void tampering_is_found(void **state)
{
    struct fix *f = *state;
    static const char *const attacks[] = {
        "UPDATE audit SET actor = 'somebody' WHERE seq = 3",      "UPDATE audit SET detail = detail || 'x' WHERE seq = 1",
        "UPDATE audit SET time_ms = time_ms + 1 WHERE seq = 4",   "DELETE FROM audit WHERE seq = 2",
        "UPDATE audit SET action = subject, subject = action WHERE seq = 3", "UPDATE audit SET submission = 7 WHERE seq = 2",
    };
    staged(f, "a.jpg");
    for (size_t i = 0; i < GH_LEN(attacks); i++) {
        GH_AUTO_FREE char *copy = gh_asprintf("%s/copy%zu.db", f->dir, i);
        OK(gh_ledger_backup(f->l, copy, err));
        sqlite3 *raw;
        assert_int_equal(sqlite3_open(copy, &raw), SQLITE_OK);
        assert_int_equal(sqlite3_exec(raw, attacks[i], NULL, NULL, NULL), SQLITE_CONSTRAINT); /* the triggers refuse it */
        sqlite3_exec(raw, "DROP TRIGGER audit_kept; DROP TRIGGER audit_fixed", NULL, NULL, NULL);
        assert_int_equal(sqlite3_exec(raw, attacks[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(raw);
        struct gh_ledger *l = NULL;
        OK(gh_ledger_open_ro(copy, &l, err));
        REFUSED(GH_LIMIT, gh_ledger_verify_chain(l, NULL, err));
        gh_ledger_close(&l);
    }
    chain_holds(f);
}

static void refuses_what_is_not_its_ledger(void **state)
{
    struct fix *f = *state;
    GH_AUTO_FREE char *copy = gh_asprintf("%s/other.db", f->dir);
    struct gh_ledger *l = NULL;
    sqlite3 *raw;
    staged(f, "a.jpg");
    OK(gh_ledger_backup(f->l, copy, err));
    REFUSED(GH_USAGE, gh_ledger_backup(f->l, copy, err));
    OK(gh_ledger_open(copy, &l, err)); /* a backup is a ledger */
    gh_ledger_close(&l);
    assert_int_equal(sqlite3_open(copy, &raw), SQLITE_OK);
    sqlite3_exec(raw, "PRAGMA user_version = 999", NULL, NULL, NULL);
    sqlite3_close(raw);
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    int fd = open(copy, O_WRONLY | O_TRUNC); /* emptied: damage, never a new ledger */
    close(fd);
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    struct stat st;
    assert_int_equal(stat(copy, &st), 0);
    assert_int_equal(st.st_size, 0);
    fd = open(copy, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "this is no database, it only looks like a file", 46), 46);
    close(fd);
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    unlink(copy);
    GH_AUTO_FREE char *wal = gh_asprintf("%s-wal", copy);
    close(open(wal, O_WRONLY | O_CREAT, 0600));
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    REFUSED(GH_CONFIG, gh_ledger_open_ro(copy, &l, err));
    REFUSED(GH_SYSTEM, gh_ledger_open("/nonexistent/dir/ledger.db", &l, err));
    assert_null(l);
}

static void a_damaged_page_is_refused(void **state)
{
    struct fix *f = *state;
    for (int i = 0; i < 20; i++)
        staged(f, "a.jpg");
    gh_ledger_close(&f->l);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    int fd = open(f->path, O_WRONLY);
    for (off_t at = 4096; at < st.st_size; at += 4096)
        assert_int_equal(pwrite(fd, "damage damage damage damage", 27, at), 27);
    close(fd);
    REFUSED(GH_CONFIG, gh_ledger_open(f->path, &f->l, err));
}

static void read_only_refuses_changes(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    struct gh_ledger *l = NULL;
    OK(gh_ledger_open_ro(f->path, &l, err));
    OK(gh_ledger_verify_chain(l, NULL, err));
    REFUSED(GH_BUG, gh_ledger_set_caption(l, NULL, id, "x", err));
    gh_ledger_close(&l);
}

/* A child works until it is killed at a random moment; whatever it left must be consistent and whole. */
static void kill_at_any_time_leaves_a_consistent_ledger(void **state)
{
    struct fix *f = *state;
    gh_ledger_close(&f->l);
    for (int round = 0; round < 25; round++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct gh_err e;
            if (gh_ledger_open(f->path, &f->l, &e) < 0)
                _exit(9);
            f->next = (unsigned)(1000 * (round + 1));
            for (;;) {
                int64_t id = staged(f, "a.jpg");
                struct gh_err e2;
                if (decide(f, GH_APPROVE, id, NULL, NULL, &e2) < 0)
                    _exit(8);
                publish(f, id);
            }
        }
        usleep((useconds_t)(5000 + round * 2311 % 40000));
        kill(pid, SIGKILL);
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        OK(gh_ledger_open(f->path, &f->l, err));
        chain_holds(f);
        OK(gh_ledger_recover(f->l, NULL, NULL, err));
        /* half-way ones can be finished: claimed once each, none running, none lost */
        struct gh_claim c;
        struct gh_err e;
        while (gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e) == 1) {
            size_t wanted = c.n_wanted ? c.n_wanted : 2; /* none planned yet: both */
            f->next = (unsigned)(1000 * (round + 1) + 900);
            plan(f, &c, two, 2);
            struct gh_item item;
            OK(gh_ledger_get(f->l, c.submission, &item, err));
            for (size_t i = 0; i < item.n_renditions; i++)
                if (item.renditions[i].state == GH_REN_RUNNING) {
                    stage(f, &c, item.renditions[i].placement);
                    wanted--;
                }
            assert_int_equal(wanted, 0);
            gh_item_free(&item);
            OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
            assert_string_equal(sub_state(f, c.submission), "staged");
            gh_claim_free(&c);
        }
        gh_ledger_close(&f->l);
    }
    OK(gh_ledger_open(f->path, &f->l, err));
}

static bool count_items(const struct gh_item *item, void *arg)
{
    (void)item;
    ++*(unsigned *)arg;
    return true;
}

static void lists_and_counts(void **state)
{
    struct fix *f = *state;
    int64_t a = staged(f, "a.jpg");
    staged(f, "b.jpg");
    drop(f, "parks", "c.jpg", 1, GH_PHOTO, NULL);
    OK(decide(f, GH_HOLD, a, "x.photo", NULL, err));
    static const struct {
        struct gh_list_filter filter;
        unsigned want;
    } rows[] = {
        {{0}, 3}, {{.department = "roads"}, 2}, {{.state = "staged"}, 2}, {{.state = "held"}, 1}, {{.state = "received"}, 1},
        {{.state = "staged", .department = "parks"}, 0}, {{.after = 1}, 2}, {{.limit = 1}, 1},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        unsigned n = 0;
        OK(gh_ledger_list(f->l, &rows[i].filter, count_items, &n, err));
        assert_int_equal(n, rows[i].want);
    }
    struct gh_list_filter odd = {.state = "nonsense"};
    unsigned n = 0;
    REFUSED(GH_USAGE, gh_ledger_list(f->l, &odd, count_items, &n, err));
    struct gh_counts c;
    OK(gh_ledger_counts(f->l, 0, &c, err));
    assert_int_equal(c.submissions[GH_SUB_STAGED], 2);
    assert_int_equal(c.renditions[GH_REN_HELD], 1);
    assert_int_equal(c.files_due, 1);
    assert_int_equal(c.staged_today, 2);
    assert_true(c.drop_to_staged_ms > 0);
    assert_int_equal(c.approved_to_collected_ms, -1);
    char *value = NULL;
    OK(gh_ledger_setting(f->l, "quiet:roads", &value, err));
    assert_null(value);
    OK(gh_ledger_set_setting(f->l, "quiet:roads", "5000", err));
    OK(gh_ledger_set_setting(f->l, "quiet:roads", "6000", err));
    OK(gh_ledger_setting(f->l, "quiet:roads", &value, err));
    assert_string_equal(value, "6000");
    free(value);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(whole_way_with_times),
        T(staged_only_when_every_file_is_over),
        T(nothing_made_is_quarantined_with_the_reason),
        T(two_strikes_quarantine),
        T(interruptions_are_no_strikes_until_twenty),
        T(disk_full_counts_nothing_and_waits),
        T(claims_take_turns_and_are_never_given_twice),
        T(media_mask_keeps_videos_out),
        T(a_stale_token_changes_nothing),
        T(an_expired_lease_is_taken_back),
        T(approval_names_what_was_seen),
        T(a_new_caption_after_publication_needs_approval),
        T(hold_release_reject_withdraw),
        T(every_verdict_on_every_state),
        T(withdrawn_while_publishing_stays_withdrawn),
        T(rerender_while_running_is_not_lost),
        T(recall_before_and_after_approval),
        T(the_same_bytes_are_found),
        T(duplicates_and_interrupted_intakes),
        T(names_are_bytes),
        T(arriving_and_late_files),
        T(quarantine_on_arrival),
        T(batches_commit_whole_and_undo_single_failures),
        T(touched_is_told_once_after_the_commit),
        T(tampering_is_found),
        T(refuses_what_is_not_its_ledger),
        T(a_damaged_page_is_refused),
        T(read_only_refuses_changes),
        T(kill_at_any_time_leaves_a_consistent_ledger),
        T(lists_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
