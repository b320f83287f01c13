/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a video looks and sounds like, in a few kilobytes: some of its key pictures as 8×8 grids of brightness, and the
 * power of its sound over time. One child gathers it from the source while rendering, another from the output; the
 * parent compares. Plain structures, they cross the process boundary. Times in microseconds from the first picture.
 */
#ifndef GH_BASE_LOOK_H
#define GH_BASE_LOOK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define GH_GLANCE_GRID 8
#define GH_GLANCE_CELLS (GH_GLANCE_GRID * GH_GLANCE_GRID)
#define GH_LOOK_GLANCES 64
#define GH_LOOK_LEVELS 256
#define GH_LOOK_STEP_US 1000000

struct gh_glance {
    int64_t at_us;
    uint8_t luma[GH_GLANCE_CELLS]; /* rows from the top, as the decoder's code values (8 bit) */
};

/* At most one picture in each step: the first that came in it. Steps double as the video grows, so that two looks of
 * the same pictures keep the same ones, or the one with longer steps a subset. */
struct gh_glances {
    int64_t step_us;
    uint32_t n, pad;
    struct gh_glance list[GH_LOOK_GLANCES]; /* by time */
};

/* Sum of squares (full scale is 1) and samples of each step. */
struct gh_levels {
    int64_t step_us;
    uint32_t n, pad;
    struct {
        float sum;
        uint32_t samples;
    } list[GH_LOOK_LEVELS];
};

struct gh_look {
    struct gh_glances pictures;
    struct gh_levels sound;
};

/** step_us: what to begin with, the default or more; both stay empty. */
void gh_look_init(struct gh_look *look, int64_t step_us);
/** Whether a picture of this moment would be kept: worth looking at. */
bool gh_glances_want(const struct gh_glances *g, int64_t at_us);
/** Pictures may come in any order. */
void gh_glances_add(struct gh_glances *g, const struct gh_glance *glance);
/** Sound before 0 is no one's. */
void gh_levels_add(struct gh_levels *l, int64_t at_us, double sum, uint32_t samples);
/** Power of the sound in [from, until): mean square; negative when nothing is known of it. */
double gh_levels_power(const struct gh_levels *l, int64_t from_us, int64_t until_us);
/** Range-check what a child sent. GH_INPUT when it lies. */
GH_MUST_USE int gh_look_check(const struct gh_look *look, struct gh_err *err);

#endif
