/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat show, ghat log: what ghatd knows of one submission, and its events in the audit. */
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAY 10 /* characters of "2026-11-23" */

static void join_texts(const json_t *list, struct gh_str *out)
{
    size_t i;
    json_t *v;
    json_array_foreach ((json_t *)list, i, v)
        gh_str_printf(out, "%s%s", i ? ", " : "", json_string_value(v) ? json_string_value(v) : "");
}

static void print_times(const json_t *t)
{
    static const char *const names[] = {"dropped",  "received",  "staged",
                                        "approved", "collected", "posted"};
    GH_AUTO_STR line = {0};
    char when[GH_WHEN];
    for (size_t i = 0; i < GH_LEN(names); i++)
        gh_str_printf(&line, "%s%s %s", i ? " · " : "", names[i], gh_j_when(t, names[i], when));
    gh_print_field("times", "%s", gh_str_text(&line));
}

static void print_file(const json_t *f)
{
    GH_AUTO_STR title = {0};
    GH_AUTO_STR found = {0};
    int64_t number = gh_j_int(f, "number");
    if (number)
        gh_str_printf(&title, "file %" PRId64, number);
    join_texts(json_object_get(f, "found"), &found);
    gh_print_field(gh_str_text(&title), "%s (%s, %" PRId64 " bytes, %s)", gh_j_text(f, "name"),
                   !strcmp(gh_j_text(f, "role"), "caption") ? "caption" : gh_j_text(f, "media"),
                   gh_j_int(f, "bytes"), gh_j_text(f, "work"));
    gh_print_field("", "%s", gh_j_text(f, "reason"));
    if (found.len)
        gh_print_field("", "carries: %s", gh_str_text(&found));
    if (*gh_j_text(f, "suggested_caption")) {
        gh_print_field("", "suggested caption, which leaves only if it becomes the caption:");
        gh_print_field("", "%s", gh_j_text(f, "suggested_caption"));
    }
    gh_print_field("alt text", "%s", gh_j_text(f, "alt_text"));
}

/* Which part of the original an output shows, where that is not all of it. */
static void add_crop(const json_t *r, struct gh_str *out)
{
    const json_t *c = json_object_get(r, "crop");
    if (!json_is_object(c) || (gh_j_int(c, "width") == gh_j_int(c, "source_width") &&
                               gh_j_int(c, "height") == gh_j_int(c, "source_height")))
        return;
    gh_str_printf(
        out, "%sshows %" PRId64 "x%" PRId64 " at %" PRId64 ",%" PRId64 " of %" PRId64 "x%" PRId64,
        out->len ? "; " : "", gh_j_int(c, "width"), gh_j_int(c, "height"), gh_j_int(c, "x"),
        gh_j_int(c, "y"), gh_j_int(c, "source_width"), gh_j_int(c, "source_height"));
}

static void add_rendition(struct gh_table *t, const json_t *r)
{
    GH_AUTO_STR place = {0};
    GH_AUTO_STR size = {0};
    GH_AUTO_STR bytes = {0};
    GH_AUTO_STR what = {0};
    gh_str_puts(&place, gh_j_text(r, "placement"));
    if (gh_j_int(r, "parts") > 1)
        gh_str_printf(&place, " %" PRId64 "of%" PRId64, gh_j_int(r, "part"), gh_j_int(r, "parts"));
    if (gh_j_int(r, "width")) {
        gh_str_printf(&size, "%" PRId64 "x%" PRId64, gh_j_int(r, "width"), gh_j_int(r, "height"));
        if (json_is_number(json_object_get(r, "duration")))
            gh_str_printf(&size, " %.1f s", json_number_value(json_object_get(r, "duration")));
        gh_str_printf(&bytes, "%" PRId64, gh_j_int(r, "bytes"));
    }
    if (*gh_j_text(r, "reason"))
        gh_str_puts(&what, gh_j_text(r, "reason"));
    else
        join_texts(json_object_get(r, "removed"), &what);
    if (*gh_j_text(r, "note"))
        gh_str_printf(&what, "%s%s", what.len ? "; " : "", gh_j_text(r, "note"));
    add_crop(r, &what);
    if (*gh_j_text(r, "collected_by"))
        gh_str_printf(&what, "%scollected by %s", what.len ? "; " : "",
                      gh_j_text(r, "collected_by"));
    if (*gh_j_text(r, "acknowledged_by"))
        gh_str_printf(&what, "%s%s knows", what.len ? "; " : "", gh_j_text(r, "acknowledged_by"));
    if (json_is_string(json_object_get(r, "approved_as")))
        gh_str_printf(&what, "%sapproved under another caption", what.len ? "; " : "");
    const char *cells[] = {gh_str_text(&place), gh_j_text(r, "state"), gh_str_text(&size),
                           gh_str_text(&bytes), gh_j_text(r, "how"),   gh_str_text(&what)};
    gh_table_row(t, GH_LEN(cells), cells);
}

