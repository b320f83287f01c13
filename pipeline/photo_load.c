/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which decoder takes what, and the one way from its planes to an upright sRGB picture. Classes: GH_INPUT, GH_LIMIT,
 * GH_SYSTEM. */
#include "pipeline/photo_load.h"

#include "base/file.h"
#include "pipeline/heif_box.h"
#include "pipeline/heif_tiles.h"
#include "pipeline/photo_colour.h"
#include "pipeline/resample.h"

#include <libavutil/frame.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define PHOTO_BYTES_MAX (512u << 20) /* photos are read into memory whole */

void gh_photo_free(struct gh_photo *p)
{
    free(p->bytes);
    gh_meta_free(&p->meta);
    for (size_t i = 0; i < GH_LEN(p->keep); i++)
        gh_str_free(&p->keep[i]);
    *p = (struct gh_photo){0};
}

/* ------------------------------------------------------------------------------------------------ opening */

static int read_all(const struct gh_limits *limits, int fd, char **ret, size_t *ret_n, struct gh_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_OK, "cannot read the photo");
    uint64_t max = limits->input_bytes ? GH_MIN(limits->input_bytes, (uint64_t)PHOTO_BYTES_MAX) : PHOTO_BYTES_MAX;
    if ((uint64_t)st.st_size > max)
        return gh_fail(err, GH_LIMIT, "the photo has %lld bytes, at most %llu are taken", (long long)st.st_size,
                       (unsigned long long)max);
    size_t n = (size_t)st.st_size;
    GH_AUTO_FREE char *bytes = malloc(n + 64);
    if (!bytes)
        return gh_fail(err, GH_SYSTEM, "out of memory for %zu bytes", n);
    for (size_t at = 0; at < n;) {
        ssize_t r = pread(fd, bytes + at, n - at, (off_t)at);
        if (r < 0)
            return gh_fail_errno(err, GH_OK, "cannot read the photo");
        if (r == 0)
            return gh_fail(err, GH_AGAIN, "the photo became shorter while it was read");
        at += (size_t)r;
    }
    memset(bytes + n, 0, 64);
    *ret = gh_steal(&bytes);
    *ret_n = n;
    return 0;
}

static int check_pixels(uint32_t w, uint32_t h, uint64_t limit, struct gh_err *err)
{
    if (!w || !h)
        return gh_fail(err, GH_INPUT, "damaged picture: it has no size");
    if (limit && (uint64_t)w * h > limit)
        return gh_fail(err, GH_LIMIT, "%u × %u pixels are more than the %.0f megapixels allowed", w, h,
                       (double)limit / 1e6);
    return 0;
}

/* EXIF of a HEIC may contradict its boxes, which the decoder has obeyed: only formats without turning of their own use
 * it. */
static uint32_t orient_of(const struct gh_photo *p)
{
    if (gh_streq(p->format, "heif") || gh_streq(p->format, "avif"))
        return 1;
    uint32_t o = p->meta.orient ? p->meta.orient : p->meta.xmp_orient;
    return o ? o : GH_MAX(p->vips.orient, 1u);
}

int gh_photo_open(const struct gh_limits *limits, int fd, const char *format, struct gh_photo *ret, struct gh_err *err)
{
    GH_AUTO_PHOTO p = {0};
    TRY(read_all(limits, fd, &p.bytes, &p.n, err));
    const uint8_t *bytes = (const uint8_t *)p.bytes;
    GH_COPY(p.format, format);
    if (gh_streq(format, "jpeg")) {
        TRY(gh_jpeg_header(bytes, p.n, &p.jpeg, err));
        TRY(check_pixels(p.jpeg.w, p.jpeg.h, p.jpeg.progressive ? limits->photo_pixels : limits->jpeg_pixels, err));
        gh_meta_jpeg(bytes, p.n, &p.meta);
        p.by_planes = p.jpeg.planar;
        p.w = p.jpeg.w;
        p.h = p.jpeg.h;
    }
    if (gh_streq(format, "tiff"))
        gh_meta_tiff(bytes, p.n, &p.meta);
    if (p.meta.raw)
        return gh_fail(err, GH_INPUT, "unsupported type: this is a camera's raw file");
    if (!p.by_planes) {
        TRY(gh_vips_header(bytes, p.n, format, &p.vips, gh_streq(format, "jpeg") ? NULL : &p.meta, p.keep, err));
        TRY(check_pixels(p.vips.w, p.vips.h, limits->photo_pixels, err));
        p.w = p.vips.w;
        p.h = p.vips.h;
    }
    p.orient = orient_of(&p);
    *ret = p;
    p = (struct gh_photo){0};
    return 0;
}

