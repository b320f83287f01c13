/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rendering photos: one decode to one upright picture (the base), from which every output is
 * scaled. An output that shows the whole picture may be the base of smaller ones, and equal
 * geometry is made once. Then encode, again and again until the bytes fit. Classes: GH_INPUT,
 * GH_SYSTEM, GH_BUG; GH_LIMIT and GH_SKIP become results.
 */
#include "pipeline/photo/photo.h"

#include "base/clock.h"
#include "base/file.h"
#include "pipeline/meta/write.h"
#include "pipeline/photo/attend.h"
#include "pipeline/photo/jpeg_write.h"
#include "pipeline/photo/load.h"
#include "pipeline/photo/look.h"
#include "pipeline/photo/overlay.h"
#include "pipeline/photo/paint.h"
#include "pipeline/photo/resample.h"

#include <inttypes.h>
#include <libavutil/frame.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A picture may be scaled from when it has at least so many times the samples needed in each
 * direction. */
#define REUSE_RATIO 1.2

/* Planes are allocated and freed by the dozen: let malloc keep freed memory, instead of giving it
 * to the kernel and getting zeroed pages back (5 % of the time). */
static void keep_memory(void)
{
    enum { NEVER = 1 << 30, AT_ONCE = 16 << 20 };
    mallopt(M_MMAP_THRESHOLD, NEVER);
    mallopt(M_TRIM_THRESHOLD, NEVER);
    mallopt(M_TOP_PAD, AT_ONCE);
}

static int64_t cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ----------------------------------------------------------------------- pictures to scale from */

#define POOL 6 /* pictures kept */

struct made {
    struct gh_planes planes;
    struct gh_pic pic; /* its description, with the crop that was chosen */
    bool whole;        /* unpadded, unsharpened, unpainted: may be scaled further */
};

struct pool {
    struct made list[POOL];
    unsigned n, next;
};

static void pool_free(struct pool *p)
{
    for (unsigned i = 0; i < p->n; i++)
        gh_planes_free(&p->list[i].planes);
}

/* Takes planes; when the pool is full it frees the oldest picture but the first, the base. */
static struct made *pool_add(struct pool *p, struct gh_planes *planes)
{
    unsigned i = p->n < POOL ? p->n++ : 1 + p->next++ % (POOL - 1);
    gh_planes_free(&p->list[i].planes);
    p->list[i] = (struct made){.planes = gh_planes_steal(planes)};
    return &p->list[i];
}

static bool covers(const struct gh_planes *p, const struct gh_rect *crop)
{
    const struct gh_plane *l = &p->p[0];
    return l->x0 <= crop->x + 1e-6 && l->y0 <= crop->y + 1e-6 &&
           l->x0 + l->w / l->dx >= crop->x + crop->w - 1e-6 &&
           l->y0 + l->h / l->dy >= crop->y + crop->h - 1e-6;
}

/* The smallest picture that shows the crop with enough samples; the base when none has. */
static const struct gh_planes *pool_best(const struct pool *p, const struct gh_pic *pic,
                                         unsigned shift)
{
    const struct gh_planes *best = &p->list[0].planes;
    double need_x = REUSE_RATIO * pic->content_w / pic->crop.w,
           need_y = REUSE_RATIO * pic->content_h / pic->crop.h;
    for (unsigned i = 1; i < p->n; i++) {
        const struct made *m = &p->list[i];
        const struct gh_plane *l = &m->planes.p[0];
        if (m->whole && covers(&m->planes, &pic->crop) && l->dx >= need_x && l->dy >= need_y &&
            l->dx < best->p[0].dx && gh_planes_regular(&m->planes, shift))
            best = &m->planes;
    }
    return best;
}

/* The smallest picture that shows everything and has ATTEND_ENOUGH pixels at its longer edge:
 * enough for gh_attend, which works on a small copy. */
#define ATTEND_ENOUGH 512
static const struct gh_planes *pool_whole(const struct pool *p, const struct gh_pic *pic)
{
    const struct gh_planes *best = &p->list[0].planes;
    const struct gh_rect all = {0, 0, pic->src_w, pic->src_h};
    for (unsigned i = 1; i < p->n; i++) {
        const struct gh_planes *planes = &p->list[i].planes;
        if (p->list[i].whole && covers(planes, &all) && planes->w < best->w &&
            GH_MAX(planes->w, planes->h) >= ATTEND_ENOUGH)
            best = planes;
    }
    return best;
}

/* ---------------------------------------------------------------------------------- one picture */

