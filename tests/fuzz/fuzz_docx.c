/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents of Word: whatever the bytes, the text is as the parent will check it. The first byte
 * says whether they are a whole file, or the body of one. */
#include "pipeline/document/docx.h"

#include "base/str.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM (1u << 20)

/* A file whose body is stored as it is. */
static size_t pack(const uint8_t *body, size_t n, char *ret)
{
    size_t used = 0;
    struct archive *a = archive_write_new();
    struct archive_entry *e = archive_entry_new();
    archive_write_set_format_zip(a);
    archive_write_zip_set_compression_store(a);
    archive_write_open_memory(a, ret, ROOM, &used);
    archive_entry_set_pathname(e, "word/document.xml");
    archive_entry_set_size(e, (la_int64_t)n);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_write_header(a, e);
    archive_write_data(a, body, n);
    archive_entry_free(e);
    archive_write_close(a);
    archive_write_free(a);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char room[ROOM];
    struct gh_text text;
    struct gh_err err;
    if (size < 1 || size > ROOM / 2)
        return 0;
    bool whole = data[0] % 2 == 0;
    size_t n = whole ? size - 1 : pack(data + 1, size - 1, room);
    if (gh_docx_read(whole ? (const char *)data + 1 : room, n, &text, &err) == 0 &&
        gh_text_check(&text, &err) < 0)
        __builtin_trap();
    return 0;
}
