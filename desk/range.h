/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The header Range of RFC 9110, as far as browsers need it: one span of bytes. Several spans, units
 * other than bytes and malformed values mean the whole file, as the standard allows.
 */
#ifndef GH_DESK_RANGE_H
#define GH_DESK_RANGE_H

#include <stdint.h>

enum gh_range {
    GH_RANGE_WHOLE,  /* 200 */
    GH_RANGE_PART,   /* 206 */
    GH_RANGE_BEYOND, /* 416 */
};

/** range: the header, NULL when there is none. size: of the file, bytes. *ret_from and *ret_n are
 * set for GH_RANGE_PART only; n is at least 1, from + n at most size. */
enum gh_range gh_range_parse(const char *range, uint64_t size, uint64_t *ret_from, uint64_t *ret_n);

#endif
