/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words people read, in their language. Sources and pages say them in English, which is the
 * msgid; po/<language>.po has the others, which the build checks and puts into each program, so
 * that several languages live in one process and nothing is read from a disk. No locale is needed
 * or used. Everything here may be called by several threads at once.
 */
#ifndef GH_BASE_WORDS_H
#define GH_BASE_WORDS_H

#include "base/cleanup.h"

#include <stddef.h>
#include <stdint.h>

struct gh_str;
struct gh_words;

/* Marks for xgettext (tools/po) in tables of texts: a text, one whose context the call names, and
 * initialisers of context, one and many for gh_word_n(). */
#define GH_W(text) text
#define GH_WC(context, text) text
#define GH_WN(context, one, many) context, one, many

/** The words of a language: "bn", "hi", "en"; of "bn-IN" and "bn_IN" those of "bn". Never NULL:
 * English for a language that nobody translated. */
const struct gh_words *gh_words_of(const char *language);
/** The languages there are words of, one after another, English first; NULL after the last. */
const struct gh_words *gh_words_at(size_t i);
/** "bn": the code of RFC 5646, as in the attribute lang of HTML. */
const char *gh_words_language(const struct gh_words *w);

/** The text of this language for msgid, in a context (NULL: without); msgid itself where there is
 * none. The result lives as long as the process, or as msgid. */
const char *gh_word(const struct gh_words *w, const char *context, const char *msgid);
/** The same for a text that depends on a number: one is the English of 1, many of the others. */
const char *gh_word_n(const struct gh_words *w, const char *context, const char *one,
                      const char *many, uint64_t n);

/** Append pattern with its %s, or %1$s to %9$s, replaced by the n args and %% by a percent sign;
 * nothing else has a meaning, so no translation can do harm. An argument too few is empty. */
void gh_words_fill(struct gh_str *out, const char *pattern, const char *const *args, size_t n);
/* The same with the arguments in a row. */
#define GH_FILL(out, pattern, ...)                                                                 \
    gh_words_fill(out, pattern, (const char *const[]){__VA_ARGS__},                                \
                  GH_LEN(((const char *const[]){__VA_ARGS__})))

#endif
