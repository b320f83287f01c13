/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rectangles, padding, overlays and frame rates: the arithmetic of the filters. Pure. */
#include "filters/geometry.h"

#include <math.h>

#define STRETCH_FROM 256   /* pixels: in a smaller canvas two steps would show */
#define FOCAL_UNIT 10000.0 /* of gh_pic.focal_x and focal_y */
#define MOST_FPS 300.0
/* Shares by which a rate may differ from a usual one to be taken for it: */
#define EXACT 0.0002 /* one that was computed */
#define NEAR 0.0005  /* one that a container states */
#define FAR 0.01     /* the same, where it is near none */
#define VARYING 0.02 /* the average of a variable one */

uint32_t gh_align_near(double v, uint32_t align)
{
    double n = floor(v / align + 0.5) * align;
    return n < align ? align : (uint32_t)n;
}

uint32_t gh_align_down(double v, uint32_t align)
{
    double n = floor(v / align + 1e-9) * align;
    return n < align ? align : (uint32_t)n;
}

uint32_t gh_align_up(double v, uint32_t align)
{
    double n = ceil(v / align - 1e-9) * align;
    return n < align ? align : (uint32_t)n;
}

void gh_pic_scale(struct gh_pic *pic, uint32_t w, uint32_t h)
{
    pic->content_w = pic->canvas_w = w;
    pic->content_h = pic->canvas_h = h;
    pic->x = pic->y = 0;
    pic->pad = GH_PAD_NONE;
    pic->pad_rgb = 0;
}

void gh_pic_whole(struct gh_pic *pic)
{
    pic->crop = (struct gh_rect){0, 0, pic->src_w, pic->src_h};
    gh_pic_scale(pic, gh_align_near(pic->src_w, pic->align), gh_align_near(pic->src_h, pic->align));
}

void gh_pic_pad(struct gh_pic *pic, uint32_t canvas_w, uint32_t canvas_h, enum gh_pad pad,
                uint32_t rgb)
{
    /* Bars of a pixel or two look like a fault: stretch the picture instead (by 0.4 % of 1080). */
    if (canvas_w - pic->content_w <= 2 * pic->align && canvas_w >= STRETCH_FROM)
        pic->content_w = canvas_w;
    if (canvas_h - pic->content_h <= 2 * pic->align && canvas_h >= STRETCH_FROM)
        pic->content_h = canvas_h;
    bool bars = canvas_w != pic->content_w || canvas_h != pic->content_h;
    pic->canvas_w = canvas_w;
    pic->canvas_h = canvas_h;
    pic->x = (canvas_w - pic->content_w) / 2 / pic->align * pic->align;
    pic->y = (canvas_h - pic->content_h) / 2 / pic->align * pic->align;
    pic->pad = bars ? pad : GH_PAD_NONE;
    pic->pad_rgb = pic->pad == GH_PAD_COLOUR ? rgb : 0;
}

/* Where a window of length n in from..from+len starts, so that point is as near to its middle as
 * possible. */
static uint32_t place_window(uint32_t from, uint32_t len, uint32_t n, double point)
{
    double start = point - n / 2.0;
    return (uint32_t)GH_CLAMP(floor(start + 0.5), (double)from, (double)from + len - n);
}

void gh_pic_crop(struct gh_pic *pic, double shape_w, double shape_h, bool attention)
{
    struct gh_rect *c = &pic->crop;
    double excess = c->w * shape_h - c->h * shape_w;
    if (fabs(excess) <= GH_MAX(shape_w, shape_h)) /* within a pixel of the shape */
        return;
    uint32_t w = c->w, h = c->h;
    if (excess > 0)
        w = GH_MIN(gh_align_near(c->h * shape_w / shape_h, 1), c->w);
    else
        h = GH_MIN(gh_align_near(c->w * shape_h / shape_w, 1), c->h);
    bool focal = pic->crop_how == GH_CROP_FOCAL;
    double fx = focal ? pic->focal_x / FOCAL_UNIT * pic->src_w : c->x + c->w / 2.0;
    double fy = focal ? pic->focal_y / FOCAL_UNIT * pic->src_h : c->y + c->h / 2.0;
    *c = (struct gh_rect){place_window(c->x, c->w, w, fx), place_window(c->y, c->h, h, fy), w, h};
    if (!focal)
        pic->crop_how = attention ? GH_CROP_ATTENTION : GH_CROP_CENTRE;
}

