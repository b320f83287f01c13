/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logos and labels. An overlay file is what `ghat-worker --logo` or `--label` makes of an
 * administrator's PNG or text: a head, then rows of premultiplied RGBA. A child of a job gets it by
 * descriptor, scales it once for each canvas size (a stamp) and blends it into planes: of a photo,
 * or of every frame of a video.
 */
#ifndef GH_PIPELINE_PHOTO_OVERLAY_H
#define GH_PIPELINE_PHOTO_OVERLAY_H

#include "pipeline/photo/planes.h"
#include "pipeline/pipeline.h"

#define GH_OVERLAY_MAGIC 0x31564f47u /* "GOV1" */
#define GH_OVERLAY_MAX_W 4096
#define GH_OVERLAY_MAX_H 1024

struct gh_overlay_head {
    uint32_t magic, w, h, reserved;
};

/* Matrix and range of the planes that are painted on: full-range BT.601 of photos, limited-range
 * BT.709 of videos. */
enum gh_stamp_space { GH_STAMP_PHOTO, GH_STAMP_VIDEO };

/* One overlay at its final size and place. Everything is premultiplied; chroma of 128 is none. */
struct gh_stamp {
    uint32_t x, y; /* on the canvas, in luma samples; even */
    struct gh_planes colour;
    struct gh_planes alpha[2]; /* one plane each: at the size of luma, of chroma */
};
struct gh_stamps {
    struct gh_stamp s[2];
    unsigned n; /* 0: nothing to paint */
};
void gh_stamps_free(struct gh_stamps *stamps);
#define GH_AUTO_STAMPS GH_AUTO(gh_stamps_free) struct gh_stamps

/**
 * The watermark and label of pic for its canvas; shift as in gh_planes_new. A picture too small for
 * one gets none. *ret is the caller's (gh_stamps_free). GH_BUG: the parent did not send its pixels.
 */
GH_MUST_USE int gh_stamps_make(const struct gh_ctx *ctx, const struct gh_pic *pic, unsigned shift,
                               enum gh_stamp_space space, struct gh_stamps *ret,
                               struct gh_err *err);
/** Blend into planes of canvas size with chroma at the shift the stamps were made for. */
void gh_stamps_paint(const struct gh_stamps *stamps, struct gh_planes *canvas);

/* -- overlay_make.c: run by ghatd and ghat once for each logo and label, never in a nursery -- */
/** From a PNG on descriptor 0 to an overlay file on descriptor 1, decoded in the sandbox. Returns
 * the exit status; the reason goes to stderr. */
int gh_overlay_make_logo(bool seccomp_only);
/** The same from UTF-8 text. It opens fonts, so it runs outside the sandbox. */
int gh_overlay_make_label(void);

#endif
