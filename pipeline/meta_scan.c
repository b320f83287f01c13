/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JPEG segments, XMP packets, IPTC records. XMP is looked through for property names, not parsed: the question is only
 * whether something is there, and a parser would be one more thing to attack.
 */
#include "pipeline/meta_scan.h"

#include <stdio.h>
#include <string.h>

#define XMP_MAX (4u << 20)     /* bytes of a packet looked at */
#define MAX_BLOCKS 512         /* of all kinds; a depth map in extended XMP takes about a hundred */
#define MAX_LOOKED (24u << 20) /* bytes of all blocks */

void gh_meta_free(struct gh_meta *m)
{
    gh_str_free(&m->caption);
    gh_str_free(&m->icc);
}

bool gh_meta_budget(struct gh_meta *m, size_t n)
{
    if (m->blocks >= MAX_BLOCKS || m->looked + n > MAX_LOOKED) {
        m->bits |= GH_META(UNKNOWN);
        return false;
    }
    m->blocks++;
    m->looked += n;
    return true;
}

/* ------------------------------------------------------------------------------------------------ caption */

/* What cameras write where a description belongs. */
static const char *const defaults[] = {"OLYMPUS DIGITAL CAMERA",
                                       "SONY DSC",
                                       "DIGITAL CAMERA",
                                       "SAMSUNG CAMERA PICTURES",
                                       "MINOLTA DIGITAL CAMERA",
                                       "KONICA MINOLTA DIGITAL CAMERA",
                                       "SANYO DIGITAL CAMERA",
                                       "KODAK Digital Still Camera",
                                       "Exif_JPEG_PICTURE",
                                       "Exif JPEG",
                                       "default",
                                       "untitled",
                                       "dav",
                                       "sdr",
                                       "hdr",
                                       "oznor",
                                       "cof",
                                       "rhdr"};

void gh_meta_caption(struct gh_meta *m, const uint8_t *text, size_t n)
{
    if (m->caption.len)
        return;
    while (n && (text[n - 1] <= ' '))
        n--;
    while (n && *text <= ' ') {
        text++;
        n--;
    }
    for (size_t i = 0; i < GH_LEN(defaults); i++)
        if (strlen(defaults[i]) == n && !strncasecmp(defaults[i], (const char *)text, n))
            return;
    bool utf8 = gh_utf8_valid((const char *)text, n);
    for (size_t i = 0; i < n;) {
        size_t len = utf8 ? gh_utf8_char((const char *)text + i, n - i) : 1;
        char latin1[2] = {(char)(0xc0 | text[i] >> 6), (char)(0x80 | (text[i] & 0x3f))};
        bool wide = !utf8 && text[i] >= 0x80;
        if (m->caption.len + (wide ? 2 : len) > GH_CAPTION_MAX)
            break;
        if (text[i] < 0x20 || text[i] == 0x7f)
            gh_str_add(&m->caption, text[i] == '\n' || text[i] == '\r' ? "\n" : " ", 1);
        else
            gh_str_add(&m->caption, wide ? latin1 : (const char *)text + i, wide ? 2 : len);
        i += len;
    }
}

/* ------------------------------------------------------------------------------------------------ XMP */

