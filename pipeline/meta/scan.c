/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JPEG segments, XMP packets, IPTC records. XMP is searched for property names, not parsed: the
 * question is only whether something is there, and a parser would be one more thing to attack.
 * Never fails: what is not understood is GH_META(UNKNOWN).
 */
#include "pipeline/meta/scan.h"

#include "base/text.h"
#include "pipeline/meta/formats_int.h"

#include <stdio.h>
#include <string.h>

#define XMP_MAX (4u << 20)     /* bytes of a packet that are searched */
#define TEXT_READ_MAX 8192     /* bytes of a description that are read */
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

/* -------------------------------------------------------------------------------------- caption */

/* What cameras write into the description themselves. */
static const char *const camera_texts[] = {
    "OLYMPUS DIGITAL CAMERA",
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
    "rhdr",
};

/* Of UTF-8, or of what is taken for Latin-1: line feeds stay, other control characters are blanks.
 */
static void add_caption(struct gh_str *out, const uint8_t *text, size_t n)
{
    bool utf8 = gh_utf8_valid((const char *)text, n);
    for (size_t i = 0; i < n;) {
        size_t len = utf8 ? gh_utf8_char((const char *)text + i, n - i) : 1;
        char latin1[2] = {(char)(0xc0 | text[i] >> 6), (char)(0x80 | (text[i] & 0x3f))};
        bool wide = !utf8 && text[i] >= 0x80;
        if (out->len + (wide ? 2 : len) > GH_SOURCE_TEXT_MAX)
            break;
        if (text[i] < 0x20 || text[i] == 0x7f)
            gh_str_add(out, text[i] == '\n' || text[i] == '\r' ? "\n" : " ", 1);
        else
            gh_str_add(out, wide ? latin1 : (const char *)text + i, wide ? 2 : len);
        i += len;
    }
}

void gh_meta_caption(struct gh_meta *m, const uint8_t *text, size_t n, enum gh_text_rank rank)
{
    GH_AUTO_STR kept = {0};
    if (m->caption_rank >= (unsigned)rank)
        return;
    while (n && (text[n - 1] <= ' '))
        n--;
    while (n && *text <= ' ') {
        text++;
        n--;
    }
    for (size_t i = 0; i < GH_LEN(camera_texts); i++)
        if (strlen(camera_texts[i]) == n && !strncasecmp(camera_texts[i], (const char *)text, n))
            return;
    add_caption(&kept, text, n);
    if (kept.data)
        gh_text_clean(kept.data); /* C1, and what turns the direction of a text */
    kept.len = strlen(gh_str_text(&kept));
    if (!kept.len)
        return;
    gh_str_free(&m->caption);
    gh_str_add(&m->caption, kept.data, kept.len);
    m->caption_rank = rank;
}

void gh_meta_caption_utf16(struct gh_meta *m, const uint8_t *text, size_t n, bool big,
                           enum gh_text_rank rank)
{
    GH_AUTO_STR marked = {0};
    GH_AUTO_FREE char *utf8 = NULL;
    n = GH_MIN(n, (size_t)TEXT_READ_MAX) & ~(size_t)1;
    while (n >= 2 && !text[n - 1] && !text[n - 2])
        n -= 2;
    gh_str_add(&marked, big ? "\xfe\xff" : "\xff\xfe", 2);
    gh_str_add(&marked, text, n);
    if (gh_text_decode(marked.data, marked.len, &utf8, NULL) == 0)
        gh_meta_caption(m, (const uint8_t *)utf8, strlen(utf8), rank);
}

/* ------------------------------------------------------------------------------------------ XMP */

static const struct {
    const char *name;
    uint32_t bits;
} xmp_names[] = {
    {"exif:GPS", GH_META(GPS)},
    /* Iptc4xmpExt:LocationCreated, LocationShown, Iptc4xmpCore:Location */
    {"Location", GH_META(GPS)},
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
    {"photoshop:Headline", GH_META(CAPTION)},
    {"photoshop:Instructions", GH_META(CAPTION)},
    {"photoshop:CaptionWriter", GH_META(OWNER)},
    {"photoshop:Category", GH_META(CAPTION)},
    {"photoshop:SupplementalCategories", GH_META(CAPTION)},
    {"photoshop:TransmissionReference", GH_META(CAPTION)},
    {"photoshop:Source", GH_META(CREDIT)},
    {"tiff:ImageDescription", GH_META(CAPTION)},
    {"exif:ImageDescription", GH_META(CAPTION)},
    {"AltTextAccessibility", GH_META(CAPTION)},
    {"ExtDescrAccessibility", GH_META(CAPTION)},
    {"hierarchicalSubject", GH_META(CAPTION)},
    {"LastKeyword", GH_META(CAPTION)},
    {"Keywords", GH_META(CAPTION)},
    {"acdsee:", GH_META(CAPTION)},
    {"xmp:Label", GH_META(CAPTION)},
    {"Iptc4xmpExt:Event", GH_META(CAPTION)},
    {"Iptc4xmpCore:Scene", GH_META(CAPTION)},
    {"CreatorTool", GH_META(SOFTWARE)},
    {"xmpMM:", GH_META(SOFTWARE)},
    {"crs:", GH_META(SOFTWARE)},
};

