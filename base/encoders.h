/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The video encoders that can be chosen, and the memory that pictures cross to them in. How each is
 * used is in pipeline/encode/. */
#ifndef GH_BASE_ENCODERS_H
#define GH_BASE_ENCODERS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gh_encoder {
    GH_ENCODER_SOFTWARE, /* libx264, in the process that decodes */
    GH_ENCODER_VAAPI,
    GH_ENCODER_QSV,
    GH_ENCODER_NVENC,
    GH_ENCODER_V4L2,
    /* libx264 in the process that would own a device: tests all of that way without one */
    GH_ENCODER_LOOPBACK,
    GH_ENCODERS,
};
#define GH_ENCODER_NAMES "software|vaapi|qsv|nvenc|v4l2|loopback" /* in that order */

/** "vaapi"; "?" for a number that is none. */
const char *gh_encoder_name(uint32_t encoder);
/** Its usual device file; NULL when it has none. */
const char *gh_encoder_device(uint32_t encoder);
/** By name; false when there is none. */
bool gh_encoder_find(const char *name, uint32_t *ret);

/*
 * Raw pictures on their way to an encoder in another process: planes Y, Cb, Cr, 4:2:0, one after
 * the other, in each of GH_DEVICE_SLOTS parts of one memory.
 */
#define GH_DEVICE_SLOTS 4u
#define GH_DEVICE_EDGE_MIN 16u   /* pixels */
#define GH_DEVICE_EDGE_MAX 4096u /* pixels: what hardware encoders of H.264 take */
#define GH_DEVICE_MEMORY_MAX (4096ull * 4096 * 2 * GH_DEVICE_SLOTS)
/** Bytes from line to line of the first plane; the other two have half. */
static inline size_t gh_device_stride(uint32_t w)
{
    return ((size_t)w + 127) / 128 * 128;
}
/** Bytes of one picture: one slot. */
static inline size_t gh_device_picture_bytes(uint32_t w, uint32_t h)
{
    return gh_device_stride(w) * h + gh_device_stride(w) * ((h + 1) / 2);
}
/** Memory for pictures of w × h pixels, sealed so that no holder can change its size. The
 * descriptor is the caller's. GH_SYSTEM. */
GH_MUST_USE int gh_device_memory(uint32_t w, uint32_t h, int *ret_fd, struct gh_err *err);

#endif