static const struct {
    const char *name;
    uint32_t bits;
} xmp_names[] = {
    {"exif:GPS", GH_META(GPS)},
    {"Location", GH_META(GPS)}, /* Iptc4xmpExt:LocationCreated, LocationShown, Iptc4xmpCore:Location */
    {"photoshop:City", GH_META(GPS)},
    {"photoshop:State", GH_META(GPS)},
    {"photoshop:Country", GH_META(GPS)},
    {"Iptc4xmpCore:CountryCode", GH_META(GPS)},
    {"SerialNumber", GH_META(SERIAL)},
    {"aux:ImageNumber", GH_META(SERIAL)},
    {"OwnerName", GH_META(OWNER)},
    {"mwg-rs:", GH_META(FACES)},
    {"MP:RegionInfo", GH_META(FACES)},
    {"MPReg:", GH_META(FACES)},
    {"PersonInImage", GH_META(FACES)},
    {"apple-fi:", GH_META(FACES)},
    {"xmpGImg:", GH_META(THUMBNAIL)},
    {"GImage:", GH_META(THUMBNAIL)},
    {"UserComment", GH_META(COMMENT)},
    {"tiff:Make", GH_META(CAMERA)},
    {"tiff:Model", GH_META(CAMERA)},
    {"aux:Lens", GH_META(CAMERA)},
    {"exif:ExposureTime", GH_META(CAMERA)},
    {"exif:FNumber", GH_META(CAMERA)},
    {"xmp:CreateDate", GH_META(DATE)},
    {"photoshop:DateCreated", GH_META(DATE)},
    {"exif:DateTimeOriginal", GH_META(DATE)},
    {"dc:creator", GH_META(CREDIT)},
    {"dc:rights", GH_META(CREDIT)},
    {"photoshop:Credit", GH_META(CREDIT)},
    {"dc:description", GH_META(CAPTION)},
    {"dc:title", GH_META(CAPTION)},
    {"dc:subject", GH_META(CAPTION)},
    {"CreatorTool", GH_META(SOFTWARE)},
    {"xmpMM:", GH_META(SOFTWARE)},
    {"crs:", GH_META(SOFTWARE)},
};

static const uint8_t *find(const uint8_t *block, size_t n, const char *name)
{
    return memmem(block, n, name, strlen(name));
}

/* <tiff:Orientation>6</…> or tiff:Orientation="6" */
static uint32_t xmp_orient(const uint8_t *block, size_t n)
{
    const uint8_t *at = find(block, n, "tiff:Orientation");
    if (!at)
        return 0;
    const uint8_t *end = block + n;
    for (at += strlen("tiff:Orientation");
         at < end && (*at == '=' || *at == '"' || *at == '\'' || *at == '>' || *at == ' ');)
        at++;
    return at < end && *at >= '1' && *at <= '8' ? (uint32_t)(*at - '0') : 0;
}

/* Text with the five entities of XML resolved. */
static void unescape(const uint8_t *at, size_t n, struct gh_str *out)
{
    static const struct {
        const char *name, *text;
    } entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&#xA;", "\n"}};
    for (size_t i = 0; i < n;) {
        size_t e = 0;
        while (e < GH_LEN(entities) &&
               (n - i < strlen(entities[e].name) || memcmp(at + i, entities[e].name, strlen(entities[e].name)) != 0))
            e++;
        if (e < GH_LEN(entities))
            gh_str_puts(out, entities[e].text);
        else
            gh_str_add(out, at + i, 1);
        i += e < GH_LEN(entities) ? strlen(entities[e].name) : 1;
    }
}

/* The first alternative of dc:description. */
static void xmp_caption(const uint8_t *block, size_t n, struct gh_meta *m)
{
    const uint8_t *end = block + n, *at = find(block, n, "<dc:description");
    const uint8_t *close = at ? find(at, (size_t)(end - at), "</dc:description") : NULL;
    at = close ? find(at, (size_t)(close - at), "<rdf:li") : NULL;
    at = at ? memchr(at, '>', (size_t)(close - at)) : NULL;
    const uint8_t *stop = at ? memchr(at, '<', (size_t)(close - at)) : NULL;
    if (!at)
        return;
    at++;
    GH_AUTO_STR text = {0};
    unescape(at, GH_MIN((size_t)((stop ? stop : close) - at), (size_t)8192), &text);
    gh_meta_caption(m, (const uint8_t *)gh_str_text(&text), text.len);
}

void gh_meta_xmp(const uint8_t *block, size_t n, struct gh_meta *m)
{
    n = GH_MIN(n, (size_t)XMP_MAX);
    m->bits |= GH_META(XMP);
    if (!gh_meta_budget(m, n))
        return;
    if (!m->xmp.at)
        m->xmp = (struct gh_piece){block, n};
    for (size_t i = 0; i < GH_LEN(xmp_names); i++)
        if (find(block, n, xmp_names[i].name))
            m->bits |= xmp_names[i].bits;
    if (!m->xmp_orient)
        m->xmp_orient = xmp_orient(block, n);
    xmp_caption(block, n, m);
}

/* ------------------------------------------------------------------------------------------------ IPTC */

