/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logos and labels that are painted over renditions. ghatd neither decodes a logo nor sets a text:
 * when settings are read, ghat-worker turns each into a sealed file of plain pixels
 * (pipeline/photo/overlay.h), and jobs get its descriptor. An id names what the pixels were made
 * of: the SHA-256 of the logo's bytes, or of the label's text.
 */
#ifndef GH_DAEMON_ENGINE_OVERLAYS_H
#define GH_DAEMON_ENGINE_OVERLAYS_H

#include "base/err.h"
#include "base/hash.h"
#include "daemon/plan/overlay_names.h"

struct gh_overlay_pixels;
struct gh_problems;
struct gh_profiles;

/**
 * The logos that can be named, and the pixels of these and of labels. Zero-initialise; release
 * with gh_overlays_free. Pixels that two of them have in common exist once, and are closed with the
 * last of them; one thread only.
 */
struct gh_overlays {
    struct gh_overlay_names names;
    struct gh_overlay_pixels **pixels;
    size_t n_pixels;
};

/* Where pixels come from. */
struct gh_overlay_source {
    const char *worker; /* path of ghat-worker */
    /* pixels that are in it are shared and not made again; NULL: none. Borrowed for the call */
    const struct gh_overlays *before;
};

void gh_overlays_free(struct gh_overlays *overlays);
/**
 * Have the worker read the PNG at path, and let name stand for it; a name that is known already is
 * not read again. GH_CONFIG: what is wrong with the file. Takes about 0.1 s for a logo that is
 * neither in overlays nor in source->before.
 */
GH_MUST_USE int gh_overlays_add_logo(struct gh_overlays *overlays,
                                     const struct gh_overlay_source *source, const char *path,
                                     const char *name, struct gh_err *err);
/** Every logo the chains of profiles name, from dir/logos. What is wrong goes to *problems. */
void gh_overlays_add_named(struct gh_overlays *overlays, const struct gh_overlay_source *source,
                           const char *dir, const struct gh_profiles *profiles,
                           struct gh_problems *problems);
/** Have the worker set a text (UTF-8, one line). GH_CONFIG when no font here has its letters. */
GH_MUST_USE int gh_overlays_add_label(struct gh_overlays *overlays,
                                      const struct gh_overlay_source *source, const char *text,
                                      char ret_id[GH_SHA_HEX], struct gh_err *err);
/** Descriptor of the pixels of an id, borrowed; -1 when there are none. overlays may be NULL. */
int gh_overlays_fd(const struct gh_overlays *overlays, const char *id);

#endif
