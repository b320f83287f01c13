/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of either kind: its bytes decide whether it is a photo's or a video's. */
#ifndef GH_PIPELINE_CHILD_MEDIA_H
#define GH_PIPELINE_CHILD_MEDIA_H

#include "pipeline/pipeline.h"

/** What the file in fd (borrowed) is, by its content alone. GH_INPUT: of no kind that is taken, or
 * damaged; GH_LIMIT: names the limit. */
GH_MUST_USE int gh_probe_media(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                               struct gh_probe *ret, struct gh_err *err);

#endif
