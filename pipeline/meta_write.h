/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata an output gets, by policy: EXIF, XMP and IPTC as JPEG segments. */
#ifndef GH_PIPELINE_META_WRITE_H
#define GH_PIPELINE_META_WRITE_H

#include "base/media.h"
#include "pipeline/jpeg_write.h"
#include "pipeline/meta_scan.h"

#define GH_META_SEGMENTS 4

struct gh_meta_out {
    struct gh_segment segments[GH_META_SEGMENTS];
    size_t n;
    struct gh_str bytes[GH_META_SEGMENTS]; /* what the segments point to */
};
void gh_meta_out_free(struct gh_meta_out *out);
#define GH_AUTO_META_OUT GH_AUTO(gh_meta_out_free) struct gh_meta_out

/**
 * source may be NULL (a picture of a video). w, h: the output, as EXIF repeats them. What cannot be written is left
 * out: an output with too little metadata is no failure.
 */
void gh_meta_write(const struct gh_meta *source, const struct gh_recipe *recipe, uint32_t w, uint32_t h,
                   struct gh_meta_out *ret);

/* -- meta_exif.c: the TIFF structure with "Exif\0\0" before it */
/** A new one with these values only; empty strings are left out. */
void gh_exif_new(const char *artist, const char *copyright, const char *caption, const char *taken, const char *offset,
                 uint32_t w, uint32_t h, struct gh_str *out);
/** The source's without what policy keep forbids. false when it cannot be read. */
bool gh_exif_filtered(const struct gh_piece *exif, const char *artist, const char *copyright, uint32_t w, uint32_t h,
                      struct gh_str *out);

#endif
