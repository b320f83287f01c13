/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Planes by scale.c; frames of videos, whose matrix and range change as well, by zimg. Classes:
 * GH_SYSTEM (memory), and for frames GH_INPUT (too small) and GH_BUG (no planar YUV).
 */
#include "pipeline/photo/resample.h"

#include "pipeline/photo/scale.h"

#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <string.h>
#include <zimg.h>

#define ALIGN 64      /* bytes, of what zimg works on */
#define NO_COLOUR 128 /* of Cb and Cr */
#define HD_WIDTH 1280 /* untagged frames of at least this size … */
#define HD_HEIGHT 720 /* … are taken as BT.709 */

static void graph_free(zimg_filter_graph **g)
{
    zimg_filter_graph_free(*g);
    *g = NULL;
}

static int zimg_failed(struct gh_err *err)
{
    char text[128] = "";
    zimg_get_last_error(text, sizeof(text));
    return gh_fail(err, GH_SYSTEM, "cannot scale the picture: %s", text);
}

static int graph_build(const zimg_image_format *src, const zimg_image_format *dst,
                       enum gh_kernel kernel, zimg_filter_graph **ret, struct gh_err *err)
{
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    params.resample_filter = params.resample_filter_uv =
        kernel == GH_KERNEL_SHARP ? ZIMG_RESIZE_SPLINE36 : ZIMG_RESIZE_BILINEAR;
    params.cpu_type = ZIMG_CPU_AUTO;
    *ret = zimg_filter_graph_build(src, dst, &params);
    return *ret ? 0 : zimg_failed(err);
}

/* Scratch memory of a graph: at most a few megabytes. */
struct scratch {
    void *mem;
    size_t size;
};

static void scratch_free(struct scratch *s)
{
    free(s->mem);
}

static int scratch_for(struct scratch *s, zimg_filter_graph *graph, struct gh_err *err)
{
    size_t need = 0;
    if (zimg_filter_graph_get_tmp_size(graph, &need) != ZIMG_ERROR_SUCCESS)
        return zimg_failed(err);
    if (need <= s->size)
        return 0;
    free(s->mem);
    s->size = (need + ALIGN - 1) / ALIGN * ALIGN;
    s->mem = aligned_alloc(ALIGN, s->size);
    return s->mem ? 0 : gh_fail(err, GH_SYSTEM, "out of memory for scaling");
}

/* Whether the window is the whole plane at its own size: then samples are copied. */
static bool is_copy(const struct gh_plane *src, const struct gh_window *win,
                    const struct gh_plane *dst)
{
    return fabs(win->x) < 1e-6 && fabs(win->y) < 1e-6 && fabs(win->w - dst->w) < 1e-3 &&
           fabs(win->h - dst->h) < 1e-3 && src->w == dst->w && src->h == dst->h;
}

int gh_resample(const struct gh_planes *src, double x, double y, double w, double h,
                enum gh_kernel kernel, struct gh_planes *dst, struct gh_err *err)
{
    const struct gh_scale_kernel *with =
        kernel == GH_KERNEL_SHARP ? &gh_scale_spline36 : &gh_scale_triangle;
    double fx = w / dst->w, fy = h / dst->h;
    for (uint32_t i = 0; i < dst->n; i++) {
        struct gh_plane *d = &dst->p[i];
        if (i >= src->n) {
            for (uint32_t row = 0; row < d->h; row++)
                memset(d->data + d->stride * row, NO_COLOUR, d->w);
            continue;
        }
        const struct gh_plane *s = &src->p[i];
        struct gh_window win = {.x = (x + d->x0 * fx - s->x0) * s->dx,
                                .y = (y + d->y0 * fy - s->y0) * s->dy,
                                .w = d->w / d->dx * fx * s->dx,
                                .h = d->h / d->dy * fy * s->dy};
        if (is_copy(s, &win, d))
            for (uint32_t row = 0; row < d->h; row++)
                memcpy(d->data + d->stride * row, s->data + s->stride * row, d->w);
        else
            TRY(gh_scale_plane(s, &win, with, d, err));
    }
    gh_planes_cover(dst, x, y, w, h, src->ref_w, src->ref_h);
    return 0;
}

