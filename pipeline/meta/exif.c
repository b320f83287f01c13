/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * EXIF by libexif: built new, or the source's with entries taken out. When it writes, libexif drops
 * tags it does not know, which is wanted here. It has no names for the OffsetTime tags before
 * 0.6.23. Never fails: what libexif cannot write is left out.
 */
#include "pipeline/meta/write.h"

#include "base/text.h"

#include <libexif/exif-data.h>
#include <string.h>

#define SAVED_MAX 65000 /* bytes: a JPEG segment holds little more */
#define OFFSET_TIME_ORIGINAL ((ExifTag)0x9011)
#define COLOR_SPACE_SRGB 1
#define ORIENT_UPRIGHT 1

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

/* Add an entry of n bytes, in place of any with this tag. */
static ExifEntry *add_entry(ExifData *d, ExifIfd ifd, ExifTag tag, ExifFormat format,
                            unsigned components, size_t n)
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

static void add_text(ExifData *d, ExifIfd ifd, ExifTag tag, const char *text)
{
    if (!*text)
        return;
    size_t n = strlen(text) + 1;
    ExifEntry *e = add_entry(d, ifd, tag, EXIF_FORMAT_ASCII, (unsigned)n, n);
    if (e->data)
        memcpy(e->data, text, n);
}

static void add_number(ExifData *d, ExifIfd ifd, ExifTag tag, ExifFormat format, uint32_t v)
{
    ExifEntry *e = add_entry(d, ifd, tag, format, 1, format == EXIF_FORMAT_SHORT ? 2 : 4);
    if (!e->data)
        return;
    if (format == EXIF_FORMAT_SHORT)
        exif_set_short(e->data, exif_data_get_byte_order(d), (ExifShort)v);
    else
        exif_set_long(e->data, exif_data_get_byte_order(d), v);
}

static void add_version(ExifData *d)
{
    ExifEntry *e = add_entry(d, EXIF_IFD_EXIF, EXIF_TAG_EXIF_VERSION, EXIF_FORMAT_UNDEFINED, 4, 4);
    if (e->data)
        memcpy(e->data, "0231", 4);
}

static void save(ExifData *d, struct gh_str *out)
{
    unsigned char *bytes = NULL;
    unsigned n = 0;
    exif_data_save_data(d, &bytes, &n);
    if (bytes && n <= SAVED_MAX)
        gh_str_add(out, bytes, n);
    free(bytes);
}

void gh_exif_new(const char *artist, const char *copyright, const char *taken, const char *offset,
                 uint32_t w, uint32_t h, struct gh_str *out)
{
    GH_AUTO(data_free) ExifData *d = exif_data_new();
    exif_data_set_byte_order(d, EXIF_BYTE_ORDER_INTEL);
    add_text(d, EXIF_IFD_0, EXIF_TAG_ARTIST, artist);
    add_text(d, EXIF_IFD_0, EXIF_TAG_COPYRIGHT, copyright);
    add_version(d);
    add_text(d, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, taken);
    add_text(d, EXIF_IFD_EXIF, OFFSET_TIME_ORIGINAL, offset);
    add_number(d, EXIF_IFD_EXIF, EXIF_TAG_COLOR_SPACE, EXIF_FORMAT_SHORT, COLOR_SPACE_SRGB);
    add_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION, EXIF_FORMAT_LONG, w);
    add_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_Y_DIMENSION, EXIF_FORMAT_LONG, h);
    save(d, out);
}

/* What the policy "keep" keeps of a source, besides what says how the picture is stored. Its
 * credit is replaced by the corporation's. */
#define KEPT_KINDS (GH_META(CAMERA) | GH_META(DATE) | GH_META(SOFTWARE) | GH_META(EXIF_OTHER))
/* … and takes out though it is of these kinds, besides the directories of GPS, interoperability and
 * the thumbnail, and tags that libexif does not know. */
static const uint16_t forbidden[] = {
    /* image resources: written apart, or not at all */
    0x8649,
    /* sub-images */
    0x014a,
    0x0201,
    0x0202,
    /* subject area, where a face was found; subject location */
    0x9214,
    0xa214,
    /* settings of the device, conversion functions, frequency response: tables with texts in them
     */
    0xa40b,
    0x8828,
    0xa20c,
    /* print matching, padding */
    0xc4a5,
    0xea1c,
};

#define WORDS_MAX 64 /* bytes of a camera's or a program's name, or of a date */

/* Text that a reader may print as it is: short UTF-8 of one line, without control characters. */
static bool is_plain(const ExifEntry *e)
{
    size_t n = e->data ? strnlen((const char *)e->data, e->size) : 0;
    return n <= WORDS_MAX && (!n || (gh_text_is_clean((const char *)e->data, n) &&
                                     !memchr(e->data, '\n', n) && !memchr(e->data, '\t', n)));
}

static bool is_forbidden(const ExifEntry *e, ExifIfd ifd)
{
    uint32_t kind = gh_exif_kind((uint16_t)e->tag);
    bool text = e->format == EXIF_FORMAT_ASCII;
    if (!exif_tag_get_name_in_ifd(e->tag, ifd) || kind & ~KEPT_KINDS)
        return true;
    if (text && (kind == 0 || kind & GH_META(EXIF_OTHER) || !is_plain(e)))
        return true; /* free text, whatever its tag is for */
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

bool gh_exif_filtered(const struct gh_meta_block *exif, const char *artist, const char *copyright,
                      uint32_t w, uint32_t h, struct gh_str *out)
{
    GH_AUTO_STR block = {0};
    gh_str_add(&block, "Exif\0\0", 6);
    gh_str_add(&block, exif->at, exif->n);
    GH_AUTO(data_free) ExifData *d = exif_data_new();
    /* or libexif would add tags, and move others */
    exif_data_unset_option(d, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
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
    add_number(d, EXIF_IFD_0, EXIF_TAG_ORIENTATION, EXIF_FORMAT_SHORT, ORIENT_UPRIGHT);
    add_number(d, EXIF_IFD_EXIF, EXIF_TAG_COLOR_SPACE, EXIF_FORMAT_SHORT, COLOR_SPACE_SRGB);
    add_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_X_DIMENSION, EXIF_FORMAT_LONG, w);
    add_number(d, EXIF_IFD_EXIF, EXIF_TAG_PIXEL_Y_DIMENSION, EXIF_FORMAT_LONG, h);
    add_text(d, EXIF_IFD_0, EXIF_TAG_ARTIST, artist);
    add_text(d, EXIF_IFD_0, EXIF_TAG_COPYRIGHT, copyright);
    save(d, out);
    return out->len > 0;
}
