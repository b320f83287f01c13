/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * INI texts, read through a table: one row a key drives parsing, range checks and the list of known
 * keys. All problems are collected, each with its file:line, so that a person can mend them all at
 * once. Leading blanks of a line mean nothing; a comment starts with ; or # at the start of a line,
 * or with ; after a blank. One key a line, each once.
 */
#ifndef GH_BASE_INI_H
#define GH_BASE_INI_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_INI_LINE 199 /* bytes of a line: Debian's libinih is built for 200 with the NUL */

/* What is wrong, one line for people each, with file:line. Zero-initialise. */
struct gh_problems {
    char **list;
    size_t n;
};
void gh_problems_free(struct gh_problems *p);
/** Add one; longer texts than 600 bytes are cut. */
void gh_problem(struct gh_problems *p, const char *fmt, ...) GH_PRINTF(2, 3);
/** 0 when there is none, else GH_CONFIG with the first one and how many more there are. */
GH_MUST_USE int gh_problems_fail(const struct gh_problems *p, struct gh_err *err);

/**
 * Call fn for every key = value of text. section and key are as written, value is stripped; all are
 * borrowed. fn returns 0, or a negative class with err set, which becomes a problem "file:line:
 * message"; reading goes on. Lines that are no key, section or comment are problems, too.
 */
typedef int gh_ini_fn(void *arg, const char *section, const char *key, const char *value,
                      unsigned line, struct gh_err *err);
void gh_ini_each(const char *text, const char *file, gh_ini_fn *fn, void *arg,
                 struct gh_problems *problems);

enum gh_ini_type {
    GH_INI_STRING,   /* char *, freed and replaced; must not be empty unless min is 0 */
    GH_INI_CHARS,    /* char[size], must fit */
    GH_INI_BOOL,     /* bool: yes no on off true false */
    GH_INI_U32,      /* uint32_t, min..max */
    GH_INI_U64,      /* uint64_t, min..max */
    GH_INI_SIZE,     /* uint64_t bytes: 250M, 2Gi */
    GH_INI_DURATION, /* uint64_t milliseconds: 3s, 500ms, 2h */
    GH_INI_SECONDS,  /* uint32_t seconds, written as a duration */
    GH_INI_MICROS,   /* int64_t microseconds, written as a duration */
    GH_INI_ENUM,     /* uint32_t: index in choices "a|b|c", plus min */
};

struct gh_ini_key {
    const char *section, *key;
    enum gh_ini_type type;
    size_t offset;       /* in the structure filled */
    size_t size;         /* GH_INI_CHARS: of the array */
    uint64_t min, max;   /* both 0: no range (a STRING with min 1 must not be empty) */
    const char *choices; /* GH_INI_ENUM; for numbers and durations: the word that stands for 0 */
};

/** Parse one value into its place in the structure at base. GH_CONFIG, saying what is allowed. */
GH_MUST_USE int gh_ini_value(const struct gh_ini_key *row, const char *value, void *base,
                             struct gh_err *err);
/** Fill the structure at base from text by the table of n rows. Unknown sections and keys, bad
 * values and keys given twice are problems. file: for messages. */
void gh_ini_fill(const char *text, const char *file, const struct gh_ini_key *rows, size_t n,
                 void *base, struct gh_problems *problems);

/**
 * text with one key of it set, everything else as it was: its comments, its order. section, key and
 * value are written as they are, so a caller checks the result by reading it. The caller's.
 */
char *gh_ini_set(const char *text, const char *section, const char *key, const char *value);

#endif
