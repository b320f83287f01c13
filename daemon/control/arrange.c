/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests about a submission as a whole, before it goes out: until when nothing of it may, in
 * which order its files are shown, which one it corrects. */
#include "daemon/control/control_int.h"

#include "daemon/publish/publish.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

#define TIME_MAX 64 /* bytes of a time as people write it */

/* "until": a time as gh_time_parse takes it, or null: no embargo any more. */
int gh_req_embargo(struct gh_call *call, struct gh_err *err)
{
    int64_t id, until = 0;
    const char *text;
    struct gh_who by = {.actor = call->actor};
    TRY(gh_arg_id(call, "id", &id, err));
    if (!json_object_get(call->request, "until"))
        return gh_fail(err, GH_USAGE, "\"until\" is missing: a time, or null for none");
    TRY(gh_arg_text(call, "until", TIME_MAX, &text, err));
    if (text && !gh_time_parse(text, gh_now_ms(), &until))
        return gh_fail(err, GH_USAGE,
                       "%.*s is no time: expected YYYY-MM-DD HH:MM, or HH:MM for the next time that"
                       " it is so",
                       (int)gh_utf8_cut(text, TIME_MAX), text);
    TRY(gh_ledger_embargo(call->p->ledger, &by, id, until, err));
    gh_answer(call, "embargo", gh_json_time(until));
    return gh_answer_state(call, id, err);
}

/* "files": their numbers in the order wanted; null: that of their numbers. */
int gh_req_order(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    size_t n;
    GH_AUTO_FREE unsigned *files = NULL;
    struct gh_who by = {.actor = call->actor};
    TRY(gh_arg_id(call, "id", &id, err));
    if (!json_object_get(call->request, "files"))
        return gh_fail(err, GH_USAGE, "\"files\" is missing: numbers in their order, or null");
    TRY(gh_arg_files(call, &files, &n, err));
    TRY(gh_ledger_order(call->p->ledger, &by, id, files, n, err));
    return gh_answer_state(call, id, err);
}

/* "old": the number of the submission that is withdrawn when this one goes out; null: none. */
int gh_req_replaces(struct gh_call *call, struct gh_err *err)
{
    int64_t id, old = 0;
    struct gh_who by = {.actor = call->actor};
    const json_t *given = json_object_get(call->request, "old");
    TRY(gh_arg_id(call, "id", &id, err));
    if (!given)
        return gh_fail(err, GH_USAGE, "\"old\" is missing: a number, or null for none");
    if (!json_is_null(given))
        TRY(gh_arg_id(call, "old", &old, err));
    TRY(gh_ledger_replaces(call->p->ledger, &by, id, old, err));
    return gh_answer_state(call, id, err);
}