struct job {
    const struct gh_ctx *ctx;
    const struct gh_meta *meta; /* of the source; may be NULL */
    const char *note;           /* goes with every result */
    bool text_like;
    struct gh_look look; /* of the source */
    struct pool pool;
};

static unsigned shift_of(const struct job *job, const struct gh_recipe *recipe)
{
    if (recipe->photo.subsampling)
        return recipe->photo.subsampling == 444 ? 0 : 1;
    return job->text_like ? 0 : 1;
}

#define JPEG_EDGE_MAX 65500 /* of libjpeg, pixels */

static int check_pic(const struct gh_pic *pic, const struct gh_planes *base, struct gh_err *err)
{
    bool ok = pic->crop.w && pic->crop.h && pic->content_w && pic->content_h && pic->canvas_w &&
              pic->canvas_h && (double)pic->crop.x + pic->crop.w <= base->ref_w + 0.5 &&
              (double)pic->crop.y + pic->crop.h <= base->ref_h + 0.5 &&
              (uint64_t)pic->x + pic->content_w <= pic->canvas_w &&
              (uint64_t)pic->y + pic->content_h <= pic->canvas_h &&
              pic->canvas_w <= JPEG_EDGE_MAX && pic->canvas_h <= JPEG_EDGE_MAX;
    return ok ? 0 : gh_fail(err, GH_BUG, "a recipe does not fit its picture");
}

/* The pixels of pic without its overlays, as new planes. */
static int compose_below(const struct job *job, const struct gh_pic *pic, unsigned shift,
                         struct gh_planes *ret, struct gh_err *err)
{
    const struct gh_planes *src = pool_best(&job->pool, pic, shift);
    GH_AUTO_PLANES content = {0};
    bool padded = pic->pad != GH_PAD_NONE;
    TRY(gh_planes_new(pic->content_w, pic->content_h, 3, shift, padded ? pic->x : 0,
                      padded ? pic->y : 0, &content, err));
    TRY(gh_resample(src, pic->crop.x, pic->crop.y, pic->crop.w, pic->crop.h, GH_KERNEL_SHARP,
                    &content, err));
    if (pic->sharpen)
        TRY(gh_paint_sharpen(&content, pic->sharpen, err));
    if (!padded) {
        *ret = gh_planes_steal(&content);
        return 0;
    }
    GH_AUTO_PLANES canvas = {0};
    TRY(gh_planes_new(pic->canvas_w, pic->canvas_h, 3, shift, 0, 0, &canvas, err));
    if (pic->pad == GH_PAD_BLUR)
        TRY(gh_paint_blur(&canvas, src, pic, err));
    else
        gh_planes_fill(&canvas, pic->pad_rgb);
    gh_planes_paste(&canvas, &content, pic->x, pic->y);
    *ret = gh_planes_steal(&canvas);
    return 0;
}

static int compose_picture(const struct job *job, const struct gh_pic *pic, unsigned shift,
                           struct gh_planes *ret, struct gh_err *err)
{
    GH_AUTO_STAMPS stamps = {0};
    GH_AUTO_PLANES made = {0};
    TRY(compose_below(job, pic, shift, &made, err));
    TRY(gh_stamps_make(job->ctx, pic, shift, GH_STAMP_PHOTO, &stamps, err));
    gh_stamps_paint(&stamps, &made);
    *ret = gh_planes_steal(&made);
    return 0;
}

static bool painted_over(const struct gh_pic *pic)
{
    return pic->watermark.corner || pic->label.corner;
}

/*
 * Whether two descriptions give the same pixels. What the decoder did for all of them, and how a
 * crop was chosen, does not count; a field that is not named here does.
 */
static bool same_pic(const struct gh_pic *a, const struct gh_pic *b)
{
    struct gh_pic other = *b;
    other.media = a->media;
    other.align = a->align;
    other.orient = a->orient;
    other.src_w = a->src_w;
    other.src_h = a->src_h;
    other.crop_how = a->crop_how;
    other.focal_x = a->focal_x;
    other.focal_y = a->focal_y;
    other.src_colour = a->src_colour;
    other.colour = a->colour;
    other.tonemap = a->tonemap;
    other.background = a->background;
    other.deinterlace = a->deinterlace;
    other.fps = a->fps;
    other.start_us = a->start_us;
    other.duration_us = a->duration_us;
    other.part = a->part;
    other.parts = a->parts;
    other.lufs10 = a->lufs10;
    return !memcmp(a, &other, sizeof(other));
}

