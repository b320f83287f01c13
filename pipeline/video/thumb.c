/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Candidates are key frames spread over the video: they are found by seeking, and encoders put them
 * where scenes begin. Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM, and those of gh_photo_from_frame.
 */
#include "pipeline/video/thumb.h"

#include "base/str.h"
#include "pipeline/photo/photo.h"
#include "pipeline/video/graph.h"

#include <libavutil/pixdesc.h>
#include <math.h>

#define CANDIDATES 8
#define LEAST_EDGE 16
/* Luma: a picture is rejected when its standard deviation is below FLAT, or its mean outside of
 * BLACK … WHITE. The score of others rises with contrast, good exposure and sharpness. */
#define FLAT 6
#define BLACK 24
#define WHITE 232
#define WELL_EXPOSED 118
#define REJECTED 1000

/* A luma sample as 8 bit. */
static int luma_at(const AVFrame *f, const AVPixFmtDescriptor *d, int x, int y)
{
    const uint8_t *row = f->data[d->comp[0].plane] + (ptrdiff_t)y * f->linesize[d->comp[0].plane];
    const uint8_t *p = row + (ptrdiff_t)x * d->comp[0].step + d->comp[0].offset;
    if (d->comp[0].depth <= 8)
        return *p;
    return ((p[0] | p[1] << 8) >> d->comp[0].shift) >> (d->comp[0].depth - 8) & 255;
}

/* How much a picture shows, from its luma; larger is better, below 0 is black, white or empty. */
static double picture_score(const AVFrame *f)
{
    enum { GRID = 160 };
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    if (!d || f->width < LEAST_EDGE || f->height < LEAST_EDGE)
        return -1;
    int step = GH_MAX(GH_MAX(f->width, f->height) / GRID, 1);
    double sum = 0, squares = 0, edges = 0;
    int n = 0;
    for (int y = 1; y + 1 < f->height; y += step)
        for (int x = 1; x + 1 < f->width; x += step, n++) {
            int v = luma_at(f, d, x, y);
            int laplace = 4 * v - luma_at(f, d, x - 1, y) - luma_at(f, d, x + 1, y) -
                          luma_at(f, d, x, y - 1) - luma_at(f, d, x, y + 1);
            sum += v;
            squares += (double)v * v;
            edges += (double)laplace * laplace;
        }
    double mean = sum / n, deviation = sqrt(GH_MAX(squares / n - mean * mean, 0)),
           sharp = sqrt(edges / n);
    if (deviation < FLAT || mean < BLACK || mean > WHITE)
        return deviation - REJECTED;
    double exposure = 1 - fabs(mean - WELL_EXPOSED) / 160;
    return GH_MIN(deviation, 70.0) * (0.4 + exposure) * log2(2 + GH_MIN(sharp, 60.0));
}

static int next_picture(struct gh_vdec *dec, AVFrame *frame, int64_t at_least_us,
                        struct gh_err *err)
{
    int r;
    while ((r = gh_vdec_next(dec, frame, err)) > 0) {
        if (av_rescale_q(frame->pts + gh_frame_duration(frame), dec->st->time_base, GH_US) >
            at_least_us)
            return 1;
        av_frame_unref(frame);
    }
    return r;
}

/* Choose the best of a few key frames. 1: it is in *best; 0: none could be reached. */
static int choose_key_frame(struct gh_vdec *dec, int64_t from_us, int64_t length_us, AVFrame *best,
                            struct gh_err *err)
{
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    if (!frame)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    double most = -INFINITY;
    int64_t last = INT64_MIN;
    for (int i = 0; i < CANDIDATES; i++) {
        int64_t at = from_us + length_us * (2 * i + 1) / (2 * CANDIDATES), least = INT64_MIN;
        if (dec->in->bare)
            least = at; /* its key frames are met in order */
        else
            gh_vdec_seek(dec, at);
        int r = next_picture(dec, frame, least, err);
        if (r < 0)
            return r;
        if (r == 0 || frame->pts == last) {
            av_frame_unref(frame);
            continue;
        }
        last = frame->pts;
        /* between equals, the middle */
        double middle = 1 - 0.1 * fabs((2.0 * i + 1) / CANDIDATES - 1);
        double score = picture_score(frame);
        score = score > 0 ? score * middle : score;
        if (score > most) {
            most = score;
            av_frame_unref(best);
            av_frame_move_ref(best, frame);
        }
        av_frame_unref(frame);
    }
    return most > -INFINITY;
}

