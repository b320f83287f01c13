/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bitmaps made here, bit by bit: every depth, both directions, palettes, fields, run lengths; and
 * whatever is cut off or contradicts itself is refused before a row is read. */
#include "tests/unit/test.h"

#include "base/str.h"
#include "pipeline/photo/bmp.h"

#include <string.h>

struct file {
    uint8_t bytes[4096];
    size_t n;
};

static void add(struct file *f, const void *bytes, size_t n)
{
    assert_true(f->n + n <= sizeof(f->bytes));
    memcpy(f->bytes + f->n, bytes, n);
    f->n += n;
}

static void add_number(struct file *f, uint32_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(f, &(uint8_t){(uint8_t)((uint64_t)v >> 8 * i)}, 1); /* n may be 8 */
}

/* The headers of a bitmap whose pixels follow after `between` bytes of masks and palette. */
static struct file begin(int32_t w, int32_t h, uint32_t bits, uint32_t compression, size_t between)
{
    struct file f = {.n = 0};
    add(&f, "BM", 2);
    add_number(&f, 0, 8);
    add_number(&f, (uint32_t)(54 + between), 4);
    add_number(&f, 40, 4);
    add_number(&f, (uint32_t)w, 4);
    add_number(&f, (uint32_t)h, 4);
    add_number(&f, 1, 2);
    add_number(&f, bits, 2);
    add_number(&f, compression, 4);
    for (int i = 0; i < 5; i++)
        add_number(&f, 0, 4);
    return f;
}

