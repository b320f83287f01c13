/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choices for an item that are no verdict: urgent, not before a time, instead of another one, in
 * which order, which moment of a video, which point of a picture. */
#include "desk/route.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

/* "2026-12-03T16:00" of an <input type="datetime-local">, as ghatd reads times: local, with a blank
 * in the place of the T. What is odd about it ghatd says. */
static json_t *until_json(const char *text)
{
    GH_AUTO_FREE char *time = gh_strdup(text);
    char *t = strchr(time, 'T');
    if (t)
        *t = ' ';
    return *time ? json_string(time) : json_null();
}

/* A button beside a file moves it by one place: "up" or "down", its number. */
static void move_one(const struct gh_req *q, json_t *list)
{
    bool up = gh_form_has(&q->form, "up");
    int64_t number = strtoll(gh_field(q, up ? "up" : "down"), NULL, 10);
    size_t n = json_array_size(list), i = 0;
    while (i < n && json_integer_value(json_array_get(list, i)) != number)
        i++;
    if (i == n || (up ? i == 0 : i + 1 == n))
        return;
    size_t to = up ? i - 1 : i + 1;
    json_t *moved = json_incref(json_array_get(list, i));
    json_array_remove(list, i);
    json_array_insert_new(list, to, moved);
}

/* Numbers of files by what stands in the fields pos.N: the smallest first. */
static void add_order(const struct gh_req *q, json_t *ask)
{
    json_t *list = json_array();
    for (int64_t want = 1; want <= 200; want++)
        for (size_t i = 0; i < q->form.n; i++)
            if (gh_starts(q->form.list[i].name, "pos.") &&
                strtoll(q->form.list[i].value, NULL, 10) == want)
                json_array_append_new(list,
                                      json_integer(strtoll(q->form.list[i].name + 4, NULL, 10)));
    move_one(q, list);
    json_object_set_new(ask, "files", list);
}

int gh_page_choose(struct gh_req *q, struct gh_err *err)
{
    const char *what = strrchr(q->path, '/') + 1, *at = gh_field(q, "at");
    json_t *ask = json_pack("{s:I}", "id", (json_int_t)gh_arg(q, 0));
    if (gh_streq(what, "urgent")) {
        json_object_set_new(ask, "urgent", json_boolean(!gh_form_has(&q->form, "off")));
    } else if (gh_streq(what, "embargo")) {
        json_object_set_new(ask, "until", until_json(gh_field(q, "until")));
    } else if (gh_streq(what, "replaces")) {
        int64_t old = strtoll(gh_field(q, "old"), NULL, 10);
        json_object_set_new(ask, "old", old > 0 ? json_integer(old) : json_null());
    } else if (gh_streq(what, "order")) {
        add_order(q, ask);
    } else if (gh_streq(what, "thumb")) {
        json_object_set_new(ask, "at", *at ? json_real(strtod(at, NULL)) : json_null());
    } else {
        json_object_set_new(ask, "at", *at ? json_string(at) : json_null());
    }
    json_t *reply = NULL;
    TRY(gh_desk_ask(q, what, ask, &reply, NULL, err));
    int r;
    if (gh_streq(what, "focal")) { /* the point before, for who tapped beside it */
        const char *was = gh_j_text(reply, "was");
        char page[32];
        GH_FORMAT(page, "/i/%" PRId64, gh_arg(q, 0));
        r = gh_page_goto_undo(q, page, what, gh_arg(q, 0), *was ? was : "auto");
    } else {
        r = gh_page_goto(q, "/i/%" PRId64 "?done=%s%s", gh_arg(q, 0), what,
                         gh_streq(what, "order") ? "#files" : "");
    }
    json_decref(reply);
    return r;
}
