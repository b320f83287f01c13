/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may pass of a bitstream, unit by unit: what is hidden anywhere else is seen by a probe, and
 * is not in what is kept. */
#include "pipeline/audio/audio.h"
#include "pipeline/video/bitstream.h"
#include "tests/unit/video_look.h"

#define WORD "SMUGGLED"

static uint8_t packet[8192];
static size_t packet_n;

static void begin(void)
{
    packet_n = 0;
}

static void add_unit(const void *bytes, size_t n)
{
    packet[packet_n++] = 0;
    packet[packet_n++] = 0;
    packet[packet_n++] = (uint8_t)(n >> 8);
    packet[packet_n++] = (uint8_t)n;
    memcpy(packet + packet_n, bytes, n);
    packet_n += n;
}

static void add_typed(unsigned type, const char *payload, size_t n)
{
    uint8_t unit[2048] = {(uint8_t)type};
    memcpy(unit + 1, payload, n);
    add_unit(unit, n + 1);
}

/* An SEI unit of one message. */
static void add_sei(unsigned type, const void *payload, size_t n)
{
    uint8_t unit[2048] = {6, (uint8_t)type};
    size_t k = 2;
    for (size_t left = n; left >= 255; left -= 255)
        unit[k++] = 255;
    unit[k++] = (uint8_t)(n % 255);
    memcpy(unit + k, payload, n);
    unit[k + n] = 0x80;
    add_unit(unit, k + n + 1);
}

static bool has(const uint8_t *bytes, size_t n)
{
    return memmem(bytes, n, WORD, strlen(WORD)) != NULL;
}

/* The stream of a clip, whose avcC is opened into *b; extra is the caller's. */
static uint8_t *config_of_clip(size_t *ret_n)
{
    struct clip c = {
        .vcodec = "libx264", .w = 160, .h = 96, .frames = 3, .fps = {30, 1}, .draw = draw_grey};
    int fd = clip_make(&c);
    struct seen s = look(fd);
    *ret_n = (size_t)s.v->codecpar->extradata_size;
    uint8_t *extra = malloc(*ret_n + 64);
    memcpy(extra, s.v->codecpar->extradata, *ret_n);
    forget(&s);
    close(fd);
    return extra;
}

static struct gh_bitstream stream;

static void expect(uint32_t meta, bool kept)
{
    uint8_t out[sizeof(packet)];
    size_t n = gh_bitstream_clean(&stream, packet, packet_n, out);
    assert_true(n <= packet_n);
    assert_false(has(out, n));
    assert_int_equal(n > 0, kept);
    assert_int_equal(gh_bitstream_scan(&stream, packet, packet_n, NULL), meta);
    assert_int_equal(gh_bitstream_scan(&stream, out, n, NULL), 0);
}

static void every_unit_that_is_not_listed_is_seen_and_left_out(void **state)
{
    (void)state;
    for (unsigned type = 0; type < 32; type++) {
        begin();
        add_typed(type, WORD, strlen(WORD));
        if (type == 1 || type == 5) /* coded slices */
            continue;
        if (type == 7 || type == 8) {
            bool fits = true;
            uint8_t out[sizeof(packet)];
            (void)gh_bitstream_scan(&stream, packet, packet_n, &fits);
            assert_false(fits);
            assert_int_equal(gh_bitstream_clean(&stream, packet, packet_n, out), 0);
            continue;
        }
        expect(GH_META(UNKNOWN), false);
    }
}

static void units_without_words_are_nothing_to_tell(void **state)
{
    (void)state;
    begin();
    add_typed(9, "\xf0", 1);          /* delimiter */
    add_typed(12, "\xff\xff\x80", 3); /* filler */
    add_typed(10, "", 0);             /* end of the sequence */
    expect(0, false);
}

