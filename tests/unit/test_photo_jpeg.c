/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG planes in and out: every subsampling, every scale, odd sizes, damage. The foreign half is
 * libjpeg's own RGB interface. */
#include "tests/unit/test.h"

#include "pipeline/photo/jpeg_read.h"
#include "pipeline/photo/jpeg_walk.h"
#include "pipeline/photo/jpeg_write.h"

#include <jpeglib.h>
#include <math.h>
#include <string.h>

/* A picture whose brightness grows to the right and whose colour changes downwards. */
static void colour_at(double x, double y, uint8_t rgb[3])
{
    rgb[0] = (uint8_t)(40 + 170 * x);
    rgb[1] = (uint8_t)(60 + 120 * y);
    rgb[2] = (uint8_t)(200 - 150 * y);
}

struct kind {
    int h, v;
    uint32_t name;
    bool progressive, grey;
};

static const struct kind kinds[] = {
    {2, 2, 420, false, false}, {1, 1, 444, false, false}, {2, 1, 422, false, false},
    {1, 2, 440, false, false}, {4, 1, 411, false, false}, {1, 1, 400, false, true},
    {2, 2, 420, true, false},  {2, 2, 400, false, true},
};

static void make(const struct kind *k, unsigned w, unsigned h, unsigned char **bytes,
                 unsigned long *n)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr e;
    j.err = jpeg_std_error(&e);
    jpeg_create_compress(&j);
    *bytes = NULL;
    *n = 0;
    jpeg_mem_dest(&j, bytes, n);
    j.image_width = w;
    j.image_height = h;
    j.input_components = 3;
    j.in_color_space = JCS_RGB;
    jpeg_set_defaults(&j);
    jpeg_set_colorspace(&j, k->grey ? JCS_GRAYSCALE : JCS_YCbCr);
    jpeg_set_quality(&j, 97, TRUE);
    j.comp_info[0].h_samp_factor = k->h;
    j.comp_info[0].v_samp_factor = k->v;
    if (k->progressive)
        jpeg_simple_progression(&j);
    jpeg_start_compress(&j, TRUE);
    uint8_t *row = malloc(3 * (size_t)w);
    for (unsigned y = 0; y < h; y++) {
        for (unsigned x = 0; x < w; x++)
            colour_at((x + 0.5) / w, (y + 0.5) / h, row + 3 * x);
        jpeg_write_scanlines(&j, &row, 1);
    }
    free(row);
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
}

/* Every sample wholly inside the picture is the colour of the place its plane says it covers. */
static void check_plane(const struct gh_planes *p, int i, const char *what)
{
    const struct gh_plane *c = &p->p[i];
    for (uint32_t y = 0; y < c->h; y++)
        for (uint32_t x = 0; x < c->w; x++) {
            uint8_t rgb[3], ycc[3];
            if (c->x0 + (x + 1) / c->dx > p->ref_w || c->y0 + (y + 1) / c->dy > p->ref_h)
                continue; /* partly made of the encoder's padding */
            double px = (c->x0 + (x + 0.5) / c->dx) / p->ref_w,
                   py = (c->y0 + (y + 0.5) / c->dy) / p->ref_h;
            colour_at(GH_CLAMP(px, 0, 1), GH_CLAMP(py, 0, 1), rgb);
            gh_ycc_of((uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2], ycc);
            int off = c->data[c->stride * y + x] - ycc[i];
            if (abs(off) > 7)
                fail_msg("%s: plane %d of %ux%u at %u,%u is %d off", what, i, c->w, c->h, x, y,
                         off);
        }
}

