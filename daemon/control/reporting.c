/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those in the making are a list; that the next turn is only after a rest holds for all of them. */
#include "daemon/control/reporting.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdlib.h>

struct gh_reporting {
    struct gh_reporting_place *first;
    int64_t free_us; /* monotonic */
};

struct gh_reporting *gh_reporting_new(void)
{
    struct gh_reporting *r = gh_alloc(sizeof(*r));
    *r = (struct gh_reporting){0};
    return r;
}

void gh_reporting_free(struct gh_reporting **r)
{
    if (*r)
        while ((*r)->first)
            gh_reporting_leave((*r)->first);
    free(*r);
    *r = NULL;
}

int gh_reporting_join(struct gh_reporting *r, struct gh_reporting_place *place, const char *who,
                      struct gh_err *err)
{
    size_t n = 0, own = 0;
    for (const struct gh_reporting_place *p = r->first; p; p = p->next) {
        n++;
        own += gh_streq(p->who, who);
    }
    if (own >= GH_REPORTS_OF_ONE)
        return gh_fail(err, GH_AGAIN,
                       "your reports of before are still being made; try again in a moment");
    if (n >= GH_REPORTS_TOGETHER)
        return gh_fail(err, GH_AGAIN, "many reports are being made; try again in a moment");
    *place = (struct gh_reporting_place){.next = r->first, .link = &r->first};
    GH_COPY(place->who, who);
    if (place->next)
        place->next->link = &place->next;
    r->first = place;
    return 0;
}

void gh_reporting_leave(struct gh_reporting_place *place)
{
    if (!place->link)
        return;
    *place->link = place->next;
    if (place->next)
        place->next->link = place->link;
    place->link = NULL;
}

int64_t gh_reporting_wait_ms(const struct gh_reporting *r)
{
    int64_t us = r->free_us - gh_mono_us();
    return us > 0 ? (us + 999) / 1000 : 0;
}

void gh_reporting_took(struct gh_reporting *r, int64_t us)
{
    r->free_us = gh_mono_us() + GH_REPORT_REST * us;
}
