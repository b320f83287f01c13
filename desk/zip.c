/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout first, then any byte of it: heads are made again each time they are asked for, from
 * the same fields. */
#include "desk/zip.h"

#include "base/str.h"

#include <string.h>
#include <time.h>

#define LOCAL 30     /* bytes of a head without its name */
#define ROW 46       /* … of a row of the directory */
#define EXTRA_HEAD 4 /* of an extra field: what it is, how long */
#define END64 56     /* the end of the directory, its 64-bit form, … */
#define LOCATOR 20   /* … where that is, … */
#define END 22       /* … and the form that every reader looks for */
#define FULL32 0xffffffffu
#define FULL16 0xffffu
#define VERSION 20   /* of the format: stored files in folders … */
#define VERSION64 45 /* … and ZIP64 */
#define UTF8 0x0800  /* flag: the name is UTF-8 */
#define UNIX 3
#define MODE (0100644u << 16)
#define YEAR_MIN 1980
#define YEAR_MAX 2107

void gh_zip_free(struct gh_zip *z)
{
    for (size_t i = 0; i < z->n; i++)
        free(z->files[i].name);
    free(z->files);
    *z = (struct gh_zip){0};
}

static bool is_name(const char *name)
{
    size_t n = strlen(name);
    if (!n || n > GH_ZIP_NAME_MAX || !gh_utf8_valid(name, n) || strpbrk(name, "\\:"))
        return false;
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    for (const char *part = name;;) {
        size_t len = strcspn(part, "/");
        if (!len || (len == 1 && *part == '.') || (len == 2 && !strncmp(part, "..", 2)))
            return false;
        if (!part[len])
            return true;
        part += len + 1;
    }
}

bool gh_zip_add(struct gh_zip *z, const char *name, uint64_t bytes, uint32_t crc, int64_t time_ms)
{
    if (!is_name(name))
        return false;
    if (z->n == z->cap) {
        z->cap = z->cap ? 2 * z->cap : 64;
        z->files = gh_realloc(z->files, z->cap * sizeof(*z->files));
    }
    z->files[z->n++] = (struct gh_zip_file){
        .name = gh_strdup(name), .bytes = bytes, .crc = crc, .time_ms = time_ms};
    return true;
}

/* --------------------------------------------------------------------------------------- layout */

static bool is_large(const struct gh_zip_file *f)
{
    return f->bytes >= FULL32;
}

static bool is_far(const struct gh_zip_file *f)
{
    return f->at >= FULL32;
}

static size_t head_size(const struct gh_zip_file *f)
{
    return LOCAL + strlen(f->name) + (is_large(f) ? EXTRA_HEAD + 16 : 0);
}

static size_t row_extra(const struct gh_zip_file *f)
{
    size_t n = (is_large(f) ? 16u : 0u) + (is_far(f) ? 8u : 0u);
    return n ? EXTRA_HEAD + n : 0;
}

static bool needs_end64(const struct gh_zip *z)
{
    return z->n >= FULL16 || z->data_end >= FULL32 || z->directory_end - z->data_end >= FULL32;
}

void gh_zip_lay_out(struct gh_zip *z)
{
    uint64_t at = 0;
    for (size_t i = 0; i < z->n; i++) {
        z->files[i].at = at;
        at += head_size(&z->files[i]) + z->files[i].bytes;
    }
    z->data_end = at;
    for (size_t i = 0; i < z->n; i++) {
        z->files[i].described_at = at;
        at += ROW + strlen(z->files[i].name) + row_extra(&z->files[i]);
    }
    z->directory_end = at;
    z->size = at + (needs_end64(z) ? END64 + LOCATOR : 0) + END;
}

/* ---------------------------------------------------------------------------------------- bytes */

/* Little-endian, n bytes. */
static void put(struct gh_str *out, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char byte = (char)(value >> 8 * i & 0xff);
        gh_str_add(out, &byte, 1);
    }
}

static void put_time(struct gh_str *out, int64_t ms)
{
    struct tm t = {0};
    time_t s = (time_t)(ms / 1000);
    if (!localtime_r(&s, &t) || t.tm_year + 1900 < YEAR_MIN || t.tm_year + 1900 > YEAR_MAX)
        t = (struct tm){.tm_year = YEAR_MIN - 1900, .tm_mday = 1};
    put(out, (unsigned)(t.tm_hour << 11 | t.tm_min << 5 | GH_MIN(t.tm_sec, 59) / 2), 2);
    put(out, (unsigned)((t.tm_year + 1900 - YEAR_MIN) << 9 | (t.tm_mon + 1) << 5 | t.tm_mday), 2);
}

