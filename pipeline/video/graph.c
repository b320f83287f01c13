/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the pixels of a gh_pic from video frames. Scaling comes first, in stored orientation,
 * because every later step then has fewer pixels; steps that have nothing to do are left out, and
 * the last one writes into the output picture. Classes: GH_INPUT, GH_SYSTEM.
 */
#include "pipeline/video/graph.h"

#include "base/str.h"
#include "pipeline/input/in.h"
#include "pipeline/photo/planes.h"

#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <math.h>
#include <string.h>

#define ALIGN 64     /* bytes, and samples of a row */
#define CENTRED 128  /* chroma in the middle of two luma samples, in 1/256 */
#define BESIDE 256   /* … beside them on the other side */
#define UNSET (-513) /* swscale's default */
#define SCALER (SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT)

/* What decides how a frame is treated; when any of it changes a new plan is made. */
struct shape {
    int w, h, format, range, space, primaries, trc, chroma;
};

struct plan {
    int x, y, w, h;            /* crop, stored picture */
    int sw, sh;                /* its size after scaling, stored orientation */
    bool scale, tone, matrix;  /* steps to take */
    bool as_is;                /* none: the frame is the output */
    enum AVPixelFormat middle; /* after scaling */
};

struct gh_graph {
    struct gh_pic pic;
    struct shape shape;
    struct plan plan;
    struct SwsContext *sws;
    struct gh_tone *tone;
    struct gh_blur *blur;
    AVBufferPool *pool;
    AVFrame *scaled, *turned; /* buffers between steps, kept between runs */
};

void gh_graph_new(const struct gh_pic *pic, struct gh_graph **ret)
{
    struct gh_graph *g = gh_alloc(sizeof(*g));
    g->pic = *pic;
    g->shape.format = AV_PIX_FMT_NONE;
    *ret = g;
}

void gh_graph_free(struct gh_graph **g)
{
    if (!*g)
        return;
    sws_freeContext((*g)->sws);
    gh_tone_free(&(*g)->tone);
    gh_blur_free(&(*g)->blur);
    av_buffer_pool_uninit(&(*g)->pool);
    av_frame_free(&(*g)->scaled);
    av_frame_free(&(*g)->turned);
    free(*g);
    *g = NULL;
}

/* ----------------------------------------------------------------------------------------- plan */

/* From a point (u, v) of the upright picture to (s, t) of the stored one, as shares of width and
 * height. */
static void to_stored(uint32_t orient, double u, double v, double *ret_s, double *ret_t)
{
    const double s[9] = {u, u, 1 - u, 1 - u, u, v, v, 1 - v, 1 - v};
    const double t[9] = {v, v, v, 1 - v, 1 - v, u, 1 - u, 1 - u, u};
    *ret_s = s[orient <= 8 ? orient : 0];
    *ret_t = t[orient <= 8 ? orient : 0];
}

static int snap(double v, int step, int max)
{
    int n = (int)floor(v / step + 0.5) * step;
    return GH_CLAMP(n, 0, max);
}

static void plan_crop(const struct gh_pic *pic, const AVFrame *in, const AVPixFmtDescriptor *desc,
                      struct plan *p)
{
    double s0, t0, s1, t1, src_w = GH_MAX(pic->src_w, 1u), src_h = GH_MAX(pic->src_h, 1u);
    to_stored(pic->orient, pic->crop.x / src_w, pic->crop.y / src_h, &s0, &t0);
    to_stored(pic->orient, (pic->crop.x + pic->crop.w) / src_w, (pic->crop.y + pic->crop.h) / src_h,
              &s1, &t1);
    int step_x = 1 << desc->log2_chroma_w, step_y = 1 << desc->log2_chroma_h;
    p->x = snap(GH_MIN(s0, s1) * in->width, step_x, in->width - step_x);
    p->y = snap(GH_MIN(t0, t1) * in->height, step_y, in->height - step_y);
    p->w = (int)floor(fabs(s1 - s0) * in->width + 0.5);
    p->h = (int)floor(fabs(t1 - t0) * in->height + 0.5);
    p->w = GH_CLAMP(p->w, GH_MIN(step_x, in->width), in->width - p->x);
    p->h = GH_CLAMP(p->h, GH_MIN(step_y, in->height), in->height - p->y);
    bool turned = pic->orient >= 5;
    p->sw = (int)(turned ? pic->content_h : pic->content_w);
    p->sh = (int)(turned ? pic->content_w : pic->content_h);
}

