/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Videos from probe to output: orientation, time, passing, bytes, damage and hostile text, on clips
 * made here. */
#include "pipeline/input/codecs.h"
#include "pipeline/input/in.h"
#include "tests/unit/video_look.h"

#include <dirent.h>
#include <libavutil/display.h>

static void warming_starts_no_thread(void **state)
{
    (void)state;
    OK(gh_video_warm(&err));
    DIR *d = opendir("/proc/self/task");
    int n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    assert_int_equal(n, 1);
}

static void all_eight_display_matrices_come_out_upright(void **state)
{
    (void)state;
    static const int32_t m[9][4] = {{1, 0, 0, 1},   {1, 0, 0, 1},   {-1, 0, 0, 1},
                                    {-1, 0, 0, -1}, {1, 0, 0, -1},  {0, 1, 1, 0},
                                    {0, 1, -1, 0},  {0, -1, -1, 0}, {0, -1, 1, 0}};
    for (int o = 1; o <= 8; o++) {
        int32_t matrix[9] = {
            m[o][0] * 65536, m[o][1] * 65536, 0, m[o][2] * 65536, m[o][3] * 65536, 0, 0, 0,
            1 << 30};
        struct clip c = small();
        c.frames = 6;
        c.matrix = matrix;
        c.draw = draw_corners;
        drawn_orient = o;
        int in = clip_make(&c);
        struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
        assert_int_equal(p.orient, o);
        assert_int_equal(p.w, o >= 5 ? 96 : 160);
        struct gh_recipe r = recipe_for(&p, 0, 0);
        int out = render_ok(in, &p, &r);
        assert_clean(out);
        struct seen s = look(out);
        const AVFrame *f = s.frames[0];
        int w = f->width / 2, h = f->height / 2;
        static const int levels[4] = {40, 90, 140, 200};
        for (int k = 0; k < 4; k++)
            assert_near(mean(f, 0, k % 2 * w + 8, k / 2 * h + 8, w - 16, h - 16), levels[k], 3,
                        "corner");
        forget(&s);
        close(out);
        close(in);
    }
}

static void a_thin_matrix_is_taken_to_the_nearest_quarter(void **state)
{
    (void)state;
    int32_t matrix[9];
    av_display_rotation_set(matrix, 80); /* clockwise */
    struct clip c = small();
    c.frames = 3;
    c.matrix = matrix;
    int in = clip_make(&c);
    assert_int_equal(probe_of(in, GH_PROBE_HEADER).orient, 6);
    close(in);
}

static void pixels_become_square(void **state)
{
    (void)state;
    struct clip c = small();
    c.sar = (AVRational){16, 11};
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_HEADER);
    assert_int_equal(p.w, 233);
    assert_int_equal(p.h, 96);
    struct gh_recipe r = recipe_for(&p, 232, 96);
    int out = render_ok(in, &p, &r);
    struct gh_probe q = probe_of(out, GH_PROBE_HEADER);
    assert_int_equal(q.w, 232);
    assert_int_equal(q.stored_w, 232);
    close(out);
    close(in);
}

static void interlaced_becomes_progressive(void **state)
{
    (void)state;
    struct clip c = small();
    c.vcodec = "mpeg2video";
    c.format = "mpegts";
    c.interlaced = true;
    c.fps = (AVRational){25, 1};
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_HEADER);
    assert_int_equal(p.interlaced, 1);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    r.pic.fps = (struct gh_rational){25, 1};
    int out = render_ok(in, &p, &r);
    assert_int_equal(probe_of(out, GH_PROBE_FULL).interlaced, 0);
    assert_int_equal(probe_of(out, GH_PROBE_FULL).frames, 45);
    close(out);
    close(in);
}

static int64_t jumpy(int n) /* 33 ms on average, never even, with a hole of 300 ms */
{
    return n * 33 + (n % 3) * 9 + (n > 20 ? 300 : 0);
}

static void variable_rate_becomes_constant_without_drift(void **state)
{
    (void)state;
    struct clip c = small();
    c.format = "matroska";
    c.time_of = jumpy;
    c.frames = 60;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    assert_int_equal(p.vfr, 1);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    int out = render_ok(in, &p, &r);
    struct gh_probe q = probe_of(out, GH_PROBE_PACKETS);
    assert_int_equal(q.vfr, 0);
    assert_true(llabs(q.duration_us - p.duration_us) <= 40000);
    /* Each picture's luma names its number: what is shown at t must be the source's picture of that
     * moment. */
    struct seen s = look(out);
    for (int i = 0; i < s.n; i++) {
        int best = 0;
        for (int n = 0; n < 60; n++)
            if (llabs(jumpy(n) - i * 1000 / 30) < llabs(jumpy(best) - i * 1000 / 30))
                best = n;
        assert_near(mean(s.frames[i], 0, 8, 8, 100, 60), 60 + best, 2, "picture's number");
    }
    forget(&s);
    close(out);
    close(in);
}

