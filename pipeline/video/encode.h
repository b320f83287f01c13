/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One H.264 encode into one MP4: pictures in, at a constant rate; sound is pulled as the picture
 * advances and ends with it. The rate is capped so that bytes_max should hold; where the bytes
 * written show that it does not, the encode fails at once. The pictures may be shared out among
 * several encodes (pieces, each with a range of pictures that begins where a GOP may): the first
 * writes the file, the others keep their packets in files of their own until they are appended.
 */
#ifndef GH_PIPELINE_VIDEO_ENCODE_H
#define GH_PIPELINE_VIDEO_ENCODE_H

#include "pipeline/audio/audio.h"
#include "pipeline/encode/device.h"

#include <libavutil/frame.h>
#include <stdbool.h>

struct gh_venc;
struct gh_venc_conf {
    const struct gh_recipe *recipe; /* borrowed */
    int fd;                         /* the output; borrowed, as all descriptors here */
    int journal;                    /* file that keeps what was made, see journal.h; -1: none */
    unsigned threads;
    /* borrowed: encode there; NULL, or one that is lost: in this process */
    struct gh_remote *remote;
    int64_t length_us;      /* expected, for the rate */
    uint32_t kbps_cap;      /* kbit/s on average, learnt from a first attempt; 0: computed */
    struct gh_sound *sound; /* borrowed, shared; NULL: none */
    int64_t from;           /* of a later piece: its first picture */
    /* of a later piece: empty file for its packets, while fd is not written; -1: it is no such
     * piece */
    int shelf;
};
/** Opens no encoder before the first picture. Freed with gh_venc_free. */
struct gh_venc *gh_venc_new(const struct gh_venc_conf *conf);
/** Number of the first picture it wants: above 0 when an earlier attempt made those before it. */
int64_t gh_venc_from(const struct gh_venc *e);
/** Make it one of so many pieces, which wants no picture from number until on (INT64_MAX: it wants
 * all). Before the first push. */
void gh_venc_cut(struct gh_venc *e, int64_t until, unsigned pieces);
/** The first picture it does not want; INT64_MAX: it wants all. */
int64_t gh_venc_until(const struct gh_venc *e);
/** Borrowed. */
const struct gh_recipe *gh_venc_recipe(const struct gh_venc *e);
/** Pictures from one key picture to the next, at most; at least 1. */
int64_t gh_venc_gop(const struct gh_recipe *recipe);
bool gh_venc_is_piece(const struct gh_venc *e);
void gh_venc_free(struct gh_venc **e);
/** Picture n (counting from 0 without gaps), and a signature of what it was made of, or NULL. Both
 * are borrowed. GH_LIMIT: the output would be larger than bytes_max. */
GH_MUST_USE int gh_venc_push(struct gh_venc *e, const AVFrame *frame, int64_t n,
                             const struct gh_signature *signature, struct gh_err *err);
/** A piece has all its pictures: write what the encoder still holds, and free it. GH_INPUT:
 * pictures are missing. */
GH_MUST_USE int gh_venc_flush(struct gh_venc *e, struct gh_err *err);
/** Append to e, the first piece, what the others (n of them, in order, all flushed) made of the
 * pictures before number until. 1 when nothing is left; 0: call again with a larger number.
 * GH_AGAIN: they do not fit together. */
GH_MUST_USE int gh_venc_join(struct gh_venc *e, struct gh_venc *const *others, size_t n,
                             int64_t until, struct gh_err *err);
/** Flush, complete the file, fill w, h, bytes, duration_us and kept_us of *ret, and the fingerprint
 * of the source. GH_INPUT: there was no picture. */
GH_MUST_USE int gh_venc_finish(struct gh_venc *e, struct gh_result *ret,
                               struct gh_fingerprint *ret_fingerprint, struct gh_err *err);
/** Bytes of the picture written so far, and how many pictures they hold: what a second attempt
 * learns from the first. */
void gh_venc_spent(const struct gh_venc *e, uint64_t *ret_bytes, int64_t *ret_frames);
/** The encoders and the muxer are in this FFmpeg, else GH_CONFIG. */
GH_MUST_USE int gh_venc_warm(struct gh_err *err);

#endif