static bool full_range(const AVFrame *in)
{
    return in->color_range == AVCOL_RANGE_JPEG || in->format == AV_PIX_FMT_YUVJ420P ||
           in->format == AV_PIX_FMT_YUVJ422P || in->format == AV_PIX_FMT_YUVJ444P ||
           in->format == AV_PIX_FMT_YUVJ440P || in->format == AV_PIX_FMT_YUVJ411P;
}

static enum AVPixelFormat without_j(int format)
{
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
        return AV_PIX_FMT_YUV411P;
    default:
        return (enum AVPixelFormat)format;
    }
}

/* The frame's own tags count; frames without have the colour that the probe found for the video. */
static enum gh_colour colour_of(const struct gh_pic *pic, const AVFrame *in)
{
    if (in->color_trc == AVCOL_TRC_SMPTE2084)
        return GH_COLOUR_PQ;
    if (in->color_trc == AVCOL_TRC_ARIB_STD_B67)
        return GH_COLOUR_HLG;
    if (in->color_primaries == AVCOL_PRI_BT2020 || in->colorspace == AVCOL_SPC_BT2020_NCL)
        return pic->src_colour == GH_COLOUR_PQ || pic->src_colour == GH_COLOUR_HLG
                   ? (enum gh_colour)pic->src_colour
                   : GH_COLOUR_BT2020;
    if (in->colorspace == AVCOL_SPC_BT470BG || in->colorspace == AVCOL_SPC_SMPTE170M)
        return GH_COLOUR_BT601;
    if (in->colorspace == AVCOL_SPC_BT709)
        return GH_COLOUR_BT709;
    return pic->src_colour == GH_COLOUR_UNKNOWN ? GH_COLOUR_BT709 : (enum gh_colour)pic->src_colour;
}

/*
 * Chroma is sited at the left of its 2×2 block in H.264 and HEVC, in its middle in JPEG; that of
 * the output is at the left once it was turned. Positions in 1/256 of a luma sample, in stored
 * orientation, as swscale takes them.
 */
static void chroma_position(uint32_t orient, int *ret_h, int *ret_v)
{
    const int h[9] = {0, 0, BESIDE, BESIDE, 0, CENTRED, CENTRED, CENTRED, CENTRED};
    const int v[9] = {CENTRED, CENTRED, CENTRED, CENTRED, CENTRED, 0, BESIDE, BESIDE, 0};
    *ret_h = h[orient <= 8 ? orient : 0];
    *ret_v = v[orient <= 8 ? orient : 0];
}

#define UNITY (1 << 16) /* contrast and saturation of swscale */

static int open_scaler(struct gh_graph *g, const AVFrame *in, enum gh_colour colour,
                       struct gh_err *err)
{
    const struct plan *p = &g->plan;
    sws_freeContext(g->sws);
    g->sws = sws_alloc_context();
    if (!g->sws)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    bool centred = in->chroma_location == AVCHROMA_LOC_CENTER || in->format == AV_PIX_FMT_YUVJ420P;
    int dst_h, dst_v;
    chroma_position(g->pic.orient, &dst_h, &dst_v);
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(in->format);
    bool halved = desc->log2_chroma_w == 1, halved_v = desc->log2_chroma_h == 1;
    const struct {
        const char *name;
        int v;
    } opts[] = {
        {"srcw", p->w},
        {"srch", p->h},
        {"src_format", without_j(in->format)},
        {"dstw", p->sw},
        {"dsth", p->sh},
        {"dst_format", p->middle},
        {"sws_flags", SCALER},
        {"src_range", full_range(in)},
        {"dst_range", 0},
        {"src_h_chr_pos", halved ? (centred ? CENTRED : 0) : UNSET},
        {"src_v_chr_pos", halved_v ? CENTRED : UNSET},
        {"dst_h_chr_pos", dst_h},
        {"dst_v_chr_pos", dst_v},
    };
    for (size_t i = 0; i < GH_LEN(opts); i++)
        av_opt_set_int(g->sws, opts[i].name, opts[i].v, 0);
    if (sws_init_context(g->sws, NULL, NULL) < 0)
        return gh_fail(err, GH_INPUT, "pictures of format %s cannot be converted",
                       av_get_pix_fmt_name(in->format));
    /* The same matrix on both sides: only RGB sources use it, YCbCr is converted after scaling. */
    bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    const int *table =
        sws_getCoefficients(rgb || colour == GH_COLOUR_BT709 ? SWS_CS_ITU709 : SWS_CS_DEFAULT);
    sws_setColorspaceDetails(g->sws, table, full_range(in), table, 0, 0, UNITY, UNITY);
    return 0;
}