static const uint8_t *find_text(const uint8_t *block, size_t n, const char *name)
{
    return memmem(block, n, name, strlen(name));
}

/* As in <tiff:Orientation>6</…> or tiff:Orientation="6". */
static uint32_t xmp_orient(const uint8_t *block, size_t n)
{
    const uint8_t *at = find_text(block, n, "tiff:Orientation");
    if (!at)
        return 0;
    const uint8_t *end = block + n;
    for (at += strlen("tiff:Orientation");
         at < end && (*at == '=' || *at == '"' || *at == '\'' || *at == '>' || *at == ' ');)
        at++;
    return at < end && *at >= '1' && *at <= '8' ? (uint32_t)(*at - '0') : 0;
}

/* Append text with the five entities of XML resolved. */
static void unescape(const uint8_t *at, size_t n, struct gh_str *out)
{
    static const struct {
        const char *name, *text;
    } entities[] = {{"&amp;", "&"},   {"&lt;", "<"},   {"&gt;", ">"},
                    {"&quot;", "\""}, {"&apos;", "'"}, {"&#xA;", "\n"}};
    for (size_t i = 0; i < n;) {
        size_t e = 0;
        while (e < GH_LEN(entities) &&
               (n - i < strlen(entities[e].name) ||
                memcmp(at + i, entities[e].name, strlen(entities[e].name)) != 0))
            e++;
        if (e < GH_LEN(entities))
            gh_str_puts(out, entities[e].text);
        else
            gh_str_add(out, at + i, 1);
        i += e < GH_LEN(entities) ? strlen(entities[e].name) : 1;
    }
}

/* The value of a property: of an attribute, of an element, or the first of its alternatives. */
static struct gh_meta_block xmp_value(const uint8_t *block, size_t n, const char *name)
{
    const uint8_t *end = block + n, *at = find_text(block, n, name);
    const uint8_t *after = at ? at + strlen(name) : end;
    if (after + 1 >= end)
        return (struct gh_meta_block){0};
    if (*after == '=') {
        const uint8_t *stop = memchr(after + 2, after[1], (size_t)(end - after) - 2);
        return stop ? (struct gh_meta_block){after + 2, (size_t)(stop - after) - 2}
                    : (struct gh_meta_block){0};
    }
    const uint8_t *close = find_text(after, (size_t)(end - after), name);
    if (!close)
        return (struct gh_meta_block){0};
    const uint8_t *item = find_text(after, (size_t)(close - after), "<rdf:li");
    const uint8_t *from = memchr(item ? item : after, '>', (size_t)(close - (item ? item : after)));
    const uint8_t *stop = from ? memchr(from, '<', (size_t)(close - from)) : NULL;
    return stop ? (struct gh_meta_block){from + 1, (size_t)(stop - from) - 1}
                : (struct gh_meta_block){0};
}

static void xmp_captions(const uint8_t *block, size_t n, struct gh_meta *m)
{
    static const struct {
        const char *name;
        enum gh_text_rank rank;
    } texts[] = {
        {"dc:description", GH_TEXT_DESCRIPTION},
        {"tiff:ImageDescription", GH_TEXT_DESCRIPTION},
        {"exif:UserComment", GH_TEXT_COMMENT},
        {"photoshop:Headline", GH_TEXT_TITLE},
        {"dc:title", GH_TEXT_TITLE},
    };
    for (size_t i = 0; i < GH_LEN(texts); i++) {
        GH_AUTO_STR text = {0};
        struct gh_meta_block v = xmp_value(block, n, texts[i].name);
        if (v.n)
            unescape(v.at, GH_MIN(v.n, (size_t)TEXT_READ_MAX), &text);
        gh_meta_caption(m, (const uint8_t *)gh_str_text(&text), text.len, texts[i].rank);
    }
}

