/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of the notes, as data: for each situation what it is and what to do; for each known
 * technical reason what it means to an officer. They are in English, for gh_word(); notes.c chooses
 * among them.
 */
#ifndef GH_DAEMON_PUBLISH_NOTES_TEXT_H
#define GH_DAEMON_PUBLISH_NOTES_TEXT_H

#include <stdbool.h>

enum gh_case {
    GH_CASE_ARRIVING,
    GH_CASE_RECEIVED,
    GH_CASE_RENDERING,
    GH_CASE_RETRYING,   /* an attempt failed, the next is to come */
    GH_CASE_INCOMPLETE, /* cut off or damaged: the rest, or a better copy, is waited for */
    GH_CASE_STAGED,
    GH_CASE_HELD, /* every placement that waits for a decision is on hold */
    GH_CASE_APPROVED,
    GH_CASE_PUBLISHED,
    GH_CASE_COLLECTED,
    GH_CASE_REJECTED,
    GH_CASE_WITHDRAWN,
    GH_CASE_MIXED, /* decided differently for different placements */
    GH_CASE_QUARANTINED,
    GH_CASE_RECALLED,
    GH_CASE_DUPLICATE,
    GH_CASE_ANSWERED, /* a text that a question took: an answer, or a request for more time */
    GH_CASE_EVENTS,   /* a text or a calendar file that announced events */
    GH_CASES
};

struct gh_case_text {
    const char *head; /* one line: the state; its context is "note: state" */
    const char *what; /* what it means */
    const char *act;  /* what to do, "" where there is nothing */
};

/* A piece of a technical reason (compared without case), and what it means to the officer. final:
 * it is about what the file is, so no byte that may still arrive changes it. */
struct gh_reason_text {
    const char *piece, *say;
    bool final;
};

/* What was done with an event that a file named (gh_event_read.act); the context of the words is
 * "note: event". */
struct gh_event_text {
    const char *act, *say;
};
extern const struct gh_event_text gh_event_texts[]; /* ends with a NULL act */

/* Words around the facts of a note; their context is "note". */
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
    GH_LABEL_QUESTION,   /* the number of the question it came for */
    GH_LABEL_LEFT,       /* how long until it is made … */
    GH_LABEL_ABOUT,      /* … a span, and a time of day */
    GH_LABEL_FIRST_ONLY, /* of the pages of a file */
    GH_LABEL_KEPT,       /* of what is of no kind that is taken: until when it is */
    GH_LABEL_EVENTS,     /* what was understood follows */
    GH_LABEL_PLACE,
    GH_LABEL_WARD,
    GH_LABEL_EXPECTED,
    GH_LABEL_FOLDER, /* where files of an event go */
    GH_LABEL_ALL_DAY,
    GH_LABEL_EVENT_NUMBER,
    GH_LABEL_EARLIER, /* an earlier drop of the same name follows */
    GH_LABELS
};

extern const struct gh_case_text gh_case_texts[GH_CASES];
extern const char *const gh_label_texts[GH_LABELS];
/** The first row whose piece is in the reason counts, so what explains most comes first; ends with
 * a NULL piece. tests/lint/reasons-have-words.sh looks every reason of the sources up here. */
extern const struct gh_reason_text gh_reasons[];
/** For one rendition's state, by enum gh_ren_state; their context is "note: state at a place". */
extern const char *const gh_ren_texts[];

#endif
