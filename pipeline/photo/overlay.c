/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading overlay files, scaling them to stamps, blending. Classes: GH_SYSTEM (memory), GH_BUG (a
 * file that was not sent, or that ghat-worker did not make). */
#include "pipeline/photo/overlay.h"

#include "base/str.h"
#include "pipeline/photo/resample.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define NO_COLOUR 128    /* of Cb and Cr */
#define HALF 32768       /* of 16.16 fixed point */
#define LEAST_MARGIN 10u /* thousandths, between a logo and a label in one corner */
#define LEAST 6          /* pixels of a stamp's shorter edge: a smaller one cannot be read */

void gh_stamps_free(struct gh_stamps *stamps)
{
    for (unsigned i = 0; i < GH_LEN(stamps->s); i++) {
        gh_planes_free(&stamps->s[i].colour);
        gh_planes_free(&stamps->s[i].alpha[0]);
        gh_planes_free(&stamps->s[i].alpha[1]);
    }
    *stamps = (struct gh_stamps){0};
}

/* ------------------------------------------------------------------------------------- the file */

struct pixels {
    uint8_t *rgba;
    uint32_t w, h;
};

static void pixels_free(struct pixels *p)
{
    free(p->rgba);
}

/* With pread: all children share the file's offset. */
static bool read_at(int fd, void *to, size_t n, off_t from)
{
    for (size_t done = 0; done < n;) {
        ssize_t r = pread(fd, (char *)to + done, n - done, from + (off_t)done);
        if (r <= 0)
            return false;
        done += (size_t)r;
    }
    return true;
}

static int read_pixels(const struct gh_ctx *ctx, const char *id, struct pixels *ret,
                       struct gh_err *err)
{
    struct gh_overlay_head head;
    unsigned i = 0;
    while (i < ctx->n_overlays && !gh_streq(ctx->overlays[i].id, id))
        i++;
    if (i == ctx->n_overlays)
        return gh_fail(err, GH_BUG, "a recipe names a logo or label that was not sent");
    int fd = ctx->overlays[i].fd;
    if (!read_at(fd, &head, sizeof(head), 0) || head.magic != GH_OVERLAY_MAGIC || !head.w ||
        !head.h || head.w > GH_OVERLAY_MAX_W || head.h > GH_OVERLAY_MAX_H)
        return gh_fail(err, GH_BUG, "the pixels of a logo or label are damaged");
    size_t n = (size_t)head.w * head.h * 4;
    free(ret->rgba);
    ret->rgba = malloc(n);
    if (!ret->rgba)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    if (!read_at(fd, ret->rgba, n, sizeof(head)))
        return gh_fail(err, GH_BUG, "the pixels of a logo or label are cut off");
    ret->w = head.w;
    ret->h = head.h;
    return 0;
}

/* ------------------------------------------------------------------------------- size and place */

struct spot {
    uint32_t x, y, w, h;
};

static bool find_spot(const struct gh_overlay *o, uint32_t canvas_w, uint32_t canvas_h,
                      const struct pixels *px, uint32_t moved, struct spot *ret)
{
    double edge = GH_MIN(canvas_w, canvas_h), m = floor(edge * o->margin / 1000 + 0.5);
    double room_w = canvas_w - 2 * m, room_h = canvas_h - 2 * m - moved;
    double box_w = o->w ? GH_MIN(edge * o->w / 1000, room_w) : room_w;
    double box_h = o->h ? GH_MIN(edge * o->h / 1000, room_h) : room_h;
    double f = GH_MIN(box_w / px->w, box_h / px->h);
    double w = floor(px->w * f + 0.5), h = floor(px->h * f + 0.5);
    if (f <= 0 || w < LEAST || h < LEAST)
        return false;
    bool right = o->corner == GH_CORNER_TOP_RIGHT || o->corner == GH_CORNER_BOTTOM_RIGHT;
    bool bottom = o->corner == GH_CORNER_BOTTOM_LEFT || o->corner == GH_CORNER_BOTTOM_RIGHT;
    double x = right ? canvas_w - m - w : m, y = bottom ? canvas_h - m - moved - h : m + moved;
    *ret = (struct spot){(uint32_t)GH_MAX(x, 0.0) & ~1u, (uint32_t)GH_MAX(y, 0.0) & ~1u,
                         (uint32_t)w, (uint32_t)h};
    return true;
}

/* -------------------------------------------------------------------------------------- scaling */

/* Factors of 16.16 fixed point for R, G, B and alpha, one row each for premultiplied Y, Cb - 128
 * and Cr - 128. */
static const int32_t matrices[][3][4] = {
    [GH_STAMP_PHOTO] = {{19595, 38470, 7471, 0},
                        {-11058, -21710, 32768, 0},
                        {32768, -27439, -5329, 0}},
    /* BT.709 with 219 and 224 steps of 255; black is 16, so Y gets 16 times alpha */
    [GH_STAMP_VIDEO] = {{11966, 40254, 4064, 4112},
                        {-6596, -22189, 28785, 0},
                        {28785, -26145, -2640, 0}},
};

static uint8_t weighed(const int32_t row[4], const uint8_t *p, int32_t offset)
{
    int32_t v = (row[0] * p[0] + row[1] * p[1] + row[2] * p[2] + row[3] * p[3] + HALF) >> 16;
    return (uint8_t)GH_CLAMP(v + offset, 0, 255);
}