static void messages_of_every_type_and_size_are_cut(void **state)
{
    (void)state;
    char words[900];
    for (size_t i = 0; i + strlen(WORD) <= sizeof(words); i += strlen(WORD))
        memcpy(words + i, WORD, strlen(WORD));
    for (unsigned type = 0; type < 255; type++) {
        begin();
        add_sei(type, words, 900);
        expect(GH_META(UNKNOWN), type == 6); /* cut to a recovery point */
    }
    begin();
    add_sei(6, "\xc4" WORD, 9); /* a recovery point, and more */
    expect(GH_META(UNKNOWN), true);
}

static void a_recovery_point_stays_once(void **state)
{
    (void)state;
    uint8_t out[sizeof(packet)];
    begin();
    add_sei(6, "\xc4", 1); /* recovery_frame_cnt 0, exact, aligned */
    add_sei(6, "\xc4", 1);
    expect(0, true);
    begin();
    add_sei(6, "\xc4", 1);
    size_t n = gh_bitstream_clean(&stream, packet, packet_n, out);
    assert_int_equal(n, packet_n);
    assert_memory_equal(out + 4 + 1, packet + 4 + 1, 2);
    assert_int_equal(out[4 + 3] & 0xf0, 0xc0); /* no slice groups */
}

static void bytes_that_are_in_no_unit_are_seen_and_left_out(void **state)
{
    (void)state;
    begin();
    add_typed(5, "\x88\x84", 2);
    memcpy(packet + packet_n, WORD, 3);
    packet_n += 3;
    expect(GH_META(UNKNOWN), true);
    memcpy(packet + packet_n - 3, "\x7f" WORD, 9); /* a length beyond the end */
    packet_n += 6;
    expect(GH_META(UNKNOWN), true);
}

static void parameter_sets_are_cut_to_their_syntax(void **state)
{
    (void)state;
    size_t n;
    GH_AUTO_FREE uint8_t *extra = config_of_clip(&n);
    GH_AUTO_FREE struct gh_bitstream *b = gh_alloc(sizeof(*b));
    gh_bitstream_open(b, false, extra, n);
    assert_true(b->has_avc);
    assert_false(b->avc.more);
    struct gh_avc honest = b->avc;
    /* behind all sets */
    memcpy(extra + n, WORD, strlen(WORD));
    gh_bitstream_open(b, false, extra, n + strlen(WORD));
    assert_true(b->has_avc && b->avc.more);
    assert_int_equal(gh_bitstream_meta(b), GH_META(UNKNOWN));
    assert_int_equal(b->avc.n, honest.n);
    assert_memory_equal(b->avc.config, honest.config, honest.n);
    /* behind one set, as a part of it */
    size_t sps = (size_t)extra[6] << 8 | extra[7];
    memmove(extra + 8 + sps + strlen(WORD), extra + 8 + sps, n - 8 - sps);
    memcpy(extra + 8 + sps, WORD, strlen(WORD));
    extra[7] = (uint8_t)(sps + strlen(WORD));
    gh_bitstream_open(b, false, extra, n + strlen(WORD));
    assert_true(b->has_avc && b->avc.more);
    assert_memory_equal(b->avc.config, honest.config, honest.n);
    /* cut off anywhere it is none, or what was there */
    for (size_t i = 0; i < n; i++) {
        gh_bitstream_open(b, false, extra, i);
        assert_true(!b->has_avc || b->avc.n <= honest.n);
    }
}

static void a_set_within_the_stream_must_be_one_of_the_header(void **state)
{
    (void)state;
    size_t n;
    GH_AUTO_FREE uint8_t *extra = config_of_clip(&n);
    size_t sps = (size_t)extra[6] << 8 | extra[7];
    bool fits = true;
    begin();
    add_unit(extra + 8, sps);
    assert_int_equal(gh_bitstream_scan(&stream, packet, packet_n, &fits), 0);
    assert_true(fits);
    expect(0, false); /* the header has it */
    extra[8 + 3]++;   /* another level */
    begin();
    add_unit(extra + 8, sps);
    (void)gh_bitstream_scan(&stream, packet, packet_n, &fits);
    assert_false(fits);
}

