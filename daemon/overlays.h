/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logos and labels that are painted over renditions. ghatd neither decodes a logo nor sets a text: at start and reload
 * ghat-worker turns each into a sealed file of plain pixels (pipeline/overlay.h), once, and jobs get its descriptor. An
 * id names what it was made of: SHA-256 of the logo's bytes, or of the text; so a changed logo is another recipe.
 */
#ifndef GH_DAEMON_OVERLAYS_H
#define GH_DAEMON_OVERLAYS_H

#include "base/err.h"
#include "base/hash.h"
#include "base/media.h"

#include <stddef.h>

#define GH_OVERLAY_NAME 64
#define GH_LABEL_MAX 300 /* bytes of a label's text */

/* Which logo a name stands for now. Pixels are kept by id until the process ends: there are few. */
struct gh_overlays {
    struct gh_overlay_name {
        char name[GH_OVERLAY_NAME], id[GH_SHA_HEX];
    } * list;
    size_t n;
};
void gh_overlays_free(struct gh_overlays *set);
/** Id of a logo's name; NULL when it is not in the set. */
const char *gh_overlays_find(const struct gh_overlays *set, const char *name);

/**
 * Have worker read a PNG and put it into the set; a name that is in it already is not read again. GH_CONFIG:
 * what is wrong with the file. Takes about 0.1 s for a logo this process has not seen yet.
 */
GH_MUST_USE int gh_overlays_add_file(struct gh_overlays *set, const char *worker, const char *path, const char *name,
                                     struct gh_err *err);
/** Every logo the chains of n profiles name, from dir/logos. What is wrong goes to *problems. */
struct gh_profile;
struct gh_problems;
void gh_overlays_add_named(struct gh_overlays *set, const char *worker, const char *dir,
                           const struct gh_profile *profiles, size_t n, struct gh_problems *problems);
/** Logos and labels of every department: the first into the set, the ids of both into the departments. */
struct gh_departments;
void gh_overlays_dress(struct gh_overlays *set, const char *worker, const char *dir,
                       const struct gh_departments *departments, struct gh_problems *problems);
/** Have worker set a text (UTF-8, one line). GH_CONFIG when no font here has its letters. */
GH_MUST_USE int gh_overlay_label(const char *worker, const char *text, char ret_id[GH_SHA_HEX], struct gh_err *err);

/** Pixels of an id, borrowed; -1 when nobody made them. */
int gh_overlay_fd(const char *id);

#endif
