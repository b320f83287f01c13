/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What videos look and sound like afterwards: colour, bars, thumbnails; loudness, channels,
 * lengths, bytes. */
#include "tests/unit/video_look.h"

static double rms(const float *s, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)s[i] * s[i];
    return sqrt(sum / (double)n);
}

/* A 997 Hz sine in both channels at amplitude a has 20 log a + 0.0 LUFS (BS.1770: 0 dBFS stereo 997
 * Hz is 0 LKFS: -3.01 a channel). */
static void loudness_reaches_its_target(void **state)
{
    (void)state;
    const struct {
        double amplitude;
        int channels;
        double expect; /* amplitude of the output */
    } cases[] = {{0.02, 2, 0.1995}, {0.9, 2, 0.1995}, {0.1, 1, 0.1995}, {0.0003, 2, 0.0003}};
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct clip c = small();
        c.acodec = "aac";
        c.amplitude = cases[i].amplitude;
        c.channels = cases[i].channels;
        c.frames = 120;
        int in = clip_make(&c);
        struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
        struct gh_recipe r = recipe_for(&p, 0, 0);
        r.pic.lufs10 = -140;
        int out = render_ok(in, &p, &r);
        struct seen s = look(out);
        assert_int_equal(s.a->codecpar->ch_layout.nb_channels, 2);
        double got = rms(s.sound + 24000, s.samples - 48000) * sqrt(2);
        if (fabs(20 * log10(got / cases[i].expect)) > 0.7)
            fail_msg("case %zu: amplitude %f, expected %f", i, got, cases[i].expect);
        forget(&s);
        close(out);
        close(in);
    }
}

static void peaks_stay_below_the_ceiling(void **state)
{
    (void)state;
    struct clip c = small();
    c.acodec = "aac";
    c.amplitude = 0.004; /* far too quiet, with one click: the gain would clip it */
    c.click = 1.0;
    c.frames = 120;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    r.pic.lufs10 = -140;
    int out = render_ok(in, &p, &r);
    struct seen s = look(out);
    for (int64_t i = 0; i < s.samples; i++)
        assert_true(fabsf(s.sound[i]) < 0.97f);
    forget(&s);
    close(out);
    close(in);
}

static void six_channels_are_mixed_down(void **state)
{
    (void)state;
    struct clip c = small();
    c.format = "matroska";
    c.acodec = "ac3";
    c.channels = 6;
    c.amplitude = 0.1;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    assert_int_equal(p.achannels, 6);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    int out = render_ok(in, &p, &r);
    assert_int_equal(probe_of(out, GH_PROBE_PACKETS).achannels, 2);
    close(out);
    close(in);
}

/* The longer of both decides: the last picture stays while the sound goes on. */
static void sound_and_picture_end_together(void **state)
{
    (void)state;
    const double seconds[] = {0.4, 4.0, 1.6, 0};
    const int64_t lengths[] = {1500000, 4000000, 1500000, 1500000};
    for (size_t i = 0; i < GH_LEN(seconds); i++) {
        struct clip c = small();
        c.acodec = seconds[i] > 0 ? "aac" : NULL; /* without sound: a silent track */
        c.seconds = seconds[i];
        c.amplitude = 0.1;
        int in = clip_make(&c);
        struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
        struct gh_recipe r = recipe_for(&p, 0, 0);
        int out = render_ok(in, &p, &r);
        struct gh_probe q = probe_of(out, GH_PROBE_PACKETS);
        assert_true(llabs(q.picture_us - lengths[i]) <= 34000);
        assert_int_equal(q.duration_us, q.picture_us);
        assert_true(q.aduration_us <= q.picture_us && q.aduration_us > q.picture_us - 25000);
        assert_true(q.av_offset_us == 0);
        close(out);
        close(in);
    }
}

