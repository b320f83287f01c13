/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events in the ledger: who may do what in which state, in random sequences against a small
 * reference; folders, which stay an event's; who is told, once. */
#include "tests/unit/ledger_fix.h"

#include "daemon/ledger/ledger.h"

#define HOUR ((int64_t)3600 * 1000)
#define DAY (24 * HOUR)
#define START ((int64_t)1796000000000)

static struct gh_question_by by(unsigned roles, int64_t now)
{
    return (struct gh_question_by){.who = {.actor = "test", .now_ms = now},
                                   .roles = roles,
                                   .via = GH_VIA_COMMAND,
                                   .held_ms = now + HOUR};
}

static struct gh_event_new event(const char *title, int64_t starts)
{
    return (struct gh_event_new){.department = "roads",
                                 .said = {.title = title,
                                          .starts_ms = starts,
                                          .ends_ms = starts + 2 * HOUR,
                                          .place = "Palta",
                                          .ward = "12",
                                          .material = ""},
                                 .folder = title,
                                 .expect_ms = starts + 5 * HOUR,
                                 .miss_ms = starts + DAY};
}

static int64_t announce(struct fix *f, const char *title, int64_t starts)
{
    const struct gh_question_by who = by(GH_BY_DEPARTMENT, START);
    const struct gh_event_new e = event(title, starts);
    int64_t id = 0;
    OK(gh_ledger_announce(f->l, &who, &e, &id, err));
    return id;
}

static enum gh_event_state state_of(struct fix *f, int64_t id)
{
    struct gh_event e = {0};
    OK(gh_ledger_event(f->l, id, &e, err));
    enum gh_event_state s = e.state;
    gh_event_free(&e);
    return s;
}

static bool add_kind(const struct gh_notice *n, void *arg)
{
    gh_str_printf(arg, "%s %s %s %d\n", n->kind, n->recipient, n->channel, (int)n->revision);
    return true;
}

static int64_t next_due(struct fix *f)
{
    int64_t id, at;
    return gh_ledger_next_event_due(f->l, &id, &at, NULL) ? at : 0;
}

static void due(struct fix *f, int64_t id, int64_t now)
{
    const struct gh_question_by ghatd = by(GH_BY_GHATD, now);
    OK(gh_ledger_event_due(f->l, &ghatd, id, NULL, err));
}

static void nothing_came_is_told_once_and_missed_at_the_end_of_the_next_day(void **state)
{
    struct fix *f = *state;
    int64_t begins = START + DAY, id = announce(f, "Fair", begins);
    struct gh_event e = {0};
    GH_AUTO_STR told = {0};
    assert_int_equal(next_due(f), begins + 5 * HOUR);
    due(f, id, begins);
    assert_int_equal(next_due(f), begins + 5 * HOUR);
    for (int times = 0; times < 2; times++) {
        due(f, id, begins + (5 + times) * HOUR);
        OK(gh_ledger_event(f->l, id, &e, err));
        assert_int_equal(e.state, GH_EVENT_ANNOUNCED);
        assert_int_equal(e.told_ms, begins + 5 * HOUR);
        assert_true(gh_event_is_late(&e, begins + 5 * HOUR));
        assert_false(gh_event_is_late(&e, begins + 5 * HOUR - 1));
        gh_event_free(&e);
        assert_int_equal(next_due(f), begins + DAY);
    }
    due(f, id, begins + DAY - 1);
    assert_int_equal(state_of(f, id), GH_EVENT_ANNOUNCED);
    due(f, id, begins + DAY);
    due(f, id, begins + 2 * DAY);
    assert_int_equal(state_of(f, id), GH_EVENT_MISSED);
    assert_int_equal(next_due(f), 0);
    OK(gh_ledger_event_notices(f->l, id, add_kind, &told, err));
    assert_string_equal(told.data, "event-announce role:agency mail 1\n"
                                   "event-announce role:approver digest 1\n"
                                   "event-miss officer:roads mail 1\n"
                                   "event-miss role:agency mail 1\n"
                                   "event-miss role:approver digest 1\n");
    chain_holds(f);
}

