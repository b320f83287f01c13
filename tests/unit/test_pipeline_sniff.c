/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Magic bytes to medium and format; text that starts like a stream is none. */
#include "tests/unit/test.h"

#include "pipeline/child/media.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t n;
        enum gh_media media;
        const char *format;
    } cases[] = {
        {"\xff\xd8\xff\xe0....", 8, GH_PHOTO, "jpeg"},
        {"\x89PNG\r\n\x1a\n", 8, GH_PHOTO, "png"},
        {"GIF89a..", 8, GH_PHOTO, "gif"},
        {"RIFF....WEBPVP8 ", 16, GH_PHOTO, "webp"},
        {"RIFF....AVI LIST", 16, GH_VIDEO, "avi"},
        {"RIFF....WAVEfmt ", 16, GH_MEDIA_NONE, ""},
        {"II*\0........", 12, GH_PHOTO, "tiff"},
        {"\0\0\0\x18"
         "ftypheic\0\0\0\0mif1heic",
         24, GH_PHOTO, "heif"},
        {"\0\0\0\x1c"
         "ftypmif1\0\0\0\0avifmif1miaf",
         28, GH_PHOTO, "avif"},
        {"\0\0\0\x18"
         "ftypmif1\0\0\0\0mif1heic"
         "avif",
         28, GH_PHOTO, "heif"},
        {"\0\0\0\x20"
         "ftypisom\0\0\2\0isomiso2",
         24, GH_VIDEO, "mov"},
        {"\0\0\0\x14"
         "ftypqt  \0\0\2\0qt  ",
         20, GH_VIDEO, "mov"},
        {"\0\0\0\x18"
         "ftypcrx \0\0\0\1crx isom",
         24, GH_MEDIA_NONE, ""}, /* a raw file of a camera */
        {"\0\0\0\x08wide\0\0\0\0mdat", 16, GH_VIDEO, "mov"},
        {"\x1a\x45\xdf\xa3........", 12, GH_VIDEO, "matroska"},
        {"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 18, GH_PHOTO, "bmp"},
        {"BM and PM", 9, GH_MEDIA_NONE, ""},
        {"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\1\0\0", 18, GH_MEDIA_NONE, ""},
        {"\0\0\1\xba\x44\0\4\0", 8, GH_VIDEO, "mpeg"},
        {"IMKH\1\1\0\0", 8, GH_VIDEO, "mpeg"}, /* a recorder's head */
        {"CAM1 2026\0\0\1\xba\x21\0\1", 16, GH_VIDEO, "mpeg"},
        {"CAM1 2026\0\0\1\xba\xff\0\1", 16, GH_MEDIA_NONE, ""},
        {"\x30\x26\xb2\x75\x8e\x66\xcf\x11", 8, GH_VIDEO, "asf"},
        {"FLV\1\5\0\0\0\x09", 9, GH_VIDEO, "flv"},
        {"\0\0\0\1\x67\x64\0\x0c", 8, GH_VIDEO, "h264"},
        {"\0\0\1\x09\xf0\0\0\1", 8, GH_VIDEO, "h264"},
        {"\0\0\0\1\x40\1\x0c\1", 8, GH_VIDEO, "hevc"},
        {"\0\0\0\1\x40\2\x0c\1", 8, GH_MEDIA_NONE, ""},
        {"\0\0\1\0\1\0\x10\x10", 8, GH_MEDIA_NONE, ""}, /* an icon */
        {"<svg xmlns=", 11, GH_MEDIA_NONE, ""},
        {"%PDF-1.7", 8, GH_MEDIA_NONE, ""},
        {"\x7f"
         "ELF",
         4, GH_MEDIA_NONE, ""},
        {"", 0, GH_MEDIA_NONE, ""},
        {"\xff\xd8", 2, GH_MEDIA_NONE, ""},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        char format[16] = "?";
        assert_int_equal(gh_sniff((const uint8_t *)cases[i].head, cases[i].n, format),
                         cases[i].media);
        assert_string_equal(format, cases[i].format);
    }
}

static void transport_streams(void **state)
{
    (void)state;
    uint8_t head[64] = {0x47, 0x40, 0x00, 0x10, 0x00, 0x00, 0xb0, 0x0d};
    char format[16];
    assert_int_equal(gh_sniff(head, sizeof(head), format), GH_VIDEO);
    assert_string_equal(format, "mpegts");
    uint8_t camera[64] = {0, 0, 0, 0, 0x47, 0x40, 0x00, 0x10, 0x00, 0x00, 0xb0, 0x0d};
    assert_int_equal(gh_sniff(camera, sizeof(camera), format), GH_VIDEO);
    char text[65];
    memset(text, 'x', sizeof(text));
    memcpy(text, "Good morning, here are", 22);
    assert_int_equal(gh_sniff((const uint8_t *)text, 64, format), GH_MEDIA_NONE);
}

/* Every prefix of every head is read within its bounds (a sanitizer sees when not). */
static void prefixes(void **state)
{
    (void)state;
    static const char head[] = "\0\0\0\x40"
                               "ftypmif1\0\0\0\0heicmiafmif1msf1hevcavifmiafmif1xxxxyyyyzzzz";
    for (size_t n = 0; n <= GH_MIN(sizeof(head) - 1, (size_t)64); n++) {
        char format[16];
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, head, n);
        gh_sniff(exact, n, format);
        free(exact);
    }
}

/* What is refused is named; of a playlist, the file it wanted opened, and nothing unprintable of
 * it. */
static void strangers_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"%PDF-1.7", "a PDF document"},
        {"8BPS", "a Photoshop file"},
        {"#EXTM3U\nfile:///srv/b/x.mp4\n",
         "an HLS playlist; it names another file (file:///srv/b/x.mp4)"},
        {"\xef\xbb\xbf\n#extm3u\nhttp://h/\xff\x1b[31m\n",
         "an HLS playlist; it names another file (http://h/?)"},
        {"ffconcat version 1.0\nfile 'b.mp4'\n", "a list of files"},
        {"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG drawing, not a photo"},
        {"words", "unsupported type: not a photo"},
    };
    struct gh_ctx ctx = {0};
    struct gh_probe probe;
    struct gh_err err;
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        int fd = memfd_create("x", MFD_CLOEXEC);
        assert_int_equal(write(fd, cases[i].text, strlen(cases[i].text)), strlen(cases[i].text));
        assert_int_equal(gh_probe_media(&ctx, fd, GH_PROBE_HEADER, &probe, &err), -GH_INPUT);
        if (!strstr(err.msg, cases[i].words))
            fail_msg("\"%s\" does not say \"%s\"", err.msg, cases[i].words);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds), cmocka_unit_test(transport_streams),
                                       cmocka_unit_test(prefixes),
                                       cmocka_unit_test(strangers_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
