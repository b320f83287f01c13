/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * User data inside H.264 and HEVC bitstreams (SEI): cameras put positions there, encoders their settings. What decoding
 * and timing need (buffering period, picture timing, recovery point) stays; everything else goes.
 */
#ifndef GH_PIPELINE_VIDEO_SEI_H
#define GH_PIPELINE_VIDEO_SEI_H

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How NAL units are framed. */
struct gh_nal_form {
    bool hevc;
    uint8_t length_size; /* 1, 2 or 4 bytes of length before each; 0: start codes */
};

/** From a stream's extradata (avcC, hvcC or Annex B; may be NULL). */
struct gh_nal_form gh_nal_form_of(bool hevc, const uint8_t *extra, size_t n);
/** GH_META bits of the user data in one packet. */
uint32_t gh_sei_scan(struct gh_nal_form form, const uint8_t *bytes, size_t n);
/**
 * Copy one packet's NAL units without their user data into out, which holds at least n bytes; H.264 only. Returns the
 * number of bytes written. Framing that does not add up is copied as it is from there on: that is for a decoder to
 * judge.
 */
size_t gh_sei_strip(struct gh_nal_form form, const uint8_t *bytes, size_t n, uint8_t *out);

#endif
