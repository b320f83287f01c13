/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fast path for HEIC: the tiles of a parsed file through libavcodec's HEVC decoder into one set
 * of YCbCr planes, for a third to a quarter of the time of libheif with libde265.
 */
#ifndef GH_PIPELINE_PHOTO_HEIF_TILES_H
#define GH_PIPELINE_PHOTO_HEIF_TILES_H

#include "pipeline/photo/heif_box.h"

struct AVFrame;

/**
 * Decode every tile. *ret is the caller's (av_frame_free): AV_PIX_FMT_YUVJ420P, w × h of the
 * canvas, full range, not rotated; colorspace is set. A missing or damaged tile is GH_INPUT, and
 * never a grey area; a stream that is not what its header says is GH_SKIP (libvips decides).
 */
GH_MUST_USE int gh_heif_decode(const struct gh_heif *heif, struct AVFrame **ret,
                               struct gh_err *err);

#endif
