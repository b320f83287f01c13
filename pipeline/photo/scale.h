/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Separable scaling of one 8-bit plane: columns first, into one row of 16-bit values, then that
 * row. Weights are 14-bit fixed point and add up to one exactly; the intermediate row keeps six
 * fractional bits. zimg does the same as well, but spends as much time again on its tables, which a
 * process that makes one picture cannot keep.
 */
#ifndef GH_PIPELINE_PHOTO_SCALE_H
#define GH_PIPELINE_PHOTO_SCALE_H

#include "base/err.h"
#include "pipeline/photo/planes.h"

/* A kernel: its value at a distance, and the distance from which on it is zero. */
struct gh_scale_kernel {
    double (*at)(double x);
    double reach;
};
extern const struct gh_scale_kernel gh_scale_spline36, gh_scale_triangle;

struct gh_window {
    /* in samples of the source plane; where it reaches beyond, the plane is mirrored */
    double x, y, w, h;
};

/** Fill dst with the window of src. For reducing, the kernel is widened. GH_SYSTEM: memory. */
GH_MUST_USE int gh_scale_plane(const struct gh_plane *src, const struct gh_window *win,
                               const struct gh_scale_kernel *kernel, struct gh_plane *dst,
                               struct gh_err *err);

#endif
