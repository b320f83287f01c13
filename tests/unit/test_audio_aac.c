/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names at the head of AAC packets, written bit by bit here; what is not surely understood stays to
 * the bit. */
#include "tests/unit/test.h"

#include "pipeline/audio/audio.h"

#include <string.h>

struct out {
    uint8_t b[600];
    size_t bits;
};

static void put(struct out *o, unsigned width, unsigned v)
{
    while (width--) {
        if (v >> width & 1)
            o->b[o->bits / 8] |= (uint8_t)(128u >> o->bits % 8);
        o->bits++;
    }
}

static void text(struct out *o, const char *s)
{
    for (; *s; s++)
        put(o, 8, (uint8_t)*s);
}

/* A fill element of n bytes: extension type, four bits, then text. */
static void fill(struct out *o, unsigned type, const char *s)
{
    unsigned n = (unsigned)strlen(s) + 1;
    put(o, 3, 6);
    put(o, 4, n < 15 ? n : 15);
    if (n >= 15)
        put(o, 8, n - 14);
    put(o, 4, type);
    put(o, 4, 0);
    text(o, s);
}

static void sound(struct out *o)
{
    put(o, 3, 1); /* a channel pair */
    text(o, "Lavc in the sound");
}

static size_t bytes(const struct out *o)
{
    return (o->bits + 7) / 8;
}

static bool holds(const struct out *o, const char *word)
{
    for (unsigned shift = 0; shift < 8; shift++) {
        char moved[sizeof(o->b)];
        for (size_t i = 0; i + 1 < sizeof(o->b); i++)
            moved[i] = (char)(o->b[i] << shift | (shift ? o->b[i + 1] >> (8 - shift) : 0));
        if (memmem(moved, sizeof(moved) - 1, word, strlen(word)))
            return true;
    }
    return false;
}

static void names_go_and_the_sound_stays(void **state)
{
    (void)state;
    static const char *const names[] = {"Lavc59.37.100", "libfaac 1.28", "x",
                                        "a name so long that it has an escape"};
    for (size_t i = 0; i < GH_LEN(names); i++) {
        struct out o = {0};
        fill(&o, 0, names[i]);
        put(&o, 3, 4); /* a data stream element, aligned */
        put(&o, 4, 0);
        put(&o, 1, 1);
        put(&o, 8, 6);
        o.bits = (o.bits + 7) / 8 * 8;
        text(&o, "secret");
        fill(&o, 0, names[i]);
        sound(&o);
        struct out before = o;
        assert_true(gh_aac_blank(o.b, bytes(&o)));
        assert_false(strlen(names[i]) > 3 && holds(&o, names[i]));
        assert_false(holds(&o, "secret"));
        assert_true(holds(&o, "Lavc in the sound"));
        assert_int_equal(o.b[0], before.b[0]);
        assert_false(gh_aac_blank(o.b, bytes(&o)));
    }
}

static void what_belongs_to_the_sound_stays(void **state)
{
    (void)state;
    struct out drc = {0}, late = {0};
    fill(&drc, 11, "Lavc range"); /* dynamic range control */
    sound(&drc);
    sound(&late);
    fill(&late, 0, "Lavc late");
    struct out was = drc;
    assert_false(gh_aac_blank(drc.b, bytes(&drc)));
    assert_memory_equal(drc.b, was.b, sizeof(was.b));
    was = late;
    assert_false(gh_aac_blank(late.b, bytes(&late)));
    assert_memory_equal(late.b, was.b, sizeof(was.b));
}

static void elements_longer_than_the_packet_stay(void **state)
{
    (void)state;
    struct out whole = {0};
    fill(&whole, 0, "a name so long that it has an escape");
    for (size_t n = 0; n < bytes(&whole); n++) {
        /* of its exact size: a reader past it is found by the sanitizer */
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, whole.b, n);
        assert_false(gh_aac_blank(cut, n));
        assert_memory_equal(cut, whole.b, n);
        free(cut);
    }
    srand(7);
    for (int k = 0; k < 20000; k++) {
        size_t n = (size_t)rand() % 40;
        uint8_t *noise = malloc(n ? n : 1);
        for (size_t i = 0; i < n; i++)
            noise[i] = (uint8_t)rand();
        gh_aac_blank(noise, n);
        assert_false(gh_aac_blank(noise, n));
        free(noise);
    }
}

static void only_plain_configurations_are_understood(void **state)
{
    (void)state;
    assert_true(gh_aac_is_plain((const uint8_t *)"\x11\x90", 2)); /* LC, 48 kHz, stereo */
    assert_true(gh_aac_is_plain((const uint8_t *)"\x12\x10", 2)); /* LC, 44.1 kHz, stereo */
    /* with spectral band replication */
    assert_false(gh_aac_is_plain((const uint8_t *)"\x2b\x11", 2));
    assert_false(gh_aac_is_plain((const uint8_t *)"\x11", 1));
    assert_false(gh_aac_is_plain(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_and_the_sound_stays),
        cmocka_unit_test(what_belongs_to_the_sound_stays),
        cmocka_unit_test(elements_longer_than_the_packet_stay),
        cmocka_unit_test(only_plain_configurations_are_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
