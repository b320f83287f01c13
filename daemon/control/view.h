/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of an item its asker may see. What somebody may not see does not exist for them: it is
 * refused as what is not there, and counted nowhere. */
#ifndef GH_DAEMON_CONTROL_VIEW_H
#define GH_DAEMON_CONTROL_VIEW_H

#include "daemon/control/control_int.h"

enum gh_view {
    GH_VIEW_NONE,
    GH_VIEW_OUT, /* what was let out, and no word that was not */
    GH_VIEW_ALL,
};

/** Of items of that department (a slug). GH_VIEW_OUT: of those that something of is out. */
enum gh_view gh_view_of(const struct gh_call *call, const char *department);
/** Is the asker an officer of that department? */
bool gh_view_owns(const struct gh_call *call, const char *department);
/** Does the asker see every item? */
bool gh_view_is_whole(const struct gh_call *call);
/** Set what lists must be limited to; the texts are borrowed from the call. */
void gh_view_limit(const struct gh_call *call, struct gh_list_filter *filter);
/** The name of a person in an actor of the audit ("user:bela (agency) by desk"), else the actor as
 * it is. The caller's to free. */
char *gh_view_who(const char *actor);
/** The item as the asker may see it; GH_USAGE, code ENOENT: there is none. */
GH_MUST_USE int gh_view_get(const struct gh_call *call, int64_t id, struct gh_item *ret,
                            enum gh_view *ret_view, struct gh_err *err);
/** The same, pruned to what is out whoever asks: what the agency has before it. */
GH_MUST_USE int gh_view_get_out(const struct gh_call *call, int64_t id, struct gh_item *ret,
                                struct gh_err *err);
/** The same for what needs GH_VIEW_ALL: whoever sees only what is out is refused likewise. */
GH_MUST_USE int gh_view_get_whole(const struct gh_call *call, int64_t id, struct gh_item *ret,
                                  struct gh_err *err);

#endif
