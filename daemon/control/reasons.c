/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reasons for a rejection, those that come with Ghat and the site's own, in a language. */
#include "daemon/control/control_int.h"

#include "daemon/site/settings.h"

#include "base/json.h"
#include "base/reasons.h"

int gh_req_reasons(struct gh_call *call, struct gh_err *err)
{
    const char *language;
    struct gh_reason r;
    TRY(gh_arg_text(call, "language", 16, &language, err));
    const struct gh_words *w = gh_words_of(language ? language : "en");
    json_t *list = json_array();
    for (size_t i = 0; gh_reason_at(&call->p->settings->reasons, i, w, &r); i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:b}", "key", r.key, "value", r.value,
                                        "label", r.label, "todo", r.todo, "offered", r.offered));
    gh_answer(call, "reasons", list);
    return 0;
}