/* The picture of pic: one of the pool, which keeps it. */
static int picture_of(struct job *job, const struct gh_pic *pic, unsigned shift,
                      struct gh_planes **ret, struct gh_err *err)
{
    for (unsigned i = 0; i < job->pool.n; i++) {
        struct made *m = &job->pool.list[i];
        if (m->pic.content_w && same_pic(&m->pic, pic) && gh_planes_regular(&m->planes, shift)) {
            *ret = &m->planes;
            return 0;
        }
    }
    GH_AUTO_PLANES made = {0};
    TRY(compose_picture(job, pic, shift, &made, err));
    struct made *m = pool_add(&job->pool, &made);
    m->pic = *pic;
    m->whole = pic->pad == GH_PAD_NONE && !pic->sharpen && !painted_over(pic);
    *ret = &m->planes;
    return 0;
}

/* ---------------------------------------------------------------------------------------- bytes */

struct encoded {
    uint8_t *bytes;
    size_t n;
    uint32_t quality, attempts;
};

static void encoded_free(struct encoded *e)
{
    free(e->bytes);
}

/* The factor by which libjpeg multiplies its quantisation tables for a quality. */
static double quant_factor(double quality)
{
    return quality < 50 ? 50 / quality : (200 - 2 * quality) / 100 + 0.001;
}

/* The size falls about with this power of the factor; two encodes give a better one. */
#define USUAL_POWER 0.65
#define LEAST_POWER 0.2
#define MOST_POWER 1.5
#define AIM 0.97 /* share of the bytes allowed to aim at */

static double power_of(uint32_t quality, size_t bytes, const struct encoded *then)
{
    double power = log((double)bytes / (double)then->n) /
                   log(quant_factor(then->quality) / quant_factor(quality));
    return GH_CLAMP(power, LEAST_POWER, MOST_POWER);
}

/* The quality that should give so many bytes, after e->quality gave e->n. */
static uint32_t predict_quality(const struct encoded *e, uint64_t bytes, double power)
{
    double factor = quant_factor(e->quality) * pow((double)e->n / ((double)bytes * AIM), 1 / power);
    double quality = factor > 1 ? 50 / factor : (200 - 100 * factor) / 2;
    return (uint32_t)GH_CLAMP(floor(quality), 1.0, 100.0);
}

static int encode_once(struct gh_planes *planes, const struct gh_recipe *recipe,
                       const struct gh_meta_out *meta, uint32_t quality, struct encoded *e,
                       struct gh_err *err)
{
    struct gh_jpeg_out how = {.quality = quality,
                              .progressive = recipe->photo.progressive,
                              .segments = meta->segments,
                              .n_segments = meta->n};
    free(gh_steal(&e->bytes));
    TRY(gh_jpeg_encode(planes, &how, &e->bytes, &e->n, err));
    e->quality = quality;
    e->attempts++;
    return 0;
}

/* Encode with this quality, and with lower ones until the bytes fit or the lowest is reached. The
 * last attempt is in *e, and may still be too large. */
static int encode_within(struct gh_planes *planes, const struct gh_recipe *recipe,
                         const struct gh_meta *source, uint32_t quality, struct encoded *e,
                         struct gh_err *err)
{
    GH_AUTO_META_OUT meta = {0};
    gh_meta_write(source, recipe, planes->w, planes->h, &meta);
    uint32_t least = GH_CLAMP(recipe->photo.quality_min, 1u, quality);
    double power = USUAL_POWER;
    TRY(encode_once(planes, recipe, &meta, quality, e, err));
    while (recipe->bytes_max && e->n > recipe->bytes_max && e->quality > least) {
        uint32_t last = e->quality,
                 next = GH_MIN(predict_quality(e, recipe->bytes_max, power), last - 1);
        size_t had = e->n;
        TRY(encode_once(planes, recipe, &meta, GH_MAX(next, least), e, err));
        power = power_of(last, had, e);
    }
    return 0;
}

/* The same picture with its longer edge at most edge pixels. */
static struct gh_pic shrunk(const struct gh_pic *pic, uint32_t edge)
{
    struct gh_pic out = *pic;
    double f = (double)edge / GH_MAX(pic->canvas_w, pic->canvas_h);
    out.canvas_w = GH_MAX((uint32_t)(pic->canvas_w * f + 0.5), 1u);
    out.canvas_h = GH_MAX((uint32_t)(pic->canvas_h * f + 0.5), 1u);
    out.content_w = GH_CLAMP((uint32_t)(pic->content_w * f + 0.5), 1u, out.canvas_w);
    out.content_h = GH_CLAMP((uint32_t)(pic->content_h * f + 0.5), 1u, out.canvas_h);
    out.x = GH_MIN((uint32_t)(pic->x * f), out.canvas_w - out.content_w);
    out.y = GH_MIN((uint32_t)(pic->y * f), out.canvas_h - out.content_h);
    return out;
}