/* ghatd did not run, or its clock was not believed, or its notices were forgotten meanwhile. */
static void what_fell_due_in_a_pause_is_told_and_missed_at_once(void **state)
{
    struct fix *f = *state;
    int64_t id = announce(f, "Fair", START + DAY), other = announce(f, "Race", START + DAY);
    struct gh_event_new moved = event("Race", START + 3 * DAY);
    const struct gh_question_by people = by(GH_BY_DEPARTMENT, START + 2 * DAY);
    GH_AUTO_STR told = {0};
    due(f, id, START + 9 * DAY);
    assert_int_equal(state_of(f, id), GH_EVENT_MISSED);
    OK(gh_ledger_event_notices(f->l, id, add_kind, &told, err));
    assert_non_null(strstr(told.data, "event-miss role:agency mail 1\n"));
    due(f, other, START + DAY + 5 * HOUR);
    OK(gh_ledger_change_event(f->l, &people, other, &moved, err)); /* on another day: told anew */
    assert_int_equal(next_due(f), START + 3 * DAY + 5 * HOUR);
    due(f, other, START + 3 * DAY + 5 * HOUR);
    told.len = 0;
    OK(gh_ledger_event_notices(f->l, other, add_kind, &told, err));
    assert_non_null(strstr(told.data, "event-miss role:agency mail 2\n"));
    assert_int_equal(state_of(f, other), GH_EVENT_CHANGED);
}

