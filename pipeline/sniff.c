/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a file is, by its first bytes: names and extensions prove nothing. One table holds all that
 * Ghat takes; two more hold what is often sent and never taken, so that the refusal can name it.
 */
#include "base/str.h"
#include "pipeline/pipeline.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct {
    size_t at;
    const char *magic;
    size_t n;
    enum gh_media media;
    const char *format;
} magics[] = {
    {0, "\xff\xd8\xff", 3, GH_PHOTO, "jpeg"},
    {0, "\x89PNG\r\n\x1a\n", 8, GH_PHOTO, "png"},
    {0, "GIF87a", 6, GH_PHOTO, "gif"},
    {0, "GIF89a", 6, GH_PHOTO, "gif"},
    {0, "II*\0", 4, GH_PHOTO, "tiff"},
    {0, "MM\0*", 4, GH_PHOTO, "tiff"},
    {0, "II+\0", 4, GH_PHOTO, "tiff"},
    {0, "MM\0+", 4, GH_PHOTO, "tiff"},
    {0, "\x1a\x45\xdf\xa3", 4, GH_VIDEO, "matroska"},
    {0, "\x00\x00\x01\xba", 4, GH_VIDEO, "mpeg"},
    {0, "\x00\x00\x01\xb3", 4, GH_VIDEO, "mpegvideo"},
    {0, "IMKH", 4, GH_VIDEO, "mpeg"}, /* recorders' head before a program stream */
    {0, "FLV\x01", 4, GH_VIDEO, "flv"},
    {0, "OggS", 4, GH_VIDEO, "ogg"},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", 8, GH_VIDEO, "asf"},
    {4, "moov", 4, GH_VIDEO, "mov"},
    {4, "mdat", 4, GH_VIDEO, "mov"},
    {4, "wide", 4, GH_VIDEO, "mov"},
    {4, "free", 4, GH_VIDEO, "mov"},
    {4, "skip", 4, GH_VIDEO, "mov"},
    {4, "pnot", 4, GH_VIDEO, "mov"},
};

/* Kinds of RIFF, by the four letters at 8. */
static const struct {
    const char *kind;
    enum gh_media media;
    const char *format;
} riffs[] = {{"WEBP", GH_PHOTO, "webp"}, {"AVI ", GH_VIDEO, "avi"}};

/* Brands of ISO base media files that are still pictures; all others are videos. */
static const struct {
    const char *brand, *format;
} stills[] = {
    {"heic", "heif"}, {"heix", "heif"}, {"heim", "heif"}, {"heis", "heif"},
    {"hevc", "heif"}, {"hevx", "heif"}, {"mif1", "heif"}, {"mif2", "heif"},
    {"msf1", "heif"}, {"avif", "avif"}, {"avis", "avif"},
};

/* What is often sent and never taken. It only serves the text of the refusal: everything is refused
 * that is not in the tables above. */
static const struct {
    size_t at;
    const char *magic;
    size_t n;
    const char *what;
} strangers[] = {
    {0, "%PDF", 4, "a PDF document"},
    {0, "%!PS", 4, "a PostScript file"},
    {0, "\xc5\xd0\xd3\xc6", 4, "a PostScript file"},
    {0, "8BPS", 4, "a Photoshop file"},
    {0, "gimp xcf", 8, "a GIMP file"},
    {0, "PK\3\4", 4, "a ZIP archive or an Office document"},
    {0, "\xd0\xcf\x11\xe0", 4, "an Office document"},
    {0, "Rar!", 4, "a RAR archive"},
    {0, "BM", 2, "a BMP picture"},
    {0, "\0\0\1\0", 4, "an icon"},
    {0, "\xff\x0a", 2, "a JPEG XL picture"},
    {4, "JXL ", 4, "a JPEG XL picture"},
    {4, "jP  ", 4, "a JPEG 2000 picture"},
    {0, "IIRO", 4, "a camera's raw file"},
    {0, "IIRS", 4, "a camera's raw file"},
    {0, "IIU\0", 4, "a camera's raw file"},
    {0, "FUJIFILMCCD-RAW", 15, "a camera's raw file"},
    {0, "FOVb", 4, "a camera's raw file"},
    {8, "crx ", 4, "a camera's raw file"}, /* Canon's CR3: ISO base media, and no video */
    {8, "WAVE", 4, "a sound file"},
    {0, "ID3", 3, "a sound file"},
    {0, "fLaC", 4, "a sound file"},
    {0, "MZ", 2, "a program"},
    {0, "\177ELF", 4, "a program"},
};

/* Texts that make players open other files. */
static const struct {
    const char *start, *what;
} playlists[] = {
    {"#EXTM3U", "an HLS playlist"},
    {"ffconcat", "a list of files"},
    {"v=0", "a session description (SDP)"},
    {"[playlist]", "a list of files"},
    {"<?xml", "XML (SVG, DASH or the like)"},
    {"<svg", "an SVG drawing"},
    {"<MPD", "a DASH playlist"},
    {"<smil", "a SMIL playlist"},
};

static enum gh_media found(enum gh_media media, const char *format, char ret_format[16])
{
    gh_copy(ret_format, 16, format);
    return media;
}

/* The major brand may be the general mif1 where a compatible one says that it is AV1. */
static enum gh_media sniff_ftyp(const uint8_t *head, size_t n, char ret_format[16])
{
    const char *major = NULL;
    size_t box = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    for (size_t i = 0; i < GH_LEN(stills); i++)
        if (!memcmp(head + 8, stills[i].brand, 4))
            major = stills[i].format;
    if (!memcmp(head + 8, "crx ", 4))
        return GH_MEDIA_NONE;
    if (!major)
        return found(GH_VIDEO, "mov", ret_format);
    for (size_t at = 16; at + 4 <= GH_MIN(n, box); at += 4)
        if (!memcmp(head + at, "avif", 4))
            major = "avif";
    return found(GH_PHOTO, major, ret_format);
}

