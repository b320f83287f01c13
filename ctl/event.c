/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat event: what departments announce, and what came of it. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is said of an event on the command line. */
struct said {
    const char *date, *time, *until, *place, *ward, *material;
};

/* "2026-12-04 11:00-13:00", or the day alone. */
static void when_words(const json_t *e, char *ret, size_t size)
{
    if (json_is_true(json_object_get(e, "all_day")))
        snprintf(ret, size, "%s, all day", gh_j_text(e, "day"));
    else
        snprintf(ret, size, "%s %s-%s", gh_j_text(e, "day"), gh_j_text(e, "time"),
                 gh_j_text(e, "until"));
}

/* "announced", or "announced, late" when something should have come. */
static const char *state_words(const json_t *e, char *ret, size_t size)
{
    snprintf(ret, size, "%s%s", gh_j_text(e, "state"),
             json_is_true(json_object_get(e, "late")) ? ", late" : "");
    return ret;
}

static void print_event(const json_t *e)
{
    char when[GH_WHEN], span[64], state[64];
    const json_t *item;
    size_t i;
    when_words(e, span, sizeof(span));
    gh_print_field("event", "%" PRId64 " of %s (%s)", gh_j_int(e, "id"), gh_j_text(e, "title"),
                   gh_j_text(e, "department"));
    gh_print_field("title", "%s", gh_j_text(e, "event"));
    gh_print_field("when", "%s", span);
    gh_print_field("place", "%s", gh_j_text(e, "place"));
    gh_print_field("ward", "%s", gh_j_text(e, "ward"));
    gh_print_field("material", "%s", gh_j_text(e, "material"));
    gh_print_field("state", "%s%s%s", state_words(e, state, sizeof(state)),
                   *gh_j_text(e, "reason") ? ": " : "", gh_j_text(e, "reason"));
    gh_print_field("folder", "%s", gh_j_text(e, "folder"));
    gh_print_field("expected", "until %s", gh_j_when(e, "expected", when));
    gh_print_contacts(json_object_get(e, "contacts"));
    json_array_foreach (json_object_get(e, "items"), i, item)
        gh_print_field(i ? "" : "came", "%" PRId64 " %s, %s", gh_j_int(item, "id"),
                       gh_j_text(item, "name"), gh_j_text(item, "state"));
}

static int change_and_print(struct gh_ctl *ctl, const char *command, json_t *request,
                            const struct gh_asker *asker)
{
    json_t *answer;
    char span[64];
    int result = gh_change(ctl, command, request, asker, &answer);
    const json_t *e = json_object_get(answer, "event");
    if (!answer)
        return result;
    when_words(e, span, sizeof(span));
    gh_print_line(stdout, "event %" PRId64 " of %s: %s, %s: %s", gh_j_int(e, "id"),
                  gh_j_text(e, "title"), gh_j_text(e, "state"), span, gh_j_text(e, "event"));
    json_decref(answer);
    return result;
}

static void add_row(struct gh_table *t, const json_t *e)
{
    char id[32], span[64], came[32], state[64];
    snprintf(id, sizeof(id), "%" PRId64, gh_j_int(e, "id"));
    snprintf(came, sizeof(came), "%" PRId64, gh_j_int(e, "came"));
    when_words(e, span, sizeof(span));
    const char *cells[] = {id,
                           state_words(e, state, sizeof(state)),
                           gh_j_text(e, "department"),
                           span,
                           came,
                           gh_j_text(e, "place"),
                           gh_j_text(e, "event")};
    gh_table_row(t, GH_LEN(cells), cells);
}

static int list_events(struct gh_ctl *ctl, const char *department, const char *state,
                       const char *from, const char *to, bool json)
{
    static const char *const head[] = {"ID",   "STATE", "DEPARTMENT", "WHEN",
                                       "CAME", "PLACE", "EVENT"};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    GH_AUTO_FREE char *next = NULL;
    struct gh_err err = {0};
    const json_t *e;
    size_t i;
    gh_table_row(&t, GH_LEN(head), head);
    do {
        json_t *answer = NULL;
        if (gh_ask(ctl,
                   json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:s*}", "request", "events",
                             "department", department, "state", state, "from", from, "to", to,
                             "after", next),
                   &answer, &err) < 0)
            return gh_ctl_fail("event", &err);
        json_array_foreach (json_object_get(answer, "events"), i, e) {
            if (json)
                gh_print_json(e);
            else
                add_row(&t, e);
        }
        free(next);
        next = *gh_j_text(answer, "next") ? gh_strdup(gh_j_text(answer, "next")) : NULL;
        json_decref(answer);
    } while (next);
    if (!json)
        gh_table_print(&t);
    return GH_EXIT_OK;
}

static int show_event(struct gh_ctl *ctl, int64_t id, bool json)
{
    struct gh_err err = {0};
    json_t *answer = NULL;
    if (gh_ask(ctl, json_pack("{s:s, s:I}", "request", "event", "event", (json_int_t)id), &answer,
               &err) < 0)
        return gh_ctl_fail("event", &err);
    if (json)
        gh_print_json(json_object_get(answer, "event"));
    else
        print_event(json_object_get(answer, "event"));
    json_decref(answer);
    return GH_EXIT_OK;
}

static json_t *request_of(const char *request, const char *text, const struct said *s)
{
    return json_pack("{s:s, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*}", "request", request, "text",
                     text, "date", s->date, "time", s->time, "until", s->until, "place", s->place,
                     "ward", s->ward, "material", s->material);
}

int gh_cmd_event(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *department = NULL, *state = NULL, *from = NULL, *to = NULL;
    struct said s = {0};
    struct gh_asker by = {0};
    json_t *request = NULL;
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by),
                                  {"--department", NULL, &department, NULL},
                                  {"--state", NULL, &state, NULL},
                                  {"--from", NULL, &from, NULL},
                                  {"--to", NULL, &to, NULL},
                                  {"--date", NULL, &s.date, NULL},
                                  {"--time", NULL, &s.time, NULL},
                                  {"--until", NULL, &s.until, NULL},
                                  {"--place", NULL, &s.place, NULL},
                                  {"--ward", NULL, &s.ward, NULL},
                                  {"--material", NULL, &s.material, NULL}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    const char *act = n >= 1 ? argv[1] : "list";
    int64_t id = n >= 2 ? gh_parse_id(argv[2]) : 0;
    if (!strcmp(act, "list") && n <= 1)
        return list_events(ctl, department, state, from, to, by.json);
    if (!strcmp(act, "show") && n == 2 && id)
        return show_event(ctl, id, by.json);
    if (!strcmp(act, "add") && n == 3) {
        request = request_of("event-add", argv[3], &s);
        json_object_set_new(request, "department", json_string(argv[2]));
    } else if (!strcmp(act, "change") && (n == 2 || n == 3) && id) {
        request = request_of("event-change", n == 3 ? argv[3] : NULL, &s);
    } else if (!strcmp(act, "cancel") && (n == 2 || n == 3) && id) {
        request = request_of("event-cancel", n == 3 ? argv[3] : NULL, &s);
    }
    if (!request)
        return gh_ctl_usage(argv[0], "say list, add with a department and a title, or show, change "
                                     "or cancel with a number");
    if (id && strcmp(act, "add") != 0)
        json_object_set_new(request, "event", json_integer((json_int_t)id));
    return change_and_print(ctl, argv[0], request, &by);
}
