/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/contract.h"

#include <string.h>

static struct gh_probe honest(void)
{
    struct gh_probe p = {.media = GH_PHOTO,
                         .stored_w = 4000,
                         .stored_h = 3000,
                         .w = 3000,
                         .h = 4000,
                         .orient = 6,
                         .depth = 8,
                         .components = 3,
                         .pages = 1,
                         .subsampling = 420};
    GH_COPY(p.format, "jpeg");
    return p;
}

static void honest_reports_pass(void **state)
{
    (void)state;
    struct gh_err err;
    struct gh_probe p = honest();
    OK(gh_probe_check(&p, &err));
    struct gh_result r = {.index = 1, .bytes = 10};
    OK(gh_result_check(&r, 2, &err));
}

/* Each lie alone must be enough. */
static void every_lie_is_found(void **state)
{
    (void)state;
    struct gh_err err;
    const struct gh_probe good = honest();
    struct gh_probe p;
#define LIE(...)                                                                                   \
    do {                                                                                           \
        p = good;                                                                                  \
        __VA_ARGS__;                                                                               \
        FAILS(GH_INPUT, gh_probe_check(&p, &err));                                                 \
    } while (0)
    LIE(p.media = 9);
    LIE(p.w = 0);
    LIE(p.stored_h = 2000000);
    LIE(p.orient = 0);
    LIE(p.orient = 9);
    LIE(p.colour = 99);
    LIE(p.meta = ~0u);
    LIE(p.has_alpha = 2);
    LIE(p.fps = (struct gh_rational){1, -1});
    LIE(p.fps = (struct gh_rational){1, 0});
    LIE(p.fps = (struct gh_rational){INT32_MAX, 1});
    LIE(p.duration_us = -1);
    LIE(p.aduration_us = INT64_MAX);
    LIE(p.frames = UINT64_MAX);
    LIE(p.n_data = 100000);
    LIE(memset(p.format, 'x', sizeof(p.format)));
    LIE(GH_COPY(p.vcodec, "h264\n"));
    LIE(GH_COPY(p.icc, "\xe0\xa6\x95"));
    LIE(p.checked = 7);
#undef LIE
}

static void every_false_result_is_found(void **state)
{
    (void)state;
    struct gh_err err;
    const struct gh_result good = {.index = 0, .bytes = 10};
    struct gh_result r;
#define LIE(...)                                                                                   \
    do {                                                                                           \
        r = good;                                                                                  \
        __VA_ARGS__;                                                                               \
        FAILS(GH_INPUT, gh_result_check(&r, 1, &err));                                             \
    } while (0)
    LIE(r.index = 1);
    LIE(r.cls = 99);
    LIE(r.w = 5000000);
    LIE(r.crop.x = 5000000);
    LIE(r.look.sharp = GH_LOOK_SHARP_MAX + 1);
    LIE(r.look.known = 2);
    LIE(r.crop.h = UINT32_MAX);
    LIE(r.quality = 101);
    LIE(r.bytes = 0);
    LIE(r.duration_us = -5);
    LIE(memset(r.msg, 'x', sizeof(r.msg)));
    LIE(GH_COPY(r.msg, "two\nlines"));
    LIE(memcpy(r.msg, "\xff", 2));
#undef LIE
}

static void limits_have_defaults(void **state)
{
    (void)state;
    struct gh_limits l = gh_limits_default();
    assert_int_equal(l.jpeg_pixels, 400000000);
    assert_int_equal(l.photo_pixels, 250000000);
    assert_true(l.video_pixels >= 7680 * 4320);
    assert_true(l.output_bytes > 1000000000);
    assert_true(l.streams && l.cpu_s && l.wall_s && l.memory_bytes && l.frames && l.duration_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_reports_pass),
        cmocka_unit_test(every_lie_is_found),
        cmocka_unit_test(every_false_result_is_found),
        cmocka_unit_test(limits_have_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
