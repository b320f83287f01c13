/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The small pictures that people decide by, of outputs and of originals: which there are, what they
 * are called in requests and in file names. All are JPEG, upright, sRGB, without metadata.
 */
#ifndef GH_BASE_PREVIEW_H
#define GH_BASE_PREVIEW_H

#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

#define GH_PREVIEW_STILLS 6 /* of a video, spread over its length */

enum gh_preview {
    GH_PREVIEW_CARD,   /* in a list */
    GH_PREVIEW_SCREEN, /* to be looked at */
    GH_PREVIEW_STILL,  /* the first still of a video; the others follow */
    GH_PREVIEWS = GH_PREVIEW_STILL + GH_PREVIEW_STILLS
};
#define GH_PREVIEW_SET_STILLS (((1u << GH_PREVIEW_STILLS) - 1) << GH_PREVIEW_STILL)

/** The longer edge at most, pixels: 360, 1600, or 160 of a still. */
uint32_t gh_preview_edge(enum gh_preview p);
/** Of an edge and, for stills only, a number from 1 on (else 0). False: there is none. */
bool gh_preview_parse(int64_t edge, int64_t still, enum gh_preview *ret);
/** The moment of a video of that length that a still shows, microseconds; 0 for other previews. */
int64_t gh_preview_moment_us(enum gh_preview p, int64_t duration_us);

/** The nth preview, from 0, of a set of 1u << enum gh_preview; GH_PREVIEWS: it has no more. */
enum gh_preview gh_preview_nth(unsigned set, unsigned n);

#define GH_PREVIEW_NAME (GH_SHA_HEX + 16)
/** The name of its file: "<sha256>-360.jpg", "<sha256>-160-1.jpg". sha256: of what it is made of.
 */
void gh_preview_name(const char *sha256, enum gh_preview p, char ret[GH_PREVIEW_NAME]);
/** The SHA-256 in such a name. False: it is no such name. */
bool gh_preview_name_sha(const char *name, char ret_sha256[GH_SHA_HEX]);

#endif
