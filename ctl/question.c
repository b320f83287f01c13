/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat ask, answer, extend, questions: questions to departments, and how much of their time is
 * left. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "3 h 10 min" of counted seconds. */
static const char *length_words(int64_t s, char ret[32])
{
    int64_t minutes = s / 60;
    if (minutes >= 60 && minutes % 60)
        snprintf(ret, 32, "%" PRId64 " h %" PRId64 " min", minutes / 60, minutes % 60);
    else if (minutes >= 60)
        snprintf(ret, 32, "%" PRId64 " h", minutes / 60);
    else
        snprintf(ret, 32, "%" PRId64 " min", minutes);
    return ret;
}

/* How the clock stands: "3 h left", "2 h overdue", "answered in 1 h". */
static void stand_words(const json_t *q, char *ret, size_t size)
{
    char n[32];
    bool missed = json_is_true(json_object_get(q, "missed"));
    if (json_is_true(json_object_get(q, "overdue")))
        snprintf(ret, size, "%s overdue", length_words(gh_j_int(q, "over_seconds"), n));
    else if (!json_is_null(json_object_get(q, "left_seconds")))
        snprintf(ret, size, "%s left", length_words(gh_j_int(q, "left_seconds"), n));
    else
        snprintf(ret, size, "after %s%s", length_words(gh_j_int(q, "used_seconds"), n),
                 missed ? ", too late" : "");
}

static void print_thread(const json_t *q)
{
    const json_t *m;
    size_t i;
    char when[GH_WHEN];
    json_array_foreach (json_object_get(q, "messages"), i, m) {
        gh_print_line(stdout, "%s  %s by %s (%s)", gh_j_when(m, "at", when), gh_j_text(m, "kind"),
                      gh_j_text(m, "author"), gh_j_text(m, "via"));
        gh_print_field("", "%s", gh_j_text(m, "text"));
    }
}

static void print_question(const json_t *q)
{
    char when[GH_WHEN], stand[64], used[32], wall[32];
    stand_words(q, stand, sizeof(stand));
    gh_print_field("question", "%" PRId64 " to %s (%s)", gh_j_int(q, "id"), gh_j_text(q, "title"),
                   gh_j_text(q, "department"));
    gh_print_field("state", "%s, round %" PRId64 "%s%s", gh_j_text(q, "state"),
                   gh_j_int(q, "round"),
                   json_is_true(json_object_get(q, "urgent")) ? ", urgent" : "",
                   json_is_true(json_object_get(q, "holds")) ? ", its submission is held" : "");
    if (gh_j_int(q, "submission"))
        gh_print_field("about", "submission %" PRId64, gh_j_int(q, "submission"));
    gh_print_field("due", "%s, %s", gh_j_when(q, "due", when), stand);
    gh_print_field("used", "%s counted, %s by the clock on the wall",
                   length_words(gh_j_int(q, "used_seconds"), used),
                   length_words(gh_j_int(q, "wall_seconds"), wall));
    gh_print_field("why", "%s", gh_j_text(q, "explained"));
    if (*gh_j_text(q, "extended_why"))
        gh_print_field("extended", "%s", gh_j_text(q, "extended_why"));
    else if (*gh_j_text(q, "longer"))
        gh_print_field("with more", "due %s (ghat extend)", gh_j_when(q, "longer", when));
    gh_print_contacts(json_object_get(q, "contacts"));
    print_thread(q);
}

/* Ask for a change, and say how the question stands now. */
static int change_and_print(struct gh_ctl *ctl, const char *command, json_t *request,
                            const struct gh_asker *asker)
{
    json_t *answer;
    char when[GH_WHEN], stand[64];
    int result = gh_change(ctl, command, request, asker, &answer);
    const json_t *q = json_object_get(answer, "question");
    if (!answer)
        return result;
    stand_words(q, stand, sizeof(stand));
    gh_print_line(stdout, "question %" PRId64 " to %s: %s, due %s (%s)", gh_j_int(q, "id"),
                  gh_j_text(q, "title"), gh_j_text(q, "state"), gh_j_when(q, "due", when), stand);
    json_decref(answer);
    return result;
}

int gh_cmd_ask(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    bool urgent = false, hold = false;
    const char *event = NULL;
    const struct gh_opt opts[] = {{"--urgent", NULL, NULL, &urgent},
                                  {"--hold", NULL, NULL, &hold},
                                  {"--event", NULL, &event, NULL},
                                  GH_ASKER_OPTS(by)};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n != (event ? 1 : 2))
        return gh_ctl_usage(argv[0], "name a submission by its number, a department, or --event "
                                     "and its number, and the question in one argument");
    int64_t id = gh_parse_id(event ? event : argv[1]);
    if (event && !id)
        return gh_ctl_usage(argv[0], "--event wants the number of an event (ghat event)");
    json_t *request = json_pack("{s:s, s:s, s:b, s:b}", "request", "ask", "text", argv[n], "urgent",
                                urgent, "hold", hold);
    if (id)
        json_object_set_new(request, event ? "event" : "id", json_integer((json_int_t)id));
    else
        json_object_set_new(request, "department", json_string(argv[1]));
    return change_and_print(ctl, argv[0], request, &by);
}

