/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Raw decoding. When libjpeg scales luma down it scales chroma up in its DCT. That is not needed
 * here, so every component gets luma's scale before the first row, as in TurboJPEG's decoding to
 * YUV: a quarter of the work and of the samples. Classes: GH_INPUT, GH_LIMIT.
 */
#include "pipeline/photo/jpeg_read.h"

#include "base/str.h"

#include <jpeglib.h>
/* after jpeglib.h */
#include <jerror.h>
#include <jpegint.h>
#include <setjmp.h>
#include <string.h>

/* A progressive picture has about ten scans; a file with a thousand is made to cost time. */
#define MAX_SCANS 256
#define ALIGN 64    /* bytes: of planes and their rows */
#define PAST_END 16 /* samples that may be written after a row */

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    char damage[JMSG_LENGTH_MAX]; /* first warning that counts */
    bool memory, scans;
};

static _Noreturn void on_error(j_common_ptr common)
{
    struct reader *r = common->client_data;
    r->memory = r->errors.msg_code == JERR_OUT_OF_MEMORY;
    if (!r->damage[0])
        r->errors.format_message(common, r->damage);
    longjmp(r->out, 1);
}

static void on_message(j_common_ptr common, int level)
{
    struct reader *r = common->client_data;
    if (level >= 0)
        return;
    switch (r->errors.msg_code) {
    /* bytes between segments: cameras and editors leave them, no pixel is wrong */
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
        return;
    default:
        r->errors.num_warnings++;
        if (!r->damage[0])
            r->errors.format_message(common, r->damage);
    }
}

static void on_output(j_common_ptr common)
{
    (void)common;
}

static void on_progress(j_common_ptr common)
{
    struct reader *r = common->client_data;
    if (r->jpeg.input_scan_number > MAX_SCANS) {
        r->scans = true;
        longjmp(r->out, 1);
    }
}

static void reader_free(struct reader *r)
{
    jpeg_destroy_decompress(&r->jpeg);
}

static int fail_reader(struct reader *r, struct gh_err *err)
{
    if (r->scans)
        return gh_fail(err, GH_LIMIT, "progressive JPEG with more than %d scans", MAX_SCANS);
    if (r->memory)
        return gh_fail(err, GH_LIMIT, "the picture needs more memory than a photo is given");
    return gh_fail(err, GH_INPUT, "damaged picture: %s", r->damage);
}

static void setup(struct reader *r, const uint8_t *bytes, size_t n)
{
    r->jpeg.client_data = r;
    r->jpeg.err = jpeg_std_error(&r->errors);
    r->errors.error_exit = on_error;
    r->errors.emit_message = on_message;
    r->errors.output_message = on_output;
    r->progress.progress_monitor = on_progress;
    jpeg_create_decompress(&r->jpeg);
    r->jpeg.progress = &r->progress;
    jpeg_mem_src(&r->jpeg, bytes, n);
}

/* Runs under the caller's setjmp. */
static void read_header(struct reader *r)
{
    jpeg_read_header(&r->jpeg, TRUE);
}

static uint32_t subsampling_of(const struct jpeg_decompress_struct *j)
{
    static const struct {
        int h, v;
        uint32_t name;
    } known[] = {{1, 1, 444}, {2, 1, 422}, {2, 2, 420}, {1, 2, 440}, {4, 1, 411}};
    if (j->num_components == 1)
        return 400;
    for (int i = 1; i < GH_MIN(j->num_components, 3); i++)
        if (j->comp_info[i].h_samp_factor * j->comp_info[1].v_samp_factor !=
            j->comp_info[1].h_samp_factor * j->comp_info[i].v_samp_factor)
            return 0;
    int ch = j->comp_info[1].h_samp_factor, cv = j->comp_info[1].v_samp_factor;
    for (size_t i = 0; i < GH_LEN(known); i++)
        if (j->comp_info[0].h_samp_factor == known[i].h * ch &&
            j->comp_info[0].v_samp_factor == known[i].v * cv)
            return known[i].name;
    return 0;
}

int gh_jpeg_header(const uint8_t *bytes, size_t n, struct gh_jpeg *ret, struct gh_err *err)
{
    GH_AUTO(reader_free) struct reader r = {0};
    setup(&r, bytes, n);
    if (setjmp(r.out))
        return fail_reader(&r, err);
    read_header(&r);
    const struct jpeg_decompress_struct *j = &r.jpeg;
    *ret = (struct gh_jpeg){
        .w = j->image_width,
        .h = j->image_height,
        .components = (uint32_t)j->num_components,
        .progressive = j->progressive_mode,
        .precision = (uint32_t)j->data_precision,
        .subsampling = subsampling_of(j),
        .planar = j->data_precision == 8 &&
                  (j->jpeg_color_space == JCS_YCbCr || j->jpeg_color_space == JCS_GRAYSCALE),
        .cmyk = j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK,
    };
    return 0;
}

/* Give every component luma's DCT scale; after jpeg_start_decompress and before the first row. */
static void even_scales(struct jpeg_decompress_struct *j)
{
    for (int i = 0; i < j->num_components; i++) {
        jpeg_component_info *c = &j->comp_info[i];
        c->DCT_scaled_size = j->min_DCT_scaled_size;
        c->MCU_sample_width = c->MCU_width * c->DCT_scaled_size;
    }
    j->idct->start_pass(j);
}