static void fast_clips_lose_every_other_picture_only(void **state)
{
    (void)state;
    struct clip c = small();
    c.fps = (AVRational){120, 1};
    c.frames = 60;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    int out = render_ok(in, &p, &r);
    struct seen s = look(out);
    assert_int_equal(s.n, 15);
    for (int i = 0; i < s.n; i++)
        assert_near(mean(s.frames[i], 0, 8, 8, 100, 60), 60 + 4 * i, 2, "picture's number");
    forget(&s);
    close(out);
    close(in);
}

static void a_window_is_cut_out_to_the_picture(void **state)
{
    (void)state;
    struct clip c = small();
    c.frames = 150;
    c.gop = 40;
    c.acodec = "aac";
    c.click = 4.5;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    r.pic.start_us = 4000000;
    r.pic.duration_us = 800000;
    r.pic.part = 2;
    int out = render_ok(in, &p, &r);
    struct seen s = look(out);
    assert_int_equal(s.n, 24);
    for (int i = 0; i < s.n; i++)
        assert_near(mean(s.frames[i], 0, 8, 8, 100, 60), 60 + (120 + i) % 60, 2,
                    "picture's number");
    int64_t at = 0;
    while (at < s.samples && fabsf(s.sound[at]) < 0.2f)
        at++;
    assert_near((int)(at * 1000 / 48000), 500, 5, "click (ms)");
    forget(&s);
    close(out);
    close(in);
}

/* Moments of the flash and of the click, ms. */
static void moments(int fd, int *ret_flash, int *ret_click)
{
    struct seen s = look(fd);
    *ret_flash = *ret_click = -1;
    for (int i = 0; i < s.n && *ret_flash < 0; i++)
        if (mean(s.frames[i], 0, 8, 8, 100, 60) > 150)
            *ret_flash = (int)av_rescale_q(s.frames[i]->pts, s.v->time_base, (AVRational){1, 1000});
    for (int64_t i = 0; i < s.samples && *ret_click < 0; i++)
        if (fabsf(s.sound[i]) > 0.2f)
            *ret_click = (int)(i * 1000 / s.a->codecpar->sample_rate);
    forget(&s);
}

static void sound_and_picture_stay_in_step(void **state)
{
    (void)state;
    const struct {
        const char *format;
        int bframes, rate;
        bool pass;
    } cases[] = {{"mp4", 0, 48000, false},      {"mp4", 2, 44100, false},
                 {"matroska", 2, 48000, false}, {"mpegts", 2, 44100, false},
                 {"mp4", 0, 48000, true},       {"mp4", 2, 44100, true},
                 {"mov", 2, 48000, true}};
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct clip c = small();
        c.format = cases[i].format;
        c.bframes = cases[i].bframes;
        c.rate = cases[i].rate;
        c.acodec = "aac";
        c.click = 1.0;
        c.frames = 90;
        c.draw = draw_flash;
        int in = clip_make(&c);
        struct gh_probe p = probe_of(in, GH_PROBE_FULL);
        assert_true(llabs(p.av_offset_us) < 25000);
        assert_int_equal(p.damaged, 0);
        assert_int_equal(p.edit_trims, 0);
        struct gh_recipe r = recipe_for(&p, 0, 0);
        if (cases[i].pass) {
            r.how = GH_HOW_PASS;
            r.audio.mode = GH_AUDIO_COPY;
        }
        int out = render_ok(in, &p, &r), flash, click;
        struct gh_probe q = probe_of(out, GH_PROBE_FULL);
        assert_int_equal(q.edit_list, 0);
        assert_int_equal(q.meta, 0);
        assert_int_equal(q.moov_first, 1);
        assert_true(llabs(q.aduration_us - q.duration_us) < 40000);
        moments(out, &flash, &click);
        assert_near(flash, 1000, 2, "flash");
        assert_near(click, 1000, cases[i].pass ? 15 : 4, "click");
        close(out);
        close(in);
    }
}

