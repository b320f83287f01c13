/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Planes and parts of them at other sizes, by scale.h; frames of videos to full-range planes, by
 * zimg, always with ZIMG_CPU_AUTO: the 64-byte kernels of zimg 3.0.4 return wrong pixels for some
 * sizes.
 */
#ifndef GH_PIPELINE_PHOTO_RESAMPLE_H
#define GH_PIPELINE_PHOTO_RESAMPLE_H

#include "pipeline/photo/planes.h"

/*
 * SHARP is Spline36: six taps as Lanczos 3, with less ringing, 1 % fewer bytes, and SSIM within
 * 0.0008 of it; bicubic loses up to 0.004. SOFT is bilinear, to enlarge what is blurred.
 */
enum gh_kernel { GH_KERNEL_SHARP, GH_KERNEL_SOFT };

/**
 * Fill dst (allocated, covering 0..w of itself) with the rectangle x, y, w, h of src, in source
 * pixels. A colour dst of a grey src gets neutral chroma. Afterwards dst covers that rectangle.
 */
GH_MUST_USE int gh_resample(const struct gh_planes *src, double x, double y, double w, double h,
                            enum gh_kernel kernel, struct gh_planes *dst, struct gh_err *err);

struct AVFrame;
/** From 8-bit YUV of any matrix, range and subsampling to full-range BT.601 with centred chroma at
 * the same size: 4:2:0 (shift 1) or 4:4:4 (0). frame is borrowed, *ret is the caller's. */
GH_MUST_USE int gh_planes_from_frame(const struct AVFrame *frame, unsigned shift,
                                     struct gh_planes *ret, struct gh_err *err);

#endif
