/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Filters describe pictures and never touch pixels: each transforms a gh_pic. One file and one line
 * in filters/list.h for each. pipeline/photo and pipeline/video make pixels from the finished
 * description. Pure functions, libc only.
 */
#ifndef GH_FILTERS_FILTER_H
#define GH_FILTERS_FILTER_H

#include "base/err.h"
#include "base/media.h"

#include <stddef.h>

/* Phases, in the order of a chain. */
enum gh_phase {
    GH_PHASE_ORIENT,
    GH_PHASE_TIME,
    GH_PHASE_GEOMETRY,
    GH_PHASE_COLOUR,
    GH_PHASE_DETAIL,
    GH_PHASE_OVERLAY,
    GH_PHASE_SOUND,
    GH_PHASES
};

enum gh_opt_type {
    GH_OPT_INT,    /* min..max */
    GH_OPT_NUMBER, /* decimal, min..max */
    GH_OPT_ENUM,   /* one of choices, value is its index */
    GH_OPT_SIZES,  /* "1080x1350,1080x1080": up to GH_OPT_SIZES_MAX sizes */
    GH_OPT_COLOUR, /* "#rrggbb" */
    GH_OPT_BOOL,
    GH_OPT_NAME, /* letters, digits, "._-": the name of a file; may be empty */
};
#define GH_OPT_SIZES_MAX 8
#define GH_OPT_NAME_MAX 64 /* bytes with the NUL */
#define GH_FILTER_OPTS 8
#define GH_FILTER_CHAIN 12

/* One row drives parsing, range checks, help and the documentation. */
struct gh_option {
    const char *name, *help;
    enum gh_opt_type type;
    double min, max;
    const char *choices; /* GH_OPT_ENUM: "inside|crop|pad" */
    const char *def;     /* default, in the profile's own syntax; NULL: must be given */
};

union gh_optval {
    double number;
    uint32_t choice, rgb;
    char name[GH_OPT_NAME_MAX];
    struct {
        uint32_t n;
        struct {
            uint32_t w, h;
        } s[GH_OPT_SIZES_MAX];
    } sizes;
};

struct gh_filter_use;

struct gh_filter {
    const char *name, *help;
    enum gh_phase phase;
    /* 1u << GH_PHOTO | 1u << GH_VIDEO: outputs it may be used for */
    unsigned media;
    unsigned version;                /* bumped when output changes: renditions become due again */
    const struct gh_option *options; /* ends with a NULL name; NULL: none */
    /** Transform pic. probe is the source. May fail with GH_SKIP (this input cannot serve the
     * placement) or GH_LIMIT.
     */
    int (*apply)(struct gh_pic *pic, const struct gh_filter_use *use, const struct gh_probe *probe,
                 struct gh_err *err);
};

/* A filter with its option values, in the order of its option table. */
struct gh_filter_use {
    const struct gh_filter *filter;
    union gh_optval val[GH_FILTER_OPTS];
};

/* NULL-terminated, in the order of filters/list.h */
extern const struct gh_filter *const gh_filters[];
const struct gh_filter *gh_filter_find(const char *name);
/** Parse "mode=inside sizes=2048x2048" for filter. GH_CONFIG with the reason (the caller adds
 * file:line). */
GH_MUST_USE int gh_filter_parse(const struct gh_filter *filter, const char *text,
                                struct gh_filter_use *ret, struct gh_err *err);
struct gh_str;
/** Append the filter and its options as text, in the order of the table, defaults included. */
void gh_filter_print(const struct gh_filter_use *use, struct gh_str *out);
/** The value of an option by name; NULL when the filter has no such option. */
const union gh_optval *gh_filter_value(const struct gh_filter_use *use, const char *option);
/** Whether this use of fit cuts edges off, so that a focal point has an effect. */
bool gh_fit_crops(const struct gh_filter_use *fit);
/** A description of the source before any filter, for this medium of the output. */
struct gh_pic gh_pic_of(const struct gh_probe *probe, enum gh_media output);

#endif