static int take_picture(const struct gh_ctx *ctx, int fd, const struct gh_probe *probe,
                        int64_t at_us, AVFrame *frame, struct gh_err *err)
{
    GH_AUTO(gh_vin_close) struct gh_vin *in = NULL;
    GH_AUTO(gh_vdec_close) struct gh_vdec *dec = NULL;
    TRY(gh_vin_open(ctx, fd, &in, err));
    int64_t from = gh_vin_first_us(in),
            length = probe->picture_us > 0 ? probe->picture_us : probe->duration_us;
    at_us = at_us > 0 ? GH_MAX(at_us - probe->lead_us, 0) : at_us;
    if (at_us < 0 && length > 0) {
        TRY(gh_vdec_open(ctx, in, in->video, ctx->threads, GH_DEC_KEYS, &dec, err));
        int r = choose_key_frame(dec, from, length, frame, err);
        if (r != 0)
            return r < 0 ? r : 0;
        gh_vdec_close(&dec); /* no key frame could be reached: decode from the beginning */
        gh_vin_close(&in);
        TRY(gh_vin_open(ctx, fd, &in, err));
    }
    TRY(gh_vdec_open(ctx, in, in->video, ctx->threads, GH_DEC_PLAIN, &dec, err));
    if (at_us > 0)
        gh_vdec_seek(dec, from + at_us);
    int r = next_picture(dec, frame, at_us > 0 ? from + at_us : INT64_MIN, err);
    if (r == 0 && at_us > 0) { /* past the end: the first picture is better than none */
        gh_vdec_seek(dec, from);
        r = next_picture(dec, frame, INT64_MIN, err);
    }
    return r == 0  ? gh_fail(err, GH_INPUT, "no picture of the video can be decoded")
           : r < 0 ? r
                   : 0;
}

int gh_video_thumb(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                   const struct gh_recipe *recipe, int out_fd, struct gh_result *ret,
                   struct gh_err *err)
{
    GH_AUTO(av_frame_free) AVFrame *frame = av_frame_alloc();
    GH_AUTO(av_frame_free) AVFrame *upright = NULL;
    if (!frame)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    TRY(take_picture(ctx, in_fd, probe, recipe->pic.start_us, frame, err));
    /* The whole picture, upright and in BT.709; the rest of the recipe is made by photo/. */
    uint32_t w = GH_MAX(recipe->pic.src_w & ~1u, 2u), h = GH_MAX(recipe->pic.src_h & ~1u, 2u);
    struct gh_pic whole = recipe->pic;
    whole.crop = (struct gh_rect){0, 0, recipe->pic.src_w, recipe->pic.src_h};
    whole.content_w = whole.canvas_w = w;
    whole.content_h = whole.canvas_h = h;
    whole.x = whole.y = 0;
    whole.pad = GH_PAD_NONE;
    GH_AUTO(gh_graph_free) struct gh_graph *graph = NULL;
    gh_graph_new(&whole, &graph);
    TRY(gh_graph_run(graph, frame, &upright, err));
    struct gh_recipe photo = *recipe;
    photo.pic.orient = 1;
    photo.pic.src_w = w;
    photo.pic.src_h = h;
    photo.pic.crop.w = GH_MIN(photo.pic.crop.w, w - GH_MIN(photo.pic.crop.x, w - 1));
    photo.pic.crop.h = GH_MIN(photo.pic.crop.h, h - GH_MIN(photo.pic.crop.y, h - 1));
    photo.pic.src_colour = GH_COLOUR_BT709;
    photo.pic.tonemap = 0;
    return gh_photo_from_frame(ctx, upright, &photo, out_fd, ret, err);
}
