/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of submissions, and the request that reads it. */
#include "daemon/control/changes.h"

#include "daemon/control/view.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CHANGES_ANSWERED 200 /* submissions in one answer */

void gh_changes_init(struct gh_changes *c)
{
    uint64_t id = 0;
    *c = (struct gh_changes){.seq = 0};
    if (getrandom(&id, sizeof(id), 0) < 0)
        id = (uint64_t)(uintptr_t)c;
    snprintf(c->boot, sizeof(c->boot), "%016" PRIx64, id);
}

void gh_changes_add(struct gh_changes *c, int64_t submission)
{
    c->submissions[c->seq++ % GH_CHANGES] = submission;
}

/* False: no place of this series that is still remembered. */
static bool parse_place(const struct gh_changes *c, const char *place, uint64_t *ret)
{
    size_t n = strlen(c->boot);
    char *end;
    if (strncmp(place, c->boot, n) != 0 || place[n] != '.' || place[n + 1] < '0' ||
        place[n + 1] > '9')
        return false;
    *ret = strtoull(place + n + 1, &end, 10);
    return !*end && *ret <= c->seq && c->seq - *ret <= GH_CHANGES;
}

size_t gh_changes_after(const struct gh_changes *c, const char *place, int64_t *ret, size_t max,
                        bool *ret_all)
{
    uint64_t after = 0;
    size_t n = 0;
    *ret_all = !parse_place(c, place, &after);
    if (*ret_all)
        return 0;
    for (uint64_t seq = c->seq; seq > after; seq--) { /* from the latest on, each once */
        int64_t id = c->submissions[(seq - 1) % GH_CHANGES];
        size_t i = 0;
        while (i < n && ret[i] != id)
            i++;
        if (i < n)
            continue;
        if (n == max) {
            *ret_all = true;
            break;
        }
        ret[n++] = id;
    }
    for (size_t i = 0; i < n / 2; i++) {
        int64_t id = ret[i];
        ret[i] = ret[n - 1 - i];
        ret[n - 1 - i] = id;
    }
    return n;
}

void gh_changes_place(const struct gh_changes *c, char ret[GH_PLACE_BYTES])
{
    gh_format(ret, GH_PLACE_BYTES, "%s.%" PRIu64, c->boot, c->seq);
}

/* In which state it is and since when it waits, for those who see all of it; that it changed, for
 * those who see what is out; nothing for those who do not see it. */
static void add_change(const struct gh_call *call, int64_t id, json_t *list)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    enum gh_view view = GH_VIEW_ALL;
    enum gh_sub_state state;
    int64_t staged_ms;
    bool whole = gh_view_is_whole(call), known = true;
    if (!whole && gh_view_get(call, id, &item, &view, NULL) < 0)
        return;
    state = item.sub.state; /* as its department knows it */
    staged_ms = item.sub.staged_ms;
    if (whole)
        known = gh_ledger_standing(call->p->ledger, id, &state, &staged_ms, NULL) == 0;
    json_t *o = json_pack("{s:s, s:I}", "kind", "submission", "id", (json_int_t)id);
    if (view == GH_VIEW_ALL && known) {
        json_object_set_new(o, "state", json_string(gh_sub_state_name(state)));
        json_object_set_new(o, "staged_ms", json_integer(staged_ms));
    }
    json_array_append_new(list, o);
}

void gh_answer_place(struct gh_call *call)
{
    char place[GH_PLACE_BYTES];
    if (!call->p->changes)
        return;
    gh_changes_place(call->p->changes, place);
    gh_answer(call, "place", json_string(place));
}

int gh_req_changes(struct gh_call *call, struct gh_err *err)
{
    const struct gh_changes *c = call->p->changes;
    const char *after;
    int64_t ids[CHANGES_ANSWERED];
    bool all = false;
    TRY(gh_arg_text(call, "after", GH_PLACE_BYTES, &after, err));
    if (!c)
        return gh_fail(err, GH_LIMIT, "nobody writes down what changes here");
    size_t n = after ? gh_changes_after(c, after, ids, GH_LEN(ids), &all) : 0;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        add_change(call, ids[i], list);
    gh_answer_place(call);
    gh_answer(call, "all", json_boolean(all));
    gh_answer(call, "changes", list);
    return 0;
}
