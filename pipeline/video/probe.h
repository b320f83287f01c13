/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of gh_video_probe that reads every packet, in packets.c. */
#ifndef GH_PIPELINE_VIDEO_PROBE_H
#define GH_PIPELINE_VIDEO_PROBE_H

#include "pipeline/input/in.h"

/** Complete *p, which was made from the header, by reading all packets of in from its beginning.
 * fingerprint: take that of its key pictures and sound as well, into ctx->seen. GH_LIMIT: more
 * frames or time than allowed; GH_INPUT: no pictures. */
GH_MUST_USE int gh_probe_packets(const struct gh_ctx *ctx, struct gh_vin *in, bool fingerprint,
                                 struct gh_probe *p, struct gh_err *err);

#endif