/* What was made of one file. */
static void print_renditions(const json_t *list, int64_t file)
{
    static const char *const head[] = {"PLACEMENT", "STATE", "SIZE",
                                       "BYTES",     "HOW",   "REMOVED, OR WHY NOT"};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    size_t i;
    json_t *r;
    gh_table_row(&t, GH_LEN(head), head);
    json_array_foreach ((json_t *)list, i, r)
        if (gh_j_int(r, "file") == file)
            add_rendition(&t, r);
    if (t.n > 1)
        gh_table_print(&t);
}

/* Photos of one scene: "2, 4, 3". */
static void print_alike(const json_t *groups)
{
    size_t i, k;
    json_t *group, *number;
    json_array_foreach ((json_t *)groups, i, group) {
        GH_AUTO_STR line = {0};
        json_array_foreach (group, k, number)
            gh_str_printf(&line, "%s%" PRId64, k ? ", " : "", (int64_t)json_integer_value(number));
        gh_print_field("alike", "files %s, the sharpest first", gh_str_text(&line));
    }
}

/* Each file, and below it what was made of it. */
static void print_files(const json_t *item)
{
    size_t i;
    json_t *f;
    json_array_foreach (json_object_get(item, "files"), i, f) {
        printf("\n");
        print_file(f);
        print_renditions(json_object_get(item, "renditions"), gh_j_int(f, "file"));
    }
}

/* What the agency said, and who posts what now. */
static void print_deliveries(const json_t *item)
{
    static const struct {
        const char *said, *title;
    } titles[] = {{"posted", "posted"}, {"refused", "REFUSED"}, {"removed", "taken down"}};
    const char *placement;
    char when[GH_WHEN];
    json_t *d, *take;
    size_t i;
    json_array_foreach (json_object_get(item, "deliveries"), i, d) {
        const char *title = "";
        for (size_t k = 0; k < GH_LEN(titles); k++)
            title = !strcmp(titles[k].said, gh_j_text(d, "said")) ? titles[k].title : title;
        gh_print_field(title, "%s %s by %s: %s", gh_j_text(d, "placement"),
                       gh_j_when(d, "time", when), gh_j_text(d, "by"), gh_j_text(d, "text"));
    }
    json_object_foreach (json_object_get(item, "takes"), placement, take)
        gh_print_field("taken", "%s by %s until %s", placement, gh_j_text(take, "by"),
                       gh_j_soon(take, "until", when));
}

static void print_captions(const json_t *item)
{
    const char *placement;
    json_t *text;
    gh_print_field("caption", "%s", gh_j_text(item, "caption"));
    json_object_foreach (json_object_get(item, "captions"), placement, text) {
        gh_print_field("caption", "for %s:", placement);
        gh_print_field("", "%s", json_string_value(text));
    }
    if (*gh_j_text(item, "approved_by") &&
        strcmp(gh_j_text(item, "caption"), gh_j_text(item, "approved_caption")) != 0)
        gh_print_field("approved as", "%s", gh_j_text(item, "approved_caption"));
}

