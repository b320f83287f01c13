/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's way with a photo: probe at every depth, two small renditions, and each of these
 * probed as an output is.
 */
#include "tests/fuzz/worker_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char format[16];
    struct gh_ctx ctx = fuzz_context();
    struct gh_probe probe, deep, out;
    struct gh_err err;
    if (gh_sniff(data, GH_MIN(size, (size_t)64), format) != GH_PHOTO)
        return 0;
    fuzz_warm();
    int in = fuzz_file(0, data, size);
    if (!fuzz_probe(&ctx, in, GH_PROBE_HEADER, &probe))
        return 0;
    (void)fuzz_probe(&ctx, in, GH_PROBE_FULL, &deep);
    struct gh_recipe recipe = {.media = GH_PHOTO,
                               .pic = fuzz_pic(&probe, 64, 48),
                               .photo = {.quality = 80, .quality_min = 60}};
    recipe.policy = size % GH_POLICIES;
    GH_COPY(recipe.artist, "A");
    int file = fuzz_file(1, NULL, 0);
    fuzz_encodes = 1;
    if (gh_photo_render(&ctx, in, &probe, &recipe, &file, 1, &err) == 0 &&
        lseek(file, 0, SEEK_END) > 0 && fuzz_probe(&ctx, file, GH_PROBE_PACKETS, &out) &&
        recipe.policy != GH_POLICY_ARCHIVE &&
        out.meta & ~gh_policy_allows((enum gh_policy)recipe.policy))
        __builtin_trap();
    return 0;
}
