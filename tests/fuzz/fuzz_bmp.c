/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reader of Windows bitmaps alone, much quicker than the whole way of a photo: whatever the
 * bytes, what is borrowed stays inside the file, and each row can be read. */
#include "base/str.h"
#include "pipeline/photo/bmp.h"

#define MOST_PIXELS (1u << 20) /* the reader's callers have a limit, too */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const uint8_t *data, size_t size, const uint8_t *at, size_t n)
{
    if (at && (at < data || n > size || at > data + (size - n)))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_bmp bmp;
    struct gh_err err;
    if (gh_bmp_open(data, size, &bmp, &err) < 0)
        return 0;
    inside(data, size, bmp.pixels, bmp.n_pixels);
    inside(data, size, bmp.icc, bmp.n_icc);
    if ((uint64_t)bmp.w * bmp.h > MOST_PIXELS)
        return 0;
    if (gh_bmp_unpack(&bmp, &err) == 0) {
        GH_AUTO_FREE uint8_t *row = gh_alloc((size_t)bmp.w * 4);
        for (uint32_t y = 0; y < bmp.h; y++)
            gh_bmp_row(&bmp, 0, y, bmp.w, row);
        gh_bmp_row(&bmp, bmp.w - 1, bmp.h - 1, 1, row);
    }
    gh_bmp_close(&bmp);
    return 0;
}