static void decodes_every_kind_at_every_scale(void **state)
{
    (void)state;
    static const unsigned sizes[][2] = {{160, 120}, {161, 121}, {97, 203}, {33, 17}, {16, 16}};
    static const double scales[] = {1, 0.5, 0.3, 0.25, 0.125};
    struct gh_err err = {0};
    for (size_t k = 0; k < GH_LEN(kinds); k++)
        for (size_t s = 0; s < GH_LEN(sizes); s++) {
            unsigned char *bytes;
            unsigned long n;
            make(&kinds[k], sizes[s][0], sizes[s][1], &bytes, &n);
            struct gh_jpeg info;
            OK(gh_jpeg_header(bytes, n, &info, &err));
            assert_int_equal(info.subsampling, kinds[k].name);
            assert_int_equal(info.progressive, kinds[k].progressive);
            assert_true(info.planar);
            for (size_t c = 0; c < GH_LEN(scales); c++) {
                GH_AUTO_PLANES p = {0};
                char what[64];
                snprintf(what, sizeof(what), "kind %zu (%u) scale %.3f", k, kinds[k].name,
                         scales[c]);
                OK(gh_jpeg_planes(bytes, n, scales[c], &p, &err));
                assert_int_equal(p.n, kinds[k].grey ? 1 : 3);
                assert_true(p.p[0].dx >= scales[c] - 1e-9 && p.p[0].dx <= scales[c] * 2);
                assert_int_equal(p.w, (uint32_t)ceil(sizes[s][0] * p.p[0].dx));
                for (uint32_t i = 0; i < p.n; i++)
                    check_plane(&p, (int)i, what);
            }
            free(bytes);
        }
}

static void round_trip_of_odd_sizes(void **state)
{
    (void)state;
    struct gh_err err = {0};
    for (uint32_t w = 1; w <= 35; w += 2)
        for (unsigned shift = 0; shift < 2; shift++) {
            GH_AUTO_PLANES in = {0};
            GH_AUTO_PLANES out = {0};
            GH_AUTO_FREE uint8_t *bytes = NULL;
            size_t n;
            OK(gh_planes_new(w, 36 - w, 3, shift, 0, 0, &in, &err));
            for (int i = 0; i < 3; i++)
                for (uint32_t y = 0; y < in.p[i].h; y++)
                    for (uint32_t x = 0; x < in.p[i].w; x++)
                        in.p[i].data[in.p[i].stride * y + x] = (uint8_t)(100 + 2 * x + y);
            struct gh_jpeg_out how = {.quality = 98};
            OK(gh_jpeg_encode(&in, &how, &bytes, &n, &err));
            OK(gh_jpeg_planes(bytes, n, 1, &out, &err));
            assert_int_equal(out.w, w);
            assert_int_equal(out.h, 36 - w);
            for (int i = 0; i < 3; i++) {
                assert_int_equal(out.p[i].w, in.p[i].w);
                for (uint32_t y = 0; y < in.p[i].h; y++)
                    for (uint32_t x = 0; x < in.p[i].w; x++)
                        assert_in_range(out.p[i].data[out.p[i].stride * y + x] + 4, 100 + 2 * x + y,
                                        100 + 2 * x + y + 8);
            }
        }
}

static void truncation_is_damage(void **state)
{
    (void)state;
    struct gh_err err = {0};
    for (size_t k = 0; k < GH_LEN(kinds); k++) {
        unsigned char *bytes;
        unsigned long n;
        make(&kinds[k], 160, 120, &bytes, &n);
        for (int cut = 1; cut <= 20; cut++) {
            size_t m = n * (size_t)cut / 21;
            GH_AUTO_PLANES p = {0};
            uint8_t *exact = malloc(m);
            memcpy(exact, bytes, m);
            FAILS(GH_INPUT, gh_jpeg_planes(exact, m, 1, &p, &err));
            assert_true(gh_starts(err.msg, "damaged picture"));
            free(exact);
        }
        free(bytes);
    }
}

static void stray_bytes_are_no_damage(void **state)
{
    (void)state;
    struct gh_err err = {0};
    unsigned char *bytes;
    unsigned long n;
    make(&kinds[0], 64, 64, &bytes, &n);
    uint8_t *more = malloc(n + 200);
    size_t at = 2 + 2 + ((size_t)bytes[4] << 8 | bytes[5]); /* behind the JFIF segment */
    memcpy(more, bytes, at);
    memset(more + at, 0x11, 7);
    memcpy(more + at + 7, bytes + at, n - at);
    memset(more + n + 7, 0x55, 100); /* and behind the end */
    GH_AUTO_PLANES p = {0};
    OK(gh_jpeg_planes(more, n + 107, 1, &p, &err));
    free(more);
    free(bytes);
}

static void garbage_is_refused(void **state)
{
    (void)state;
    struct gh_err err = {0};
    struct gh_jpeg info;
    static const uint8_t garbage[] = {0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xda, 0, 0};
    for (size_t n = 1; n <= sizeof(garbage); n++)
        FAILS(GH_INPUT, gh_jpeg_header(garbage, n, &info, &err));
}

