/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * EXIF by libexif: built new, or the source's with entries taken out. What libexif cannot do: it drops tags it does not
 * know when it writes (welcome here), and it knows no OffsetTime tags before 0.6.23.
 */
#include "pipeline/meta_write.h"

#include <libexif/exif-data.h>
#include <string.h>

static void data_free(ExifData **d)
{
    if (*d)
        exif_data_unref(*d);
    *d = NULL;
}

static void mem_free(ExifMem **m)
{
    if (*m)
        exif_mem_unref(*m);
    *m = NULL;
}

/* An entry of n bytes, replacing any with the tag. */
static ExifEntry *put(ExifData *d, ExifIfd ifd, ExifTag tag, ExifFormat format, unsigned components, size_t n)
{
    ExifEntry *old = exif_content_get_entry(d->ifd[ifd], tag);
    if (old)
        exif_content_remove_entry(d->ifd[ifd], old);
    GH_AUTO(mem_free) ExifMem *mem = exif_mem_new_default();
    ExifEntry *e = exif_entry_new_mem(mem);
    e->data = exif_mem_alloc(mem, (ExifLong)n);
    e->tag = tag;
    e->format = format;
    e->components = components;
    e->size = (unsigned)n;
    exif_content_add_entry(d->ifd[ifd], e);
    exif_entry_unref(e); /* the directory holds it */
    return e;
}

static void put_text(ExifData *d, ExifIfd ifd, ExifTag tag, const char *text)
{
    if (!*text)
        return;
    size_t n = strlen(text) + 1;
    ExifEntry *e = put(d, ifd, tag, EXIF_FORMAT_ASCII, (unsigned)n, n);
    if (e->data)
        memcpy(e->data, text, n);
}

static void put_number(ExifData *d, ExifIfd ifd, ExifTag tag, ExifFormat format, uint32_t v)
{
    ExifEntry *e = put(d, ifd, tag, format, 1, format == EXIF_FORMAT_SHORT ? 2 : 4);
    if (!e->data)
        return;
    if (format == EXIF_FORMAT_SHORT)
        exif_set_short(e->data, exif_data_get_byte_order(d), (ExifShort)v);
    else
        exif_set_long(e->data, exif_data_get_byte_order(d), v);
}

static void put_version(ExifData *d)
{
    ExifEntry *e = put(d, EXIF_IFD_EXIF, EXIF_TAG_EXIF_VERSION, EXIF_FORMAT_UNDEFINED, 4, 4);
    if (e->data)
        memcpy(e->data, "0231", 4);
}

static void save(ExifData *d, struct gh_str *out)
{
    unsigned char *bytes = NULL;
    unsigned n = 0;
    exif_data_save_data(d, &bytes, &n);
    if (bytes && n <= 65000)
        gh_str_add(out, bytes, n);
    free(bytes);
}

void gh_exif_new(const char *artist, const char *copyright, const char *caption, const char *taken, const char *offset,
                 uint32_t w, uint32_t h, struct gh_str *out)
{
    GH_AUTO(data_free) ExifData *d = exif_data_new();
    exif_data_set_byte_order(d, EXIF_BYTE_ORDER_INTEL);
    put_text(d, EXIF_IFD_0, EXIF_TAG_IMAGE_DESCRIPTION, caption);
    put_text(d, EXIF_IFD_0, EXIF_TAG_ARTIST, artist);
    put_text(d, EXIF_IFD_0, EXIF_TAG_COPYRIGHT, copyright);
    put_version(d);
    put_text(d, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, taken);
    put_text(d, EXIF_IFD_EXIF, (ExifTag)0x9011, offset);
    put_number(d, EXIF_IFD_EXIF, EXIF_TAG_COLOR_SPACE, EXIF_FORMAT_SHORT, 1);
    put_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION, EXIF_FORMAT_LONG, w);
    put_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_Y_DIMENSION, EXIF_FORMAT_LONG, h);
    save(d, out);
}

