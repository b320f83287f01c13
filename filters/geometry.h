/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic that filters share. Sizes in pixels; everything is rounded to multiples of pic->align,
 * never to 0. */
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
/** Put the content into the middle of a canvas (at least as large), padded; equal sizes mean no
 * padding. */
void gh_pic_pad(struct gh_pic *pic, uint32_t canvas_w, uint32_t canvas_h, enum gh_pad pad,
                uint32_t rgb);
/** Crop to the largest rectangle of shape w:h in the present crop, at the focal point, else in its
 * middle. attention: pipeline/ may move it to what draws attention. */
void gh_pic_crop(struct gh_pic *pic, double shape_w, double shape_h, bool attention);
/** Make the finished picture no larger than long×short (either way round), keeping its shape. */
void gh_pic_shrink(struct gh_pic *pic, uint32_t long_edge, uint32_t short_edge);

/* What watermark and label share. */
#define GH_OPT_OF_CORNER(def)                                                                      \
    {                                                                                              \
        "corner", "where", GH_OPT_ENUM, 0, 0, "top-left|top-right|bottom-left|bottom-right", def   \
    }
#define GH_OPT_OF_OPACITY(def)                                                                     \
    {                                                                                              \
        "opacity", "percent; 0 switches it off", GH_OPT_INT, 0, 100, NULL, def                     \
    }
#define GH_OPT_OF_MARGIN(def)                                                                      \
    {                                                                                              \
        "margin", "distance from both edges, percent of the picture's shorter edge",               \
            GH_OPT_NUMBER, 0, 25, NULL, def                                                        \
    }
/** Percent to 1/1000. */
uint32_t gh_thousandths(double percent);
/** Place an overlay that has an id; without one it is none. corner: from 0 as in GH_OPT_OF_CORNER;
 * w, h: in 1/1000 of the shorter edge, 0: as its shape is; margin, opacity: percent. */
void gh_pic_overlay(struct gh_overlay *overlay, uint32_t corner, uint32_t w, uint32_t h,
                    double margin, double opacity);

/** The constant frame rate of the source: the nominal one if it is plausible, else the average,
 * moved to a usual rate nearby; {0, 0}: unknown. */
struct gh_rational gh_fps_of(const struct gh_probe *probe);
/** A rate as a fraction: 29.97 is 30000/1001, 30 is 30/1, 12.5 is 25/2. */
struct gh_rational gh_rate_of(double fps);

#endif
