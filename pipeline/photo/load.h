/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One photo in memory: its bytes, its header, its metadata; and from these an upright sRGB picture
 * at the scale needed. JPEG and simple HEIC are decoded to planes directly, everything else by
 * libvips.
 */
#ifndef GH_PIPELINE_PHOTO_LOAD_H
#define GH_PIPELINE_PHOTO_LOAD_H

#include "base/contract.h"
#include "pipeline/meta/scan.h"
#include "pipeline/photo/jpeg_read.h"
#include "pipeline/photo/vips.h"

struct gh_heif;

struct gh_photo {
    char *bytes;
    size_t n;
    char format[16];
    bool by_planes;           /* JPEG whose planes can be read; else libvips */
    struct gh_jpeg jpeg;      /* format jpeg */
    struct gh_vips_info vips; /* everything else */
    struct gh_cicp cicp;      /* counts instead of a profile; all zero: it says nothing */
    struct gh_meta meta;
    struct gh_str keep[3]; /* what meta borrows that is not in bytes */
    uint32_t w, h;         /* as delivered by the decoder */
    uint32_t orient;       /* still to be applied */
};
void gh_photo_free(struct gh_photo *p);
#define GH_AUTO_PHOTO GH_AUTO(gh_photo_free) struct gh_photo

/** Read fd (borrowed) into memory and read its headers; sizes are checked against the limits before
 * anything is decoded. *ret is the caller's (gh_photo_free). */
GH_MUST_USE int gh_photo_open(const struct gh_limits *limits, int fd, const char *format,
                              struct gh_photo *ret, struct gh_err *err);
/**
 * Decode at a scale of at least scale of the source, turn upright by orient, convert to sRGB. to_w
 * × to_h: the upright size wanted, 0 × 0: the source's times scale. background: 0xRRGGBB under
 * transparent pixels. *ret is the caller's, and regular: 4:4:4 for pictures of text that have their
 * chroma in full, else 4:2:0.
 */
GH_MUST_USE int gh_photo_decode(const struct gh_photo *photo, double scale, uint32_t to_w,
                                uint32_t to_h, uint32_t orient, uint32_t background,
                                struct gh_planes *ret, bool *ret_text_like, struct gh_err *err);

#endif
