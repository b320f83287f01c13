/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Separable scaling of one 8-bit plane: columns first, into one row of 16-bit values, then that row. Weights are 14-bit
 * fixed point and add up to one exactly; the row between keeps six bits below the point. zimg does the same work well,
 * but spends as long again on its tables, which no process that makes one picture can keep.
 */
#ifndef GH_PIPELINE_SCALE_H
#define GH_PIPELINE_SCALE_H

#include "base/err.h"
#include "pipeline/planes.h"

/* A kernel: its value at a distance, and the distance from which on it is zero. */
struct gh_scale_kernel {
    double (*at)(double x);
    double reach;
};
extern const struct gh_scale_kernel gh_scale_spline36, gh_scale_triangle;

struct gh_window {
    double x, y, w, h; /* in samples of the source plane; may reach beyond it: samples there are mirrored */
};

/** Fill dst with the window of src. When made smaller the kernel is widened. GH_SYSTEM: out of memory. */
GH_MUST_USE int gh_scale_plane(const struct gh_plane *src, const struct gh_window *win,
                               const struct gh_scale_kernel *kernel, struct gh_plane *dst, struct gh_err *err);
/** The same without vector instructions: for tests. */
GH_MUST_USE int gh_scale_plane_plain(const struct gh_plane *src, const struct gh_window *win,
                                     const struct gh_scale_kernel *kernel, struct gh_plane *dst, struct gh_err *err);

#endif