static void what_comes_late_covers_it_nevertheless(void **state)
{
    struct fix *f = *state;
    int64_t id = announce(f, "Fair", START + DAY), *items = NULL;
    const struct gh_who who = {.now_ms = START + 3 * DAY};
    struct gh_event e = {0};
    size_t n = 0;
    due(f, id, START + 2 * DAY);
    int64_t sub = drop(f, "roads", "fair.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_event_came(f->l, &who, id, sub, err));
    OK(gh_ledger_event_came(f->l, &who, id, sub, err));
    OK(gh_ledger_event(f->l, id, &e, err));
    assert_int_equal(e.state, GH_EVENT_COVERED);
    assert_int_equal(e.covered_ms, who.now_ms);
    assert_int_equal(e.came, 1);
    gh_event_free(&e);
    OK(gh_ledger_event_items(f->l, id, &items, &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(items[0], sub);
    free(items);
}

static size_t listed(struct fix *f, const char *state, const char *own, int64_t now_ms)
{
    const struct gh_event_filter filter = {
        .state = state, .limited = true, .own = own, .now_ms = now_ms};
    struct gh_event_list list = {0};
    OK(gh_ledger_events(f->l, &filter, &list, err));
    size_t n = list.n;
    gh_event_list_free(&list);
    return n;
}

static void the_outside_knows_of_what_is_out_only(void **state)
{
    struct fix *f = *state;
    int64_t id = announce(f, "Fair", START + DAY), made = 0;
    int64_t sub = staged(f, "fair.jpg");
    const struct gh_who who = {.now_ms = START + DAY + HOUR};
    struct gh_event e = {0};
    struct gh_err why;
    OK(gh_ledger_event(f->l, id, &e, err));
    made = e.changed_ms;
    gh_event_free(&e);
    OK(gh_ledger_event_came(f->l, &who, id, sub, err));
    OK(gh_ledger_event(f->l, id, &e, err));
    assert_int_equal(e.came, 1);
    assert_int_equal(e.changed_ms, made);
    gh_event_hide_inside(&e, START + DAY + HOUR);
    assert_int_equal(e.state, GH_EVENT_ANNOUNCED);
    assert_int_equal(e.came, 0);
    assert_int_equal(e.covered_ms, 0);
    gh_event_free(&e);
    for (int hour = 0; hour < 30; hour++) { /* the list says the same as the event itself */
        int64_t now = START + DAY + hour * HOUR;
        OK(gh_ledger_event(f->l, id, &e, err));
        gh_event_hide_inside(&e, now);
        assert_int_equal(e.state, hour < 24 ? GH_EVENT_ANNOUNCED : GH_EVENT_MISSED);
        assert_int_equal(gh_event_is_late(&e, now), hour >= 5 && hour < 24);
        for (int k = 0; k < GH_EVENT_STATES; k++)
            assert_int_equal(listed(f, gh_event_state_name((enum gh_event_state)k), NULL, now),
                             k == (int)e.state);
        gh_event_free(&e);
    }
    assert_int_equal(listed(f, "covered", NULL, START), 0);
    assert_int_equal(listed(f, "announced", ",water,", START), 1);
    assert_int_equal(listed(f, "missed", NULL, START + 2 * DAY), 1);
    assert_int_equal(listed(f, "covered", ",roads,", START), 1);
    assert_int_equal(decide(f, GH_APPROVE, sub, "fb.photo", NULL, &why), 0);
    publish(f, sub);
    OK(gh_ledger_event(f->l, id, &e, err));
    gh_event_hide_inside(&e, START + 2 * DAY);
    assert_int_equal(e.state, GH_EVENT_COVERED);
    assert_int_equal(e.came, 1);
    assert_int_equal(e.covered_ms, e.out_ms);
    assert_true(e.out_ms > 0);
    gh_event_free(&e);
    assert_int_equal(listed(f, "covered", NULL, START), 1);
}

static bool add_name(const char *name, void *arg)
{
    gh_str_printf(arg, "%s\n", name);
    return true;
}

static void folders_stay_those_of_their_event(void **state)
{
    struct fix *f = *state;
    int64_t a = announce(f, "Fair", START + DAY), b = announce(f, "Fair", START + DAY), of = 0;
    const struct gh_question_by who = by(GH_BY_DEPARTMENT, START);
    struct gh_event_new moved = event("Big fair", START + 2 * DAY);
    struct gh_event e = {0};
    GH_AUTO_STR over = {0};
    OK(gh_ledger_event(f->l, b, &e, err));
    assert_string_equal(e.folder, "Fair (2)");
    gh_event_free(&e);
    OK(gh_ledger_change_event(f->l, &who, a, &moved, err));
    assert_int_equal(gh_ledger_event_of_folder(f->l, "roads", "Fair", &of, NULL), 1);
    assert_int_equal(of, a);
    assert_int_equal(gh_ledger_event_of_folder(f->l, "roads", "Big fair", &of, NULL), 1);
    assert_int_equal(of, a);
    assert_int_equal(gh_ledger_event_of_folder(f->l, "water", "Big fair", &of, NULL), 0);
    OK(gh_ledger_event_folders_over(f->l, "roads", START, 0, add_name, &over, err));
    OK(gh_ledger_cancel_event(f->l, &who, b, 0, "rain", err));
    OK(gh_ledger_event_folders_over(f->l, "roads", START, 0, add_name, &over, err));
    OK(gh_ledger_event_folders_over(f->l, "roads", START + 9 * DAY, 0, add_name, &over, err));
    OK(gh_ledger_event_folders_over(f->l, "roads", START + 9 * DAY, 0, add_name, &over, err));
    assert_string_equal(over.data, "Fair\nFair (2)\nBig fair\n");
}

static void a_change_may_bring_another_name_that_nobody_has(void **state)
{
    struct fix *f = *state;
    const struct gh_question_by who = by(GH_BY_DEPARTMENT, START);
    struct gh_event_new a = event("A", START + DAY), b = event("B", START + DAY);
    int64_t first = 0, second = 0, of = 0;
    a.uid = "form:A";
    b.uid = "form:B";
    OK(gh_ledger_announce(f->l, &who, &a, &first, err));
    OK(gh_ledger_announce(f->l, &who, &b, &second, err));
    b.said.title = "C";
    b.uid = "form:A"; /* of the other one */
    OK(gh_ledger_change_event(f->l, &who, second, &b, err));
    assert_int_equal(gh_ledger_event_of_uid(f->l, "roads", "form:A", &of, NULL), 1);
    assert_int_equal(of, first);
    b.said.title = "D";
    b.uid = "form:D";
    OK(gh_ledger_change_event(f->l, &who, second, &b, err));
    assert_int_equal(gh_ledger_event_of_uid(f->l, "roads", "form:D", &of, NULL), 1);
    assert_int_equal(of, second);
    assert_int_equal(gh_ledger_event_of_uid(f->l, "roads", "form:B", &of, NULL), 0);
    b.said.title = "E";
    b.uid = NULL;
    OK(gh_ledger_change_event(f->l, &who, second, &b, err));
    assert_int_equal(gh_ledger_event_of_uid(f->l, "roads", "form:D", &of, NULL), 1);
}

static bool is_full(const char *name, void *arg)
{
    (void)name;
    ++*(int *)arg;
    return false;
}

static void a_folder_that_stays_full_is_left_alone_in_the_end(void **state)
{
    struct fix *f = *state;
    int asked = 0;
    announce(f, "Fair", START + DAY);
    for (int day = 9; day < 50; day += 10)
        OK(gh_ledger_event_folders_over(f->l, "roads", START + (day - 7) * DAY,
                                        START + (day - 30) * DAY, is_full, &asked, err));
    assert_int_equal(asked, 4);
}

static void what_came_takes_no_place_in_the_list_of_what_waits(void **state)
{
    struct fix *f = *state;
    const struct gh_event_filter waits = {.waits = true, .limit = 1};
    const struct gh_question_by who = by(GH_BY_DEPARTMENT, START);
    struct gh_event_list list = {0};
    int64_t off = announce(f, "A", START + DAY), came = announce(f, "B", START + DAY);
    int64_t id = announce(f, "C", START + DAY);
    OK(gh_ledger_cancel_event(f->l, &who, off, 0, "", err));
    OK(gh_ledger_event_came(f->l, NULL, came, drop(f, "roads", "b.jpg", 1, GH_PHOTO, NULL), err));
    OK(gh_ledger_events(f->l, &waits, &list, err));
    assert_int_equal(list.n, 1);
    assert_int_equal(list.list[0].id, id);
    gh_event_list_free(&list);
}

static void others_and_too_many_are_refused(void **state)
{
    struct fix *f = *state;
    int64_t id = announce(f, "Fair", START + DAY), no = 0;
    struct gh_question_by agency = by(GH_BY_AGENCY, START), water = by(GH_BY_DEPARTMENT, START);
    const struct gh_event_new e = event("Other", START + DAY), empty = event("", START + DAY);
    water.department = "water";
    REFUSED(GH_LIMIT, gh_ledger_announce(f->l, &agency, &e, &no, err));
    REFUSED(GH_LIMIT, gh_ledger_announce(f->l, &water, &empty, &no, err));
    REFUSED(GH_LIMIT, gh_ledger_cancel_event(f->l, &agency, id, 0, "", err));
    REFUSED(GH_USAGE, gh_ledger_cancel_event(f->l, &water, id, 0, "", err));
    REFUSED(GH_USAGE, gh_ledger_change_event(f->l, &water, id, &e, err));
    OK(gh_ledger_begin(f->l, err));
    for (int i = 1; i < GH_EVENT_COMING; i++) {
        GH_AUTO_FREE char *title = gh_asprintf("%d", i);
        announce(f, title, START + DAY);
    }
    OK(gh_ledger_commit(f->l, err));
    const struct gh_question_by roads = by(GH_BY_DEPARTMENT, START);
    REFUSED(GH_LIMIT, gh_ledger_announce(f->l, &roads, &e, &no, err));
    assert_int_equal(state_of(f, id), GH_EVENT_ANNOUNCED);
}

/* The same rules, said once more and otherwise. came: something did, before. */
static int follow(int state, int act, bool begun, bool came)
{
    bool stuck = state == GH_EVENT_COVERED && begun;
    switch (act) {
    case GH_EVENT_CHANGE:
        return stuck ? -1 : GH_EVENT_CHANGED;
    case GH_EVENT_CANCEL:
        return stuck || state == GH_EVENT_CANCELLED ? -1 : GH_EVENT_CANCELLED;
    case GH_EVENT_COVER:
        return state == GH_EVENT_COVERED || state == GH_EVENT_CANCELLED ? state : GH_EVENT_COVERED;
    default:
        if (!begun || (state != GH_EVENT_ANNOUNCED && state != GH_EVENT_CHANGED))
            return state;
        return came ? GH_EVENT_COVERED : GH_EVENT_MISSED;
    }
}

static void an_early_picture_does_not_freeze_it(void **state)
{
    struct fix *f = *state;
    int64_t id = announce(f, "Fair", START + DAY);
    const struct gh_question_by who = by(GH_BY_DEPARTMENT, START + HOUR),
                                after = by(GH_BY_DEPARTMENT, START + 4 * DAY);
    struct gh_event_new moved = event("Fair", START + 2 * DAY);
    struct gh_event e = {0};
    GH_AUTO_STR told = {0};
    OK(gh_ledger_event_came(f->l, &who.who, id, drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL), err));
    OK(gh_ledger_change_event(f->l, &who, id, &moved, err));
    OK(gh_ledger_event(f->l, id, &e, err));
    assert_int_equal(e.state, GH_EVENT_CHANGED);
    assert_int_equal(e.covered_ms, 0);
    assert_int_equal(e.came, 1);
    gh_event_free(&e);
    due(f, id, START + 4 * DAY);
    assert_int_equal(state_of(f, id), GH_EVENT_COVERED);
    OK(gh_ledger_event_notices(f->l, id, add_kind, &told, err));
    assert_null(strstr(told.data, "event-miss"));
    REFUSED(GH_LIMIT, gh_ledger_change_event(f->l, &after, id,
                                             &(struct gh_event_new){.said = {.title = "X",
                                                                             .starts_ms = START,
                                                                             .ends_ms = START + DAY,
                                                                             .place = "",
                                                                             .ward = "",
                                                                             .material = ""},
                                                                    .folder = "X"},
                                             err));
}

static void random_sequences_follow_the_model(void **state)
{
    struct fix *f = *state;
    unsigned seed = 7;
    for (int round = 0; round < 30; round++) {
        GH_AUTO_FREE char *first = gh_asprintf("Fair %d", round);
        bool begun = round % 2, came = false;
        int64_t id = announce(f, first, START + DAY), now = begun ? START + 2 * DAY : START;
        int at = GH_EVENT_ANNOUNCED;
        for (int step = 0; step < 8; step++) {
            const struct gh_question_by people = by(GH_BY_DEPARTMENT, now),
                                        ghatd = by(GH_BY_GHATD, now);
            GH_AUTO_FREE char *title = gh_asprintf("Fair %d-%d", round, step);
            struct gh_event_new e = event(title, START + DAY);
            int act = GH_EVENT_CHANGE + rand_r(&seed) % 4, r = 0;
            int want = follow(at, act, begun, came);
            struct gh_err err = {0};
            if (act == GH_EVENT_CHANGE)
                r = gh_ledger_change_event(f->l, &people, id, &e, &err);
            else if (act == GH_EVENT_CANCEL)
                r = gh_ledger_cancel_event(f->l, &people, id, 0, "", &err);
            else if (act == GH_EVENT_COVER)
                r = gh_ledger_event_came(f->l, &ghatd.who, id,
                                         drop(f, "roads", title, 1, GH_PHOTO, NULL), &err);
            else
                r = gh_ledger_event_due(f->l, &ghatd, id, NULL, &err);
            assert_int_equal(r < 0 ? r : 0, want < 0 ? -GH_LIMIT : 0);
            came |= act == GH_EVENT_COVER;
            at = want < 0 ? at : want;
            assert_int_equal(state_of(f, id), at);
        }
    }
    chain_holds(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_came_is_told_once_and_missed_at_the_end_of_the_next_day),
        T(what_fell_due_in_a_pause_is_told_and_missed_at_once),
        T(what_comes_late_covers_it_nevertheless),
        T(the_outside_knows_of_what_is_out_only),
        T(folders_stay_those_of_their_event),
        T(a_change_may_bring_another_name_that_nobody_has),
        T(a_folder_that_stays_full_is_left_alone_in_the_end),
        T(what_came_takes_no_place_in_the_list_of_what_waits),
        T(others_and_too_many_are_refused),
        T(an_early_picture_does_not_freeze_it),
        T(random_sequences_follow_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
