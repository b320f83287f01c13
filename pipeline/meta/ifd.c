/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TIFF directories (EXIF, and TIFF files themselves): which kinds of metadata they hold. libexif
 * drops tags it does not know, so it cannot find what must not be published; this walk reads every
 * entry, and is bounded in directories and entries. Never fails: what cannot be read is
 * GH_META(UNKNOWN).
 */
#include "pipeline/meta/scan.h"

#include <string.h>

#define MAX_DIRS 64
#define MAX_ENTRIES 1024 /* of one directory */

/* Tags that are read, and not only counted. */
enum {
    TAG_PHOTOMETRIC = 0x0106,
    TAG_DESCRIPTION = 0x010e,
    TAG_ORIENTATION = 0x0112,
    TAG_SUBFILE = 0x00fe,
    TAG_XMP = 0x02bc,
    TAG_IPTC = 0x83bb,
    TAG_PHOTOSHOP = 0x8649,
    TAG_EXIF_DIR = 0x8769,
    TAG_ICC = 0x8773,
    TAG_GPS_DIR = 0x8825,
    TAG_DATE_ORIGINAL = 0x9003,
    TAG_OFFSET_ORIGINAL = 0x9011,
    TAG_USER_COMMENT = 0x9286,
    TAG_XP_TITLE = 0x9c9b,
    TAG_XP_COMMENT = 0x9c9c,
    TAG_XP_SUBJECT = 0x9c9f,
    TAG_DNG_VERSION = 0xc612,
};

/* TIFF 6.0, section 2: a header, then directories of a count and entries of 12 bytes: tag, type,
 * count of values, and the value or its offset. */
enum {
    HEADER = 8,
    ENTRY = 12,
    AT_TYPE = 2,
    AT_COUNT = 4,
    AT_VALUE = 8,
    TYPE_SHORT = 3,
    MAGIC = 42
};
/* Values of TAG_PHOTOMETRIC and TAG_SUBFILE that only raw files have in their first directory. */
enum { COLOUR_FILTER_ARRAY = 32803, LINEAR_RAW = 34892, REDUCED = 1 };

enum dir { DIR_MAIN, DIR_THUMB, DIR_EXIF, DIR_GPS, DIR_INTEROP };

struct walk {
    const uint8_t *t;
    size_t n;
    bool big, tiff;
    unsigned dirs;
    size_t seen[MAX_DIRS];
    struct gh_meta *m;
};

/* What a tag is; one in no row is EXIF_OTHER. NONE: structure and rendering, nothing that says
 * anything of a person. */
