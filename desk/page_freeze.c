/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The button that stops all publication, and the one that ends that. */
#include "desk/route.h"

int gh_page_frozen(struct gh_req *q, struct gh_err *err)
{
    return gh_page_show(q, 200, "freeze", NULL, err);
}

int gh_page_freeze(struct gh_req *q, struct gh_err *err)
{
    if (gh_form_has(&q->form, "thaw"))
        TRY(gh_desk_ask(q, "thaw", NULL, NULL, NULL, err));
    else
        TRY(gh_desk_ask(q, "freeze", json_pack("{s:s}", "reason", gh_field(q, "reason")), NULL,
                        NULL, err));
    return gh_page_goto(q, "/q?done=%s", gh_form_has(&q->form, "thaw") ? "thaw" : "freeze");
}