/* Transport streams have only a sync byte: 'G' alone would be any text. */
static bool is_transport_stream(const uint8_t *head, size_t n)
{
    /* cameras put four bytes before each packet */
    size_t at = n >= GH_SNIFF_BYTES && head[0] != 0x47 && head[4] == 0x47 ? 4 : 0;
    if (n < GH_SNIFF_BYTES || head[at] != 0x47 || head[at + 1] & 0x80 || !(head[at + 3] & 0x30))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isprint(head[i]) && !isspace(head[i]))
            return true;
    return false;
}

/* Sizes of the headers that follow the 14 bytes of a BMP's first one. */
static bool is_bitmap(const uint8_t *head, size_t n)
{
    static const uint8_t sizes[] = {12, 40, 52, 56, 64, 108, 124};
    return n >= 18 && !memcmp(head, "BM", 2) && memchr(sizes, head[14], sizeof(sizes)) &&
           !head[15] && !head[16] && !head[17];
}

/* The first unit of a stream of H.264 or HEVC without container (ITU-T H.264 and H.265, annex B):
 * delimiter, parameter sets, or H.264's supplemental information. NULL: none. */
static const char *bare_stream(const uint8_t *head, size_t n)
{
    size_t at = n >= 4 && !memcmp(head, "\0\0\0\1", 4) ? 4 : 3;
    if (n < at + 2 || memcmp(head + at - 3, "\0\0\1", 3) != 0)
        return NULL;
    uint8_t unit = head[at];
    if (unit == 0x09 || unit == 0x06 || unit == 0x27 || unit == 0x47 || unit == 0x67)
        return "h264";
    return (unit == 0x40 || unit == 0x42 || unit == 0x46) && head[at + 1] == 1 ? "hevc" : NULL;
}

/* A program stream behind a recorder's own head: the first pack (ISO/IEC 13818-1, or 11172-1). */
static bool has_pack(const uint8_t *head, size_t n)
{
    for (size_t at = 4; at + 5 <= n; at++)
        if (!memcmp(head + at, "\0\0\1\xba", 4))
            return (head[at + 4] & 0xc0) == 0x40 || (head[at + 4] & 0xf0) == 0x20;
    return false;
}

enum gh_media gh_sniff(const uint8_t *head, size_t n, char ret_format[16])
{
    const char *bare = bare_stream(head, n);
    ret_format[0] = '\0';
    for (size_t i = 0; i < GH_LEN(magics); i++)
        if (n >= magics[i].at + magics[i].n &&
            !memcmp(head + magics[i].at, magics[i].magic, magics[i].n))
            return found(magics[i].media, magics[i].format, ret_format);
    if (n >= 12 && !memcmp(head, "RIFF", 4))
        for (size_t i = 0; i < GH_LEN(riffs); i++)
            if (!memcmp(head + 8, riffs[i].kind, 4))
                return found(riffs[i].media, riffs[i].format, ret_format);
    if (n >= 12 && !memcmp(head + 4, "ftyp", 4))
        return sniff_ftyp(head, n, ret_format);
    if (is_bitmap(head, n))
        return found(GH_PHOTO, "bmp", ret_format);
    if (bare)
        return found(GH_VIDEO, bare, ret_format);
    if (is_transport_stream(head, n))
        return found(GH_VIDEO, "mpegts", ret_format);
    if (has_pack(head, n))
        return found(GH_VIDEO, "mpeg", ret_format);
    return GH_MEDIA_NONE;
}

/* The first thing in a playlist that looks like the name of another file, made printable: it tells
 * an attack from a mistake. Namespaces and comments name nothing. */
static void wish_of(const char *text, char *ret, size_t size)
{
    const char *at = text;
    size_t n = 0;
    ret[0] = '\0';
    while ((at = strstr(at, "://"))) {
        const char *from = at, *line = at;
        while (from > text && isalnum((unsigned char)from[-1]))
            from--;
        while (line > text && line[-1] != '\n' && line[-1] != ' ')
            line--;
        at += 3;
        if (!strncmp(line, "xmlns", 5) || strstr(from, "://www.w3.org/") == from + 4)
            continue;
        for (; n + 1 < size && (unsigned char)from[n] > ' ' && !strchr("<>\"'", from[n]); n++)
            ret[n] = (unsigned char)from[n] < 0x7f ? from[n] : '?';
        ret[n] = '\0';
        return;
    }
}

int gh_sniff_refuse(int fd, struct gh_err *err)
{
    char text[4096] = "", wish[128];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    const char *start = text + (n > 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0);
    for (size_t i = 0; i < GH_LEN(strangers); i++)
        if (n >= (ssize_t)(strangers[i].at + strangers[i].n) &&
            !memcmp(text + strangers[i].at, strangers[i].magic, strangers[i].n))
            return gh_fail(
                err, GH_INPUT,
                "unsupported type: this is %s, not a photo or video of a kind that is taken",
                strangers[i].what);
    start += strspn(start, " \t\r\n");
    for (size_t i = 0; i < GH_LEN(playlists); i++) {
        if (strncasecmp(start, playlists[i].start, strlen(playlists[i].start)) != 0)
            continue;
        wish_of(start, wish, sizeof(wish));
        return gh_fail(
            err, GH_INPUT,
            wish[0]
                ? "unsupported type: this is %s; it names another file (%s), which is never opened"
                : "unsupported type: this is %s%s, not a photo or video of a kind that is taken",
            playlists[i].what, wish);
    }
    return gh_fail(err, GH_INPUT, "unsupported type: not a photo or video of a kind that is taken");
}
