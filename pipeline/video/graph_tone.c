/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HDR and wide gamut to BT.709, through tables of the exact arithmetic (pipeline/photo/tone.h): a
 * pixel then costs a look-up, a chroma sample a few products; ordered dither hides the loss of two
 * bits. Cannot fail.
 */
#include "pipeline/video/graph.h"

#include "base/str.h"
#include "pipeline/photo/tone.h"

#include <libavutil/mastering_display_metadata.h>

/* chroma cells each way, around multiples of 16 codes of 10 bit: greys are the middle of one */
#define CELLS 65
#define GREY 32    /* the cell in which Cb and Cr are 0 */
#define HALF 8     /* codes from a cell's middle to its edge */
#define NODES 65   /* luma nodes of a column, 16 codes apart */
#define CURVE 1024 /* codes of 10 bit */
#define FRACTION 6 /* fractional bits of table values */

/* At one corner of chroma cells: output Y, Cb, Cr << FRACTION for each luma node. */
struct column {
    int16_t v[NODES][3];
    bool filled;
};

/* Output around one luma node of a cell: values << FRACTION in the middle, and by how much they
 * rise over a whole cell, or to the next node. */
struct node {
    int16_t luma_b, luma_r; /* of luma with Cb and Cr */
    int16_t cb, cb_y, cb_b, cb_r;
    int16_t cr, cr_y, cr_b, cr_r;
} __attribute__((aligned(32))); /* never across two cache lines */

/* A chroma cell between four columns: the luma curve in its middle, and its nodes. */
struct cell {
    uint16_t curve[CURVE];
    struct node nodes[NODES];
    bool filled;
};

/* Columns and cells are filled when a colour of theirs first occurs: most never do. */
struct gh_tone {
    struct gh_light *light;
    double kr, kb; /* matrix of the source */
    struct column columns[CELLS + 1][CELLS + 1];
    struct cell cells[CELLS][CELLS];
};

/* One colour: limited-range 10-bit codes in, limited-range 8-bit values (not rounded) out. */
static void convert_colour(const struct gh_tone *t, double y10, double cb10, double cr10,
                           double out[3])
{
    double y = (y10 - 64) / 876, cb = (cb10 - 512) / 896, cr = (cr10 - 512) / 896,
           kg = 1 - t->kr - t->kb;
    double r = y + 2 * (1 - t->kr) * cr, b = y + 2 * (1 - t->kb) * cb;
    double v[3] = {r, (y - t->kr * r - t->kb * b) / kg, b}, g[3];
    gh_light_map(t->light, v, g);
    double luma = 0.2126 * g[0] + 0.7152 * g[1] + 0.0722 * g[2];
    out[0] = 16 + 219 * luma;
    out[1] = 128 + 224 * (g[2] - luma) / 1.8556;
    out[2] = 128 + 224 * (g[0] - luma) / 1.5748;
}

/* --------------------------------------------------------------------------------------- tables */

/* cd/m2 of what is brightest, as the mastering data say; 0: they do not. */
static double source_peak(const AVFrame *frame)
{
    const AVFrameSideData *sd = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
    const AVContentLightMetadata *light = sd ? (const void *)sd->data : NULL;
    sd = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
    const AVMasteringDisplayMetadata *display = sd ? (const void *)sd->data : NULL;
    return light && light->MaxCLL              ? light->MaxCLL
           : display && display->has_luminance ? av_q2d(display->max_luminance)
                                               : 0;
}

