/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deeper part of gh_video_probe: every packet. It completes a probe made from the header. */
#ifndef GH_PIPELINE_VIDEO_PROBE_H
#define GH_PIPELINE_VIDEO_PROBE_H

#include "pipeline/video_in.h"

/** Read all packets of in from its beginning; look: at its key pictures and sound as well, into ctx->seen. GH_LIMIT:
 * more frames or time than allowed; GH_INPUT: there are none. */
GH_MUST_USE int gh_probe_packets(const struct gh_ctx *ctx, struct gh_vin *in, bool look, struct gh_probe *p,
                                 struct gh_err *err);
#endif
