/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a bitstream of H.264 or HEVC carries beside its pictures, and H.264 without it. What may
 * pass is a list, and everything else is neither kept nor overlooked.
 */
#ifndef GH_PIPELINE_VIDEO_BITSTREAM_H
#define GH_PIPELINE_VIDEO_BITSTREAM_H

#include "pipeline/video/avc.h"
#include "pipeline/video/nal.h"

struct gh_bitstream {
    struct gh_nal_form form;
    bool has_avc; /* avc was read: H.264 with parameter sets in its header */
    struct gh_avc avc;
};

/** Read the extradata (borrowed, may be NULL) of a stream. Cannot fail. */
void gh_bitstream_open(struct gh_bitstream *b, bool hevc, const uint8_t *extra, size_t n);
/** GH_META bits of the extradata. */
uint32_t gh_bitstream_meta(const struct gh_bitstream *b);
/**
 * GH_META bits of one packet. *ret_fits (may be NULL): set to false where gh_bitstream_clean cannot
 * make a stream of it that decodes to the same, since it has parameter sets that its header has
 * not.
 */
uint32_t gh_bitstream_scan(const struct gh_bitstream *b, const uint8_t *bytes, size_t n,
                           bool *ret_fits);
/**
 * H.264 only: copy the units of one packet that decoding needs into out, which has n bytes: coded
 * slices as they are, and of SEI what gh_sei_clean keeps. Where has_avc is false, parameter sets
 * are copied, too. What damaged framing hides is left out. Returns the number of bytes.
 */
size_t gh_bitstream_clean(const struct gh_bitstream *b, const uint8_t *bytes, size_t n,
                          uint8_t *out);

#endif
