/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables between graph_tone.c, which fills them, and graph_tone_rows.c, which reads them. */
#ifndef GH_PIPELINE_VIDEO_GRAPH_TONE_INT_H
#define GH_PIPELINE_VIDEO_GRAPH_TONE_INT_H

#include "pipeline/video/graph.h"

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
    uint32_t filled; /* as wide as what is gathered */
};

/* Columns and cells are filled when a colour of theirs first occurs: most never do. */
struct gh_tone {
    struct gh_light *light;
    double kr, kb; /* matrix of the source */
    struct column columns[CELLS + 1][CELLS + 1];
    struct cell cells[CELLS][CELLS];
};

/** Fill the cell of Cb around b * 16 and Cr around r * 16. */
void gh_tone_fill_cell(struct gh_tone *t, unsigned b, unsigned r);
/** gh_tone_run with vector instructions or without: both give the same bytes. vectors: the
 * processor has AVX2. */
void gh_tone_run_by(struct gh_tone *t, const uint8_t *const src[3], const int src_stride[3],
                    uint8_t *const dst[3], const int dst_stride[3], int w, int h, bool vectors);

#endif