/* Premultiplied colour planes and an alpha plane, both at the size of the file. */
static int split_pixels(const struct pixels *px, uint32_t opacity, enum gh_stamp_space space,
                        struct gh_planes *colour, struct gh_planes *alpha, struct gh_err *err)
{
    TRY(gh_planes_new(px->w, px->h, 3, 0, 0, 0, colour, err));
    TRY(gh_planes_new(px->w, px->h, 1, 0, 0, 0, alpha, err));
    for (uint32_t y = 0; y < px->h; y++)
        for (uint32_t x = 0; x < px->w; x++) {
            uint8_t p[4];
            for (int c = 0; c < 4; c++)
                p[c] =
                    (uint8_t)((px->rgba[((size_t)y * px->w + x) * 4 + (size_t)c] * opacity + 50) /
                              100);
            for (int c = 0; c < 3; c++)
                colour->p[c].data[colour->p[c].stride * y + x] =
                    weighed(matrices[space][c], p, c ? NO_COLOUR : 0);
            alpha->p[0].data[alpha->p[0].stride * y + x] = p[3];
        }
    return 0;
}

static int make_stamp(const struct pixels *px, const struct gh_overlay *o, const struct spot *at,
                      unsigned shift, enum gh_stamp_space space, struct gh_stamp *ret,
                      struct gh_err *err)
{
    GH_AUTO_PLANES colour = {0};
    GH_AUTO_PLANES alpha = {0};
    TRY(split_pixels(px, GH_MIN(o->opacity, 100u), space, &colour, &alpha, err));
    TRY(gh_planes_new(at->w, at->h, 3, shift, 0, 0, &ret->colour, err));
    TRY(gh_resample(&colour, 0, 0, px->w, px->h, GH_KERNEL_SHARP, &ret->colour, err));
    for (int i = 0; i < 2; i++) {
        const struct gh_plane *like = &ret->colour.p[i];
        TRY(gh_planes_new(like->w, like->h, 1, 0, 0, 0, &ret->alpha[i], err));
        /* chroma of an odd width covers half a sample more than the picture has */
        double w = i && shift ? px->w * 2.0 * like->w / at->w : px->w,
               h = i && shift ? px->h * 2.0 * like->h / at->h : px->h;
        TRY(gh_resample(&alpha, 0, 0, w, h, GH_KERNEL_SHARP, &ret->alpha[i], err));
    }
    ret->x = at->x;
    ret->y = at->y;
    return 0;
}

int gh_stamps_make(const struct gh_ctx *ctx, const struct gh_pic *pic, unsigned shift,
                   enum gh_stamp_space space, struct gh_stamps *ret, struct gh_err *err)
{
    GH_AUTO_STAMPS out = {0};
    GH_AUTO(pixels_free) struct pixels px = {0};
    const struct gh_overlay *list[] = {&pic->watermark, &pic->label};
    uint32_t moved = 0;
    for (size_t i = 0; i < GH_LEN(list); i++) {
        struct spot at;
        if (!list[i]->corner || !list[i]->opacity)
            continue;
        TRY(read_pixels(ctx, list[i]->id, &px, err));
        if (!find_spot(list[i], pic->canvas_w, pic->canvas_h, &px, moved, &at))
            continue;
        TRY(make_stamp(&px, list[i], &at, shift, space, &out.s[out.n++], err));
        /* in the same corner the label is placed beyond the logo, at half a margin from it */
        if (i == 0 && list[1]->corner == list[0]->corner)
            moved = at.h + GH_MIN(pic->canvas_w, pic->canvas_h) *
                               GH_MAX(list[0]->margin, LEAST_MARGIN) / 2000;
    }
    *ret = out;
    out = (struct gh_stamps){0};
    return 0;
}

/* ------------------------------------------------------------------------------------- blending */

/* zero: the value of no colour. */
static void blend_plane(struct gh_plane *dst, const struct gh_plane *src,
                        const struct gh_plane *alpha, uint32_t x, uint32_t y, int zero)
{
    uint32_t w = x < dst->w ? GH_MIN(src->w, dst->w - x) : 0,
             h = y < dst->h ? GH_MIN(src->h, dst->h - y) : 0;
    for (uint32_t row = 0; row < h; row++) {
        uint8_t *d = dst->data + dst->stride * (y + row) + x;
        const uint8_t *s = src->data + src->stride * row, *a = alpha->data + alpha->stride * row;
        for (uint32_t i = 0; i < w; i++) {
            int under = (d[i] - zero) * (255 - a[i]);
            int v = s[i] + (under + (under < 0 ? -127 : 127)) / 255;
            d[i] = (uint8_t)GH_CLAMP(v, 0, 255);
        }
    }
}

void gh_stamps_paint(const struct gh_stamps *stamps, struct gh_planes *canvas)
{
    for (unsigned i = 0; i < stamps->n; i++) {
        const struct gh_stamp *s = &stamps->s[i];
        bool half = canvas->n == 3 && canvas->p[1].w != canvas->w;
        blend_plane(&canvas->p[0], &s->colour.p[0], &s->alpha[0].p[0], s->x, s->y, 0);
        for (uint32_t c = 1; c < canvas->n; c++)
            blend_plane(&canvas->p[c], &s->colour.p[c], &s->alpha[1].p[0], s->x >> half,
                        s->y >> half, NO_COLOUR);
    }
}
