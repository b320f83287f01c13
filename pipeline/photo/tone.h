/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HDR to SDR, one colour at a time: the arithmetic that photos and videos share. Linear light
 * (SMPTE ST 2084, ITU-R BT.2100 HLG with its OOTF for 1000 cd/m2, or gamma 2.4), roll-off of what
 * is brighter than SDR white on the largest component (ITU-R BT.2390 section 5.4, which keeps the
 * hue), primaries to BT.709 with out-of-range colours moved towards grey, the inverse of BT.1886.
 * Cannot fail.
 */
#ifndef GH_PIPELINE_PHOTO_TONE_H
#define GH_PIPELINE_PHOTO_TONE_H

#include "base/media.h"

struct gh_light;

/* What a source's R'G'B' mean. */
struct gh_light_source {
    enum gh_colour transfer; /* GH_COLOUR_PQ, GH_COLOUR_HLG; anything else is gamma 2.4 */
    unsigned primaries;      /* of ITU-T H.273: 1 BT.709, 11 and 12 P3; anything else is BT.2020 */
    double peak;             /* PQ: cd/m2 of what is brightest, as the file says; 0: it does not */
};
/** *ret is the caller's (gh_light_free). It is not changed afterwards: threads may share it. */
void gh_light_new(const struct gh_light_source *source, struct gh_light **ret);
void gh_light_free(struct gh_light **l);
/** R'G'B' of the source, 0..1, to R'G'B' of BT.709, 0..1, gamma 2.4. */
void gh_light_map(const struct gh_light *l, const double in[3], double out[3]);

#endif
