/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: decisions. Every verdict on every state, approvals that name what was seen, publication, recall. */
#include "tests/unit/ledger_fix.h"

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
    static const char *const already[GH_VERDICTS] = {[GH_APPROVE] = " approved published collected ",
                                                     [GH_HOLD] = " held ",
                                                     [GH_RELEASE] = " staged ",
                                                     [GH_REJECT] = " rejected ",
                                                     [GH_WITHDRAW] = " withdrawn ",
                                                     [GH_COLLECT] = " collected ",
                                                     [GH_RETRY] = " due running ",
                                                     [GH_RERENDER] = " due running "};
    sqlite3 *raw;
    int64_t id = staged(f, "a.jpg");
    assert_int_equal(sqlite3_open(f->path, &raw), SQLITE_OK);
    for (size_t i = 0; i < GH_LEN(table); i++)
        for (unsigned s = 0; s < GH_REN_STATES_N; s++) {
            const char *name = gh_ren_state_name(s);
            GH_AUTO_FREE char *force =
                gh_asprintf("UPDATE rendition SET state = '%s' WHERE placement = 'fb.photo';"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(approval_names_what_was_seen),
        T(a_new_caption_after_publication_needs_approval),
        T(hold_release_reject_withdraw),
        T(every_verdict_on_every_state),
        T(withdrawn_while_publishing_stays_withdrawn),
        T(rerender_while_running_is_not_lost),
        T(recall_before_and_after_approval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
