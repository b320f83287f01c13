/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Retention with the clock as a parameter: what is undecided is never deleted, what is over goes
 * with an event, a crash half-way is finished, the inspection agrees all the way.
 */
#include "tests/unit/clock_shift.h"
#include "tests/unit/house.h"

#include "daemon/ledger/db.h"
#include "daemon/publish/outbox.h"
#include "daemon/store/stage.h"
#include "daemon/upkeep/clock_trust.h"
#include "daemon/upkeep/retention.h"
#include "daemon/verify/inspect.h"

#include <jansson.h>
#include <string.h>

#define DAY (24ll * 3600 * 1000)
/* An hour more, since the two clocks are read one after the other. */
#define YEARS (3650 * DAY + 3600000)

static void keep_all_for(struct house *h, uint64_t ms)
{
    h->d.settings.conf.keep_originals_ms = h->d.settings.conf.keep_staging_ms =
        h->d.settings.conf.keep_outbox_ms = ms;
    h->d.settings.conf.keep_quarantine_ms = ms;
}

/* A whole round. */
static unsigned retention_round(struct house *h, int64_t now_ms)
{
    struct gh_sweep_parts parts = house_sweep(h);
    struct gh_retention round = {0};
    while (gh_retention_step(&parts, &round, now_ms))
        assert_true(round.gone < 1000);
    return round.gone;
}

static void retention_recover(struct house *h)
{
    struct gh_sweep_parts parts = house_sweep(h);
    gh_retention_recover(&parts);
}

static bool sweep_spooled(struct house *h, const char *name, int64_t now_ms)
{
    struct gh_sweep_parts parts = house_sweep(h);
    return gh_sweep_spooled(&parts, name, now_ms);
}

static unsigned retire_at(struct house *h, int64_t ms_from_now)
{
    return retention_round(h, gh_now_ms() + ms_from_now);
}

static bool there(int dir, const char *path)
{
    return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void complain(const char *line, void *arg)
{
    (void)arg;
    print_error("%s\n", line);
}

static void in_order(struct house *h)
{
    struct gh_err err = {0};
    struct gh_inspection sum;
    struct gh_inspect_opts opts = {.now_ms = gh_now_ms() + YEARS};
    OK(gh_inspect(h->d.ledger, &h->d.settings.conf, &opts, complain, NULL, &sum, &err));
    assert_int_equal(sum.problems, 0);
}

static bool count_retired(const struct gh_audit_row *row, void *arg)
{
    *(unsigned *)arg += gh_streq(row->action, "retired");
    return true;
}

static unsigned events(struct house *h, int64_t id)
{
    struct gh_err err = {0};
    unsigned n = 0;
    OK(gh_ledger_log(h->d.ledger, id, 0, 1000, count_retired, &n, &err));
    return n;
}

/* One output of the submission's only file: rendered, laid into staging/ and archive/. */
static void render(struct house *h, int64_t id)
{
    struct gh_err err = {0};
    GH_AUTO(gh_claim_free) struct gh_claim c = {0};
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    char stage[64], folder[64], sha[GH_SHA_HEX], text[32];
    assert_int_equal(gh_ledger_claim(h->d.ledger, NULL, 1u << GH_PHOTO, 0, &c, NULL, &err), 1);
    assert_int_equal(c.submission, id);
    struct gh_plan_row row = {.placement = "fb.photo",
                              .part = 1,
                              .parts = 1,
                              .how = "encode",
                              .profile = "p",
                              .recipe = "r"};
    OK(gh_ledger_plan(h->d.ledger, NULL, c.file, c.token, &row, 1, &err));
    snprintf(text, sizeof(text), "output of %" PRId64, id);
    snprintf(folder, sizeof(folder), "%" PRId64 "/fb.photo", id);
    snprintf(stage, sizeof(stage), "%s/a.jpg", folder);
    OK(gh_stage_dirs(h->d.dirs.staging, folder, 0750, &err));
    OK(gh_write_file(h->d.dirs.staging, stage, text, strlen(text), 0640, &err));
    gh_hash_mem(text, strlen(text), sha);
    struct gh_staged out = {.placement = "fb.photo",
                            .part = 1,
                            .sha256 = sha,
                            .bytes = strlen(text),
                            .w = 1,
                            .h = 1,
                            .checks_json = "[]",
                            .stage = stage};
    OK(gh_ledger_staged(h->d.ledger, NULL, c.file, c.token, &out, &err));
    OK(gh_ledger_attempt_end(h->d.ledger, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL,
                             &err));
    OK(gh_ledger_get(h->d.ledger, id, &item, &err));
    gh_stage_archive_folder(id, item.sub.dropped_ms, folder, sizeof(folder));
    OK(gh_stage_keep(h->d.dirs.spool, c.sha256, h->d.dirs.archive, folder, "a.jpg", 5, c.file,
                     &err));
}

static void decide(struct house *h, enum gh_verdict verdict, int64_t id)
{
    struct gh_err err = {0};
    char hash[GH_SHA_HEX];
    struct gh_decision_req req = {
        .verdict = verdict, .submission = id, .set_hash = hash, .reason = "because"};
    OK(gh_ledger_set_hash(h->d.ledger, id, NULL, 0, hash, &err));
    OK(gh_ledger_decide(h->d.ledger, NULL, &req, NULL, &err));
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(h->d.ledger, id, &item, &err));
    if (verdict == GH_APPROVE) {
        OK(gh_ledger_publishing(h->d.ledger, NULL, id, item.renditions[0].decision, &err));
        gh_item_free(&item);
        OK(gh_ledger_get(h->d.ledger, id, &item, &err));
    }
    if (item.sub.manifest == item.sub.manifest_done)
        return;
    json_t *manifest = gh_manifest(&item, &(struct gh_manifest_about){.now_ms = gh_now_ms()});
    GH_AUTO_FREE char *text = json_dumps(manifest, 0);
    json_decref(manifest);
    gh_hash_mem(text, strlen(text), item.sub.manifest_sha256);
    OK(gh_outbox_write(&(struct gh_outbox_from){h->d.dirs.staging, h->d.dirs.quarantine},
                       h->d.dirs.outbox, &item, text, &err));
    OK(gh_ledger_published(h->d.ledger, NULL, &item, &err));
}

