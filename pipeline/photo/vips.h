/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything that is no planar JPEG, by libvips from memory: PNG, WebP, TIFF, GIF, BMP, HEIC and
 * AVIF that are not for the fast path, CMYK and RGB JPEG. Damage is GH_INPUT; no pixel is evaluated
 * before gh_vips_planes.
 */
#ifndef GH_PIPELINE_PHOTO_VIPS_H
#define GH_PIPELINE_PHOTO_VIPS_H

#include "pipeline/meta/scan.h"
#include "pipeline/photo/cicp.h"
#include "pipeline/photo/planes.h"

struct gh_vips_info {
    uint32_t w, h;  /* as the loader gives it: libheif has already turned it */
    uint32_t bands; /* with alpha */
    bool alpha, cmyk, grey;
    uint32_t depth; /* bits a component */
    uint32_t pages;
    uint32_t orient; /* from the loader's header: 1 for HEIF */
};

/** In the nursery: load classes and modules. Starts no thread. */
GH_MUST_USE int gh_vips_warm(struct gh_err *err);
/** Read the header. meta (may be NULL) gets what metadata the loader found; what it borrows is
 * copied into keep. */
GH_MUST_USE int gh_vips_header(const uint8_t *bytes, size_t n, const char *format,
                               struct gh_vips_info *ret, struct gh_meta *meta,
                               struct gh_str keep[3], struct gh_err *err);
/**
 * Decode, convert to sRGB by cicp, where it says something, else by the profile; put transparent
 * pixels on the background (0xRRGGBB), reduce to scale (0..1]. *ret is the caller's: 4:4:4, not
 * turned upright.
 */
GH_MUST_USE int gh_vips_planes(const uint8_t *bytes, size_t n, const char *format,
                               const struct gh_cicp *cicp, double scale, uint32_t background,
                               struct gh_planes *ret, struct gh_err *err);

/**
 * An administrator's PNG as premultiplied RGBA, sRGB, neither edge longer than most; *ret_rgba is
 * the caller's (malloc). GH_INPUT: damaged; GH_LIMIT: more than 4096 pixels an edge.
 */
GH_MUST_USE int gh_vips_logo(const uint8_t *bytes, size_t n, uint32_t most, uint8_t **ret_rgba,
                             uint32_t *ret_w, uint32_t *ret_h, struct gh_err *err);

#endif
