/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Metadata found, written by policy, and hostile blocks. */
#include "tests/unit/test.h"

#include "pipeline/meta/scan.h"
#include "pipeline/meta/write.h"

#include <string.h>

/* -- a little EXIF writer, big-endian, so that what is tested was not made by the code under test
 * -- */
struct tag {
    uint16_t tag, type;
    uint32_t count;
    const char *value; /* NULL: number */
    uint32_t number;
};

static void be(struct gh_str *s, uint32_t v, unsigned bytes)
{
    for (unsigned i = bytes; i--;) {
        char c = (char)(v >> (8 * i));
        gh_str_add(s, &c, 1);
    }
}

/* One directory at the end of s; values follow it. Returns its offset. */
static uint32_t dir(struct gh_str *s, const struct tag *tags, uint16_t n, uint32_t next)
{
    uint32_t at = (uint32_t)s->len, data = at + 2 + 12u * n + 4;
    struct gh_str values = {0};
    be(s, n, 2);
    for (uint16_t i = 0; i < n; i++) {
        be(s, tags[i].tag, 2);
        be(s, tags[i].type, 2);
        be(s, tags[i].count, 4);
        if (tags[i].value && tags[i].count > 4) {
            be(s, data + (uint32_t)values.len, 4);
            gh_str_add(&values, tags[i].value, tags[i].count);
        } else if (tags[i].value) {
            gh_str_add(s, tags[i].value, tags[i].count);
            gh_str_add(s, "\0\0\0", 4 - tags[i].count);
        } else {
            be(s, tags[i].type == 3 ? tags[i].number << 16 : tags[i].number, 4);
        }
    }
    be(s, next, 4);
    gh_str_add(s, gh_str_text(&values), values.len);
    gh_str_free(&values);
    return at;
}

static struct gh_str camera_exif(void)
{
    struct gh_str s = {0};
    gh_str_add(&s, "MM\0*\0\0\0\0", 8);
    static const struct tag exif[] = {
        {0x829a, 5, 1, "\0\0\0\1\0\0\0\x64", 0},
        {0x9003, 2, 20, "2026:11:23 10:00:00", 0},
        {0x9011, 2, 7, "+05:30", 0},
        {0x927c, 7, 8, "Nikon\0..", 0},
        {0x9286, 7, 12, "ASCII\0\0\0sect", 0},
        {0xa431, 2, 8, "1234567", 0},
    };
    static const struct tag gps[] = {{0x0001, 2, 2, "N", 0}, {0x0002, 5, 1, "\0\0\0\1\0\0\0\1", 0}};
    uint32_t exif_at = dir(&s, exif, GH_LEN(exif), 0), gps_at = dir(&s, gps, GH_LEN(gps), 0);
    const struct tag thumb[] = {{0x0103, 3, 1, NULL, 6}};
    uint32_t thumb_at = dir(&s, thumb, 1, 0);
    const struct tag main_dir[] = {
        {0x010e, 2, 15, "Road repaired.", 0}, {0x010f, 2, 6, "Nikon", 0},
        {0x0110, 2, 6, "D7000", 0},           {0x0112, 3, 1, NULL, 6},
        {0x013b, 2, 7, "S. Das", 0},          {0x013c, 2, 8, "OFFICE3", 0},
        {0x8769, 4, 1, NULL, exif_at},        {0x8825, 4, 1, NULL, gps_at},
    };
    uint32_t at = dir(&s, main_dir, GH_LEN(main_dir), thumb_at);
    s.data[4] = (char)(at >> 24);
    s.data[5] = (char)(at >> 16);
    s.data[6] = (char)(at >> 8);
    s.data[7] = (char)at;
    return s;
}

#define CAMERA_BITS                                                                                \
    (GH_META(CAPTION) | GH_META(CAMERA) | GH_META(CREDIT) | GH_META(OWNER) | GH_META(GPS) |        \
     GH_META(DATE) | GH_META(MAKERNOTE) | GH_META(COMMENT) | GH_META(SERIAL) | GH_META(THUMBNAIL))

static void exif_is_understood(void **state)
{
    (void)state;
    GH_AUTO_STR block = camera_exif();
    GH_AUTO_META m = {0};
    gh_meta_exif((const uint8_t *)block.data, block.len, &m);
    assert_int_equal(m.bits, CAMERA_BITS);
    assert_int_equal(m.orient, 6);
    assert_string_equal(m.taken, "2026:11:23 10:00:00");
    assert_string_equal(m.taken_offset, "+05:30");
    assert_string_equal(gh_str_text(&m.caption), "Road repaired.");
}

