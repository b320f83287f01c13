/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fingerprint of a video, a few kilobytes: some of its key pictures as 8×8 grids of brightness,
 * and the power of its sound over time. One child takes it of the source while it renders, another
 * of the output; the parent compares. Structures without pointers, which cross the process boundary
 * as they are. Times in microseconds from the first picture.
 */
#ifndef GH_BASE_FINGERPRINT_H
#define GH_BASE_FINGERPRINT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define GH_SIGNATURE_GRID 8
#define GH_SIGNATURE_CELLS (GH_SIGNATURE_GRID * GH_SIGNATURE_GRID)
#define GH_FINGERPRINT_SIGNATURES 64
#define GH_FINGERPRINT_LEVELS 256
#define GH_FINGERPRINT_STEP_US 1000000

struct gh_signature {
    int64_t at_us;
    uint8_t luma[GH_SIGNATURE_CELLS]; /* rows from the top, as the decoder's code values (8 bit) */
};

/* At most one picture in each step: the earliest of it. Steps double as the video grows, so that
 * two fingerprints of the same pictures keep the same ones, or the one with longer steps a subset.
 */
struct gh_signatures {
    int64_t step_us;
    uint32_t n, pad;
    struct gh_signature list[GH_FINGERPRINT_SIGNATURES]; /* by time */
};

/* Sum of squares (full scale is 1) and samples of each step. */
struct gh_levels {
    int64_t step_us;
    uint32_t n, pad;
    struct {
        float sum;
        uint32_t samples;
    } list[GH_FINGERPRINT_LEVELS];
};

struct gh_fingerprint {
    int64_t shown_us; /* when the last of all pictures ends; 0: not known */
    struct gh_signatures pictures;
    struct gh_levels sound;
};

/** An empty fingerprint. step_us: the steps to begin with, at least GH_FINGERPRINT_STEP_US. */
void gh_fingerprint_init(struct gh_fingerprint *print, int64_t step_us);
/** Whether a picture of this moment would be kept, so that it is worth computing. */
bool gh_signatures_want(const struct gh_signatures *g, int64_t at_us);
/** Pictures may come in any order. */
void gh_signatures_add(struct gh_signatures *g, const struct gh_signature *picture);
/** sum: of the squares of so many samples from at_us on. Sound before 0 is left out. */
void gh_levels_add(struct gh_levels *l, int64_t at_us, double sum, uint32_t samples);
/** Mean square of the sound in [from, until), full scale being 1; negative when nothing is known.
 */
double gh_levels_power(const struct gh_levels *l, int64_t from_us, int64_t until_us);
/** Range-check what a child sent. GH_INPUT when a value is impossible. */
GH_MUST_USE int gh_fingerprint_check(const struct gh_fingerprint *print, struct gh_err *err);

#endif
