/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scaled pixels against a Spline36 written here in double precision, over many pairs of sizes:
 * vector code that is wrong is wrong for some sizes only, so a few pairs would not show it.
 */
#include "tests/unit/test.h"

#include "pipeline/photo/resample.h"
#include "pipeline/photo/scale_int.h"

#include <libavutil/frame.h>
#include <math.h>
#include <string.h>

static double spline36(double x)
{
    x = fabs(x);
    if (x < 1)
        return ((13.0 / 11 * x - 453.0 / 209) * x - 3.0 / 209) * x + 1;
    if (x < 2)
        return ((-6.0 / 11 * (x - 1) + 270.0 / 209) * (x - 1) - 156.0 / 209) * (x - 1);
    return x < 3 ? ((1.0 / 11 * (x - 2) - 45.0 / 209) * (x - 2) + 26.0 / 209) * (x - 2) : 0;
}

/* One line of n samples from..from+len scaled to m. step: distance of samples. Edges are mirrored.
 */
static void scale_line(const double *src, int n, size_t step, double from, double len, double *dst,
                       int m, size_t out_step)
{
    double ratio = len / m, support = ratio > 1 ? 3 * ratio : 3, squeeze = ratio > 1 ? ratio : 1;
    for (int i = 0; i < m; i++) {
        double centre = from + (i + 0.5) * ratio, sum = 0, weight = 0;
        for (int k = (int)floor(centre - support); k <= (int)ceil(centre + support); k++) {
            double w = spline36((k + 0.5 - centre) / squeeze);
            int at = k;
            while (at < 0 || at >= n)
                at = at < 0 ? -at - 1 : 2 * n - at - 1;
            sum += w * src[(size_t)at * step];
            weight += w;
        }
        dst[(size_t)i * out_step] = sum / weight;
    }
}

static void texture(struct gh_plane *p, unsigned seed)
{
    for (uint32_t y = 0; y < p->h; y++)
        for (uint32_t x = 0; x < p->w; x++) {
            double v = 128 + 60 * sin(x * 0.11 + seed) * cos(y * 0.07) + 40 * sin((x + y) * 0.31) +
                       ((x / 16 + y / 16) % 2 ? 20 : -20);
            p->data[p->stride * y + x] = (uint8_t)GH_CLAMP(v, 0, 255);
        }
}

/* Decibels between a plane and the reference of the same window. */
static double psnr(const struct gh_plane *src, double x, double y, double w, double h,
                   const struct gh_plane *got)
{
    double *in = malloc(sizeof(double) * src->w * src->h),
           *mid = malloc(sizeof(double) * got->w * src->h);
    double *out = malloc(sizeof(double) * got->w * got->h), error = 0;
    for (uint32_t j = 0; j < src->h; j++)
        for (uint32_t i = 0; i < src->w; i++)
            in[(size_t)j * src->w + i] = src->data[src->stride * j + i];
    for (uint32_t j = 0; j < src->h; j++)
        scale_line(in + (size_t)j * src->w, (int)src->w, 1, x, w, mid + (size_t)j * got->w,
                   (int)got->w, 1);
    for (uint32_t i = 0; i < got->w; i++)
        scale_line(mid + i, (int)src->h, got->w, y, h, out + i, (int)got->h, got->w);
    for (uint32_t j = 0; j < got->h; j++)
        for (uint32_t i = 0; i < got->w; i++) {
            double v =
                GH_CLAMP(out[(size_t)j * got->w + i], 0, 255) - got->data[got->stride * j + i];
            error += v * v;
        }
    error /= (double)got->w * got->h;
    free(in);
    free(mid);
    free(out);
    return error > 0 ? 10 * log10(255.0 * 255 / error) : 99;
}

static void check_pair(uint32_t w, uint32_t h, uint32_t to_w, uint32_t to_h, double x, double y,
                       double cw, double ch)
{
    struct gh_err err = {0};
    GH_AUTO_PLANES src = {0};
    GH_AUTO_PLANES dst = {0};
    OK(gh_planes_new(w, h, 3, 1, 0, 0, &src, &err));
    OK(gh_planes_new(to_w, to_h, 3, 1, 0, 0, &dst, &err));
    for (int i = 0; i < 3; i++)
        texture(&src.p[i], (unsigned)i);
    OK(gh_resample(&src, x, y, cw, ch, GH_KERNEL_SHARP, &dst, &err));
    double luma = psnr(&src.p[0], x, y, cw, ch, &dst.p[0]);
    double fx = cw / to_w, fy = ch / to_h;
    double chroma = psnr(&src.p[2], x / 2, y / 2, dst.p[2].w * fx, dst.p[2].h * fy, &dst.p[2]);
    if (luma < 54 || chroma < 54) /* what rounding may cost; 59 is usual */
        fail_msg("%ux%u (%.1f,%.1f %.1fx%.1f) to %ux%u: luma %.1f dB, chroma %.1f dB", w, h, x, y,
                 cw, ch, to_w, to_h, luma, chroma);
}

