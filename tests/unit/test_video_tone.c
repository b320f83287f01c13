/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDR to SDR through tables: with vector instructions and without, and against the arithmetic that
 * the tables are made of. */
#include "pipeline/photo/tone.h"
#include "pipeline/photo/vectors.h"
#include "pipeline/video/graph_tone_int.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#define W 104 /* not a multiple of sixteen, so that the plain code makes the rest */
#define H 40

struct picture {
    uint16_t y[H][W], c[2][H / 2][W / 2];
};
struct shown {
    uint8_t y[H][W], c[2][H / 2][W / 2];
};

static struct gh_tone *tone_of(enum AVColorTransferCharacteristic curve)
{
    AVFrame *frame = av_frame_alloc();
    assert_non_null(frame);
    frame->color_trc = curve;
    frame->color_primaries = AVCOL_PRI_BT2020;
    frame->colorspace = AVCOL_SPC_BT2020_NCL;
    struct gh_tone *t;
    gh_tone_new(frame, GH_COLOUR_HLG, &t);
    av_frame_free(&frame);
    return t;
}

static void show(struct gh_tone *t, const struct picture *in, struct shown *out, bool vectors)
{
    const uint8_t *src[3] = {(const uint8_t *)in->y, (const uint8_t *)in->c[0],
                             (const uint8_t *)in->c[1]};
    uint8_t *dst[3] = {out->y[0], out->c[0][0], out->c[1][0]};
    const int from[3] = {W * 2, W, W}, to[3] = {W, W / 2, W / 2};
    if (vectors)
        gh_tone_run(t, src, from, dst, to, W, H); /* with them, where the processor has them */
    else
        gh_tone_run_by(t, src, from, dst, to, W, H, false);
}

/* Any sixteen bits: also codes that no decoder should hand out. */
static void fill_at_random(struct picture *p, unsigned mask)
{
    uint16_t *v = (uint16_t *)p;
    for (size_t i = 0; i < sizeof(*p) / sizeof(*v); i++)
        v[i] = (uint16_t)((unsigned)rand() & mask);
}

/* Chroma that wanders around one place, as in a photo, so that neighbours share a cell. */
static void fill_softly(struct picture *p)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            p->y[y][x] = (uint16_t)(64 + (x * 8 + y * 3 + rand() % 9) % 877);
    for (int i = 0; i < 2; i++)
        for (int y = 0; y < H / 2; y++)
            for (int x = 0; x < W / 2; x++)
                p->c[i][y][x] = (uint16_t)(512 + (x + y) / 4 * (i ? 3 : -2) + rand() % 5);
}

static void vectors_and_plain_code_agree(void **state)
{
    (void)state;
    if (!gh_has_vectors())
        skip();
    static struct picture p;
    static struct shown plain, vector;
    srand(1);
    for (int round = 0; round < 60; round++) {
        /* Each with tables of its own: which fills a cell first must not matter. */
        struct gh_tone *a = tone_of(round & 1 ? AVCOL_TRC_SMPTE2084 : AVCOL_TRC_ARIB_STD_B67),
                       *b = tone_of(round & 1 ? AVCOL_TRC_SMPTE2084 : AVCOL_TRC_ARIB_STD_B67);
        if (round % 3 == 2)
            fill_softly(&p);
        else
            fill_at_random(&p, round % 3 ? 0x3ff : 0xffff);
        memset(&plain, 1, sizeof(plain));
        memset(&vector, 2, sizeof(vector));
        show(a, &p, &plain, false);
        show(b, &p, &vector, true);
        assert_memory_equal(&plain, &vector, sizeof(plain));
        gh_tone_free(&a);
        gh_tone_free(&b);
    }
}

/* The mean of a patch of one grey, dithered, is what the arithmetic says. */
static void greys_are_exact(void **state)
{
    (void)state;
    static struct picture p;
    static struct shown out;
    const struct gh_light_source hlg = {.transfer = GH_COLOUR_HLG, .primaries = 9};
    struct gh_light *light;
    gh_light_new(&hlg, &light);
    struct gh_tone *t = tone_of(AVCOL_TRC_ARIB_STD_B67);
    for (unsigned code = 64; code <= 940; code += 4) {
        for (size_t i = 0; i < sizeof(p.y) / sizeof(p.y[0][0]); i++)
            (&p.y[0][0])[i] = (uint16_t)code;
        for (size_t i = 0; i < sizeof(p.c) / sizeof(p.c[0][0][0]); i++)
            (&p.c[0][0][0])[i] = 512;
        show(t, &p, &out, true);
        double v = (code - 64) / 876.0, in[3] = {v, v, v}, want[3], sum = 0;
        gh_light_map(light, in, want);
        for (size_t i = 0; i < sizeof(out.y); i++)
            sum += (&out.y[0][0])[i];
        double off = sum / sizeof(out.y) - (16 + 219 * want[0]);
        if (off > 0.25 || off < -0.25)
            fail_msg("grey %u is %.2f off", code, off);
    }
    gh_tone_free(&t);
    gh_light_free(&light);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_and_plain_code_agree),
        cmocka_unit_test(greys_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
