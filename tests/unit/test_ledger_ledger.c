/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: the whole way of a submission, strikes, claims, what comes in. */
#include "tests/unit/ledger_fix.h"

/* -------------------------------------------------------------------------------------- the way */

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
    assert_true(item.sub.received_ms && item.sub.staged_ms && item.sub.approved_ms &&
                item.sub.decided_ms && item.sub.delivered_ms);
    assert_int_equal(item.sub.manifest, item.sub.manifest_done);
    char day[32];
    gh_time_day(item.sub.approved_ms, day, sizeof(day));
    assert_string_equal(item.sub.outbox_day, day);
    for (size_t i = 0; i < item.n_renditions; i++)
        assert_true(item.renditions[i].staged_ms && item.renditions[i].approved_ms &&
                    item.renditions[i].published_ms && item.renditions[i].collected_ms);
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
    OK(gh_ledger_attempt_end(f->l, NULL, b.file, b.token, GH_ATTEMPT_REFUSED, "damaged", 0, NULL,
                             err));
    assert_string_equal(sub_state(f, id), "decided");
    chain_holds(f);
}

static void nothing_made_is_quarantined_with_the_reason(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "cut.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    bool bad = false;
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_REFUSED,
                             "the photo is cut off", 0, &bad, err));
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

/* -------------------------------------------------------------------------------------- strikes */

static void two_strikes_quarantine(void **state)
{
    struct fix *f = *state;
    int64_t id = drop(f, "roads", "bomb.jpg", 1, GH_PHOTO, NULL);
    for (int i = 0; i < 2; i++) {
        struct gh_claim c = claim(f);
        bool bad = false;
        assert_int_equal(c.attempt, i + 1);
        plan(f, &c, two, 2);
        OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_CRASHED,
                                 "killed by signal 11", 0, &bad, err));
        assert_int_equal(bad, i == 1);
        gh_claim_free(&c);
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
            OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_INTERRUPTED,
                                     "stopping", 0, NULL, err));
        }
        assert_string_equal(sub_state(f, id),
                            i < GH_LEDGER_INTERRUPTIONS ? "rendering" : "quarantined");
    }
    chain_holds(f);
}

static void disk_full_counts_nothing_and_waits(void **state)
{
    struct fix *f = *state;
    struct gh_who late = {.actor = "ghatd", .now_ms = 50000},
                  later = {.actor = "ghatd", .now_ms = 60000};
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    struct gh_claim c = claim(f);
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_AGAIN, "disk full", 60000,
                             NULL, err));
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

/* --------------------------------------------------------------------------------------- claims */

static void claims_take_turns_and_are_never_given_twice(void **state)
{
    struct fix *f = *state;
    int64_t video = drop(f, "water", "clip.mp4", 1, GH_VIDEO, NULL);
    int64_t roads1 = drop(f, "roads", "1.jpg", 1, GH_PHOTO, NULL);
    int64_t roads2 = drop(f, "roads", "2.jpg", 1, GH_PHOTO, NULL);
    int64_t parks = drop(f, "parks", "3.jpg", 1, GH_MEDIA_NONE, NULL);
    int64_t urgent = drop(f, "roads", "4.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_set_urgent(f->l, NULL, urgent, true, err));
    /* urgent first; the other photos by department, the one just served last; the video last of all
     */
    const int64_t want[] = {urgent, parks, roads1, roads2, video};
    for (size_t i = 0; i < GH_LEN(want); i++) {
        struct gh_claim c = claim(f);
        assert_int_equal(c.submission, want[i]);
    }
    struct gh_claim c;
    struct gh_err e;
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 0);
}

static int64_t drop_urgent(struct fix *f, const char *department, const char *name)
{
    int64_t id;
    struct gh_new_file file = {
        .name = name, .name_len = strlen(name), .size = 1000, .role = GH_FILE_MEDIA, .guess = 1};
    sha_of(++f->next, file.sha256);
    struct gh_new_sub sub = {.department = department,
                             .name = name,
                             .name_len = strlen(name),
                             .kind = GH_KIND_FILE,
                             .state = GH_SUB_RECEIVED,
                             .dropped_ms = 1000,
                             .urgent = true,
                             .files = &file,
                             .n_files = 1};
    OK(gh_ledger_add(f->l, NULL, &sub, &id, NULL, err));
    return id;
}