static void widths_against_reference(void **state)
{
    (void)state;
    static const uint32_t from[] = {3264, 2725, 2304, 1632, 1000, 816, 640, 501},
                          to[] = {2560, 2048, 1600, 1280, 1080, 999, 333};
    for (size_t i = 0; i < GH_LEN(from); i++)
        for (size_t k = 0; k < GH_LEN(to); k++)
            check_pair(from[i], 26, to[k], 18, 0, 0, from[i], 26);
}

static void heights_against_reference(void **state)
{
    (void)state;
    static const uint32_t from[] = {2448, 1976, 1367, 853}, to[] = {1920, 1707, 1350, 566};
    for (size_t i = 0; i < GH_LEN(from); i++)
        for (size_t k = 0; k < GH_LEN(to); k++)
            check_pair(40, from[i], 28, to[k], 0, 0, 40, from[i]);
}

static void windows_against_reference(void **state)
{
    (void)state;
    check_pair(640, 480, 300, 300, 80, 0, 480, 480);
    check_pair(641, 481, 301, 299, 33.5, 20.25, 501.5, 400.75);
    check_pair(100, 100, 400, 50, 10, 60, 80, 40);
    check_pair(2560, 60, 1280, 33, 700, 10, 1536, 50);
}

/* Sizes drawn from a fixed sequence: larger, smaller, whole, windows that begin between samples,
 * next to nothing. */
static void many_sizes_against_reference(void **state)
{
    (void)state;
    uint32_t seed = 20261126;
#define DRAW(most) ((seed = seed * 1664525u + 1013904223u) >> 8) % (most)
    for (int i = 0; i < 140; i++) {
        uint32_t small = i % 4 == 0 ? 12 : 300, w = 1 + DRAW(i % 4 == 1 ? 3000u : small),
                 h = 1 + DRAW(small);
        uint32_t to_w = 1 + DRAW(GH_MAX(w * 3 / 2, 4u)), to_h = 1 + DRAW(GH_MAX(h * 3 / 2, 4u));
        double x = i % 3 ? DRAW(w * 10) / 20.0 : 0, y = i % 3 ? DRAW(h * 10) / 20.0 : 0;
        check_pair(w, h, to_w, to_h, x, y, i % 3 ? w - x : w, i % 3 ? h - y : h);
    }
}

/* One result, whatever the processor can. */
static void vectors_and_plain_code_agree(void **state)
{
    (void)state;
    struct gh_err err = {0};
    for (uint32_t to = 1; to < 200; to += 3) {
        GH_AUTO_PLANES src = {0};
        GH_AUTO_PLANES a = {0};
        GH_AUTO_PLANES b = {0};
        uint32_t w = 40 + to * 13 % 170, h = 30 + to * 7 % 60;
        OK(gh_planes_new(w, h, 1, 0, 0, 0, &src, &err));
        OK(gh_planes_new(to, 50, 1, 0, 0, 0, &a, &err));
        OK(gh_planes_new(to, 50, 1, 0, 0, 0, &b, &err));
        for (uint32_t y = 0; y < h; y++)
            for (uint32_t x = 0; x < w; x++) /* the hardest: black beside white */
                src.p[0].data[src.p[0].stride * y + x] = (x * 7 + y * 13 + to) % 5 < 2 ? 255 : 0;
        struct gh_window win = {.x = to % 3, .y = 0.3, .w = w - 2.5, .h = h - 1};
        const struct gh_scale_kernel *kernel = to % 2 ? &gh_scale_spline36 : &gh_scale_triangle;
        OK(gh_scale_plane(&src.p[0], &win, kernel, &a.p[0], &err));
        OK(gh_scale_plane_by(&src.p[0], &win, kernel, &b.p[0], false, &err));
        for (uint32_t y = 0; y < 50; y++)
            assert_memory_equal(a.p[0].data + a.p[0].stride * y, b.p[0].data + b.p[0].stride * y,
                                to);
    }
}