void gh_meta_xmp(const uint8_t *block, size_t n, struct gh_meta *m)
{
    n = GH_MIN(n, (size_t)XMP_MAX);
    m->bits |= GH_META(XMP);
    if (!gh_meta_budget(m, n))
        return;
    for (size_t i = 0; i < GH_LEN(xmp_names); i++)
        if (find_text(block, n, xmp_names[i].name))
            m->bits |= xmp_names[i].bits;
    if (!m->xmp_orient)
        m->xmp_orient = xmp_orient(block, n);
    xmp_captions(block, n, m);
}

/* ----------------------------------------------------------------------------------------- IPTC */

/* Data sets of the application record; one in no row is taken to be text. NONE: the version of the
 * record, and what no person wrote. */
#define NONE 0
static const struct {
    uint8_t first, last;
    uint32_t bits;
} iptc_kinds[] = {
    {0, 0, NONE},
    {26, 27, GH_META(GPS)},
    {55, 63, GH_META(DATE)},
    {65, 70, GH_META(SOFTWARE)},
    {80, 85, GH_META(CREDIT)},
    {90, 101, GH_META(GPS)},
    {110, 116, GH_META(CREDIT)},
    {118, 118, GH_META(OWNER)},
    {122, 122, GH_META(OWNER)},
    {130, 131, NONE},
    {200, 202, GH_META(THUMBNAIL)},
};

static uint32_t iptc_kind(const uint8_t *set)
{
    if (set[1] == IIM_ENVELOPE)
        return set[2] == 0 || set[2] == IIM_CHARSET ? NONE : GH_META(UNKNOWN);
    if (set[1] != IIM_APPLICATION)
        return GH_META(UNKNOWN);
    for (size_t i = 0; i < GH_LEN(iptc_kinds); i++)
        if (set[2] >= iptc_kinds[i].first && set[2] <= iptc_kinds[i].last)
            return iptc_kinds[i].bits;
    return GH_META(CAPTION);
}

static void iptc_caption(const uint8_t *set, size_t len, struct gh_meta *m)
{
    static const struct {
        uint8_t set;
        enum gh_text_rank rank;
    } texts[] = {
        {IIM_CAPTION, GH_TEXT_DESCRIPTION},
        {IIM_HEADLINE, GH_TEXT_TITLE},
        {IIM_NAME, GH_TEXT_TITLE},
    };
    for (size_t i = 0; set[1] == IIM_APPLICATION && i < GH_LEN(texts); i++)
        if (texts[i].set == set[2])
            gh_meta_caption(m, set + IIM_HEAD, GH_MIN(len, (size_t)TEXT_READ_MAX), texts[i].rank);
}

void gh_meta_iptc(const uint8_t *block, size_t n, struct gh_meta *m)
{
    m->bits |= GH_META(IPTC);
    if (!gh_meta_budget(m, n))
        return;
    for (size_t at = 0; at + IIM_HEAD <= n && block[at] == IIM_MARK;) {
        size_t len = (size_t)block[at + 3] << 8 | block[at + 4];
        m->bits |= iptc_kind(block + at);
        if (len & IIM_EXTENDED || at + IIM_HEAD + len > n) {
            m->bits |= GH_META(UNKNOWN);
            return;
        }
        iptc_caption(block + at, len, m);
        at += IIM_HEAD + len;
    }
}

void gh_meta_photoshop(const uint8_t *block, size_t n, struct gh_meta *m)
{
    size_t at = 0;
    if (!gh_meta_budget(m, n))
        return;
    while (at + 12 <= n && !memcmp(block + at, "8BIM", 4)) {
        unsigned id = (unsigned)block[at + 4] << 8 | block[at + 5];
        /* length byte and text, padded to even */
        size_t name = ((size_t)block[at + 6] + 2) & ~(size_t)1;
        if (at + 6 + name + 4 > n)
            return;
        const uint8_t *l = block + at + 6 + name;
        size_t len = (size_t)l[0] << 24 | (size_t)l[1] << 16 | (size_t)l[2] << 8 | l[3];
        size_t data = at + 6 + name + 4;
        if (len > n - data)
            return;
        if (id == RES_IPTC)
            gh_meta_iptc(block + data, len, m);
        else if (id == RES_THUMB_4 || id == RES_THUMB_5)
            m->bits |= GH_META(THUMBNAIL);
        else if (id == RES_EXIF)
            gh_meta_exif(block + data, len, m);
        else if (id == RES_XMP)
            gh_meta_xmp(block + data, len, m);
        else if (id == RES_COPYRIGHT || id == RES_URL)
            m->bits |= GH_META(CREDIT);
        else if (id != RES_IPTC_DIGEST)
            m->bits |= GH_META(SOFTWARE);
        at = data + ((len + 1) & ~(size_t)1);
    }
}