static const struct {
    uint8_t first, last;
    uint32_t bits;
} iptc_kinds[] = {
    {5, 5, GH_META(CAPTION)},   {25, 25, GH_META(CAPTION)},   {26, 27, GH_META(GPS)},
    {55, 63, GH_META(DATE)},    {65, 70, GH_META(SOFTWARE)},  {80, 85, GH_META(CREDIT)},
    {90, 101, GH_META(GPS)},    {105, 105, GH_META(CAPTION)}, {110, 116, GH_META(CREDIT)},
    {118, 118, GH_META(OWNER)}, {120, 122, GH_META(CAPTION)}, {200, 202, GH_META(THUMBNAIL)},
};

void gh_meta_iptc(const uint8_t *block, size_t n, struct gh_meta *m)
{
    m->bits |= GH_META(IPTC);
    if (!gh_meta_budget(m, n))
        return;
    if (!m->iptc.at)
        m->iptc = (struct gh_piece){block, n};
    for (size_t at = 0; at + 5 <= n && block[at] == 0x1c;) {
        size_t len = (size_t)block[at + 3] << 8 | block[at + 4];
        if (len & 0x8000 || at + 5 + len > n)
            return;
        if (block[at + 1] == 2)
            for (size_t i = 0; i < GH_LEN(iptc_kinds); i++)
                if (block[at + 2] >= iptc_kinds[i].first && block[at + 2] <= iptc_kinds[i].last)
                    m->bits |= iptc_kinds[i].bits;
        if (block[at + 1] == 2 && block[at + 2] == 120)
            gh_meta_caption(m, block + at + 5, len);
        at += 5 + len;
    }
}

void gh_meta_photoshop(const uint8_t *block, size_t n, struct gh_meta *m)
{
    size_t at = 0;
    if (!gh_meta_budget(m, n))
        return;
    while (at + 12 <= n && !memcmp(block + at, "8BIM", 4)) {
        unsigned id = (unsigned)block[at + 4] << 8 | block[at + 5];
        size_t name = ((size_t)block[at + 6] + 2) & ~(size_t)1; /* length byte and text, padded to even */
        if (at + 6 + name + 4 > n)
            return;
        const uint8_t *l = block + at + 6 + name;
        size_t len = (size_t)l[0] << 24 | (size_t)l[1] << 16 | (size_t)l[2] << 8 | l[3];
        size_t data = at + 6 + name + 4;
        if (len > n - data)
            return;
        if (id == 0x0404)
            gh_meta_iptc(block + data, len, m);
        else if (id == 0x0409 || id == 0x040c)
            m->bits |= GH_META(THUMBNAIL);
        else if (id == 0x0422)
            gh_meta_exif(block + data, len, m);
        else if (id == 0x0424)
            gh_meta_xmp(block + data, len, m);
        else if (id == 0x040a || id == 0x040b)
            m->bits |= GH_META(CREDIT);
        else if (id != 0x0425) /* digest of the IPTC record */
            m->bits |= GH_META(SOFTWARE);
        at = data + ((len + 1) & ~(size_t)1);
    }
}

/* ------------------------------------------------------------------------------------------------ JPEG segments */

static void seg_exif(const uint8_t *p, size_t n, struct gh_meta *m)
{
    gh_meta_exif(p, n, m);
}

static void seg_xmp(const uint8_t *p, size_t n, struct gh_meta *m)
{
    gh_meta_xmp(p + 29, n - 29, m);
}

static void seg_xmp_more(const uint8_t *p, size_t n, struct gh_meta *m)
{
    struct gh_piece first = m->xmp;
    gh_meta_xmp(p, n, m);
    m->xmp = first;
}

static void seg_icc(const uint8_t *p, size_t n, struct gh_meta *m)
{
    m->bits |= GH_META(ICC);
    /* parts must come in order: 1 of n, 2 of n, … */
    if (n > 14 && p[12] == m->icc_seen + 1 && (m->icc_seen == 0 || p[13] == m->icc_parts)) {
        m->icc_seen++;
        m->icc_parts = p[13];
        gh_str_add(&m->icc, p + 14, n - 14);
    }
}

