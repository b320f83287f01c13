/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghatd's list of reasons, asked for with the pages that show some. */
#include "desk/reasons.h"

#include "base/json.h"
#include "base/reasons.h"

#include <string.h>

int gh_reasons_ask(struct gh_req *q, struct gh_err *err)
{
    json_t *reply = NULL;
    TRY(gh_desk_ask(q, "reasons", json_pack("{s:s}", "language", q->tongue.lang), &reply, NULL,
                    err));
    json_decref(q->reasons);
    q->reasons = json_incref(json_object_get(reply, "reasons"));
    q->tongue.reasons = q->reasons;
    json_decref(reply);
    return 0;
}

static bool find_line(void *arg, const char *line, size_t n, struct gh_reason *ret)
{
    const json_t *list = arg, *o;
    size_t i;
    json_array_foreach ((json_t *)list, i, o) {
        const char *value = gh_j_text(o, "value");
        if (strlen(value) != n || memcmp(value, line, n) != 0)
            continue;
        *ret = (struct gh_reason){.label = gh_j_text(o, "label"), .todo = gh_j_text(o, "todo")};
        return true;
    }
    return false;
}

void gh_reasons_say(struct gh_str *out, const struct gh_tongue *tongue, const char *reason)
{
    gh_reason_say_by(out, tongue->words, find_line, (void *)tongue->reasons, reason, " · ");
}
