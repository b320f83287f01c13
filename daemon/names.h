/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a dropped name says, and only that: junk, text, probably a video; its stem. Names are any bytes but / and NUL.
 * Pure. */
#ifndef GH_DAEMON_NAMES_H
#define GH_DAEMON_NAMES_H

#include "base/media.h"

#include <stdbool.h>
#include <stddef.h>

#define GH_STATUS_DIR "Status"

/** Left by file managers, browsers, editors and half-finished copies: never looked at. */
bool gh_name_junk(const char *name);
bool gh_name_text(const char *name);
/** "caption.txt", in any case. */
bool gh_name_caption(const char *name);
/** By extension, for the order of work only; GH_MEDIA_NONE when it says nothing. */
enum gh_media gh_name_guess(const char *name);
/** A phone's still picture, or its moving part: two files of one stem that are one thing. */
bool gh_name_live_still(const char *name);
bool gh_name_live_moving(const char *name);
/** Bytes of the name without its extension. */
size_t gh_name_stem(const char *name);
/** Folded stem, for telling what belongs together; the caller's. */
char *gh_name_stem_key(const char *name);
/** "cancel IMG_1.txt" → "IMG_1", the caller's; NULL when it is no recall. */
char *gh_name_recalled(const char *name);
/** A folder name ending in ! is urgent. */
bool gh_name_urgent(const char *name);
/** Extensions ("jpg", …) of media, NULL-terminated. */
extern const char *const gh_name_extensions[];

#endif