#define NONE 0
static const struct {
    uint16_t first, last;
    uint32_t bits;
} kinds[] = {
    {0x00fe, 0x0107, NONE},           /* size, compression, photometric */
    {0x010a, 0x010a, NONE},           /* fill order */
    {0x010d, 0x010d, GH_META(OWNER)}, /* document name: often a path */
    {0x010e, 0x010e, GH_META(CAPTION)},
    {0x010f, 0x0110, GH_META(CAMERA)}, /* make, model */
    {0x0111, 0x011c, NONE},            /* strips, orientation, resolution, planar */
    {0x0122, 0x0129, NONE},
    {0x012d, 0x012d, NONE},
    {0x0131, 0x0131, GH_META(SOFTWARE)},
    {0x0132, 0x0132, GH_META(DATE)},
    {0x013b, 0x013b, GH_META(CREDIT)},
    {0x013c, 0x013c, GH_META(OWNER)}, /* host computer */
    {0x013d, 0x0159, NONE},           /* predictor, white point, tiles, sample format */
    {0x0200, 0x0209, NONE},           /* old JPEG fields */
    {0x0211, 0x0214, NONE},           /* YCbCr positioning */
    {0x02bc, 0x02bc, GH_META(XMP)},
    {0x4746, 0x4749, GH_META(EXIF_OTHER)}, /* rating */
    {0x8298, 0x8298, GH_META(CREDIT)},
    {0x829a, 0x829d, GH_META(CAMERA)}, /* exposure */
    {0x83bb, 0x83bb, GH_META(IPTC)},
    {0x8649, 0x8649, GH_META(EXIF_OTHER)}, /* photoshop */
    {0x8769, 0x8769, NONE},
    {0x8773, 0x8773, GH_META(ICC)},
    {0x8822, 0x8822, GH_META(CAMERA)},
    {0x8824, 0x8824, GH_META(CAMERA)},
    {0x8825, 0x8825, NONE},
    {0x8827, 0x8835, GH_META(CAMERA)}, /* sensitivity */
    {0x9000, 0x9000, NONE},
    {0x9003, 0x9012, GH_META(DATE)},
    {0x9101, 0x9101, NONE},
    {0x9102, 0x920a, GH_META(CAMERA)},
    {0x9214, 0x9214, GH_META(CAMERA)},
    {0x927c, 0x927c, GH_META(MAKERNOTE)},
    {0x9286, 0x9286, GH_META(COMMENT)},
    {0x9290, 0x9292, GH_META(DATE)},
    {0x9c9b, 0x9c9b, GH_META(CAPTION)},
    {0x9c9c, 0x9c9c, GH_META(COMMENT)},
    {0x9c9d, 0x9c9d, GH_META(OWNER)}, /* author: the account's name on Windows */
    {0x9c9e, 0x9c9f, GH_META(CAPTION)},
    {0xa000, 0xa003, NONE}, /* flashpix version, colour space, size */
    {0xa005, 0xa005, NONE},
    {0xa20b, 0xa217, GH_META(CAMERA)},
    {0xa300, 0xa302, GH_META(CAMERA)},
    {0xa401, 0xa40c, GH_META(CAMERA)},
    /* unique id of the picture: some makers put the body's number in */
    {0xa420, 0xa420, GH_META(SERIAL)},
    {0xa430, 0xa430, GH_META(OWNER)},
    {0xa431, 0xa431, GH_META(SERIAL)},
    {0xa432, 0xa434, GH_META(CAMERA)},
    {0xa435, 0xa435, GH_META(SERIAL)},
    {0xa500, 0xa500, NONE},
    {0xc4a5, 0xc4a5, NONE}, /* print image matching */
    {0xc62f, 0xc62f, GH_META(SERIAL)},
    {0xea1c, 0xea1c, NONE}, /* padding */
};

uint32_t gh_exif_kind(uint16_t tag)
{
    for (size_t i = 0; i < GH_LEN(kinds); i++)
        if (tag >= kinds[i].first && tag <= kinds[i].last)
            return kinds[i].bits;
    return GH_META(EXIF_OTHER);
}

static uint32_t get_number(const struct walk *w, size_t at, unsigned bytes)
{
    uint32_t v = 0;
    if (at > w->n || w->n - at < bytes)
        return 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint32_t)w->t[at + i] << 8 * (w->big ? bytes - 1 - i : i);
    return v;
}

/* The bytes of an entry's value. */
static struct gh_meta_block value_of(const struct walk *w, size_t entry)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
    uint32_t type = get_number(w, entry + AT_TYPE, 2);
    uint64_t bytes =
        (uint64_t)(type < sizeof(sizes) ? sizes[type] : 0) * get_number(w, entry + AT_COUNT, 4);
    size_t at = bytes <= 4 ? entry + AT_VALUE : get_number(w, entry + AT_VALUE, 4);
    if (!bytes || at > w->n || w->n - at < bytes)
        return (struct gh_meta_block){0};
    return (struct gh_meta_block){w->t + at, (size_t)bytes};
}

#define DATE_LEN 19  /* "2026:11:23 10:00:00" */
#define OFFSET_LEN 6 /* "+05:30" */

static bool is_date(struct gh_meta_block v)
{
    static const char form[] = "dddd:dd:dd dd:dd:dd";
    if (v.n < DATE_LEN)
        return false;
    for (size_t i = 0; i < DATE_LEN; i++)
        if (form[i] == 'd' ? v.at[i] < '0' || v.at[i] > '9' : v.at[i] != (uint8_t)form[i])
            return false;
    return memcmp(v.at, "0000", 4) != 0;
}

