/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a browser sends, as far as the desk takes it apart itself: the address in the first line,
 * the header Cookie in the second, Range in the third, a form in the rest. What passes keeps what
 * the headers promise. */
#include "desk/range.h"
#include "desk/route.h"

#include "base/str.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_form(const char *text, size_t n)
{
    struct gh_form form = {0};
    struct gh_err err;
    if (gh_form_parse(text, n, &form, &err) < 0)
        must(form.n == 0 && !form.list);
    must(form.n <= GH_FORM_PAIRS);
    for (size_t i = 0; i < form.n; i++) {
        const char *value = form.list[i].value;
        must(gh_utf8_valid(value, strlen(value)));
        must(gh_form_has(&form, form.list[i].name));
        for (const char *p = value; *p; p++)
            must((unsigned char)*p >= 0x20 || *p == '\t' || *p == '\n');
    }
    gh_form_free(&form);
}

static void check_address(const char *uri)
{
    char path[GH_PATH_BYTES], args[GH_ARGS][GH_ARG_BYTES];
    const char *query = NULL;
    if (!gh_uri_split(uri, path, &query))
        return;
    must(*path == '/' && strlen(path) < GH_PATH_BYTES && query >= uri);
    must(!strstr(path, "//") && !strstr(path, "/."));
    must(path[strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789/._-")] == 0);
    check_form(query, strlen(query));
    for (enum gh_method m = GH_GET; m <= GH_POST; m++) {
        memset(args, 0xff, sizeof(args));
        const struct gh_route *r = gh_route_find(m, path, args);
        unsigned n = 0;
        for (const char *p = r ? r->pattern : ""; *p; p++)
            n += strchr("#%*", *p) != NULL;
        must(n <= GH_ARGS);
        for (unsigned i = 0; i < n; i++)
            must(memchr(args[i], 0, GH_ARG_BYTES) && *args[i] && !strchr(args[i], '/'));
    }
}

static void check_range(const char *range)
{
    static const uint64_t sizes[] = {0, 1, 7, 4096, UINT64_MAX};
    for (size_t i = 0; i < GH_LEN(sizes); i++) {
        uint64_t from = 0, n = 0;
        if (gh_range_parse(range, sizes[i], &from, &n) == GH_RANGE_PART)
            must(n >= 1 && from < sizes[i] && n <= sizes[i] - from);
    }
}

static void check_cookie(const char *header)
{
    char value[GH_SESSION_HEX];
    memset(value, 'x', sizeof(value));
    if (gh_cookie_find(header, "__Host-ghat", value, sizeof(value)))
        must(memchr(value, 0, sizeof(value)) && strstr(header, value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GH_AUTO_FREE char *text = gh_strndup((const char *)data, size);
    char *rest = text, *line[3];
    for (size_t i = 0; i < GH_LEN(line); i++) {
        static char none[] = "";
        line[i] = rest ? strsep(&rest, "\n") : none;
    }
    check_address(line[0]);
    check_cookie(line[1]);
    check_range(line[2]);
    check_form(rest ? rest : "", rest ? strlen(rest) : 0);
    check_form((const char *)data, size); /* with NULs */
    return 0;
}
