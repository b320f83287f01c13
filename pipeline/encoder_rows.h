/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of encoders, by enum gh_encoder. Inside encoder_open.c, the process that owns a device, and their tests. */
#ifndef GH_PIPELINE_ENCODER_ROWS_H
#define GH_PIPELINE_ENCODER_ROWS_H

#include "pipeline/encoder.h"

#include <libavutil/hwcontext.h>

struct gh_encoder_row {
    const char *codec;             /* libavcodec's name */
    enum AVHWDeviceType hw;        /* device to open; NONE: the encoder does it itself */
    enum AVPixelFormat takes, raw; /* of its pictures; what they are uploaded from: planes in memory */
    /* names of its own options, NULL: it has none and goes by AVCodecContext's */
    const char *crf, *profile, *preset, *params, *level, *gpu;
    const char *options; /* fixed ones, "a=b:c=d" */
    int average;         /* without crf: average rate to ask for, in thousandths of the cap */
    uint32_t bframes;    /* at most */
    bool in_band;        /* parameter sets come with the first key picture only */
};
extern const struct gh_encoder_row gh_encoder_rows[GH_ENCODERS];

#endif
