/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed since a page was made: as a stream while somebody looks at it, and asked for now and
 * then where no stream gets through. */
#include "desk/live.h"
#include "desk/route.h"

#include "base/json.h"

#include <string.h>

static int ask_changes(struct gh_req *q, const char *after, json_t **ret, struct gh_err *err)
{
    return gh_desk_ask(q, "changes", *after ? json_pack("{s:s}", "after", after) : NULL, ret, NULL,
                       err);
}

/* Server-Sent Events. A browser that comes back says itself what it heard last. */
int gh_page_live(struct gh_req *q, struct gh_err *err)
{
    json_t *changes = NULL;
    const char *last = gh_header(q, "Last-Event-ID");
    int r = ask_changes(q, last ? last : gh_query(q, "after"), &changes, err);
    if (r < 0 && q->away) { /* no page: nobody reads it */
        q->reply.status = 503;
        return 0;
    }
    TRY(r);
    q->reply.stream = gh_live_open(q, changes);
    q->reply.status = q->reply.stream ? 200 : 503;
    q->reply.type = q->reply.stream ? "text/event-stream" : NULL;
    json_decref(changes);
    return 0;
}

/* {"place", "new", "all", "changes"}: whether anything this person sees was touched since
 * ?after=PLACE. */
int gh_page_count(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL;
    TRY(ask_changes(q, gh_query(q, "after"), &reply, err));
    bool any = json_is_true(json_object_get(reply, "all")) ||
               json_array_size(json_object_get(reply, "changes")) > 0;
    json_t *said = json_pack("{s:s, s:b, s:b, s:O*}", "place", gh_j_text(reply, "place"), "new",
                             any, "all", json_is_true(json_object_get(reply, "all")), "changes",
                             json_object_get(reply, "changes"));
    GH_AUTO_FREE char *text = json_dumps(said, JSON_COMPACT);
    json_decref(said);
    json_decref(reply);
    q->reply.status = 200;
    q->reply.type = "application/json";
    gh_str_puts(&q->reply.body, text ? text : "{}");
    return 0;
}
