/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every offset is checked against the file's length when it is opened; rows need no check then.
 * Class: GH_INPUT, GH_SYSTEM (memory). */
#include "pipeline/photo/bmp.h"

#include "base/str.h"

#include <string.h>

#define FILE_HEAD 14 /* bytes before the header of the bitmap */
#define CORE_HEAD 12 /* the header of OS/2 1.x */
#define INFO_HEAD 40
#define V3_HEAD 56 /* from here on with a mask of alpha */
#define V5_HEAD 124
#define MASKS_AT 54    /* of the file */
#define COLOURS_AT 70  /* … the kind of colour space */
#define PROFILE_AT 126 /* … where the profile is, from the bitmap's header on; and its length */
#define MOST_EDGE 1000000

enum { PLAIN, RLE8, RLE4, BITFIELDS, JPEG, PNG, ALPHA_BITFIELDS };

static uint32_t le16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t le32(const uint8_t *p)
{
    return le16(p) | le16(p + 2) << 16;
}

static int truncated(struct gh_err *err)
{
    return gh_fail(err, GH_INPUT, "the BMP is truncated");
}

static int odd(struct gh_err *err)
{
    return gh_fail(err, GH_INPUT, "the header of the BMP is damaged");
}

static bool has_masks(const struct gh_bmp *b)
{
    return b->compression == BITFIELDS || b->compression == ALPHA_BITFIELDS;
}

static int read_sizes(const uint8_t *bytes, uint32_t head, struct gh_bmp *b, struct gh_err *err)
{
    if (head == CORE_HEAD) {
        b->w = le16(bytes + 18);
        b->h = le16(bytes + 20);
        b->bits = le16(bytes + 24);
    } else {
        int32_t h = (int32_t)le32(bytes + 22);
        b->w = le32(bytes + 18);
        b->h = h < 0 ? 0u - (uint32_t)h : (uint32_t)h;
        b->top_down = h < 0;
        b->bits = le16(bytes + 28);
        b->compression = le32(bytes + 30);
    }
    if (!b->w || !b->h || b->w > MOST_EDGE || b->h > MOST_EDGE)
        return odd(err);
    if (b->compression > ALPHA_BITFIELDS || b->compression == JPEG || b->compression == PNG)
        return gh_fail(err, GH_INPUT, "a BMP of this compression is not supported");
    bool fits = b->compression == RLE8   ? b->bits == 8
                : b->compression == RLE4 ? b->bits == 4
                : has_masks(b)           ? b->bits == 16 || b->bits == 32
                               : b->bits == 1 || b->bits == 2 || b->bits == 4 || b->bits == 8 ||
                                     b->bits == 16 || b->bits == 24 || b->bits == 32;
    return fits ? 0 : odd(err);
}

/* A mask is one run of bits. */
static bool is_run(uint32_t mask)
{
    uint32_t low = mask ? mask >> __builtin_ctz(mask) : 0;
    return !(low & (low + 1));
}

/* *at: where the palette begins; behind masks that follow a short header. */
static int read_masks(const uint8_t *bytes, size_t n, uint32_t head, struct gh_bmp *b, size_t *at,
                      struct gh_err *err)
{
    static const uint32_t bits16[4] = {0x7c00, 0x03e0, 0x001f, 0},
                          bits32[4] = {0xff0000, 0xff00, 0xff, 0};
    memcpy(b->masks, b->bits == 16 ? bits16 : bits32, sizeof(b->masks));
    if (!has_masks(b))
        return 0;
    bool with_alpha = head >= V3_HEAD || b->compression == ALPHA_BITFIELDS;
    size_t count = with_alpha ? 4 : 3;
    if (head == INFO_HEAD)
        *at += count * 4;
    if (n < MASKS_AT + count * 4)
        return truncated(err);
    for (size_t i = 0; i < count; i++)
        b->masks[i] = le32(bytes + MASKS_AT + i * 4);
    for (size_t i = 0; i < 4; i++)
        if (!is_run(b->masks[i]))
            return odd(err);
    return 0;
}