/* Look at what a policy wrote. */
static uint32_t written(const struct gh_meta *source, uint32_t policy, struct gh_meta *ret)
{
    struct gh_recipe recipe = {
        .policy = policy, .artist = "কলকাতা পৌরসংস্থা", .copyright = "© KMC 2026"};
    struct gh_meta_out out;
    gh_meta_write(source, &recipe, 640, 480, &out);
    GH_AUTO_STR file = {0};
    gh_str_add(&file, "\xff\xd8", 2);
    for (size_t i = 0; i < out.n; i++) {
        uint8_t head[4] = {0xff, (uint8_t)out.segments[i].marker,
                           (uint8_t)((out.segments[i].n + 2) >> 8),
                           (uint8_t)(out.segments[i].n + 2)};
        gh_str_add(&file, head, 4);
        gh_str_add(&file, out.segments[i].bytes, out.segments[i].n);
    }
    gh_str_add(&file, "\xff\xd9", 2);
    gh_meta_out_free(&out);
    gh_meta_jpeg((const uint8_t *)file.data, file.len, ret);
    ret->exif = (struct gh_meta_block){0}; /* it goes with file */
    return ret->bits;
}

static void policies(void **state)
{
    (void)state;
    GH_AUTO_STR block = camera_exif();
    GH_AUTO_META source = {0};
    gh_meta_exif((const uint8_t *)block.data, block.len, &source);
    for (uint32_t policy = 0; policy < GH_POLICIES; policy++) {
        GH_AUTO_META got = {0};
        uint32_t bits = written(&source, policy, &got);
        assert_int_equal(bits & ~gh_policy_allows((enum gh_policy)policy), 0);
        if (policy != GH_POLICY_ARCHIVE)
            assert_int_equal(gh_policy_allows((enum gh_policy)policy) &
                                 (GH_META(CAPTION) | GH_META(COMMENT)),
                             0);
        if (policy == GH_POLICY_STRIP) {
            assert_int_equal(bits, 0);
            continue;
        }
        assert_string_equal(got.taken, "2026:11:23 10:00:00");
        assert_string_equal(gh_str_text(&got.caption),
                            policy == GH_POLICY_ARCHIVE ? "Road repaired." : "");
        assert_true(got.orient <= 1);
        uint32_t must = GH_META(CREDIT) | GH_META(DATE) | GH_META(XMP) | GH_META(IPTC);
        assert_int_equal(bits & must, must);
        if (policy == GH_POLICY_KEEP)
            assert_int_equal(bits & CAMERA_BITS, GH_META(CAMERA) | GH_META(CREDIT) | GH_META(DATE));
        if (policy == GH_POLICY_ARCHIVE)
            assert_int_equal(bits & CAMERA_BITS, CAMERA_BITS);
    }
}

static void nobody_is_named_who_was_not_given(void **state)
{
    (void)state;
    struct gh_recipe recipe = {.policy = GH_POLICY_CREDIT};
    struct gh_meta_out out;
    gh_meta_write(NULL, &recipe, 10, 10, &out);
    assert_int_equal(out.n, 0);
    gh_meta_out_free(&out);
}

static void captions(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"  Ward 12  ", "Ward 12"},
        {"OLYMPUS DIGITAL CAMERA         ", ""},
        {"caf\xe9", "café"},
        {"রাস্তা", "রাস্তা"},
        {"a\r\nb\tc", "a\n\nb c"},
        {"", ""},
        {"x\x1b[2Jy", "x [2Jy"},
        {"a\xe2\x80\xae\xc2\x9b"
         "b",
         "ab"},
        {"\xe2\x80\xae", ""},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_META m = {0};
        gh_meta_caption(&m, (const uint8_t *)cases[i].in, strlen(cases[i].in), GH_TEXT_DESCRIPTION);
        assert_string_equal(gh_str_text(&m.caption), cases[i].out);
    }
    GH_AUTO_STR bengali = {0};
    while (bengali.len < 5000)
        gh_str_puts(&bengali, "ক");
    GH_AUTO_META m = {0};
    gh_meta_caption(&m, (const uint8_t *)bengali.data, bengali.len, GH_TEXT_DESCRIPTION);
    assert_true(m.caption.len <= GH_SOURCE_TEXT_MAX && m.caption.len > GH_SOURCE_TEXT_MAX - 4);
    assert_true(gh_utf8_valid(m.caption.data, m.caption.len));
}

