/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What metadata a photo carries: a bounded walk over EXIF, XMP, IPTC, ICC and JPEG segments. Never
 * fails: what is not understood is GH_META(UNKNOWN), what is broken ends the walk. The few values
 * the pipeline needs (orientation, date, caption) are kept.
 */
#ifndef GH_PIPELINE_META_SCAN_H
#define GH_PIPELINE_META_SCAN_H

#include "base/media.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

/* What a text of the source is, in the order in which they are suggested as a caption. */
enum gh_text_rank { GH_TEXT_TITLE = 1, GH_TEXT_COMMENT, GH_TEXT_DESCRIPTION };

/* A range of borrowed bytes. */
struct gh_meta_block {
    const uint8_t *at;
    size_t n;
};

struct gh_meta {
    uint32_t bits;                /* GH_META bits found */
    uint32_t orient;              /* 1..8 from EXIF; 0 none */
    uint32_t xmp_orient;          /* 1..8 from XMP; 0 none */
    char taken[24];               /* "2026:11:23 10:00:00", as EXIF writes it, or "" */
    char taken_offset[8];         /* "+05:30", or "" */
    struct gh_str caption;        /* the source's own, as gh_probe.text */
    unsigned caption_rank;        /* enum gh_text_rank; 0 while there is no caption */
    struct gh_meta_block exif;    /* TIFF structure, without "Exif\0\0" */
    struct gh_str icc;            /* put together from its parts */
    uint32_t icc_parts, icc_seen; /* as the first part says; read so far, in order */
    /* JPEG: offset just past the end-of-image marker of the first picture; 0 none found */
    size_t end;
    size_t orient_at; /* offset in exif of the 16-bit orientation value; 0 none */
    bool exif_big_endian;
    bool raw;        /* gh_meta_tiff: a camera's raw file */
    uint32_t blocks; /* read so far: they may contain each other */
    size_t looked;   /* bytes of these */
};
void gh_meta_free(struct gh_meta *m);
#define GH_AUTO_META GH_AUTO(gh_meta_free) struct gh_meta

/** Walk a JPEG file. *ret borrows from bytes; gh_meta_free. */
void gh_meta_jpeg(const uint8_t *bytes, size_t n, struct gh_meta *ret);
/** Add what a single block holds; blocks must outlive *m. gh_meta_exif takes one with or without
 * "Exif\0\0". */
void gh_meta_exif(const uint8_t *block, size_t n, struct gh_meta *m);
void gh_meta_xmp(const uint8_t *block, size_t n, struct gh_meta *m);
void gh_meta_iptc(const uint8_t *block, size_t n, struct gh_meta *m);
/** Photoshop image resources: the IPTC record and previews in them. */
void gh_meta_photoshop(const uint8_t *block, size_t n, struct gh_meta *m);
/** Whether another block of n bytes may be read, which is counted; where not, GH_META(UNKNOWN) is
 * set. */
bool gh_meta_budget(struct gh_meta *m, size_t n);
/** What an EXIF tag is: GH_META bits; 0 for what only says how the picture is stored. */
uint32_t gh_exif_kind(uint16_t tag);
/** A whole TIFF file, whose directories are as those of EXIF. */
void gh_meta_tiff(const uint8_t *bytes, size_t n, struct gh_meta *m);
/** Keep a text of the source that may serve as a caption unless there is one of the same rank or a
 * better: trimmed, made UTF-8 without control characters but line feeds, cut to fit gh_probe.text.
 * What a camera writes by itself ("OLYMPUS DIGITAL CAMERA") is none. */
void gh_meta_caption(struct gh_meta *m, const uint8_t *text, size_t n, enum gh_text_rank rank);
/** The same of UTF-16. */
void gh_meta_caption_utf16(struct gh_meta *m, const uint8_t *text, size_t n, bool big,
                           enum gh_text_rank rank);

#endif
