/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of encoders, by enum gh_encoder. For open.c, device.c and their tests. */
#ifndef GH_PIPELINE_ENCODE_ENCODER_INT_H
#define GH_PIPELINE_ENCODE_ENCODER_INT_H

#include "pipeline/encode/encoder.h"

#include <libavutil/hwcontext.h>

struct gh_encoder_row {
    const char *codec;        /* libavcodec's name */
    enum AVHWDeviceType hw;   /* device to open; NONE: the encoder opens it itself */
    enum AVPixelFormat takes; /* format of the pictures it is given … */
    enum AVPixelFormat raw;   /* … and of those in memory that are uploaded to it */
    /* names of its own options; NULL: it has none, and AVCodecContext's field is set instead */
    const char *crf, *profile, *preset, *params, *level, *gpu;
    const char *options; /* fixed ones, "a=b:c=d" */
    int average;         /* without crf: average rate to ask for, in thousandths of the cap */
    uint32_t bframes;    /* at most */
    bool in_band;        /* parameter sets come with the first key picture only */
};
extern const struct gh_encoder_row gh_encoder_rows[GH_ENCODERS];

#endif
