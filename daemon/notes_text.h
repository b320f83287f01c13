/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of the notes: one row a situation, each in Bengali and English, what is the case and what to do. The words
 * of reasons are rows, too: a piece of the technical reason, and what to tell the officer. Only data; notes.c picks.
 */
#ifndef GH_DAEMON_NOTES_TEXT_H
#define GH_DAEMON_NOTES_TEXT_H

enum gh_lang { GH_LANG_BN, GH_LANG_EN, GH_LANGS };

enum gh_case {
    GH_CASE_ARRIVING,
    GH_CASE_RECEIVED,
    GH_CASE_RENDERING,
    GH_CASE_RETRYING,   /* an attempt failed, the next is to come */
    GH_CASE_INCOMPLETE, /* cut off or damaged: the rest, or a better copy, is waited for */
    GH_CASE_STAGED,
    GH_CASE_HELD, /* all that waits is held */
    GH_CASE_APPROVED,
    GH_CASE_PUBLISHED,
    GH_CASE_COLLECTED,
    GH_CASE_REJECTED,
    GH_CASE_WITHDRAWN,
    GH_CASE_MIXED, /* decided differently for different placements */
    GH_CASE_QUARANTINED,
    GH_CASE_RECALLED,
    GH_CASE_DUPLICATE,
    GH_CASES
};

struct gh_words {
    const char *head; /* one line: the state */
    const char *what; /* what it means */
    const char *act;  /* what to do; "" nothing */
};

/* A piece of a technical reason (lower case), and what it means to the officer. */
struct gh_reason_words {
    const char *piece;
    const char *say[GH_LANGS];
};

/* Words around the facts of a note. */
enum gh_label {
    GH_LABEL_TITLE,
    GH_LABEL_STATE,
    GH_LABEL_NUMBER,
    GH_LABEL_DROPPED,
    GH_LABEL_STAGED,
    GH_LABEL_APPROVED,
    GH_LABEL_COLLECTED,
    GH_LABEL_REASON,
    GH_LABEL_AUTHORITY_SAYS,
    GH_LABEL_DETAIL, /* the technical reason */
    GH_LABEL_CAPTION,
    GH_LABEL_NO_CAPTION,
    GH_LABEL_PLACES,
    GH_LABEL_NOT_MADE,
    GH_LABEL_BAD_FILES,
    GH_LABEL_DUPLICATE_OF,
    GH_LABEL_LEFT, /* how long until it is made: these pieces in this order, around a number and a time of day */
    GH_LABEL_ABOUT,
    GH_LABEL_MINUTE, /* 1 */
    GH_LABEL_MINUTES,
    GH_LABEL_HOURS,
    GH_LABEL_AT,
    GH_LABEL_EARLIER, /* an earlier drop of the same name follows */
    GH_LABELS
};

extern const struct gh_words gh_case_words[GH_CASES][GH_LANGS];
extern const char *const gh_label_words[GH_LABELS][GH_LANGS];
extern const struct gh_reason_words gh_reasons[]; /* ends with a NULL piece */
/** The words for one rendition's state. */
extern const char *const gh_ren_words[][GH_LANGS]; /* by enum gh_ren_state */

#endif
