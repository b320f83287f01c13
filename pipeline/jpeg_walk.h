/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging a JPEG by its structure. */
#ifndef GH_PIPELINE_JPEG_WALK_H
#define GH_PIPELINE_JPEG_WALK_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/**
 * Is this a whole Huffman-coded JPEG, as its structure tells? Segments in order and of possible content, tables defined
 * before they are used, scans of known components with data that is properly stuffed, long enough for its blocks and
 * ended by a marker that may follow, one frame, an end of image. No coefficient is decoded, what follows the end of the
 * image is not looked at. GH_INPUT: says what is wrong and at which byte. For files we wrote ourselves: what cameras
 * write is judged by decoding it.
 */
GH_MUST_USE int gh_jpeg_walk(const uint8_t *bytes, size_t n, struct gh_err *err);

#endif