static void bytes_hold_or_the_output_is_refused(void **state)
{
    (void)state;
    struct clip c = small();
    c.w = 320;
    c.h = 240;
    c.frames = 150;
    c.draw = draw_noise;
    c.acodec = "aac";
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    const uint64_t limits[] = {3000000, 700000, 250000};
    for (size_t i = 0; i < GH_LEN(limits); i++) {
        r.bytes_max = limits[i];
        int out = render_ok(in, &p, &r);
        assert_true((uint64_t)lseek(out, 0, SEEK_END) <= limits[i]);
        assert_true(results[0].attempts <= 2);
        assert_true(results[0].bytes == (uint64_t)lseek(out, 0, SEEK_END));
        close(out);
    }
    r.bytes_max = 90000; /* the sound alone needs more */
    int out = render(in, &p, &r);
    assert_int_equal(results[0].cls, GH_LIMIT);
    close(out);
    close(in);
}

static void a_change_of_size_in_the_middle_is_survived(void **state)
{
    (void)state;
    struct clip c = small();
    c.format = "mpegts";
    int one = clip_make(&c), both = memfd_create("both", MFD_CLOEXEC);
    c.w = 96;
    c.h = 160;
    c.time_of = NULL;
    int two = clip_make(&c);
    size_t n;
    char *bytes = slurp(one, &n);
    OK(gh_write_all(both, bytes, n, &err));
    free(bytes);
    bytes = slurp(two, &n);
    OK(gh_write_all(both, bytes, n, &err));
    free(bytes);
    struct gh_probe p = probe_of(both, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    r.pic.duration_us = 0;
    int out = render_ok(both, &p, &r);
    struct gh_probe q = probe_of(out, GH_PROBE_FULL);
    assert_int_equal(q.w, p.w);
    assert_true(q.frames >= 45);
    close(out);
    close(both);
    close(one);
    close(two);
}

/* --------------------------------------------------------------------------------------- colour */

static void draw_ramp10(AVFrame *f, int n)
{
    (void)n;
    for (int i = 0; i < 16; i++)
        clip_fill(f, 0, i * f->width / 16, 0, f->width / 16, f->height, 64 + i * 876 / 15);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, f->width / 2, f->height / 2, 512);
}

static void hdr_greys_stay_grey_and_rise(void **state)
{
    (void)state;
    const int trcs[] = {AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67};
    for (size_t i = 0; i < 2; i++) {
        struct clip c = small();
        c.w = 320;
        c.pix_fmt = AV_PIX_FMT_YUV420P10;
        c.space = AVCOL_SPC_BT2020_NCL;
        c.primaries = AVCOL_PRI_BT2020;
        c.trc = (enum AVColorTransferCharacteristic)trcs[i];
        c.draw = draw_ramp10;
        c.frames = 4;
        int in = clip_make(&c);
        struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
        assert_int_equal(p.colour, i ? GH_COLOUR_HLG : GH_COLOUR_PQ);
        struct gh_recipe r = recipe_for(&p, 0, 0);
        r.pic.tonemap = 1;
        int out = render_ok(in, &p, &r), last = 0;
        assert_clean(out);
        struct seen s = look(out);
        for (int k = 0; k < 16; k++) {
            int y = mean(s.frames[0], 0, k * 20 + 4, 20, 12, 40);
            assert_true(y >= last - 1);
            last = y;
            for (int q = 1; q < 3; q++)
                assert_near(mean(s.frames[0], q, k * 10 + 2, 10, 6, 20), 128, 1,
                            "chroma of a grey");
            if (k == 0)
                assert_near(y, 16, 1, "black");
            /* HLG 53 %: a mid grey, near what an SDR screen shows of the same signal */
            if (i && k == 8)
                assert_true(y > 110 && y < 170);
        }
        assert_near(last, 235, 2, "white");
        forget(&s);
        close(out);
        close(in);
    }
}

