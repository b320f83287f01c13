/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libavformat does not report of an MP4 or QuickTime file: edit lists as they are written, the
 * place of moov, and which metadata boxes there are. Reads boxes by pread, bounded in number and
 * depth; never interprets media.
 */
#ifndef GH_PIPELINE_VIDEO_MP4BOX_H
#define GH_PIPELINE_VIDEO_MP4BOX_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct gh_mp4 {
    bool mdat;       /* there is one */
    bool moov_first; /* moov is before it */
    bool edit_list;  /* an elst box with an entry */
    /* one hides pictures or sound (more than the delay of B-frames, or AAC priming), or changes the
     * speed */
    bool edit_trims;
    bool fragmented; /* its pictures are, in part or all, in fragments (moof) */
    bool encrypted;  /* a picture or sound track is (ISO/IEC 23001-7, or an older scheme) */
    uint32_t edits;  /* entries of the longest edit list, as it says */
    uint32_t meta;   /* GH_META bits */
};

/** Walk the boxes of fd (borrowed). Damage is no error: what could be read is reported. GH_SYSTEM:
 * fd has no size. */
GH_MUST_USE int gh_mp4_read(int fd, struct gh_mp4 *ret, struct gh_err *err);

#endif
