/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worker's way with a video: probe at every depth, then a thumbnail, the bitstream as it is,
 * and a small encode. */
#include "tests/fuzz/worker_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void render(const struct gh_ctx *ctx, int in, const struct gh_probe *probe,
                   const struct gh_recipe *recipe)
{
    struct gh_err err = {0};
    struct gh_probe out;
    int file = fuzz_file(1, NULL, 0);
    fuzz_encodes = 1;
    if (gh_video_render(ctx, in, probe, recipe, &file, 1, &err) == 0 &&
        lseek(file, 0, SEEK_END) > 0)
        (void)fuzz_probe(ctx, file, GH_PROBE_PACKETS, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char format[16];
    struct gh_ctx ctx = fuzz_context();
    struct gh_probe probe, deep;
    if (gh_sniff(data, GH_MIN(size, (size_t)64), format) != GH_VIDEO)
        return 0;
    fuzz_warm();
    int in = fuzz_file(0, data, size);
    if (!fuzz_probe(&ctx, in, GH_PROBE_HEADER, &probe) ||
        !fuzz_probe(&ctx, in, GH_PROBE_PACKETS, &deep))
        return 0;
    bool whole = fuzz_probe(&ctx, in, GH_PROBE_FULL, &deep) && !deep.damaged;
    struct gh_recipe thumb = {.media = GH_PHOTO,
                              .pic = fuzz_pic(&probe, 64, 48),
                              .photo = {.quality = 80, .quality_min = 60}};
    thumb.pic.start_us = -1;
    struct gh_recipe encode = {
        .media = GH_VIDEO,
        .pic = fuzz_pic(&probe, 64, 48),
        .video = {.profile = "main", .gop_ms = 1000, .crf10 = 300},
        .audio = {probe.acodec[0] ? GH_AUDIO_ENCODE : GH_AUDIO_SILENT, 64, 48000, 2}};
    encode.pic.colour = GH_COLOUR_BT709;
    encode.pic.fps = (struct gh_rational){10, 1};
    encode.pic.duration_us = GH_CLAMP(probe.duration_us, 0, 2000000);
    encode.pic.deinterlace = probe.interlaced;
    encode.pic.lufs10 = -140;
    struct gh_recipe pass = {.media = GH_VIDEO, .how = GH_HOW_PASS, .pic = encode.pic};
    pass.audio.mode = probe.acodec[0] ? GH_AUDIO_COPY : GH_AUDIO_NONE;
    render(&ctx, in, &probe, &thumb);
    if (whole) /* what the planner asks for of nothing else */
        render(&ctx, in, &deep, &pass);
    render(&ctx, in, &probe, &encode);
    return 0;
}
