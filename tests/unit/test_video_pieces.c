/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A video made in lanes is the video made in one: the same pictures at the same moments, the same
 * sound, no seam. */
#include "tests/unit/video_look.h"

#include "pipeline/video/journal.h"
#include "pipeline/video/pieces.h"

#include <sys/stat.h>

#define FRAMES 360
#define GOP 30

/* 33 and 34 ms most of the time, now and then a gap or a hurry. */
static int64_t irregular(int n)
{
    return n * 1000 / 30 + (n % 7 == 3 ? 12 : 0) + (n > 200 ? 150 : 0);
}

static int source(void)
{
    struct clip c = small();
    c.frames = FRAMES;
    c.gop = 40;
    c.bframes = 2;
    c.acodec = "aac";
    c.amplitude = 0.3;
    c.click = 5;
    c.time_of = irregular;
    return clip_make(&c);
}

static struct gh_recipe recipe(const struct gh_probe *p, uint32_t w, uint32_t h)
{
    struct gh_recipe r = recipe_for(p, w, h);
    r.video.gop_ms = 1000;
    r.video.bframes = 2;
    r.pic.lufs10 = -160;
    return r;
}

struct made {
    int out[2], journal[2];
    int64_t kept_us;
};

/* Two encodes of different geometry. lanes 1: no shelves. */
static struct made render_in(int in, const struct gh_recipe *r, unsigned lanes,
                             const struct made *kept)
{
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_ctx ctx = context();
    struct made m = {{-1, -1}, {-1, -1}, 0};
    int shelves[2][GH_JOB_SHELVES];
    for (int i = 0; i < 2; i++) {
        m.out[i] = memfd_create("out", MFD_CLOEXEC);
        m.journal[i] = kept ? kept->journal[i] : memfd_create("journal", MFD_CLOEXEC);
        for (unsigned k = 0; k < GH_JOB_SHELVES; k++)
            shelves[i][k] = k + 1 < lanes ? memfd_create("shelf", MFD_CLOEXEC) : -1;
    }
    memset(results, 0, sizeof(results));
    ctx.journals = m.journal;
    ctx.shelves = (const int(*)[GH_JOB_SHELVES])shelves;
    OK(gh_video_render(&ctx, in, &p, r, m.out, 2, &err));
    for (int i = 0; i < 2; i++) {
        if (results[i].cls != GH_OK)
            fail_msg("%s", results[i].msg);
        for (unsigned k = 0; k < GH_JOB_SHELVES; k++) {
            struct stat st;
            if (shelves[i][k] < 0)
                continue;
            assert_int_equal(fstat(shelves[i][k], &st), 0);
            assert_true(st.st_size > 1000); /* it was really made in lanes */
            close(shelves[i][k]);
        }
    }
    m.kept_us = results[0].kept_us;
    return m;
}

static void forget_made(struct made *m)
{
    for (int i = 0; i < 2; i++) {
        close(m->out[i]);
        close(m->journal[i]);
    }
}

/* --------------------------------------------------------------------- by libavformat's demuxer */

struct packets {
    int64_t pts[2000], dts[2000];
    uint32_t crc[2000]; /* of the sound */
    int n[2];
};

