/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat reasons: what is offered on the desk when something is rejected or held, by the short names
 * that --why takes. */
#include "ctl/reasons.h"

#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include "base/str.h"

#include <string.h>

static int ask_reasons(struct gh_ctl *ctl, json_t **ret, struct gh_err *err)
{
    return gh_ask(ctl, json_pack("{s:s}", "request", "reasons"), ret, err);
}

static const json_t *find_key(const json_t *answer, const char *key)
{
    json_t *o;
    size_t i;
    json_array_foreach (json_object_get(answer, "reasons"), i, o)
        if (gh_streq(gh_j_text(o, "key"), key))
            return o;
    return NULL;
}

int gh_reason_of(struct gh_ctl *ctl, const char *command, const char *keys, const char *text,
                 char **ret)
{
    GH_AUTO_STR out = {0};
    struct gh_err err = {0};
    json_t *answer = NULL, *list = gh_split(keys), *key;
    size_t i;
    if (!list)
        return gh_ctl_usage(command, "--why names no reason: ghat reasons lists them");
    int result = ask_reasons(ctl, &answer, &err) < 0 ? gh_ctl_fail(command, &err) : GH_EXIT_OK;
    json_array_foreach (list, i, key) {
        const json_t *o = find_key(answer, json_string_value(key));
        if (result == GH_EXIT_OK && !o)
            result = gh_ctl_usage(command, "there is no reason %s: ghat reasons lists them",
                                  json_string_value(key));
        gh_str_printf(&out, "%s%s", out.len ? "\n" : "", gh_j_text(o, "value"));
    }
    if (text && *text)
        gh_str_printf(&out, "\n%s", text);
    json_decref(list);
    json_decref(answer);
    if (result == GH_EXIT_OK)
        *ret = gh_steal(&out.data);
    return result;
}

int gh_cmd_reasons(struct gh_ctl *ctl, int argc, char **argv)
{
    static const char *const head[] = {"KEY", "REASON", "WHAT TO DO"};
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    json_t *answer = NULL, *o;
    size_t i;
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes no arguments");
    if (ask_reasons(ctl, &answer, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, "reasons"), i, o) {
        const char *cells[] = {gh_j_text(o, "key"), gh_j_text(o, "label"), gh_j_text(o, "todo")};
        if (json)
            gh_print_json(o);
        else if (json_is_true(json_object_get(o, "offered")))
            gh_table_row(&t, GH_LEN(cells), cells);
    }
    if (!json)
        gh_table_print(&t);
    json_decref(answer);
    return GH_EXIT_OK;
}