/* R'G'B' (0…255) to limited-range YCbCr with the luma weights given. */
static void ycc(double kr, double kb, const int rgb[3], bool full, int out[3])
{
    double r = rgb[0] / 255.0, g = rgb[1] / 255.0, b = rgb[2] / 255.0,
           y = kr * r + (1 - kr - kb) * g + kb * b;
    double cb = (b - y) / (2 * (1 - kb)), cr = (r - y) / (2 * (1 - kr));
    out[0] = (int)lrint(full ? 255 * y : 16 + 219 * y);
    out[1] = (int)lrint(full ? 128 + 255 * cb : 128 + 224 * cb);
    out[2] = (int)lrint(full ? 128 + 255 * cr : 128 + 224 * cr);
}

static const int bars[4][3] = {{200, 40, 40}, {40, 200, 40}, {40, 40, 200}, {180, 170, 60}};
static bool bars_601, bars_full;
static void draw_bars(AVFrame *f, int n)
{
    (void)n;
    for (int i = 0; i < 4; i++) {
        int v[3];
        ycc(bars_601 ? 0.299 : 0.2126, bars_601 ? 0.114 : 0.0722, bars[i], bars_full, v);
        for (int p = 0; p < 3; p++)
            clip_fill(f, p, i * (f->width >> !!p) / 4, 0, (f->width >> !!p) / 4, f->height >> !!p,
                      v[p]);
    }
}

static void other_matrices_and_ranges_become_bt709_limited(void **state)
{
    (void)state;
    const struct {
        bool sd, full;
        enum AVColorSpace space;
        uint32_t w; /* of the output: scaled or not */
    } cases[] = {
        {true, false, AVCOL_SPC_SMPTE170M, 160}, {true, false, AVCOL_SPC_BT470BG, 128},
        {true, true, AVCOL_SPC_BT470BG, 160},    {false, true, AVCOL_SPC_BT709, 160},
        {false, false, AVCOL_SPC_BT709, 160},    {true, false, AVCOL_SPC_UNSPECIFIED, 160}};
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct clip c = small();
        c.frames = 3;
        c.space = cases[i].space;
        c.range = cases[i].full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
        c.draw = draw_bars;
        bars_601 = cases[i].sd;
        bars_full = cases[i].full;
        int in = clip_make(&c);
        struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
        assert_int_equal(p.colour, cases[i].sd ? GH_COLOUR_BT601 : GH_COLOUR_BT709);
        assert_int_equal(p.full_range, cases[i].full);
        struct gh_recipe r = recipe_for(&p, cases[i].w, 96);
        int out = render_ok(in, &p, &r);
        assert_clean(out);
        struct seen s = look(out);
        for (int k = 0; k < 4; k++) {
            int want[3], w = (int)cases[i].w / 4;
            ycc(0.2126, 0.0722, bars[k], false, want);
            for (int q = 0; q < 3; q++)
                assert_near(mean(s.frames[0], q, (k * w + 8) >> !!q, 10, (w - 16) >> !!q, 20),
                            want[q], 3, "bar");
        }
        forget(&s);
        close(out);
        close(in);
    }
}

static void bars_around_the_picture_are_its_own_blur(void **state)
{
    (void)state;
    struct clip c = small();
    c.frames = 3;
    c.draw = draw_corners;
    drawn_orient = 1;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 160, 96);
    r.pic.canvas_h = 320;
    r.pic.y = 112;
    r.pic.pad = GH_PAD_BLUR;
    int out = render_ok(in, &p, &r);
    struct seen s = look(out);
    const AVFrame *f = s.frames[0];
    assert_int_equal(f->height, 320);
    assert_near(mean(f, 0, 8, 112 + 8, 60, 30), 40, 3, "picture");
    assert_near(mean(f, 0, 4, 4, 30, 60), 40, 12, "bar above, left");
    assert_near(mean(f, 0, 126, 4, 30, 60), 90, 12, "bar above, right");
    assert_near(mean(f, 0, 4, 256, 30, 60), 140, 12, "bar below, left");
    assert_near(mean(f, 0, 126, 256, 30, 60), 200, 12, "bar below, right");
    forget(&s);
    r.pic.pad = GH_PAD_COLOUR;
    r.pic.pad_rgb = 0xff0000;
    close(out);
    out = render_ok(in, &p, &r);
    s = look(out);
    assert_near(mean(s.frames[0], 0, 8, 8, 100, 80), 63, 2, "red's luma");
    assert_near(mean(s.frames[0], 2, 8, 8, 50, 40), 240, 2, "red's Cr");
    forget(&s);
    close(out);
    close(in);
}

