/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Raw encoding: the samples go to the forward DCT as they lie in the planes. Larger pictures are
 * encoded twice: a sample of their rows for the Huffman tables, then all of them in one pass.
 * Class: GH_SYSTEM (memory), GH_BUG.
 */
#include "pipeline/photo/jpeg_write.h"

#include "pipeline/photo/jpeg_huff.h"

#include <setjmp.h>
#include <string.h>

#define SAMPLE_ROWS 4 /* rows of blocks that are encoded for the tables, at least … */
/* … and one in so many of a large picture (one in 12: a tenth more time, 0.08 % fewer bytes) */
#define SAMPLE_EVERY 24
#define SAMPLE_WORTH 4 /* where it would be more than one row in so many: no sample */

struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf out;
    unsigned char *bytes;
    unsigned long n;
};

static _Noreturn void on_error(j_common_ptr common)
{
    struct writer *w = common->client_data;
    longjmp(w->out, 1);
}

static void on_output(j_common_ptr common)
{
    (void)common;
}

static void writer_free(struct writer *w)
{
    jpeg_destroy_compress(&w->jpeg);
    free(w->bytes);
}

static void init_writer(struct writer *w)
{
    w->jpeg.client_data = w;
    w->jpeg.err = jpeg_std_error(&w->errors);
    w->errors.error_exit = on_error;
    w->errors.output_message = on_output;
}

/* Set libjpeg up for h rows of these planes, into w->bytes, which grows. Runs under setjmp. */
static void begin_jpeg(struct writer *w, const struct gh_planes *planes,
                       const struct gh_jpeg_out *how, uint32_t h)
{
    struct jpeg_compress_struct *j = &w->jpeg;
    unsigned factor = planes->n == 3 && !gh_planes_regular(planes, 0) ? 2 : 1;
    jpeg_create_compress(j);
    jpeg_mem_dest(j, &w->bytes, &w->n);
    j->image_width = planes->w;
    j->image_height = h;
    j->input_components = (int)planes->n;
    j->in_color_space = planes->n == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(j);
    jpeg_set_colorspace(j, j->in_color_space);
    jpeg_set_quality(j, (int)how->quality, TRUE);
    j->raw_data_in = TRUE;
    j->dct_method = JDCT_ISLOW;
    j->comp_info[0].h_samp_factor = j->comp_info[0].v_samp_factor = (int)factor;
}

/* Blocks at the right edge are whole: repeat the last sample of each row. */
static void fill_last_blocks(struct gh_plane *p)
{
    uint32_t whole = (p->w + 7) & ~7u;
    if (whole == p->w)
        return;
    for (uint32_t y = 0; y < p->h; y++)
        memset(p->data + p->stride * y + p->w, p->data[p->stride * y + p->w - 1], whole - p->w);
}

/* Rows of blocks first, first + every, … until the writer has as many as it was set up for. */
static void write_rows(struct jpeg_compress_struct *j, const struct gh_planes *planes,
                       uint32_t first, uint32_t every)
{
    JSAMPROW rows[3][2 * DCTSIZE];
    JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
    JDIMENSION step = (JDIMENSION)j->max_v_samp_factor * DCTSIZE;
    for (uint32_t row = first; j->next_scanline < j->image_height; row += every) {
        for (uint32_t i = 0; i < planes->n; i++) {
            const struct gh_plane *p = &planes->p[i];
            uint32_t n = (uint32_t)j->comp_info[i].v_samp_factor * DCTSIZE;
            for (uint32_t y = 0; y < n; y++)
                rows[i][y] = p->data + p->stride * GH_MIN(row * n + y, p->h - 1);
        }
        jpeg_write_raw_data(j, arrays, step);
    }
}

struct tables {
    JHUFF_TBL dc[2], ac[2];
};

/* Encode a sample for its tables; its bytes are not used. -1: the picture is too small for one. */
static int sample_tables(const struct gh_planes *planes, const struct gh_jpeg_out *how,
                         struct tables *ret)
{
    uint32_t step = planes->n == 3 && !gh_planes_regular(planes, 0) ? 2 * DCTSIZE : DCTSIZE;
    uint32_t every = GH_MIN(planes->h / step / SAMPLE_ROWS, (uint32_t)SAMPLE_EVERY);
    GH_AUTO(writer_free) struct writer w = {0};
    if (every < SAMPLE_WORTH)
        return -1;
    uint32_t rows = planes->h / step / every;
    init_writer(&w);
    if (setjmp(w.out))
        return -1;
    begin_jpeg(&w, planes, how, rows * step);
    w.jpeg.optimize_coding = TRUE;
    jpeg_start_compress(&w.jpeg, TRUE);
    write_rows(&w.jpeg, planes, every / 2, every);
    jpeg_finish_compress(&w.jpeg);
    for (int i = 0; i < (planes->n == 1 ? 1 : 2); i++) {
        gh_huff_complete(w.jpeg.dc_huff_tbl_ptrs[i], false, &ret->dc[i]);
        gh_huff_complete(w.jpeg.ac_huff_tbl_ptrs[i], true, &ret->ac[i]);
    }
    return 0;
}

static void use_tables(struct jpeg_compress_struct *j, const struct tables *t, int n)
{
    for (int i = 0; i < n; i++) {
        *j->dc_huff_tbl_ptrs[i] = t->dc[i];
        *j->ac_huff_tbl_ptrs[i] = t->ac[i];
    }
}

int gh_jpeg_encode(struct gh_planes *planes, const struct gh_jpeg_out *how, uint8_t **ret_bytes,
                   size_t *ret_n, struct gh_err *err)
{
    if (planes->n == 3 && !gh_planes_regular(planes, 0) && !gh_planes_regular(planes, 1))
        return gh_fail(err, GH_BUG, "planes of an irregular shape cannot be encoded");
    for (uint32_t i = 0; i < planes->n; i++)
        fill_last_blocks(&planes->p[i]);
    struct tables tables;
    bool sampled = !how->progressive && sample_tables(planes, how, &tables) == 0;
    GH_AUTO(writer_free) struct writer w = {0};
    init_writer(&w);
    if (setjmp(w.out))
        return gh_fail(err, GH_SYSTEM, "cannot encode a JPEG of %u × %u (memory?)", planes->w,
                       planes->h);
    begin_jpeg(&w, planes, how, planes->h);
    if (sampled)
        use_tables(&w.jpeg, &tables, planes->n == 1 ? 1 : 2);
    else
        w.jpeg.optimize_coding = TRUE;
    if (how->progressive)
        jpeg_simple_progression(&w.jpeg);
    jpeg_start_compress(&w.jpeg, TRUE);
    for (size_t i = 0; i < how->n_segments; i++)
        jpeg_write_marker(&w.jpeg, how->segments[i].marker, how->segments[i].bytes,
                          (unsigned)how->segments[i].n);
    write_rows(&w.jpeg, planes, 0, 1);
    jpeg_finish_compress(&w.jpeg);
    *ret_n = w.n;
    *ret_bytes = gh_steal(&w.bytes);
    return 0;
}
