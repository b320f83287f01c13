/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts people write: captions and names. What comes in is UTF-8 or UTF-16 with or without a byte
 * order mark (as Notepad saves it), or Windows-1252; what comes out is UTF-8 in NFC with \n line
 * ends and without control characters, otherwise unchanged. Class: GH_INPUT for what is no text,
 * GH_LIMIT for too much of it; the messages are for officers.
 */
#ifndef GH_BASE_TEXT_H
#define GH_BASE_TEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define GH_TEXT_FILE_MAX (64 * 1024) /* bytes of a caption file */

/** Decode a caption file. *ret is the caller's; "" when there are only blanks. */
GH_MUST_USE int gh_text_decode(const char *bytes, size_t n, char **ret, struct gh_err *err);
/**
 * Take out, in place, what a caption must not hold because it would act on a screen instead of
 * being shown: C0 but line feed and tab, DEL, C1, and the controls of direction (U+061C, U+200E,
 * U+200F, U+202A–E, U+2066–9). Joiners stay: Bengali needs them. text is UTF-8. gh_text_decode does
 * it, too.
 */
void gh_text_clean(char *text);
/** Whether n bytes are UTF-8 from which gh_text_clean would take nothing. */
bool gh_text_is_clean(const char *text, size_t n);
struct gh_str;
/** Take the lines that say what a picture shows, "Alt: …" or "বিকল্প লেখা: …", out of a text of
 * gh_text_decode, in place; what each says is appended to alts (may be NULL), a line each. */
void gh_text_take_alts(char *text, struct gh_str *alts);
/** Whether a line is meant; said: what stands after its colon. */
typedef bool gh_text_is_fn(const char *said, void *arg);
/** Take the lines that say where a submission goes, "For: …", "যেখানে: …", "जहाँ: …", and of which
 * is_one says that they do, out of a text, in place; their words are appended, with commas. */
void gh_text_take_for(char *text, gh_text_is_fn *is_one, void *arg, struct gh_str *words);
/** n bytes of UTF-8 in NFC, the caller's; NULL when they are no UTF-8. */
char *gh_text_nfc(const char *text, size_t n);
/** The key by which names are compared: NFC without differences of case; a name that is no UTF-8 as
 * it is. The caller's. */
char *gh_text_fold(const char *text, size_t n);

#endif