static void xmp_is_looked_through(void **state)
{
    (void)state;
    static const char packet[] =
        "<x:xmpmeta><rdf:Description tiff:Orientation=\"8\" exif:GPSLatitude=\"22,34N\" "
        "aux:SerialNumber=\"7\">"
        "<mwg-rs:Regions/><dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">Drain &amp; "
        "road</rdf:li></rdf:Alt></dc:description>";
    GH_AUTO_META m = {0};
    gh_meta_xmp((const uint8_t *)packet, sizeof(packet) - 1, &m);
    assert_int_equal(m.bits, GH_META(XMP) | GH_META(GPS) | GH_META(SERIAL) | GH_META(FACES) |
                                 GH_META(CAPTION));
    assert_int_equal(m.xmp_orient, 8);
    assert_string_equal(gh_str_text(&m.caption), "Drain & road");
}

/* Every field that people write texts into is seen, and the best of them is suggested. */
static void texts_of_all_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *xmp, *text;
    } packets[] = {
        {"<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">T</rdf:li></rdf:Alt></dc:title>", "T"},
        {"<dc:title><rdf:li>T</rdf:li></dc:title><dc:description>D</dc:description>", "D"},
        {"<r photoshop:Headline=\"H &lt;1\" b=\"\">", "H <1"},
        {"<photoshop:Headline>H</photoshop:Headline>", "H"},
        {"<dc:subject><rdf:Bag><rdf:li>word</rdf:li></rdf:Bag></dc:subject>", ""},
        {"<r photoshop:Instructions='I'>", ""},
        {"<lr:hierarchicalSubject/>", ""},
        {"<r photoshop:Headline=\"", ""},
        {"photoshop:Headline", ""},
    };
    for (size_t i = 0; i < GH_LEN(packets); i++) {
        GH_AUTO_META m = {0};
        gh_meta_xmp((const uint8_t *)packets[i].xmp, strlen(packets[i].xmp), &m);
        assert_int_equal(m.bits, GH_META(XMP) | GH_META(CAPTION));
        assert_string_equal(gh_str_text(&m.caption), packets[i].text);
    }
    static const struct {
        uint8_t set;
        const char *text;
    } sets[] = {{5, "abc"}, {25, ""}, {40, ""}, {105, "abc"}, {120, "abc"}, {230, ""}};
    for (size_t i = 0; i < GH_LEN(sets); i++) {
        const uint8_t block[] = {0x1c, 2, 0, 0, 2, 0, 4, 0x1c, 2, sets[i].set, 0, 3, 'a', 'b', 'c'};
        GH_AUTO_META m = {0};
        gh_meta_iptc(block, sizeof(block), &m);
        assert_int_equal(m.bits, GH_META(IPTC) | GH_META(CAPTION));
        assert_string_equal(gh_str_text(&m.caption), sets[i].text);
    }
}

