/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: decisions. Every verdict on every state, approvals that name what was seen,
 * publication, recall. */
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
    assert_int_equal(item.sub.manifest, item.sub.manifest_done);
    gh_item_free(&item);
    assert_int_equal(let_out(f, id), 1);
    OK(gh_ledger_get(f->l, id, &item, err));
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

/* Every verdict against every state: taken exactly where the contract says, and a refusal changes
 * nothing. */
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
        {GH_WITHDRAW, " approved publishing published collected ", "withdrawn"},
        {GH_COLLECT, " published ", "collected"},
        {GH_RETRY, " failed ", "due"},
        {GH_RERENDER, " staged held rejected ", "due"},
    };
    static const char *const already[GH_VERDICTS] = {
        [GH_APPROVE] = " approved publishing published collected ",
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
    let_out(f, id);
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

static int look(struct fix *f, int64_t id, char ret_handle[GH_HANDLE])
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err e = {0};
    OK(gh_ledger_get(f->l, id, &item, err));
    return gh_ledger_see(f->l, NULL, &item, ret_handle, &e);
}

static int approve(struct fix *f, int64_t id, const char *handle, const char *placement,
                   struct gh_err *why)
{
    struct gh_decision_req req = {.verdict = GH_APPROVE,
                                  .submission = id,
                                  .placements = &placement,
                                  .n_placements = placement ? 1 : 0,
                                  .seen = handle};
    return gh_ledger_decide(f->l, NULL, &req, NULL, why);
}

/* Refused, and it says what is different. */
static void refused_for(struct fix *f, int64_t id, const char *handle, const char *what)
{
    struct gh_err e = {0};
    assert_int_equal(approve(f, id, handle, NULL, &e), -GH_LIMIT);
    if (!strstr(e.msg, what))
        fail_msg("\"%s\" does not say \"%s\"", e.msg, what);
}

static void the_same_set_has_the_same_handle(void **state)
{
    struct fix *f = *state;
    char one[GH_HANDLE], again[GH_HANDLE], other[GH_HANDLE];
    int64_t id = drop(f, "roads", "early.jpg", 1, GH_PHOTO, NULL);
    assert_int_equal(look(f, id, one), 0); /* nothing is made of it */
    struct gh_claim c = claim(f);
    gh_claim_free(&c);
    id = staged(f, "a.jpg");
    assert_int_equal(look(f, id, one), 1);
    assert_int_equal(look(f, id, again), 1);
    assert_string_equal(one, again);
    assert_int_equal(strspn(one, "0123456789abcdef"), 6);
    OK(gh_ledger_set_caption(f->l, NULL, id, "other words", err));
    assert_int_equal(look(f, id, other), 1);
    assert_string_not_equal(one, other);
    OK(gh_ledger_set_caption(f->l, NULL, id, NULL, err));
    assert_int_equal(look(f, id, again), 1);
    assert_string_equal(one, again);
    reopen(f);
    OK(approve(f, id, one, NULL, err)); /* after a restart, too */
    struct gh_err e;
    int64_t b = staged(f, "b.jpg");
    assert_int_equal(approve(f, b, one, NULL, &e), -GH_LIMIT); /* it belongs to its submission */
    chain_holds(f);
}

static void only_what_it_is_about_voids_a_decision(void **state)
{
    struct fix *f = *state;
    char seen[GH_HANDLE];
    int64_t id = drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    plan(f, &c, two, 2);
    stage(f, &c, "fb.photo");
    assert_int_equal(look(f, id, seen), 1);
    stage(f, &c, "x.photo"); /* another output that becomes ready … */
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    OK(gh_ledger_set_caption_of(f->l, NULL, id, "x.photo", "short", err)); /* … and its caption */
    struct gh_err e;
    assert_int_equal(approve(f, id, seen, "x.photo", &e), -GH_LIMIT); /* that was not shown */
    OK(approve(f, id, seen, NULL, err));
    assert_string_equal(ren_state(f, id, "fb.photo"), "approved");
    assert_string_equal(ren_state(f, id, "x.photo"), "staged");
    gh_claim_free(&c);
}

