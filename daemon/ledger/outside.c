/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items as the outside knows them: what can still be undone was never decided. Pure. */
#include "daemon/ledger/outside.h"

#include "daemon/ledger/delivery.h"

#include "base/str.h"

#include <stdlib.h>

bool gh_is_gone(const struct gh_rendition *r)
{
    return r->state == GH_REN_WITHDRAWN && r->published_ms > 0;
}

bool gh_is_out(const struct gh_rendition *r)
{
    return gh_delivery_is_out(r) || gh_is_gone(r);
}

enum gh_ren_state gh_state_outside(const struct gh_rendition *r)
{
    return r->state == GH_REN_APPROVED || r->turned ? GH_REN_STAGED : r->state;
}

static void replace(char **text, const char *with)
{
    char *fresh = with ? gh_strdup(with) : NULL;
    free(*text);
    *text = fresh;
}

/* Returns whether there was something to hide. */
static bool hide_decision(struct gh_rendition *r)
{
    enum gh_ren_state seen = gh_state_outside(r);
    bool state = seen != r->state, words = r->decision != r->out;
    if (words) { /* it is out with the words of an earlier approval, or with none at all */
        r->decision = r->out;
        r->undo_ms = -1;
        replace(&r->approved_caption, r->out_caption);
        replace(&r->approved_alt, r->out_alt);
    }
    if (state) {
        r->state = seen;
        r->turned = r->turned_undo_ms = 0;
        r->approved_ms = r->decided_ms = 0;
        replace(&r->reason, NULL);
        replace(&r->decided_by, NULL);
    }
    return state || words;
}

void gh_hide_inside(struct gh_item *item)
{
    struct gh_submission *s = &item->sub;
    const struct gh_rendition *last = NULL; /* with the latest approval that the outside knows */
    bool hidden = false, back = false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        struct gh_rendition *r = &item->renditions[i];
        back |= gh_state_outside(r) != r->state;
        hidden |= hide_decision(r);
        if (r->out && (!last || r->out > last->out))
            last = r;
    }
    s->approved_revision = 0; /* of the last approval, told or not */
    if (!hidden)
        return;
    if (back && (s->state == GH_SUB_DECIDED || s->state == GH_SUB_DELIVERED)) {
        s->state = GH_SUB_STAGED;
        s->decided_ms = 0;
    }
    replace(&s->approved_caption, last ? last->out_common : NULL);
    replace(&s->approved_by, last ? last->out_by : NULL);
    if (!last)
        s->approved_ms = 0;
}
