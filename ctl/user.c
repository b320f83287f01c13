/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat user: the people of the desk. A new one, or one that forgot the password, gets a link that
 * works once; on a terminal its QR code stands below it, so that a phone scans the screen. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/qr.h"
#include "ctl/table.h"

#include <stdio.h>
#include <string.h>

struct person {
    const char *role, *department, *full, *phone, *email, *language;
    const char *mute, *digest; /* "" of mute: nothing is switched off */
};

/* What is done, and by which request. */
static const struct {
    const char *name, *request;
    bool describes; /* takes --role and the others */
} acts[] = {
    {"add", "user-add", true},      {"set", "user-set", true},
    {"lock", "user-lock", false},   {"unlock", "user-lock", false},
    {"reset", "user-reset", false}, {"remove", "user-remove", false},
};

/* "approver,viewer" of a list. */
static const char *joined(const json_t *list, struct gh_str *out)
{
    const json_t *v;
    size_t i;
    json_array_foreach ((json_t *)list, i, v)
        gh_str_printf(out, "%s%s", i ? "," : "", json_string_value(v));
    return gh_str_text(out);
}

static const char *state_of(const json_t *o)
{
    if (!json_is_null(json_object_get(o, "locked")))
        return "locked";
    if (json_is_true(json_object_get(o, "password")))
        return json_is_true(json_object_get(o, "second")) ? "password and code" : "password";
    return json_is_null(json_object_get(o, "invited")) ? "no password" : "invited";
}

static void add_row(struct gh_table *t, const json_t *o)
{
    char when[GH_WHEN];
    GH_AUTO_STR roles = {0}, departments = {0};
    const char *cells[] = {gh_j_text(o, "name"),
                           joined(json_object_get(o, "roles"), &roles),
                           joined(json_object_get(o, "departments"), &departments),
                           state_of(o),
                           gh_j_when(o, "seen", when),
                           gh_j_text(o, "full")};
    gh_table_row(t, GH_LEN(cells), cells);
}

static void print_card(const json_t *o)
{
    static const char *const fields[] = {"name", "full", "language", "phone", "email"};
    char when[GH_WHEN];
    GH_AUTO_STR roles = {0}, departments = {0}, mute = {0};
    for (size_t i = 0; i < GH_LEN(fields); i++)
        gh_print_field(fields[i], "%s", gh_j_text(o, fields[i]));
    gh_print_field("roles", "%s", joined(json_object_get(o, "roles"), &roles));
    gh_print_field("departments", "%s", joined(json_object_get(o, "departments"), &departments));
    gh_print_field("not told of", "%s", joined(json_object_get(o, "mute"), &mute));
    gh_print_field("told", "%s",
                   json_is_true(json_object_get(o, "digest")) ? "once a day" : "at once");
    gh_print_field("logs in with", "%s", state_of(o));
    gh_print_field("seen", "%s", gh_j_when(o, "seen", when));
    gh_print_field("deputy", "%s", gh_j_text(o, "deputy"));
    gh_print_field("stands in for", "%s", gh_j_text(o, "deputy_of"));
}

static int list_users(struct gh_ctl *ctl, const char *command, const char *name, bool json)
{
    static const char *const head[] = {"NAME", "ROLES", "DEPARTMENTS", "LOGS IN WITH", "SEEN", ""};
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    json_t *answer = NULL, *o;
    size_t i, shown = 0;
    if (gh_ask(ctl, json_pack("{s:s}", "request", "users"), &answer, &err) < 0)
        return gh_ctl_fail(command, &err);
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach (json_object_get(answer, "users"), i, o) {
        if (name && strcmp(gh_j_text(o, "name"), name) != 0)
            continue;
        shown++;
        if (json)
            gh_print_json(o);
        else if (name)
            print_card(o);
        else
            add_row(&t, o);
    }
    json_decref(answer);
    if (name && !shown) {
        gh_print_line(stderr, "ghat %s: there is no user %s (ghat user list shows them)", command,
                      name);
        return GH_EXIT_FAILED;
    }
    if (!name && !json)
        gh_table_print(&t);
    return GH_EXIT_OK;
}

static void print_link(const json_t *answer)
{
    char when[GH_WHEN];
    gh_print_line(stdout, "%s sets a password here, once, until %s:", gh_j_text(answer, "name"),
                  gh_j_when(answer, "expires", when));
    gh_qr_print_link(answer, "/first/");
}

static void put_list(json_t *ask, const char *name, const char *list)
{
    json_t *split = list ? gh_split(list) : NULL;
    if (list)
        json_object_set_new(ask, name, split ? split : json_array());
}

/* NULL where a text is no UTF-8. */
static json_t *request_of(size_t act, const char *name, const struct person *p)
{
    json_t *ask =
        json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*}", "request", acts[act].request, "name", name,
                  "full", p->full, "phone", p->phone, "email", p->email, "language", p->language);
    if (!ask)
        return NULL;
    put_list(ask, "roles", p->role);
    put_list(ask, "departments", p->department);
    put_list(ask, "mute", p->mute);
    if (p->digest)
        json_object_set_new(ask, "digest", json_boolean(gh_streq(p->digest, "yes")));
    if (!strcmp(acts[act].name, "unlock"))
        json_object_set_new(ask, "lock", json_false());
    return ask;
}

int gh_cmd_user(struct gh_ctl *ctl, int argc, char **argv)
{
    struct person p = {0};
    struct gh_asker by = {0};
    json_t *answer = NULL;
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by),
                                  {"--role", NULL, &p.role, NULL},
                                  {"--department", NULL, &p.department, NULL},
                                  {"--full", NULL, &p.full, NULL},
                                  {"--phone", NULL, &p.phone, NULL},
                                  {"--email", NULL, &p.email, NULL},
                                  {"--language", NULL, &p.language, NULL},
                                  {"--mute", NULL, &p.mute, NULL},
                                  {"--digest", NULL, &p.digest, NULL}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    bool described =
        p.role || p.department || p.full || p.phone || p.email || p.language || p.mute || p.digest;
    if (p.digest && !gh_streq(p.digest, "yes") && !gh_streq(p.digest, "no"))
        return gh_ctl_usage(argv[0], "--digest is yes or no");
    if (!described &&
        ((n == 1 && !strcmp(argv[1], "list")) || (n == 2 && !strcmp(argv[1], "show"))))
        return list_users(ctl, argv[0], n == 2 ? argv[2] : NULL, by.json);
    size_t act = 0;
    while (n == 2 && act < GH_LEN(acts) && strcmp(argv[1], acts[act].name) != 0)
        act++;
    if (n != 2 || act == GH_LEN(acts) || (described && !acts[act].describes))
        return gh_ctl_usage(argv[0], "say list, or what to do and whose name it is");
    int result = gh_change(ctl, argv[0], request_of(act, argv[2], &p), &by, &answer);
    if (answer && *gh_j_text(answer, "token"))
        print_link(answer);
    else if (answer)
        gh_print_line(stdout, "%s: done", argv[2]);
    json_decref(answer);
    return result;
}
