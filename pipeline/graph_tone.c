/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HDR and wide gamut to BT.709, through tables made once from the exact arithmetic: linear light (SMPTE ST 2084, ITU-R
 * BT.2100 HLG with its OOTF for 1000 cd/m2, or gamma 2.4), roll-off of what is brighter than SDR white on the largest
 * component (ITU-R BT.2390 section 5.4, so hue stays), primaries to BT.709 with out-of-range colours drawn towards
 * their grey, BT.1886 inverse. A pixel then costs a look-up, a chroma sample a few products; ordered dither covers the
 * loss of two bits.
 */
#include "pipeline/graph.h"

#include "base/str.h"

#include <libavutil/mastering_display_metadata.h>
#include <math.h>

#define WHITE 240.0 /* cd/m2 shown as 100 %: a little above the 203 of BT.2408, which leaves clouds their shape */
#define HLG_PEAK 1000.0
#define PER_CHANNEL                                                                                                    \
    0.6 /* share of rolling off each component by itself: bright colours fade to white as film and eyes have it */
#define CELLS 65 /* chroma cells each way, around multiples of 16 codes of 10 bit: greys are the middle of one */
#define HALF 8   /* codes from a cell's middle to its edge */
#define NODES 65 /* luma nodes of a column, 16 codes apart */
#define CURVE 1024
#define FRACTION 6 /* fractional bits of table values */

/* One chroma grid point: output Y, Cb, Cr << FRACTION for each luma node. */
struct column {
    int16_t v[NODES][3];
    bool filled;
};

/* First-order behaviour around one luma node of a cell: values << FRACTION in the middle, and their rise over a whole
 * cell or node. */
struct node {
    int16_t luma_b, luma_r; /* of luma with Cb and Cr */
    int16_t cb, cb_y, cb_b, cb_r;
    int16_t cr, cr_y, cr_b, cr_r;
} __attribute__((aligned(32))); /* never across two cache lines */

/* The luma curve in the middle of four columns, and what lies around it. */
struct cell {
    uint16_t curve[CURVE];
    struct node nodes[NODES];
    bool filled;
};

/* ------------------------------------------------------------------------------------------- light */

struct light {
    enum gh_colour trc;
    double peak;            /* cd/m2 */
    double kr, kb;          /* matrix of the source */
    double rgb[3][3];       /* source primaries → BT.709, linear */
    double ks, max, span;   /* roll-off in PQ units */
    float to_pq_gain[1025]; /* factor for the largest component, by its PQ value */
};

static double pq_to_nits(double v)
{
    const double m1 = 0.1593017578125, m2 = 78.84375, c1 = 0.8359375, c2 = 18.8515625, c3 = 18.6875;
    double p = pow(GH_MAX(v, 0.0), 1 / m2);
    return 10000 * pow(GH_MAX(p - c1, 0.0) / (c2 - c3 * p), 1 / m1);
}

static double nits_to_pq(double nits)
{
    const double m1 = 0.1593017578125, m2 = 78.84375, c1 = 0.8359375, c2 = 18.8515625, c3 = 18.6875;
    double p = pow(GH_MAX(nits, 0.0) / 10000, m1);
    return pow((c1 + c2 * p) / (1 + c3 * p), m2);
}

static double hlg_to_scene(double v)
{
    const double a = 0.17883277, b = 0.28466892, c = 0.55991073;
    v = GH_CLAMP(v, 0.0, 1.0);
    return v <= 0.5 ? v * v / 3 : (exp((v - c) / a) + b) / 12;
}

/* BT.2390: linear up to the knee, then a Hermite spline that meets the target's white. */
static double roll_off(const struct light *l, double pq)
{
    double e = GH_MIN(pq / l->span, 1.0);
    if (e > l->ks) {
        double t = (e - l->ks) / (1 - l->ks), t2 = t * t, t3 = t2 * t;
        e = (2 * t3 - 3 * t2 + 1) * l->ks + (t3 - 2 * t2 + t) * (1 - l->ks) + (-2 * t3 + 3 * t2) * l->max;
    }
    return e * l->span;
}

static void set_roll_off(struct light *l)
{
    l->span = nits_to_pq(l->peak);
    l->max = GH_MIN(nits_to_pq(WHITE) / l->span, 1.0);
    l->ks = 1.5 * l->max - 0.5;
    for (int i = 0; i <= 1024; i++) {
        double pq = i / 1024.0, nits = pq_to_nits(pq);
        l->to_pq_gain[i] = nits > 0 ? (float)(pq_to_nits(roll_off(l, pq)) / nits) : 1.0f;
    }
}

