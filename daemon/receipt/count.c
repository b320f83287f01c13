/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a receipt to what the ledger keeps. Whoever drops receipts learns no more than the agency
 * sees: what is not out, or never was, is not there. */
#include "daemon/receipt/receipt.h"

#include "daemon/receipt/words.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Leaves what is out, or was withdrawn after it was out. False: then there is nothing left. */
static bool keep_outside(struct gh_item *item)
{
    size_t n = 0;
    for (size_t i = 0; i < item->n_renditions; i++) {
        struct gh_rendition *r = &item->renditions[i];
        if (!gh_delivery_is_out(r) && !gh_is_gone(r)) {
            gh_rendition_free(r);
            continue;
        }
        item->renditions[n++] = *r;
        if (n - 1 != i)
            *r = (struct gh_rendition){0};
    }
    item->n_renditions = n;
    return n > 0;
}

/* The placement that is meant; NULL: all that there are. */
static int find_placement(const struct gh_item *item, const struct gh_receipt *is, const char **ret,
                          struct gh_err *err)
{
    bool whole = !*is->rest || gh_starts(is->rest, "manifest");
    *ret = whole ? NULL : gh_receipt_placement(item, is->rest);
    if (!whole && !*ret)
        return gh_fail(err, GH_INPUT, "nothing of %s-%" PRId64 " is out for \"%s\"", is->department,
                       is->id, is->rest);
    return 0;
}

/* Of the ways to read the name the first that leads to something; else the first reason. */
static int find_item(struct gh_ledger *l, const char *name, struct gh_receipt *ret,
                     struct gh_item *ret_item, const char **ret_placement, struct gh_err *err)
{
    struct gh_err first = {0};
    for (unsigned nth = 0; gh_receipt_read_name(name, nth, ret); nth++) {
        GH_AUTO(gh_item_free) struct gh_item item = {0};
        struct gh_err why = {0};
        if (gh_ledger_get(l, ret->id, &item, &why) < 0) {
            if (why.cls == GH_USAGE)
                continue;
            *err = why;
            return -(int)why.cls;
        }
        if (!gh_streq(item.sub.department, ret->department) || !keep_outside(&item))
            continue;
        if (find_placement(&item, ret, ret_placement, &why) < 0) {
            first = first.cls ? first : why;
            continue;
        }
        *ret_item = item;
        item = (struct gh_item){0};
        return 0;
    }
    if (first.cls) {
        *err = first;
        return -(int)first.cls;
    }
    return gh_fail(err, GH_INPUT,
                   "there is nothing of that name to collect (a right one: water-12-fb.photo.txt)");
}

static int collect(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                   const char *placement, bool *ret_changed, struct gh_err *err)
{
    unsigned published = 0, collected = 0, n = 0;
    const struct gh_decision_req req = {.verdict = GH_COLLECT,
                                        .submission = item->sub.id,
                                        .placements = placement ? &placement : NULL,
                                        .n_placements = placement ? 1 : 0};
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (placement && !gh_streq(r->placement, placement))
            continue;
        published += r->state == GH_REN_PUBLISHED;
        collected += r->state == GH_REN_COLLECTED;
    }
    *ret_changed = false;
    if (!published && !collected)
        return gh_fail(err, GH_LIMIT, "it was withdrawn: do not post it");
    if (!published)
        return 0;
    TRY(gh_ledger_decide(l, who, &req, &n, err));
    *ret_changed = n > 0;
    return 0;
}

/* The only placement of an item; NULL: there are several. */
static const char *only_one(const struct gh_item *item)
{
    for (size_t i = 1; i < item->n_renditions; i++)
        if (!gh_streq(item->renditions[i].placement, item->renditions[0].placement))
            return NULL;
    return item->renditions[0].placement;
}

int gh_receipt_count(struct gh_ledger *l, const struct gh_who *who, const char *name,
                     const char *bytes, size_t n, bool *ret_changed, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_AUTO_FREE char *link = NULL;
    struct gh_receipt is;
    const char *placement;
    unsigned changed = 0;
    TRY(find_item(l, name, &is, &item, &placement, err));
    TRY(gh_receipt_read_link(bytes, n, &link, err));
    if (!link)
        return collect(l, who, &item, placement, ret_changed, err);
    if (!placement)
        placement = only_one(&item);
    if (!placement)
        return gh_fail(err, GH_INPUT,
                       "of which platform is the link? A receipt with a link is named like "
                       "%s-%" PRId64 "-%s.txt",
                       is.department, is.id, item.renditions[0].placement);
    TRY(gh_ledger_posted(l, who, item.sub.id, placement, link, &changed, err));
    *ret_changed = changed > 0;
    return 0;
}
