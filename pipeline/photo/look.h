/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a photo looks like, in a few bytes. */
#ifndef GH_PIPELINE_PHOTO_LOOK_H
#define GH_PIPELINE_PHOTO_LOOK_H

#include "base/media.h"
#include "pipeline/photo/planes.h"

/** Look at the whole upright picture, by its brightness alone; nothing is known of one of fewer
 * than 32 pixels at an edge. Takes about a millisecond. sharp compares photos of one size only. */
void gh_look_at(const struct gh_planes *p, struct gh_look *ret);

#endif