static void a_refusal_says_what_changed(void **state)
{
    struct fix *f = *state;
    char seen[GH_HANDLE];
    int64_t id = staged(f, "a.jpg");
    refused_for(f, id, "ffffff", "nothing was shown");
    look(f, id, seen);
    OK(gh_ledger_set_caption_of(f->l, NULL, id, "x.photo", "short", err));
    refused_for(f, id, seen, "the caption for x.photo");
    OK(approve(f, id, seen, "fb.photo", err)); /* of which nothing changed */
    look(f, id, seen);
    OK(gh_ledger_set_alt(f->l, NULL, id, 1, "a bridge", err));
    refused_for(f, id, seen, "the alt text of file 1");
    look(f, id, seen);
    OK(decide(f, GH_HOLD, id, "x.photo", NULL, err));
    refused_for(f, id, seen, "a.jpg for x.photo is held now");
    look(f, id, seen);
    OK(decide(f, GH_REJECT, id, "x.photo", "no", err));
    refused_for(f, id, seen, "a.jpg for x.photo is rejected now");
    OK(decide(f, GH_RERENDER, id, "x.photo", NULL, err));
    struct gh_claim c = claim(f);
    plan(f, &c, two + 1, 1);
    stage(f, &c, "x.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    gh_claim_free(&c);
    refused_for(f, id, seen, "a.jpg for x.photo was made again");
    struct gh_decision_req req = {
        .verdict = GH_REJECT, .submission = id, .seen = seen, .reason = "no"};
    REFUSED(GH_LIMIT, gh_ledger_decide(f->l, NULL, &req, NULL, err)); /* other verdicts, too */
    assert_string_equal(ren_state(f, id, "x.photo"), "staged");
}

static void files_are_chosen_by_their_number(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "a.jpg", 3, GH_PHOTO, NULL);
    for (int i = 0; i < 3; i++) {
        struct gh_claim c = claim(f);
        plan(f, &c, two, 2);
        stage(f, &c, "fb.photo");
        stage(f, &c, "x.photo");
        OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
        gh_claim_free(&c);
    }
    unsigned files[] = {2}, none[] = {4}, changed;
    struct gh_decision_req req = {.verdict = GH_APPROVE,
                                  .submission = id,
                                  .placements = two,
                                  .n_placements = 1,
                                  .files = files,
                                  .n_files = 1,
                                  .whatever = true};
    OK(gh_ledger_decide(f->l, NULL, &req, &changed, err));
    assert_int_equal(changed, 1);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(f->l, id, &item, err));
    for (size_t i = 0; i < item.n_renditions; i++) {
        const struct gh_rendition *r = &item.renditions[i];
        bool it = gh_file_number(&item, r->file) == 2 && !strcmp(r->placement, "fb.photo");
        assert_string_equal(gh_ren_state_name(r->state), it ? "approved" : "staged");
        assert_int_equal(r->decision > 0, it);
    }
    req.files = none;
    REFUSED(GH_LIMIT, gh_ledger_decide(f->l, NULL, &req, NULL, err));
    REFUSED(GH_LIMIT, gh_ledger_set_alt(f->l, NULL, id, 4, "x", err));
    REFUSED(GH_LIMIT, gh_ledger_set_alt(f->l, NULL, id, 0, "x", err));
}

/* What was shown long ago is forgotten; what was shown last is not. */
static void old_sets_are_forgotten(void **state)
{
    struct fix *f = *state;
    char first[GH_HANDLE], last[GH_HANDLE];
    int64_t id = staged(f, "a.jpg");
    look(f, id, first);
    for (int i = 0; i < 60; i++) {
        GH_AUTO_FREE char *caption = gh_asprintf("caption %d", i);
        OK(gh_ledger_set_caption(f->l, NULL, id, caption, err));
        look(f, id, last);
    }
    refused_for(f, id, first, "too long ago");
    OK(approve(f, id, last, NULL, err));
}

