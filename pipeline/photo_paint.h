/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is painted rather than scaled: the blurred background of padded pictures, sharpening; and finding what a crop
 * should keep. */
#ifndef GH_PIPELINE_PHOTO_PAINT_H
#define GH_PIPELINE_PHOTO_PAINT_H

#include "base/media.h"
#include "pipeline/planes.h"

/** Fill canvas outside the content's rectangle (x, y, w, h) with the blurred, enlarged crop of src. */
GH_MUST_USE int gh_paint_blur(struct gh_planes *canvas, const struct gh_planes *src, const struct gh_pic *pic,
                              struct gh_err *err);
/** Unsharp mask of luma, radius one pixel, percent strong. */
GH_MUST_USE int gh_paint_sharpen(struct gh_planes *p, uint32_t percent, struct gh_err *err);
/**
 * Move pic->crop (its size stays) over what draws attention in src: edges, skin, strong colours; the upper part of tall
 * pictures counts more, for that is where heads are. Stays within the rectangle the crop may move in: the whole source.
 */
GH_MUST_USE int gh_attend(const struct gh_planes *src, struct gh_rect *crop, struct gh_err *err);

#endif
