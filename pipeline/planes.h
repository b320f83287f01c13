/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A picture as 8-bit planes: Y, or Y Cb Cr (full range, BT.601, as JPEG has it). Every plane says which piece of the
 * picture its samples cover, in the coordinates of the *source* (upright source pixels once oriented): x0, y0 is the
 * outer edge of sample 0, dx, dy are samples per source pixel. So a crop given in source pixels can be taken from a
 * picture of any scale, chroma of odd sizes stays in place when mirrored, and nobody rounds twice. Chroma is centred:
 * its samples share outer edges with luma's.
 */
#ifndef GH_PIPELINE_PLANES_H
#define GH_PIPELINE_PLANES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gh_plane {
    uint8_t *data; /* row 0, 64-byte aligned */
    size_t stride; /* bytes from row to row, a multiple of 64; at least 16 bytes more than w may be written */
    uint32_t w, h; /* samples that count */
    double x0, y0, dx, dy;
};

struct gh_planes {
    uint32_t w, h;       /* luma */
    double ref_w, ref_h; /* size of the source in its own pixels */
    uint32_t n;          /* 1 grey, 3 */
    struct gh_plane p[3];
    void *mem; /* what release gets; NULL: borrowed */
    void (*release)(void *mem);
};

/* One EXIF orientation: upright(x, y) is taken from the stored picture after these steps on (x, y). */
struct gh_turn {
    bool flip_x, flip_y; /* first x = w-1-x, y = h-1-y in the upright picture … */
    bool swap;           /* … then x and y change places */
};
/** Orientation 1..8, everything else is 1. */
struct gh_turn gh_turn_of(uint32_t orient);

void gh_planes_free(struct gh_planes *p);
#define GH_AUTO_PLANES GH_AUTO(gh_planes_free) struct gh_planes
/** Take a picture out of *p, leaving nothing there. */
struct gh_planes gh_planes_steal(struct gh_planes *p);
/** The same samples, not owned. */
struct gh_planes gh_planes_borrow(const struct gh_planes *p);

/**
 * Allocate w × h, chroma of (w + off_x) >> shift rounded up; not cleared. The planes cover 0..w, 0..h of themselves
 * (ref = own size); odd off_x, off_y let chroma start one pixel early, as a picture pasted at an odd place or mirrored
 * needs it.
 */
GH_MUST_USE int gh_planes_new(uint32_t w, uint32_t h, uint32_t n, unsigned shift, unsigned off_x, unsigned off_y,
                              struct gh_planes *ret, struct gh_err *err);
/** Say that these planes, which cover 0..w × 0..h of themselves, show this rectangle of a source of ref_w × ref_h. */
void gh_planes_cover(struct gh_planes *p, double x, double y, double w, double h, double ref_w, double ref_h);
/** The picture turned upright, as new planes. */
GH_MUST_USE int gh_planes_turn(const struct gh_planes *src, uint32_t orient, struct gh_planes *ret, struct gh_err *err);
/** Is chroma (if there is any) as encoders want it: halved (shift 1) or full (0) in both directions, starting at 0? */
bool gh_planes_regular(const struct gh_planes *p, unsigned shift);
/** Fill with one colour, 0xRRGGBB. */
void gh_planes_fill(struct gh_planes *p, uint32_t rgb);
/** Copy src onto dst with its corner at (x, y) of dst's luma; src's chroma must start at -(x & 1), -(y & 1) when
 * halved. */
void gh_planes_paste(struct gh_planes *dst, const struct gh_planes *src, uint32_t x, uint32_t y);
/** 0xRRGGBB to Y, Cb, Cr. */
void gh_ycc_of(uint32_t rgb, uint8_t ret[3]);

#endif
