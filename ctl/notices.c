/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat notices: the mails and messages that wait, are on their way, or failed; and another try. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include <inttypes.h>
#include <string.h>

static void add_row(struct gh_table *t, const json_t *o)
{
    char id[24], tries[24], due[GH_WHEN];
    const char *to = gh_j_text(o, "to"), *channel = gh_j_text(o, "channel");
    bool over = *gh_j_text(o, "ended") != '\0';
    GH_FORMAT(id, "%" PRId64, gh_j_int(o, "id"));
    GH_FORMAT(tries, "%" PRId64, gh_j_int(o, "tries"));
    const char *cells[] = {id,    gh_j_text(o, "state"), gh_j_soon(o, over ? "ended" : "due", due),
                           tries, *to ? to : channel,    gh_j_text(o, "error")};
    gh_table_row(t, GH_LEN(cells), cells);
}

static int list_letters(struct gh_ctl *ctl, const char *command, const char *state, bool json)
{
    static const char *const head[] = {"LETTER", "STATE", "WHEN", "TRIES", "TO", ""};
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    json_t *answer = NULL, *o;
    size_t i;
    if (gh_ask(ctl, json_pack("{s:s, s:s*}", "request", "notices", "state", state), &answer, &err) <
        0)
        return gh_ctl_fail(command, &err);
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, "letters"), i, o)
        json ? gh_print_json(o) : add_row(&t, o);
    const json_t *n = json_object_get(answer, "counts");
    if (!json && !json_is_true(json_object_get(answer, "mail")) &&
        !json_is_true(json_object_get(answer, "webhook")))
        gh_print_line(stdout, "nobody is told: [post] of ghat.conf names neither smtp nor webhook");
    else if (!json)
        gh_print_line(stdout,
                      "%" PRId64 " waiting, %" PRId64 " on their way, %" PRId64 " failed, %" PRId64
                      " sent, %" PRId64 " dropped as no longer true",
                      gh_j_int(n, "waiting"), gh_j_int(n, "sending"), gh_j_int(n, "failed"),
                      gh_j_int(n, "sent"), gh_j_int(n, "dropped"));
    if (!json && i > 0)
        gh_table_print(&t);
    json_decref(answer);
    return GH_EXIT_OK;
}

static int retry(struct gh_ctl *ctl, const char *command, const char *which,
                 const struct gh_asker *by)
{
    uint64_t id = 0;
    json_t *answer = NULL, *ask = json_pack("{s:s}", "request", "notices-retry");
    if (which && !gh_parse_u64(which, INT64_MAX, &id)) {
        json_decref(ask);
        return gh_ctl_usage(command, "%s is no number of a letter", which);
    }
    if (which)
        json_object_set_new(ask, "id", json_integer((json_int_t)id));
    int result = gh_change(ctl, command, ask, by, &answer);
    if (answer)
        gh_print_line(stdout, "%" PRId64 " will be tried again", gh_j_int(answer, "letters"));
    json_decref(answer);
    return result;
}

int gh_cmd_notices(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *state = NULL;
    struct gh_asker by = {0};
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by), {"--state", NULL, &state, NULL}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n == 0)
        return list_letters(ctl, argv[0], state, by.json);
    if (n > 2 || strcmp(argv[1], "retry") != 0 || state)
        return gh_ctl_usage(argv[0], "say nothing, or retry and the number of a letter");
    return retry(ctl, argv[0], n == 2 ? argv[2] : NULL, &by);
}
