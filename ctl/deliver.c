/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat posted, refused, take, acknowledge: what the agency says of what it collected. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ID PLACEMENT and, where need says what it is, one more. Returns the exit code when they are
 * wrong, else GH_EXIT_OK and the request. */
static int parse(int argc, char **argv, const struct gh_opt *opts, size_t n_opts, const char *field,
                 const char *need, json_t **ret)
{
    int n = gh_options(argc, argv, opts, n_opts);
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n == (field ? 3 : 2) ? gh_parse_id(argv[1]) : 0;
    if (!id)
        return gh_ctl_usage(argv[0], "name one submission by its number, a placement%s", need);
    *ret = json_pack("{s:s, s:I, s:s}", "request", argv[0], "id", (json_int_t)id, "placement",
                     argv[2]);
    if (*ret && field && json_object_set_new(*ret, field, json_string(argv[3])) < 0) {
        json_decref(*ret);
        *ret = NULL;
    }
    return GH_EXIT_OK;
}

/* ghat posted ID PLACEMENT LINK, ghat refused ID PLACEMENT TEXT */
int gh_cmd_posted(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    bool link = !strcmp(argv[0], "posted");
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by)};
    json_t *ask = NULL, *answer;
    int result = parse(argc, argv, opts, GH_LEN(opts), link ? "link" : "text",
                       link ? " and the link of the post" : " and what the platform said", &ask);
    if (result != GH_EXIT_OK)
        return result;
    result = gh_change(ctl, argv[0], ask, &by, &answer);
    if (answer && link && !gh_j_int(answer, "changed"))
        gh_print_line(stdout, "%s: nothing changed, that link is known", argv[1]);
    else if (answer)
        gh_print_line(stdout, "%s: %s %s; the submission is %s", argv[1], argv[2],
                      link ? "is posted" : "was refused by its platform: the approvers see it",
                      gh_j_text(answer, "state"));
    json_decref(answer);
    return result;
}

int gh_cmd_take(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    bool off = false;
    char when[GH_WHEN];
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by), {"--off", NULL, NULL, &off}};
    json_t *ask = NULL, *answer;
    int result = parse(argc, argv, opts, GH_LEN(opts), NULL, "", &ask);
    if (result != GH_EXIT_OK)
        return result;
    if (ask && off)
        json_object_set_new(ask, "off", json_true());
    result = gh_change(ctl, argv[0], ask, &by, &answer);
    if (answer && off)
        gh_print_line(stdout, "%s: %s is anybody's to post again", argv[1], argv[2]);
    else if (answer)
        gh_print_line(stdout, "%s: %s is yours to post until %s", argv[1], argv[2],
                      gh_j_soon(answer, "until", when));
    json_decref(answer);
    return result;
}

int gh_cmd_acknowledge(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    bool removed = false;
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by), {"--taken-down", NULL, NULL, &removed}};
    json_t *answer;
    int64_t id;
    int wrong = gh_options_id(argc, argv, opts, GH_LEN(opts), &id);
    if (wrong)
        return wrong;
    json_t *ask = json_pack("{s:s, s:I, s:b}", "request", argv[0], "id", (json_int_t)id, "removed",
                            (int)removed);
    int result = gh_change(ctl, argv[0], ask, &by, &answer);
    if (answer)
        printf("%" PRId64 ": %s\n", id,
               gh_j_int(answer, "changed") ? "the withdrawal is acknowledged"
                                           : "nothing changed, it was acknowledged already");
    json_decref(answer);
    return result;
}
