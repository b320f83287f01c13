/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of JPEG (ITU-T T.81), IPTC IIM 4.2 and Photoshop's image resources: for scan.c, which
 * finds metadata, and write.c, which writes it.
 */
#ifndef GH_PIPELINE_META_FORMATS_INT_H
#define GH_PIPELINE_META_FORMATS_INT_H

/* JPEG markers. */
enum {
    M_TEM = 0x01,
    M_RST0 = 0xd0,
    M_RST7 = 0xd7,
    M_SOI = 0xd8,
    M_EOI = 0xd9,
    M_SOS = 0xda,
    M_APP0 = 0xe0,
    M_APP1 = 0xe1,
    M_APP2 = 0xe2,
    M_APP12 = 0xec,
    M_APP13 = 0xed,
    M_APP14 = 0xee,
    M_APP15 = 0xef,
    M_COM = 0xfe,
};

/* Bytes of the names that segments begin with, with their NULs. */
enum { EXIF_NAME = 6, XMP_NAME = 29, XMP_MORE_NAME = 35, ICC_NAME = 12, PHOTOSHOP_NAME = 14 };

/* An IPTC data set: a mark, its record, its number, two bytes of length, the value. */
enum { IIM_MARK = 0x1c, IIM_HEAD = 5, IIM_EXTENDED = 0x8000 /* another form of length */ };
enum { IIM_ENVELOPE = 1, IIM_APPLICATION = 2 }; /* records */
/* data sets */
enum {
    IIM_NAME = 5,
    IIM_BYLINE = 80,
    IIM_CHARSET = 90,
    IIM_HEADLINE = 105,
    IIM_CREDIT = 110,
    IIM_COPYRIGHT = 116,
    IIM_CAPTION = 120,
};
enum { IIM_BYLINE_MAX = 32, IIM_CREDIT_MAX = 32, IIM_COPYRIGHT_MAX = 128 }; /* bytes */

/* Photoshop's image resources. */
enum {
    RES_IPTC = 0x0404,
    RES_THUMB_4 = 0x0409,
    RES_COPYRIGHT = 0x040a,
    RES_URL = 0x040b,
    RES_THUMB_5 = 0x040c,
    RES_EXIF = 0x0422,
    RES_XMP = 0x0424,
    RES_IPTC_DIGEST = 0x0425,
};

#endif
