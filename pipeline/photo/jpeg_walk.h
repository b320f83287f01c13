/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a JPEG is whole, by its structure: a small part of the time that decoding it takes. */
#ifndef GH_PIPELINE_PHOTO_JPEG_WALK_H
#define GH_PIPELINE_PHOTO_JPEG_WALK_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Whether this is a whole Huffman-coded JPEG: segments in order and with possible content, tables
 * defined before they are used, scans of known components with data that is properly stuffed, long
 * enough for its blocks and ended by a marker that may follow, one frame, an end of image. No
 * coefficient is decoded, what follows the end of the image is not read. GH_INPUT: what is wrong,
 * and at which byte. For outputs of Ghat; files of cameras are decoded instead.
 */
GH_MUST_USE int gh_jpeg_walk(const uint8_t *bytes, size_t n, struct gh_err *err);

#endif
