/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zimg graphs, one for each pair of plane sizes. Class: GH_SYSTEM, for all that can fail is memory. */
#include "pipeline/resample.h"

#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <math.h>
#include <string.h>
#include <zimg.h>

static void graph_free(zimg_filter_graph **g)
{
    zimg_filter_graph_free(*g);
    *g = NULL;
}

static int zimg_failed(struct gh_err *err)
{
    char text[128] = "";
    zimg_get_last_error(text, sizeof text);
    return gh_fail(err, GH_SYSTEM, "cannot scale the picture: %s", text);
}

static int graph_build(const zimg_image_format *src, const zimg_image_format *dst, enum gh_kernel kernel,
                       zimg_filter_graph **ret, struct gh_err *err)
{
    zimg_graph_builder_params params;
    zimg_graph_builder_params_default(&params, ZIMG_API_VERSION);
    params.resample_filter = params.resample_filter_uv =
        kernel == GH_KERNEL_SHARP ? ZIMG_RESIZE_SPLINE36 : ZIMG_RESIZE_BILINEAR;
    params.cpu_type = ZIMG_CPU_AUTO;
    *ret = zimg_filter_graph_build(src, dst, &params);
    return *ret ? 0 : zimg_failed(err);
}

/* Scratch memory of a graph, kept between graphs of one picture: at most a few megabytes. */
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
    s->size = (need + 63) / 64 * 64;
    s->mem = aligned_alloc(64, s->size);
    return s->mem ? 0 : gh_fail(err, GH_SYSTEM, "out of memory for scaling");
}

struct window {
    double x, y, w, h; /* in samples of the source plane */
};

static zimg_image_format grey(const struct gh_plane *p)
{
    zimg_image_format f;
    zimg_image_format_default(&f, ZIMG_API_VERSION);
    f.width = p->w;
    f.height = p->h;
    f.pixel_type = ZIMG_PIXEL_BYTE;
    f.color_family = ZIMG_COLOR_GREY;
    f.pixel_range = ZIMG_RANGE_FULL;
    return f;
}

/* The whole plane at its own size: nothing to compute. */
static bool is_copy(const struct gh_plane *src, const struct window *win, const struct gh_plane *dst)
{
    return fabs(win->x) < 1e-6 && fabs(win->y) < 1e-6 && fabs(win->w - dst->w) < 1e-3 && fabs(win->h - dst->h) < 1e-3 &&
           src->w == dst->w && src->h == dst->h;
}

static int scale_plane(const struct gh_plane *src, const struct window *win, struct gh_plane *dst,
                       enum gh_kernel kernel, zimg_filter_graph **graph, struct scratch *scratch, struct gh_err *err)
{
    if (is_copy(src, win, dst)) {
        for (uint32_t y = 0; y < dst->h; y++)
            memcpy(dst->data + dst->stride * y, src->data + src->stride * y, dst->w);
        return 0;
    }
    if (!*graph) {
        zimg_image_format from = grey(src), to = grey(dst);
        from.active_region.left = win->x;
        from.active_region.top = win->y;
        from.active_region.width = win->w;
        from.active_region.height = win->h;
        TRY(graph_build(&from, &to, kernel, graph, err));
    }
    TRY(scratch_for(scratch, *graph, err));
    zimg_image_buffer_const in = {.version = ZIMG_API_VERSION};
    zimg_image_buffer out = {.version = ZIMG_API_VERSION};
    in.plane[0].data = src->data;
    in.plane[0].stride = (ptrdiff_t)src->stride;
    in.plane[0].mask = ZIMG_BUFFER_MAX;
    out.plane[0].data = dst->data;
    out.plane[0].stride = (ptrdiff_t)dst->stride;
    out.plane[0].mask = ZIMG_BUFFER_MAX;
    if (zimg_filter_graph_process(*graph, &in, &out, scratch->mem, NULL, NULL, NULL, NULL) != ZIMG_ERROR_SUCCESS)
        return zimg_failed(err);
    return 0;
}

static bool same_shape(const struct gh_plane *a, const struct gh_plane *b)
{
    return a->w == b->w && a->h == b->h && a->x0 == b->x0 && a->y0 == b->y0 && a->dx == b->dx && a->dy == b->dy;
}

int gh_resample(const struct gh_planes *src, double x, double y, double w, double h, enum gh_kernel kernel,
                struct gh_planes *dst, struct gh_err *err)
{
    GH_AUTO(scratch_free) struct scratch scratch = {0};
    GH_AUTO(graph_free) zimg_filter_graph *graph = NULL;
    double fx = w / dst->w, fy = h / dst->h;
    for (uint32_t i = 0; i < dst->n; i++) {
        struct gh_plane *d = &dst->p[i];
        if (i >= src->n) {
            for (uint32_t row = 0; row < d->h; row++)
                memset(d->data + d->stride * row, 128, d->w);
            continue;
        }
        const struct gh_plane *s = &src->p[i];
        if (graph && !(same_shape(s, &src->p[i - 1]) && same_shape(d, &dst->p[i - 1])))
            graph_free(&graph);
        struct window win = {.x = (x + d->x0 * fx - s->x0) * s->dx,
                             .y = (y + d->y0 * fy - s->y0) * s->dy,
                             .w = d->w / d->dx * fx * s->dx,
                             .h = d->h / d->dy * fy * s->dy};
        TRY(scale_plane(s, &win, d, kernel, &graph, &scratch, err));
    }
    gh_planes_cover(dst, x, y, w, h, src->ref_w, src->ref_h);
    return 0;
}

/* ------------------------------------------------------------------------------------------------ video frames */

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
        return f->height >= 720 || f->width >= 1280 ? ZIMG_MATRIX_BT709 : ZIMG_MATRIX_BT470_BG;
    }
}

int gh_planes_from_frame(const AVFrame *frame, unsigned shift, struct gh_planes *ret, struct gh_err *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(frame->format);
    bool yuv =
        desc &&
        !(desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BE)) &&
        desc->flags & AV_PIX_FMT_FLAG_PLANAR && desc->nb_components >= 3 && desc->comp[0].depth == 8;
    if (!yuv)
        return gh_fail(err, GH_BUG, "the frame is not 8-bit planar YUV");
    zimg_image_format from, to;
    zimg_image_format_default(&from, ZIMG_API_VERSION);
    /* whole chroma blocks only: an odd edge column of a 4:2:0 frame cannot be told apart from padding */
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
    from.chroma_location = frame->chroma_location == AVCHROMA_LOC_CENTER ? ZIMG_CHROMA_CENTER : ZIMG_CHROMA_LEFT;
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
    if (zimg_filter_graph_process(graph, &in, &dst, scratch.mem, NULL, NULL, NULL, NULL) != ZIMG_ERROR_SUCCESS)
        return zimg_failed(err);
    *ret = gh_planes_steal(&out);
    return 0;
}
