/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata an output gets, by policy: EXIF, XMP and IPTC as JPEG segments. */
#ifndef GH_PIPELINE_META_WRITE_H
#define GH_PIPELINE_META_WRITE_H

#include "base/media.h"
#include "pipeline/meta/scan.h"

#define GH_META_SEGMENTS 4
#define GH_SEGMENT_MAX 65533 /* bytes a JPEG segment holds besides its marker and length */

/* A JPEG marker segment, to be written after the JFIF head. */
struct gh_segment {
    int marker; /* 0xE1 … */
    const uint8_t *bytes;
    size_t n; /* at most GH_SEGMENT_MAX */
};

struct gh_meta_out {
    struct gh_segment segments[GH_META_SEGMENTS];
    size_t n;
    struct gh_str bytes[GH_META_SEGMENTS]; /* what the segments point to */
};
void gh_meta_out_free(struct gh_meta_out *out);
#define GH_AUTO_META_OUT GH_AUTO(gh_meta_out_free) struct gh_meta_out

/**
 * The segments that recipe's policy asks for; gh_meta_out_free. source: what the input has, NULL
 * for a picture of a video. w, h: of the output in pixels, which EXIF repeats. What cannot be
 * written is left out: an output with too little metadata is no failure.
 */
void gh_meta_write(const struct gh_meta *source, const struct gh_recipe *recipe, uint32_t w,
                   uint32_t h, struct gh_meta_out *ret);

/* -- exif.c: the TIFF structure with "Exif\0\0" before it */
/** A new one with these values only, appended to *out; empty strings are left out. */
void gh_exif_new(const char *artist, const char *copyright, const char *taken, const char *offset,
                 uint32_t w, uint32_t h, struct gh_str *out);
/** The source's, appended to *out, without what the policy "keep" forbids, and with this artist and
 * copyright in place of its own. False when it cannot be read. */
bool gh_exif_filtered(const struct gh_meta_block *exif, const char *artist, const char *copyright,
                      uint32_t w, uint32_t h, struct gh_str *out);

#endif
