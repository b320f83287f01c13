/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw encoding: the samples go to the forward DCT as they lie in the planes. Class: GH_SYSTEM (memory), GH_BUG. */
#include "pipeline/jpeg_write.h"

#include <jpeglib.h>
#include <setjmp.h>
#include <string.h>

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

static void setup(struct writer *w, const struct gh_planes *planes, const struct gh_jpeg_out *how)
{
    struct jpeg_compress_struct *j = &w->jpeg;
    unsigned factor = planes->n == 3 && !gh_planes_regular(planes, 0) ? 2 : 1;
    j->image_width = planes->w;
    j->image_height = planes->h;
    j->input_components = (int)planes->n;
    j->in_color_space = planes->n == 1 ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(j);
    jpeg_set_colorspace(j, j->in_color_space);
    jpeg_set_quality(j, (int)how->quality, TRUE);
    j->raw_data_in = TRUE;
    j->dct_method = JDCT_ISLOW;
    j->optimize_coding = TRUE;
    j->comp_info[0].h_samp_factor = j->comp_info[0].v_samp_factor = (int)factor;
    if (how->progressive)
        jpeg_simple_progression(j);
}

/* Blocks at the right edge are whole: repeat the last sample. */
static void extend(struct gh_plane *p)
{
    uint32_t whole = (p->w + 7) & ~7u;
    if (whole == p->w)
        return;
    for (uint32_t y = 0; y < p->h; y++)
        memset(p->data + p->stride * y + p->w, p->data[p->stride * y + p->w - 1], whole - p->w);
}

static void write_rows(struct jpeg_compress_struct *j, const struct gh_planes *planes)
{
    JSAMPROW rows[3][2 * DCTSIZE];
    JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
    JDIMENSION step = (JDIMENSION)j->max_v_samp_factor * DCTSIZE;
    for (JDIMENSION top = 0; top < j->image_height; top += step) {
        for (uint32_t i = 0; i < planes->n; i++) {
            const struct gh_plane *p = &planes->p[i];
            uint32_t n = (uint32_t)j->comp_info[i].v_samp_factor * DCTSIZE;
            uint32_t first = top / step * n;
            for (uint32_t y = 0; y < n; y++)
                rows[i][y] = p->data + p->stride * GH_MIN(first + y, p->h - 1);
        }
        jpeg_write_raw_data(j, arrays, step);
    }
}

int gh_jpeg_encode(struct gh_planes *planes, const struct gh_jpeg_out *how, uint8_t **ret_bytes, size_t *ret_n, struct gh_err *err)
{
    if (planes->n == 3 && !gh_planes_regular(planes, 0) && !gh_planes_regular(planes, 1))
        return gh_fail(err, GH_BUG, "planes of an irregular shape cannot be encoded");
    for (uint32_t i = 0; i < planes->n; i++)
        extend(&planes->p[i]);
    GH_AUTO(writer_free) struct writer w = {0};
    w.jpeg.client_data = &w;
    w.jpeg.err = jpeg_std_error(&w.errors);
    w.errors.error_exit = on_error;
    w.errors.output_message = on_output;
    if (setjmp(w.out))
        return gh_fail(err, GH_SYSTEM, "cannot encode a JPEG of %u × %u (memory?)", planes->w, planes->h);
    jpeg_create_compress(&w.jpeg);
    w.n = (unsigned long)planes->w * planes->h / 2 + 65536; /* rarely too small; grows when it is */
    w.bytes = malloc(w.n);
    if (!w.bytes)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    unsigned char *first = w.bytes;
    jpeg_mem_dest(&w.jpeg, &w.bytes, &w.n);
    setup(&w, planes, how);
    jpeg_start_compress(&w.jpeg, TRUE);
    for (size_t i = 0; i < how->n_segments; i++)
        jpeg_write_marker(&w.jpeg, how->segments[i].marker, how->segments[i].bytes, (unsigned)how->segments[i].n);
    write_rows(&w.jpeg, planes);
    jpeg_finish_compress(&w.jpeg);
    if (w.bytes != first)
        free(first); /* jpeg_mem_dest does not free the caller's buffer when it takes a larger one */
    *ret_n = w.n;
    *ret_bytes = gh_steal(&w.bytes);
    return 0;
}
