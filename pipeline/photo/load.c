/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which decoder reads which photo, and the one way from its planes to an upright sRGB picture.
 * Classes: GH_INPUT, GH_LIMIT, GH_SYSTEM, GH_AGAIN (the file became shorter).
 */
#include "pipeline/photo/load.h"

#include "base/file.h"
#include "pipeline/photo/colour.h"
#include "pipeline/photo/heif_box.h"
#include "pipeline/photo/heif_tiles.h"
#include "pipeline/photo/resample.h"

#include <inttypes.h>
#include <libavutil/frame.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#define PHOTO_BYTES_MAX (512u << 20) /* photos are read into memory whole */
#define PADDING 64                   /* zeros after them, that decoders may read */

void gh_photo_free(struct gh_photo *p)
{
    free(p->bytes);
    gh_meta_free(&p->meta);
    for (size_t i = 0; i < GH_LEN(p->keep); i++)
        gh_str_free(&p->keep[i]);
    *p = (struct gh_photo){0};
}

/* -------------------------------------------------------------------------------------- opening */

static int read_all(const struct gh_limits *limits, int fd, char **ret, size_t *ret_n,
                    struct gh_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_OK, "cannot read the photo");
    uint64_t max = limits->input_bytes ? GH_MIN(limits->input_bytes, (uint64_t)PHOTO_BYTES_MAX)
                                       : PHOTO_BYTES_MAX;
    if ((uint64_t)st.st_size > max)
        return gh_fail(err, GH_LIMIT,
                       "the photo has %" PRId64 " bytes, at most %" PRIu64 " are taken",
                       (int64_t)st.st_size, max);
    size_t n = (size_t)st.st_size;
    GH_AUTO_FREE char *bytes = malloc(n + PADDING);
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
    memset(bytes + n, 0, PADDING);
    *ret = gh_steal(&bytes);
    *ret_n = n;
    return 0;
}

static int check_pixels(uint32_t w, uint32_t h, uint64_t limit, struct gh_err *err)
{
    if (!w || !h)
        return gh_fail(err, GH_INPUT, "damaged picture: it has no size");
    if (limit && (uint64_t)w * h > limit)
        return gh_fail(err, GH_LIMIT, "%u × %u pixels are more than the %.0f megapixels allowed", w,
                       h, (double)limit / 1e6);
    return 0;
}

/* The decoder has turned a HEIC as its boxes say, and EXIF may say something else: it counts only
 * for formats that have no other orientation. */
static uint32_t orient_of(const struct gh_photo *p)
{
    if (gh_streq(p->format, "heif") || gh_streq(p->format, "avif"))
        return 1;
    uint32_t o = p->meta.orient ? p->meta.orient : p->meta.xmp_orient;
    return o ? o : GH_MAX(p->vips.orient, 1u);
}

static void read_cicp(struct gh_photo *p)
{
    const uint8_t *bytes = (const uint8_t *)p->bytes;
    if (gh_streq(p->format, "png"))
        gh_cicp_png(bytes, p->n, &p->cicp);
    else if (gh_streq(p->format, "heif") || gh_streq(p->format, "avif"))
        gh_heif_cicp(bytes, p->n, &p->cicp);
}

int gh_photo_open(const struct gh_limits *limits, int fd, const char *format, struct gh_photo *ret,
                  struct gh_err *err)
{
    GH_AUTO_PHOTO p = {0};
    TRY(read_all(limits, fd, &p.bytes, &p.n, err));
    const uint8_t *bytes = (const uint8_t *)p.bytes;
    GH_COPY(p.format, format);
    if (gh_streq(format, "jpeg")) {
        TRY(gh_jpeg_header(bytes, p.n, &p.jpeg, err));
        TRY(check_pixels(p.jpeg.w, p.jpeg.h,
                         p.jpeg.progressive ? limits->photo_pixels : limits->jpeg_pixels, err));
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
        TRY(gh_vips_header(bytes, p.n, format, &p.vips, gh_streq(format, "jpeg") ? NULL : &p.meta,
                           p.keep, err));
        TRY(check_pixels(p.vips.w, p.vips.h, limits->photo_pixels, err));
        p.w = p.vips.w;
        p.h = p.vips.h;
    }
    read_cicp(&p);
    p.orient = orient_of(&p);
    *ret = p;
    p = (struct gh_photo){0};
    return 0;
}

/* --------------------------------------------------------------------------- text or photograph */

#define SAMPLE_ROWS 256
/* share of neighbouring pixels that are equal; photographs have less than half of it, skies
 * included */
#define FLAT_SHARE 0.55
#define LEAST_EDGE 32 /* pixels: a smaller picture tells nothing */

