/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Videos from probe to output, on clips made here; outputs are judged by libav's own reading, not by the code under test. */
#include "tests/unit/video_clip.h"

#include "filters/filter.h"
#include "pipeline/pipeline.h"

#include <dirent.h>
#include <libavutil/display.h>

static struct gh_result results[8];
static struct gh_err err;

static void on_result(void *arg, const struct gh_result *r)
{
    (void)arg;
    results[r->index] = *r;
}

static char *slurp(int fd, size_t *ret_n)
{
    char *bytes = NULL;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    OK(gh_read_fd(fd, 10000000, &bytes, ret_n, &err));
    return bytes;
}

static struct gh_ctx context(void)
{
    return (struct gh_ctx){.limits = gh_limits_default(), .threads = 2, .result = on_result};
}

static struct gh_probe probe_of(int fd, enum gh_probe_depth depth)
{
    struct gh_ctx ctx = context();
    struct gh_probe p;
    OK(gh_video_probe(&ctx, fd, depth, &p, &err));
    OK(gh_probe_check(&p, &err));
    return p;
}

static struct gh_recipe recipe_for(const struct gh_probe *p, uint32_t w, uint32_t h)
{
    struct gh_recipe r = {
        .media = GH_VIDEO,
        .how = GH_HOW_ENCODE,
        .pic = gh_pic_of(p, GH_VIDEO),
        .video = {.profile = "main", .gop_ms = 1000, .crf10 = 180},
        .audio = {.mode = p->acodec[0] ? GH_AUDIO_ENCODE : GH_AUDIO_SILENT, .kbps = 128, .rate = 48000, .channels = 2},
    };
    r.pic.orient = p->orient;
    r.pic.src_w = p->w;
    r.pic.src_h = p->h;
    r.pic.crop = (struct gh_rect){0, 0, p->w, p->h};
    r.pic.content_w = r.pic.canvas_w = w ? w : p->w & ~1u;
    r.pic.content_h = r.pic.canvas_h = h ? h : p->h & ~1u;
    r.pic.colour = GH_COLOUR_BT709;
    r.pic.fps = (struct gh_rational){30, 1};
    r.pic.duration_us = p->duration_us;
    r.pic.deinterlace = p->interlaced;
    return r;
}

static int render(int in, const struct gh_probe *p, const struct gh_recipe *r)
{
    struct gh_ctx ctx = context();
    int out = memfd_create("out", MFD_CLOEXEC);
    memset(results, 0, sizeof results);
    OK(gh_video_render(&ctx, in, p, r, &out, 1, &err));
    return out;
}

static int render_ok(int in, const struct gh_probe *p, const struct gh_recipe *r)
{
    int out = render(in, p, r);
    if (results[0].cls != GH_OK)
        fail_msg("%s", results[0].msg);
    return out;
}

/* ------------------------------------------------------------------------------- looking at an output */

struct seen {
    AVFormatContext *fmt;
    AVStream *v, *a;
    AVFrame *frames[400];
    int n;
    float *sound; /* first channel */
    int64_t samples;
};

static void decode_all(struct seen *s, AVStream *st)
{
    AVCodecContext *dec = avcodec_alloc_context3(avcodec_find_decoder(st->codecpar->codec_id));
    avcodec_parameters_to_context(dec, st->codecpar);
    assert_true(avcodec_open2(dec, NULL, NULL) >= 0);
    AVPacket *pkt = av_packet_alloc();
    AVFrame *f = av_frame_alloc();
    for (bool more = true; more;) {
        int r = av_read_frame(s->fmt, pkt);
        more = r >= 0;
        if (more && pkt->stream_index != st->index) {
            av_packet_unref(pkt);
            continue;
        }
        assert_true(avcodec_send_packet(dec, more ? pkt : NULL) >= 0);
        av_packet_unref(pkt);
        while (avcodec_receive_frame(dec, f) >= 0) {
            if (st == s->v && s->n < 400) {
                s->frames[s->n++] = av_frame_clone(f);
            } else if (st == s->a) {
                s->sound = realloc(s->sound, (size_t)(s->samples + f->nb_samples) * sizeof(float));
                memcpy(s->sound + s->samples, f->extended_data[0], (size_t)f->nb_samples * sizeof(float));
                s->samples += f->nb_samples;
            }
            av_frame_unref(f);
        }
    }
    av_packet_free(&pkt);
    av_frame_free(&f);
    avcodec_free_context(&dec);
}

