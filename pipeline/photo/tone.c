/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The light of HDR and wide gamut pictures, and what is left of it on an SDR screen. */
#include "pipeline/photo/tone.h"

#include "base/str.h"

#include <math.h>
#include <string.h>

/* cd/m2 shown as 100 %: a little more than the 203 of BT.2408, so that clouds keep detail */
#define WHITE 240.0
#define HLG_PEAK 1000.0
/* Share of the roll-off that is applied to each component by itself: bright colours fade to white,
 * as on film and to the eye. */
#define PER_CHANNEL 0.6
#define PQ_POINTS 1024
#define PQ_NITS 10000.0 /* cd/m2 of PQ's code 1 */
#define DEFAULT_PEAK 1000
#define LEAST_PEAK 400.0
#define MOST_PEAK 4000.0

/* --------------------------------------------------------------------------------------- curves */

#define CURVE_POINTS 4096

/* Curves are evaluated a million times, so they are tables over 0..1 that are interpolated. */
struct curve {
    float v[CURVE_POINTS + 1];
};

static float curve_at(const struct curve *c, double x)
{
    double p = GH_CLAMP(x, 0.0, 1.0) * CURVE_POINTS;
    int i = GH_MIN((int)p, CURVE_POINTS - 1);
    return c->v[i] + (c->v[i + 1] - c->v[i]) * (float)(p - i);
}

struct curves {
    struct curve to_linear; /* code value → cd/m2 (HLG: scene light 0..1) */
    struct curve gain;      /* sqrt(sqrt(nits / 10000)) → roll-off factor */
    struct curve to_gamma;  /* sqrt(sqrt(linear)) → BT.1886 code value */
    struct curve ootf;      /* scene luminance → its power by system gamma - 1 */
};

struct gh_light {
    enum gh_colour trc;
    double peak;                     /* cd/m2 */
    double rgb[3][3];                /* source primaries → BT.709, linear */
    double ks, max, span;            /* roll-off in PQ units */
    float to_pq_gain[PQ_POINTS + 1]; /* factor for the largest component, by its PQ value */
    struct curves curves;
};

/* ------------------------------------------------------------------------------------ transfers */

static double pq_to_nits(double v)
{
    const double m1 = 0.1593017578125, m2 = 78.84375, c1 = 0.8359375, c2 = 18.8515625, c3 = 18.6875;
    double p = pow(GH_MAX(v, 0.0), 1 / m2);
    return PQ_NITS * pow(GH_MAX(p - c1, 0.0) / (c2 - c3 * p), 1 / m1);
}

static double nits_to_pq(double nits)
{
    const double m1 = 0.1593017578125, m2 = 78.84375, c1 = 0.8359375, c2 = 18.8515625, c3 = 18.6875;
    double p = pow(GH_MAX(nits, 0.0) / PQ_NITS, m1);
    return pow((c1 + c2 * p) / (1 + c3 * p), m2);
}

static double hlg_to_scene(double v)
{
    const double a = 0.17883277, b = 0.28466892, c = 0.55991073;
    v = GH_CLAMP(v, 0.0, 1.0);
    return v <= 0.5 ? v * v / 3 : (exp((v - c) / a) + b) / 12;
}

/* -------------------------------------------------------------------------------------- roll-off
 */

/* BT.2390: linear up to the knee, then a Hermite spline that ends at the target's white. */
static double roll_off(const struct gh_light *l, double pq)
{
    double e = GH_MIN(pq / l->span, 1.0);
    if (e > l->ks) {
        double t = (e - l->ks) / (1 - l->ks), t2 = t * t, t3 = t2 * t;
        e = (2 * t3 - 3 * t2 + 1) * l->ks + (t3 - 2 * t2 + t) * (1 - l->ks) +
            (-2 * t3 + 3 * t2) * l->max;
    }
    return e * l->span;
}

static void set_roll_off(struct gh_light *l)
{
    l->span = nits_to_pq(l->peak);
    l->max = GH_MIN(nits_to_pq(WHITE) / l->span, 1.0);
    l->ks = 1.5 * l->max - 0.5;
    for (int i = 0; i <= PQ_POINTS; i++) {
        double pq = i / (double)PQ_POINTS, nits = pq_to_nits(pq);
        l->to_pq_gain[i] = nits > 0 ? (float)(pq_to_nits(roll_off(l, pq)) / nits) : 1.0f;
    }
}