/* As in "+05:30". */
static bool is_offset(struct gh_meta_block v)
{
    return v.n >= OFFSET_LEN && (v.at[0] == '+' || v.at[0] == '-') && v.at[3] == ':' &&
           v.at[1] >= '0' && v.at[1] <= '2' && v.at[2] >= '0' && v.at[2] <= '9' && v.at[4] >= '0' &&
           v.at[4] <= '5' && v.at[5] >= '0' && v.at[5] <= '9';
}

/* Eight bytes say how the comment is written. */
static void read_comment(struct walk *w, struct gh_meta_block v)
{
    enum { CODE = 8 };
    if (v.n <= CODE)
        return;
    if (!memcmp(v.at, "UNICODE\0", CODE))
        gh_meta_caption_utf16(w->m, v.at + CODE, v.n - CODE, w->big, GH_TEXT_COMMENT);
    else if (!memcmp(v.at, "ASCII\0\0\0", CODE) || !memcmp(v.at, "\0\0\0\0\0\0\0\0", CODE))
        gh_meta_caption(w->m, v.at + CODE, strnlen((const char *)v.at + CODE, v.n - CODE),
                        GH_TEXT_COMMENT);
}

/* Texts that may serve as a caption; those that Windows adds are UTF-16. */
static void read_text(struct walk *w, enum dir dir, uint16_t tag, struct gh_meta_block v)
{
    if (tag == TAG_DESCRIPTION && dir == DIR_MAIN)
        gh_meta_caption(w->m, v.at, strnlen((const char *)v.at, v.n), GH_TEXT_DESCRIPTION);
    else if (tag == TAG_USER_COMMENT && dir == DIR_EXIF)
        read_comment(w, v);
    else if ((tag == TAG_XP_SUBJECT || tag == TAG_XP_COMMENT) && dir == DIR_MAIN)
        gh_meta_caption_utf16(w->m, v.at, v.n, false, GH_TEXT_COMMENT);
    else if (tag == TAG_XP_TITLE && dir == DIR_MAIN)
        gh_meta_caption_utf16(w->m, v.at, v.n, false, GH_TEXT_TITLE);
}

/* Keep the values that the pipeline needs. */
static void read_value(struct walk *w, enum dir dir, size_t entry, uint16_t tag)
{
    struct gh_meta *m = w->m;
    struct gh_meta_block v = value_of(w, entry);
    if (!v.at)
        return;
    if (tag == TAG_ORIENTATION && dir == DIR_MAIN && !m->orient &&
        get_number(w, entry + AT_TYPE, 2) == TYPE_SHORT) {
        uint32_t o = get_number(w, (size_t)(v.at - w->t), 2);
        m->orient = o >= 1 && o <= 8 ? o : 0;
        m->orient_at = (size_t)(v.at - w->t);
    } else if (tag == TAG_DATE_ORIGINAL && dir == DIR_EXIF && is_date(v)) {
        memcpy(m->taken, v.at, DATE_LEN);
        m->taken[DATE_LEN] = '\0';
    } else if (tag == TAG_OFFSET_ORIGINAL && dir == DIR_EXIF && is_offset(v)) {
        memcpy(m->taken_offset, v.at, OFFSET_LEN);
        m->taken_offset[OFFSET_LEN] = '\0';
    } else if (tag == TAG_IPTC) {
        gh_meta_iptc(v.at, v.n, m);
    } else if (tag == TAG_XMP) {
        gh_meta_xmp(v.at, v.n, m);
    } else if (tag == TAG_PHOTOSHOP) {
        gh_meta_photoshop(v.at, v.n, m);
    } else if (tag == TAG_ICC && w->tiff && !m->icc.len) {
        gh_str_add(&m->icc, v.at, v.n);
    } else {
        read_text(w, dir, tag, v);
    }
}

static void walk_dir(struct walk *w, size_t at, enum dir dir);

/* A camera's raw file has the form of a TIFF file whose first picture is a small preview. It is
 * known by a DNG version, a first picture that is a reduced one, or samples behind a colour filter.
 */
