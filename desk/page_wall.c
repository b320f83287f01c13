/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a screen on a wall: figures only, for whoever has its link. It renews itself. */
#include "desk/route.h"

#include "base/json.h"

#define RENEW_S 30

int gh_page_wall(struct gh_req *q, struct gh_err *err)
{
    json_t *data = NULL;
    *q->session = 0; /* the link alone counts */
    TRY(gh_desk_ask(q, "wall", json_pack("{s:s}", "token", q->arg[0]), &data, NULL, err));
    int64_t oldest = gh_j_int(data, "oldest_ms");
    json_object_set_new(data, "oldest_wait_ms",
                        json_integer(oldest ? q->tongue.now_ms - oldest : 0));
    json_object_set_new(data, "renew", json_integer(RENEW_S));
    json_object_set(data, "stopped", json_object_get(data, "frozen"));
    return gh_page_show(q, 200, "wall", data, err);
}
