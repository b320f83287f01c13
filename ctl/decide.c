/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat approve, hold, release, reject, withdraw, collected, retry, rerender: one decision on one or
 * several submissions. A decision names what was seen by the handle of ghat show, as 12@7f3a9c; on
 * a terminal a bare approval shows what it is about, and asks; elsewhere it must say
 * --whatever-is-there.
 */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/reasons.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the command line says; NULL where it does not. */
struct wording {
    const char *verb, *placements, *files, *reason, *why, *as;
    bool json, whatever, undo;
    bool several; /* submissions */
};

/* By verb: what a person reads afterwards. */
static const struct {
    const char *verb, *done;
} words[] = {
    {"approve", "approved"},   {"hold", "held"},
    {"release", "released"},   {"reject", "rejected"},
    {"withdraw", "withdrawn"}, {"collected", "collected"},
    {"retry", "tried again"},  {"rerender", "to be made again"},
};

static const char *done_word(const char *verb)
{
    for (size_t i = 0; i < GH_LEN(words); i++)
        if (!strcmp(words[i].verb, verb))
            return words[i].done;
    return verb;
}

/* ---------------------------------------------------------------------------------- the request */

static json_t *make_request(int64_t id, const char *handle, const struct wording *w)
{
    json_t *o = json_pack("{s:s, s:I, s:s?, s:s?, s:s?}", "request", w->verb, "id", (json_int_t)id,
                          "handle", handle, "reason", w->reason, "as", w->as);
    if (o && w->placements)
        json_object_set_new(o, "placements", gh_split(w->placements));
    if (o && w->files)
        json_object_set_new(o, "files", gh_numbers(w->files));
    if (o && w->undo)
        json_object_set_new(o, "undo", json_true());
    if (o && w->whatever)
        json_object_set_new(o, "whatever", json_true());
    return o;
}

/* --------------------------------------------------------------------------- looking and asking */

static bool has_text(const json_t *list, const char *text)
{
    size_t i;
    json_t *v;
    json_array_foreach ((json_t *)list, i, v)
        if (gh_streq(json_string_value(v), text))
            return true;
    return false;
}

static bool has_number(const json_t *list, int64_t n)
{
    size_t i;
    json_t *v;
    json_array_foreach ((json_t *)list, i, v)
        if (json_integer_value(v) == n)
            return true;
    return false;
}

/* What an approval takes: staged ones, those whose words are new, and, when they are named or
 * nothing is staged, those held. */
static bool takes(const json_t *r, const struct wording *w, bool held)
{
    json_t *places = w->placements ? gh_split(w->placements) : NULL;
    json_t *files = w->files ? gh_numbers(w->files) : NULL;
    const char *state = gh_j_text(r, "state");
    bool meant = (!places || has_text(places, gh_j_text(r, "placement"))) &&
                 (!files || has_number(files, gh_j_int(r, "number")));
    json_decref(places);
    json_decref(files);
    return meant && (!strcmp(state, "staged") || (held && !strcmp(state, "held")) ||
                     json_is_string(json_object_get(r, "approved_as")));
}

static void print_output(const json_t *r)
{
    GH_AUTO_STR part = {0};
    if (gh_j_int(r, "parts") > 1)
        gh_str_printf(&part, " (part %" PRId64 " of %" PRId64 ")", gh_j_int(r, "part"),
                      gh_j_int(r, "parts"));
    gh_print_line(stdout, "  %" PRId64 "  %s for %s%s, %" PRId64 "x%" PRId64 ", %" PRId64 " bytes",
                  gh_j_int(r, "number"), gh_j_text(r, "file_name"), gh_j_text(r, "placement"),
                  gh_str_text(&part), gh_j_int(r, "width"), gh_j_int(r, "height"),
                  gh_j_int(r, "bytes"));
}

/* Returns how many outputs there are to approve. */
static size_t print_question(const json_t *item, const struct wording *w)
{
    size_t i, n = 0;
    json_t *r, *text, *list = json_object_get(item, "renditions");
    const char *placement;
    bool held = w->placements || w->files;
    gh_print_field("submission", "%" PRId64, gh_j_int(item, "id"));
    gh_print_field("name", "%s", gh_j_text(item, "name"));
    gh_print_whole(item);
    gh_print_field("caption", "%s", gh_j_text(item, "caption"));
    json_object_foreach (json_object_get(item, "captions"), placement, text) {
        gh_print_field("caption", "for %s:", placement);
        gh_print_field("", "%s", json_string_value(text));
    }
    for (int round = 0; round < 2 && n == 0; round++, held = true)
        json_array_foreach (list, i, r)
            if (takes(r, w, held)) {
                print_output(r);
                n++;
            }
    return n;
}