/* -------------------------------------------------------------------------------- JPEG segments */

static void seg_exif(const uint8_t *p, size_t n, struct gh_meta *m)
{
    gh_meta_exif(p, n, m);
}

static void seg_xmp(const uint8_t *p, size_t n, struct gh_meta *m)
{
    gh_meta_xmp(p + XMP_NAME, n - XMP_NAME, m);
}

static void seg_xmp_more(const uint8_t *p, size_t n, struct gh_meta *m)
{
    gh_meta_xmp(p, n, m);
}

static void seg_icc(const uint8_t *p, size_t n, struct gh_meta *m)
{
    m->bits |= GH_META(ICC);
    /* After the name: the part's number, and how many there are. They must come in order. */
    const size_t head = ICC_NAME + 2;
    if (n <= head || p[ICC_NAME] != m->icc_seen + 1 ||
        (m->icc_seen && p[ICC_NAME + 1] != m->icc_parts))
        return;
    m->icc_seen++;
    m->icc_parts = p[ICC_NAME + 1];
    gh_str_add(&m->icc, p + head, n - head);
}

static void seg_mpf(const uint8_t *p, size_t n, struct gh_meta *m)
{
    (void)p;
    (void)n;
    m->bits |= GH_META(MPF);
}

static void seg_photoshop(const uint8_t *p, size_t n, struct gh_meta *m)
{
    gh_meta_photoshop(p + PHOTOSHOP_NAME, n - PHOTOSHOP_NAME, m);
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

static void seg_adobe(const uint8_t *p, size_t n, struct gh_meta *m)
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
    {M_APP0, "JFIF", 5, seg_jfif},
    {M_APP0, "JFXX", 5, seg_jfxx},
    {M_APP1, "Exif\0", 6, seg_exif},
    {M_APP1, "http://ns.adobe.com/xap/1.0/", XMP_NAME, seg_xmp},
    {M_APP1, "http://ns.adobe.com/xmp/extension/", XMP_MORE_NAME, seg_xmp_more},
    {M_APP2, "ICC_PROFILE", ICC_NAME, seg_icc},
    {M_APP2, "MPF", 4, seg_mpf},
    {M_APP12, "Ducky", 5, seg_encoder},
    {M_APP13, "Photoshop 3.0", PHOTOSHOP_NAME, seg_photoshop},
    {M_APP14, "Adobe", 5, seg_adobe},
};

static void read_segment(uint8_t marker, const uint8_t *p, size_t n, struct gh_meta *m)
{
    if (marker == M_COM) {
        m->bits |= GH_META(COMMENT);
        return;
    }
    if (marker < M_APP0 || marker > M_APP15)
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

/* From inside a scan to the next marker that does not belong to it. */
static size_t skip_scan(const uint8_t *bytes, size_t n, size_t at)
{
    while (at + 1 < n) {
        const uint8_t *ff = memchr(bytes + at, 0xff, n - 1 - at);
        if (!ff)
            return n;
        at = (size_t)(ff - bytes);
        uint8_t next = bytes[at + 1];
        if (next != 0 && next != 0xff && (next < M_RST0 || next > M_RST7))
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
        if (marker == M_EOI) {
            m.end = at + 2;
        } else if (marker == 0xff) {
            at++;
        } else if (marker <= M_TEM || (marker >= M_RST0 && marker <= M_SOI)) {
            at += 2;
        } else if (len < 2 || at + 2 + len > n) {
            break;
        } else {
            read_segment(marker, bytes + at + 4, len - 2, &m);
            at += 2 + len;
            if (marker == M_SOS)
                at = skip_scan(bytes, n, at);
        }
    }
    if (!m.end && at + 2 <= n && bytes[at] == 0xff && bytes[at + 1] == M_EOI)
        m.end = at + 2;
    if (m.end && m.end < n)
        m.bits |= GH_META(TRAILER);
    if (m.icc_seen != m.icc_parts)
        gh_str_free(&m.icc);
    *ret = m;
}