static int make_plan(struct gh_graph *g, const AVFrame *in, struct gh_err *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(in->format);
    if (!desc || !sws_isSupportedInput(without_j(in->format)))
        return gh_fail(err, GH_INPUT, "pictures of format %s cannot be converted",
                       desc ? desc->name : "?");
    struct plan *p = &g->plan;
    memset(p, 0, sizeof(*p));
    plan_crop(&g->pic, in, desc, p);
    enum gh_colour colour = colour_of(&g->pic, in);
    bool rgb = desc->flags & AV_PIX_FMT_FLAG_RGB;
    p->tone = colour == GH_COLOUR_PQ || colour == GH_COLOUR_HLG || colour == GH_COLOUR_BT2020;
    p->matrix = colour == GH_COLOUR_BT601 && !rgb;
    p->middle = p->tone ? AV_PIX_FMT_YUV420P10 : AV_PIX_FMT_YUV420P;
    p->scale = p->w != p->sw || p->h != p->sh || full_range(in) || in->format != p->middle;
    bool bars = g->pic.canvas_w != g->pic.content_w || g->pic.canvas_h != g->pic.content_h;
    p->as_is = !p->scale && !p->tone && !p->matrix && !bars && g->pic.orient <= 1;
    gh_tone_free(&g->tone);
    if (p->tone)
        gh_tone_new(in, colour, &g->tone);
    return p->scale ? open_scaler(g, in, colour, err) : 0;
}

static bool same_shape(const struct gh_graph *g, const AVFrame *in, struct shape *ret)
{
    *ret = (struct shape){.w = in->width,
                          .h = in->height,
                          .format = in->format,
                          .range = in->color_range,
                          .space = in->colorspace,
                          .primaries = in->color_primaries,
                          .trc = in->color_trc,
                          .chroma = in->chroma_location};
    return !memcmp(ret, &g->shape, sizeof(*ret));
}

/* --------------------------------------------------------------------------------------- pixels */

/* Make *frame a buffer of this format and size that only this graph uses. */
static int own_frame(AVFrame **frame, enum AVPixelFormat format, int w, int h, struct gh_err *err)
{
    AVFrame *f = *frame;
    if (f && f->format == format && f->width == w && f->height == h)
        return 0;
    av_frame_free(frame);
    *frame = f = av_frame_alloc();
    if (!f)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    f->format = format;
    f->width = w;
    f->height = h;
    return av_frame_get_buffer(f, ALIGN) < 0 ? gh_fail(err, GH_SYSTEM, "out of memory") : 0;
}

/* An output frame from a pool: new memory for each would cost a page fault every 4 kB. */
static int pooled_frame(struct gh_graph *g, AVFrame **ret, struct gh_err *err)
{
    enum { SPARE = 256, ROWS = 32 }; /* bytes after the last plane; rows are a multiple of these */
    int w = (int)g->pic.canvas_w, h = (int)g->pic.canvas_h;
    int size = av_image_get_buffer_size(AV_PIX_FMT_YUV420P, FFALIGN(w, 2 * ALIGN), FFALIGN(h, ROWS),
                                        ALIGN);
    if (size <= 0)
        return gh_fail(err, GH_BUG, "impossible canvas %dx%d", w, h);
    if (!g->pool)
        g->pool = av_buffer_pool_init((size_t)size + SPARE, NULL);
    AVFrame *f = av_frame_alloc();
    if (!f || !g->pool || !(f->buf[0] = av_buffer_pool_get(g->pool))) {
        av_frame_free(&f);
        return gh_fail(err, GH_SYSTEM, "out of memory");
    }
    f->format = AV_PIX_FMT_YUV420P;
    f->width = w;
    f->height = h;
    av_image_fill_arrays(f->data, f->linesize, f->buf[0]->data, AV_PIX_FMT_YUV420P,
                         FFALIGN(w, 2 * ALIGN), FFALIGN(h, ROWS), ALIGN);
    *ret = f;
    return 0;
}

struct planes {
    uint8_t *p[4];
    int stride[4];
};

static struct planes planes_at(const AVFrame *f, int x, int y)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(f->format);
    struct planes v = {.stride = {0}};
    int steps[4], comps[4];
    av_image_fill_max_pixsteps(steps, comps, desc);
    for (int i = 0; i < 4 && f->data[i]; i++) {
        bool chroma = (i == 1 || i == 2) && !(desc->flags & AV_PIX_FMT_FLAG_RGB);
        int cx = chroma ? x >> desc->log2_chroma_w : x, cy = chroma ? y >> desc->log2_chroma_h : y;
        v.p[i] = f->data[i] + (ptrdiff_t)cy * f->linesize[i] + (ptrdiff_t)cx * steps[i];
        v.stride[i] = f->linesize[i];
    }
    return v;
}

