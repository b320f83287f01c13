/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What metadata a photo carries: a bounded look at EXIF, XMP, IPTC, ICC and JPEG segments. Never fails: what cannot be
 * understood is GH_META(UNKNOWN), what is broken ends the look. The few values the pipeline needs (orientation, date,
 * caption) are taken out.
 */
#ifndef GH_PIPELINE_META_SCAN_H
#define GH_PIPELINE_META_SCAN_H

#include "base/media.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

#define GH_CAPTION_MAX 2000 /* bytes of a caption taken over */

/* A range of bytes that belongs to somebody else. */
struct gh_piece {
    const uint8_t *at;
    size_t n;
};

struct gh_meta {
    uint32_t bits;             /* GH_META bits found */
    uint32_t orient;           /* 1..8 from EXIF; 0 none */
    uint32_t xmp_orient;       /* 1..8 from XMP; 0 none */
    char taken[24];            /* "2026:11-23 10:00:00" as EXIF writes it (with colons), or "" */
    char taken_offset[8];      /* "+05:30", or "" */
    struct gh_str caption;     /* UTF-8, no control characters but \n */
    struct gh_piece exif;      /* TIFF structure, without "Exif\0\0" */
    struct gh_piece xmp, iptc; /* first packet; IIM records */
    struct gh_str icc;         /* put together from its parts */
    uint32_t icc_parts, icc_seen;
    size_t end;       /* JPEG: offset just past the end-of-image marker of the first picture; 0 none found */
    size_t orient_at; /* offset in exif of the 16-bit orientation value; 0 none */
    bool exif_big_endian;
    uint32_t tiff_pages; /* gh_meta_tiff: pictures */
    bool raw;            /* gh_meta_tiff: a camera's raw file */
    uint32_t blocks;     /* looked at so far, and their bytes: blocks may contain each other */
    size_t looked;
};
void gh_meta_free(struct gh_meta *m);
#define GH_AUTO_META GH_AUTO(gh_meta_free) struct gh_meta

/** Walk a JPEG file. Pieces borrow from bytes. */
void gh_meta_jpeg(const uint8_t *bytes, size_t n, struct gh_meta *ret);
/** Add what a single block says; blocks must outlive *m. gh_meta_exif takes it with or without "Exif\0\0". */
void gh_meta_exif(const uint8_t *block, size_t n, struct gh_meta *m);
void gh_meta_xmp(const uint8_t *block, size_t n, struct gh_meta *m);
void gh_meta_iptc(const uint8_t *block, size_t n, struct gh_meta *m);
/** Photoshop image resources: the IPTC record and previews in them. */
void gh_meta_photoshop(const uint8_t *block, size_t n, struct gh_meta *m);
/** May another block of n bytes be looked at? Counts it; says GH_META(UNKNOWN) when not. */
bool gh_meta_budget(struct gh_meta *m, size_t n);
/** A whole TIFF file: its directories are EXIF-like. */
void gh_meta_tiff(const uint8_t *bytes, size_t n, struct gh_meta *m);
/** Take a caption unless there is one: trimmed, made UTF-8, capped; camera defaults ("OLYMPUS DIGITAL CAMERA") are
 * none. */
void gh_meta_caption(struct gh_meta *m, const uint8_t *text, size_t n);

#endif
