/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deeper parts of gh_video_probe: every packet, every frame. They complete a probe made from the header. */
#ifndef GH_PIPELINE_VIDEO_PROBE_H
#define GH_PIPELINE_VIDEO_PROBE_H

#include "pipeline/video_in.h"

/** Read all packets of in from its beginning; look: at its key pictures and sound as well, into ctx->seen. GH_LIMIT:
 * more frames or time than allowed; GH_INPUT: there are none. */
GH_MUST_USE int gh_probe_packets(const struct gh_ctx *ctx, struct gh_vin *in, bool look, struct gh_probe *p,
                                 struct gh_err *err);
/** Decode picture and sound of fd strictly; any complaint sets p->damaged. GH_INPUT: nothing could be decoded. */
GH_MUST_USE int gh_probe_decode(const struct gh_ctx *ctx, int fd, struct gh_probe *p, struct gh_err *err);

#endif