static void seg_mpf(const uint8_t *p, size_t n, struct gh_meta *m)
{
    (void)p;
    (void)n;
    m->bits |= GH_META(MPF);
}

static void seg_photoshop(const uint8_t *p, size_t n, struct gh_meta *m)
{
    gh_meta_photoshop(p + 14, n - 14, m);
}

static void seg_jfif(const uint8_t *p, size_t n, struct gh_meta *m)
{
    if (n >= 14 && p[12] && p[13])
        m->bits |= GH_META(THUMBNAIL);
}

static void seg_jfxx(const uint8_t *p, size_t n, struct gh_meta *m)
{
    (void)p;
    (void)n;
    m->bits |= GH_META(THUMBNAIL);
}

static void seg_plain(const uint8_t *p, size_t n, struct gh_meta *m)
{
    (void)p;
    (void)n;
    (void)m;
}

static void seg_encoder(const uint8_t *p, size_t n, struct gh_meta *m)
{
    (void)p;
    (void)n;
    m->bits |= GH_META(ENCODER);
}

static const struct {
    uint8_t marker;
    const char *head;
    size_t head_len;
    void (*read)(const uint8_t *p, size_t n, struct gh_meta *m);
} segments[] = {
    {0xe0, "JFIF", 5, seg_jfif},
    {0xe0, "JFXX", 5, seg_jfxx},
    {0xe1, "Exif\0", 6, seg_exif},
    {0xe1, "http://ns.adobe.com/xap/1.0/", 29, seg_xmp},
    {0xe1, "http://ns.adobe.com/xmp/extension/", 35, seg_xmp_more},
    {0xe2, "ICC_PROFILE", 12, seg_icc},
    {0xe2, "MPF", 4, seg_mpf},
    {0xec, "Ducky", 5, seg_encoder},
    {0xed, "Photoshop 3.0", 14, seg_photoshop},
    {0xee, "Adobe", 5, seg_plain},
};

static void segment(uint8_t marker, const uint8_t *p, size_t n, struct gh_meta *m)
{
    if (marker == 0xfe) {
        m->bits |= GH_META(COMMENT);
        return;
    }
    if (marker < 0xe0 || marker > 0xef)
        return;
    for (size_t i = 0; i < GH_LEN(segments); i++) {
        if (segments[i].marker != marker || n < segments[i].head_len ||
            memcmp(p, segments[i].head, segments[i].head_len) != 0)
            continue;
        segments[i].read(p, n, m);
        return;
    }
    m->bits |= GH_META(UNKNOWN);
}

/* From inside a scan to the next marker that is none of its own. */
static size_t skip_scan(const uint8_t *bytes, size_t n, size_t at)
{
    while (at + 1 < n) {
        const uint8_t *ff = memchr(bytes + at, 0xff, n - 1 - at);
        if (!ff)
            return n;
        at = (size_t)(ff - bytes);
        uint8_t next = bytes[at + 1];
        if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7))
            return at;
        at += next == 0xff ? 1 : 2;
    }
    return n;
}

void gh_meta_jpeg(const uint8_t *bytes, size_t n, struct gh_meta *ret)
{
    struct gh_meta m = {0};
    size_t at = 2;
    while (at + 4 <= n && !m.end) {
        if (bytes[at] != 0xff) { /* stray bytes between segments */
            at = skip_scan(bytes, n, at);
            continue;
        }
        uint8_t marker = bytes[at + 1];
        size_t len = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (marker == 0xd9) {
            m.end = at + 2;
        } else if (marker == 0xff) {
            at++;
        } else if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
            at += 2;
        } else if (len < 2 || at + 2 + len > n) {
            break;
        } else {
            segment(marker, bytes + at + 4, len - 2, &m);
            at += 2 + len;
            if (marker == 0xda)
                at = skip_scan(bytes, n, at);
        }
    }
    if (!m.end && at + 2 <= n && bytes[at] == 0xff && bytes[at + 1] == 0xd9)
        m.end = at + 2;
    if (m.end && m.end < n)
        m.bits |= GH_META(TRAILER);
    if (m.icc_seen != m.icc_parts)
        gh_str_free(&m.icc);
    *ret = m;
}
