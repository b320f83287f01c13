/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What JSON texts of Ghat have in common, those of the control socket and those in files: how names
 * and times are written, and fields read by people who know what type they have. References
 * returned are new, unless a function says "borrowed". Allocation failures yield NULL, as in
 * jansson, and jansson's setters take that as "nothing set".
 */
#ifndef GH_BASE_JSON_H
#define GH_BASE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/** Any bytes as a JSON string of one line, in the form of gh_str_display. */
json_t *gh_json_name(const void *bytes, size_t n);
/** A text as it is, line ends and all; in the form of gh_json_name when it is not UTF-8, null for
 * NULL. Every text in JSON that is not a literal or a hash of ours is made by one of these two. */
json_t *gh_json_text(const char *text);
/** Milliseconds since 1970 as "2026-11-23T14:05:09+05:30"; null for 0. */
json_t *gh_json_time(int64_t ms);
/** A set of GH_META bits as the list of their titles: ["GPS position", …]. */
json_t *gh_json_removed(uint32_t bits);
/* What is told of an output: how large it is, and what was removed from its source. */
struct gh_json_output {
    uint64_t bytes;
    uint32_t w, h;
    int64_t duration_us; /* 0: a still picture */
    uint32_t removed;    /* GH_META bits */
};
/** Set these fields of o: bytes, width, height, duration (seconds or null), removed. */
void gh_json_set_output(json_t *o, const struct gh_json_output *output);

/** A field of o as text, "" when it is missing or no string. Borrowed. */
const char *gh_j_text(const json_t *o, const char *name);
/** The first object of a list whose field "name" is name; NULL: none. Borrowed. */
json_t *gh_j_named(const json_t *list, const char *name);
/** A field of o as a number, 0 when it is missing or no integer. */
int64_t gh_j_int(const json_t *o, const char *name);

#endif