/* What a department calls urgent by its name goes first when it is its turn, and makes nobody wait
 * for a second one. */
static void urgent_names_do_not_take_others_turns(void **state)
{
    struct fix *f = *state;
    int64_t loud[6], quiet[3], plain;
    plain = drop(f, "loud", "plain.jpg", 1, GH_PHOTO, NULL);
    for (size_t i = 0; i < GH_LEN(loud); i++) {
        GH_AUTO_FREE char *name = gh_asprintf("!%zu.jpg", i);
        loud[i] = drop_urgent(f, "loud", name);
    }
    static const char *const others[] = {"a", "b", "c"};
    for (size_t i = 0; i < GH_LEN(quiet); i++)
        quiet[i] = drop(f, others[i], "1.jpg", 1, GH_PHOTO, NULL);
    int64_t second = drop(f, "a", "2.jpg", 1, GH_PHOTO, NULL);
    int64_t decreed = drop(f, "c", "2.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_set_urgent(f->l, NULL, decreed, true, err));
    const int64_t want[] = {decreed, loud[0], quiet[0], quiet[1], quiet[2], loud[1],
                            second,  loud[2], loud[3],  loud[4],  loud[5],  plain};
    for (size_t i = 0; i < GH_LEN(want); i++) {
        struct gh_claim c = claim(f);
        assert_int_equal(c.submission, want[i]);
    }
}

static void media_mask_keeps_videos_out(void **state)
{
    struct fix *f = *state;
    struct gh_claim c;
    struct gh_err e;
    drop(f, "water", "clip.mp4", 1, GH_VIDEO, NULL);
    assert_int_equal(
        gh_ledger_claim(f->l, NULL, 1u << GH_PHOTO | 1u << GH_MEDIA_NONE, 0, &c, NULL, &e), 0);
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
    assert_int_equal(
        gh_ledger_attempt_end(f->l, NULL, old.file, old.token, GH_ATTEMPT_DONE, NULL, 0, NULL, &e),
        -GH_AGAIN);
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

/* --------------------------------------------------------------------------------------- intake */

static void the_same_bytes_are_found(void **state)
{
    struct fix *f = *state;
    int64_t file;
    int64_t id = drop(f, "roads", "a.jpg", 1, GH_PHOTO, &file);
    char sha[GH_SHA_HEX];
    sha_of(f->next, sha);
    struct gh_match m;
    struct gh_err e;
    assert_int_equal(gh_ledger_find_bytes(f->l, "parks", NULL, sha, "a.jpg", 5, &m, &e), 0);
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", NULL, sha, "a.jpg", 5, &m, &e), 1);
    assert_true(m.submission == id && m.file == file && m.source == GH_SOURCE_PRESENT &&
                m.same_name && !m.resendable);
    OK(gh_ledger_source_taken(f->l, NULL, file, "1-abc", err));
    OK(gh_ledger_source_taken(f->l, NULL, file, "1-abc", err));
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", NULL, sha, "b.jpg", 5, &m, &e), 1);
    assert_true(m.source == GH_SOURCE_TAKEN && !m.same_name && !m.resendable);
    struct gh_claim c = claim(f);
    plan(f, &c, two, 1);
    stage(f, &c, "fb.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    OK(decide(f, GH_REJECT, id, NULL, "blurred", err));
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", NULL, sha, "b.jpg", 5, &m, &e), 1);
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
    struct gh_new_file file = {
        .name = "b.jpg", .name_len = 5, .size = 1000, .role = GH_FILE_MEDIA, .guess = GH_PHOTO};
    sha_of(f->next, file.sha256);
    struct gh_new_sub dup = {.department = "roads",
                             .name = "b.jpg",
                             .name_len = 5,
                             .state = GH_SUB_DUPLICATE,
                             .duplicate_of = first,
                             .dropped_ms = 2000,
                             .files = &file,
                             .n_files = 1};
    OK(gh_ledger_add(f->l, NULL, &dup, &second, NULL, err));
    assert_string_equal(sub_state(f, second), "duplicate");
    struct gh_match m;
    struct gh_err e;
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", NULL, file.sha256, "b.jpg", 5, &m, &e), 1);
    assert_int_equal(m.submission, second); /* its intake is to be resumed */
    struct gh_claim c = claim(f);
    assert_int_equal(c.submission, first);
    /* a duplicate is not worked on */
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 0);
    f->next = 0;
    OK(gh_ledger_each_present(f->l, count_present, f, err));
    assert_int_equal(f->next, 2);
    f->next = 0;
    OK(gh_ledger_each_present(f->l, count_present, f, err));
    assert_int_equal(f->next, 0);
    assert_int_equal(gh_ledger_find_bytes(f->l, "roads", NULL, file.sha256, "b.jpg", 5, &m, &e), 1);
    assert_int_equal(m.submission, first);
}

static void names_are_bytes(void **state)
{
    struct fix *f = *state;
    static const char odd[] = "a\nb\xff\0\xe0\xa6\x95.jpg";
    struct gh_new_file file = {
        .name = odd, .name_len = sizeof(odd) - 1, .size = 1, .role = GH_FILE_MEDIA};
    sha_of(1, file.sha256);
    struct gh_new_sub sub = {.department = "roads",
                             .name = odd,
                             .name_len = sizeof(odd) - 1,
                             .state = GH_SUB_RECEIVED,
                             .files = &file,
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

static void late_files(void **state)
{
    struct fix *f = *state;
    struct gh_new_file file = {
        .name = "1.jpg", .name_len = 5, .size = 1, .role = GH_FILE_MEDIA, .guess = GH_PHOTO};
    int64_t fid, id = drop(f, "roads", "folder", 1, GH_PHOTO, NULL);
    struct gh_claim c;
    c = claim(f);
    plan(f, &c, two, 2);
    stage(f, &c, "fb.photo");
    stage(f, &c, "x.photo");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
    OK(decide(f, GH_APPROVE, id, NULL, NULL, err));
    sha_of(++f->next, file.sha256);
    /* a new revision; what was approved stays approved */
    OK(gh_ledger_add_files(f->l, NULL, id, &file, 1, &fid, err));
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
    struct gh_new_file file = {.name = "empty.jpg", .name_len = 9, .role = GH_FILE_MEDIA};
    struct gh_new_sub sub = {.department = "roads",
                             .name = "empty.jpg",
                             .name_len = 9,
                             .state = GH_SUB_QUARANTINED,
                             .reason = "empty",
                             .files = &file,
                             .n_files = 1};
    int64_t id;
    OK(gh_ledger_add(f->l, NULL, &sub, &id, NULL, err));
    /* there are no bytes to try again */
    REFUSED(GH_LIMIT, decide(f, GH_RETRY, id, NULL, NULL, err));
    assert_string_equal(sub_state(f, id), "quarantined");
    int64_t other = drop(f, "roads", "b.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_cancel(f->l, NULL, other, err));
    assert_string_equal(sub_state(f, other), "quarantined");
    OK(decide(f, GH_RETRY, other, NULL, NULL, err));
    assert_string_equal(sub_state(f, other), "received");
    struct gh_claim c = claim(f);
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_REFUSED, "damaged", 0, NULL,
                             err));
    sub.state = GH_SUB_STAGED;
    REFUSED(GH_BUG, gh_ledger_add(f->l, NULL, &sub, &id, NULL, err));
}

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
        T(urgent_names_do_not_take_others_turns),
        T(media_mask_keeps_videos_out),
        T(a_stale_token_changes_nothing),
        T(an_expired_lease_is_taken_back),
        T(the_same_bytes_are_found),
        T(duplicates_and_interrupted_intakes),
        T(names_are_bytes),
        T(late_files),
        T(quarantine_on_arrival),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
