/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a still without an ICC profile says of its colours by code points (ITU-T H.273): the nclx
 * box of HEIF and AVIF (pipeline/photo/heif_box.h reads it), the cICP chunk of PNG.
 */
#ifndef GH_PIPELINE_PHOTO_CICP_H
#define GH_PIPELINE_PHOTO_CICP_H

#include "base/media.h"

#include <stddef.h>

/* All zero: the file says nothing, and is taken as sRGB. */
struct gh_cicp {
    uint32_t primaries, transfer;
    double max_cll, mastered; /* cd/m2: the brightest pixel, the mastering display; 0 unknown */
};

/** What the pixels are: GH_COLOUR_PQ, GH_COLOUR_HLG, GH_COLOUR_BT2020, GH_COLOUR_PROFILE (Display
 * P3), or GH_COLOUR_SRGB for everything that is shown as it is. */
enum gh_colour gh_cicp_colour(const struct gh_cicp *cicp);
/** cd/m2 of what is brightest, for the roll-off; 0 unknown. */
double gh_cicp_peak(const struct gh_cicp *cicp);
/** The chunks cICP, cLLI and mDCV of a PNG. */
void gh_cicp_png(const uint8_t *bytes, size_t n, struct gh_cicp *ret);

#endif