static void passing_keeps_every_picture_and_no_word(void **state)
{
    (void)state;
    struct clip c = small();
    c.bframes = 2;
    c.acodec = "aac";
    c.metadata = "title=secret;location=+22.57+88.36/";
    c.space = AVCOL_SPC_BT709;
    c.primaries = AVCOL_PRI_BT709;
    c.trc = AVCOL_TRC_BT709;
    int in = clip_make(&c);
    struct gh_probe p = probe_of(in, GH_PROBE_FULL);
    assert_true(p.meta & GH_META(ENCODER));
    assert_true(p.bframes > 0);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    r.how = GH_HOW_PASS;
    r.audio.mode = GH_AUDIO_COPY;
    int out = render_ok(in, &p, &r);
    assert_clean(out);
    assert_int_equal(results[0].removed, p.meta);
    struct seen a = look(in), b = look(out);
    assert_int_equal(a.n, b.n);
    for (int i = 0; i < a.n; i++)
        for (int y = 0; y < a.frames[i]->height; y++)
            assert_memory_equal(a.frames[i]->data[0] + y * a.frames[i]->linesize[0],
                                b.frames[i]->data[0] + y * b.frames[i]->linesize[0],
                                (size_t)a.frames[i]->width);
    forget(&a);
    forget(&b);
    size_t n;
    char *bytes = slurp(out, &n);
    static const char *const words[] = {"x264", "Lavf", "Lavc", "secret", "88.36"};
    for (size_t i = 0; i < GH_LEN(words); i++)
        assert_null(memmem(bytes, n, words[i], strlen(words[i])));
    free(bytes);
    close(out);
    close(in);
}

static void passed_pictures_may_get_new_sound(void **state)
{
    (void)state;
    struct clip c = small();
    c.format = "mov";
    c.acodec = "pcm_s16le";
    c.click = 1.0;
    c.frames = 60;
    c.draw = draw_flash;
    int in = clip_make(&c), flash, click;
    struct gh_probe p = probe_of(in, GH_PROBE_FULL);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    r.how = GH_HOW_PASS;
    int out = render_ok(in, &p, &r);
    assert_string_equal(probe_of(out, GH_PROBE_PACKETS).acodec, "aac");
    moments(out, &flash, &click);
    assert_near(flash, 1000, 2, "flash");
    assert_near(click, 1000, 4, "click");
    close(out);
    close(in);
}

/* -------------------------------------------------------------------------------- hostile input */

static int text_file(const char *text)
{
    int fd = memfd_create("text", MFD_CLOEXEC);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    return fd;
}

static void playlists_and_strangers_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '/etc/hostname'\n",
        ("<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
         "type=\"static\"></MPD>"),
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "just words",
        "",
    };
    struct gh_ctx ctx = context();
    struct gh_probe p;
    for (size_t i = 0; i < GH_LEN(texts); i++) {
        int fd = text_file(texts[i]);
        FAILS(GH_INPUT, gh_video_probe(&ctx, fd, GH_PROBE_FULL, &p, &err));
        assert_true(strlen(err.msg) > 10);
        close(fd);
    }
}

/* Whatever a demuxer would open beside its input is refused, and its wish kept, made printable: the
 * mark of an attack.
 */
static void a_demuxer_opens_nothing_else(void **state)
{
    (void)state;
    static const char *const wishes[] = {"file:///srv/other/secret.mp4",
                                         "http://127.0.0.1/\x1b[31m", ""};
    struct clip c = small();
    int in = clip_make(&c);
    struct gh_ctx ctx = context();
    struct gh_vin *vin = NULL;
    OK(gh_vin_open(&ctx, in, &vin, &err));
    assert_string_equal(vin->fmt->protocol_whitelist, "none");
    assert_string_equal(vin->fmt->format_whitelist, GH_DEMUXERS);
    assert_true(vin->fmt->codec_whitelist && strstr(vin->fmt->codec_whitelist, "h264,"));
    assert_null(strstr(vin->fmt->codec_whitelist, "xbin"));
    for (size_t i = 0; i < GH_LEN(wishes); i++) {
        AVIOContext *pb = (void *)1;
        assert_int_equal(vin->fmt->io_open(vin->fmt, &pb, wishes[i], AVIO_FLAG_READ, NULL),
                         AVERROR(EPERM));
        assert_null(pb);
        assert_int_equal(strlen(vin->refused), strlen(wishes[i]));
        for (const char *at = vin->refused; *at; at++)
            assert_in_range(*at, 0x20, 0x7e);
    }
    assert_int_equal(
        vin->fmt->io_open(vin->fmt, &(AVIOContext *){NULL}, wishes[0], AVIO_FLAG_READ, NULL),
        AVERROR(EPERM));
    assert_string_equal(vin->refused, wishes[0]);
    gh_vin_close(&vin);
    close(in);
}

