/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ZIP file of stored files, told byte by byte: its length is known before the first byte, any
 * part of it can be made anew, and nothing of the files themselves passes through here. ZIP64
 * (PKWARE's APPNOTE 6.3, 4.3.14 and 4.5.3) where a size, a place or the number of files needs it,
 * and only there, since old readers know nothing of it. Pure.
 */
#ifndef GH_DESK_ZIP_H
#define GH_DESK_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_ZIP_NAME_MAX 1000 /* bytes */

struct gh_zip_file {
    char *name;
    uint64_t bytes;
    uint32_t crc;
    int64_t time_ms;           /* wall clock; in the file it is local time, in steps of 2 s */
    uint64_t at, described_at; /* of its head, and of its row in the directory */
};
/** Zero-initialise, release with gh_zip_free. */
struct gh_zip {
    struct gh_zip_file *files;
    size_t n, cap;
    uint64_t data_end, directory_end; /* the directory lies between them */
    uint64_t size;                    /* of the whole, bytes */
};
void gh_zip_free(struct gh_zip *z);
/**
 * One more file; name is copied. False for a name that could be unpacked elsewhere or is no name:
 * absolute, with an empty part, ".", "..", a backslash, a colon, a control character, malformed
 * UTF-8, or too long.
 */
bool gh_zip_add(struct gh_zip *z, const char *name, uint64_t bytes, uint32_t crc, int64_t time_ms);
/** All files are added: where everything lies. */
void gh_zip_lay_out(struct gh_zip *z);
/**
 * What stands at pos (below size): heads and rows into buf, at most max bytes; returns how many.
 * Returns 0 where the bytes are those of a file: *ret_file and the offset in it, which is below its
 * size.
 */
size_t gh_zip_read(const struct gh_zip *z, uint64_t pos, char *buf, size_t max, size_t *ret_file,
                   uint64_t *ret_offset);

#endif
