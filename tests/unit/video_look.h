/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, rendering and looking at clips in tests: outputs are read by libav's own decoders, not by
 * the code under test. */
#ifndef GH_TESTS_VIDEO_LOOK_H
#define GH_TESTS_VIDEO_LOOK_H

#include "tests/unit/video_clip.h"

#include "filters/filter.h"
#include "pipeline/video/video.h"

__attribute__((unused)) static struct gh_result results[8];
__attribute__((unused)) static struct gh_fingerprint looks[8]; /* of sources */
static struct gh_err err;

static inline void on_result(void *arg, const struct gh_result *r)
{
    (void)arg;
    results[r->index] = *r;
}

static inline void on_look(void *arg, uint32_t index, const struct gh_fingerprint *look)
{
    (void)arg;
    looks[index] = *look;
}

static inline char *slurp(int fd, size_t *ret_n)
{
    char *bytes = NULL;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    OK(gh_read_fd(fd, 10000000, &bytes, ret_n, &err));
    return bytes;
}

static inline struct gh_ctx context(void)
{
    return (struct gh_ctx){
        .limits = gh_limits_default(), .threads = 2, .result = on_result, .fingerprint = on_look};
}

static inline struct gh_probe probe_of(int fd, enum gh_probe_depth depth)
{
    struct gh_ctx ctx = context();
    struct gh_probe p;
    OK(gh_video_probe(&ctx, fd, depth, &p, &err));
    OK(gh_probe_check(&p, &err));
    return p;
}

static inline struct gh_recipe recipe_for(const struct gh_probe *p, uint32_t w, uint32_t h)
{
    struct gh_recipe r = {
        .media = GH_VIDEO,
        .how = GH_HOW_ENCODE,
        .pic = gh_pic_of(p, GH_VIDEO),
        .video = {.profile = "main", .gop_ms = 1000, .crf10 = 180},
        .audio = {.mode = p->acodec[0] ? GH_AUDIO_ENCODE : GH_AUDIO_SILENT,
                  .kbps = 128,
                  .rate = 48000,
                  .channels = 2},
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

static inline int render(int in, const struct gh_probe *p, const struct gh_recipe *r)
{
    struct gh_ctx ctx = context();
    int out = memfd_create("out", MFD_CLOEXEC);
    memset(results, 0, sizeof(results));
    OK(gh_video_render(&ctx, in, p, r, &out, 1, &err));
    return out;
}

static inline int render_ok(int in, const struct gh_probe *p, const struct gh_recipe *r)
{
    int out = render(in, p, r);
    if (results[0].cls != GH_OK)
        fail_msg("%s", results[0].msg);
    return out;
}

/* ------------------------------------------------------------------------- looking at an output */

struct seen {
    AVFormatContext *fmt;
    AVStream *v, *a;
    AVFrame *frames[400];
    int n;
    float *sound; /* first channel */
    int64_t samples;
};

static inline void decode_all(struct seen *s, AVStream *st)
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
                memcpy(s->sound + s->samples, f->extended_data[0],
                       (size_t)f->nb_samples * sizeof(float));
                s->samples += f->nb_samples;
            }
            av_frame_unref(f);
        }
    }
    av_packet_free(&pkt);
    av_frame_free(&f);
    avcodec_free_context(&dec);
}

static inline struct seen look(int fd)
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

static inline void forget(struct seen *s)
{
    AVIOContext *io = s->fmt->opaque;
    for (int i = 0; i < s->n; i++)
        av_frame_free(&s->frames[i]);
    free(s->sound);
    avformat_close_input(&s->fmt);
    gh_avio_free(&io);
}

static inline int mean(const AVFrame *f, int plane, int x, int y, int w, int h)
{
    int sum = 0;
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++)
            sum += f->data[plane][j * f->linesize[plane] + i];
    return sum / (w * h);
}

static inline void assert_near(int v, int expected, int slack, const char *what)
{
    if (abs(v - expected) > slack)
        fail_msg("%s is %d, not %d", what, v, expected);
}

/* Every output of ours: H.264 yuv420p BT.709, one picture, no edit list, moov first, no metadata.
 */
static inline void assert_clean(int fd)
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

/* ------------------------------------------------------------------------------------- drawings */

static inline void draw_grey(AVFrame *f, int n)
{
    clip_fill(f, 0, 0, 0, f->width, f->height, 60 + n % 60);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, f->width / 2, f->height / 2, 128);
}

/* White for one picture at one second (picture 30 of 30 a second), else dark. */
static inline void draw_flash(AVFrame *f, int n)
{
    clip_fill(f, 0, 0, 0, f->width, f->height, n == 30 ? 220 : 40);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, f->width / 2, f->height / 2, 128);
}

static inline void draw_noise(AVFrame *f, int n)
{
    uint32_t seed = 12345u + (uint32_t)n;
    for (int p = 0; p < 3; p++)
        for (int y = 0; y < f->height >> !!p; y++)
            for (int x = 0; x < f->width >> !!p; x++) {
                seed = seed * 1664525u + 1013904223u;
                f->data[p][y * f->linesize[p] + x] = (uint8_t)(40 + (seed >> 24) % 160);
            }
}

/* Luma of the upright picture's corners: 40 top left, 90 top right, 140 bottom left, 200 bottom
 * right. */
__attribute__((unused)) static int drawn_orient;
static inline void draw_corners(AVFrame *f, int n)
{
    (void)n;
    /* Where the stored picture's corners (TL, TR, BL, BR) lie upright, after the EXIF definition of
     * row 0 and column 0.
     */
    static const uint8_t upright[9][4] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {1, 0, 3, 2},
                                          {3, 2, 1, 0}, {2, 3, 0, 1}, {0, 2, 1, 3},
                                          {1, 3, 0, 2}, {3, 1, 2, 0}, {2, 0, 3, 1}};
    static const uint8_t levels[4] = {40, 90, 140, 200};
    int w = f->width / 2, h = f->height / 2;
    for (int c = 0; c < 4; c++)
        clip_fill(f, 0, c % 2 * w, c / 2 * h, w, h, levels[upright[drawn_orient][c]]);
    for (int p = 1; p < 3; p++)
        clip_fill(f, p, 0, 0, w, h, 128);
}

static inline struct clip small(void)
{
    return (struct clip){
        .vcodec = "libx264", .w = 160, .h = 96, .frames = 45, .fps = {30, 1}, .draw = draw_grey};
}

#endif