/* Lower the quality first, then the size at the lowest quality: the first size that fits is the
 * largest, so a higher quality would not fit. */
#define EDGE_POWER 0.55 /* the edge falls about with this power of the bytes */
#define EDGE_AIM 0.98

static int fit_bytes(struct job *job, const struct gh_recipe *recipe, struct gh_pic *pic,
                     unsigned shift, struct encoded *e, struct gh_err *err)
{
    struct gh_planes *planes;
    TRY(picture_of(job, pic, shift, &planes, err));
    TRY(encode_within(planes, recipe, job->meta, GH_CLAMP(recipe->photo.quality, 1u, 100u), e,
                      err));
    uint32_t edge = GH_MAX(pic->canvas_w, pic->canvas_h), least = recipe->photo.shrink_min;
    const struct gh_pic whole = *pic;
    while (recipe->bytes_max && e->n > recipe->bytes_max) {
        if (!least || edge <= least)
            return gh_fail(err, GH_LIMIT,
                           "%zu bytes at quality %u and %u × %u, at most %" PRIu64 " are allowed",
                           e->n, e->quality, pic->canvas_w, pic->canvas_h, recipe->bytes_max);
        /* a smaller picture has more detail in each pixel: bytes fall more slowly than the area */
        edge = GH_CLAMP(
            (uint32_t)(edge * pow((double)recipe->bytes_max / (double)e->n, EDGE_POWER) * EDGE_AIM),
            least, edge - 1);
        *pic = shrunk(&whole, edge);
        TRY(picture_of(job, pic, shift, &planes, err));
        TRY(encode_within(planes, recipe, job->meta, e->quality, e, err));
    }
    return 0;
}

/* ----------------------------------------------------------------------------------- one output */

static int write_output(int fd, const struct encoded *e, struct gh_err *err)
{
    return gh_write_all(fd, e->bytes, e->n, err);
}

static int make_output(struct job *job, const struct gh_recipe *recipe, int out_fd,
                       struct gh_result *ret, struct gh_err *err)
{
    GH_AUTO(encoded_free) struct encoded e = {0};
    struct gh_pic pic = recipe->pic;
    const struct gh_planes *base = &job->pool.list[0].planes;
    unsigned shift = shift_of(job, recipe);
    TRY(check_pic(&pic, base, err));
    if (pic.crop_how == GH_CROP_ATTENTION)
        TRY(gh_attend(pool_whole(&job->pool, &pic), &pic.crop, err));
    TRY(fit_bytes(job, recipe, &pic, shift, &e, err));
    TRY(write_output(out_fd, &e, err));
    GH_AUTO_META left = {0};
    gh_meta_jpeg(e.bytes, e.n, &left);
    ret->w = pic.canvas_w;
    ret->h = pic.canvas_h;
    ret->crop = pic.crop;
    ret->quality = e.quality;
    ret->attempts = e.attempts;
    ret->bytes = e.n;
    ret->removed = job->meta ? job->meta->bits & ~left.bits : 0;
    return 0;
}

/* Make one output and fill its result; an error that concerns every output is returned. */
static int make_result(struct job *job, const struct gh_recipe *recipe, int out_fd, uint32_t index,
                       struct gh_result *ret, struct gh_err *err)
{
    struct gh_err why = {0};
    int64_t start = cpu_us();
    *ret = (struct gh_result){.index = index, .look = job->look};
    GH_COPY(ret->msg, job->note);
    if (make_output(job, recipe, out_fd, ret, &why) < 0) {
        if (why.cls != GH_LIMIT && why.cls != GH_SKIP) {
            *err = why;
            return -(int)why.cls;
        }
        *ret = (struct gh_result){.index = index, .cls = why.cls, .look = job->look};
        GH_COPY(ret->msg, why.msg);
    }
    ret->cpu_us = cpu_us() - start;
    return 0;
}

/* ---------------------------------------------------------------------------------- all outputs */

enum { OPENED = 50, DECODED = 300 }; /* progress in thousandths, as time is usually spent */

