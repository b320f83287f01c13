/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts people write: captions and names. What comes in is UTF-8 or UTF-16 with or without a byte order mark
 * (Notepad's), or the Windows code page of western letters; what comes out is UTF-8 in NFC with \n line ends, its words
 * untouched. Class: GH_INPUT for what is no text, GH_LIMIT for too much of it; the messages are for officers.
 */
#ifndef GH_BASE_TEXT_H
#define GH_BASE_TEXT_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define GH_TEXT_FILE_MAX (64 * 1024) /* bytes of a caption file */

/** Decode a caption file. *ret is the caller's and never NULL on success ("" when it holds only blanks). */
GH_MUST_USE int gh_text_decode(const char *bytes, size_t n, char **ret, struct gh_err *err);
/** UTF-8 text in NFC, the caller's. NULL when it is not UTF-8. */
char *gh_text_nfc(const char *text, size_t n);
/** For comparing names: NFC without differences of case; malformed names come out as they are. The caller's. */
char *gh_text_fold(const char *text, size_t n);
/** Characters (code points) of UTF-8 text. */
size_t gh_text_length(const char *text);

#endif