static bool says_yes(size_t n)
{
    char line[16] = "";
    printf("Approve %s %zu %s? [y/N] ", n == 1 ? "this" : "these", n, n == 1 ? "file" : "files");
    fflush(stdout);
    return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

/* Show what would be approved, and ask. Returns 1 and the handle of what was shown (the caller's to
 * free), or 0: not approved. */
static int look_and_ask(struct gh_ctl *ctl, int64_t id, const struct wording *w, char **ret_handle,
                        struct gh_err *err)
{
    json_t *seen = NULL;
    TRY(gh_ask(ctl, json_pack("{s:s, s:I}", "request", "show", "id", (json_int_t)id), &seen, err));
    size_t n = print_question(json_object_get(seen, "item"), w);
    const char *handle = gh_j_text(seen, "handle");
    int yes = *handle && n > 0 && says_yes(n);
    if (yes)
        *ret_handle = gh_strdup(handle);
    json_decref(seen);
    if (n == 0)
        return gh_fail(err, GH_LIMIT, "submission %" PRId64 " has nothing to approve", id);
    if (!yes)
        printf("%" PRId64 ": not approved\n", id);
    return yes;
}

/* ---------------------------------------------------------------------------------- the outcome */

/* The placements of one file in a list of outputs, with commas between them. */
static void add_places(const json_t *outputs, int64_t file, struct gh_str *out)
{
    size_t i;
    json_t *o;
    const char *last = "";
    json_array_foreach ((json_t *)outputs, i, o) {
        const char *place = gh_j_text(o, "placement");
        if (gh_j_int(o, "number") != file || !strcmp(place, last))
            continue;
        gh_str_printf(out, "%s%s", out->len ? ", " : "", place);
        last = place;
    }
}

/* "a.jpg, b.jpg for A, B; c.jpg for A": in order of the files. */
static void add_outputs(const json_t *outputs, struct gh_str *out)
{
    GH_AUTO_STR before = {0};
    int64_t most = 0;
    size_t i;
    json_t *o;
    json_array_foreach ((json_t *)outputs, i, o)
        most = GH_MAX(most, gh_j_int(o, "number"));
    for (int64_t file = 1; file <= most; file++) {
        GH_AUTO_STR places = {0};
        add_places(outputs, file, &places);
        if (!places.len)
            continue;
        bool same = before.len && gh_streq(gh_str_text(&places), gh_str_text(&before));
        if (before.len && !same)
            gh_str_printf(out, " for %s; ", gh_str_text(&before));
        else if (same)
            gh_str_puts(out, ", ");
        json_array_foreach ((json_t *)outputs, i, o)
            if (gh_j_int(o, "number") == file) {
                gh_str_puts(out, gh_j_text(o, "name"));
                break;
            }
        before.len = 0;
        gh_str_puts(&before, gh_str_text(&places));
    }
    if (before.len)
        gh_str_printf(out, " for %s", gh_str_text(&before));
}

static void print_outcome(int64_t id, const json_t *answer, const struct wording *w)
{
    GH_AUTO_STR what = {0};
    int64_t changed = gh_j_int(answer, "changed");
    if (w->json) {
        gh_print_json(answer);
        return;
    }
    if (!changed) {
        gh_print_line(stdout, "%" PRId64 ": nothing changed, it was so already; %s", id,
                      gh_j_text(answer, "state"));
        return;
    }
    if (w->several)
        gh_str_printf(&what, "%" PRId64 ": ", id);
    gh_str_printf(&what, "%s: ", done_word(w->verb));
    add_outputs(json_object_get(answer, "outputs"), &what);
    if (json_array_size(json_object_get(answer, "outputs")) == 0)
        gh_str_printf(&what, "%" PRId64 " %s", changed, changed == 1 ? "file" : "files");
    char when[GH_WHEN];
    const json_t *frozen = json_object_get(answer, "frozen");
    const json_t *warning;
    size_t i;
    if (!strcmp(w->verb, "approve") && json_is_object(frozen))
        gh_str_printf(&what, "; all publication is frozen (%s): they go out after ghat thaw",
                      gh_j_text(frozen, "reason"));
    else if (!strcmp(w->verb, "approve") && *gh_j_text(answer, "out_at"))
        gh_str_printf(&what, "; they go out at %s; until then: ghat undo %" PRId64,
                      gh_j_soon(answer, "out_at", when), id);
    else if (!strcmp(w->verb, "approve"))
        gh_str_printf(&what, "; now in outbox/%s", gh_j_text(answer, "outbox"));
    else if (!strcmp(w->verb, "withdraw"))
        gh_str_printf(&what, "; taken out of outbox/%s", gh_j_text(answer, "outbox"));
    else
        gh_str_printf(&what, "; the submission is %s", gh_j_text(answer, "state"));
    if (strcmp(w->verb, "approve") != 0 && *gh_j_text(answer, "out_at"))
        gh_str_printf(&what, "; the department is told at %s; until then: ghat undo %" PRId64,
                      gh_j_soon(answer, "out_at", when), id);
    gh_print_line(stdout, "%s", gh_str_text(&what));
    json_array_foreach (json_object_get(answer, "warnings"), i, warning)
        gh_print_line(stdout, "warning: %s", json_string_value(warning));
}

/* ---------------------------------------------------------------------------------- the command */

/* "12" or "12@7f3a9c": the number, and whether there is a handle; 0: neither. */
static int64_t parse_target(const char *text, const char **ret_handle)
{
    char number[24];
    size_t n = strcspn(text, "@");
    *ret_handle = text[n] && text[n + 1] ? text : NULL;
    if (n >= sizeof(number) || (text[n] && !*ret_handle))
        return 0;
    gh_format(number, sizeof(number), "%.*s", (int)n, text);
    return gh_parse_id(number);
}

static bool must_ask(const char *handle, const struct wording *w)
{
    return !strcmp(w->verb, "approve") && !handle && !w->whatever;
}

static int decide(struct gh_ctl *ctl, int64_t id, const char *handle, const struct wording *w,
                  struct gh_err *err)
{
    GH_AUTO_FREE char *seen = NULL;
    json_t *answer = NULL;
    if (must_ask(handle, w)) {
        int yes = look_and_ask(ctl, id, w, &seen, err);
        if (yes <= 0)
            return yes;
        handle = seen;
    }
    TRY(gh_ask(ctl, make_request(id, handle, w), &answer, err));
    print_outcome(id, answer, w);
    json_decref(answer);
    return 0;
}

/* Is the command line whole? Returns the exit code, GH_EXIT_OK when it is. */
static int check_words(const struct wording *w, int n)
{
    bool must = !strcmp(w->verb, "reject") || !strcmp(w->verb, "withdraw");
    json_t *names = w->placements ? gh_split(w->placements) : NULL;
    json_t *files = w->files ? gh_numbers(w->files) : NULL;
    int result = GH_EXIT_OK;
    if (n == 0)
        result = gh_ctl_usage(w->verb, "name a submission by its number");
    else if (must && (!w->reason || !*w->reason) && (!w->why || !*w->why))
        result = gh_ctl_usage(w->verb, "--reason is missing (or --why, see ghat reasons): the "
                                       "department and the agency will read it");
    else if (w->placements && !names)
        result = gh_ctl_usage(w->verb, "-p names no placement");
    else if (w->files && !files)
        result = gh_ctl_usage(w->verb, "-f takes numbers of files, as ghat show counts them");
    json_decref(names);
    json_decref(files);
    return result;
}

int gh_cmd_decide(struct gh_ctl *ctl, int argc, char **argv)
{
    struct wording w = {.verb = argv[0]};
    const struct gh_opt opts[] = {{"--placements", "-p", &w.placements, NULL},
                                  {"--files", "-f", &w.files, NULL},
                                  {"--reason", "-r", &w.reason, NULL},
                                  {"--why", NULL, &w.why, NULL},
                                  {"--as", NULL, &w.as, NULL},
                                  {"--whatever-is-there", NULL, NULL, &w.whatever},
                                  {"--undo", NULL, NULL, &w.undo},
                                  {"--json", NULL, NULL, &w.json}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    int result = n < 0 ? GH_EXIT_USAGE : check_words(&w, n);
    GH_AUTO_FREE char *whole = NULL;
    if (result == GH_EXIT_OK && w.why) {
        result = gh_reason_of(ctl, w.verb, w.why, w.reason, &whole);
        if (result != GH_EXIT_OK)
            return result;
        w.reason = whole;
    }
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !w.json;
    w.several = n > 1;
    for (int i = 0; i < n && result != GH_EXIT_USAGE; i++) {
        struct gh_err err = {0};
        const char *handle;
        int64_t id = parse_target(argv[1 + i], &handle);
        if (!id)
            result = gh_ctl_usage(w.verb, "%s is not the number of a submission", argv[1 + i]);
        else if (must_ask(handle, &w) && !terminal)
            result = gh_ctl_usage(w.verb,
                                  "say what was seen: the handle that ghat show %" PRId64
                                  " prints, or --whatever-is-there",
                                  id);
        else if (decide(ctl, id, handle, &w, &err) < 0)
            result = gh_ctl_fail(w.verb, &err) == GH_EXIT_USAGE && n == 1 ? GH_EXIT_USAGE
                                                                          : GH_EXIT_FAILED;
    }
    return result;
}
