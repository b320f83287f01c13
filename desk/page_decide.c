/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions on one item: the verdict is the last part of the address. Each binds to the handle of
 * what the page showed; ghatd commits it or says what has changed since. */
#include "desk/route.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>

static const char *verdict_of(const struct gh_req *q)
{
    return strrchr(q->path, '/') + 1;
}

/* The ticks of one name, as texts or numbers. */
static json_t *ticks(const struct gh_req *q, const char *name, bool numbers)
{
    json_t *list = json_array();
    for (size_t i = 0; i < q->form.n; i++) {
        const struct gh_pair *p = &q->form.list[i];
        if (!gh_streq(p->name, name))
            continue;
        json_array_append_new(list, numbers ? json_integer(strtoll(p->value, NULL, 10))
                                            : json_string(p->value));
    }
    return list;
}

/* Reasons with a tick, in the words the form showed, then what was written. */
static json_t *reason_of(const struct gh_req *q)
{
    GH_AUTO_STR out = {0};
    for (size_t i = 0; i < q->form.n; i++) {
        const struct gh_pair *p = &q->form.list[i];
        if ((!gh_streq(p->name, "why") && !gh_streq(p->name, "reason")) || !*p->value)
            continue;
        gh_str_printf(&out, "%s%s", out.len ? "\n" : "", p->value);
    }
    return out.len ? json_string(gh_str_text(&out)) : NULL;
}

static json_t *ask_of(const struct gh_req *q)
{
    json_t *ask = json_pack("{s:I}", "id", (json_int_t)gh_arg(q, 0)), *reason;
    if (gh_streq(verdict_of(q), "undo"))
        return ask;
    reason = reason_of(q);
    if (*gh_field(q, "handle"))
        json_object_set_new(ask, "handle", json_string(gh_field(q, "handle")));
    if (gh_form_has(&q->form, "chosen")) {
        json_object_set_new(ask, "placements", ticks(q, "p", false));
        /* where files could be chosen and none is, that is said, not left out: that is all */
        if (gh_form_has(&q->form, "f") || gh_form_has(&q->form, "files_chosen"))
            json_object_set_new(ask, "files", ticks(q, "f", true));
    }
    if (gh_streq(verdict_of(q), "approve")) {
        json_decref(reason); /* ticked, then thought better of */
        json_object_set_new(ask, "undo", json_true());
    } else if (reason) {
        json_object_set_new(ask, "reason", reason);
    }
    return ask;
}

/* Where a reviewer goes next: the item that has waited longest, or the end of the queue. */
static int to_next(struct gh_req *q, const char *verdict, bool undo, struct gh_err *err)
{
    json_t *queue = NULL, *item;
    int64_t id = gh_arg(q, 0), next = 0;
    size_t i;
    TRY(gh_desk_ask(q, "queue", json_pack("{s:s, s:i}", "state", "staged", "limit", 2), &queue,
                    NULL, err));
    json_array_foreach (json_object_get(queue, "items"), i, item)
        if (!next && gh_j_int(item, "id") != id)
            next = gh_j_int(item, "id");
    json_decref(queue);
    char page[32] = "/q";
    if (next)
        GH_FORMAT(page, "/i/%" PRId64, next);
    if (undo)
        return gh_page_goto_undo(q, page, verdict, id, NULL);
    return gh_page_goto(q, "%s?done=%s&id=%" PRId64, page, verdict, id);
}

int gh_page_decide(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL;
    const char *verdict = verdict_of(q);
    TRY(gh_desk_ask(q, verdict, ask_of(q), &reply, NULL, err));
    bool pending = json_is_string(json_object_get(reply, "out_at"));
    json_decref(reply);
    static const char *const final[] = {"approve", "hold", "reject"};
    for (size_t i = 0; i < GH_LEN(final); i++)
        if (gh_streq(final[i], verdict))
            return to_next(q, verdict, pending, err);
    return gh_page_goto(q, "/i/%" PRId64 "?done=%s", gh_arg(q, 0), verdict);
}

/* A department asks to withdraw what is out, or is told that it stays. */
int gh_page_plea(struct gh_req *q, struct gh_err *err)
{
    const char *what = strrchr(q->path, '/') + 1;
    TRY(gh_desk_ask(
        q, what,
        json_pack("{s:I, s:s}", "id", (json_int_t)gh_arg(q, 0), "text", gh_field(q, "text")), NULL,
        NULL, err));
    return gh_page_goto(q, "/i/%" PRId64 "?done=%s", gh_arg(q, 0), what);
}
