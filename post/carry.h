/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One way out, carried by a thread of its own. */
#ifndef GH_POST_CARRY_H
#define GH_POST_CARRY_H

#include "post/post.h"

#include <stdatomic.h>

struct gh_carrier {
    const struct gh_post_settings *settings; /* borrowed, as all of it */
    const char *channel;                     /* "mail" or "hook" */
    struct gh_sender *sender;
    enum gh_outcome (*send)(struct gh_sender *sender, const struct gh_parcel *p,
                            struct gh_str *why);
    const atomic_bool *ending; /* true: it ends with what it has in hand */
};
/** Is ghatd told no more what became of a letter, since it refuses to hear it, or because of the
 * time that trying has taken? What was sent is told as long as it takes. Pure. */
bool gh_carrier_gives_up(enum gh_outcome outcome, int cls, int64_t tried_ms);
/** The thread: arg is a struct gh_carrier. Returns NULL. */
void *gh_carrier_run(void *arg);

#endif
