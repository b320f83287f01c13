/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JPEG by libjpeg-turbo: header, and raw YCbCr planes at a DCT scale of 1, 1/2, 1/4 or 1/8 (other
 * scales cost sharpness). Damage is GH_INPUT and starts with "damaged"; what is only odd (bytes
 * between markers, a strange JFIF version) is not damage.
 */
#ifndef GH_PIPELINE_PHOTO_JPEG_READ_H
#define GH_PIPELINE_PHOTO_JPEG_READ_H

#include "pipeline/photo/planes.h"

struct gh_jpeg {
    uint32_t w, h;       /* as stored */
    uint32_t components; /* 1, 3, 4 */
    uint32_t progressive, precision;
    uint32_t subsampling; /* 444, 422, 420, 440, 411, 400; 0 another */
    bool planar;          /* grey or YCbCr: gh_jpeg_planes can decode it */
    bool cmyk;
};

/** What the header says. GH_INPUT: damaged. */
GH_MUST_USE int gh_jpeg_header(const uint8_t *bytes, size_t n, struct gh_jpeg *ret,
                               struct gh_err *err);
/**
 * Decode at the smallest scale that still has scale × the stored size (0 < scale ≤ 1). The planes
 * keep the file's subsampling and say so in dx, dy; they are not turned upright. Grey gives one
 * plane. *ret is the caller's. GH_INPUT: damaged; GH_LIMIT: too much memory, too many scans.
 */
GH_MUST_USE int gh_jpeg_planes(const uint8_t *bytes, size_t n, double scale, struct gh_planes *ret,
                               struct gh_err *err);

#endif