/* ----------------------------------------------------------------------------------- thumbnails */

static void draw_late_picture(AVFrame *f, int n)
{
    if (n < 60 || n >= 120) { /* black, then a scene, then white */
        clip_fill(f, 0, 0, 0, f->width, f->height, n < 60 ? 16 : 235);
        for (int p = 1; p < 3; p++)
            clip_fill(f, p, 0, 0, f->width / 2, f->height / 2, 128);
        return;
    }
    draw_noise(f, 1);
    clip_fill(f, 0, 0, 0, f->width / 2, f->height, 60);
}

static void a_thumbnail_is_a_picture_worth_seeing(void **state)
{
    (void)state;
    struct clip c = small();
    c.w = 320;
    c.h = 180;
    c.frames = 180;
    c.gop = 30;
    c.draw = draw_late_picture;
    int in = clip_make(&c), out = memfd_create("out", MFD_CLOEXEC);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 320, 180);
    r.media = GH_PHOTO;
    r.pic.start_us = -1;
    r.pic.fps = (struct gh_rational){0, 0};
    r.photo = (struct gh_photo_out){.quality = 90, .quality_min = 70};
    struct gh_ctx ctx = context();
    const int64_t moments_us[] = {-1, 100000, 2500000};
    const int left[] = {60, 16, 60};
    for (size_t i = 0; i < GH_LEN(left); i++) {
        r.pic.start_us = moments_us[i];
        assert_int_equal(ftruncate(out, 0), 0);
        OK(gh_video_render(&ctx, in, &p, &r, &out, 1, &err));
        if (results[0].cls != GH_OK)
            fail_msg("%s", results[0].msg);
        size_t n;
        char *bytes = slurp(out, &n);
        AVCodecContext *dec = avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_MJPEG));
        AVPacket *pkt = av_packet_alloc();
        AVFrame *f = av_frame_alloc();
        assert_true(avcodec_open2(dec, NULL, NULL) >= 0 && av_new_packet(pkt, (int)n) >= 0);
        memcpy(pkt->data, bytes, n);
        assert_true(avcodec_send_packet(dec, pkt) >= 0 && avcodec_send_packet(dec, NULL) >= 0);
        assert_true(avcodec_receive_frame(dec, f) >= 0);
        assert_near(mean(f, 0, 20, 20, 120, 140), (left[i] - 16) * 255 / 219, 4,
                    "thumbnail's left half"); /* JPEG is full range */
        av_frame_free(&f);
        av_packet_free(&pkt);
        avcodec_free_context(&dec);
        free(bytes);
    }
    close(out);
    close(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loudness_reaches_its_target),
        cmocka_unit_test(peaks_stay_below_the_ceiling),
        cmocka_unit_test(six_channels_are_mixed_down),
        cmocka_unit_test(sound_and_picture_end_together),
        cmocka_unit_test(bytes_hold_or_the_output_is_refused),
        cmocka_unit_test(a_change_of_size_in_the_middle_is_survived),
        cmocka_unit_test(hdr_greys_stay_grey_and_rise),
        cmocka_unit_test(other_matrices_and_ranges_become_bt709_limited),
        cmocka_unit_test(bars_around_the_picture_are_its_own_blur),
        cmocka_unit_test(a_thumbnail_is_a_picture_worth_seeing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