static struct seen look(int fd)
{
    struct seen s = {.fmt = avformat_alloc_context()};
    OK(gh_avio_reader(fd, &s.fmt->pb, &err));
    AVIOContext *io = s.fmt->pb;
    assert_true(avformat_open_input(&s.fmt, "", NULL, NULL) >= 0);
    assert_true(avformat_find_stream_info(s.fmt, NULL) >= 0);
    for (unsigned i = 0; i < s.fmt->nb_streams; i++) {
        AVStream *st = s.fmt->streams[i];
        if (st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
            s.v = st;
        else if (st->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            s.a = st;
    }
    assert_non_null(s.v);
    decode_all(&s, s.v);
    if (s.a) {
        assert_true(av_seek_frame(s.fmt, s.a->index, 0, AVSEEK_FLAG_BACKWARD) >= 0);
        decode_all(&s, s.a);
    }
    s.fmt->opaque = io;
    return s;
}

static void forget(struct seen *s)
{
    AVIOContext *io = s->fmt->opaque;
    for (int i = 0; i < s->n; i++)
        av_frame_free(&s->frames[i]);
    free(s->sound);
    avformat_close_input(&s->fmt);
    gh_avio_free(&io);
}

static int mean(const AVFrame *f, int plane, int x, int y, int w, int h)
{
    int sum = 0;
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++)
            sum += f->data[plane][j * f->linesize[plane] + i];
    return sum / (w * h);
}

static void assert_near(int v, int expected, int slack, const char *what)
{
    if (abs(v - expected) > slack)
        fail_msg("%s is %d, not %d", what, v, expected);
}

/* Every output of ours: H.264 yuv420p BT.709, one picture, no edit list, moov first, no metadata. */
static void assert_clean(int fd)
{
    struct gh_probe p = probe_of(fd, GH_PROBE_FULL);
    assert_string_equal(p.vcodec, "h264");
    assert_string_equal(p.pix_fmt, "yuv420p");
    assert_int_equal(p.orient, 1);
    assert_int_equal(p.edit_list, 0);
    assert_int_equal(p.moov_first, 1);
    assert_int_equal(p.meta, 0);
    assert_int_equal(p.damaged, 0);
    assert_int_equal(p.open_gop, 0);
    assert_int_equal(p.color_space, AVCOL_SPC_BT709);
    assert_int_equal(p.color_trc, AVCOL_TRC_BT709);
    assert_int_equal(p.color_primaries, AVCOL_PRI_BT709);
    assert_int_equal(p.full_range, 0);
}

/* ------------------------------------------------------------------------------- drawings */

static void draw_grey(AVFrame *f, int n)
{
    clip_fill(f, 0, 0, 0, f->width, f->height, 60 + n % 60);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, f->width / 2, f->height / 2, 128);
}

/* White for one picture at one second (picture 30 of 30 a second), else dark. */
static void draw_flash(AVFrame *f, int n)
{
    clip_fill(f, 0, 0, 0, f->width, f->height, n == 30 ? 220 : 40);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, f->width / 2, f->height / 2, 128);
}

static void draw_noise(AVFrame *f, int n)
{
    uint32_t seed = 12345u + (uint32_t)n;
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < f->height >> !!p; y++)
            for (int x = 0; x < f->width >> !!p; x++) {
                seed = seed * 1664525u + 1013904223u;
                f->data[p][y * f->linesize[p] + x] = (uint8_t)(40 + (seed >> 24) % 160);
            }
}

/* Luma of the upright picture's corners: 40 top left, 90 top right, 140 bottom left, 200 bottom right. */
static int drawn_orient;
static void draw_corners(AVFrame *f, int n)
{
    (void)n;
    /* Where the stored picture's corners (TL, TR, BL, BR) lie upright, after the EXIF definition of row 0 and column 0. */
    static const uint8_t upright[9][4] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 3, 2}, {3, 2, 1, 0}, {2, 3, 0, 1},
                                          {0, 2, 1, 3}, {1, 3, 0, 2}, {3, 1, 2, 0}, {2, 0, 3, 1}};
    static const uint8_t levels[4] = {40, 90, 140, 200};
    int w = f->width / 2, h = f->height / 2;
    for (int c = 0; c < 4; c++)
        clip_fill(f, 0, c % 2 * w, c / 2 * h, w, h, levels[upright[drawn_orient][c]]);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, w, h, 128);
}

static struct clip small(void)
{
    return (struct clip){.vcodec = "libx264", .w = 160, .h = 96, .frames = 45, .fps = {30, 1}, .draw = draw_grey};
}

