/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One H.264 encode into one MP4: pictures in, at a constant rate; sound is pulled as the picture advances and ends with
 * it. Its rate is capped so that bytes_max holds by construction; it gives up as soon as the bytes written prove
 * otherwise.
 */
#ifndef GH_PIPELINE_VIDEO_ENC_H
#define GH_PIPELINE_VIDEO_ENC_H

#include "pipeline/audio.h"
#include "pipeline/device.h"

#include <libavutil/frame.h>

struct gh_venc;
struct gh_venc_conf {
    const struct gh_recipe *recipe; /* borrowed */
    int fd;
    int journal; /* file that keeps what was made, see video_journal.h; -1: none */
    unsigned threads;
    struct gh_remote *remote; /* borrowed; encode there, NULL: in this process. One that is lost is as good as NULL */
    int64_t length_us;        /* expected, for the rate */
    uint32_t kbps_cap;        /* 0: computed; else: this average, from a first attempt */
    struct gh_sound *sound;   /* shared; NULL: none */
};
/** Nothing is opened before the first picture. */
struct gh_venc *gh_venc_new(const struct gh_venc_conf *conf);
/** The first picture it wants: above 0 when an earlier attempt made those before. */
int64_t gh_venc_from(const struct gh_venc *e);
void gh_venc_free(struct gh_venc **e);
/** Picture n (counting from 0 without gaps), and a glance at what it was made of, or NULL. Both are borrowed. GH_LIMIT:
 * bytes_max cannot hold. */
GH_MUST_USE int gh_venc_push(struct gh_venc *e, const AVFrame *frame, int64_t n, const struct gh_glance *glance,
                             struct gh_err *err);
/** Flush, complete the file, fill w, h, bytes, duration_us of *ret, and what the source was like. GH_INPUT when there
 * was no picture. */
GH_MUST_USE int gh_venc_finish(struct gh_venc *e, struct gh_result *ret, struct gh_look *ret_look, struct gh_err *err);
/** Bytes of the picture and pictures written so far: what a second attempt learns from the first. */
void gh_venc_spent(const struct gh_venc *e, uint64_t *ret_bytes, int64_t *ret_frames);
/** The encoders and the muxer are in this FFmpeg. */
GH_MUST_USE int gh_venc_warm(struct gh_err *err);

#endif
