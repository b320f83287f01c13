/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/log.h"

#include <string.h>

/* What fn writes to standard error. */
static char *captured(void (*fn)(void))
{
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    GH_AUTO_FD fd = -1;
    OK(gh_tmpfile(dir.fd, &fd, &err));
    int saved = dup(STDERR_FILENO);
    dup2(fd, STDERR_FILENO);
    fn();
    dup2(saved, STDERR_FILENO);
    close(saved);
    char *text = NULL;
    size_t n;
    lseek(fd, 0, SEEK_SET);
    OK(gh_read_fd(fd, 10000, &text, &n, &err));
    return text;
}

static void write_lines(void)
{
    gh_log(GH_LOG_INFO, "staged", "id=%d name=%s", 7, gh_log_quote("a\n\"b\"\\ \x1b[0m"));
    gh_log(GH_LOG_DEBUG, "hidden", "x=1");
    struct gh_err err;
    gh_fail(&err, GH_INPUT, "damaged");
    gh_log_err(GH_LOG_WARNING, "refused", &err, "id=%d", 8);
}

static void one_event_is_one_line(void **state)
{
    (void)state;
    setenv("JOURNAL_STREAM", "1:2", 1);
    gh_log_init("ghatd", GH_LOG_INFO);
    GH_AUTO_FREE char *text = captured(write_lines);
    assert_string_equal(text, "<6>event=staged id=7 name=\"a<U+000A>\\\"b\\\"\\\\ <U+001B>[0m\"\n"
                              "<4>event=refused id=8 class=input error=\"damaged\"\n");
}

static void people_get_time_and_level(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    gh_log_init("ghatd", GH_LOG_DEBUG);
    GH_AUTO_FREE char *text = captured(write_lines);
    assert_non_null(strstr(text, " ghatd info event=staged id=7 "));
    assert_non_null(strstr(text, " ghatd debug event=hidden x=1\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_event_is_one_line),
        cmocka_unit_test(people_get_time_and_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
