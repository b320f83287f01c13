/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "desk/route.h"

#include "base/str.h"

#include <string.h>

static void paths_lead_to_their_route(void **state)
{
    (void)state;
    static const struct {
        enum gh_method method;
        const char *path, *pattern; /* NULL: none */
    } cases[] = {
        {GH_GET, "/", "/"},
        {GH_GET, "/q", "/q"},
        {GH_GET, "/q/", NULL},
        {GH_GET, "/i/12", "/i/#"},
        {GH_GET, "/i/12/log", "/i/#/log"},
        {GH_GET, "/i/012", NULL},
        {GH_GET, "/i/0", NULL},
        {GH_GET, "/i/-1", NULL},
        {GH_GET, "/i/1x", NULL},
        {GH_GET, "/i/9999999999999999", NULL},
        {GH_GET, "/i/12/approve", NULL},
        {GH_POST, "/i/12/approve", "/i/#/approve"},
        {GH_POST, "/i/12", NULL},
        {GH_POST, "/q", NULL},
        {GH_GET, "/first/0123456789abcdef0123456789abcdef", "/first/%"},
        {GH_GET, "/first/0123", NULL},
        {GH_GET, "/first/0123456789ABCDEF", NULL},
        {GH_GET, "/s/0123456789abcdef/desk.css", "/s/%/*"},
        {GH_GET, "/s/0123456789abcdef", NULL},
        {GH_GET, "/s/0123456789abcdef/x/y", NULL},
        {GH_GET, "/r/1/2/0123456789abcdef", "/r/#/#/*"},
        {GH_GET, "/live", "/live"},
        {GH_POST, "/live", NULL},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        char args[GH_ARGS][GH_ARG_BYTES];
        const struct gh_route *r = gh_route_find(cases[i].method, cases[i].path, args);
        if (!cases[i].pattern)
            assert_null(r);
        else
            assert_string_equal(r->pattern, cases[i].pattern);
    }
}

/* Walk the table: who decides what, and that nothing that changes something is a GET. */
static void the_table_gives_nobody_too_much(void **state)
{
    (void)state;
    static const char *const decide[] = {"/approve",  "/hold",     "/reject", "/release",
                                         "/withdraw", "/rerender", "/retry",  "/undo",
                                         "/embargo",  "/replaces", "/urgent", "/freeze"};
    size_t seen = 0;
    for (const struct gh_route *r = gh_routes; r->pattern; r++) {
        assert_non_null(r->page);
        assert_int_not_equal(r->roles, 0);
        for (size_t i = 0; i < GH_LEN(decide); i++) {
            if (!gh_ends(r->pattern, decide[i]) || r->method != GH_POST)
                continue;
            if (gh_starts(r->pattern, "/question/")) { /* it is the asker's own question */
                assert_int_equal(r->roles, GH_APPROVER | GH_AGENCY);
                continue;
            }
            assert_int_equal(r->roles, GH_APPROVER);
            seen++;
        }
        if (r->roles & GH_ANYONE)
            assert_true(gh_starts(r->pattern, "/login") || gh_starts(r->pattern, "/first") ||
                        gh_streq(r->pattern, "/wall/%") ||
                        gh_streq(r->pattern, "/ghat.webmanifest") || gh_starts(r->pattern, "/s/") ||
                        gh_streq(r->pattern, "/events.ics") || gh_streq(r->pattern, "/healthz"));
        for (const struct gh_route *o = gh_routes; o < r; o++)
            assert_false(o->method == r->method && gh_streq(o->pattern, r->pattern));
    }
    assert_int_equal(seen, GH_LEN(decide) + 1); /* /q/approve, too */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_to_their_route),
        cmocka_unit_test(the_table_gives_nobody_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