static bool may(struct house *h, enum gh_verdict verdict, int64_t id)
{
    struct gh_err err = {0};
    struct gh_decision_req req = {.verdict = verdict, .submission = id, .reason = "because"};
    int r = gh_ledger_decide(h->d.ledger, NULL, &req, NULL, &err);
    assert_true(r == 0 || err.cls == GH_LIMIT);
    return r == 0;
}

static void from_drop_to_nothing(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    char folder[128], sha[GH_SHA_HEX];
    keep_all_for(h, DAY);
    put(h, "a.jpg", "original");
    gh_hash_mem("original", 8, sha);
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    assert_int_equal(retire_at(h, YEARS), 0); /* waits for work */
    render(h, 1);
    assert_int_equal(retire_at(h, YEARS), 0); /* waits for a decision */
    decide(h, GH_APPROVE, 1);
    in_order(h);

    assert_int_equal(retire_at(h, DAY / 2), 0); /* too soon */
    keep_all_for(h, GH_FOREVER);
    assert_int_equal(retire_at(h, YEARS), 0);
    keep_all_for(h, DAY);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    gh_outbox_folder(&item.sub, folder, sizeof(folder));
    /* staging, originals; the outbox is not collected */
    assert_int_equal(retire_at(h, 3 * DAY), 2);
    assert_int_equal(events(h, 1), 2);
    assert_false(there(h->d.dirs.staging, "1"));
    assert_true(there(h->d.dirs.outbox, folder));
    assert_false(there(h->d.dirs.spool, sha));
    in_order(h);
    assert_false(may(h, GH_RERENDER, 1));
    assert_int_equal(retire_at(h, YEARS), 0);

    decide(h, GH_COLLECT, 1);
    assert_int_equal(retire_at(h, 2 * DAY), 1);
    assert_int_equal(events(h, 1), 3);
    assert_false(there(h->d.dirs.outbox, folder));
    assert_false(there(h->d.dirs.outbox, item.sub.outbox_day));
    in_order(h);
    assert_false(may(h, GH_WITHDRAW, 1));
    put(h, "a.jpg", "original"); /* the same again is something new */
    becomes(h, "a.jpg=delivered[a.jpg] a.jpg=received[a.jpg]");
    run_for(h, 200);
    assert_false(sweep_spooled(h, sha, gh_now_ms() + 3 * DAY));
    in_order(h);
}

static void bytes_others_need_stay(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    char sha[GH_SHA_HEX];
    keep_all_for(h, DAY);
    put(h, "a.jpg", "original");
    gh_hash_mem("original", 8, sha);
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    render(h, 1);
    decide(h, GH_REJECT, 1);
    put(h, "b.jpg", "original"); /* rejected bytes may come again */
    becomes(h, "a.jpg=decided[a.jpg] b.jpg=received[b.jpg]");
    run_for(h, 200);
    assert_int_equal(retire_at(h, YEARS), 2);
    assert_int_equal(events(h, 2), 0);
    assert_false(sweep_spooled(h, sha, gh_now_ms() + YEARS));
    assert_true(there(h->d.dirs.spool, sha));
    in_order(h);
}

