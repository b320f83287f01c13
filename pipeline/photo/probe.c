/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a photo is. Depth HEADER decodes no pixel. Depth PACKETS walks the segments and scans of a
 * JPEG to its end; FULL, and both for every other format, decode the whole picture. Classes:
 * GH_INPUT, GH_LIMIT, GH_SYSTEM.
 */
#include "pipeline/photo/colour.h"
#include "pipeline/photo/jpeg_walk.h"
#include "pipeline/photo/load.h"
#include "pipeline/photo/photo.h"

#include <string.h>
#include <sys/stat.h>

#define CHECK_SCALE 0.125 /* at which a picture is decoded to see whether it is whole */
#define WHITE 0xffffff

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
    if (p->cicp.primaries || p->cicp.transfer) {
        enum gh_colour colour = gh_cicp_colour(&p->cicp);
        gh_copy(icc, 48, colour == GH_COLOUR_PROFILE ? "Display P3" : "");
        return colour;
    }
    return p->meta.icc.len && !srgb ? GH_COLOUR_PROFILE : GH_COLOUR_SRGB;
}

static void fill_probe(const struct gh_photo *p, struct gh_probe *ret)
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
    GH_COPY(ret->text, gh_str_text(&p->meta.caption));
    ret->sar = (struct gh_rational){1, 1};
}

/* Damage is an error; bytes after the end are reported. */
static int look_deep(const struct gh_photo *p, enum gh_probe_depth depth, struct gh_probe *ret,
                     struct gh_err *err)
{
    const uint8_t *bytes = (const uint8_t *)p->bytes;
    GH_AUTO_PLANES planes = {0};
    if (!p->by_planes)
        return gh_vips_planes(bytes, p->n, p->format, &p->cicp, CHECK_SCALE, WHITE, &planes, err);
    if (depth == GH_PROBE_PACKETS)
        TRY(gh_jpeg_walk(bytes, p->n, err));
    else
        TRY(gh_jpeg_planes(bytes, p->n, CHECK_SCALE, &planes, err));
    ret->truncated = p->meta.end != p->n;
    return 0;
}

int gh_photo_probe(const struct gh_ctx *ctx, int fd, const char *format, enum gh_probe_depth depth,
                   struct gh_probe *ret, struct gh_err *err)
{
    GH_AUTO_PHOTO photo = {0};
    struct gh_probe found = {0};
    TRY(gh_photo_open(&ctx->limits, fd, format, &photo, err));
    fill_probe(&photo, &found);
    found.checked = depth;
    if (depth != GH_PROBE_HEADER)
        TRY(look_deep(&photo, depth, &found, err));
    *ret = found;
    return 0;
}
