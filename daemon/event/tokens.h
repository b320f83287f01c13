/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words and numbers of what people type for a date or a time, apart from each other, so that a
 * word is found as a whole: "am" is not in "programme". Pure. */
#ifndef GH_DAEMON_EVENT_TOKENS_H
#define GH_DAEMON_EVENT_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

/** The tokens of a folded text with digits of ASCII, a blank before and behind each: "8 p.m.,
 * programme" is " 8 pm programme ". The caller's. */
char *gh_tokens_of(const char *text);
/** Is the word, or words with a blank between, among them? One of Bengali or Hindi is with the
 * endings that say "in", "of" or "at the time of", too. */
bool gh_tokens_have(const char *tokens, const char *word);
/** The next token of them, n bytes; NULL: there is none. *at is 0 at first. */
const char *gh_tokens_next(const char *tokens, size_t *at, size_t *ret_n);
/** Is a token of n bytes the word, as above? */
bool gh_token_is(const char *token, size_t n, const char *word);

#endif
