/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From decoded pictures to output pictures of one gh_pic: crop, scale (swscale, once), HDR to
 * BT.709, BT.601 to BT.709, turn upright, pad. Output: yuv420p, BT.709, limited range, square
 * pixels. A picture for which there is nothing to do is passed on by reference. A graph belongs to
 * one thread. Classes: GH_INPUT (a pixel format that swscale cannot read), GH_SYSTEM.
 */
#ifndef GH_PIPELINE_VIDEO_GRAPH_H
#define GH_PIPELINE_VIDEO_GRAPH_H

#include "base/err.h"
#include "base/media.h"

#include <libavutil/frame.h>
#include <stdbool.h>

struct gh_graph;
void gh_graph_new(const struct gh_pic *pic, struct gh_graph **ret);
void gh_graph_free(struct gh_graph **g);
/** in is borrowed and may have another size, format or colour than the one before. *ret is the
 * caller's. */
GH_MUST_USE int gh_graph_run(struct gh_graph *g, const AVFrame *in, AVFrame **ret,
                             struct gh_err *err);

/* -------------------------------------------------------------------------------- graph_deint.c */

/* bwdif: one progressive frame for each interlaced one. */
struct gh_deint;
/** For frames like first, in this time base. threads: for slices. *ret is the caller's. */
GH_MUST_USE int gh_deint_new(const AVFrame *first, AVRational time_base, unsigned threads,
                             struct gh_deint **ret, struct gh_err *err);
void gh_deint_free(struct gh_deint **d);
/** The next frame, borrowed; NULL: there are no more. */
GH_MUST_USE int gh_deint_push(struct gh_deint *d, const AVFrame *frame, struct gh_err *err);
/** 1: a frame in *frame, 0: none yet, or no more. */
GH_MUST_USE int gh_deint_pull(struct gh_deint *d, AVFrame *frame, struct gh_err *err);
/** The filter is in this FFmpeg, else GH_CONFIG. */
GH_MUST_USE int gh_deint_warm(struct gh_err *err);

/* ---------------------------------------------------------------------------------- graph_fps.c */

/*
 * Constant frame rate: picture n of the output is the source's picture nearest in time to n / fps,
 * so that it never drifts, whatever the source's clock does. Repeats are marked, so that the same
 * picture is not made twice.
 */
struct gh_cfr {
    struct gh_rational fps;
    int64_t start_us, end_us;     /* the part of the source; end INT64_MAX: to its end */
    AVFrame *held;                /* the latest picture, owned */
    int64_t held_us, held_end_us; /* when it is shown, as far as known */
    int64_t n;                    /* the next output picture */
};
/** Called for each output picture: frame is borrowed; repeat: it is that of the call before. */
typedef int gh_cfr_fn(void *arg, const AVFrame *frame, int64_t n, bool repeat, struct gh_err *err);
/** The next source picture, borrowed, shown from at_us until end_us as far as known. */
GH_MUST_USE int gh_cfr_push(struct gh_cfr *c, const AVFrame *frame, int64_t at_us, int64_t end_us,
                            gh_cfr_fn *fn, void *arg, struct gh_err *err);
/** No more pictures. */
GH_MUST_USE int gh_cfr_end(struct gh_cfr *c, gh_cfr_fn *fn, void *arg, struct gh_err *err);
void gh_cfr_free(struct gh_cfr *c);

/* --------------------------------------------------------------------------------- graph_tone.c */

/* From HDR or wide-gamut YCbCr, 10 bit, limited range, 4:2:0, to BT.709, 8 bit, limited range,
 * 4:2:0. */
struct gh_tone;
/** Colour and mastering data come from frame, colour from the probe where the frame has no tags. */
void gh_tone_new(const AVFrame *frame, enum gh_colour colour, struct gh_tone **ret);
void gh_tone_free(struct gh_tone **t);
/** src has 16-bit samples; strides in bytes; w and h even. One thread at a time: tables are filled
 * when a colour first occurs. */
void gh_tone_run(struct gh_tone *t, const uint8_t *const src[3], const int src_stride[3],
                 uint8_t *const dst[3], const int dst_stride[3], int w, int h);

/* ------------------------------------------------------------------------------- graph_planes.c */

/** From 8-bit limited-range BT.601 to BT.709, in place; w and h even. */
void gh_matrix_601_to_709(uint8_t *const p[3], const int stride[3], int w, int h);
struct gh_blur; /* scratch memory of gh_pad_blur; begins as NULL */
/** Fill a canvas around its content (x, y, w, h) with the blurred, enlarged content, or with a
 * colour (0xRRGGBB). */
void gh_pad_blur(struct gh_blur **scratch, AVFrame *canvas, int x, int y, int w, int h);
void gh_pad_colour(AVFrame *canvas, int x, int y, int w, int h, uint32_t rgb);
void gh_blur_free(struct gh_blur **scratch);

#endif
