/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture as 8-bit planes: Y, or Y Cb Cr (full range, BT.601, as JPEG has it). Every plane says
 * which part of the picture its samples cover, in source pixels (upright ones once it was turned):
 * x0, y0 is the outer edge of sample 0; dx, dy are samples for each source pixel. So a crop given
 * in source pixels can be taken from a picture of any scale, chroma of odd sizes stays in place
 * when mirrored, and nothing is rounded twice. Chroma is centred: its samples share outer edges
 * with those of luma.
 */
#ifndef GH_PIPELINE_PHOTO_PLANES_H
#define GH_PIPELINE_PHOTO_PLANES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_plane {
    uint8_t *data; /* row 0, 64-byte aligned */
    /* bytes from row to row, a multiple of 64; at least 16 bytes more than w may be written */
    size_t stride;
    uint32_t w, h; /* samples that count */
    double x0, y0, dx, dy;
};

struct gh_planes {
    uint32_t w, h;       /* luma */
    double ref_w, ref_h; /* size of the source in its own pixels */
    uint32_t n;          /* of planes: 1 grey, 3 colour */
    struct gh_plane p[3];
    void *mem; /* all planes are in it; release frees it */
    void (*release)(void *mem);
};

/* One EXIF orientation: the pixel at (x, y) of the upright picture is that of the stored one at the
 * place to which these steps bring (x, y). */
struct gh_turn {
    bool flip_x, flip_y; /* first x = w-1-x, y = h-1-y in the upright picture … */
    bool swap;           /* … then x and y change places */
};
/** orient: 1..8; anything else is 1. */
struct gh_turn gh_turn_of(uint32_t orient);

void gh_planes_free(struct gh_planes *p);
#define GH_AUTO_PLANES GH_AUTO(gh_planes_free) struct gh_planes
/** Move a picture out of *p, which is then empty. */
struct gh_planes gh_planes_steal(struct gh_planes *p);

/**
 * Allocate n planes of w × h, chroma of (w + off_x) >> shift rounded up; not cleared. The planes
 * cover 0..w, 0..h of themselves (ref = own size). Where off_x or off_y is odd, chroma starts a
 * pixel before 0: a picture that is pasted at an odd place, or mirrored, needs that. *ret is the
 * caller's (gh_planes_free). GH_SYSTEM: memory.
 */
GH_MUST_USE int gh_planes_new(uint32_t w, uint32_t h, uint32_t n, unsigned shift, unsigned off_x,
                              unsigned off_y, struct gh_planes *ret, struct gh_err *err);
/** Say that these planes, which cover 0..w × 0..h of themselves, show this rectangle of a source of
 * ref_w × ref_h. */
void gh_planes_cover(struct gh_planes *p, double x, double y, double w, double h, double ref_w,
                     double ref_h);
/** Write the upright form of src, which has orientation orient, into dst->w × dst->h samples of
 * dst. Of src only data and stride are read. Nothing is written beside them. */
void gh_plane_turn(const struct gh_plane *src, uint32_t orient, struct gh_plane *dst);
/** The picture turned upright, as new planes, which are the caller's. */
GH_MUST_USE int gh_planes_turn(const struct gh_planes *src, uint32_t orient, struct gh_planes *ret,
                               struct gh_err *err);
/** Whether chroma (if there is any) is as encoders want it: halved (shift 1) or full (0) in both
 * directions, starting where luma does. */
bool gh_planes_regular(const struct gh_planes *p, unsigned shift);
/** Fill with one colour, 0xRRGGBB. */
void gh_planes_fill(struct gh_planes *p, uint32_t rgb);
/** Copy src onto dst with its corner at (x, y) of dst's luma; src's chroma must start at -(x & 1),
 * -(y & 1) when halved. */
void gh_planes_paste(struct gh_planes *dst, const struct gh_planes *src, uint32_t x, uint32_t y);
/** 0xRRGGBB to Y, Cb, Cr. */
void gh_ycc_of(uint32_t rgb, uint8_t ret[3]);

#endif
