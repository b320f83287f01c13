/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a text is, as a platform counts it. Pure. docs/PROFILES.md names the platforms' own
 * texts that say how each of them counts.
 */
#ifndef GH_BASE_COUNT_H
#define GH_BASE_COUNT_H

#include <stdint.h>

enum gh_count {
    GH_COUNT_CODEPOINT, /* Unicode characters, in NFC */
    GH_COUNT_UTF16,     /* code units of UTF-16, in NFC: a character above U+FFFF is two */
    GH_COUNT_X,         /* weighed: a link is 23, an emoji 2 whatever it is made of, … */
};
#define GH_COUNT_NAMES "codepoint|utf16|x" /* in this order, for gh_ini_key.choices */

/** text: UTF-8; what is not counts as U+FFFD, byte by byte. Rather too long than too short where a
 * platform's own list (of top level domains, of emoji) would be needed to tell. */
uint64_t gh_count_text(const char *text, enum gh_count how);
const char *gh_count_name(enum gh_count how);

#endif