static double scale_needed(const struct gh_pic *pic)
{
    return GH_MAX((double)pic->content_w / pic->crop.w, (double)pic->content_h / pic->crop.h);
}

static bool shows_all(const struct gh_pic *pic)
{
    return !pic->crop.x && !pic->crop.y && pic->crop.w == pic->src_w && pic->crop.h == pic->src_h;
}

/* The recipes with this orientation, largest scale first. */
static size_t group_by_orient(const struct gh_recipe *recipes, size_t n, uint32_t orient,
                              size_t *order)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (recipes[i].pic.orient != orient)
            continue;
        size_t at = m++;
        for (; at > 0 && scale_needed(&recipes[order[at - 1]].pic) < scale_needed(&recipes[i].pic);
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return m;
}

static void note_of(const struct gh_photo *photo, char *note, size_t size)
{
    bool animated = gh_streq(photo->format, "gif") || gh_streq(photo->format, "webp");
    note[0] = '\0';
    if (photo->vips.pages > 1)
        snprintf(note, size, animated ? "first frame of %u" : "first picture of %u",
                 photo->vips.pages);
}

/* All recipes that turn the picture the same way: nearly always all there are. */
static int render_group(const struct gh_ctx *ctx, const struct gh_photo *photo,
                        const struct gh_recipe *recipes, const int *out_fds, const size_t *order,
                        size_t n, size_t *done, size_t total, struct gh_err *err)
{
    char note[64];
    note_of(photo, note, sizeof(note));
    struct job job = {.ctx = ctx, .meta = &photo->meta, .note = note};
    const struct gh_pic *first = &recipes[order[0]].pic;
    double scale = scale_needed(first);
    /* the largest output, when it shows everything, is the base itself */
    bool exact = shows_all(first) && scale <= 1;
    struct gh_planes base = {0};
    TRY(gh_photo_decode(photo, scale, exact ? first->content_w : 0, exact ? first->content_h : 0,
                        first->orient, first->background, &base, &job.text_like, err));
    gh_look_at(&base, &job.look);
    struct made *m = pool_add(&job.pool, &base);
    if (exact) {
        m->pic = *first;
        m->pic.pad = GH_PAD_NONE;
        m->pic.sharpen = m->pic.x = m->pic.y = 0;
        m->pic.watermark = m->pic.label = (struct gh_overlay){.id = ""};
        m->pic.canvas_w = first->content_w;
        m->pic.canvas_h = first->content_h;
        m->whole = true;
    }
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++) {
        struct gh_result result;
        r = make_result(&job, &recipes[order[i]], out_fds[order[i]], (uint32_t)order[i], &result,
                        err);
        if (r == 0)
            ctx->result(ctx->arg, &result);
        ctx->progress(ctx->arg, (unsigned)(DECODED + (1000 - DECODED) * ++*done / total));
    }
    pool_free(&job.pool);
    return r;
}

int gh_photo_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                    const struct gh_recipe *recipes, const int *out_fds, size_t n,
                    struct gh_err *err)
{
    GH_AUTO_PHOTO photo = {0};
    keep_memory();
    TRY(gh_photo_open(&ctx->limits, in_fd, probe->format, &photo, err));
    ctx->progress(ctx->arg, OPENED);
    GH_AUTO_FREE size_t *order = calloc(n ? n : 1, sizeof(*order));
    if (!order)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    size_t done = 0;
    for (uint32_t orient = 0; orient <= 8; orient++) {
        size_t m = group_by_orient(recipes, n, orient, order);
        if (m)
            TRY(render_group(ctx, &photo, recipes, out_fds, order, m, &done, n, err));
    }
    return done == n ? 0
                     : gh_fail(err, GH_BUG, "a recipe asks for an orientation that does not exist");
}

int gh_photo_from_frame(const struct gh_ctx *ctx, const AVFrame *frame,
                        const struct gh_recipe *recipe, int out_fd, struct gh_result *ret,
                        struct gh_err *err)
{
    struct job job = {.ctx = ctx, .note = ""};
    struct gh_planes base = {0};
    TRY(gh_planes_from_frame(frame, 1, &base, err));
    gh_planes_cover(&base, 0, 0, recipe->pic.src_w, recipe->pic.src_h, recipe->pic.src_w,
                    recipe->pic.src_h);
    pool_add(&job.pool, &base);
    uint32_t index = ret->index;
    int r = make_result(&job, recipe, out_fd, index, ret, err);
    pool_free(&job.pool);
    return r;
}