/* Weights add up to one: a plain surface stays what it is, at any scale, to its edges. */
static void flat_stays_flat(void **state)
{
    (void)state;
    static const uint8_t values[] = {0, 1, 127, 254, 255};
    struct gh_err err = {0};
    for (size_t i = 0; i < GH_LEN(values); i++)
        for (uint32_t to = 1; to < 150; to += 7) {
            GH_AUTO_PLANES src = {0};
            GH_AUTO_PLANES dst = {0};
            OK(gh_planes_new(61, 47, 1, 0, 0, 0, &src, &err));
            OK(gh_planes_new(to, to / 2 + 1, 1, 0, 0, 0, &dst, &err));
            for (uint32_t y = 0; y < 47; y++)
                memset(src.p[0].data + src.p[0].stride * y, values[i], 61);
            OK(gh_resample(&src, 0.7, 0, 60, 47, GH_KERNEL_SHARP, &dst, &err));
            for (uint32_t y = 0; y < dst.h; y++)
                for (uint32_t x = 0; x < to; x++)
                    assert_int_equal(dst.p[0].data[dst.p[0].stride * y + x], values[i]);
        }
}

static void same_size_is_a_copy(void **state)
{
    (void)state;
    struct gh_err err = {0};
    GH_AUTO_PLANES src = {0};
    GH_AUTO_PLANES dst = {0};
    OK(gh_planes_new(31, 17, 3, 1, 0, 0, &src, &err));
    OK(gh_planes_new(31, 17, 3, 1, 0, 0, &dst, &err));
    for (int i = 0; i < 3; i++)
        texture(&src.p[i], 5);
    gh_planes_cover(&src, 0, 0, 62, 34, 62, 34);
    OK(gh_resample(&src, 0, 0, 62, 34, GH_KERNEL_SHARP, &dst, &err));
    for (int i = 0; i < 3; i++)
        for (uint32_t y = 0; y < dst.p[i].h; y++)
            assert_memory_equal(dst.p[i].data + dst.p[i].stride * y,
                                src.p[i].data + src.p[i].stride * y, dst.p[i].w);
}

static void grey_gets_neutral_chroma(void **state)
{
    (void)state;
    struct gh_err err = {0};
    GH_AUTO_PLANES src = {0};
    GH_AUTO_PLANES dst = {0};
    OK(gh_planes_new(64, 64, 1, 0, 0, 0, &src, &err));
    OK(gh_planes_new(32, 32, 3, 1, 0, 0, &dst, &err));
    texture(&src.p[0], 1);
    OK(gh_resample(&src, 0, 0, 64, 64, GH_KERNEL_SHARP, &dst, &err));
    for (uint32_t x = 0; x < 16; x++)
        assert_int_equal(dst.p[1].data[x], 128);
}

/* Limited-range BT.709 of known colours must come out as full-range BT.601 of the same colours. */
static void frames_change_matrix_and_range(void **state)
{
    (void)state;
    static const struct {
        uint8_t from[3];
        uint32_t rgb;
    } cases[] = {{{16, 128, 128}, 0x000000},
                 {{235, 128, 128}, 0xffffff},
                 {{63, 102, 240}, 0xff0000},
                 {{173, 42, 26}, 0x00ff00}};
    struct gh_err err = {0};
    for (size_t c = 0; c < GH_LEN(cases); c++) {
        AVFrame *f = av_frame_alloc();
        f->format = 0; /* AV_PIX_FMT_YUV420P */
        f->width = 64;
        f->height = 48;
        f->colorspace = AVCOL_SPC_BT709;
        f->color_range = AVCOL_RANGE_MPEG;
        assert_int_equal(av_frame_get_buffer(f, 64), 0);
        for (int i = 0; i < 3; i++)
            memset(f->data[i], cases[c].from[i], (size_t)f->linesize[i] * (i ? 24 : 48));
        GH_AUTO_PLANES p = {0};
        OK(gh_planes_from_frame(f, 1, &p, &err));
        uint8_t want[3];
        gh_ycc_of(cases[c].rgb, want);
        for (int i = 0; i < 3; i++)
            assert_in_range(p.p[i].data[p.p[i].stride * 8 + 8] + 3, want[i], want[i] + 6);
        av_frame_free(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_against_reference),
        cmocka_unit_test(heights_against_reference),
        cmocka_unit_test(many_sizes_against_reference),
        cmocka_unit_test(vectors_and_plain_code_agree),
        cmocka_unit_test(flat_stays_flat),
        cmocka_unit_test(windows_against_reference),
        cmocka_unit_test(same_size_is_a_copy),
        cmocka_unit_test(grey_gets_neutral_chroma),
        cmocka_unit_test(frames_change_matrix_and_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