static void fill_curves(struct gh_light *l)
{
    struct curves *c = &l->curves;
    for (int i = 0; i <= CURVE_POINTS; i++) {
        double x = i / (double)CURVE_POINTS, fourth = x * x * x * x;
        c->to_linear.v[i] = (float)(l->trc == GH_COLOUR_PQ    ? pq_to_nits(x)
                                    : l->trc == GH_COLOUR_HLG ? hlg_to_scene(x)
                                                              : WHITE * pow(x, 2.4));
        double pq = nits_to_pq(fourth * PQ_NITS), p = pq * PQ_POINTS;
        int k = GH_MIN((int)p, PQ_POINTS - 1);
        c->gain.v[i] =
            (float)(l->to_pq_gain[k] + (l->to_pq_gain[k + 1] - l->to_pq_gain[k]) * (p - k));
        c->to_gamma.v[i] = (float)pow(fourth, 1 / 2.4);
        c->ootf.v[i] = (float)pow(GH_MAX(x, 1e-4), 0.2);
    }
}

static double fourth_root(double v)
{
    return sqrt(sqrt(GH_MAX(v, 0.0)));
}

void gh_light_new(const struct gh_light_source *source, struct gh_light **ret)
{
    enum { BT709 = 1, P3_DCI = 11, P3 = 12 }; /* of H.273 */
    static const double bt2020[3][3] = {{1.660491, -0.587641, -0.072850},
                                        {-0.124550, 1.132900, -0.008349},
                                        {-0.018151, -0.100579, 1.118730}};
    static const double p3[3][3] = {
        {1.224940, -0.224940, 0}, {-0.042057, 1.042057, 0}, {-0.019638, -0.078636, 1.098274}};
    static const double same[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    struct gh_light *l = gh_alloc(sizeof(*l));
    l->trc = source->transfer;
    /* files often claim 10000 cd/m2 and hardly ever use it */
    l->peak = l->trc != GH_COLOUR_PQ
                  ? HLG_PEAK
                  : GH_CLAMP(source->peak > 0 ? source->peak : DEFAULT_PEAK, LEAST_PEAK, MOST_PEAK);
    bool dci = source->primaries == P3_DCI || source->primaries == P3;
    const double(*m)[3] = source->primaries == BT709 ? same : dci ? p3 : bt2020;
    memcpy(l->rgb, m, sizeof(l->rgb));
    set_roll_off(l);
    fill_curves(l);
    *ret = l;
}

void gh_light_free(struct gh_light **l)
{
    free(*l);
    *l = NULL;
}

/* ---------------------------------------------------------------------------------- one colour  */

void gh_light_map(const struct gh_light *l, const double in[3], double out[3])
{
    const struct curves *c = &l->curves;
    double lin[3], most = 0;
    for (int i = 0; i < 3; i++)
        lin[i] = curve_at(&c->to_linear, in[i]);
    if (l->trc == GH_COLOUR_HLG) {
        double system =
            HLG_PEAK * curve_at(&c->ootf, 0.2627 * lin[0] + 0.6780 * lin[1] + 0.0593 * lin[2]);
        for (int i = 0; i < 3; i++)
            lin[i] *= system;
    }
    for (int i = 0; i < 3; i++)
        most = GH_MAX(most, lin[i]);
    double sdr[3], least = 1, together = curve_at(&c->gain, fourth_root(most / PQ_NITS));
    for (int i = 0; i < 3; i++) {
        double alone = curve_at(&c->gain, fourth_root(lin[i] / PQ_NITS));
        double gain =
            l->trc == GH_COLOUR_BT2020 ? 1.0 : together + PER_CHANNEL * (alone - together);
        lin[i] *= gain / WHITE;
    }
    for (int i = 0; i < 3; i++)
        sdr[i] = l->rgb[i][0] * lin[0] + l->rgb[i][1] * lin[1] + l->rgb[i][2] * lin[2];
    double grey = 0.2126 * sdr[0] + 0.7152 * sdr[1] + 0.0722 * sdr[2], t = 1;
    grey = GH_CLAMP(grey, 0.0, 1.0);
    most = 0;
    for (int i = 0; i < 3; i++) {
        most = GH_MAX(most, sdr[i]);
        least = GH_MIN(least, sdr[i]);
    }
    if (least < 0)
        t = grey / (grey - least);
    if (most > 1 && most > grey)
        t = GH_MIN(t, (1 - grey) / (most - grey));
    for (int i = 0; i < 3; i++)
        out[i] = curve_at(&c->to_gamma, fourth_root(grey + t * (sdr[i] - grey)));
}