static int read_palette(const uint8_t *bytes, size_t n, uint32_t head, size_t at, struct gh_bmp *b,
                        struct gh_err *err)
{
    size_t each = head == CORE_HEAD ? 3 : 4, most = (size_t)1 << b->bits;
    size_t used = head == CORE_HEAD ? 0 : le32(bytes + 46), end = le32(bytes + 10);
    size_t count = used && used < most ? used : most;
    if (end > at && (end - at) / each < count) /* the pixels begin earlier */
        count = (end - at) / each;
    if (at > n || (n - at) / each < count)
        return truncated(err);
    for (size_t i = 0; i < count; i++)
        for (size_t c = 0; c < 3; c++)
            b->palette[i][c] = bytes[at + i * each + 2 - c];
    return 0;
}

static void read_profile(const uint8_t *bytes, size_t n, uint32_t head, struct gh_bmp *b)
{
    if (head < V5_HEAD || memcmp(bytes + COLOURS_AT, "DEBM", 4) != 0)
        return;
    size_t at = le32(bytes + PROFILE_AT), len = le32(bytes + PROFILE_AT + 4);
    if (at > n - FILE_HEAD || len > n - FILE_HEAD - at || !len)
        return;
    b->icc = bytes + FILE_HEAD + at;
    b->n_icc = len;
}

static int find_pixels(const uint8_t *bytes, size_t n, size_t least, struct gh_bmp *b,
                       struct gh_err *err)
{
    size_t at = le32(bytes + 10), row = ((size_t)b->w * b->bits + 7) / 8;
    b->stride = ((size_t)b->w * b->bits + 31) / 32 * 4;
    if (at < least)
        return odd(err);
    if (at >= n)
        return truncated(err);
    b->pixels = bytes + at;
    b->n_pixels = n - at;
    bool runs = b->compression == RLE8 || b->compression == RLE4;
    /* the last row needs no padding */
    if (!runs && b->n_pixels < b->stride * (b->h - 1) + row)
        return truncated(err);
    return 0;
}

static uint32_t stored(const struct gh_bmp *b, const uint8_t *row, uint32_t x)
{
    return b->bits == 16 ? le16(row + 2 * (size_t)x) : le32(row + 4 * (size_t)x);
}

static const uint8_t *row_of(const struct gh_bmp *b, uint32_t y)
{
    return b->pixels + b->stride * (b->top_down ? y : b->h - 1 - y);
}

/* Programs that know nothing of alpha leave it at zero everywhere: then there is none. */
static bool alpha_is_used(const struct gh_bmp *b)
{
    for (uint32_t y = 0; b->masks[3] && y < b->h; y++) {
        const uint8_t *row = row_of(b, y);
        for (uint32_t x = 0; x < b->w; x++)
            if (stored(b, row, x) & b->masks[3])
                return true;
    }
    return false;
}

int gh_bmp_open(const uint8_t *bytes, size_t n, struct gh_bmp *ret, struct gh_err *err)
{
    struct gh_bmp b = {0};
    if (n < FILE_HEAD + CORE_HEAD)
        return truncated(err);
    uint32_t head = le32(bytes + FILE_HEAD);
    if (memcmp(bytes, "BM", 2) != 0 || (head != CORE_HEAD && head < INFO_HEAD) || head > V5_HEAD)
        return odd(err);
    size_t at = FILE_HEAD + head;
    if (n < at)
        return truncated(err);
    TRY(read_sizes(bytes, head, &b, err));
    TRY(read_masks(bytes, n, head, &b, &at, err));
    if (b.bits <= 8)
        TRY(read_palette(bytes, n, head, at, &b, err));
    read_profile(bytes, n, head, &b);
    TRY(find_pixels(bytes, n, FILE_HEAD + head, &b, err));
    b.alpha = alpha_is_used(&b);
    *ret = b;
    return 0;
}

/* ---------------------------------------------------------------------------------- run lengths */

/* Where the next pixel goes. Rows are counted from below. */
struct pen {
    struct gh_bmp *bmp;
    uint32_t x, row;
};

static void put_index(struct pen *p, uint8_t index)
{
    const struct gh_bmp *b = p->bmp;
    if (p->x < b->w && p->row < b->h)
        b->indices[(size_t)(b->h - 1 - p->row) * b->w + p->x++] = index;
}

