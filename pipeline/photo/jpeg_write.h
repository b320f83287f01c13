/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Planes to JPEG in memory: raw data, Huffman tables made for the picture, a JFIF head, then the
 * segments that are given. */
#ifndef GH_PIPELINE_PHOTO_JPEG_WRITE_H
#define GH_PIPELINE_PHOTO_JPEG_WRITE_H

#include "pipeline/meta/write.h"
#include "pipeline/photo/planes.h"

struct gh_jpeg_out {
    uint32_t quality;
    bool progressive;
    const struct gh_segment *segments; /* borrowed */
    size_t n_segments;
};

/**
 * planes: regular 4:2:0 or 4:4:4, or grey; up to 15 bytes right of every row are overwritten.
 * *ret_bytes is the caller's (free).
 */
GH_MUST_USE int gh_jpeg_encode(struct gh_planes *planes, const struct gh_jpeg_out *how,
                               uint8_t **ret_bytes, size_t *ret_n, struct gh_err *err);

#endif
