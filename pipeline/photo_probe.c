/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a photo is. Header depth decodes no pixel; packets of a JPEG are its segments and scans, walked to the end;
 * deeper, and for every other format, the picture is decoded whole.
 */
#include "pipeline/jpeg_walk.h"
#include "pipeline/photo_colour.h"
#include "pipeline/photo_load.h"
#include "pipeline/pipeline.h"

#include <string.h>
#include <sys/stat.h>

int gh_photo_warm(struct gh_err *err)
{
    TRY(gh_vips_warm(err));
    return gh_colour_warm(err);
}

static enum gh_colour colour_of(const struct gh_photo *p, char icc[48])
{
    bool jpeg = gh_streq(p->format, "jpeg");
    bool srgb = p->meta.icc.len && gh_icc_is_srgb(p->meta.icc.data, p->meta.icc.len, icc);
    if (jpeg ? p->jpeg.cmyk : p->vips.cmyk)
        return GH_COLOUR_CMYK;
    if (jpeg ? p->jpeg.components == 1 : p->vips.grey)
        return GH_COLOUR_GREY;
    return p->meta.icc.len && !srgb ? GH_COLOUR_PROFILE : GH_COLOUR_SRGB;
}

static void fill(const struct gh_photo *p, struct gh_probe *ret)
{
    bool jpeg = gh_streq(p->format, "jpeg"), swap = gh_turn_of(p->orient).swap;
    ret->media = GH_PHOTO;
    GH_COPY(ret->format, p->format);
    ret->bytes = p->n;
    ret->stored_w = p->w;
    ret->stored_h = p->h;
    ret->w = swap ? p->h : p->w;
    ret->h = swap ? p->w : p->h;
    ret->orient = p->orient;
    ret->meta = p->meta.bits;
    ret->colour = colour_of(p, ret->icc);
    ret->depth = jpeg ? p->jpeg.precision : GH_MIN(p->vips.depth, 32u);
    ret->has_alpha = !jpeg && p->vips.alpha;
    ret->pages = jpeg ? 1 : p->vips.pages;
    ret->progressive = jpeg && p->jpeg.progressive;
    ret->subsampling = jpeg ? p->jpeg.subsampling : p->vips.grey ? 400 : 0;
    ret->components = jpeg ? p->jpeg.components : GH_MIN(p->vips.bands - p->vips.alpha, 5u);
    GH_COPY(ret->taken, p->meta.taken);
    ret->sar = (struct gh_rational){1, 1};
}

/* Damage fails, bytes after the end are told. */
static int look_deep(const struct gh_photo *p, enum gh_probe_depth depth, struct gh_probe *ret, struct gh_err *err)
{
    const uint8_t *bytes = (const uint8_t *)p->bytes;
    GH_AUTO_PLANES planes = {0};
    if (!p->by_planes)
        return gh_vips_planes(bytes, p->n, p->format, 0.125, 0xffffff, &planes, err);
    if (depth == GH_PROBE_PACKETS)
        TRY(gh_jpeg_walk(bytes, p->n, err));
    else
        TRY(gh_jpeg_planes(bytes, p->n, 0.125, &planes, err));
    ret->truncated = p->meta.end != p->n;
    return 0;
}

int gh_photo_probe(const struct gh_ctx *ctx, int fd, const char *format, enum gh_probe_depth depth,
                   struct gh_probe *ret, struct gh_err *err)
{
    GH_AUTO_PHOTO photo = {0};
    struct gh_probe found = {0};
    TRY(gh_photo_open(&ctx->limits, fd, format, &photo, err));
    fill(&photo, &found);
    found.checked = depth;
    if (depth != GH_PROBE_HEADER)
        TRY(look_deep(&photo, depth, &found, err));
    *ret = found;
    return 0;
}