/* ------------------------------------------------------------------------------------------------ decoding */

/* What a decoder delivered: planes, how they still have to be turned, and what their numbers mean. */
struct decoded {
    struct gh_planes planes;
    uint32_t orient;
    struct gh_piece icc;
    unsigned primaries;      /* H.273, when there is no profile; 2 unknown */
    uint32_t full_w, full_h; /* whole size, not turned */
};

static void decoded_free(struct decoded *d)
{
    gh_planes_free(&d->planes);
}

static int decode_jpeg(const struct gh_photo *photo, double scale, struct decoded *ret, struct gh_err *err)
{
    TRY(gh_jpeg_planes((const uint8_t *)photo->bytes, photo->n, scale, &ret->planes, err));
    ret->icc = (struct gh_piece){(const uint8_t *)photo->meta.icc.data, photo->meta.icc.len};
    return 0;
}

static void frame_release(void *frame)
{
    AVFrame *f = frame;
    av_frame_free(&f);
}

/* GH_SKIP: not a file for this way. */
static int decode_tiles(const struct gh_photo *photo, struct decoded *ret, struct gh_err *err)
{
    GH_AUTO_FREE struct gh_heif *heif = calloc(1, sizeof *heif);
    GH_AUTO(av_frame_free) AVFrame *frame = NULL;
    if (!heif)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    if (!gh_streq(photo->format, "heif"))
        return gh_fail(err, GH_SKIP, "not HEIC");
    TRY(gh_heif_parse((const uint8_t *)photo->bytes, photo->n, heif, err));
    bool swap = gh_turn_of(heif->orient).swap;
    if ((swap ? heif->h : heif->w) != photo->w || (swap ? heif->w : heif->h) != photo->h)
        return gh_fail(err, GH_SKIP, "the two readers of its boxes disagree");
    TRY(gh_heif_decode(heif, &frame, err));
    struct gh_planes p = {
        .w = heif->w, .h = heif->h, .ref_w = heif->w, .ref_h = heif->h, .n = 3, .release = frame_release};
    for (uint32_t i = 0; i < 3; i++) {
        unsigned s = i ? 1 : 0;
        p.p[i] = (struct gh_plane){.data = frame->data[i],
                                   .stride = (size_t)frame->linesize[i],
                                   .w = (heif->w + s) >> s,
                                   .h = (heif->h + s) >> s,
                                   .dx = s ? 0.5 : 1,
                                   .dy = s ? 0.5 : 1};
    }
    p.mem = gh_steal(&frame);
    ret->planes = p;
    ret->orient = heif->orient;
    ret->icc = (struct gh_piece){heif->icc.at, heif->icc.len};
    ret->primaries = heif->primaries;
    return 0;
}

static int decode(const struct gh_photo *photo, double scale, uint32_t orient, uint32_t background, struct decoded *ret,
                  struct gh_err *err)
{
    ret->orient = orient;
    if (photo->by_planes)
        return decode_jpeg(photo, scale, ret, err);
    int r = decode_tiles(photo, ret, err);
    if (r != -GH_SKIP)
        return r;
    return gh_vips_planes((const uint8_t *)photo->bytes, photo->n, photo->format, scale, background, &ret->planes, err);
}

