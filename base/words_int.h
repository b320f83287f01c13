/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What words.c, mo.c and plural.c share: a catalogue in the form msgfmt writes, and its rule for
 * plurals. */
#ifndef GH_BASE_WORDS_INT_H
#define GH_BASE_WORDS_INT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_PLURAL_FORMS 6 /* as many as any language has (Arabic) */
#define GH_PLURAL_OPS 96  /* Arabic's rule has some forty */

/* A plural rule, compiled to steps of a machine with a stack. Zeroed: "n != 1". */
struct gh_plural {
    uint32_t forms, n;
    struct gh_plural_op {
        uint8_t op;     /* of plural.c */
        uint32_t value; /* of a number */
    } ops[GH_PLURAL_OPS];
};
/** Compile "nplurals=2; plural=(n != 1);". Class: GH_INPUT. */
GH_MUST_USE int gh_plural_parse(const char *text, struct gh_plural *ret, struct gh_err *err);
/** Which form, below forms (2 for a zeroed rule). */
uint32_t gh_plural_of(const struct gh_plural *p, uint64_t n);

/* A catalogue: the bytes of an .mo file, borrowed. */
struct gh_mo {
    const char *bytes;
    uint32_t count, ids, texts; /* entries, where their two tables begin */
    bool swapped;               /* made on a machine of the other byte order */
    struct gh_plural plural;
};
/** Check all of a catalogue, so that finding in it needs no check any more: every text within the
 * bytes, ended, UTF-8, sorted, and with as many forms as the rule has. Class: GH_INPUT. */
GH_MUST_USE int gh_mo_open(const void *bytes, size_t n, struct gh_mo *ret, struct gh_err *err);
/** The text of msgid in a context (NULL: none), form for form of a plural; NULL: it has none. */
const char *gh_mo_find(const struct gh_mo *mo, const char *context, const char *msgid,
                       uint32_t form);

/* A language that is built in (tools/po); the row after the last has a NULL language. */
struct gh_words_built {
    const char *language;
    const unsigned char *mo;
    size_t n;
};
extern const struct gh_words_built gh_words_built[];

#endif