void gh_pic_shrink(struct gh_pic *pic, uint32_t long_edge, uint32_t short_edge)
{
    double l = GH_MAX(pic->canvas_w, pic->canvas_h), s = GH_MIN(pic->canvas_w, pic->canvas_h);
    double f = GH_MIN(long_edge / l, short_edge / s);
    if (f >= 1)
        return;
    uint32_t canvas_w = gh_align_near(pic->canvas_w * f, pic->align),
             canvas_h = gh_align_near(pic->canvas_h * f, pic->align);
    uint32_t w = GH_MIN(gh_align_near(pic->content_w * f, pic->align), canvas_w);
    uint32_t h = GH_MIN(gh_align_near(pic->content_h * f, pic->align), canvas_h);
    enum gh_pad pad = pic->pad;
    uint32_t rgb = pic->pad_rgb;
    if (pad == GH_PAD_NONE) {
        gh_pic_scale(pic, canvas_w, canvas_h);
        return;
    }
    gh_pic_scale(pic, w, h);
    gh_pic_pad(pic, canvas_w, canvas_h, pad, rgb);
}

/* ------------------------------------------------------------------------------------- overlays */

uint32_t gh_thousandths(double percent)
{
    return (uint32_t)floor(percent * 10 + 0.5);
}

void gh_pic_overlay(struct gh_overlay *overlay, uint32_t corner, uint32_t w, uint32_t h,
                    double margin, double opacity)
{
    if (!overlay->id[0] || opacity < 1) {
        *overlay = (struct gh_overlay){.id = ""};
        return;
    }
    overlay->corner = GH_CORNER_TOP_LEFT + corner;
    overlay->w = w;
    overlay->h = h;
    overlay->margin = gh_thousandths(margin);
    overlay->opacity = (uint32_t)opacity;
}

/* ---------------------------------------------------------------------------------- frame rates */

static const struct gh_rational usual[] = {
    {10, 1}, {12, 1},       {25, 2},  {15, 1},        {20, 1},  {24000, 1001}, {24, 1},
    {25, 1}, {30000, 1001}, {30, 1},  {48, 1},        {50, 1},  {60000, 1001}, {60, 1},
    {90, 1}, {100, 1},      {120, 1}, {120000, 1001}, {240, 1},
};

static double rate_value(struct gh_rational r)
{
    return r.den > 0 ? (double)r.num / r.den : 0;
}

/* The nearest usual rate within a share of fps, or {0,0}. */
static struct gh_rational snap_rate(double fps, double share)
{
    struct gh_rational best = {0, 0};
    for (size_t i = 0; i < GH_LEN(usual); i++)
        if (fabs(rate_value(usual[i]) - fps) <= fps * share &&
            (!best.den || fabs(rate_value(usual[i]) - fps) < fabs(rate_value(best) - fps)))
            best = usual[i];
    return best;
}

static int32_t gcd(int32_t a, int32_t b)
{
    return b ? gcd(b, a % b) : a;
}

struct gh_rational gh_rate_of(double fps)
{
    struct gh_rational r = snap_rate(fps, EXACT);
    if (r.den || fps <= 0)
        return r;
    r = (struct gh_rational){(int32_t)floor(fps * 1000 + 0.5), 1000};
    if (r.num < 1)
        r.num = 1;
    int32_t g = gcd(r.num, r.den);
    return (struct gh_rational){r.num / g, r.den / g};
}

struct gh_rational gh_fps_of(const struct gh_probe *probe)
{
    double nominal = rate_value(probe->fps), average = rate_value(probe->fps_avg),
           moving = GH_MAX(rate_value(probe->fps_moving), average);
    /* A nominal rate far above the average is that of a clock (90000/1 in a screen recording), or
     * there are pauses: then it is the rate that the moving parts have. It may differ somewhat,
     * since cameras lose frames. */
    double fps = nominal > 0 && nominal <= MOST_FPS &&
                         (average <= 0 || (nominal <= average * 1.5 && nominal >= average * 0.75))
                     ? nominal
                     : moving;
    if (fps <= 0)
        return (struct gh_rational){0, 0};
    fps = GH_CLAMP(fps, 1.0, MOST_FPS);
    struct gh_rational r = snap_rate(fps, NEAR);
    if (!r.den && probe->vfr)
        r = snap_rate(fps, VARYING);
    return r.den ? r : snap_rate(fps, FAR).den ? snap_rate(fps, FAR) : gh_rate_of(fps);
}
