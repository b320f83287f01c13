/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameter sets of an H.264 stream in MP4 (Rec. ITU-T H.264 sections 7.3.2.1, 7.3.2.2 and annex E;
 * the box avcC of ISO/IEC 14496-15 section 5.3.3): read to the end of their syntax, and written
 * anew up to there. What says when a buffer is filled (HRD) is left out: MP4 has times of its own.
 */
#ifndef GH_PIPELINE_VIDEO_AVC_H
#define GH_PIPELINE_VIDEO_AVC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_AVC_CONFIG_MAX 4096 /* bytes of all parameter sets; some hundred are usual */
#define GH_AVC_SPS_IDS 32

/* What other units need to know of a sequence parameter set. */
struct gh_avc_sps {
    bool known;
    bool more_in_pps;    /* its profile has the second half of a picture parameter set */
    uint8_t lists_8x8;   /* scaling lists of 8×8 in a picture parameter set: 2, or 6 for 4:4:4 */
    bool pic_struct;     /* SEI messages of picture timing say how a picture is shown */
    unsigned delay_bits; /* … after so many bits of delays */
};

struct gh_avc {
    uint8_t config[GH_AVC_CONFIG_MAX]; /* avcC, written anew */
    size_t n;
    bool more; /* the original had bytes which the syntax has no place for */
    struct gh_avc_sps sps[GH_AVC_SPS_IDS];
    unsigned sps_id; /* of the first */
    bool one_timing; /* all of them agree about picture timing */
};

/** Read avcC. False: it is none, damaged, uses what no decoder here knows (slice groups, redundant
 * pictures), or is larger than GH_AVC_CONFIG_MAX. */
bool gh_avc_read(const uint8_t *extra, size_t n, struct gh_avc *ret);
/** Whether a parameter set from within the stream (header byte included) is one of those;
 * *ret_more: it has bytes behind its syntax. */
bool gh_avc_has(const struct gh_avc *avc, const uint8_t *nal, size_t n, bool *ret_more);

#endif