/* ghat answer, extend: a question's number, and a text. */
int gh_cmd_answer(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_asker by = {0};
    const struct gh_opt opts[] = {GH_ASKER_OPTS(by)};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    int64_t id = n == 2 ? gh_parse_id(argv[1]) : 0;
    if (!id)
        return gh_ctl_usage(argv[0], "name a question by its number, and say the text in one "
                                     "argument");
    return change_and_print(ctl, argv[0],
                            json_pack("{s:s, s:I, s:s}", "request", argv[0], "question",
                                      (json_int_t)id, "text", argv[2]),
                            &by);
}

static void add_row(struct gh_table *t, const json_t *q)
{
    char id[32], when[GH_WHEN], stand[64], wall[32];
    snprintf(id, sizeof(id), "%" PRId64, gh_j_int(q, "id"));
    stand_words(q, stand, sizeof(stand));
    const char *cells[] = {id,
                           gh_j_text(q, "state"),
                           gh_j_text(q, "department"),
                           gh_j_when(q, "due", when),
                           stand,
                           length_words(gh_j_int(q, "wall_seconds"), wall),
                           gh_j_text(q, "text")};
    gh_table_row(t, GH_LEN(cells), cells);
}

/* One page of the list; *next: where the one after it begins, NULL at the end, the caller's. */
static int list_page(struct gh_ctl *ctl, const char *department, const char *state,
                     struct gh_table *t, char **next, struct gh_err *err)
{
    json_t *answer = NULL;
    const json_t *q;
    size_t i;
    TRY(gh_ask(ctl,
               json_pack("{s:s, s:s?, s:s?, s:s?}", "request", "questions", "department",
                         department, "state", state, "after", *next),
               &answer, err));
    json_array_foreach (json_object_get(answer, "questions"), i, q) {
        if (t)
            add_row(t, q);
        else
            gh_print_json(q);
    }
    free(*next);
    *next = *gh_j_text(answer, "next") ? gh_strdup(gh_j_text(answer, "next")) : NULL;
    json_decref(answer);
    return 0;
}

static int list_questions(struct gh_ctl *ctl, const char *department, const char *state, bool json)
{
    static const char *const head[] = {"ID",      "STATE", "DEPARTMENT", "DUE",
                                       "COUNTED", "WALL",  "QUESTION"};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    GH_AUTO_FREE char *next = NULL;
    struct gh_err err = {0};
    gh_table_row(&t, GH_LEN(head), head);
    do {
        if (list_page(ctl, department, state, json ? NULL : &t, &next, &err) < 0)
            return gh_ctl_fail("questions", &err);
    } while (next);
    if (!json)
        gh_table_print(&t);
    return GH_EXIT_OK;
}

static int show_question(struct gh_ctl *ctl, int64_t id, bool json)
{
    struct gh_err err = {0};
    json_t *answer = NULL;
    if (gh_ask(ctl, json_pack("{s:s, s:I}", "request", "question", "question", (json_int_t)id),
               &answer, &err) < 0)
        return gh_ctl_fail("questions", &err);
    if (json)
        gh_print_json(json_object_get(answer, "question"));
    else
        print_question(json_object_get(answer, "question"));
    json_decref(answer);
    return GH_EXIT_OK;
}

/* What stands behind ghat questions, and its request; all take a question's number. */
static const struct {
    const char *word, *request;
    bool text; /* it may, or must, have one */
} acts[] = {{"reopen", "reopen", true},
            {"close", "close", false},
            {"withdraw", "withdraw-question", true},
            {"recompute", "recompute", false}};

int gh_cmd_questions(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *department = NULL, *state = NULL;
    struct gh_asker by = {0};
    const struct gh_opt opts[] = {{"--department", NULL, &department, NULL},
                                  {"--state", NULL, &state, NULL},
                                  GH_ASKER_OPTS(by)};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n == 0)
        return list_questions(ctl, department, state, by.json);
    if (n == 1 && gh_parse_id(argv[1]))
        return show_question(ctl, gh_parse_id(argv[1]), by.json);
    int64_t id = n >= 2 ? gh_parse_id(argv[2]) : 0;
    for (size_t i = 0; i < GH_LEN(acts) && id; i++)
        if (!strcmp(argv[1], acts[i].word) && n <= (acts[i].text ? 3 : 2))
            return change_and_print(ctl, argv[0],
                                    json_pack("{s:s, s:I, s:s?}", "request", acts[i].request,
                                              "question", (json_int_t)id, "text",
                                              n == 3 ? argv[3] : NULL),
                                    &by);
    return gh_ctl_usage(argv[0], "name a question by its number, or say what is done with it");
}