/* --------------------------------------------------------------------------------- video frames */

static zimg_matrix_coefficients_e matrix_of(const AVFrame *f)
{
    switch (f->colorspace) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_SMPTE240M:
    case AVCOL_SPC_BT2020_NCL:
        return (zimg_matrix_coefficients_e)f->colorspace; /* both number as ITU-T H.273 */
    default:
        return f->height >= HD_HEIGHT || f->width >= HD_WIDTH ? ZIMG_MATRIX_BT709
                                                              : ZIMG_MATRIX_BT470_BG;
    }
}

int gh_planes_from_frame(const AVFrame *frame, unsigned shift, struct gh_planes *ret,
                         struct gh_err *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(frame->format);
    bool yuv = desc &&
               !(desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL |
                                AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BE)) &&
               desc->flags & AV_PIX_FMT_FLAG_PLANAR && desc->nb_components >= 3 &&
               desc->comp[0].depth == 8;
    if (!yuv)
        return gh_fail(err, GH_BUG, "the frame is not 8-bit planar YUV");
    zimg_image_format from, to;
    zimg_image_format_default(&from, ZIMG_API_VERSION);
    /* Only whole chroma blocks: in a 4:2:0 frame of odd width the last column may be padding. */
    from.width = (unsigned)frame->width >> desc->log2_chroma_w << desc->log2_chroma_w;
    from.height = (unsigned)frame->height >> desc->log2_chroma_h << desc->log2_chroma_h;
    from.width = from.width >> shift << shift;
    from.height = from.height >> shift << shift;
    if (!from.width || !from.height)
        return gh_fail(err, GH_INPUT, "the frame is too small");
    from.subsample_w = desc->log2_chroma_w;
    from.subsample_h = desc->log2_chroma_h;
    from.pixel_type = ZIMG_PIXEL_BYTE;
    from.color_family = ZIMG_COLOR_YUV;
    from.matrix_coefficients = matrix_of(frame);
    bool full = frame->color_range == AVCOL_RANGE_JPEG || frame->format == AV_PIX_FMT_YUVJ420P ||
                frame->format == AV_PIX_FMT_YUVJ422P || frame->format == AV_PIX_FMT_YUVJ444P;
    from.pixel_range = full ? ZIMG_RANGE_FULL : ZIMG_RANGE_LIMITED;
    from.chroma_location =
        frame->chroma_location == AVCHROMA_LOC_CENTER ? ZIMG_CHROMA_CENTER : ZIMG_CHROMA_LEFT;
    to = from;
    to.subsample_w = to.subsample_h = shift;
    to.matrix_coefficients = ZIMG_MATRIX_BT470_BG;
    to.pixel_range = ZIMG_RANGE_FULL;
    to.chroma_location = ZIMG_CHROMA_CENTER;
    GH_AUTO_PLANES out = {0};
    TRY(gh_planes_new(from.width, from.height, 3, shift, 0, 0, &out, err));
    GH_AUTO(graph_free) zimg_filter_graph *graph = NULL;
    GH_AUTO(scratch_free) struct scratch scratch = {0};
    TRY(graph_build(&from, &to, GH_KERNEL_SHARP, &graph, err));
    TRY(scratch_for(&scratch, graph, err));
    zimg_image_buffer_const in = {.version = ZIMG_API_VERSION};
    zimg_image_buffer dst = {.version = ZIMG_API_VERSION};
    for (int i = 0; i < 3; i++) {
        in.plane[i].data = frame->data[i];
        in.plane[i].stride = frame->linesize[i];
        in.plane[i].mask = ZIMG_BUFFER_MAX;
        dst.plane[i].data = out.p[i].data;
        dst.plane[i].stride = (ptrdiff_t)out.p[i].stride;
        dst.plane[i].mask = ZIMG_BUFFER_MAX;
    }
    if (zimg_filter_graph_process(graph, &in, &dst, scratch.mem, NULL, NULL, NULL, NULL) !=
        ZIMG_ERROR_SUCCESS)
        return zimg_failed(err);
    *ret = gh_planes_steal(&out);
    return 0;
}
