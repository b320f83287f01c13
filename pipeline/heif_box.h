/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HEIF item boxes, as far as the fast path needs them: a primary item that is one 8-bit HEVC picture or a grid of equal
 * ones. Whatever is unusual (overlays, clean aperture, several decoder configurations, more than 8 bits) is GH_SKIP:
 * libvips takes it. Box layout: ISO/IEC 14496-12 (meta, iloc, iref, idat), ISO/IEC 23008-12 (grid, ispe, irot, imir,
 * ipma).
 */
#ifndef GH_PIPELINE_HEIF_BOX_H
#define GH_PIPELINE_HEIF_BOX_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define GH_HEIF_MAX_TILES 1024

/* A range of the file's bytes. */
struct gh_span {
    const uint8_t *at;
    size_t len;
};

/* Everything borrows from the bytes given to gh_heif_parse. */
struct gh_heif {
    uint32_t w, h;           /* canvas, before rotation (pixels) */
    uint32_t tile_w, tile_h; /* every tile's size; edge tiles overhang the canvas */
    uint32_t cols, rows;
    uint32_t n_tiles;                        /* cols × rows, in row order */
    struct gh_span tiles[GH_HEIF_MAX_TILES]; /* length-prefixed HEVC NAL units */
    struct gh_span hvcc;                     /* decoder configuration record, shared by all tiles */
    struct gh_span icc;                      /* embedded profile; empty when there is none */
    uint32_t matrix;                         /* H.273 matrix_coefficients of an nclx box; 2 = unspecified */
    uint32_t primaries;                      /* H.273 colour_primaries of an nclx box; 2 = unspecified */
    uint32_t orient;                         /* EXIF numbering: what irot and imir ask to do with the canvas */
};

/** bytes: the whole file. GH_SKIP: not for the fast path. Large structure (≈ 16 kB). */
GH_MUST_USE int gh_heif_parse(const uint8_t *bytes, size_t n, struct gh_heif *ret, struct gh_err *err);

#endif
