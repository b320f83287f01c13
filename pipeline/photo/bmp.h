/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows bitmaps, row by row from memory: 1 to 32 bits, palettes, bit fields, run lengths, the
 * header of OS/2. Formats: Microsoft, BITMAPFILEHEADER, BITMAPV5HEADER and "Bitmap Compression".
 */
#ifndef GH_PIPELINE_PHOTO_BMP_H
#define GH_PIPELINE_PHOTO_BMP_H

#include "base/err.h"
#include "pipeline/photo/planes.h"

#include <stdbool.h>

struct gh_bmp {
    uint32_t w, h; /* pixels */
    uint32_t bits; /* of a pixel as it is stored */
    uint32_t compression;
    bool top_down, alpha;
    const uint8_t *pixels; /* borrowed; n_pixels bytes, to the end of the file */
    size_t n_pixels, stride;
    const uint8_t *icc; /* borrowed; NULL: none */
    size_t n_icc;
    uint32_t masks[4];       /* red, green, blue, alpha */
    uint8_t palette[256][3]; /* RGB */
    uint8_t *indices;        /* run lengths decoded, w × h bytes; NULL before gh_bmp_unpack */
};

/** Read the header. bytes are borrowed as long as *ret is used; no pixel is decoded. GH_INPUT:
 * truncated, damaged, or a kind that is not supported. */
GH_MUST_USE int gh_bmp_open(const uint8_t *bytes, size_t n, struct gh_bmp *ret, struct gh_err *err);
/** Decode run lengths, where there are any, into memory of w × h bytes. GH_INPUT: truncated. */
GH_MUST_USE int gh_bmp_unpack(struct gh_bmp *bmp, struct gh_err *err);
/** After gh_bmp_unpack: n pixels of row y, from x on, as RGB, or RGBA where there is alpha. */
void gh_bmp_row(const struct gh_bmp *bmp, uint32_t x, uint32_t y, uint32_t n, uint8_t *to);
/** Free what gh_bmp_unpack took. */
void gh_bmp_close(struct gh_bmp *bmp);

#endif
