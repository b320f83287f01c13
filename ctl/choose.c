/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat thumb, ghat focal: what a person chooses for a submission, a moment or a point; only the placements it concerns
 * are made again. */
#include "ctl/client.h"
#include "ctl/work.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool gh_parse_moment(const char *text, double *ret_s)
{
    double total = 0;
    for (int fields = 0; fields < 3; fields++) {
        char *end;
        if (!isdigit((unsigned char)*text))
            return false;
        double v = strtod(text, &end);
        if (strspn(text, "0123456789.") != (size_t)(end - text) || (fields && v >= 60) || v > 1e6)
            return false;
        total = total * 60 + v;
        if (!*end) {
            *ret_s = total;
            return true;
        }
        if (*end != ':' || memchr(text, '.', (size_t)(end - text)))
            return false;
        text = end + 1;
    }
    return false;
}

/* The moment or the point as the request wants it; NULL: it is none. */
static json_t *choice(bool thumb, const char *text)
{
    uint32_t x, y;
    double at;
    if (!strcmp(text, "auto"))
        return json_null();
    if (thumb)
        return gh_parse_moment(text, &at) ? json_real(at) : NULL;
    return gh_focal_parse(text, &x, &y) ? json_string(text) : NULL;
}

int gh_cmd_choose(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *as = NULL, *args[64];
    bool json = false, thumb = !strcmp(argv[0], "thumb");
    const struct gh_opt opts[] = {{"--as", NULL, &as, NULL}, {"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n == 2 ? gh_parse_id(args[0]) : 0;
    if (!id)
        return gh_ctl_usage(argv[0], "name one submission by its number, and %s",
                            thumb ? "a moment of its video" : "a point of its picture");
    json_t *at = choice(thumb, args[1]);
    if (!at)
        return gh_ctl_usage(argv[0], "%s is no %s or auto", args[1],
                            thumb ? "moment: expected 12.5, 1:02.5" : "point: expected X,Y such as 0.5,0.3");
    json_t *ask = json_pack("{s:s, s:I, s:o, s:s?}", "request", argv[0], "id", (json_int_t)id, "at", at, "as", as);
    if (gh_ask(ctl, ask, &answer, NULL, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    if (json)
        gh_print_json(answer);
    else
        printf("%" PRId64 ": made again; now %s\n", id, gh_j_text(answer, "state"));
    json_decref(answer);
    return GH_EXIT_OK;
}
