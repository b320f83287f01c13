/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HEIF item boxes, as far as the fast path needs them: a primary item that is one 8-bit HEVC
 * picture or a grid of equal ones. Whatever is unusual (overlays, clean aperture, alpha and other
 * auxiliary pictures that count, several decoder configurations, more than 8 bits, HDR, properties
 * that are essential and not read here) is GH_SKIP and is left to libvips. Layout of the boxes:
 * ISO/IEC 14496-12 (meta, iloc, iref, idat), ISO/IEC 23008-12 (grid, ispe, irot, imir, ipma).
 */
#ifndef GH_PIPELINE_PHOTO_HEIF_BOX_H
#define GH_PIPELINE_PHOTO_HEIF_BOX_H

#include "base/err.h"
#include "pipeline/photo/cicp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_HEIF_MAX_TILES 1024

/* A range of the file's bytes. */
struct gh_span {
    const uint8_t *at;
    size_t len;
};

/* What colr, clli and mdcv boxes say. */
struct gh_heif_colour {
    struct gh_span icc;  /* embedded profile; empty when there is none */
    bool said;           /* there is an nclx box: what follows comes from it */
    struct gh_cicp cicp; /* counts where there is no profile */
    uint32_t matrix;     /* matrix_coefficients of H.273 */
    bool limited;        /* range */
};

/* Everything borrows from the bytes given to gh_heif_parse. */
struct gh_heif {
    uint32_t w, h;           /* canvas, before rotation (pixels) */
    uint32_t tile_w, tile_h; /* every tile's size; edge tiles overhang the canvas */
    uint32_t cols, rows;
    uint32_t n_tiles;                        /* cols × rows, in row order */
    struct gh_span tiles[GH_HEIF_MAX_TILES]; /* length-prefixed HEVC NAL units */
    struct gh_span hvcc;                     /* decoder configuration record, shared by all tiles */
    struct gh_heif_colour colour;
    /* EXIF numbering: how irot and imir turn the canvas */
    uint32_t orient;
};

/** bytes: the whole file, borrowed by *ret (some 16 kB). GH_SKIP: not for the fast path. */
GH_MUST_USE int gh_heif_parse(const uint8_t *bytes, size_t n, struct gh_heif *ret,
                              struct gh_err *err);
/** The colour of any HEIF or AVIF file, fast path or not: what the nclx box of its primary item
 * says. All zero where there is none, a profile, or boxes that cannot be read. */
void gh_heif_cicp(const uint8_t *bytes, size_t n, struct gh_cicp *ret);

#endif
