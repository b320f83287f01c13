/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HDR and wide gamut to BT.709, through tables of the exact arithmetic (pipeline/photo/tone.h),
 * which graph_tone_rows.c reads. Cannot fail.
 */
#include "pipeline/video/graph_tone_int.h"

#include "base/str.h"
#include "pipeline/photo/tone.h"

#include <libavutil/mastering_display_metadata.h>

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

void gh_tone_fill_cell(struct gh_tone *t, unsigned b, unsigned r)
{
    struct cell *cell = &t->cells[b][r];
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
    cell->filled = 1;
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