/* What a head and a row have in common: from the version to the length of the name. */
static void put_common(struct gh_str *out, const struct gh_zip_file *f, bool is64)
{
    bool ascii = true;
    for (const char *c = f->name; *c; c++)
        ascii &= !((unsigned char)*c & 0x80);
    put(out, is64 ? VERSION64 : VERSION, 2);
    put(out, ascii ? 0 : UTF8, 2);
    put(out, 0, 2); /* stored */
    put_time(out, f->time_ms);
    put(out, f->crc, 4);
    put(out, is_large(f) ? FULL32 : f->bytes, 4);
    put(out, is_large(f) ? FULL32 : f->bytes, 4);
    put(out, strlen(f->name), 2);
}

static void put_sizes64(struct gh_str *out, const struct gh_zip_file *f)
{
    put(out, f->bytes, 8);
    put(out, f->bytes, 8);
}

static void put_head(struct gh_str *out, const struct gh_zip_file *f)
{
    put(out, 0x04034b50, 4);
    put_common(out, f, is_large(f));
    put(out, is_large(f) ? EXTRA_HEAD + 16 : 0, 2);
    gh_str_puts(out, f->name);
    if (is_large(f)) {
        put(out, 1, 2);
        put(out, 16, 2);
        put_sizes64(out, f);
    }
}

static void put_row(struct gh_str *out, const struct gh_zip_file *f)
{
    size_t extra = row_extra(f);
    put(out, 0x02014b50, 4);
    put(out, UNIX << 8 | VERSION64, 2);
    put_common(out, f, extra > 0);
    put(out, extra, 2);
    put(out, 0, 2); /* no comment, … */
    put(out, 0, 2); /* … one disk, … */
    put(out, 0, 2); /* … no text to be changed */
    put(out, MODE, 4);
    put(out, is_far(f) ? FULL32 : f->at, 4);
    gh_str_puts(out, f->name);
    if (extra) {
        put(out, 1, 2);
        put(out, extra - EXTRA_HEAD, 2);
    }
    if (is_large(f))
        put_sizes64(out, f);
    if (is_far(f))
        put(out, f->at, 8);
}

static void put_end64(struct gh_str *out, const struct gh_zip *z)
{
    put(out, 0x06064b50, 4);
    put(out, END64 - 12, 8);
    put(out, UNIX << 8 | VERSION64, 2);
    put(out, VERSION64, 2);
    put(out, 0, 4);
    put(out, 0, 4);
    put(out, z->n, 8);
    put(out, z->n, 8);
    put(out, z->directory_end - z->data_end, 8);
    put(out, z->data_end, 8);
    put(out, 0x07064b50, 4);
    put(out, 0, 4);
    put(out, z->directory_end, 8);
    put(out, 1, 4);
}

static void put_end(struct gh_str *out, const struct gh_zip *z)
{
    if (needs_end64(z))
        put_end64(out, z);
    put(out, 0x06054b50, 4);
    put(out, 0, 2);
    put(out, 0, 2);
    put(out, GH_MIN(z->n, (size_t)FULL16), 2);
    put(out, GH_MIN(z->n, (size_t)FULL16), 2);
    put(out, GH_MIN(z->directory_end - z->data_end, (uint64_t)FULL32), 4);
    put(out, GH_MIN(z->data_end, (uint64_t)FULL32), 4);
    put(out, 0, 2);
}

/* The last file whose head (or row) lies at pos or before it. */
static size_t file_at(const struct gh_zip *z, uint64_t pos, bool row)
{
    size_t low = 0, high = z->n;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        uint64_t at = row ? z->files[mid].described_at : z->files[mid].at;
        if (at <= pos)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static size_t copy(const struct gh_str *piece, uint64_t offset, char *buf, size_t max)
{
    size_t n = GH_MIN(max, piece->len - (size_t)offset);
    memcpy(buf, piece->data + offset, n);
    return n;
}

size_t gh_zip_read(const struct gh_zip *z, uint64_t pos, char *buf, size_t max, size_t *ret_file,
                   uint64_t *ret_offset)
{
    GH_AUTO_STR piece = {0};
    if (pos >= z->directory_end) {
        put_end(&piece, z);
        return copy(&piece, pos - z->directory_end, buf, max);
    }
    if (pos >= z->data_end) { /* as many rows as there is room for */
        size_t i = file_at(z, pos, true);
        uint64_t from = z->files[i].described_at;
        for (; i < z->n && piece.len < pos - from + max; i++)
            put_row(&piece, &z->files[i]);
        return copy(&piece, pos - from, buf, max);
    }
    size_t i = file_at(z, pos, false);
    const struct gh_zip_file *f = &z->files[i];
    if (pos - f->at < head_size(f)) {
        put_head(&piece, f);
        return copy(&piece, pos - f->at, buf, max);
    }
    *ret_file = i;
    *ret_offset = pos - f->at - head_size(f);
    return 0;
}
