/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour of planes: RGB to and from YCbCr, and profiles to sRGB through lcms. */
#ifndef GH_PIPELINE_PHOTO_COLOUR_H
#define GH_PIPELINE_PHOTO_COLOUR_H

#include "pipeline/planes.h"

/** Look lcms up; called in the nursery. */
GH_MUST_USE int gh_colour_warm(struct gh_err *err);
/** Is this profile sRGB by description, or by primaries and curve? ret_name (may be NULL) gets its description in
 * ASCII. */
bool gh_icc_is_srgb(const void *icc, size_t n, char ret_name[48]);
/**
 * Convert regular planes (4:2:0 or 4:4:4) in place from an RGB profile to sRGB. Grey planes and profiles of other kinds
 * stay as they are. Never an error for a broken profile: its numbers are then taken as sRGB.
 */
GH_MUST_USE int gh_planes_to_srgb(struct gh_planes *p, const void *icc, size_t n, struct gh_err *err);
/** The same for H.273 primaries without a profile (12 = Display P3, 9 = BT.2020); others are left alone. */
GH_MUST_USE int gh_planes_primaries_to_srgb(struct gh_planes *p, unsigned primaries, struct gh_err *err);
/** Packed 8-bit RGB rows to 4:4:4 planes. */
GH_MUST_USE int gh_planes_from_rgb(const uint8_t *rgb, size_t stride, uint32_t w, uint32_t h, struct gh_planes *ret,
                                   struct gh_err *err);

#endif
