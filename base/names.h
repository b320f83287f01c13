/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a dropped name says, and only that: junk, text, probably a video; its stem. Names are any
 * bytes but / and NUL. Pure. */
#ifndef GH_BASE_NAMES_H
#define GH_BASE_NAMES_H

#include "base/media.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_STATUS_DIR "Status"

/** Left by file managers, browsers, editors and half-finished copies: never looked at. */
bool gh_name_junk(const char *name);
/** A text: .txt or .docx. */
bool gh_name_text(const char *name);
/** A calendar file: .ics. */
bool gh_name_calendar(const char *name);
/** A text that announces an event: "event ….txt", "অনুষ্ঠান ….docx", "कार्यक्रम.txt". */
bool gh_name_event(const char *name);
/** A file that only a worker may read: .docx, .ics. */
bool gh_name_document(const char *name);
/** A text of an office program that is not taken: .doc, .odt, .rtf, .pages. */
bool gh_name_office(const char *name);
/** "caption.txt" or "caption.docx", in any case. */
bool gh_name_caption(const char *name);
/** By extension, for the order of work only; GH_MEDIA_NONE when it says nothing. */
enum gh_media gh_name_guess(const char *name);
/** A phone's still picture, or its moving part: two files of one stem that are one thing. */
bool gh_name_live_still(const char *name);
bool gh_name_live_moving(const char *name);
/** Bytes of the name without its extension. */
size_t gh_name_stem(const char *name);
/** A text that says what a photo shows: "IMG_1.alt.txt". */
bool gh_name_alt(const char *name);
/** Bytes of the stem by which a name belongs to others: IMG_1 of "IMG_1.jpg" and "IMG_1.alt.txt".
 */
size_t gh_name_common(const char *name);
/** Folded common stem, for telling what belongs together; the caller's. */
char *gh_name_stem_key(const char *name);
/** "cancel IMG_1.txt" → "IMG_1", the caller's; NULL when it is no recall. */
char *gh_name_recalled(const char *name);
/* What a text, or a folder, says about a question. */
enum gh_name_reply {
    GH_NAME_NO_REPLY,
    GH_NAME_ANSWER, /* "answer 12.txt", "উত্তর ১২.docx", "उत्तर 12.txt", a folder "answer 12" */
    GH_NAME_MORE_TIME /* "more time 12.txt", "আরও সময় ১২.txt", "और समय 12.txt" */
};
/** In any of the scripts of digits, with or without blanks, as a second copy ("answer 12 (2).txt")
 * or not. Names that say more are none: "উত্তর ১২ নং ওয়ার্ড" is a place. */
enum gh_name_reply gh_name_reply(const char *name, bool folder, int64_t *ret_question);
/** A folder name ending in ! is urgent. */
bool gh_name_urgent(const char *name);
/** Extensions ("jpg", …) of media, NULL-terminated. */
extern const char *const gh_name_extensions[];

#endif
