/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat embargo, ghat order, ghat replaces: what is said of a submission as a whole before it goes
 * out. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What the three have in common: ID and one more argument; `none` as that: nothing any more. */
struct arranged {
    struct gh_asker by;
    int64_t id;
    const char *what; /* NULL: none */
};

static int parse(int argc, char **argv, const char *none, const char *need, struct arranged *ret)
{
    const struct gh_opt opts[] = {GH_ASKER_OPTS(ret->by)};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    ret->id = n == 2 ? gh_parse_id(argv[1]) : 0;
    if (!ret->id)
        return gh_ctl_usage(argv[0], "name one submission by its number, and %s", need);
    ret->what = strcmp(argv[2], none) != 0 ? argv[2] : NULL;
    return GH_EXIT_OK;
}

int gh_cmd_embargo(struct gh_ctl *ctl, int argc, char **argv)
{
    struct arranged a = {0};
    char when[GH_WHEN];
    json_t *answer;
    int result = parse(argc, argv, "off", "a time, or off", &a);
    if (result != GH_EXIT_OK)
        return result;
    json_t *ask =
        json_pack("{s:s, s:I, s:s?}", "request", argv[0], "id", (json_int_t)a.id, "until", a.what);
    result = gh_change(ctl, argv[0], ask, &a.by, &answer);
    if (answer && a.what)
        printf("%" PRId64 ": under embargo: nothing of it goes out before %s\n", a.id,
               gh_j_when(answer, "embargo", when));
    else if (answer)
        printf("%" PRId64 ": no embargo; what is approved goes out\n", a.id);
    json_decref(answer);
    return result;
}

int gh_cmd_order(struct gh_ctl *ctl, int argc, char **argv)
{
    struct arranged a = {0};
    json_t *answer;
    int result = parse(argc, argv, "none", "its files in their order: 5,2,1, or none", &a);
    if (result != GH_EXIT_OK)
        return result;
    json_t *files = a.what ? gh_numbers(a.what) : json_null();
    if (!files)
        return gh_ctl_usage(argv[0], "%s are no numbers of files, as ghat show counts them",
                            a.what);
    json_t *ask =
        json_pack("{s:s, s:I, s:o}", "request", argv[0], "id", (json_int_t)a.id, "files", files);
    result = gh_change(ctl, argv[0], ask, &a.by, &answer);
    if (answer)
        gh_print_line(stdout, "%" PRId64 ": its files are in the order %s", a.id,
                      a.what ? a.what : "of their numbers");
    json_decref(answer);
    return result;
}

int gh_cmd_replaces(struct gh_ctl *ctl, int argc, char **argv)
{
    struct arranged a = {0};
    json_t *answer;
    int result = parse(argc, argv, "none", "the number of the one that it corrects, or none", &a);
    if (result != GH_EXIT_OK)
        return result;
    int64_t old = a.what ? gh_parse_id(a.what) : 0;
    if (a.what && !old)
        return gh_ctl_usage(argv[0], "%s is not the number of a submission", a.what);
    json_t *ask = json_pack("{s:s, s:I, s:o}", "request", argv[0], "id", (json_int_t)a.id, "old",
                            old ? json_integer(old) : json_null());
    result = gh_change(ctl, argv[0], ask, &a.by, &answer);
    if (answer && old)
        printf("%" PRId64 ": replaces %" PRId64 ", which is withdrawn when this goes out\n", a.id,
               old);
    else if (answer)
        printf("%" PRId64 ": replaces nothing\n", a.id);
    json_decref(answer);
    return result;
}
