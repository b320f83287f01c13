/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turning and pasting planes, sample by sample, for every orientation and for odd sizes. */
#include "tests/unit/test.h"

#include "pipeline/photo/planes.h"

#include <string.h>

static struct gh_planes numbered(uint32_t w, uint32_t h, unsigned shift, unsigned off_x,
                                 unsigned off_y)
{
    struct gh_err err = {0};
    struct gh_planes p;
    OK(gh_planes_new(w, h, 3, shift, off_x, off_y, &p, &err));
    for (int i = 0; i < 3; i++)
        for (uint32_t y = 0; y < p.p[i].h; y++)
            for (uint32_t x = 0; x < p.p[i].w; x++)
                p.p[i].data[p.p[i].stride * y + x] = (uint8_t)(x * 7 + y * 31 + (uint32_t)i * 101);
    return p;
}

/* EXIF's own words: where row 0 and column 0 of the stored picture are, seen upright. */
static void stored_of(uint32_t orient, uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint32_t *sx,
                      uint32_t *sy)
{
    const uint32_t at[9][2] = {
        {x, y}, {x, y},         {w - 1 - x, y},         {w - 1 - x, h - 1 - y}, {x, h - 1 - y},
        {y, x}, {y, w - 1 - x}, {h - 1 - y, w - 1 - x}, {h - 1 - y, x},
    };
    *sx = at[orient][0];
    *sy = at[orient][1];
}

static void turns(void **state)
{
    (void)state;
    static const uint32_t sizes[][2] = {{1, 1},   {7, 3},  {8, 8},   {16, 24},
                                        {17, 33}, {64, 9}, {130, 71}};
    struct gh_err err = {0};
    for (uint32_t orient = 1; orient <= 8; orient++)
        for (size_t s = 0; s < GH_LEN(sizes); s++) {
            GH_AUTO_PLANES src = numbered(sizes[s][0], sizes[s][1], 1, 0, 0);
            GH_AUTO_PLANES up = {0};
            OK(gh_planes_turn(&src, orient, &up, &err));
            assert_int_equal(up.w, orient > 4 ? src.h : src.w);
            for (int i = 0; i < 3; i++)
                for (uint32_t y = 0; y < up.p[i].h; y++)
                    for (uint32_t x = 0; x < up.p[i].w; x++) {
                        uint32_t sx, sy;
                        stored_of(orient, x, y, up.p[i].w, up.p[i].h, &sx, &sy);
                        assert_int_equal(up.p[i].data[up.p[i].stride * y + x],
                                         src.p[i].data[src.p[i].stride * sy + sx]);
                    }
        }
}

/* A mirrored odd picture whose chroma started a pixel early is regular afterwards; one that did
 * not, is not. */
static void odd_chroma_lands_on_the_grid(void **state)
{
    (void)state;
    struct gh_err err = {0};
    for (uint32_t orient = 1; orient <= 8; orient++) {
        struct gh_turn t = gh_turn_of(orient);
        unsigned off_x = t.swap ? t.flip_y : t.flip_x, off_y = t.swap ? t.flip_x : t.flip_y;
        GH_AUTO_PLANES src = numbered(33, 21, 1, off_x, off_y);
        GH_AUTO_PLANES up = {0};
        gh_planes_cover(&src, 0, 0, 330, 210, 330, 210);
        OK(gh_planes_turn(&src, orient, &up, &err));
        assert_true(gh_planes_regular(&up, 1));
        assert_float_equal(up.p[1].x0, 0, 1e-9);
        assert_float_equal(up.p[1].dx * 2, up.p[0].dx, 1e-9);
        assert_float_equal(up.ref_w, t.swap ? 210 : 330, 1e-9);
        if (off_x || off_y) {
            GH_AUTO_PLANES plain = numbered(33, 21, 1, 0, 0);
            GH_AUTO_PLANES wrong = {0};
            OK(gh_planes_turn(&plain, orient, &wrong, &err));
            assert_false(gh_planes_regular(&wrong, 1));
        }
    }
}

static void paste_keeps_inside(void **state)
{
    (void)state;
    for (uint32_t x = 0; x < 4; x++)
        for (uint32_t y = 0; y < 4; y++) {
            GH_AUTO_PLANES canvas = numbered(40, 30, 1, 0, 0);
            GH_AUTO_PLANES piece = numbered(21, 17, 1, x, y);
            gh_planes_fill(&canvas, 0xffffff);
            gh_planes_fill(&piece, 0x000000);
            gh_planes_paste(&canvas, &piece, x, y);
            for (uint32_t j = 0; j < 30; j++)
                for (uint32_t i = 0; i < 40; i++) {
                    bool in = i >= x && i < x + 21 && j >= y && j < y + 17;
                    assert_int_equal(canvas.p[0].data[canvas.p[0].stride * j + i], in ? 0 : 255);
                }
        }
}

static void colours(void **state)
{
    (void)state;
    static const struct {
        uint32_t rgb;
        uint8_t ycc[3];
    } cases[] = {
        {0x000000, {0, 128, 128}}, {0xffffff, {255, 128, 128}}, {0xff0000, {76, 85, 255}},
        {0x00ff00, {150, 44, 21}}, {0x0000ff, {29, 255, 107}},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        uint8_t ycc[3];
        gh_ycc_of(cases[i].rgb, ycc);
        assert_memory_equal(ycc, cases[i].ycc, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns),
        cmocka_unit_test(odd_chroma_lands_on_the_grid),
        cmocka_unit_test(paste_keeps_inside),
        cmocka_unit_test(colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