/* What policy keep takes out, beside GPS, interoperability, the thumbnail's directory and whatever libexif does not
 * know. */
static const uint16_t forbidden[] = {
    0x010d,                         /* document name */
    0x013c,                         /* host computer */
    0x02bc, 0x83bb, 0x8649, 0x8773, /* XMP, IPTC, image resources, ICC: written apart, or not at all */
    0x014a, 0x0201, 0x0202,         /* sub-images */
    0x927c,                         /* maker note */
    0x9286, 0x9c9c, 0x9c9d,         /* comments, author's account */
    0xa214,                         /* subject location */
    0x9214,                         /* subject area: where a face was found */
    0xa420, 0xa430, 0xa431, 0xa435, 0xc62f, 0xc4a5, 0xea1c, /* print matching, padding */
};

/* Text that a reader may print as it is: UTF-8 of some length, without control characters. */
static bool is_plain(const ExifEntry *e)
{
    size_t n = e->data ? strnlen((const char *)e->data, e->size) : 0;
    if (n > GH_CAPTION_MAX || !gh_utf8_valid((const char *)e->data, n))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((e->data[i] < 0x20 && !strchr("\t\r\n", e->data[i])) || e->data[i] == 0x7f)
            return false;
    return true;
}

static bool is_forbidden(const ExifEntry *e, ExifIfd ifd)
{
    if (!exif_tag_get_name_in_ifd(e->tag, ifd) || (e->format == EXIF_FORMAT_ASCII && !is_plain(e)))
        return true;
    for (size_t i = 0; i < GH_LEN(forbidden); i++)
        if (forbidden[i] == (uint16_t)e->tag)
            return true;
    return false;
}

static void filter_dir(ExifData *d, ExifIfd ifd, bool all)
{
    ExifContent *c = d->ifd[ifd];
    for (unsigned i = c->count; i > 0; i--)
        if (all || is_forbidden(c->entries[i - 1], ifd))
            exif_content_remove_entry(c, c->entries[i - 1]);
}

bool gh_exif_filtered(const struct gh_piece *exif, const char *artist, const char *copyright, uint32_t w, uint32_t h,
                      struct gh_str *out)
{
    GH_AUTO_STR block = {0};
    gh_str_add(&block, "Exif\0\0", 6);
    gh_str_add(&block, exif->at, exif->n);
    GH_AUTO(data_free) ExifData *d = exif_data_new();
    exif_data_unset_option(d, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION); /* no tags made up, none moved */
    exif_data_load_data(d, (const unsigned char *)block.data, (unsigned)block.len);
    if (!d->ifd[EXIF_IFD_0]->count && !d->ifd[EXIF_IFD_EXIF]->count)
        return false;
    filter_dir(d, EXIF_IFD_0, false);
    filter_dir(d, EXIF_IFD_EXIF, false);
    filter_dir(d, EXIF_IFD_1, true);
    filter_dir(d, EXIF_IFD_GPS, true);
    filter_dir(d, EXIF_IFD_INTEROPERABILITY, true);
    free(d->data); /* the thumbnail */
    d->data = NULL;
    d->size = 0;
    put_number(d, EXIF_IFD_0, EXIF_TAG_ORIENTATION, EXIF_FORMAT_SHORT, 1);
    put_number(d, EXIF_IFD_EXIF, EXIF_TAG_COLOR_SPACE, EXIF_FORMAT_SHORT, 1);
    put_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION, EXIF_FORMAT_LONG, w);
    put_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_Y_DIMENSION, EXIF_FORMAT_LONG, h);
    if (!exif_content_get_entry(d->ifd[EXIF_IFD_0], EXIF_TAG_ARTIST))
        put_text(d, EXIF_IFD_0, EXIF_TAG_ARTIST, artist);
    if (!exif_content_get_entry(d->ifd[EXIF_IFD_0], EXIF_TAG_COPYRIGHT))
        put_text(d, EXIF_IFD_0, EXIF_TAG_COPYRIGHT, copyright);
    save(d, out);
    return out->len > 0;
}
