/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The blurred background of padded pictures, and sharpening. */
#ifndef GH_PIPELINE_PHOTO_PAINT_H
#define GH_PIPELINE_PHOTO_PAINT_H

#include "base/media.h"
#include "pipeline/photo/planes.h"

/** Fill canvas outside of pic's content with the blurred, enlarged crop of src. */
GH_MUST_USE int gh_paint_blur(struct gh_planes *canvas, const struct gh_planes *src,
                              const struct gh_pic *pic, struct gh_err *err);
/** Unsharp mask of luma, radius one pixel, percent strong. */
GH_MUST_USE int gh_paint_sharpen(struct gh_planes *p, uint32_t percent, struct gh_err *err);

#endif
