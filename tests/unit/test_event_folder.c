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

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_is_made_with_the_rights_of_the_department),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