static void read_packets(int fd, struct packets *ret)
{
    struct seen s = {.fmt = avformat_alloc_context()};
    OK(gh_avio_reader(fd, &s.fmt->pb, &err));
    AVIOContext *io = s.fmt->pb;
    assert_true(avformat_open_input(&s.fmt, "", NULL, NULL) >= 0);
    AVPacket *pkt = av_packet_alloc();
    memset(ret, 0, sizeof(*ret));
    while (av_read_frame(s.fmt, pkt) >= 0) {
        bool sound = s.fmt->streams[pkt->stream_index]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
        int *n = &ret->n[sound];
        assert_true(*n < 1000);
        int at = (sound ? 1000 : 0) + (*n)++;
        ret->pts[at] = pkt->pts;
        ret->dts[at] = pkt->dts;
        for (int i = 0; sound && i < pkt->size; i++)
            ret->crc[at] = ret->crc[at] * 31 + pkt->data[i];
        av_packet_unref(pkt);
    }
    av_packet_free(&pkt);
    avformat_close_input(&s.fmt);
    gh_avio_free(&io);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void same_packets(int one, int other)
{
    static struct packets a, b;
    read_packets(one, &a);
    read_packets(other, &b);
    assert_int_equal(a.n[0], b.n[0]);
    assert_int_equal(a.n[1], b.n[1]);
    assert_true(a.n[1] > 100);
    /* Which pictures are B is x264's choice; when each is shown and decoded is not. */
    for (int k = 0; k < 2; k++) {
        qsort(a.pts + k * 1000, (size_t)a.n[k], sizeof(*a.pts), by_value);
        qsort(b.pts + k * 1000, (size_t)b.n[k], sizeof(*b.pts), by_value);
    }
    assert_memory_equal(a.pts, b.pts, sizeof(a.pts));
    assert_memory_equal(a.dts, b.dts, sizeof(a.dts));
    assert_memory_equal(a.crc, b.crc, sizeof(a.crc));
}

/* Every picture is the one that a single lane shows at its number, as good, and no GOP is longer
 * than asked. */
static void same_pictures(int one, int other)
{
    struct seen a = look(one), b = look(other);
    assert_int_equal(a.n, b.n);
    int last = 0;
    for (int i = 0; i < b.n; i++) {
        assert_near(mean(a.frames[i], 0, 8, 8, 100, 60), mean(b.frames[i], 0, 8, 8, 100, 60), 1,
                    "brightness");
        if (b.frames[i]->key_frame)
            last = i;
        assert_in_range(i - last, 0, GOP - 1);
    }
    forget(&a);
    forget(&b);
}

static void same_video(const struct made *one, const struct made *lanes)
{
    for (int i = 0; i < 2; i++) {
        same_packets(one->out[i], lanes->out[i]);
        same_pictures(one->out[i], lanes->out[i]);
        assert_clean(lanes->out[i]);
        struct gh_probe a = probe_of(one->out[i], GH_PROBE_FULL),
                        b = probe_of(lanes->out[i], GH_PROBE_FULL);
        assert_int_equal(b.frames, a.frames);
        assert_int_equal(b.duration_us, a.duration_us);
        assert_int_equal(b.aduration_us, a.aduration_us);
        assert_int_equal(b.vfr, 0);
        assert_int_equal(b.open_gop, 0);
        assert_int_equal(b.damaged, 0);
    }
}

static void lanes_make_the_same_video(void **state)
{
    (void)state;
    int in = source();
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r[2] = {recipe(&p, 0, 0), recipe(&p, 160, 120)};
    r[1].pic.fps = (struct gh_rational){25, 1};
    struct made one = render_in(in, r, 1, NULL);
    struct gh_fingerprint whole = looks[0];
    for (unsigned lanes = 2; lanes <= GH_LANES; lanes++) {
        struct made m = render_in(in, r, lanes, NULL);
        same_video(&one, &m);
        assert_true(looks[0].pictures.n >= whole.pictures.n);
        assert_memory_equal(&looks[0].sound, &whole.sound, sizeof(whole.sound));
        forget_made(&m);
    }
    forget_made(&one);
    close(in);
}

static void lanes_go_on_where_an_attempt_ended(void **state)
{
    (void)state;
    int in = source();
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r[2] = {recipe(&p, 0, 0), recipe(&p, 160, 120)};
    struct made one = render_in(in, r, 1, NULL);
    struct made m = render_in(in, r, 3, NULL);
    for (int i = 0; i < 2; i++) { /* killed early, at two places */
        struct stat st;
        assert_int_equal(fstat(m.journal[i], &st), 0);
        assert_int_equal(ftruncate(m.journal[i], st.st_size * (i + 1) / 6), 0);
        close(m.out[i]);
    }
    struct made n = render_in(in, r, 3, &m);
    assert_true(n.kept_us > 0);
    same_video(&one, &n);
    forget_made(&n);
    forget_made(&one);
    close(in);
}

static void a_byte_limit_holds_in_lanes(void **state)
{
    (void)state;
    int in = source();
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r[2] = {recipe(&p, 0, 0), recipe(&p, 160, 120)};
    r[0].bytes_max = r[1].bytes_max = 400000;
    struct made m = render_in(in, r, 3, NULL);
    for (int i = 0; i < 2; i++)
        assert_true(results[i].bytes <= 400000);
    forget_made(&m);
    close(in);
}

static void cuts_lie_where_gops_begin(void **state)
{
    (void)state;
    struct gh_recipe r = {.video = {.gop_ms = 2000}, .pic = {.fps = {30, 1}, .start_us = -1}};
    const int64_t bounds[] = {0, 33500000, 67000000, 100000000};
    struct gh_piece p[GH_LANES];
    assert_int_equal(gh_pieces_of(&r, 0, 100000000, bounds, 3, p), 3);
    assert_int_equal(p[0].until, 960);
    assert_int_equal(p[1].from, 960);
    assert_int_equal(p[1].until, 1980);
    assert_int_equal(p[2].from, 1980);
    assert_true(p[2].until == INT64_MAX);
    /* most of it is there already: the first lane has nothing to do */
    assert_int_equal(gh_pieces_of(&r, 1500, 100000000, bounds, 3, p), 2);
    assert_int_equal(p[0].lane, 1);
    assert_int_equal(p[0].from, 1500);
    /* a part of the video that lies in one lane */
    r.pic.start_us = 70000000;
    assert_int_equal(gh_pieces_of(&r, 0, 20000000, bounds, 3, p), 1);
    assert_int_equal(p[0].lane, 2);
    /* one that begins in the second */
    r.pic.start_us = 60000000;
    assert_int_equal(gh_pieces_of(&r, 0, 40000000, bounds, 3, p), 2);
    assert_int_equal(p[0].lane, 1);
    assert_int_equal(p[0].until, 180);
    assert_int_equal(p[1].lane, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_lie_where_gops_begin),
        cmocka_unit_test(lanes_make_the_same_video),
        cmocka_unit_test(lanes_go_on_where_an_attempt_ended),
        cmocka_unit_test(a_byte_limit_holds_in_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
