/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XMP and IPTC are written here: who made it, and whose it is. No text of the source is. Creators
 * are one list in three forms, as the Metadata Working Group says: "A; B" in EXIF, two items in
 * XMP, two by-lines in IPTC. Which policy writes what is the table below. Never fails: what does
 * not fit is left out.
 */
#include "pipeline/meta/write.h"

#include "pipeline/meta/formats_int.h"

#include <stdio.h>
#include <string.h>

enum exif { EXIF_NO, EXIF_NEW, EXIF_FILTERED, EXIF_WHOLE };

static const struct {
    enum exif exif;
    bool credit; /* XMP and IPTC */
} rules[GH_POLICIES] = {
    [GH_POLICY_STRIP] = {EXIF_NO, false},
    [GH_POLICY_CREDIT] = {EXIF_NEW, true},
    [GH_POLICY_KEEP] = {EXIF_FILTERED, true},
    [GH_POLICY_ARCHIVE] = {EXIF_WHOLE, true},
};

#define CREATOR_MAX sizeof((struct gh_recipe){0}.artist)

struct values {
    const char *artist, *copyright, *taken, *offset;
};

void gh_meta_out_free(struct gh_meta_out *out)
{
    for (size_t i = 0; i < GH_META_SEGMENTS; i++)
        gh_str_free(&out->bytes[i]);
}

static void add_segment(struct gh_meta_out *out, int marker, struct gh_str *bytes)
{
    if (!bytes->len || bytes->len > GH_SEGMENT_MAX || out->n == GH_META_SEGMENTS)
        return;
    out->bytes[out->n] = *bytes;
    *bytes = (struct gh_str){0};
    out->segments[out->n] = (struct gh_segment){marker, (const uint8_t *)out->bytes[out->n].data,
                                                out->bytes[out->n].len};
    out->n++;
}

/* ------------------------------------------------------------------------------------------ XMP */

static void add_escaped(struct gh_str *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            gh_str_puts(out, "&amp;");
            break;
        case '<':
            gh_str_puts(out, "&lt;");
            break;
        case '>':
            gh_str_puts(out, "&gt;");
            break;
        default:
            gh_str_add(out, text, 1);
        }
    }
}

/* The next creator of the list at *at, without blanks before it; false at the end of the list. */
static bool next_creator(const char **at, char *ret, size_t size)
{
    size_t n = strcspn(*at += strspn(*at, "; "), ";");
    gh_copy(ret, GH_MIN(n + 1, size), *at);
    *at += n;
    return n > 0;
}

static void xmp_creators(struct gh_str *out, const char *artist)
{
    char one[CREATOR_MAX];
    if (!*artist)
        return;
    gh_str_puts(out, "<dc:creator><rdf:Seq>");
    while (next_creator(&artist, one, sizeof(one))) {
        gh_str_puts(out, "<rdf:li>");
        add_escaped(out, one);
        gh_str_puts(out, "</rdf:li>");
    }
    gh_str_puts(out, "</rdf:Seq></dc:creator>");
}

static void xmp_property(struct gh_str *out, const char *name, const char *text)
{
    if (!*text)
        return;
    gh_str_printf(out, "<dc:%s><rdf:Alt><rdf:li xml:lang=\"x-default\">", name);
    add_escaped(out, text);
    gh_str_printf(out, "</rdf:li></rdf:Alt></dc:%s>", name);
}

static void write_xmp(const struct values *v, struct gh_meta_out *out)
{
    GH_AUTO_STR s = {0};
    if (!*v->artist && !*v->copyright)
        return;
    gh_str_add(&s, "http://ns.adobe.com/xap/1.0/", XMP_NAME);
    gh_str_puts(
        &s, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta "
            "xmlns:x=\"adobe:ns:meta/\">"
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
            "rdf:about=\"\" "
            "xmlns:dc=\"http://purl.org/dc/elements/1.1/\">");
    xmp_creators(&s, v->artist);
    xmp_property(&s, "rights", v->copyright);
    gh_str_puts(&s, "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>");
    add_segment(out, M_APP1, &s);
}

/* ----------------------------------------------------------------------------------------- IPTC */

