/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counts of questions as the pages show them. */
#include "desk/waiting.h"

#include "base/json.h"

void gh_waiting_add(struct gh_req *q, json_t *data)
{
    json_t *n = NULL;
    struct gh_err err;
    json_object_set_new(data, "asking", json_null());
    if (gh_desk_ask(q, "question-counts", NULL, &n, NULL, &err) < 0)
        return;
    int64_t open = gh_j_int(n, "open"), late = gh_j_int(n, "late");
    if (open || gh_j_int(n, "answered"))
        json_object_set_new(data, "asking",
                            json_pack("{s:I, s:I, s:I, s:O?, s:b}", "late", (json_int_t)late, "due",
                                      (json_int_t)(open - late), "answered",
                                      (json_int_t)gh_j_int(n, "answered"), "next_due",
                                      json_object_get(n, "next_due"), "mine",
                                      (q->roles & GH_OFFICER) != 0));
    json_decref(n);
}
