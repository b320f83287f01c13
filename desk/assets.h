/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is built into the program: pages, style, script, icons. Their addresses hold their hash, so
 * that browsers keep them for good and a new version has another address.
 */
#ifndef GH_DESK_ASSETS_H
#define GH_DESK_ASSETS_H

#include "desk/desk.h"

/* A file of desk/pages or desk/static, put into the program by tools/embed.sh. */
struct gh_embedded {
    const char *name;
    const char *bytes;
    size_t n;
};
extern const struct gh_embedded gh_embedded_pages[], gh_embedded_static[]; /* end with NULL */

/** Parse all templates, hash and compress what is served as it is. Fills templates and
 * assets. GH_CONFIG. */
GH_MUST_USE int gh_assets_load(struct gh_desk *desk, struct gh_err *err);
void gh_assets_free(struct gh_desk *desk);

#endif