/* One data set, cut to the standard's maximum on a whole character. */
static void iptc_set(struct gh_str *out, unsigned record, unsigned set, const char *text,
                     size_t max)
{
    char cut[CREATOR_MAX + sizeof((struct gh_recipe){0}.copyright)];
    if (!*text)
        return;
    gh_copy(cut, GH_MIN(max + 1, sizeof(cut)), text);
    size_t n = strlen(cut);
    const uint8_t head[IIM_HEAD] = {IIM_MARK, (uint8_t)record, (uint8_t)set, (uint8_t)(n >> 8),
                                    (uint8_t)n};
    gh_str_add(out, head, sizeof(head));
    gh_str_add(out, cut, n);
}

static void write_iptc(const struct values *v, struct gh_meta_out *out)
{
    GH_AUTO_STR iim = {0}, s = {0};
    if (!*v->artist && !*v->copyright)
        return;
    iptc_set(&iim, IIM_ENVELOPE, IIM_CHARSET, "\x1b%G", 3); /* UTF-8 */
    /* version 4 of the application record */
    gh_str_add(&iim, "\x1c\x02\x00\x00\x02\x00\x04", 7);
    const char *list = v->artist;
    char one[CREATOR_MAX];
    while (next_creator(&list, one, sizeof(one)))
        iptc_set(&iim, IIM_APPLICATION, IIM_BYLINE, one, IIM_BYLINE_MAX);
    list = v->artist;
    if (next_creator(&list, one, sizeof(one)))
        iptc_set(&iim, IIM_APPLICATION, IIM_CREDIT, one, IIM_CREDIT_MAX);
    iptc_set(&iim, IIM_APPLICATION, IIM_COPYRIGHT, v->copyright, IIM_COPYRIGHT_MAX);
    gh_str_add(&s,
               "Photoshop 3.0\0"
               "8BIM\x04\x04\0\0", /* RES_IPTC, without a name */
               22);
    const uint8_t len[4] = {(uint8_t)(iim.len >> 24), (uint8_t)(iim.len >> 16),
                            (uint8_t)(iim.len >> 8), (uint8_t)iim.len};
    gh_str_add(&s, len, sizeof(len));
    gh_str_add(&s, iim.data, iim.len);
    if (iim.len & 1)
        gh_str_add(&s, "", 1);
    add_segment(out, M_APP13, &s);
}

/* ----------------------------------------------------------------------------------------- EXIF */

static void write_exif(const struct gh_meta *source, const struct values *v, enum exif how,
                       uint32_t w, uint32_t h, struct gh_meta_out *out)
{
    GH_AUTO_STR s = {0};
    if (how == EXIF_WHOLE && source && source->exif.at) {
        gh_str_add(&s, "Exif\0\0", EXIF_NAME);
        gh_str_add(&s, source->exif.at, source->exif.n);
        /* The output is upright: two bytes change, all others stay as they were. */
        if (source->orient_at && source->orient_at + 2 <= source->exif.n) {
            char *orient = s.data + EXIF_NAME + source->orient_at;
            orient[0] = source->exif_big_endian ? 0 : 1;
            orient[1] = source->exif_big_endian ? 1 : 0;
        }
    } else if (how == EXIF_FILTERED && source && source->exif.at &&
               gh_exif_filtered(&source->exif, v->artist, v->copyright, w, h, &s)) {
        /* it is in s */
    } else if (how != EXIF_NO && (*v->artist || *v->copyright || *v->taken)) {
        gh_exif_new(v->artist, v->copyright, v->taken, v->offset, w, h, &s);
    }
    add_segment(out, M_APP1, &s);
}

void gh_meta_write(const struct gh_meta *source, const struct gh_recipe *recipe, uint32_t w,
                   uint32_t h, struct gh_meta_out *ret)
{
    struct values v = {.artist = recipe->artist,
                       .copyright = recipe->copyright,
                       .taken = source ? source->taken : "",
                       .offset = source ? source->taken_offset : ""};
    struct gh_meta_out out = {0};
    uint32_t policy = recipe->policy < GH_POLICIES ? recipe->policy : GH_POLICY_STRIP;
    if (!gh_utf8_valid(v.artist, strlen(v.artist)) ||
        !gh_utf8_valid(v.copyright, strlen(v.copyright)))
        v.artist = v.copyright = "";
    write_exif(source, &v, rules[policy].exif, w, h, &out);
    if (rules[policy].credit) {
        write_xmp(&v, &out);
        write_iptc(&v, &out);
    }
    *ret = out;
}