/* ------------------------------------------------------------------------------- the tests */

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
    static const int32_t m[9][4] = {{1, 0, 0, 1}, {1, 0, 0, 1},  {-1, 0, 0, 1},  {-1, 0, 0, -1}, {1, 0, 0, -1},
                                    {0, 1, 1, 0}, {0, 1, -1, 0}, {0, -1, -1, 0}, {0, -1, 1, 0}};
    for (int o = 1; o <= 8; o++) {
        int32_t matrix[9] = {m[o][0] * 65536, m[o][1] * 65536, 0, m[o][2] * 65536, m[o][3] * 65536, 0, 0, 0, 1 << 30};
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
            assert_near(mean(f, 0, k % 2 * w + 8, k / 2 * h + 8, w - 16, h - 16), levels[k], 3, "corner");
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
    /* Each picture's luma names its number: what is shown at t must be the source's picture of that moment. */
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
        assert_near(mean(s.frames[i], 0, 8, 8, 100, 60), 60 + (120 + i) % 60, 2, "picture's number");
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
    } cases[] = {{"mp4", 0, 48000, false}, {"mp4", 2, 44100, false}, {"matroska", 2, 48000, false}, {"mpegts", 2, 44100, false},
                 {"mp4", 0, 48000, true},  {"mp4", 2, 44100, true},  {"mov", 2, 48000, true}};
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
            assert_memory_equal(a.frames[i]->data[0] + y * a.frames[i]->linesize[0], b.frames[i]->data[0] + y * b.frames[i]->linesize[0],
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

static double rms(const float *s, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)s[i] * s[i];
    return sqrt(sum / (double)n);
}

/* A 997 Hz sine in both channels at amplitude a has 20 log a + 0.0 LUFS (BS.1770: 0 dBFS stereo 997 Hz is 0 LKFS: -3.01 a channel). */
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

static void sound_ends_with_the_picture(void **state)
{
    (void)state;
    const double seconds[] = {0.4, 4.0, 0};
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
        assert_int_equal(q.duration_us, 1500000);
        assert_true(q.aduration_us <= 1500000 && q.aduration_us > 1475000);
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

/* ------------------------------------------------------------------------------- colour */

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
                assert_near(mean(s.frames[0], q, k * 10 + 2, 10, 6, 20), 128, 1, "chroma of a grey");
            if (k == 0)
                assert_near(y, 16, 1, "black");
            if (i && k == 8) /* HLG 53 %: a mid grey, near what an SDR screen shows of the same signal */
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
    double r = rgb[0] / 255.0, g = rgb[1] / 255.0, b = rgb[2] / 255.0, y = kr * r + (1 - kr - kb) * g + kb * b;
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
            clip_fill(f, p, i * (f->width >> !!p) / 4, 0, (f->width >> !!p) / 4, f->height >> !!p, v[p]);
    }
}

static void other_matrices_and_ranges_become_bt709_limited(void **state)
{
    (void)state;
    const struct {
        bool sd, full;
        enum AVColorSpace space;
        uint32_t w; /* of the output: scaled or not */
    } cases[] = {{true, false, AVCOL_SPC_SMPTE170M, 160}, {true, false, AVCOL_SPC_BT470BG, 128},   {true, true, AVCOL_SPC_BT470BG, 160},
                 {false, true, AVCOL_SPC_BT709, 160},     {false, false, AVCOL_SPC_BT709, 160},    {true, false, AVCOL_SPC_UNSPECIFIED, 160}};
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
                assert_near(mean(s.frames[0], q, (k * w + 8) >> !!q, 10, (w - 16) >> !!q, 20), want[q], 3, "bar");
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

/* ------------------------------------------------------------------------------- thumbnails */

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
        assert_near(mean(f, 0, 20, 20, 120, 140), (left[i] - 16) * 255 / 219, 4, "thumbnail's left half"); /* JPEG is full range */
        av_frame_free(&f);
        av_packet_free(&pkt);
        avcodec_free_context(&dec);
        free(bytes);
    }
    close(out);
    close(in);
}

/* ------------------------------------------------------------------------------- hostile input */

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
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"></MPD>",
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
    memset(junk, 0xa5, sizeof junk);
    assert_int_equal(pwrite(in, junk, sizeof junk, size / 2), (ssize_t)sizeof junk);
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
        cmocka_unit_test(loudness_reaches_its_target),
        cmocka_unit_test(peaks_stay_below_the_ceiling),
        cmocka_unit_test(six_channels_are_mixed_down),
        cmocka_unit_test(sound_ends_with_the_picture),
        cmocka_unit_test(bytes_hold_or_the_output_is_refused),
        cmocka_unit_test(a_change_of_size_in_the_middle_is_survived),
        cmocka_unit_test(hdr_greys_stay_grey_and_rise),
        cmocka_unit_test(other_matrices_and_ranges_become_bt709_limited),
        cmocka_unit_test(bars_around_the_picture_are_its_own_blur),
        cmocka_unit_test(a_thumbnail_is_a_picture_worth_seeing),
        cmocka_unit_test(playlists_and_strangers_are_refused),
        cmocka_unit_test(limits_are_kept_before_decoding),
        cmocka_unit_test(damage_is_seen_and_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
