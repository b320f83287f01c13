/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Huffman tables that fit a picture, from a sample of it. libjpeg's own optimisation reads every
 * coefficient twice and keeps all of them in memory, which is a quarter of a photo's CPU time.
 * Tables from an eighth of the rows cost half a percent more bytes.
 */
#ifndef GH_PIPELINE_PHOTO_JPEG_HUFF_H
#define GH_PIPELINE_PHOTO_JPEG_HUFF_H

#include <stdbool.h>
#include <stdio.h>
/* after stdio.h */
#include <jpeglib.h>

/**
 * Fill *table with a code for every symbol a baseline picture can need, ac or dc, in which the
 * symbols of *sample (an optimal table of a similar picture) have about the same length.
 */
void gh_huff_complete(const JHUFF_TBL *sample, bool ac, JHUFF_TBL *table);

#endif
