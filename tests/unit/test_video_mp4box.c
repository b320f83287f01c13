/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The box reader on files built here, honest and lying. */
#include "tests/unit/test.h"

#include "base/media.h"
#include "pipeline/video/mp4box.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Boxes are written by hand: open() leaves room for the size, shut() fills it in. */
struct out {
    uint8_t b[65536];
    size_t n;
};

static void u32(struct out *o, uint32_t v)
{
    for (int i = 3; i >= 0; i--)
        o->b[o->n++] = (uint8_t)(v >> 8 * i);
}

static size_t open_box(struct out *o, const char *type)
{
    size_t at = o->n;
    u32(o, 0);
    memcpy(o->b + o->n, type, 4);
    o->n += 4;
    return at;
}

static void shut(struct out *o, size_t at)
{
    size_t n = o->n;
    o->n = at;
    u32(o, (uint32_t)(n - at));
    o->n = n;
}

static void mvhd(struct out *o, uint32_t created, uint32_t scale)
{
    size_t at = open_box(o, "mvhd");
    u32(o, 0);
    u32(o, created);
    u32(o, 0);
    u32(o, scale);
    u32(o, 0);
    shut(o, at);
}

struct edit {
    uint32_t duration;
    int32_t media_time;
    uint32_t rate;
};

static void track(struct out *o, const char *handler, uint32_t scale, uint32_t duration,
                  const struct edit *edits, uint32_t n)
{
    size_t trak = open_box(o, "trak"), at;
    if (n) {
        size_t edts = open_box(o, "edts"), elst = open_box(o, "elst");
        u32(o, 0);
        u32(o, n);
        for (uint32_t i = 0; i < n; i++) {
            u32(o, edits[i].duration);
            u32(o, (uint32_t)edits[i].media_time);
            u32(o, edits[i].rate);
        }
        shut(o, elst);
        shut(o, edts);
    }
    size_t mdia = open_box(o, "mdia");
    at = open_box(o, "mdhd");
    u32(o, 0);
    u32(o, 0);
    u32(o, 0);
    u32(o, scale);
    u32(o, duration);
    u32(o, 0);
    shut(o, at);
    at = open_box(o, "hdlr");
    u32(o, 0);
    u32(o, 0);
    memcpy(o->b + o->n, handler, 4);
    o->n += 4;
    u32(o, 0);
    shut(o, at);
    shut(o, mdia);
    shut(o, trak);
}

static struct gh_mp4 read_back(const struct out *o)
{
    int fd = memfd_create("mp4", MFD_CLOEXEC);
    assert_int_equal(write(fd, o->b, o->n), (ssize_t)o->n);
    struct gh_mp4 mp4;
    struct gh_err err;
    assert_int_equal(gh_mp4_read(fd, &mp4, &err), 0);
    close(fd);
    return mp4;
}

static struct gh_mp4 with_edits(const char *handler, const struct edit *edits, uint32_t n)
{
    static struct out o;
    o.n = 0;
    size_t moov = open_box(&o, "moov");
    mvhd(&o, 0, 1000);
    track(&o, handler, 48000, 48000 * 10, edits, n);
    shut(&o, moov);
    shut(&o, open_box(&o, "mdat"));
    return read_back(&o);
}

static void edit_lists_that_only_undo_delay_do_not_trim(void **state)
{
    (void)state;
    const struct {
        const char *handler;
        struct edit e[3];
        uint32_t n;
        bool trims;
    } cases[] = {
        {"soun", {{10000, 0, 0x10000}}, 1, false},
        {"soun", {{9978, 1024, 0x10000}}, 1, false},                 /* AAC priming */
        {"soun", {{9956, 2112, 0x10000}}, 1, false},                 /* Apple's */
        {"soun", {{0, 1024, 0x10000}}, 1, false},                    /* duration left open */
        {"soun", {{44, -1, 0x10000}, {9956, 0, 0x10000}}, 2, false}, /* starts late */
        {"soun", {{5000, 0, 0x10000}}, 1, true},                     /* second half hidden */
        {"soun", {{5000, 240000, 0x10000}}, 1, true},                /* first half hidden */
        {"vide", {{10000, 0, 0x10000}}, 1, false},
        {"vide", {{9900, 4800, 0x10000}}, 1, true},                   /* three pictures hidden */
        {"vide", {{2000, -1, 0x10000}, {8000, 0, 0x10000}}, 2, true}, /* starts 2 s late */
        {"vide", {{5000, 0, 0x10000}, {5000, 0, 0x10000}}, 2, true},  /* played twice */
        {"vide", {{10000, 0, 0x8000}}, 1, true},                      /* half speed */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct gh_mp4 mp4 = with_edits(cases[i].handler, cases[i].e, cases[i].n);
        if (mp4.edit_trims != cases[i].trims)
            fail_msg("case %zu: trims %d", i, mp4.edit_trims);
        assert_true(mp4.edit_list);
        assert_true(mp4.moov_first);
    }
    assert_false(with_edits("vide", NULL, 0).edit_list);
}