/* Planes that hold whole MCUs, of which w × h samples count. */
static int planes_for(const struct jpeg_decompress_struct *j, struct gh_planes *ret,
                      struct gh_err *err)
{
    uint32_t n = j->num_components == 1 ? 1 : 3, dct = (uint32_t)j->min_DCT_scaled_size;
    struct gh_planes out = {.n = n, .ref_w = j->image_width, .ref_h = j->image_height};
    size_t at[3] = {0}, total = 0;
    uint32_t mcu_cols = (j->image_width + (uint32_t)j->max_h_samp_factor * DCTSIZE - 1) /
                        ((uint32_t)j->max_h_samp_factor * DCTSIZE);
    for (uint32_t i = 0; i < n; i++) {
        const jpeg_component_info *c = &j->comp_info[i];
        struct gh_plane *p = &out.p[i];
        uint64_t num_x = (uint64_t)c->h_samp_factor * dct,
                 den_x = (uint64_t)j->max_h_samp_factor * DCTSIZE;
        uint64_t num_y = (uint64_t)c->v_samp_factor * dct,
                 den_y = (uint64_t)j->max_v_samp_factor * DCTSIZE;
        p->w = (uint32_t)((j->image_width * num_x + den_x - 1) / den_x);
        p->h = (uint32_t)((j->image_height * num_y + den_y - 1) / den_y);
        p->dx = (double)num_x / (double)den_x;
        p->dy = (double)num_y / (double)den_y;
        uint32_t blocks = GH_MAX(c->width_in_blocks, mcu_cols * (uint32_t)c->h_samp_factor);
        p->stride = ((size_t)blocks * dct + PAST_END + ALIGN - 1) / ALIGN * ALIGN;
        at[i] = total;
        total += p->stride * ((size_t)j->total_iMCU_rows * (uint32_t)c->v_samp_factor * dct);
    }
    out.w = out.p[0].w;
    out.h = out.p[0].h;
    out.mem = aligned_alloc(ALIGN, (total + 2 * ALIGN - 1) / ALIGN * ALIGN);
    if (!out.mem)
        return gh_fail(err, GH_LIMIT, "the picture needs more memory than a photo is given");
    out.release = free;
    for (uint32_t i = 0; i < n; i++)
        out.p[i].data = (uint8_t *)out.mem + at[i];
    *ret = out;
    return 0;
}

/* One row of MCUs after the other, straight into the planes. Runs under setjmp. */
static void read_rows(struct jpeg_decompress_struct *j, struct gh_planes *planes)
{
    JSAMPROW rows[3][4 * DCTSIZE];
    JSAMPARRAY arrays[3] = {rows[0], rows[1], rows[2]};
    JDIMENSION step = (JDIMENSION)(j->max_v_samp_factor * j->min_DCT_scaled_size);
    for (JDIMENSION imcu = 0; imcu < j->total_iMCU_rows; imcu++) {
        for (uint32_t i = 0; i < planes->n; i++) {
            uint32_t n = (uint32_t)(j->comp_info[i].v_samp_factor * j->min_DCT_scaled_size);
            for (uint32_t y = 0; y < n; y++)
                rows[i][y] = planes->p[i].data + planes->p[i].stride * (imcu * (size_t)n + y);
        }
        jpeg_read_raw_data(j, arrays, step);
    }
}

/* Read the header and set the scale: nothing but the header decides sizes. Runs under setjmp. */
static void start_reader(struct reader *r, double scale)
{
    struct jpeg_decompress_struct *j = &r->jpeg;
    read_header(r);
    j->raw_data_out = TRUE;
    j->do_fancy_upsampling = FALSE;
    j->dct_method = JDCT_ISLOW;
    j->scale_num = 8;
    while (j->scale_num > 1 && j->scale_num / 2 >= scale * 8 - 1e-9)
        j->scale_num /= 2;
    j->scale_denom = 8;
    jpeg_start_decompress(j);
    for (int i = 0; i < j->num_components; i++)
        /* it is in no scan: it would come out grey, without a warning */
        if (!j->comp_info[i].quant_table) {
            GH_COPY(r->damage, "one of its colours is missing");
            longjmp(r->out, 1);
        }
    even_scales(j);
}

int gh_jpeg_planes(const uint8_t *bytes, size_t n, double scale, struct gh_planes *ret,
                   struct gh_err *err)
{
    GH_AUTO(reader_free) struct reader r = {0};
    GH_AUTO_PLANES planes = {0};
    setup(&r, bytes, n);
    if (setjmp(r.out))
        return fail_reader(&r, err);
    start_reader(&r, scale);
    /* After longjmp planes would have the value it had at setjmp: reading rows has its own. */
    TRY(planes_for(&r.jpeg, &planes, err));
    if (setjmp(r.out))
        return fail_reader(&r, err);
    read_rows(&r.jpeg, &planes);
    if (r.errors.num_warnings)
        return fail_reader(&r, err);
    *ret = gh_planes_steal(&planes);
    return 0;
}
