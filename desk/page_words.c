/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of an item: its caption, that of one placement, and what a picture shows for those who
 * cannot see it. */
#include "desk/route.h"

#include <inttypes.h>

int gh_page_caption(struct gh_req *q, struct gh_err *err)
{
    const char *text = gh_field(q, "caption"), *placement = gh_field(q, "placement");
    json_t *ask = json_pack("{s:I}", "id", (json_int_t)gh_arg(q, 0));
    /* an empty caption of a placement: the common one again */
    json_object_set_new(ask, "caption", *text ? json_string(text) : json_null());
    if (*placement)
        json_object_set_new(ask, "placement", json_string(placement));
    TRY(gh_desk_ask(q, "caption", ask, NULL, NULL, err));
    return gh_page_goto(q, "/i/%" PRId64 "?done=caption#words", gh_arg(q, 0));
}

int gh_page_alt(struct gh_req *q, struct gh_err *err)
{
    const char *text = gh_field(q, "text");
    json_t *ask = json_pack("{s:I, s:I}", "id", (json_int_t)gh_arg(q, 0), "file",
                            (json_int_t)strtoll(gh_field(q, "file"), NULL, 10));
    json_object_set_new(ask, "text", *text ? json_string(text) : json_null());
    TRY(gh_desk_ask(q, "alt", ask, NULL, NULL, err));
    return gh_page_goto(q, "/i/%" PRId64 "?done=alt#words", gh_arg(q, 0));
}
