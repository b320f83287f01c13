/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a crop should keep. */
#ifndef GH_PIPELINE_PHOTO_ATTEND_H
#define GH_PIPELINE_PHOTO_ATTEND_H

#include "base/media.h"
#include "pipeline/photo/planes.h"

/**
 * Move crop (its size stays, in source pixels) over what draws attention in src: edges, colours
 * that the rest of the picture has not, skin. It never begins below the uppermost head; the upper
 * part of tall pictures counts more, since heads are there. The crop stays within the source.
 * GH_SYSTEM: memory.
 */
GH_MUST_USE int gh_attend(const struct gh_planes *src, struct gh_rect *crop, struct gh_err *err);

#endif
