/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a video decodes whole and is what its headers say, as it must be before its bitstream is passed through.
 * Either by a decode of its own, or beside one that is made anyway.
 */
#ifndef GH_PIPELINE_VIDEO_WHOLE_H
#define GH_PIPELINE_VIDEO_WHOLE_H

#include "base/look.h"
#include "pipeline/video_in.h"

struct gh_whole {
    struct gh_look *look;    /* borrowed; what was decoded is looked at; NULL: it is not */
    uint64_t frames, errors; /* pictures delivered; packets of picture and sound that were complained about */
    bool interlaced, resized;
    int w, h;
    unsigned complaints; /* gh_av_complaints when it began */
};

/** look is emptied. */
void gh_whole_begin(struct gh_whole *w, struct gh_look *look);
/** The frame that dec, opened to be strict, delivered: every one of its stream must be shown. Borrowed. */
void gh_whole_frame(struct gh_whole *w, const struct gh_vdec *dec, const AVFrame *frame);
/** Decode the sound of fd (borrowed), if it has any. */
GH_MUST_USE int gh_whole_sound(const struct gh_ctx *ctx, int fd, const struct gh_probe *p, struct gh_whole *w,
                               struct gh_err *err);
/** Decode picture and sound of fd (borrowed). GH_INPUT: no picture can be decoded. GH_LIMIT: too many. */
GH_MUST_USE int gh_whole_decode(const struct gh_ctx *ctx, int fd, const struct gh_probe *p, struct gh_whole *w,
                                struct gh_err *err);
/** Once everything was decoded: GH_INPUT when there was a complaint, or it is not what a probe of its packets says. */
GH_MUST_USE int gh_whole_check(const struct gh_whole *w, const struct gh_probe *p, struct gh_err *err);

#endif