static void segments_and_progression_are_written(void **state)
{
    (void)state;
    struct gh_err err = {0};
    GH_AUTO_PLANES in = {0};
    OK(gh_planes_new(80, 60, 3, 1, 0, 0, &in, &err));
    gh_planes_fill(&in, 0x336699);
    const struct gh_segment segment = {0xe1, (const uint8_t *)"Exif\0\0here", 10};
    for (int progressive = 0; progressive < 2; progressive++) {
        GH_AUTO_FREE uint8_t *bytes = NULL;
        size_t n;
        struct gh_jpeg info;
        struct gh_jpeg_out how = {
            .quality = 80, .progressive = progressive, .segments = &segment, .n_segments = 1};
        OK(gh_jpeg_encode(&in, &how, &bytes, &n, &err));
        assert_non_null(memmem(bytes, n,
                               "\xff\xe1\0\x0c"
                               "Exif\0\0here",
                               14));
        OK(gh_jpeg_header(bytes, n, &info, &err));
        assert_int_equal(info.progressive, progressive);
        assert_memory_equal(bytes + n - 2, "\xff\xd9", 2);
    }
}

/* What libjpeg wrote is whole; cut anywhere, it is not. */
static void a_whole_file_is_walked_to_its_end(void **state)
{
    (void)state;
    struct gh_err err = {0};
    for (size_t i = 0; i < GH_LEN(kinds); i++) {
        GH_AUTO_FREE unsigned char *bytes = NULL;
        unsigned long n;
        make(&kinds[i], 333, 217, &bytes, &n);
        OK(gh_jpeg_walk(bytes, n, &err));
        for (size_t m = 0; m < n; m++)
            FAILS(GH_INPUT, gh_jpeg_walk(bytes, m, &err));
    }
}

static void what_cannot_be_a_jpeg_is_not_walked(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t marker;   /* of the segment, 0: the entropy-coded data of the last scan */
        unsigned at;      /* byte of it that is changed */
        uint8_t to, then; /* what it and the next become */
        const char *says;
    } cases[] = {
        {"no table of quantisation", 0xdb, 1, 0xfe, 0x00, "unknown component"},
        {"a step of nothing", 0xdb, 9, 0, 1, "quantisation step"},
        {"too many codes", 0xc4, 5, 3, 0, "too many codes"},
        {"a frame of 12 bits", 0xc0, 4, 12, 0, "unknown kind"},
        {"no width", 0xc0, 7, 0, 0, "without a size"},
        {"more blocks than data", 0xc0, 7, 0xff, 0xff, "too short"},
        {"no sampling", 0xc0, 11, 0x02, 0, "impossible shape"},
        {"an unknown component", 0xda, 5, 9, 0, "unknown component"},
        {"a missing table", 0xda, 6, 0x33, 0, "without its tables"},
        {"a spectral band in a baseline file", 0xda, 11, 1, 63, "impossible part"},
        {"arithmetic coding", 0xc0, 1, 0xc9, 0, "unexpected marker"},
        {"a restart nobody announced", 0, 50, 0xff, 0xd0, "restart"},
        {"another picture in the data", 0, 50, 0xff, 0xd8, "too short"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_err err = {0};
        GH_AUTO_FREE unsigned char *bytes = NULL;
        unsigned long n;
        make(&kinds[0], 333, 217, &bytes, &n);
        uint8_t head[2] = {0xff, cases[i].marker ? cases[i].marker : 0xda};
        uint8_t *at = memmem(bytes, n, head, 2);
        assert_non_null(at);
        at += cases[i].at + (cases[i].marker ? 0 : 14);
        at[0] = cases[i].to;
        if (cases[i].then || !cases[i].marker || cases[i].at == 7)
            at[1] = cases[i].then;
        if (gh_jpeg_walk(bytes, n, &err) == 0 || !strstr(err.msg, cases[i].says))
            fail_msg("%s: %s", cases[i].what, err.msg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_kind_at_every_scale),
        cmocka_unit_test(round_trip_of_odd_sizes),
        cmocka_unit_test(truncation_is_damage),
        cmocka_unit_test(stray_bytes_are_no_damage),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(segments_and_progression_are_written),
        cmocka_unit_test(a_whole_file_is_walked_to_its_end),
        cmocka_unit_test(what_cannot_be_a_jpeg_is_not_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
