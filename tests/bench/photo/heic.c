/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HEIC: our tiles through libavcodec beside libheif (through libvips, pixels as they come, no
 * colour conversion): CPU milliseconds of each, its ratio, and the largest difference of any pixel.
 * Usage: heic FILE…
 */
#include "base/file.h"
#include "pipeline/photo/heif_box.h"
#include "pipeline/photo/heif_tiles.h"
#include "pipeline/photo/planes.h"
#include "pipeline/photo/vips.h"

#include <fcntl.h>
#include <libavutil/frame.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <vips/vips.h>

#define ROUNDS 5

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of all threads */
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int to_byte(double v)
{
    return (int)GH_CLAMP(v + 0.5, 0.0, 255.0);
}

static int compare(const struct gh_heif *heif, const AVFrame *f, const uint8_t *rgb, uint32_t w,
                   struct gh_err *err)
{
    struct gh_planes lying = {
        .w = heif->w, .h = heif->h, .ref_w = heif->w, .ref_h = heif->h, .n = 3};
    GH_AUTO_PLANES up = {0};
    int worst = 0;
    for (int i = 0; i < 3; i++) {
        int s = i ? 1 : 0;
        lying.p[i] = (struct gh_plane){f->data[i],
                                       (size_t)f->linesize[i],
                                       (heif->w + (unsigned)s) >> s,
                                       (heif->h + (unsigned)s) >> s,
                                       0,
                                       0,
                                       s ? 0.5 : 1,
                                       s ? 0.5 : 1};
    }
    TRY(gh_planes_turn(&lying, heif->orient, &up, err));
    for (uint32_t y = 0; y < up.h; y++)
        for (uint32_t x = 0; x < up.w; x++) {
            double l = up.p[0].data[up.p[0].stride * y + x],
                   cb = up.p[1].data[up.p[1].stride * (y / 2) + x / 2] - 128.0,
                   cr = up.p[2].data[up.p[2].stride * (y / 2) + x / 2] - 128.0;
            int ours[3] = {to_byte(l + 1.402 * cr), to_byte(l - 0.344136 * cb - 0.714136 * cr),
                           to_byte(l + 1.772 * cb)};
            for (int c = 0; c < 3; c++)
                worst = GH_MAX(worst, abs(ours[c] - rgb[((size_t)y * w + x) * 3 + (size_t)c]));
        }
    return worst;
}

static int bench(const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *bytes = NULL;
    GH_AUTO_FREE struct gh_heif *heif = calloc(1, sizeof(*heif));
    size_t n = 0;
    double ours = INFINITY, theirs = INFINITY;
    int worst = 0;
    TRY(gh_read_file(AT_FDCWD, path, 100 << 20, &bytes, &n, err));
    for (int i = 0; i < ROUNDS; i++) {
        AVFrame *frame = NULL;
        size_t size = 0;
        double a = now_ms();
        TRY(gh_heif_parse((const uint8_t *)bytes, n, heif, err));
        TRY(gh_heif_decode(heif, &frame, err));
        double b = now_ms();
        VipsImage *image = vips_image_new_from_buffer(bytes, n, "", NULL);
        uint8_t *rgb = image ? vips_image_write_to_memory(image, &size) : NULL;
        double c = now_ms();
        if (!rgb || size != (size_t)heif->w * heif->h * 3)
            return gh_fail(err, GH_SYSTEM, "libvips: %s", vips_error_buffer());
        ours = GH_MIN(ours, b - a);
        theirs = GH_MIN(theirs, c - b);
        if (i == 0)
            worst = compare(heif, frame, rgb, (uint32_t)vips_image_get_width(image), err);
        av_frame_free(&frame);
        g_free(rgb);
        g_object_unref(image);
    }
    printf("%s: %ux%u, ours %.0f ms, libheif %.0f ms, ratio %.2f (bar 0.45), largest difference %d "
           "(bar 1)\n",
           path, heif->w, heif->h, ours, theirs, ours / theirs, worst);
    return ours / theirs > 0.45 || worst > 1;
}

int main(int argc, char **argv)
{
    struct gh_err err = {0};
    int bad = 0;
    if (argc < 2 || gh_vips_warm(&err) < 0)
        return 2;
    for (int i = 1; i < argc; i++) {
        int r = bench(argv[i], &err);
        if (r < 0)
            fprintf(stderr, "%s: %s\n", argv[i], err.msg);
        bad |= r != 0;
    }
    return bad;
}
