/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers, sizes, times and spans as people say them, in the language of gh_words: its digits,
 * names of months, parts of the day and units are words of po/, so a language needs no code.
 * Numbers are grouped as in all of India: 12,34,567. Times are local time of the process (TZ,
 * tzset); nothing else of the world is read.
 */
#ifndef GH_BASE_SPEAK_H
#define GH_BASE_SPEAK_H

#include "base/words.h"

/* What a value is; the examples are English, then Bengali. */
enum gh_speak {
    GH_SPEAK_NUMBER, /* 1234567: "12,34,567" "১২,৩৪,৫৬৭" */
    GH_SPEAK_BYTES,  /* a size, K of 1000: "4.1 MB" "৪.১ এমবি" */
    GH_SPEAK_SPAN, /* ms, for tables: "1.5 min" "১.৫ মিনিট"; to two minutes, two hours in s, min */
    GH_SPEAK_DURATION, /* ms: "2 hours 5 minutes" "২ ঘণ্টা ৫ মিনিট" */
    /* Wall clock, ms since 1970; nothing is said of 0 and earlier. */
    GH_SPEAK_TIME,    /* "14:15" "দুপুর ২:১৫" */
    GH_SPEAK_DATE,    /* "4 December 2026" "৪ ডিসেম্বর ২০২৬" */
    GH_SPEAK_WEEKDAY, /* "Friday, 4 December 2026" "শুক্রবার, ৪ ডিসেম্বর ২০২৬" */
    GH_SPEAK_STAMP,   /* "04-12-2026 14:15" "০৪-১২-২০২৬ ১৪:১৫" */
    GH_SPEAK_DAY,     /* seen from now: "today" "আজ"; other years than now's are named */
    GH_SPEAK_WHEN, /* day and time: "tomorrow, 14:15" "আগামীকাল, দুপুর ২:১৫" */
    GH_SPEAK_AGO, /* "5 minutes ago" "৫ মিনিট আগে", to come: "in 5 minutes" "৫ মিনিট পরে" */
};

/** Append value, spoken. now_ms: the wall clock; it counts for DAY, WHEN and AGO only. */
void gh_speak(struct gh_str *out, const struct gh_words *w, enum gh_speak as, int64_t value,
              int64_t now_ms);
/** Append text with its digits in those of the language: for what is no number, or an id. */
void gh_speak_text(struct gh_str *out, const struct gh_words *w, const char *text);

#endif
