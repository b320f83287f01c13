/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colour of planes: RGB to and from YCbCr, and profiles to sRGB through lcms. */
#ifndef GH_PIPELINE_PHOTO_COLOUR_H
#define GH_PIPELINE_PHOTO_COLOUR_H

#include "pipeline/photo/cicp.h"
#include "pipeline/photo/planes.h"

/** In the nursery: lcms can be used. */
GH_MUST_USE int gh_colour_warm(struct gh_err *err);
/** Whether this profile is sRGB, by its description, or by primaries and curve. ret_name (may be
 * NULL) gets its description in ASCII. */
bool gh_icc_is_srgb(const void *icc, size_t n, char ret_name[48]);
/**
 * Convert regular planes (4:2:0 or 4:4:4) in place from an RGB profile to sRGB. Grey planes stay as
 * they are, and so do planes whose profile is of another kind or damaged. GH_SYSTEM: memory.
 */
GH_MUST_USE int gh_planes_to_srgb(struct gh_planes *p, const void *icc, size_t n,
                                  struct gh_err *err);
/** The same for Display P3 and BT.2020 without a profile; everything else stays as it is. */
GH_MUST_USE int gh_planes_cicp_to_srgb(struct gh_planes *p, const struct gh_cicp *cicp,
                                       struct gh_err *err);
/** A profile that says the same as cicp; *ret is the caller's (malloc). Returns its size, 0 where
 * none is needed. */
size_t gh_cicp_icc(const struct gh_cicp *cicp, void **ret);
/** Packed 8-bit RGB rows, stride bytes apart, to 4:4:4 planes; *ret is the caller's. */
GH_MUST_USE int gh_planes_from_rgb(const uint8_t *rgb, size_t stride, uint32_t w, uint32_t h,
                                   struct gh_planes *ret, struct gh_err *err);

#endif