static void fill_column(const struct gh_tone *t, double b, double r, struct column *c)
{
    for (int n = 0; n < NODES; n++) {
        double out[3];
        convert_colour(t, n * 16, b, r, out);
        for (int i = 0; i < 3; i++)
            c->v[n][i] =
                (int16_t)(GH_CLAMP(out[i], 16.0, i ? 240.0 : 235.0) * (1 << FRACTION) + 0.5);
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
    const struct column *c00 = column_at(t, b, r), *c01 = column_at(t, b, r + 1),
                        *c10 = column_at(t, b + 1, r), *c11 = column_at(t, b + 1, r + 1);
    bool grey = b == GREY && r == GREY;
    struct column middle;
    fill_column(t, b * 16.0, r * 16.0, &middle);
    int16_t rise[NODES][3][2];
    for (int n = 0; n < NODES; n++)
        for (int i = 0; i < 3; i++) {
            int v00 = c00->v[n][i], v01 = c01->v[n][i], v10 = c10->v[n][i], v11 = c11->v[n][i];
            /* The surface between is curved: half way from the mean of the corners to the middle
             * has the least error over the whole cell. Most of what is in the cell of greys is
             * its middle, and there is none that the eye judges as well: it stays exact. */
            if (!grey)
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
        cell->curve[y] = (uint16_t)((middle.v[y >> 4][0] * (16 - (y & 15)) +
                                     middle.v[(y >> 4) + 1][0] * (y & 15) + 8) >>
                                    4);
    cell->filled = true;
}

void gh_tone_new(const AVFrame *frame, enum gh_colour colour, struct gh_tone **ret)
{
    struct gh_tone *t = gh_alloc(sizeof(*t));
    const struct gh_light_source source = {
        .transfer = frame->color_trc == AVCOL_TRC_SMPTE2084      ? GH_COLOUR_PQ
                    : frame->color_trc == AVCOL_TRC_ARIB_STD_B67 ? GH_COLOUR_HLG
                                                                 : colour,
        .primaries = (unsigned)frame->color_primaries,
        .peak = source_peak(frame),
    };
    gh_light_new(&source, &t->light);
    bool m709 = frame->colorspace == AVCOL_SPC_BT709;
    bool m601 = frame->colorspace == AVCOL_SPC_BT470BG || frame->colorspace == AVCOL_SPC_SMPTE170M;
    t->kr = m709 ? 0.2126 : m601 ? 0.299 : 0.2627;
    t->kb = m709 ? 0.0722 : m601 ? 0.114 : 0.0593;
    *ret = t;
}

void gh_tone_free(struct gh_tone **t)
{
    if (*t)
        gh_light_free(&(*t)->light);
    free(*t);
    *t = NULL;
}

/* --------------------------------------------------------------------------------------- pixels */

/* Bayer 8 × 8, 0..63. */
static const uint8_t bayer[8][8] = {
    {0, 32, 8, 40, 2, 34, 10, 42},  {48, 16, 56, 24, 50, 18, 58, 26},
    {12, 44, 4, 36, 14, 46, 6, 38}, {60, 28, 52, 20, 62, 30, 54, 22},
    {3, 35, 11, 43, 1, 33, 9, 41},  {51, 19, 59, 27, 49, 17, 57, 25},
    {15, 47, 7, 39, 13, 45, 5, 37}, {63, 31, 55, 23, 61, 29, 53, 21},
};

static inline unsigned code10(uint16_t v)
{
    return v & 1023u;
}

static inline uint8_t luma8(int v)
{
    v >>= FRACTION;
    return (uint8_t)GH_CLAMP(v, 16, 235);
}

static inline uint8_t chroma8(int v)
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
        unsigned b = code10(p.cb[x]), r = code10(p.cr[x]);
        unsigned bi = (b + HALF) >> 4, ri = (r + HALF) >> 4;
        struct cell *cell = &t->cells[bi][ri];
        if (!cell->filled)
            fill_cell(t, cell, bi, ri);
        unsigned a0 = code10(p.y0[2 * x]), a1 = code10(p.y0[2 * x + 1]), a2 = code10(p.y1[2 * x]),
                 a3 = code10(p.y1[2 * x + 1]);
        unsigned mean = (a0 + a1 + a2 + a3 + 2) >> 2;
        const struct node *n = &cell->nodes[mean >> 4];
        /* in 1/32 */
        int fy = 2 * (int)(mean & 15), fb = 2 * ((int)b - 16 * (int)bi),
            fr = 2 * ((int)r - 16 * (int)ri);
        int off = (n->luma_b * fb + n->luma_r * fr) >> 5;
        p.o0[2 * x] = luma8(cell->curve[a0] + off + d0[2 * x & 7]);
        p.o0[2 * x + 1] = luma8(cell->curve[a1] + off + d0[(2 * x + 1) & 7]);
        p.o1[2 * x] = luma8(cell->curve[a2] + off + d1[2 * x & 7]);
        p.o1[2 * x + 1] = luma8(cell->curve[a3] + off + d1[(2 * x + 1) & 7]);
        p.ob[x] = chroma8(n->cb + ((n->cb_y * fy + n->cb_b * fb + n->cb_r * fr) >> 5) + dc[x & 7]);
        p.orr[x] = chroma8(n->cr + ((n->cr_y * fy + n->cr_b * fb + n->cr_r * fr) >> 5) + dc[x & 7]);
    }
}

void gh_tone_run(struct gh_tone *t, const uint8_t *const src[3], const int ss[3],
                 uint8_t *const dst[3], const int ds[3], int w, int h)
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