static void undo_takes_back_what_nobody_saw(void **state)
{
    struct fix *f = *state;
    unsigned n = 0;
    int64_t id = staged(f, "a.jpg");
    REFUSED(GH_LIMIT, gh_ledger_undo(f->l, NULL, id, &n, err)); /* nothing was approved */
    OK(decide(f, GH_HOLD, id, "x.photo", NULL, err));
    OK(decide(f, GH_APPROVE, id, "fb.photo", NULL, err));
    OK(decide(f, GH_APPROVE, id, "x.photo", NULL, err));
    assert_string_equal(sub_state(f, id), "decided");
    reopen(f); /* it waits over a restart, too */
    OK(gh_ledger_undo(f->l, NULL, id, &n, err));
    assert_int_equal(n, 2);
    assert_string_equal(ren_state(f, id, "fb.photo"), "staged");
    assert_string_equal(ren_state(f, id, "x.photo"), "staged");
    assert_string_equal(sub_state(f, id), "staged");
    struct gh_item item;
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.renditions[0].decision, 0);
    assert_int_equal(item.sub.approved_ms, 0);
    assert_string_equal(item.sub.outbox_day, "");
    assert_int_equal(item.sub.manifest, 0);
    gh_item_free(&item);
    /* the decisions are void: they can never go out */
    for (int64_t decision = 1; decision < 4; decision++)
        REFUSED(GH_LIMIT, gh_ledger_publishing(f->l, NULL, id, decision, err));
    REFUSED(GH_LIMIT, gh_ledger_undo(f->l, NULL, id, &n, err));
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    assert_int_equal(let_out(f, id), 1);
    assert_string_equal(ren_state(f, id, "x.photo"), "publishing");
    REFUSED(GH_LIMIT, gh_ledger_undo(f->l, NULL, id, &n, err)); /* too late */
    assert_string_equal(ren_state(f, id, "x.photo"), "publishing");
    chain_holds(f);
}

static bool count_reason(const struct gh_audit_row *row, void *arg)
{
    *(unsigned *)arg += strstr(row->detail, "Not for the public") != NULL;
    return true;
}

/* A rejection that something else overtook before anybody was told of it is never told. */
static void what_is_overtaken_before_it_is_told_is_void(void **state)
{
    struct fix *f = *state;
    const struct gh_who rina = {.actor = "user:rina (approver) by desk"};
    static const enum gh_verdict over[] = {GH_APPROVE, GH_RERENDER};
    for (size_t i = 0; i < GH_LEN(over); i++) {
        int64_t id = staged(f, i ? "b.jpg" : "a.jpg");
        unsigned told = 0;
        const struct gh_decision_req reject = {.verdict = GH_REJECT,
                                               .submission = id,
                                               .reason = "Not for the public",
                                               .undo_ms = 60000};
        const struct gh_decision_req hold = {
            .verdict = GH_HOLD, .submission = id, .reason = "Not for the public", .undo_ms = 60000};
        OK(gh_ledger_decide(f->l, &rina, over[i] == GH_APPROVE ? &hold : &reject, NULL, err));
        OK(gh_ledger_log_outside(f->l, id, 0, 100, count_reason, &told, err));
        assert_int_equal(told, 0);
        OK(decide(f, over[i], id, NULL, NULL, err));
        OK(gh_ledger_log_outside(f->l, id, 0, 100, count_reason, &told, err));
        assert_int_equal(told, 0);
        OK(gh_ledger_log(f->l, id, 0, 100, count_reason, &told, err)); /* inside it is there */
        assert_true(told > 0);
    }
    chain_holds(f);
}

/* What is out keeps its words until the approval of others goes out. */
static void undo_of_new_words(void **state)
{
    struct fix *f = *state;
    unsigned n = 0;
    struct gh_item item;
    int64_t id = staged(f, "a.jpg");
    OK(gh_ledger_set_caption(f->l, NULL, id, "one", err));
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    publish(f, id);
    OK(gh_ledger_set_caption(f->l, NULL, id, "two", err));
    for (int undo = 1; undo >= 0; undo--) {
        OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
        OK(gh_ledger_get(f->l, id, &item, err));
        assert_string_equal(item.renditions[0].approved_caption, "two");
        assert_string_equal(item.renditions[0].out_caption, "one");
        assert_int_equal(item.sub.manifest, item.sub.manifest_done);
        gh_item_free(&item);
        if (undo)
            OK(gh_ledger_undo(f->l, NULL, id, &n, err));
        else
            publish(f, id);
        OK(gh_ledger_get(f->l, id, &item, err));
        assert_string_equal(item.renditions[0].approved_caption, undo ? "one" : "two");
        assert_string_equal(item.renditions[0].out_caption, undo ? "one" : "two");
        assert_string_equal(item.sub.approved_caption, undo ? "one" : "two");
        assert_string_equal(gh_ren_state_name(item.renditions[0].state), "published");
        gh_item_free(&item);
    }
}

