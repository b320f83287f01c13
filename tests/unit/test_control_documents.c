/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat-control(5) has each request of the table, with its fields and who may ask as the table has
 * them, and no other. */
#include "tests/unit/test.h"

#include "daemon/control/control_int.h"

#include <stdio.h>
#include <string.h>

#define PAGE "docs/man/ghat-control.5"

static char *read_page(void)
{
    static char text[1 << 18];
    FILE *f = fopen(PAGE, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    return text;
}

/* "command: looks ; desk: approver viewer" */
static void who_may(const struct gh_request *r, struct gh_str *ret)
{
    static const char *const commands[] = {
        [GH_ROLE_POST] = "posts", [GH_ROLE_DESK] = "looks", [GH_ROLE_ADMIN] = "administers"};
    static const struct {
        unsigned bit;
        const char *name;
    } roles[] = {{GH_APPROVER, "approver"},
                 {GH_AGENCY, "agency"},
                 {GH_OFFICER, "officer"},
                 {GH_ADMINISTRATOR, "admin"},
                 {GH_VIEWER, "viewer"}};
    GH_AUTO_STR desk = {0};
    if (r->desk & GH_DESK_OPEN)
        gh_str_puts(&desk, " nobody yet");
    else if ((r->desk & GH_ROLES_ALL) == GH_ROLES_ALL)
        gh_str_puts(&desk, " everybody");
    else
        for (size_t i = 0; i < GH_LEN(roles); i++)
            if (r->desk & roles[i].bit)
                gh_str_printf(&desk, " %s", roles[i].name);
    if (r->desk & GH_DESK_CONFIRM)
        gh_str_puts(&desk, " confirmed");
    bool command = r->role != GH_ROLE_NEVER;
    if (command)
        gh_str_printf(ret, "command: %s", commands[r->role]);
    if (desk.len)
        gh_str_printf(ret, "%sdesk:%s", command ? " ; " : "", gh_str_text(&desk));
}

static void each_request_is_described_as_it_is(void **state)
{
    const char *page = read_page(), *at = page;
    size_t known = 0, listed = 0;
    (void)state;
    for (const struct gh_request *r = gh_requests; r->name; r++, known++) {
        GH_AUTO_STR entry = {0}, end = {0};
        gh_str_printf(&entry, "\n.It Cm %s\n", r->name);
        if (*r->args)
            gh_str_printf(&entry, ".Li %s\n.br\n", r->args);
        const char *found = strstr(page, gh_str_text(&entry));
        if (!found)
            fail_msg("%s does not have:%s", PAGE, gh_str_text(&entry));
        const char *words = found + entry.len, *next = strstr(words, "\n.br\n");
        if (!next || next == words || memchr(words, '\n', (size_t)(next - words)))
            fail_msg("%s says nothing of %s in one line", PAGE, r->name);
        gh_str_puts(&end, "\n.br\n.Em ");
        who_may(r, &end);
        gh_str_puts(&end, "\n");
        if (strncmp(next, gh_str_text(&end), end.len) != 0)
            fail_msg("%s: who may ask for %s is not:%s", PAGE, r->name, gh_str_text(&end));
    }
    while ((at = strstr(at, "\n.It Cm ")))
        listed++, at++;
    assert_int_equal(listed, known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_request_is_described_as_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
