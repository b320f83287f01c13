/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One H.264 encode into one MP4: pictures in, at a constant rate; sound is pulled as the picture advances and ends with
 * it. Its rate is capped so that bytes_max holds by construction; it gives up as soon as the bytes written prove
 * otherwise. The pictures may be shared out among several (pieces, each for a row of numbers that begins where a GOP
 * may): the first writes the file, the others keep their packets in files of their own until they are joined to it.
 */
#ifndef GH_PIPELINE_VIDEO_ENC_H
#define GH_PIPELINE_VIDEO_ENC_H

#include "pipeline/audio.h"
#include "pipeline/device.h"

#include <libavutil/frame.h>
#include <stdbool.h>

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
    int64_t from;             /* a later piece: its first picture */
    int shelf;                /* a later piece: empty file for its packets, nothing goes to fd; -1: not one */
};
/** Nothing is opened before the first picture. */
struct gh_venc *gh_venc_new(const struct gh_venc_conf *conf);
/** The first picture it wants: above 0 when an earlier attempt made those before. */
int64_t gh_venc_from(const struct gh_venc *e);
/** Make it a piece: it wants no picture from number until on (INT64_MAX: all the rest), and is one of so many. Before
 * the first push. */
void gh_venc_cut(struct gh_venc *e, int64_t until, unsigned pieces);
/** The first picture it does not want; INT64_MAX: it wants all. */
int64_t gh_venc_until(const struct gh_venc *e);
const struct gh_recipe *gh_venc_recipe(const struct gh_venc *e);
/** Pictures from one key picture to the next, at most. */
int64_t gh_venc_gop(const struct gh_recipe *recipe);
bool gh_venc_is_piece(const struct gh_venc *e);
void gh_venc_free(struct gh_venc **e);
/** Picture n (counting from 0 without gaps), and a glance at what it was made of, or NULL. Both are borrowed. GH_LIMIT:
 * bytes_max cannot hold. */
GH_MUST_USE int gh_venc_push(struct gh_venc *e, const AVFrame *frame, int64_t n, const struct gh_glance *glance,
                             struct gh_err *err);
/** A piece has all its pictures: what the encoder still holds is written, and its memory given back. GH_INPUT when
 * pictures lack. */
GH_MUST_USE int gh_venc_flush(struct gh_venc *e, struct gh_err *err);
/** Append to e, the first piece, what the others (n of them, in order, all flushed) made of the pictures before number
 * until. 1 when nothing is left, else 0: the caller calls again, with a larger number. */
GH_MUST_USE int gh_venc_join(struct gh_venc *e, struct gh_venc *const *others, size_t n, int64_t until,
                             struct gh_err *err);
/** Flush, complete the file, fill w, h, bytes, duration_us of *ret, and what the source was like. GH_INPUT when there
 * was no picture. */
GH_MUST_USE int gh_venc_finish(struct gh_venc *e, struct gh_result *ret, struct gh_look *ret_look, struct gh_err *err);
/** Bytes of the picture and pictures written so far: what a second attempt learns from the first. */
void gh_venc_spent(const struct gh_venc *e, uint64_t *ret_bytes, int64_t *ret_frames);
/** The encoders and the muxer are in this FFmpeg. */
GH_MUST_USE int gh_venc_warm(struct gh_err *err);

#endif