static void metadata_boxes_are_named(void **state)
{
    (void)state;
    static struct out o;
    o.n = 0;
    shut(&o, open_box(&o, "mdat"));
    size_t moov = open_box(&o, "moov");
    mvhd(&o, 3600000000u, 600);
    track(&o, "vide", 600, 600, NULL, 0);
    track(&o, "mebx", 600, 600, NULL, 0);
    size_t udta = open_box(&o, "udta"), at = open_box(&o, "\251xyz");
    u32(&o, 0);
    shut(&o, at);
    shut(&o, udta);
    shut(&o, moov);
    struct gh_mp4 mp4 = read_back(&o);
    assert_false(mp4.moov_first);
    assert_int_equal(mp4.meta, GH_META(GPS) | GH_META(UDTA) | GH_META(DATA_TRACK) | GH_META(DATE));
}

static void quicktime_keys_are_read(void **state)
{
    (void)state;
    static struct out o;
    static const char *const keys[] = {"com.apple.quicktime.location.ISO6709",
                                       "com.apple.quicktime.make", "com.apple.quicktime.software"};
    o.n = 0;
    size_t moov = open_box(&o, "moov"), meta = open_box(&o, "meta"), at = open_box(&o, "hdlr");
    for (int i = 0; i < 6; i++)
        u32(&o, 0);
    shut(&o, at);
    at = open_box(&o, "keys");
    u32(&o, 0);
    u32(&o, 3);
    for (int i = 0; i < 3; i++) {
        size_t key = o.n;
        u32(&o, 0);
        memcpy(o.b + o.n, "mdta", 4);
        o.n += 4;
        memcpy(o.b + o.n, keys[i], strlen(keys[i]));
        o.n += strlen(keys[i]);
        shut(&o, key);
    }
    shut(&o, at);
    shut(&o, meta);
    shut(&o, moov);
    assert_int_equal(read_back(&o).meta,
                     GH_META(GPS) | GH_META(CAMERA) | GH_META(SOFTWARE) | GH_META(UDTA));
}

static void lies_end_the_walk(void **state)
{
    (void)state;
    static struct out o;
    o.n = 0;
    for (int i = 0; i < 500; i++) /* nested far beyond any depth */
        open_box(&o, "moov");
    for (size_t at = 0; at < o.n; at += 8) {
        size_t n = o.n;
        o.n = at;
        u32(&o, (uint32_t)(n - at));
        o.n = n;
    }
    assert_true(read_back(&o).moov_first);
    o.n = 0;
    size_t moov = open_box(&o, "moov"); /* sizes of 0, 4 and 4 GB inside */
    u32(&o, 4);
    u32(&o, 0);
    u32(&o, 0xffffffffu);
    u32(&o, 0x656c7374);
    shut(&o, moov);
    assert_false(read_back(&o).edit_list);
    const uint8_t junk[] = {0,    0,    0,    1,    'm',  'o',  'o',  'v',
                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    o.n = sizeof(junk);
    memcpy(o.b, junk, sizeof(junk));
    assert_true(read_back(&o).moov_first);
    o.n = 0;
    assert_false(read_back(&o).moov_first);
    const struct edit one = {10, 0, 0x10000};
    moov = open_box(&o, "moov");
    mvhd(&o, 0, 0); /* a time scale of nought divides nothing */
    track(&o, "vide", 0, 0, &one, 1);
    shut(&o, moov);
    assert_false(read_back(&o).edit_trims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edit_lists_that_only_undo_delay_do_not_trim),
        cmocka_unit_test(metadata_boxes_are_named),
        cmocka_unit_test(quicktime_keys_are_read),
        cmocka_unit_test(lies_end_the_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
