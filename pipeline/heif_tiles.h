/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HEIC fast path: the tiles of a parsed file through libavcodec's HEVC decoder into one set of YCbCr planes. Three to
 * four times cheaper than libheif with libde265 for the same pixels.
 */
#ifndef GH_PIPELINE_HEIF_TILES_H
#define GH_PIPELINE_HEIF_TILES_H

#include "pipeline/heif_box.h"

struct AVFrame;

/**
 * Decode every tile. *ret is the caller's (av_frame_free): AV_PIX_FMT_YUVJ420P, w × h of the canvas, full range, not
 * rotated; colorspace is set. A missing or damaged tile is GH_INPUT, never grey; a stream that is not what its header
 * said is GH_SKIP (libvips decides).
 */
GH_MUST_USE int gh_heif_decode(const struct gh_heif *heif, struct AVFrame **ret, struct gh_err *err);

#endif
