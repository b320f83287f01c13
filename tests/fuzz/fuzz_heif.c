/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEIF item boxes, code points of colour: whatever the bytes, spans stay inside the file. */
#include "pipeline/photo/heif_box.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gh_heif heif;
    struct gh_err err;
    struct gh_cicp cicp;
    gh_heif_cicp(data, size, &cicp);
    gh_cicp_png(data, size, &cicp);
    if (gh_heif_parse(data, size, &heif, &err) < 0)
        return 0;
    const struct gh_span spans[] = {heif.hvcc, heif.colour.icc};
    for (size_t i = 0; i < GH_LEN(spans); i++)
        if (spans[i].at && (spans[i].at < data || spans[i].at + spans[i].len > data + size))
            __builtin_trap();
    for (uint32_t i = 0; i < heif.n_tiles; i++)
        if (heif.tiles[i].at < data || heif.tiles[i].at + heif.tiles[i].len > data + size)
            __builtin_trap();
    return 0;
}
