/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Planes and windows of them at other sizes, by our own scaler (scale.h); video frames to full-range planes, by zimg,
 * whose processor is always ZIMG_CPU_AUTO: zimg 3.0.4's 64-byte kernels return wrong pixels for some sizes.
 */
#ifndef GH_PIPELINE_RESAMPLE_H
#define GH_PIPELINE_RESAMPLE_H

#include "pipeline/planes.h"

/*
 * Sharp is Spline36: the six taps of Lanczos 3 with less ringing: 1 % fewer bytes, SSIM within 0.0008 of it. Bicubic
 * costs up to 0.004. Soft is bilinear, for enlarged blur.
 */
enum gh_kernel { GH_KERNEL_SHARP, GH_KERNEL_SOFT };

/**
 * Fill dst (allocated, covering 0..w of itself) with the rectangle x, y, w, h of src, in source pixels. A colour dst of
 * a grey src gets neutral chroma. Afterwards dst covers that rectangle.
 */
GH_MUST_USE int gh_resample(const struct gh_planes *src, double x, double y, double w, double h, enum gh_kernel kernel,
                            struct gh_planes *dst, struct gh_err *err);

struct AVFrame;
/** 8-bit YUV of any matrix, range and subsampling → full range BT.601 with centred chroma at the same size (4:2:0, or
 * 4:4:4 when asked). */
GH_MUST_USE int gh_planes_from_frame(const struct AVFrame *frame, unsigned shift, struct gh_planes *ret,
                                     struct gh_err *err);

#endif
