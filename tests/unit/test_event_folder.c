/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders of events in a department's folder: made with its rights, each for itself. */
#include "tests/unit/ledger_fix.h"

#include "daemon/event/folder.h"

#define DAY ((int64_t)24 * 3600 * 1000)

static void announce(struct fix *f, const char *folder, int64_t now_ms)
{
    const struct gh_question_by by = {.who = {.actor = "test", .now_ms = now_ms},
                                      .roles = GH_BY_DEPARTMENT,
                                      .via = GH_VIA_COMMAND};
    const struct gh_event_new e = {.department = "roads",
                                   .said = {.title = folder,
                                            .starts_ms = now_ms + DAY,
                                            .ends_ms = now_ms + 2 * DAY,
                                            .place = "",
                                            .ward = "",
                                            .material = ""},
                                   .folder = folder,
                                   .expect_ms = now_ms + 3 * DAY};
    int64_t id;
    OK(gh_ledger_announce(f->l, &by, &e, &id, err));
}

static void each_is_made_with_the_rights_of_the_department(void **state)
{
    struct fix *f = *state;
    GH_AUTO_FD drop = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct gh_dirs dirs = {.drop = drop};
    const struct gh_events_parts parts = {.ledger = f->l, .dirs = &dirs};
    const struct gh_department roads = {.slug = "roads",
                                        .folder = (char *)"Roads",
                                        .title = (char *)"Roads",
                                        .languages = (char *)"bn,en"};
    struct stat st;
    int64_t now = gh_now_ms();
    assert_int_equal(mkdirat(drop, "Roads", 0770), 0);
    assert_int_equal(fchmodat(drop, "Roads", 02770, 0), 0);
    announce(f, "no/such", now);
    announce(f, "Fair", now);
    OK(gh_event_folders(&parts, &roads, now, err));
    assert_int_equal(fstatat(drop, "Roads/Fair", &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(st.st_mode & 07777, 02770);
}

/* Something came of it, and more may: until a week after its end; then an empty one goes. */
static void what_is_covered_keeps_its_folder_for_a_week(void **state)
{
    struct fix *f = *state;
    GH_AUTO_FD drop = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct gh_dirs dirs = {.drop = drop};
    const struct gh_events_parts parts = {.ledger = f->l, .dirs = &dirs};
    const struct gh_department roads = {.slug = "roads",
                                        .folder = (char *)"Roads",
                                        .title = (char *)"Roads",
                                        .languages = (char *)"en"};
    const struct gh_question_by people = {
        .who = {.now_ms = gh_now_ms()}, .roles = GH_BY_DEPARTMENT, .via = GH_VIA_COMMAND};
    struct stat st;
    int64_t now = gh_now_ms();
    assert_int_equal(mkdirat(drop, "Roads", 0770), 0);
    announce(f, "Fair", now);
    announce(f, "Race", now);
    int64_t submission = staged(f, "a.jpg");
    OK(gh_ledger_event_came(f->l, NULL, 1, submission, err));
    OK(gh_event_folders(&parts, &roads, now, err));
    assert_int_equal(fstatat(drop, "Roads/Fair", &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(gh_event_keeps_folder(f->l, "roads", "Fair", now + 7 * DAY));
    assert_false(gh_event_keeps_folder(f->l, "roads", "Fair", now + 30 * DAY));
    assert_false(gh_event_keeps_folder(f->l, "roads", "Other", now));
    OK(gh_ledger_cancel_event(f->l, &people, 2, 0, "", err));
    assert_false(gh_event_keeps_folder(f->l, "roads", "Race", now));
    OK(gh_event_folders(&parts, &roads, now + 30 * DAY, err));
    assert_int_equal(fstatat(drop, "Roads/Fair", &st, AT_SYMLINK_NOFOLLOW), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_is_made_with_the_rights_of_the_department),
        T(what_is_covered_keeps_its_folder_for_a_week),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