/* Curves are evaluated a million times: by interpolation in a table over the code value. */
struct curve {
    float v[4097];
};

static float at(const struct curve *c, double x)
{
    double p = GH_CLAMP(x, 0.0, 1.0) * 4096;
    int i = GH_MIN((int)p, 4095);
    return c->v[i] + (c->v[i + 1] - c->v[i]) * (float)(p - i);
}

struct curves {
    struct curve to_linear; /* code value → cd/m2 (HLG: scene light 0..1) */
    struct curve gain;      /* sqrt(sqrt(nits / 10000)) → roll-off factor */
    struct curve to_gamma;  /* sqrt(sqrt(linear)) → BT.1886 code value */
    struct curve ootf;      /* scene luminance → its power of gamma - 1 */
};

/* Filled as colours turn up: few of the 4096 cells do. */
struct gh_tone {
    struct light light;
    struct curves curves;
    struct column columns[CELLS + 1][CELLS + 1];
    struct cell cells[CELLS][CELLS];
};

static void fill_curves(const struct light *l, struct curves *c)
{
    for (int i = 0; i <= 4096; i++) {
        double x = i / 4096.0, fourth = x * x * x * x;
        c->to_linear.v[i] = (float)(l->trc == GH_COLOUR_PQ    ? pq_to_nits(x)
                                    : l->trc == GH_COLOUR_HLG ? hlg_to_scene(x)
                                                              : WHITE * pow(x, 2.4));
        double pq = nits_to_pq(fourth * 10000), p = pq * 1024;
        int k = GH_MIN((int)p, 1023);
        c->gain.v[i] = (float)(l->to_pq_gain[k] + (l->to_pq_gain[k + 1] - l->to_pq_gain[k]) * (p - k));
        c->to_gamma.v[i] = (float)pow(fourth, 1 / 2.4);
        c->ootf.v[i] = (float)pow(GH_MAX(x, 1e-4), 0.2);
    }
}

static double fourth_root(double v)
{
    return sqrt(sqrt(GH_MAX(v, 0.0)));
}

