/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes of sources as the worker reports them, for tests of what is decided from them. */
#ifndef GH_TESTS_PROBES_H
#define GH_TESTS_PROBES_H

#include "base/media.h"
#include "base/str.h"

#include <string.h>

static inline struct gh_probe photo_probe(uint32_t w, uint32_t h)
{
    struct gh_probe p;
    memset(&p, 0, sizeof(p));
    p.media = GH_PHOTO;
    GH_COPY(p.format, "jpeg");
    p.bytes = 3000000;
    p.w = p.stored_w = w;
    p.h = p.stored_h = h;
    p.orient = 1;
    p.colour = GH_COLOUR_SRGB;
    p.depth = 8;
    p.pages = 1;
    p.components = 3;
    p.subsampling = 420;
    return p;
}

/* 30 fps H.264 High in MP4 with stereo AAC, as a phone makes it, decoded whole. */
static inline struct gh_probe video_probe(uint32_t w, uint32_t h, double seconds)
{
    struct gh_probe p;
    memset(&p, 0, sizeof(p));
    p.media = GH_VIDEO;
    GH_COPY(p.format, "mov");
    p.w = p.stored_w = w;
    p.h = p.stored_h = h;
    p.orient = 1;
    p.colour = GH_COLOUR_BT709;
    p.color_primaries = p.color_trc = p.color_space = 1;
    p.depth = 8;
    GH_COPY(p.vcodec, "h264");
    GH_COPY(p.vprofile, "High");
    GH_COPY(p.pix_fmt, "yuv420p");
    p.vlevel = 40;
    p.fps = p.fps_avg = (struct gh_rational){30, 1};
    p.duration_us = p.container_us = p.aduration_us = (int64_t)(seconds * 1e6);
    p.frames = (uint64_t)(seconds * 30);
    p.vkbps = 12000;
    p.bytes = (uint64_t)(seconds * 12128 * 1000 / 8);
    p.sar = (struct gh_rational){1, 1};
    p.bframes = 2;
    p.gop_max_ms = 8333;
    p.moov_first = 1;
    p.n_video = p.n_audio = 1;
    GH_COPY(p.acodec, "aac");
    GH_COPY(p.aprofile, "LC");
    p.arate = 48000;
    p.achannels = 2;
    p.checked = GH_PROBE_FULL;
    return p;
}

#endif
