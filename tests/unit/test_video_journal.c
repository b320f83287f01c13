/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An encode that was interrupted goes on at its last key picture, without a seam; what is torn or
 * foreign is redone. */
#include "tests/unit/video_look.h"

#include "pipeline/video/journal.h"

#include <sys/stat.h>

#define FRAMES 150
#define GOP 30

static void draw_light(AVFrame *f, int n)
{
    draw_grey(f, 0);
    for (int y = 0; y < f->height; y++)
        memset(f->data[0] + y * f->linesize[0], 200, (size_t)f->width);
    (void)n;
}

static int source(bool light)
{
    struct clip c = small();
    c.frames = FRAMES;
    c.gop = 40;
    c.acodec = "aac";
    if (light)
        c.draw = draw_light;
    return clip_make(&c);
}

static struct gh_recipe recipe(const struct gh_probe *p)
{
    struct gh_recipe r = recipe_for(p, 0, 0);
    r.video.gop_ms = 1000;
    r.video.bframes = 2;
    return r;
}

static int render_kept(int in, int journal, const struct gh_recipe *r)
{
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_ctx ctx = context();
    int out = memfd_create("out", MFD_CLOEXEC);
    memset(results, 0, sizeof(results));
    ctx.journals = &journal;
    OK(gh_video_render(&ctx, in, &p, r, &out, 1, &err));
    if (results[0].cls != GH_OK)
        fail_msg("%s", results[0].msg);
    return out;
}

static off_t size_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_size;
}

/* The first kept pictures are numbered as drawn, the others light; returns how many were kept. */
static int kept_pictures(int out)
{
    struct seen s = look(out);
    int kept = 0;
    assert_int_equal(s.n, FRAMES);
    for (int i = 0; i < s.n; i++) {
        int luma = mean(s.frames[i], 0, 8, 8, 100, 60);
        if (luma < 150) {
            assert_int_equal(kept, i); /* none after a light one */
            assert_near(luma, 60 + i % 60, 2, "picture's number");
            kept++;
        }
    }
    forget(&s);
    return kept;
}

/*
 * Of the kept part only the distance is certain: in pictures that grow lighter x264 sees a cut
 * wherever it would put a key soon anyhow (0, 29, 58, … of GOPs of 30), and such a key is where the
 * next attempt goes on. What follows stands still: a key where it begins, then at each multiple of
 * the GOP from there.
 */
static void check_keys(int out, int kept)
{
    struct seen s = look(out);
    int last = 0;
    assert_int_equal(s.frames[0]->key_frame, 1);
    for (int i = 0; i < s.n; i++) {
        if (i >= kept)
            assert_int_equal(s.frames[i]->key_frame, (i - kept) % GOP == 0);
        if (s.frames[i]->key_frame)
            last = i;
        assert_in_range(i - last, 0, GOP - 1);
    }
    forget(&s);
}

static void same_extradata(int one, int other)
{
    struct seen a = look(one), b = look(other);
    assert_int_equal(a.v->codecpar->extradata_size, b.v->codecpar->extradata_size);
    assert_memory_equal(a.v->codecpar->extradata, b.v->codecpar->extradata,
                        (size_t)a.v->codecpar->extradata_size);
    forget(&a);
    forget(&b);
}

static void an_encode_goes_on_where_it_was(void **state)
{
    (void)state;
    int in = source(false), other = source(true), journal = memfd_create("journal", MFD_CLOEXEC);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe(&p);
    int whole = render_kept(in, journal, &r);
    assert_int_equal(kept_pictures(whole), FRAMES);
    off_t full = size_of(journal);
    assert_true(full > 1000);
    static const int eighths[] = {7, 5, 2};
    for (size_t i = 0; i < sizeof(eighths) / sizeof(*eighths); i++) {
        /* torn in the middle of a record */
        assert_int_equal(ftruncate(journal, full * eighths[i] / 8), 0);
        int out = render_kept(other, journal, &r);
        int kept = kept_pictures(out);
        assert_true(kept > 0 && kept < FRAMES);
        assert_clean(out);
        same_extradata(whole, out);
        check_keys(out, kept);
        struct gh_probe a = probe_of(whole, GH_PROBE_FULL), b = probe_of(out, GH_PROBE_FULL);
        assert_int_equal(b.vfr, 0);
        assert_int_equal(b.frames, a.frames);
        assert_int_equal(b.duration_us, a.duration_us);
        assert_int_equal(b.aduration_us, a.aduration_us);
        assert_int_equal(b.open_gop, 0);
        assert_in_range(b.gop_max_ms, 1, 1000);
        assert_int_equal(b.damaged, 0);
        close(out);
        full = size_of(journal);
    }
    close(whole);
    close(journal);
    close(other);
    close(in);
}

static void what_is_torn_or_foreign_is_made_anew(void **state)
{
    (void)state;
    int in = source(false), other = source(true), journal = memfd_create("journal", MFD_CLOEXEC);
    struct gh_probe p = probe_of(in, GH_PROBE_PACKETS);
    struct gh_recipe r = recipe(&p);
    close(render_kept(in, journal, &r));
    char byte;
    for (int k = 0; k < 2; k++) { /* a byte of the head, one of the first packet */
        off_t at = k ? 200 : 5;
        assert_int_equal(pread(journal, &byte, 1, at), 1);
        byte = (char)(byte ^ 0x55);
        assert_int_equal(pwrite(journal, &byte, 1, at), 1);
        int out = render_kept(other, journal, &r);
        assert_int_equal(kept_pictures(out), 0);
        close(out);
        assert_int_equal(ftruncate(journal, 0), 0);
        close(render_kept(in, journal, &r));
    }
    struct gh_journal *j;
    gh_journal_open(journal, 12345, &j); /* another build's */
    assert_int_equal(gh_journal_pictures(j), 0);
    gh_journal_close(&j);
    close(journal);
    close(other);
    close(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_encode_goes_on_where_it_was),
        cmocka_unit_test(what_is_torn_or_foreign_is_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
