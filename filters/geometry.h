/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic the geometry and rate filters share. Sizes in pixels; everything rounds to multiples of pic->align, never
 * to 0. */
#ifndef GH_FILTERS_GEOMETRY_H
#define GH_FILTERS_GEOMETRY_H

#include "filters/filter.h"

/** v to the nearest, next lower or next higher multiple of align, at least align. */
uint32_t gh_align_near(double v, uint32_t align);
uint32_t gh_align_down(double v, uint32_t align);
uint32_t gh_align_up(double v, uint32_t align);
/** The whole source, not scaled. */
void gh_pic_whole(struct gh_pic *pic);
/** Scale crop to content w×h, which is also the canvas. */
void gh_pic_scale(struct gh_pic *pic, uint32_t w, uint32_t h);
/** Put the content into the middle of a canvas (at least as large), padded; equal sizes mean no padding. */
void gh_pic_pad(struct gh_pic *pic, uint32_t canvas_w, uint32_t canvas_h, enum gh_pad pad, uint32_t rgb);
/** Largest rectangle of shape w:h inside the present crop, at the focal point, else in the middle; attention lets the
 * executor move it. */
void gh_pic_crop(struct gh_pic *pic, double shape_w, double shape_h, bool attention);
/** Make the finished picture no larger than long×short (either way round), keeping its shape. */
void gh_pic_shrink(struct gh_pic *pic, uint32_t long_edge, uint32_t short_edge);

/* What watermark and label share. */
#define GH_OPT_OF_CORNER(def)                                                                                          \
    {                                                                                                                  \
        "corner", "where", GH_OPT_ENUM, 0, 0, "top-left|top-right|bottom-left|bottom-right", def                       \
    }
#define GH_OPT_OF_OPACITY(def)                                                                                         \
    {                                                                                                                  \
        "opacity", "percent; 0 switches it off", GH_OPT_INT, 0, 100, NULL, def                                         \
    }
#define GH_OPT_OF_MARGIN(def)                                                                                          \
    {                                                                                                                  \
        "margin", "distance from both edges, percent of the picture's shorter edge", GH_OPT_NUMBER, 0, 25, NULL, def   \
    }
/** Percent to 1/1000. */
uint32_t gh_thousandths(double percent);
/** Place what has an id already; corner counts from 0 as in GH_OPT_OF_CORNER, margin and opacity are in percent. */
void gh_pic_overlay(struct gh_overlay *overlay, uint32_t corner, uint32_t w, uint32_t h, double margin, double opacity);

/** Constant frame rate that stands for the source: nominal if believable, else average, snapped to a usual rate. {0,0}
 * unknown. */
struct gh_rational gh_fps_of(const struct gh_probe *probe);
/** 29.97 → 30000/1001, 30 → 30/1, 12.5 → 25/2. */
struct gh_rational gh_rate_of(double fps);

#endif