static void a_crash_half_way_is_finished(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    const int64_t id = 1;
    enum gh_kept what;
    int64_t ids[4];
    put(h, "a.jpg", "original");
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    render(h, 1);
    decide(h, GH_APPROVE, 1);
    OK(gh_ledger_retire(h->d.ledger, NULL, GH_KEPT_STAGING, &id, 1, DAY, &err));
    assert_true(there(h->d.dirs.staging, "1"));
    house_close(h);
    house_open(h);
    assert_int_equal(gh_ledger_retiring(h->d.ledger, &what, ids, 4, &err), 1);
    assert_int_equal(ids[0], 1);
    retention_recover(h);
    assert_false(there(h->d.dirs.staging, "1"));
    assert_int_equal(gh_ledger_retiring(h->d.ledger, &what, ids, 4, &err), 0);
    in_order(h);
}

static void quarantine_goes_and_comes_back(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    h->d.settings.conf.keep_quarantine_ms = DAY;
    h->d.settings.conf.keep_originals_ms = GH_FOREVER;
    put(h, "a.jpg", "rubbish");
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    OK(gh_ledger_cancel(h->d.ledger, NULL, 1, &err));
    OK(gh_stage_dirs(h->d.dirs.quarantine, "1", 0750, &err));
    assert_int_equal(retire_at(h, 2 * DAY), 1);
    assert_false(there(h->d.dirs.quarantine, "1"));
    in_order(h);
    assert_true(may(h, GH_RETRY, 1)); /* its original is kept */
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    assert_int_equal(item.sub.retired, 0);
    assert_int_equal(item.sub.state, GH_SUB_RECEIVED);
}

static bool spooled(struct house *h, const char *bytes)
{
    char sha[GH_SHA_HEX];
    gh_hash_mem(bytes, strlen(bytes), sha);
    return there(h->d.dirs.spool, sha);
}

/* Of what is of no kind that is taken every byte goes soon; of anything else nothing does. */
static void unsupported_goes_sooner(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes, *reason;
    } rows[] = {
        {"a.zip", "an archive", "unsupported type: this is a ZIP archive"},
        {"b.jpg", "half a photo", "damaged: it ends half-way"},
        {"c.iso", "a disk", "unsupported type: not a photo or video of a kind that is taken"},
    };
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    keep_all_for(h, GH_FOREVER);
    h->d.settings.conf.keep_unsupported_ms = 4 * DAY;
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct gh_item item = {0};
        char folder[16];
        put(h, rows[i].name, rows[i].bytes);
        for (int k = 0; k < PATIENCE_MS / 20 && exists(h, rows[i].name); k++)
            run_for(h, 20);
        run_for(h, 200);
        GH_AUTO(gh_claim_free) struct gh_claim c = {0};
        const unsigned media = 1u << GH_PHOTO | 1u << GH_VIDEO;
        assert_int_equal(gh_ledger_claim(h->d.ledger, NULL, media, 0, &c, NULL, &err), 1);
        OK(gh_ledger_attempt_end(h->d.ledger, NULL, c.file, c.token, GH_ATTEMPT_REFUSED,
                                 rows[i].reason, 0, NULL, &err));
        OK(gh_ledger_get(h->d.ledger, (int64_t)i + 1, &item, &err));
        assert_int_equal(item.sub.state, GH_SUB_QUARANTINED);
        gh_item_free(&item);
        snprintf(folder, sizeof(folder), "%zu", i + 1);
        OK(gh_stage_dirs(h->d.dirs.quarantine, folder, 0750, &err));
    }
    assert_int_equal(retire_at(h, 3 * DAY), 0);
    assert_true(spooled(h, rows[0].bytes) && there(h->d.dirs.quarantine, "1"));
    assert_int_equal(retire_at(h, 5 * DAY), 4); /* quarantine and originals of two */
    assert_false(spooled(h, rows[0].bytes) || there(h->d.dirs.quarantine, "1"));
    assert_true(spooled(h, rows[1].bytes) && there(h->d.dirs.quarantine, "2"));
    assert_false(spooled(h, rows[2].bytes) || there(h->d.dirs.quarantine, "3"));
    assert_int_equal(retire_at(h, YEARS), 0);
    in_order(h);
    h->d.settings.conf.keep_unsupported_ms = GH_FOREVER;
    put(h, "d.zip", rows[0].bytes); /* and may come again as something new */
    for (int k = 0; k < PATIENCE_MS / 20 && !spooled(h, rows[0].bytes); k++)
        run_for(h, 20);
    assert_true(spooled(h, rows[0].bytes));
}