static void print_item(const json_t *answer)
{
    const json_t *o = json_object_get(answer, "item");
    gh_print_field("submission", "%" PRId64 "%s", gh_j_int(o, "id"),
                   json_is_true(json_object_get(o, "urgent")) ? " (urgent)" : "");
    gh_print_field("name", "%s", gh_j_text(o, "name"));
    gh_print_field("department", "%s", gh_j_text(o, "department"));
    gh_print_field("state", "%s", gh_j_text(o, "state"));
    gh_print_field("reason", "%s", gh_j_text(o, "reason"));
    if (gh_j_int(o, "duplicate_of"))
        gh_print_field("duplicate", "of %" PRId64, gh_j_int(o, "duplicate_of"));
    gh_print_whole(o);
    print_times(json_object_get(o, "times"));
    gh_print_field("approved by", "%s", gh_j_text(o, "approved_by"));
    gh_print_field("outbox", "%s", gh_j_text(o, "outbox"));
    print_captions(o);
    print_deliveries(o);
    gh_print_running(json_object_get(o, "running"));
    print_alike(json_object_get(o, "alike"));
    print_files(o);
    const char *handle = gh_j_text(answer, "handle");
    if (*handle)
        printf("\n");
    if (*handle)
        gh_print_field("shown as", "%s: decide with ghat approve %s, hold, reject …", handle,
                       handle);
}

int gh_cmd_show(struct gh_ctl *ctl, int argc, char **argv)
{
    int64_t id;
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    struct gh_err err = {0};
    json_t *answer = NULL;
    int wrong = gh_options_id(argc, argv, opts, GH_LEN(opts), &id);
    if (wrong)
        return wrong;
    if (gh_ask(ctl, json_pack("{s:s, s:I}", "request", "show", "id", (json_int_t)id), &answer,
               &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    if (json) { /* the item, and what an approval of all of it must name */
        json_t *item = json_object_get(answer, "item");
        json_object_set(item, "handle", json_object_get(answer, "handle"));
        json_object_set(item, "set_hash", json_object_get(answer, "set_hash"));
        gh_print_json(item);
    } else {
        print_item(answer);
    }
    json_decref(answer);
    return GH_EXIT_OK;
}

/* SHA-256 cut to what people compare; --json has all of it. */
static void shorten_hashes(const char *text, struct gh_str *out)
{
    while (*text) {
        size_t n = strspn(text, "0123456789abcdef");
        if (n == GH_SHA_HEX - 1)
            gh_str_printf(out, "%.12s…", text);
        else
            gh_str_add(out, text, n);
        text += n;
        n = strcspn(text, "0123456789abcdef");
        gh_str_add(out, text, n);
        text += n;
    }
}

static void add_log_row(struct gh_table *t, const json_t *row)
{
    char when[sizeof("2026-11-23 14:05:09")];
    GH_COPY(when, gh_j_text(row, "time"));
    if (strlen(when) > DAY)
        when[DAY] = ' ';
    GH_AUTO_STR detail = {0};
    shorten_hashes(gh_j_text(row, "detail"), &detail);
    const char *cells[] = {when, gh_j_text(row, "actor"), gh_j_text(row, "subject"),
                           gh_j_text(row, "action"), gh_str_text(&detail)};
    gh_table_row(t, GH_LEN(cells), cells);
}

/* One page after row *after: added to the table, or, where t is NULL, printed at once as JSON.
 * Returns 1 when there are more. */
static int ask_log_page(struct gh_ctl *ctl, int64_t id, int64_t *after, struct gh_table *t,
                        struct gh_err *err)
{
    json_t *answer = NULL, *row;
    size_t i;
    json_t *ask = json_pack("{s:s, s:I}", "request", "log", "id", (json_int_t)id);
    if (*after)
        json_object_set_new(ask, "after", json_integer(*after));
    TRY(gh_ask(ctl, ask, &answer, err));
    json_array_foreach (json_object_get(answer, "rows"), i, row) {
        if (t)
            add_log_row(t, row);
        else
            gh_print_json(row);
        *after = gh_j_int(row, "seq");
    }
    int more = json_is_true(json_object_get(answer, "more"));
    json_decref(answer);
    return more;
}

int gh_cmd_log(struct gh_ctl *ctl, int argc, char **argv)
{
    static const char *const head[] = {"TIME", "WHO", "WHAT", "DID", "DETAIL"};
    int64_t id, after = 0;
    bool json = false;
    struct gh_err err = {0};
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    int r = gh_options_id(argc, argv, opts, GH_LEN(opts), &id);
    if (r)
        return r;
    gh_table_row(&t, GH_LEN(head), head);
    while ((r = ask_log_page(ctl, id, &after, json ? NULL : &t, &err)) > 0 && !ferror(stdout))
        ;
    if (r < 0)
        return gh_ctl_fail(argv[0], &err);
    if (!json)
        gh_table_print(&t);
    return GH_EXIT_OK;
}
