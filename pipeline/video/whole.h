/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a video can be decoded completely and is what its headers say, as it must be before its
 * bitstream is passed through. By a decode for this alone, or by one that is made anyway.
 */
#ifndef GH_PIPELINE_VIDEO_WHOLE_H
#define GH_PIPELINE_VIDEO_WHOLE_H

#include "base/fingerprint.h"
#include "pipeline/input/in.h"

struct gh_whole {
    /* of what was decoded; borrowed; NULL: not wanted */
    struct gh_fingerprint *fingerprint;
    uint64_t frames; /* pictures decoded */
    uint64_t errors; /* of picture and sound */
    bool interlaced, resized;
    int w, h;            /* of the latest picture */
    unsigned complaints; /* gh_av_complaints when it began */
};

/** Begin; *fingerprint is emptied. */
void gh_whole_begin(struct gh_whole *w, struct gh_fingerprint *fingerprint);
/** The next frame (borrowed) of dec, which was opened as GH_DEC_STRICT or GH_DEC_CHECK: all frames
 * of its stream must be given. */
void gh_whole_frame(struct gh_whole *w, const struct gh_vdec *dec, const AVFrame *frame);
/** Decode the sound of fd (borrowed), if there is any. */
GH_MUST_USE int gh_whole_sound(const struct gh_ctx *ctx, int fd, const struct gh_probe *p,
                               struct gh_whole *w, struct gh_err *err);
/** Decode picture and sound of fd (borrowed). GH_INPUT: no picture can be decoded; GH_LIMIT: too
 * many or too long. */
GH_MUST_USE int gh_whole_decode(const struct gh_ctx *ctx, int fd, const struct gh_probe *p,
                                struct gh_whole *w, struct gh_err *err);
/** After everything was decoded. GH_INPUT: the decoder complained, or the pictures are not what the
 * probe of its packets says. */
GH_MUST_USE int gh_whole_check(const struct gh_whole *w, const struct gh_probe *p,
                               struct gh_err *err);

#endif
