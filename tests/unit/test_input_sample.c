/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the renderer saw of a source and what a probe sees of the output are the same, however the
 * picture was turned, cut, padded or passed; and what was done to the output's bytes is seen. */
#include "tests/unit/video_look.h"

/* A picture that differs from second to second and from corner to corner. */
static void draw_scene(AVFrame *f, int n)
{
    int t = n / 30;
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++)
            clip_fill(f, 0, x * f->width / 8, y * f->height / 8, f->width / 8, f->height / 8,
                      30 + (x * 29 + y * 53 + t * 71) % 190);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, f->width / 2, f->height / 2, 128);
}

static struct clip scene(void)
{
    struct clip c = small();
    c.draw = draw_scene;
    c.frames = 150;
    c.gop = 30;
    c.acodec = "aac";
    c.amplitude = 0.1;
    return c;
}

/* The output as its judge sees it. */
static struct gh_fingerprint seen_of(int fd, const struct gh_rect *area)
{
    static struct gh_fingerprint look;
    struct gh_ctx ctx = context();
    struct gh_probe p;
    gh_fingerprint_init(&look, 0);
    ctx.seen = &look;
    ctx.area = *area;
    OK(gh_video_probe(&ctx, fd, GH_PROBE_PACKETS, &p, &err));
    OK(gh_fingerprint_check(&look, &err));
    return look;
}

static int furthest(const struct gh_signature *a, const struct gh_signature *b)
{
    int most = 0;
    for (int i = 0; i < GH_SIGNATURE_CELLS; i++)
        most = GH_MAX(most, abs(a->luma[i] - b->luma[i]));
    return most;
}

static void assert_same(const struct gh_fingerprint *source, const struct gh_fingerprint *output,
                        uint32_t pictures, int most)
{
    assert_int_equal(source->pictures.n, pictures);
    assert_int_equal(output->pictures.n, (pictures + 1) / 2); /* every other second */
    for (uint32_t i = 0; i < output->pictures.n; i++) {
        assert_near((int)(output->pictures.list[i].at_us - source->pictures.list[2 * i].at_us), 0,
                    1000, "moment (us)");
        assert_near(furthest(&source->pictures.list[2 * i], &output->pictures.list[i]), 0, most,
                    "brightness");
    }
    assert_true(source->sound.n >= pictures && output->sound.n >= pictures);
    for (int64_t t = 0; t < pictures; t++) {
        double had = gh_levels_power(&source->sound, t * 1000000, (t + 1) * 1000000),
               has = gh_levels_power(&output->sound, t * 1000000, (t + 1) * 1000000);
        assert_true(had > 0.003 && had < 0.007 && has > 0.8 * had && has < 1.25 * had);
    }
}

static void turned_cut_and_padded_pictures_look_the_same(void **state)
{
    (void)state;
    static const int32_t m[9][4] = {{1, 0, 0, 1},   {1, 0, 0, 1},   {-1, 0, 0, 1},
                                    {-1, 0, 0, -1}, {1, 0, 0, -1},  {0, 1, 1, 0},
                                    {0, 1, -1, 0},  {0, -1, -1, 0}, {0, -1, 1, 0}};
    for (int o = 1; o <= 8; o++) {
        int32_t matrix[9] = {
            m[o][0] * 65536, m[o][1] * 65536, 0, m[o][2] * 65536, m[o][3] * 65536, 0, 0, 0,
            1 << 30};
        struct clip c = scene();
        c.matrix = matrix;
        int in = clip_make(&c);
        struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
        struct gh_recipe r = recipe_for(&p, 96, 96);
        r.pic.crop = (struct gh_rect){p.w / 4, 0, p.w / 2, p.h};
        r.pic.canvas_h = 160;
        r.pic.y = 32;
        r.pic.pad = GH_PAD_BLUR;
        int out = render_ok(in, &p, &r);
        struct gh_rect area = {r.pic.x, r.pic.y, r.pic.content_w, r.pic.content_h};
        struct gh_fingerprint output = seen_of(out, &area),
                              whole = seen_of(out, &(struct gh_rect){0});
        assert_same(&looks[0], &output, 5, 16); /* edges between fields are smoothed */
        assert_true(furthest(&looks[0].pictures.list[0], &whole.pictures.list[0]) > 30);
        close(out);
        close(in);
    }
}

static void passed_pictures_look_the_same(void **state)
{
    (void)state;
    struct clip c = scene();
    c.bframes = 2;
    int in = clip_make(&c);
    static struct gh_fingerprint source;
    struct gh_ctx ctx = context();
    struct gh_probe p;
    gh_fingerprint_init(&source, 0);
    ctx.seen = &source;
    OK(gh_video_probe(&ctx, in, GH_PROBE_FULL, &p, &err));
    struct gh_recipe r = recipe_for(&p, 0, 0);
    r.how = GH_HOW_PASS;
    r.audio.mode = GH_AUDIO_COPY;
    int out = memfd_create("out", MFD_CLOEXEC);
    OK(gh_video_render(&ctx, in, &p, &r, &out, 1, &err));
    assert_int_equal(results[0].cls, GH_OK);
    struct gh_fingerprint output = seen_of(out, &(struct gh_rect){0});
    assert_same(&looks[0], &output, 5, 3);
    close(out);
    close(in);
}

static void noise_looks_like_its_mean(void **state)
{
    (void)state;
    struct clip c = scene();
    c.draw = draw_noise;
    c.w = 640;
    c.h = 360;
    c.frames = 31;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 320, 180);
    int out = render_ok(in, &p, &r);
    struct gh_fingerprint output = seen_of(out, &(struct gh_rect){0});
    for (uint32_t i = 0; i < output.pictures.n; i++)
        assert_near(furthest(&looks[0].pictures.list[i], &output.pictures.list[i]), 0, 25,
                    "brightness of noise");
    close(out);
    close(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_cut_and_padded_pictures_look_the_same),
        cmocka_unit_test(passed_pictures_look_the_same),
        cmocka_unit_test(noise_looks_like_its_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
