/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tape gives what the decoder behind it gives: again from the start while it keeps, on without a
 * gap when it is full.
 */
#include "pipeline/audio/audio.h"

#include "tests/unit/video_look.h"

#define RATE 48000
#define PIECE 1000  /* no divisor of a tape's blocks */
#define TONE 200000 /* samples read: beyond the end of the sound, over three blocks */

static int tone(void)
{
    struct clip c = small();
    c.acodec = "aac";
    c.amplitude = 0.3;
    c.frames = 100;
    c.click = 2.0;
    return clip_make(&c);
}

static struct gh_pcm *decoder(int fd)
{
    struct gh_ctx ctx = context();
    struct gh_pcm *pcm = NULL;
    OK(gh_pcm_open(&ctx, fd, 0, RATE, 2, &pcm, &err));
    return pcm;
}

/* Both channels one after the other in memory of 2 × TONE; returns the samples that were sound. */
static uint64_t plain(int fd, float *to)
{
    struct gh_pcm *pcm = decoder(fd);
    uint64_t sound = 0;
    for (int n = 0; n < TONE; n += PIECE) {
        uint32_t real;
        float *const ch[] = {to + n, to + TONE + n};
        OK(gh_pcm_read(pcm, ch, PIECE, &real, &err));
        sound += real;
    }
    gh_pcm_close(&pcm);
    return sound;
}

static uint64_t from_tape(struct gh_tape *t, float *to)
{
    uint64_t at = 0, sound = 0;
    for (int n = 0; n < TONE; n += PIECE) {
        uint32_t real;
        float *const ch[] = {to + n, to + TONE + n};
        assert_int_equal(at, n);
        OK(gh_tape_read(t, &at, ch, PIECE, &real, &err));
        sound += real;
    }
    return sound;
}

static void what_is_kept_is_read_again(void **state)
{
    (void)state;
    size_t bytes = 2 * TONE * sizeof(float);
    int fd = tone();
    GH_AUTO_FREE float *want = gh_alloc(bytes), *got = gh_alloc(bytes);
    uint64_t sound = plain(fd, want);
    assert_true(sound > 3 * RATE && sound < TONE);
    struct gh_pcm *pcm = decoder(fd);
    struct gh_tape *t = gh_tape_new(&pcm, 2, 10 * bytes), *other = NULL;
    assert_null(pcm);
    /* two readers of what may yet outgrow its bound would lose pieces to each other */
    assert_null(gh_tape_share(t));
    for (int round = 0; round < 3; round++) {
        memset(got, 0xff, bytes);
        assert_int_equal(from_tape(round == 1 ? other : t, got), sound);
        assert_memory_equal(got, want, bytes);
        assert_true(gh_tape_keeps(t));
        if (!other)
            other = gh_tape_share(t);
        assert_non_null(other);
        assert_true(gh_tape_bytes(t) >= sound * 8 && gh_tape_bytes(t) < sound * 8 + 600000);
    }
    struct gh_levels levels;
    gh_tape_levels(t, &levels);
    assert_true(levels.n >= 3);
    gh_tape_free(&t);
    assert_null(t);
    memset(got, 0xff, bytes);
    assert_int_equal(from_tape(other, got), sound);
    assert_memory_equal(got, want, bytes);
    gh_tape_free(&other);
    close(fd);
}

static void a_full_tape_goes_on_without_a_gap(void **state)
{
    (void)state;
    size_t bytes = 2 * TONE * sizeof(float);
    int fd = tone();
    GH_AUTO_FREE float *want = gh_alloc(bytes), *got = gh_alloc(bytes);
    uint64_t sound = plain(fd, want);
    const size_t bounds[] = {0, 1, 65536 * 8, 65536 * 8 * 2 + 5};
    for (size_t i = 0; i < GH_LEN(bounds); i++) {
        struct gh_pcm *pcm = decoder(fd);
        struct gh_tape *t = gh_tape_new(&pcm, 2, bounds[i]);
        memset(got, 0xff, bytes);
        assert_int_equal(from_tape(t, got), sound);
        assert_memory_equal(got, want, bytes);
        assert_false(gh_tape_keeps(t));
        assert_int_equal(gh_tape_bytes(t), 0);
        gh_tape_free(&t);
    }
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_read_again),
        cmocka_unit_test(a_full_tape_goes_on_without_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