static void hevc_is_searched_by_the_same_list(void **state)
{
    (void)state;
    struct gh_bitstream hevc = {.form = {.hevc = true, .length_size = 4}};
    static const struct {
        unsigned type;
        uint32_t meta;
        const char *payload;
        size_t n;
    } units[] = {
        {1, 0, WORD, 8},
        {35, 0, "\x50", 1},
        {35, GH_META(UNKNOWN), "\x50" WORD, 9},
        {36, 0, "", 0},
        {37, GH_META(UNKNOWN), WORD, 8},
        {38, GH_META(UNKNOWN), WORD, 8},
        {41, GH_META(UNKNOWN), WORD, 8},
        {48, GH_META(UNKNOWN), WORD, 8},
        {39, GH_META(UNKNOWN), "\x01\x29" WORD WORD WORD WORD WORD "S\x80", 44},
        {39, GH_META(DATE), "\x88\x02xx\x80", 5},
        {40, 0, "\x84\x02xx\x80", 5},
    };
    for (size_t i = 0; i < GH_LEN(units); i++) {
        uint8_t unit[64] = {(uint8_t)(units[i].type << 1), 1};
        memcpy(unit + 2, units[i].payload, units[i].n);
        begin();
        add_unit(unit, units[i].n + 2);
        assert_int_equal(gh_bitstream_scan(&hevc, packet, packet_n, NULL), units[i].meta);
    }
}

static void a_sound_configuration_is_cut_to_its_syntax(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
        size_t in_n, out_n;
        bool good, more;
    } cases[] = {
        {"\x11\x90", "\x11\x90", 2, 2, true, false},
        {"\x11\x90" WORD, "\x11\x90", 10, 2, true, true},
        /* with what says that there is no SBR */
        {"\x11\x90\x56\xe5\x00", "\x11\x90\x56\xe5\x00", 5, 5, true, false},
        {"\x11\x90\x56\xe5\x00" WORD, "\x11\x90\x56\xe5\x00", 13, 5, true, true},
        /* a program configuration of one pair in front, with a comment */
        {"\x11\x80\x04\xc4\x00\x00\x20\x08" WORD, "\x11\x80\x04\xc4\x00\x00\x20\x00", 16, 8, true,
         true},
        {"\x11\x80\x04\xc4\x00\x00\x20\x09" WORD, "", 16, 0, false, false}, /* cut off */
        {"\x11\x92", "", 2, 0, false, false},                               /* a core coder */
        {"\x11", "", 1, 0, false, false},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        uint8_t out[GH_AAC_CONFIG_MAX];
        size_t n = 0;
        bool more = false;
        bool good = gh_aac_config((const uint8_t *)cases[i].in, cases[i].in_n, out, &n, &more);
        assert_int_equal(good, cases[i].good);
        if (!good)
            continue;
        assert_int_equal(n, cases[i].out_n);
        assert_memory_equal(out, cases[i].out, n);
        assert_int_equal(more, cases[i].more);
    }
}

static int open_stream(void **state)
{
    (void)state;
    size_t n;
    uint8_t *extra = config_of_clip(&n);
    gh_bitstream_open(&stream, false, extra, n);
    free(extra);
    return stream.has_avc ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_that_is_not_listed_is_seen_and_left_out),
        cmocka_unit_test(units_without_words_are_nothing_to_tell),
        cmocka_unit_test(messages_of_every_type_and_size_are_cut),
        cmocka_unit_test(a_recovery_point_stays_once),
        cmocka_unit_test(bytes_that_are_in_no_unit_are_seen_and_left_out),
        cmocka_unit_test(parameter_sets_are_cut_to_their_syntax),
        cmocka_unit_test(a_set_within_the_stream_must_be_one_of_the_header),
        cmocka_unit_test(hevc_is_searched_by_the_same_list),
        cmocka_unit_test(a_sound_configuration_is_cut_to_its_syntax),
    };
    return cmocka_run_group_tests(tests, open_stream, NULL);
}