/* What Windows and cameras write: UTF-16 titles and comments, comments with a code before them. */
static void exif_texts(void **state)
{
    (void)state;
    static const struct {
        uint16_t tag;
        uint32_t n;
        const char *value, *text;
    } cases[] = {
        {0x9c9b, 6, "T\0\x95\x09\0", "T\xe0\xa6\x95"},
        {0x9c9c, 6, "C\0o\0\0", "Co"},
        {0x9c9e, 6, "K\0e\0\0", ""},
        {0x9c9f, 6, "S\0u\0\0", "Su"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_STR s = {0};
        gh_str_add(&s, "MM\0*\0\0\0\x08", 8);
        const struct tag tags[] = {{cases[i].tag, 1, cases[i].n, cases[i].value, 0}};
        dir(&s, tags, 1, 0);
        GH_AUTO_META m = {0};
        gh_meta_exif((const uint8_t *)s.data, s.len, &m);
        assert_string_equal(gh_str_text(&m.caption), cases[i].text);
        for (uint32_t policy = GH_POLICY_STRIP; policy < GH_POLICY_ARCHIVE; policy++) {
            GH_AUTO_META got = {0};
            assert_int_equal(written(&m, policy, &got) & (GH_META(CAPTION) | GH_META(COMMENT)), 0);
        }
    }
    GH_AUTO_STR s = {0};
    gh_str_add(&s, "MM\0*\0\0\0\0", 8);
    const struct tag exif[] = {{0x9286, 7, 12, "UNICODE\0\x09\x95\0s", 0}};
    uint32_t at = dir(&s, exif, 1, 0);
    const struct tag main_dir[] = {{0x8769, 4, 1, NULL, at}};
    s.data[7] = (char)dir(&s, main_dir, 1, 0);
    GH_AUTO_META m = {0};
    gh_meta_exif((const uint8_t *)s.data, s.len, &m);
    assert_string_equal(gh_str_text(&m.caption), "\xe0\xa6\x95s");
}

/* Directories that point to themselves, to each other, and blocks that contain each other, end. */
static void circles_end(void **state)
{
    (void)state;
    GH_AUTO_STR s = {0};
    gh_str_add(&s, "MM\0*\0\0\0\x08", 8);
    const struct tag self[] = {{0x8769, 4, 1, NULL, 8}, {0x8825, 4, 1, NULL, 8}};
    dir(&s, self, 2, 8);
    GH_AUTO_META m = {0};
    gh_meta_exif((const uint8_t *)s.data, s.len, &m);
    assert_true(m.bits & GH_META(GPS));

    /* 200 entries, each an image resource block that holds the same directory again */
    GH_AUTO_STR bomb = {0};
    gh_str_add(&bomb, "MM\0*\0\0\0\x08", 8);
    be(&bomb, 200, 2);
    for (int i = 0; i < 200; i++) {
        be(&bomb, 0x8649, 2);
        be(&bomb, 1, 2);
        be(&bomb, 3000, 4);
        be(&bomb, 8, 4);
    }
    while (bomb.len < 4000)
        gh_str_add(&bomb, "8BIM\x04\x22\0\0\0\0\x09\0MM\0*\0\0\0\x08", 20);
    GH_AUTO_META b = {0};
    gh_meta_exif((const uint8_t *)bomb.data, bomb.len, &b);
    assert_true(b.blocks <= 512);
}

/* No prefix and no flipped byte of a rich file reads outside of it (a sanitizer sees when). */
static void damage_is_survived(void **state)
{
    (void)state;
    GH_AUTO_STR block = camera_exif();
    GH_AUTO_STR file = {0};
    gh_str_add(&file, "\xff\xd8\xff\xe1", 4);
    be(&file, (uint32_t)block.len + 8, 2);
    gh_str_add(&file, "Exif\0\0", 6);
    gh_str_add(&file, block.data, block.len);
    gh_str_add(&file,
               "\xff\xed\0\x2a"
               "Photoshop 3.0\0"
               "8BIM\x04\x04\0\0\0\0\0\x0d\x1c\x02\x78\0\x03"
               "abc\x1c\x02\x50\0\0\0",
               44);
    gh_str_add(&file, "\xff\xe2\0\x14ICC_PROFILE\0\1\1abcd", 22);
    gh_str_add(&file, "\xff\xfe\0\x06note\xff\xd9trailing", 18);
    for (size_t n = 0; n <= file.len; n++) {
        GH_AUTO_META m = {0};
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, file.data, n);
        gh_meta_jpeg(exact, n, &m);
        free(exact);
    }
    for (size_t i = 2; i < file.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            GH_AUTO_META m = {0};
            uint8_t *exact = malloc(file.len);
            memcpy(exact, file.data, file.len);
            exact[i] ^= (uint8_t)(1 << bit);
            gh_meta_jpeg(exact, file.len, &m);
            free(exact);
        }
    GH_AUTO_META m = {0};
    gh_meta_jpeg((const uint8_t *)file.data, file.len, &m);
    assert_int_equal(m.bits, CAMERA_BITS | GH_META(IPTC) | GH_META(ICC) | GH_META(TRAILER));
    assert_int_equal(m.end, file.len - 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exif_is_understood),
        cmocka_unit_test(policies),
        cmocka_unit_test(nobody_is_named_who_was_not_given),
        cmocka_unit_test(captions),
        cmocka_unit_test(texts_of_all_kinds),
        cmocka_unit_test(exif_texts),
        cmocka_unit_test(circles_end),
        cmocka_unit_test(xmp_is_looked_through),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
