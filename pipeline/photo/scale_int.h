/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside scale.c, and for the test that both of its ways of adding up give the same samples. */
#ifndef GH_PIPELINE_PHOTO_SCALE_INT_H
#define GH_PIPELINE_PHOTO_SCALE_INT_H

#include "pipeline/photo/scale.h"

/** gh_scale_plane with vector instructions or without. vectors: the processor has AVX2. */
GH_MUST_USE int gh_scale_plane_by(const struct gh_plane *src, const struct gh_window *win,
                                  const struct gh_scale_kernel *kernel, struct gh_plane *dst,
                                  bool vectors, struct gh_err *err);

#endif