/* A size that decoders' scales give by themselves when nobody asked for one. */
static void size_for(const struct gh_planes *p, const struct gh_turn *turn, double scale, uint32_t *to_w,
                     uint32_t *to_h)
{
    double w = turn->swap ? p->ref_h : p->ref_w, h = turn->swap ? p->ref_w : p->ref_h;
    if (*to_w && *to_h)
        return;
    *to_w = (uint32_t)GH_MAX(1.0, floor(w * scale + 0.5));
    *to_h = (uint32_t)GH_MAX(1.0, floor(h * scale + 0.5));
}

int gh_photo_decode(const struct gh_photo *photo, double scale, uint32_t to_w, uint32_t to_h, uint32_t orient,
                    uint32_t background, struct gh_planes *ret, bool *ret_text_like, struct gh_err *err)
{
    GH_AUTO(decoded_free) struct decoded d = {.primaries = 2};
    TRY(decode(photo, GH_MIN(scale, 1.0), orient, background, &d, err));
    struct gh_turn turn = gh_turn_of(d.orient);
    size_for(&d.planes, &turn, GH_MIN(scale, 1.0), &to_w, &to_h);
    bool whole_chroma = d.planes.n == 3 && d.planes.p[1].w == d.planes.w && d.planes.p[1].h == d.planes.h;
    bool text = whole_chroma && gh_planes_text_like(&d.planes);
    unsigned shift = text ? 0 : 1;
    uint32_t w = turn.swap ? to_h : to_w, h = turn.swap ? to_w : to_h; /* as it lies */
    GH_AUTO_PLANES lying = {0};
    if (w == d.planes.w && h == d.planes.h && d.planes.n == 3 && d.orient <= 1 && gh_planes_regular(&d.planes, shift)) {
        lying = gh_planes_steal(&d.planes);
    } else {
        /* chroma of an odd edge that will become the left or upper one starts a pixel early */
        unsigned off_x = (turn.swap ? turn.flip_y : turn.flip_x) && w & 1,
                 off_y = (turn.swap ? turn.flip_x : turn.flip_y) && h & 1;
        TRY(gh_planes_new(w, h, 3, shift, off_x, off_y, &lying, err));
        TRY(gh_resample(&d.planes, 0, 0, d.planes.ref_w, d.planes.ref_h, GH_KERNEL_SHARP, &lying, err));
        gh_planes_free(&d.planes);
    }
    GH_AUTO_PLANES out = {0};
    if (d.orient > 1)
        TRY(gh_planes_turn(&lying, d.orient, &out, err));
    else
        out = gh_planes_steal(&lying);
    gh_planes_free(&lying);
    if (d.icc.n)
        TRY(gh_planes_to_srgb(&out, d.icc.at, d.icc.n, err));
    else
        TRY(gh_planes_primaries_to_srgb(&out, d.primaries, err));
    *ret = gh_planes_steal(&out);
    *ret_text_like = text;
    return 0;
}

/* ------------------------------------------------------------------------------------------------ text or photograph
 */

#define SAMPLE_ROWS 256
#define FLAT_SHARE                                                                                                     \
    0.55 /* of neighbouring pixels that are equal; photographs have less than half of that, skies included */

bool gh_planes_text_like(const struct gh_planes *p)
{
    uint64_t flat = 0, all = 0;
    uint32_t step = GH_MAX(p->h / SAMPLE_ROWS, 1u);
    const struct gh_plane *l = &p->p[0];
    if (p->w < 32 || p->h < 32)
        return false;
    for (uint32_t y = 0; y < p->h; y += step) {
        const uint8_t *row = l->data + l->stride * y;
        for (uint32_t x = 1; x < p->w; x++)
            flat += row[x] == row[x - 1];
        all += p->w - 1;
    }
    return (double)flat > FLAT_SHARE * (double)all;
}