/* The old one stays out when nothing of the new one went out. */
static void a_correction_that_was_withdrawn_replaces_nothing(void **state)
{
    struct fix *f = *state;
    struct gh_item item;
    int64_t old = staged(f, "old.jpg"), id = staged(f, "new.jpg");
    OK(decide(f, GH_APPROVE, old, NULL, NULL, err));
    publish(f, old);
    OK(gh_ledger_replaces(f->l, NULL, id, old, err));
    OK(decide(f, GH_APPROVE, id, "x.photo", NULL, err));
    OK(decide(f, GH_WITHDRAW, id, "x.photo", "no", err));
    publish(f, id);
    assert_string_equal(ren_state(f, old, "x.photo"), "published");
    OK(decide(f, GH_APPROVE, id, "fb.photo", NULL, err));
    publish(f, id);
    assert_string_equal(ren_state(f, old, "x.photo"), "withdrawn");
    OK(gh_ledger_get(f->l, old, &item, err));
    assert_int_equal(item.sub.replaced_by, id);
    gh_item_free(&item);
}

/* Its time belongs to the decision that was undone, not to the item. */
static void what_was_undone_was_not_decided(void **state)
{
    struct fix *f = *state;
    struct gh_item item;
    unsigned n;
    int64_t id = staged(f, "a.jpg");
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    OK(gh_ledger_undo(f->l, NULL, id, &n, err));
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.decided_ms, 0);
    assert_int_equal(item.sub.approved_ms, 0);
    gh_item_free(&item);
    chain_holds(f);
}

static void withdrawn_before_it_went_out_leaves_no_trace(void **state)
{
    struct fix *f = *state;
    struct gh_item item;
    int64_t id = staged(f, "a.jpg");
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    OK(decide(f, GH_WITHDRAW, id, "x.photo", "no", err));
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.manifest, 0);
    gh_item_free(&item);
    publish(f, id);
    assert_string_equal(ren_state(f, id, "x.photo"), "withdrawn");
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_true(item.renditions[0].publishing_ms > 0);
    assert_int_equal(item.renditions[1].publishing_ms, 0);
    gh_item_free(&item);
    id = staged(f, "b.jpg"); /* all of it: not even a folder */
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    OK(decide(f, GH_WITHDRAW, id, NULL, "no", err));
    assert_int_equal(let_out(f, id), 1);
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.manifest, 0);
    assert_string_equal(item.sub.outbox_day, "");
    gh_item_free(&item);
}

static void nothing_goes_out_of_a_frozen_ledger(void **state)
{
    struct fix *f = *state;
    struct gh_frozen is = {0};
    unsigned n = 0;
    struct gh_who who = {.actor = "uid:7", .now_ms = 5000};
    int64_t id = staged(f, "a.jpg");
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    REFUSED(GH_LIMIT, gh_ledger_thaw(f->l, &who, err));
    REFUSED(GH_LIMIT, gh_ledger_freeze(f->l, &who, "", err));
    OK(gh_ledger_freeze(f->l, &who, "flood:\nall hands", err));
    REFUSED(GH_LIMIT, gh_ledger_freeze(f->l, &who, "again", err));
    reopen(f); /* a restart does not end it */
    struct gh_err e;
    assert_int_equal(gh_ledger_frozen(f->l, &is, &e), 1);
    assert_int_equal(is.since_ms, 5000);
    assert_string_equal(is.by, "uid:7");
    assert_string_equal(is.reason, "flood:\nall hands");
    assert_int_equal(let_out(f, id), 0);
    assert_string_equal(ren_state(f, id, "fb.photo"), "approved");
    OK(gh_ledger_undo(f->l, NULL, id, &n, err)); /* that may be undone */
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    OK(gh_ledger_thaw(f->l, &who, err));
    assert_int_equal(gh_ledger_frozen(f->l, &is, &e), 0);
    assert_int_equal(let_out(f, id), 1);
    chain_holds(f);
}

static void recall_before_and_after_approval(void **state)
{
    struct fix *f = *state;
    int64_t early = drop(f, "roads", "early.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    OK(gh_ledger_cancel(f->l, NULL, early, err));
    assert_string_equal(sub_state(f, early), "quarantined");
    REFUSED(GH_AGAIN, gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0,
                                            NULL, err));
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
        T(a_correction_that_was_withdrawn_replaces_nothing),
        T(what_was_undone_was_not_decided),
        T(rerender_while_running_is_not_lost),
        T(the_same_set_has_the_same_handle),
        T(only_what_it_is_about_voids_a_decision),
        T(a_refusal_says_what_changed),
        T(files_are_chosen_by_their_number),
        T(old_sets_are_forgotten),
        T(undo_takes_back_what_nobody_saw),
        T(what_is_overtaken_before_it_is_told_is_void),
        T(undo_of_new_words),
        T(withdrawn_before_it_went_out_leaves_no_trace),
        T(nothing_goes_out_of_a_frozen_ledger),
        T(recall_before_and_after_approval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