/* A round goes through all submissions, a slice of their numbers at a time. */
static void far_apart_is_one_round(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    keep_all_for(h, DAY);
    put(h, "a.jpg", "original");
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    render(h, 1);
    decide(h, GH_REJECT, 1);
    assert_int_equal(gh_db_skip_numbers_of(h->d.ledger, "submission", 7000, &err), 0);
    put(h, "b.jpg", "another");
    becomes(h, "a.jpg=decided[a.jpg] b.jpg=received[b.jpg]");
    run_for(h, 200);
    render(h, 7001);
    decide(h, GH_REJECT, 7001);
    assert_int_equal(retire_at(h, 3 * DAY), 4); /* staged files and originals of two */
    assert_false(there(h->d.dirs.staging, "1") || there(h->d.dirs.staging, "7001"));
    assert_int_equal(retire_at(h, YEARS), 0);
    in_order(h);
}

static void a_clock_is_believed_as_far_as_we_ran(void **state)
{
    (void)state;
    static const struct {
        int64_t wall_ms, mono_ms, jump_ms; /* since it was right */
    } rows[] = {
        {0, 0, 0},
        {DAY, 0, 0},
        {DAY + 1, 0, DAY + 1},
        {YEARS, DAY, YEARS - DAY},
        {YEARS, YEARS, 0}, /* we were there all the time */
        {20 * DAY, 9 * DAY, 11 * DAY},
        {20 * DAY, 10 * DAY, 0}, /* it had as long to be noticed */
        {-YEARS, DAY, 0},        /* back: nothing looks old */
    };
    const struct gh_clock_base base = {1790000000000, 5000};
    for (size_t i = 0; i < GH_LEN(rows); i++)
        assert_int_equal(
            gh_clock_jump_ms(&base, base.wall_ms + rows[i].wall_ms, base.mono_ms + rows[i].mono_ms),
            rows[i].jump_ms);
}

static void a_clock_far_ahead_deletes_nothing(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    keep_all_for(h, DAY);
    gh_clock_trust_open(&h->d.clock, h->d.ledger);
    put(h, "a.jpg", "original");
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    render(h, 1);
    decide(h, GH_REJECT, 1);
    clock_shift_ms = YEARS;
    gh_clock_trust_check(&h->d.clock);
    assert_non_null(strstr(h->d.clock.doubt, "3650 days"));
    assert_int_equal(retention_round(h, gh_now_ms()), 0);
    clock_shift_ms = -YEARS; /* back, too far: nothing is old, and what is known is not forgotten */
    gh_clock_trust_check(&h->d.clock);
    assert_string_equal(h->d.clock.doubt, "");
    assert_int_equal(retention_round(h, gh_now_ms()), 0);
    clock_shift_ms = 0;
    gh_clock_trust_check(&h->d.clock);
    assert_string_equal(h->d.clock.doubt, "");
    clock_shift_ms = YEARS;
    gh_clock_trust_open(&h->d.clock, h->d.ledger); /* a restart believes it no more */
    assert_string_not_equal(h->d.clock.doubt, "");
    assert_int_equal(retention_round(h, gh_now_ms()), 0);
    OK(gh_clock_trust_confirm(&h->d.clock, NULL, &err));
    assert_string_equal(h->d.clock.doubt, "");
    assert_int_equal(retire_at(h, 0), 2);
    clock_shift_ms = 0;
}

/* What joins a folder whose originals are gone is a submission of its own: the old mark must not
 * cover new files. */
static void a_closed_folder_is_not_joined(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    char sha[GH_SHA_HEX];
    keep_all_for(h, DAY);
    make(h, "Event");
    put(h, "Event/a.jpg", "first");
    becomes(h, "Event=received[a.jpg]");
    run_for(h, 200);
    render(h, 1);
    decide(h, GH_REJECT, 1);
    assert_int_equal(retire_at(h, YEARS), 2);
    for (int i = 0; i < 100 && exists(h, "Event"); i++)
        run_for(h, 50);
    make(h, "Event");
    put(h, "Event/b.jpg", "second");
    gh_hash_mem("second", 6, sha);
    becomes(h, "Event=decided[a.jpg] Event=received[b.jpg]");
    run_for(h, 200);
    assert_false(sweep_spooled(h, sha, gh_now_ms() + YEARS));
    in_order(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_drop_to_nothing),
        cmocka_unit_test(bytes_others_need_stay),
        cmocka_unit_test(a_crash_half_way_is_finished),
        cmocka_unit_test(quarantine_goes_and_comes_back),
        cmocka_unit_test(unsupported_goes_sooner),
        cmocka_unit_test(a_closed_folder_is_not_joined),
        cmocka_unit_test(far_apart_is_one_round),
        cmocka_unit_test(a_clock_is_believed_as_far_as_we_ran),
        cmocka_unit_test(a_clock_far_ahead_deletes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
