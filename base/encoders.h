/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The video encoders that can be chosen: their names, where their device usually is. How each is used: pipeline/. */
#ifndef GH_BASE_ENCODERS_H
#define GH_BASE_ENCODERS_H

#include <stdbool.h>
#include <stdint.h>

enum gh_encoder {
    GH_ENCODER_SOFTWARE, /* libx264, in the process that decodes */
    GH_ENCODER_VAAPI,
    GH_ENCODER_QSV,
    GH_ENCODER_NVENC,
    GH_ENCODER_V4L2,
    GH_ENCODER_LOOPBACK, /* libx264 where a device's encoder would run: a test of the way there */
    GH_ENCODERS,
};
#define GH_ENCODER_NAMES "software|vaapi|qsv|nvenc|v4l2|loopback" /* in that order */

/** "vaapi"; "?" for a number that is none. */
const char *gh_encoder_name(uint32_t encoder);
/** Its usual device file; NULL when it needs none. */
const char *gh_encoder_device(uint32_t encoder);
/** By name; false when there is none. */
bool gh_encoder_find(const char *name, uint32_t *ret);

#endif