static void turn_planes(const struct planes *src, AVFrame *out, const struct gh_pic *pic)
{
    struct planes dst = planes_at(out, (int)pic->x, (int)pic->y);
    for (int i = 0; i < 3; i++) {
        int s = i ? 1 : 0;
        struct gh_plane from = {.data = src->p[i], .stride = (size_t)src->stride[i]},
                        to = {.data = dst.p[i],
                              .stride = (size_t)dst.stride[i],
                              .w = pic->content_w >> s,
                              .h = pic->content_h >> s};
        gh_plane_turn(&from, pic->orient, &to);
    }
}

/* Scale, map tones, turn, convert the matrix: into the content's place in out. A step writes into
 * out where none follows it, else into a buffer. */
static int make_content(struct gh_graph *g, const AVFrame *in, AVFrame *out, struct gh_err *err)
{
    const struct plan *p = &g->plan;
    bool upright = g->pic.orient <= 1;
    /* swscale writes whole vectors, which must be aligned */
    bool direct = upright && g->pic.x % ALIGN == 0;
    struct planes at = planes_at(in, p->x, p->y),
                  canvas = planes_at(out, (int)g->pic.x, (int)g->pic.y);
    if (p->scale) {
        bool last = direct && !p->tone;
        TRY(own_frame(&g->scaled, p->middle, p->sw, p->sh, err));
        struct planes to = last ? canvas : planes_at(g->scaled, 0, 0);
        if (sws_scale(g->sws, (const uint8_t *const *)at.p, at.stride, 0, p->h, to.p, to.stride) <
            0)
            return gh_fail(err, GH_INPUT, "a picture cannot be scaled");
        at = to;
        if (last && !p->matrix)
            return 0;
    }
    if (p->tone) {
        TRY(own_frame(&g->turned, AV_PIX_FMT_YUV420P, p->sw, p->sh, err));
        struct planes to = upright ? canvas : planes_at(g->turned, 0, 0);
        gh_tone_run(g->tone, (const uint8_t *const *)at.p, at.stride, to.p, to.stride, p->sw,
                    p->sh);
        if (upright)
            return 0;
        at = to;
    }
    if (at.p[0] != canvas.p[0])
        turn_planes(&at, out, &g->pic);
    if (p->matrix)
        gh_matrix_601_to_709(canvas.p, canvas.stride, (int)g->pic.content_w, (int)g->pic.content_h);
    return 0;
}

static void tag_frame(AVFrame *f)
{
    f->color_range = AVCOL_RANGE_MPEG;
    f->colorspace = AVCOL_SPC_BT709;
    f->color_primaries = AVCOL_PRI_BT709;
    f->color_trc = AVCOL_TRC_BT709;
    f->chroma_location = AVCHROMA_LOC_LEFT;
    f->sample_aspect_ratio = (AVRational){1, 1};
}

/* The decoder's picture without a copy, cropped by moving its pointers. */
static int pass_on(const struct gh_graph *g, const AVFrame *in, AVFrame **ret, struct gh_err *err)
{
    AVFrame *f = av_frame_clone(in);
    if (!f)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    struct planes v = planes_at(in, g->plan.x, g->plan.y);
    for (int i = 0; i < 3; i++)
        f->data[i] = v.p[i];
    f->width = g->plan.w;
    f->height = g->plan.h;
    f->crop_left = f->crop_top = f->crop_right = f->crop_bottom = 0;
    while (f->nb_side_data)
        av_frame_remove_side_data(f, f->side_data[0]->type);
    f->pict_type = AV_PICTURE_TYPE_NONE;
    tag_frame(f);
    *ret = f;
    return 0;
}

int gh_graph_run(struct gh_graph *g, const AVFrame *in, AVFrame **ret, struct gh_err *err)
{
    struct shape shape;
    if (!same_shape(g, in, &shape)) {
        TRY(make_plan(g, in, err));
        g->shape = shape;
    }
    if (g->plan.as_is)
        return pass_on(g, in, ret, err);
    GH_AUTO(av_frame_free) AVFrame *out = NULL;
    TRY(pooled_frame(g, &out, err));
    TRY(make_content(g, in, out, err));
    int x = (int)g->pic.x, y = (int)g->pic.y, w = (int)g->pic.content_w, h = (int)g->pic.content_h;
    if (w != out->width || h != out->height) {
        if (g->pic.pad == GH_PAD_BLUR)
            gh_pad_blur(&g->blur, out, x, y, w, h);
        else
            gh_pad_colour(out, x, y, w, h, g->pic.pad_rgb);
    }
    tag_frame(out);
    *ret = gh_steal(&out);
    return 0;
}
