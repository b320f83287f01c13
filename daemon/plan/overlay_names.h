/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which logo a name in a profile stands for: a table of names and ids, without pixels. The id of a
 * logo is the SHA-256 of its bytes, so a changed logo makes another recipe. */
#ifndef GH_DAEMON_PLAN_OVERLAY_NAMES_H
#define GH_DAEMON_PLAN_OVERLAY_NAMES_H

#include "base/hash.h"

#include <stddef.h>

#define GH_OVERLAY_NAME 64 /* bytes of a logo's name, the NUL counted */
#define GH_LABEL_MAX 300   /* bytes of a label's text, without the NUL */

struct gh_overlay_name {
    char name[GH_OVERLAY_NAME], id[GH_SHA_HEX];
};

/** Zero-initialise; release with gh_overlay_names_free. */
struct gh_overlay_names {
    struct gh_overlay_name *list;
    size_t n;
};
void gh_overlay_names_free(struct gh_overlay_names *names);
/** The id of a logo, borrowed until the next change of the table; NULL when the name is unknown. */
const char *gh_overlay_names_find(const struct gh_overlay_names *names, const char *name);
/** name must not be in the table yet. Both texts are copied. */
void gh_overlay_names_add(struct gh_overlay_names *names, const char *name, const char *id);

#endif
