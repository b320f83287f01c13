/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report: what days brought, department by department, and all of it together. What happened is
 * counted on the day on which it happened, whenever its submission was dropped; questions on the
 * day on which they were asked, events on the day on which they begin, each as it stands now.
 */
#ifndef GH_DAEMON_LEDGER_REPORT_H
#define GH_DAEMON_LEDGER_REPORT_H

#include "base/err.h"
#include "base/reasons.h"
#include "daemon/ledger/open.h"

#include <stddef.h>
#include <stdint.h>

#define GH_REPORT_REASONS 64 /* the last counts all that is none of them */

/* How long something took, milliseconds; -1: it did not happen. Of an even number of them the
 * median is the greater of the two in the middle. */
struct gh_took {
    int64_t median_ms, max_ms;
};

/* Submissions. */
struct gh_day_figures {
    /* dropped then, but for words meant for Ghat, and of those: came before, quarantined now */
    uint32_t dropped, duplicates, refused;
    uint32_t staged, approved, collected, posted; /* for the first time */
    uint32_t links;                               /* to posts: one item may have several */
    uint32_t rejected;                            /* wholly or partly, and not undone */
};
struct gh_report {
    char department[64]; /* "": all that are in the report */
    struct gh_day_figures n;
    struct gh_day_figures *days; /* one for each day */
    /* of those staged, approved, collected, posted then; the last from the approval to the first
     * link: until the public could read it */
    struct gh_took to_staged, to_approved, to_collected, to_posted;
    /* Submissions rejected, by the reason as gh_reason_at counts them; one may have several. */
    uint32_t reasons[GH_REPORT_REASONS];
    /* Rounds of questions: asked are all others together but for extended, which may be any. Missed
     * are those answered too late, too. */
    struct {
        uint32_t asked, in_time, missed, open, withdrawn, extended;
        struct gh_took counted, wall; /* from asking to the answer: duty hours, by the wall clock */
    } questions;
    struct {
        uint32_t announced, covered, missed, cancelled, coming; /* announced: all of them */
    } events;
};
struct gh_reports {
    struct gh_report all, *list; /* list: by the alphabet of slugs, those that have anything */
    size_t n, n_days;
    int64_t since_ms; /* when the first was dropped, whoever did; 0: nothing ever was */
};
void gh_reports_free(struct gh_reports *r);

struct gh_report_ask {
    const int64_t *days; /* n_days + 1 moments: where each day begins, and the last ends */
    size_t n_days;       /* any spans do as well as days */
    int64_t now_ms;
    const char *departments;          /* ",roads,water,"; NULL: all of them */
    bool outside;                     /* as gh_hide_inside: what can still be undone never was */
    const struct gh_reasons *reasons; /* of the site; may be NULL */
};
/** *ret: release with gh_reports_free. Time in proportion to what the days brought. */
GH_MUST_USE int gh_ledger_report(struct gh_ledger *l, const struct gh_report_ask *ask,
                                 struct gh_reports *ret, struct gh_err *err);

/* The same in steps, between which others may read and write: what happens meanwhile is in it or
 * not. */
struct gh_report_work;
/** Days and departments are copied; reasons are borrowed until it is freed. */
struct gh_report_work *gh_report_begin(const struct gh_report_ask *ask);
/** Go on for about ms milliseconds; below 0: to the end. Returns 1, or 0 at the end. */
GH_MUST_USE int gh_report_go(struct gh_report_work *w, struct gh_ledger *l, int64_t ms,
                             struct gh_err *err);
/** Once, at the end. */
void gh_report_take(struct gh_report_work *w, struct gh_reports *ret);
void gh_report_work_free(struct gh_report_work **w);

#endif