/* Opened from memory that ends where the file does, so that a sanitizer sees one byte too far. */
static void shows(const struct file *f, const uint8_t *want, uint32_t w, uint32_t h)
{
    struct gh_err err;
    struct gh_bmp b;
    uint8_t *exact = malloc(f->n), row[64];
    memcpy(exact, f->bytes, f->n);
    if (gh_bmp_open(exact, f->n, &b, &err) < 0 || gh_bmp_unpack(&b, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(b.w, w);
    assert_int_equal(b.h, h);
    size_t bands = b.alpha ? 4 : 3;
    for (uint32_t y = 0; y < h; y++) {
        gh_bmp_row(&b, 0, y, w, row);
        assert_memory_equal(row, want + y * w * bands, w * bands);
        gh_bmp_row(&b, w - 1, y, 1, row); /* a part of it */
        assert_memory_equal(row, want + (y * w + w - 1) * bands, bands);
    }
    gh_bmp_close(&b);
    free(exact);
}

static void refused(const struct file *f, const char *words)
{
    struct gh_err err = {0};
    struct gh_bmp b = {0};
    uint8_t *exact = malloc(f->n ? f->n : 1);
    memcpy(exact, f->bytes, f->n);
    int r = gh_bmp_open(exact, f->n, &b, &err);
    if (r == 0)
        r = gh_bmp_unpack(&b, &err);
    assert_int_equal(r, -GH_INPUT);
    if (!strstr(err.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
    gh_bmp_close(&b);
    free(exact);
}

#define RED 255, 0, 0
#define BLUE 0, 0, 255
#define GREY 128, 128, 128

static void every_depth(void **state)
{
    (void)state;
    static const uint8_t want[] = {RED, BLUE, GREY, BLUE, BLUE, RED};
    static const uint8_t palette[16] = {0, 0, 255, 0, 255, 0, 0, 0, 128, 128, 128, 0};
    static const struct {
        uint32_t bits;
        uint8_t lower[12], upper[12];
        size_t stride;
    } cases[] = {
        {2, {0x50}, {0x18}, 4},
        {4, {0x11, 0x00}, {0x01, 0x20}, 4},
        {8, {1, 1, 0}, {0, 1, 2}, 4},
        {24, {255, 0, 0, 255, 0, 0, 0, 0, 255}, {0, 0, 255, 255, 0, 0, 128, 128, 128}, 12},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        size_t colours = cases[i].bits <= 8 ? (size_t)4 << cases[i].bits : 0;
        for (int down = 0; down < 2; down++) {
            struct file f = begin(3, down ? -2 : 2, cases[i].bits, 0, colours);
            uint8_t table[1024] = {0};
            memcpy(table, palette, sizeof(palette));
            add(&f, table, colours);
            add(&f, down ? cases[i].upper : cases[i].lower, cases[i].stride);
            add(&f, down ? cases[i].lower : cases[i].upper, cases[i].stride);
            shows(&f, want, 3, 2);
            f.n--; /* of 24 bits the last row is cut, of others only its padding */
            if (cases[i].bits == 24) {
                f.n -= 2;
                f.n--;
                refused(&f, "truncated");
            } else {
                shows(&f, want, 3, 2);
            }
        }
    }
    static const uint8_t bits[] = {0xff, 0, 0, 0, 0, 0, 0xff, 0};
    struct file one = begin(2, 1, 1, 0, 8);
    add(&one, bits, 8);
    add_number(&one, 0x40, 4);
    shows(&one, (const uint8_t[]){BLUE, RED}, 2, 1);
}

static void fields(void **state)
{
    (void)state;
    struct file plain = begin(2, 1, 16, 0, 0); /* 5, 5, 5 */
    add_number(&plain, 0x7c00 | 0x001f << 16, 4);
    shows(&plain, (const uint8_t[]){RED, BLUE}, 2, 1);
    struct file green = begin(2, 1, 16, 3, 12); /* 5, 6, 5 */
    add_number(&green, 0xf800, 4);
    add_number(&green, 0x07e0, 4);
    add_number(&green, 0x001f, 4);
    add_number(&green, 0x07e0u | 0xffffu << 16, 4);
    shows(&green, (const uint8_t[]){0, 255, 0, 255, 255, 255}, 2, 1);
    struct file torn = green;
    torn.bytes[54] = 0x0a; /* two runs of bits */
    refused(&torn, "damaged");
    for (uint32_t a = 0; a < 2; a++) { /* alpha that is nowhere set is none */
        struct file f = begin(2, 1, 32, 6, 16);
        add_number(&f, 0xff0000, 4);
        add_number(&f, 0xff00, 4);
        add_number(&f, 0xff, 4);
        add_number(&f, 0xff000000, 4);
        add_number(&f, 0xff0000 | (a ? 0x80000000 : 0), 4);
        add_number(&f, 0xff, 4);
        shows(&f, a ? (const uint8_t[]){RED, 128, BLUE, 0} : (const uint8_t[]){RED, BLUE}, 2, 1);
    }
}

static void run_lengths(void **state)
{
    (void)state;
    static const uint8_t palette[1024] = {0, 0, 255, 0, 255, 0, 0, 0, 128, 128, 128, 0};
    static const uint8_t want[] = {RED, RED, BLUE, GREY, BLUE, BLUE, BLUE, BLUE};
    static const uint8_t runs8[] = {4, 1, 0, 0, 2, 0, 0, 4, 1, 2, 9, 9, 0, 1};
    struct file f = begin(4, 2, 8, 1, 1024);
    add(&f, palette, 1024);
    size_t head = f.n;
    add(&f, (const uint8_t[]){4, 1, 0, 0, 2, 0, 1, 1, 1, 2, 0, 1}, 12);
    shows(&f, want, 4, 2);
    f.n = head;
    add(&f, (const uint8_t[]){4, 1, 0, 0, 0, 4, 0, 0, 1, 2, 0, 1}, 12); /* as they are */
    shows(&f, want, 4, 2);
    f.n = head;
    add(&f, runs8, sizeof(runs8)); /* beyond the row's end: not drawn */
    shows(&f, (const uint8_t[]){RED, RED, BLUE, GREY, BLUE, BLUE, BLUE, BLUE}, 4, 2);
    f.n = head + 4;
    refused(&f, "truncated");
    struct file skip = begin(4, 2, 8, 1, 1024);
    add(&skip, palette, 1024);
    add(&skip, (const uint8_t[]){0, 2, 3, 1, 1, 1, 0, 1}, 8);
    shows(&skip, (const uint8_t[]){RED, RED, RED, BLUE, RED, RED, RED, RED}, 4, 2);
    struct file four = begin(4, 2, 4, 2, 64);
    add(&four, palette, 64);
    add(&four, (const uint8_t[]){4, 0x11, 0, 0, 0, 4, 0x00, 0x12, 0, 1}, 10);
    shows(&four, want, 4, 2);
}

static void lies(void **state)
{
    (void)state;
    struct file f = begin(2, 1, 24, 0, 0);
    add_number(&f, 0, 8);
    refused(&(struct file){.bytes = "BM", .n = 2}, "truncated");
    static const struct {
        size_t at;
        uint32_t value;
        const char *words;
    } cases[] = {
        {10, 4, "damaged"},                                      /* pixels within the header */
        {10, 100000, "truncated"},                               /* … beyond the end */
        {14, 41000, "damaged"},                                  /* the header's size */
        {14, 124, "truncated"},     {18, 0, "damaged"},          /* width */
        {18, 100000000, "damaged"}, {22, 0x80000000, "damaged"}, /* height */
        {22, 1000000, "truncated"}, {28, 7, "damaged"},          /* depth */
        {30, 5, "not supported"},                                /* a PNG */
        {30, 1, "damaged"},                                      /* run lengths of 24 bits */
        {30, 77, "not supported"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct file bad = f;
        for (size_t k = 0; k < (cases[i].at == 28 ? 2 : 4); k++)
            bad.bytes[cases[i].at + k] = (uint8_t)(cases[i].value >> 8 * k);
        refused(&bad, cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_depth), cmocka_unit_test(fields),
                                       cmocka_unit_test(run_lengths), cmocka_unit_test(lies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
