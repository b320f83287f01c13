/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat thumb, ghat focal: a person chooses the moment of a thumbnail or the point that crops keep;
 * ghatd makes the placements again which that changes. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"

#include "base/media.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The moment or the point as the request wants it; NULL when it is none. */
static json_t *parse_choice(bool thumb, const char *text)
{
    struct gh_focal focal;
    double at;
    if (!strcmp(text, "auto"))
        return json_null();
    if (thumb)
        return gh_parse_moment(text, &at) ? json_real(at) : NULL;
    return gh_focal_parse(text, &focal) ? json_string(text) : NULL;
}

int gh_cmd_choose(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    bool thumb = !strcmp(argv[0], "thumb");
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by)};
    json_t *answer;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n == 2 ? gh_parse_id(argv[1]) : 0;
    if (!id)
        return gh_ctl_usage(argv[0], "name one submission by its number, and %s",
                            thumb ? "a moment of its video" : "a point of its picture");
    json_t *at = parse_choice(thumb, argv[2]);
    if (!at)
        return gh_ctl_usage(argv[0], "%s is no %s or auto", argv[2],
                            thumb ? "moment: expected 12.5, 1:02.5"
                                  : "point: expected X,Y such as 0.5,0.3");
    json_t *ask = json_pack("{s:s, s:I, s:o}", "request", argv[0], "id", (json_int_t)id, "at", at);
    int result = gh_change(ctl, argv[0], ask, &by, &answer);
    if (answer)
        gh_print_line(stdout, "%" PRId64 ": made again; now %s", id, gh_j_text(answer, "state"));
    json_decref(answer);
    return result;
}