/* One colour: limited-range 10-bit codes in, limited-range 8-bit values (not rounded) out. */
static void convert(const struct light *l, const struct curves *c, double y10, double cb10, double cr10, double out[3])
{
    double y = (y10 - 64) / 876, cb = (cb10 - 512) / 896, cr = (cr10 - 512) / 896, kg = 1 - l->kr - l->kb;
    double r = y + 2 * (1 - l->kr) * cr, b = y + 2 * (1 - l->kb) * cb;
    double v[3] = {r, (y - l->kr * r - l->kb * b) / kg, b}, lin[3], most = 0;
    for (int i = 0; i < 3; i++)
        lin[i] = at(&c->to_linear, v[i]);
    if (l->trc == GH_COLOUR_HLG) {
        double system = HLG_PEAK * at(&c->ootf, 0.2627 * lin[0] + 0.6780 * lin[1] + 0.0593 * lin[2]);
        for (int i = 0; i < 3; i++)
            lin[i] *= system;
    }
    for (int i = 0; i < 3; i++)
        most = GH_MAX(most, lin[i]);
    double sdr[3], least = 1, together = at(&c->gain, fourth_root(most / 10000));
    for (int i = 0; i < 3; i++) {
        double alone = at(&c->gain, fourth_root(lin[i] / 10000));
        double gain = l->trc == GH_COLOUR_BT2020 ? 1.0 : together + PER_CHANNEL * (alone - together);
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
    double g[3];
    for (int i = 0; i < 3; i++)
        g[i] = at(&c->to_gamma, fourth_root(grey + t * (sdr[i] - grey)));
    double luma = 0.2126 * g[0] + 0.7152 * g[1] + 0.0722 * g[2];
    out[0] = 16 + 219 * luma;
    out[1] = 128 + 224 * (g[2] - luma) / 1.8556;
    out[2] = 128 + 224 * (g[0] - luma) / 1.5748;
}

/* ------------------------------------------------------------------------------------------- tables */

static double source_peak(const AVFrame *frame, enum gh_colour trc)
{
    if (trc != GH_COLOUR_PQ)
        return HLG_PEAK;
    const AVFrameSideData *sd = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    const AVContentLightMetadata *light = sd ? (const void *)sd->data : NULL;
    sd = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    const AVMasteringDisplayMetadata *display = sd ? (const void *)sd->data : NULL;
    double peak = light && light->MaxCLL              ? light->MaxCLL
                  : display && display->has_luminance ? av_q2d(display->max_luminance)
                                                      : 1000;
    return GH_CLAMP(peak, 400.0, 4000.0); /* what files claim is often 10000, what they show hardly ever */
}

static void light_of(const AVFrame *frame, enum gh_colour colour, struct light *ret)
{
    static const double bt2020[3][3] = {
        {1.660491, -0.587641, -0.072850}, {-0.124550, 1.132900, -0.008349}, {-0.018151, -0.100579, 1.118730}};
    static const double p3[3][3] = {
        {1.224940, -0.224940, 0}, {-0.042057, 1.042057, 0}, {-0.019638, -0.078636, 1.098274}};
    static const double same[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    struct light l = {.trc = frame->color_trc == AVCOL_TRC_SMPTE2084      ? GH_COLOUR_PQ
                             : frame->color_trc == AVCOL_TRC_ARIB_STD_B67 ? GH_COLOUR_HLG
                                                                          : colour};
    l.peak = source_peak(frame, l.trc);
    bool p709 = frame->color_primaries == AVCOL_PRI_BT709;
    bool dci = frame->color_primaries == AVCOL_PRI_SMPTE432 || frame->color_primaries == AVCOL_PRI_SMPTE431;
    const double(*m)[3] = p709 ? same : dci ? p3 : bt2020;
    for (int i = 0; i < 9; i++)
        l.rgb[i / 3][i % 3] = m[i / 3][i % 3];
    bool m709 = frame->colorspace == AVCOL_SPC_BT709;
    bool m601 = frame->colorspace == AVCOL_SPC_BT470BG || frame->colorspace == AVCOL_SPC_SMPTE170M;
    l.kr = m709 ? 0.2126 : m601 ? 0.299 : 0.2627;
    l.kb = m709 ? 0.0722 : m601 ? 0.114 : 0.0593;
    set_roll_off(&l);
    *ret = l;
}

static void fill_column(const struct gh_tone *t, double b, double r, struct column *c)
{
    for (int n = 0; n < NODES; n++) {
        double out[3];
        convert(&t->light, &t->curves, n * 16, b, r, out);
        for (int i = 0; i < 3; i++)
            c->v[n][i] = (int16_t)(GH_CLAMP(out[i], 16.0, i ? 240.0 : 235.0) * (1 << FRACTION) + 0.5);
    }
    c->filled = true;
}

static struct column *column_at(struct gh_tone *t, unsigned b, unsigned r)
{
    struct column *c = &t->columns[b][r];
    if (!c->filled)
        fill_column(t, b * 16.0 - HALF, r * 16.0 - HALF, c);
    return c;
}

static void fill_cell(struct gh_tone *t, struct cell *cell, unsigned b, unsigned r)
{
    const struct column *c00 = column_at(t, b, r), *c01 = column_at(t, b, r + 1), *c10 = column_at(t, b + 1, r),
                        *c11 = column_at(t, b + 1, r + 1);
    struct column middle;
    fill_column(t, b * 16.0, r * 16.0, &middle);
    int16_t rise[NODES][3][2];
    for (int n = 0; n < NODES; n++)
        for (int i = 0; i < 3; i++) {
            int v00 = c00->v[n][i], v01 = c01->v[n][i], v10 = c10->v[n][i], v11 = c11->v[n][i];
            /* curved between: half way from the mean of the edges to the middle errs least over the whole cell */
            middle.v[n][i] = (int16_t)((4 * middle.v[n][i] + v00 + v01 + v10 + v11 + 4) / 8);
            rise[n][i][0] = (int16_t)((v10 + v11 - v00 - v01) / 2);
            rise[n][i][1] = (int16_t)((v01 + v11 - v00 - v10) / 2);
        }
    for (int n = 0; n < NODES; n++) {
        int next = GH_MIN(n + 1, NODES - 1);
        cell->nodes[n] = (struct node){
            .luma_b = rise[n][0][0],
            .luma_r = rise[n][0][1],
            .cb = middle.v[n][1],
            .cb_y = (int16_t)(middle.v[next][1] - middle.v[n][1]),
            .cb_b = rise[n][1][0],
            .cb_r = rise[n][1][1],
            .cr = middle.v[n][2],
            .cr_y = (int16_t)(middle.v[next][2] - middle.v[n][2]),
            .cr_b = rise[n][2][0],
            .cr_r = rise[n][2][1],
        };
    }
    for (int y = 0; y < CURVE; y++)
        cell->curve[y] =
            (uint16_t)((middle.v[y >> 4][0] * (16 - (y & 15)) + middle.v[(y >> 4) + 1][0] * (y & 15) + 8) >> 4);
    cell->filled = true;
}

void gh_tone_new(const AVFrame *frame, enum gh_colour colour, struct gh_tone **ret)
{
    struct gh_tone *t = gh_alloc(sizeof *t);
    light_of(frame, colour, &t->light);
    fill_curves(&t->light, &t->curves);
    *ret = t;
}

void gh_tone_free(struct gh_tone **t)
{
    free(*t);
    *t = NULL;
}

/* ------------------------------------------------------------------------------------------- pixels */

/* Bayer 8 × 8, 0..63. */
static const uint8_t bayer[8][8] = {
    {0, 32, 8, 40, 2, 34, 10, 42},    {48, 16, 56, 24, 50, 18, 58, 26}, {12, 44, 4, 36, 14, 46, 6, 38},
    {60, 28, 52, 20, 62, 30, 54, 22}, {3, 35, 11, 43, 1, 33, 9, 41},    {51, 19, 59, 27, 49, 17, 57, 25},
    {15, 47, 7, 39, 13, 45, 5, 37},   {63, 31, 55, 23, 61, 29, 53, 21},
};

static inline unsigned code(uint16_t v)
{
    return v & 1023u;
}

static inline uint8_t luma(int v)
{
    v >>= FRACTION;
    return (uint8_t)GH_CLAMP(v, 16, 235);
}

static inline uint8_t chroma(int v)
{
    v >>= FRACTION;
    return (uint8_t)GH_CLAMP(v, 16, 240);
}

/* Two rows of luma and the row of chroma between them. */
struct rows {
    const uint16_t *y0, *y1, *cb, *cr;
    uint8_t *o0, *o1, *ob, *orr;
};

static void two_rows(struct gh_tone *t, struct rows p, int w, int row)
{
    const uint8_t *d0 = bayer[2 * row & 7], *d1 = bayer[(2 * row + 1) & 7], *dc = bayer[row & 7];
    for (int x = 0; x < w / 2; x++) {
        unsigned b = code(p.cb[x]), r = code(p.cr[x]);
        unsigned bi = (b + HALF) >> 4, ri = (r + HALF) >> 4;
        struct cell *cell = &t->cells[bi][ri];
        if (!cell->filled)
            fill_cell(t, cell, bi, ri);
        unsigned a0 = code(p.y0[2 * x]), a1 = code(p.y0[2 * x + 1]), a2 = code(p.y1[2 * x]), a3 = code(p.y1[2 * x + 1]);
        unsigned mean = (a0 + a1 + a2 + a3 + 2) >> 2;
        const struct node *n = &cell->nodes[mean >> 4];
        int fy = 2 * (int)(mean & 15), fb = 2 * ((int)b - 16 * (int)bi), fr = 2 * ((int)r - 16 * (int)ri); /* in 1/32 */
        int off = (n->luma_b * fb + n->luma_r * fr) >> 5;
        p.o0[2 * x] = luma(cell->curve[a0] + off + d0[2 * x & 7]);
        p.o0[2 * x + 1] = luma(cell->curve[a1] + off + d0[(2 * x + 1) & 7]);
        p.o1[2 * x] = luma(cell->curve[a2] + off + d1[2 * x & 7]);
        p.o1[2 * x + 1] = luma(cell->curve[a3] + off + d1[(2 * x + 1) & 7]);
        p.ob[x] = chroma(n->cb + ((n->cb_y * fy + n->cb_b * fb + n->cb_r * fr) >> 5) + dc[x & 7]);
        p.orr[x] = chroma(n->cr + ((n->cr_y * fy + n->cr_b * fb + n->cr_r * fr) >> 5) + dc[x & 7]);
    }
}

void gh_tone_run(struct gh_tone *t, const uint8_t *const src[3], const int ss[3], uint8_t *const dst[3],
                 const int ds[3], int w, int h)
{
    for (int row = 0; row < h / 2; row++) {
        const uint8_t *y = src[0] + (ptrdiff_t)2 * row * ss[0];
        uint8_t *o = dst[0] + (ptrdiff_t)2 * row * ds[0];
        struct rows p = {
            .y0 = (const uint16_t *)y,
            .y1 = (const uint16_t *)(y + ss[0]),
            .cb = (const uint16_t *)(src[1] + (ptrdiff_t)row * ss[1]),
            .cr = (const uint16_t *)(src[2] + (ptrdiff_t)row * ss[2]),
            .o0 = o,
            .o1 = o + ds[0],
            .ob = dst[1] + (ptrdiff_t)row * ds[1],
            .orr = dst[2] + (ptrdiff_t)row * ds[2],
        };
        two_rows(t, p, w, row);
    }
}