/* The i-th of several pixels that bytes hold, or that one byte repeats. */
static uint8_t index_in(const struct gh_bmp *b, const uint8_t *bytes, size_t i)
{
    if (b->bits == 8)
        return bytes[i];
    return i & 1 ? bytes[i / 2] & 15 : bytes[i / 2] >> 4;
}

/* What stands after a zero. Returns the bytes used, 0 at the end of the picture, -1 beyond the end
 * of the file. */
static long escape(struct pen *p, const uint8_t *code, size_t n)
{
    const struct gh_bmp *b = p->bmp;
    size_t count = code[1];
    switch (count) {
    case 0:
        p->x = 0;
        p->row++;
        return 2;
    case 1:
        return 0;
    case 2:
        if (n < 4)
            return -1;
        p->x = GH_MIN(p->x + code[2], b->w);
        p->row = GH_MIN(p->row + code[3], b->h);
        return 4;
    default: {
        size_t bytes = b->bits == 8 ? count : (count + 1) / 2;
        if (n < 2 + bytes)
            return -1;
        for (size_t i = 0; i < count; i++)
            put_index(p, index_in(b, code + 2, i));
        return (long)(2 + (bytes + 1) / 2 * 2);
    }
    }
}

int gh_bmp_unpack(struct gh_bmp *bmp, struct gh_err *err)
{
    struct pen pen = {.bmp = bmp};
    if (bmp->compression != RLE8 && bmp->compression != RLE4)
        return 0;
    bmp->indices = calloc(bmp->h, bmp->w);
    if (!bmp->indices)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    for (size_t at = 0; pen.row < bmp->h;) {
        const uint8_t *code = bmp->pixels + at;
        size_t left = at < bmp->n_pixels ? bmp->n_pixels - at : 0;
        /* the end may be left out after the last row's last pixel */
        if (left < 2)
            return pen.row + 1 == bmp->h && pen.x == bmp->w ? 0 : truncated(err);
        long used = 2;
        if (code[0])
            for (size_t i = 0; i < code[0]; i++)
                put_index(&pen, index_in(bmp, code + 1, bmp->bits == 8 ? 0 : i & 1));
        else
            used = escape(&pen, code, left);
        if (used < 0)
            return truncated(err);
        if (used == 0)
            return 0;
        at += (size_t)used;
    }
    return 0;
}

/* ----------------------------------------------------------------------------------------- rows */

static void indexed_row(const struct gh_bmp *b, uint32_t x, uint32_t y, uint32_t n, uint8_t *to)
{
    const uint8_t *row = b->indices ? b->indices + (size_t)y * b->w : row_of(b, y);
    uint32_t bits = b->indices ? 8 : b->bits, each = 8 / bits, mask = (1u << bits) - 1;
    for (uint32_t i = x; i < x + n; i++, to += 3) {
        uint32_t index = (uint32_t)row[i / each] >> (8 - bits - i % each * bits) & mask;
        memcpy(to, b->palette[index], 3);
    }
}

/* The field of a mask as 8 bits. */
static uint8_t field(uint32_t v, uint32_t mask)
{
    if (!mask)
        return 0;
    unsigned shift = (unsigned)__builtin_ctz(mask);
    uint64_t most = mask >> shift;
    return (uint8_t)(((v & mask) >> shift) * (uint64_t)255 / most +
                     (((v & mask) >> shift) * (uint64_t)255 % most * 2 >= most));
}

void gh_bmp_row(const struct gh_bmp *b, uint32_t x, uint32_t y, uint32_t n, uint8_t *to)
{
    if (b->bits <= 8) {
        indexed_row(b, x, y, n, to);
        return;
    }
    const uint8_t *row = row_of(b, y);
    for (uint32_t i = x; i < x + n; i++) {
        if (b->bits == 24) {
            const uint8_t *p = row + 3 * (size_t)i;
            *to++ = p[2];
            *to++ = p[1];
            *to++ = p[0];
            continue;
        }
        uint32_t v = stored(b, row, i);
        for (size_t c = 0; c < (b->alpha ? 4 : 3); c++)
            *to++ = field(v, b->masks[c]);
    }
}

void gh_bmp_close(struct gh_bmp *bmp)
{
    free(bmp->indices);
    bmp->indices = NULL;
}
