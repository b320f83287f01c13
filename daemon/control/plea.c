/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of a department that wants back what is out, and the answer of who decides. */
#include "daemon/control/control_int.h"

#include "daemon/control/person.h"
#include "daemon/control/view.h"

#include "base/json.h"
#include "base/str.h"
#include "base/text.h"

#include <string.h>

#define PLEAS_MAX 50 /* in one reply */

static json_t *plea_json(const struct gh_call *call, const struct gh_plea *p)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err = {0};
    GH_AUTO_FREE char *by = gh_view_who(p->by);
    GH_AUTO_FREE char *answered_by = gh_view_who(p->answered_by);
    const bool known = gh_view_get(call, p->submission, &item, NULL, &err) == 0;
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", (json_int_t)p->submission,
                     "department", gh_json_text(known ? item.sub.department : NULL), "asked",
                     gh_json_time(p->asked_ms), "by", gh_json_text(by), "text",
                     gh_json_text(p->text), "answered", gh_json_time(p->answered_ms), "answered_by",
                     gh_json_text(p->answered_ms ? answered_by : NULL), "answer",
                     gh_json_text(p->answered_ms ? p->answer : NULL));
}

struct listing {
    const struct gh_call *call;
    json_t *list;
};

static bool add_plea(const struct gh_plea *p, void *arg)
{
    const struct listing *l = arg;
    json_array_append_new(l->list, plea_json(l->call, p));
    return true;
}

int gh_answer_pleas(struct gh_call *call, struct gh_err *err)
{
    struct listing l = {call, json_array()};
    gh_answer(call, "pleas", l.list);
    return gh_ledger_pleas(call->p->ledger, PLEAS_MAX, add_plea, &l, err);
}

int gh_answer_plea(struct gh_call *call, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_plea_free) struct gh_plea p = {0};
    int r = gh_ledger_plea(call->p->ledger, id, &p, err);
    TRY(r);
    gh_answer(call, "plea", r ? plea_json(call, &p) : json_null());
    return 0;
}

/* "id" and "text" of a request, of an item that the asker sees whole. */
static int args_of(struct gh_call *call, int64_t *ret_id, char **ret_text, struct gh_err *err)
{
    const char *text;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", ret_id, err));
    TRY(gh_arg_text(call, "text", GH_PLEA_BYTES, &text, err));
    TRY(gh_view_get_whole(call, *ret_id, &item, err));
    return text ? gh_text_decode(text, strlen(text), ret_text, err) : 0;
}

int gh_req_ask_withdraw(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    GH_AUTO_FREE char *text = NULL;
    struct gh_who by = {.actor = call->actor};
    TRY(args_of(call, &id, &text, err));
    TRY(gh_ledger_plead(call->p->ledger, &by, id, text, err));
    return gh_answer_plea(call, id, err);
}

int gh_req_stays(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    GH_AUTO_FREE char *text = NULL;
    struct gh_who by = {.actor = call->actor};
    TRY(args_of(call, &id, &text, err));
    TRY(gh_ledger_plea_answer(call->p->ledger, &by, id, text, err));
    return gh_answer_plea(call, id, err);
}
