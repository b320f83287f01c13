/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libavformat does not tell of an MP4 or QuickTime file: edit lists as they are written, where moov lies, and
 * which metadata boxes there are. Reads boxes by pread, bounded in number and depth; never interprets media.
 */
#ifndef GH_PIPELINE_MP4BOX_H
#define GH_PIPELINE_MP4BOX_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct gh_mp4 {
    bool moov, mdat, moov_first;
    bool edit_list;  /* an elst box with an entry */
    bool edit_trims; /* one hides pictures or sound, or changes speed: more than B-frame delay or AAC priming */
    bool fragmented; /* moof boxes */
    uint32_t edits;  /* entries of the longest edit list, as it says */
    uint32_t meta;   /* GH_META bits */
    uint32_t n_video, n_audio, n_data; /* tracks by handler */
};

/** Walk the file's boxes. Damage is not an error: what could be read is reported. GH_SYSTEM only when reading fails. */
GH_MUST_USE int gh_mp4_read(int fd, struct gh_mp4 *ret, struct gh_err *err);

#endif
