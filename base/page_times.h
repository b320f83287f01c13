/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the desk takes for its answers, counted by kind of page: the desk counts and tells
 * ghatd, which tells whoever monitors. Both know the kinds and bounds from here. */
#ifndef GH_BASE_PAGE_TIMES_H
#define GH_BASE_PAGE_TIMES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum gh_page_kind {
    GH_PAGE_OTHER,
    GH_PAGE_LOGIN,
    GH_PAGE_QUEUE,
    GH_PAGE_ITEM,
    GH_PAGE_DECIDE, /* every form but those of logging in */
    GH_PAGE_TODAY,
    GH_PAGE_FILE,
    GH_PAGE_PREVIEW,
    GH_PAGE_QUESTIONS,
    GH_PAGE_EVENTS,
    GH_PAGE_REPORT,
    GH_PAGE_POLL, /* whether anything changed, and the beginning of a stream */
    GH_PAGE_KINDS
};
extern const char *const gh_page_kinds[GH_PAGE_KINDS]; /* "other", "login", … */

#define GH_PAGE_BOUNDS 10
extern const unsigned gh_page_bounds_ms[GH_PAGE_BOUNDS]; /* rising */

struct gh_page_times {
    struct {
        uint64_t n[GH_PAGE_BOUNDS + 1]; /* below each bound, not above the one before; the rest */
        uint64_t sum_us;
    } of[GH_PAGE_KINDS];
};
void gh_page_times_add(struct gh_page_times *t, enum gh_page_kind kind, int64_t us);
/** {"queue": [n, …, sum in µs], …} of the kinds that were asked for. New. */
json_t *gh_page_times_json(const struct gh_page_times *t);
/** What that was made of. False: it is none, and *ret as it was. */
bool gh_page_times_parse(const json_t *o, struct gh_page_times *ret);

#endif