/* Graphics or text: mostly flat, with hard edges. Looks at a few hundred rows. */
static bool text_like(const struct gh_planes *p)
{
    uint64_t flat = 0, all = 0;
    uint32_t step = GH_MAX(p->h / SAMPLE_ROWS, 1u);
    const struct gh_plane *l = &p->p[0];
    if (p->w < LEAST_EDGE || p->h < LEAST_EDGE)
        return false;
    for (uint32_t y = 0; y < p->h; y += step) {
        const uint8_t *row = l->data + l->stride * y;
        for (uint32_t x = 1; x < p->w; x++)
            flat += row[x] == row[x - 1];
        all += p->w - 1;
    }
    return (double)flat > FLAT_SHARE * (double)all;
}

/* ------------------------------------------------------------------------------------- decoding */

/* What a decoder returned: planes, how they have to be turned, and their colour. */
struct decoded {
    struct gh_planes planes;
    uint32_t orient;
    struct gh_meta_block icc;
    struct gh_cicp cicp; /* when there is no profile */
};

static void decoded_free(struct decoded *d)
{
    gh_planes_free(&d->planes);
}

static int decode_jpeg(const struct gh_photo *photo, double scale, struct decoded *ret,
                       struct gh_err *err)
{
    TRY(gh_jpeg_planes((const uint8_t *)photo->bytes, photo->n, scale, &ret->planes, err));
    ret->icc = (struct gh_meta_block){(const uint8_t *)photo->meta.icc.data, photo->meta.icc.len};
    return 0;
}

static void frame_release(void *frame)
{
    AVFrame *f = frame;
    av_frame_free(&f);
}

/* GH_SKIP: not for the fast path. */
static int decode_tiles(const struct gh_photo *photo, struct decoded *ret, struct gh_err *err)
{
    GH_AUTO_FREE struct gh_heif *heif = calloc(1, sizeof(*heif));
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
    struct gh_planes p = {.w = heif->w,
                          .h = heif->h,
                          .ref_w = heif->w,
                          .ref_h = heif->h,
                          .n = 3,
                          .release = frame_release};
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
    ret->icc = (struct gh_meta_block){heif->colour.icc.at, heif->colour.icc.len};
    ret->cicp = heif->colour.cicp;
    return 0;
}

static int decode_photo(const struct gh_photo *photo, double scale, uint32_t orient,
                        uint32_t background, struct decoded *ret, struct gh_err *err)
{
    ret->orient = orient;
    if (photo->by_planes)
        return decode_jpeg(photo, scale, ret, err);
    int r = decode_tiles(photo, ret, err);
    if (r != -GH_SKIP)
        return r;
    return gh_vips_planes((const uint8_t *)photo->bytes, photo->n, photo->format, &photo->cicp,
                          scale, background, &ret->planes, err);
}

/* Where no size is asked for: the source's times the scale. */
static void set_size(const struct gh_planes *p, const struct gh_turn *turn, double scale,
                     uint32_t *to_w, uint32_t *to_h)
{
    double w = turn->swap ? p->ref_h : p->ref_w, h = turn->swap ? p->ref_w : p->ref_h;
    if (*to_w && *to_h)
        return;
    *to_w = (uint32_t)GH_MAX(1.0, floor(w * scale + 0.5));
    *to_h = (uint32_t)GH_MAX(1.0, floor(h * scale + 0.5));
}

int gh_photo_decode(const struct gh_photo *photo, double scale, uint32_t to_w, uint32_t to_h,
                    uint32_t orient, uint32_t background, struct gh_planes *ret,
                    bool *ret_text_like, struct gh_err *err)
{
    GH_AUTO(decoded_free) struct decoded d = {.orient = 1};
    TRY(decode_photo(photo, GH_MIN(scale, 1.0), orient, background, &d, err));
    struct gh_turn turn = gh_turn_of(d.orient);
    set_size(&d.planes, &turn, GH_MIN(scale, 1.0), &to_w, &to_h);
    bool whole_chroma =
        d.planes.n == 3 && d.planes.p[1].w == d.planes.w && d.planes.p[1].h == d.planes.h;
    bool text = whole_chroma && text_like(&d.planes);
    unsigned shift = text ? 0 : 1;
    uint32_t w = turn.swap ? to_h : to_w, h = turn.swap ? to_w : to_h; /* as it lies */
    GH_AUTO_PLANES lying = {0};
    if (w == d.planes.w && h == d.planes.h && d.planes.n == 3 && d.orient <= 1 &&
        gh_planes_regular(&d.planes, shift)) {
        lying = gh_planes_steal(&d.planes);
    } else {
        /* An odd edge that will become the left or upper one: chroma starts a pixel before it. */
        unsigned off_x = (turn.swap ? turn.flip_y : turn.flip_x) && w & 1,
                 off_y = (turn.swap ? turn.flip_x : turn.flip_y) && h & 1;
        TRY(gh_planes_new(w, h, 3, shift, off_x, off_y, &lying, err));
        TRY(gh_resample(&d.planes, 0, 0, d.planes.ref_w, d.planes.ref_h, GH_KERNEL_SHARP, &lying,
                        err));
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
        TRY(gh_planes_cicp_to_srgb(&out, &d.cicp, err));
    *ret = gh_planes_steal(&out);
    *ret_text_like = text;
    return 0;
}