static void limits_are_kept_before_decoding(void **state)
{
    (void)state;
    struct clip c = small();
    int in = clip_make(&c);
    struct gh_ctx ctx = context();
    struct gh_probe p;
    ctx.limits.video_pixels = 100 * 100;
    FAILS(GH_LIMIT, gh_video_probe(&ctx, in, GH_PROBE_HEADER, &p, &err));
    ctx = context();
    ctx.limits.duration_us = 1000000;
    FAILS(GH_LIMIT, gh_video_probe(&ctx, in, GH_PROBE_HEADER, &p, &err));
    ctx = context();
    ctx.limits.frames = 10;
    FAILS(GH_LIMIT, gh_video_probe(&ctx, in, GH_PROBE_PACKETS, &p, &err));
    ctx = context();
    ctx.limits.input_bytes = 1000;
    FAILS(GH_LIMIT, gh_video_probe(&ctx, in, GH_PROBE_HEADER, &p, &err));
    close(in);
}

static void damage_is_seen_and_survived(void **state)
{
    (void)state;
    struct clip c = small();
    c.frames = 120;
    c.gop = 30;
    c.draw = draw_noise;
    c.format = "matroska";
    int in = clip_make(&c);
    off_t size = lseek(in, 0, SEEK_END);
    uint8_t junk[60000]; /* several pictures, their headers with them */
    memset(junk, 0xa5, sizeof(junk));
    assert_int_equal(pwrite(in, junk, sizeof(junk), size / 2), (ssize_t)sizeof(junk));
    struct gh_probe p = probe_of(in, GH_PROBE_FULL);
    assert_int_equal(p.damaged, 1);
    struct gh_recipe r = recipe_for(&p, 0, 0);
    int out = render_ok(in, &p, &r);
    assert_true(probe_of(out, GH_PROBE_FULL).frames > 100);
    close(out);
    assert_int_equal(ftruncate(in, size * 2 / 3), 0); /* the rest of the copy never came */
    p = probe_of(in, GH_PROBE_FULL);
    assert_true(p.frames < 120);
    out = render(in, &p, &r);
    assert_int_equal(results[0].cls, GH_OK);
    close(out);
    struct gh_ctx ctx = context();
    for (off_t n = 1; n < 600; n += 37) { /* no index, or half of one */
        assert_int_equal(ftruncate(in, n), 0);
        FAILS(GH_INPUT, gh_video_probe(&ctx, in, GH_PROBE_FULL, &p, &err));
    }
    close(in);
}

static void what_is_concealed_is_a_complaint(void **state)
{
    (void)state;
    unsigned before = gh_av_complaints();
    av_log(NULL, AV_LOG_INFO, "Reinit context to %dx%d\n", 16, 16);
    av_log(NULL, AV_LOG_WARNING, "concealing is only spoken of\n");
    assert_int_equal(gh_av_complaints(), before);
    av_log(NULL, AV_LOG_INFO, "concealing %d DC, %d AC, %d MV errors in %c frame\n", 9, 9, 9,
           'P'); /* as libavcodec says it */
    assert_int_equal(gh_av_complaints(), before + 1);
    av_log(NULL, AV_LOG_ERROR, "partial file\n");
    assert_int_equal(gh_av_complaints(), before + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warming_starts_no_thread),
        cmocka_unit_test(all_eight_display_matrices_come_out_upright),
        cmocka_unit_test(a_thin_matrix_is_taken_to_the_nearest_quarter),
        cmocka_unit_test(pixels_become_square),
        cmocka_unit_test(interlaced_becomes_progressive),
        cmocka_unit_test(variable_rate_becomes_constant_without_drift),
        cmocka_unit_test(fast_clips_lose_every_other_picture_only),
        cmocka_unit_test(a_window_is_cut_out_to_the_picture),
        cmocka_unit_test(sound_and_picture_stay_in_step),
        cmocka_unit_test(passing_keeps_every_picture_and_no_word),
        cmocka_unit_test(passed_pictures_may_get_new_sound),
        cmocka_unit_test(playlists_and_strangers_are_refused),
        cmocka_unit_test(a_demuxer_opens_nothing_else),
        cmocka_unit_test(limits_are_kept_before_decoding),
        cmocka_unit_test(damage_is_seen_and_survived),
        cmocka_unit_test(what_is_concealed_is_a_complaint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