static bool says_raw(const struct walk *w, size_t entry, uint16_t tag)
{
    uint32_t v =
        get_number(w, entry + AT_VALUE, get_number(w, entry + AT_TYPE, 2) == TYPE_SHORT ? 2 : 4);
    return tag == TAG_DNG_VERSION || (tag == TAG_SUBFILE && v & REDUCED) ||
           (tag == TAG_PHOTOMETRIC && (v == COLOUR_FILTER_ARRAY || v == LINEAR_RAW));
}

static void walk_entry(struct walk *w, size_t entry, enum dir dir)
{
    uint16_t tag = (uint16_t)get_number(w, entry, 2);
    if (dir == DIR_GPS) {
        w->m->bits |= GH_META(GPS);
        return;
    }
    if (dir == DIR_INTEROP)
        return;
    if (dir == DIR_THUMB) {
        w->m->bits |= GH_META(THUMBNAIL);
        return;
    }
    w->m->bits |= gh_exif_kind(tag);
    w->m->raw = w->m->raw || (w->tiff && w->dirs == 1 && says_raw(w, entry, tag));
    switch (tag) {
    case TAG_EXIF_DIR:
        walk_dir(w, get_number(w, entry + AT_VALUE, 4), DIR_EXIF);
        break;
    case TAG_GPS_DIR:
        w->m->bits |= GH_META(GPS);
        walk_dir(w, get_number(w, entry + AT_VALUE, 4), DIR_GPS);
        break;
    default:
        read_value(w, dir, entry, tag);
    }
}

/* Every directory once, at most MAX_DIRS of them: their offsets may form a circle. */
static void walk_dir(struct walk *w, size_t at, enum dir dir)
{
    while (at >= HEADER && at + 2 <= w->n && w->dirs < MAX_DIRS) {
        for (unsigned i = 0; i < w->dirs; i++)
            if (w->seen[i] == at)
                return;
        w->seen[w->dirs++] = at;
        uint32_t n = GH_MIN(get_number(w, at, 2), (uint32_t)MAX_ENTRIES);
        for (uint32_t i = 0; i < n && at + 2 + ENTRY * ((size_t)i + 1) <= w->n; i++)
            walk_entry(w, at + 2 + ENTRY * (size_t)i, dir);
        if (dir != DIR_MAIN && !(w->tiff && dir == DIR_THUMB))
            return;
        size_t next = at + 2 + ENTRY * (size_t)get_number(w, at, 2);
        at = get_number(w, next, 4);
        if (!w->tiff)
            dir = DIR_THUMB;
    }
}

static void walk_tiff(const uint8_t *t, size_t n, bool tiff, struct gh_meta *m)
{
    struct walk w = {.t = t, .n = n, .tiff = tiff, .m = m};
    if (n < HEADER || !((t[0] == 'I' && t[1] == 'I') || (t[0] == 'M' && t[1] == 'M'))) {
        m->bits |= GH_META(UNKNOWN);
        return;
    }
    w.big = m->exif_big_endian = t[0] == 'M';
    if (get_number(&w, 2, 2) != MAGIC) { /* BigTIFF, whose entries have another size */
        m->bits |= GH_META(UNKNOWN);
        return;
    }
    walk_dir(&w, get_number(&w, 4, 4), DIR_MAIN);
}

void gh_meta_exif(const uint8_t *block, size_t n, struct gh_meta *m)
{
    if (n >= 6 && !memcmp(block, "Exif\0", 5)) {
        block += 6;
        n -= 6;
    }
    if (!gh_meta_budget(m, n))
        return;
    if (!m->exif.at)
        m->exif = (struct gh_meta_block){block, n};
    walk_tiff(block, n, false, m);
}

void gh_meta_tiff(const uint8_t *bytes, size_t n, struct gh_meta *m)
{
    walk_tiff(bytes, n, true, m);
    m->raw = m->raw || (n > HEADER + 2 && !memcmp(bytes + HEADER, "CR", 2)); /* Canon's CR2 */
}
