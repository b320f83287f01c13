/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notes for the officer: drop/<department>/Status/<dropped name>.txt, in the department's
 * languages, in words one can act on. A note is a projection of the ledger: written when its text
 * changed, by rename, never read back. The drop folder belongs to officers: nothing there is
 * trusted or followed.
 */
#ifndef GH_DAEMON_PUBLISH_NOTES_H
#define GH_DAEMON_PUBLISH_NOTES_H

#include "base/map.h"
#include "base/str.h"
#include "daemon/attempt/forecast.h"
#include "daemon/ledger/ledger.h"
#include "daemon/site/settings.h"
#include "daemon/store/dirs.h"

#include <dirent.h>

/* What a note tells beside the item itself. All of it is borrowed. */
struct gh_note_about {
    const struct gh_department *department; /* may be NULL */
    const struct gh_profiles *profiles;     /* may be NULL */
    const struct gh_reasons *reasons;       /* the site's own; may be NULL */
    const struct gh_event_reads *events;    /* what it said of events; may be NULL */
    int64_t now_ms;                         /* wall clock */
    int64_t left_ms;                        /* until everything is made, -1: not known */
    int64_t keep_unsupported_ms; /* what is of no kind that is taken is kept so long; 0: for ever */
};
/** Append what the officer should read about one item. Lines end with CR LF, which old versions of
 * Notepad need. */
void gh_note_text(const struct gh_item *item, const struct gh_note_about *about,
                  struct gh_str *out);
/** What a technical reason means to people: English, for gh_word() without a context. NULL: nothing
 * plainer is known than the reason itself. */
const char *gh_note_plain(const char *reason);
/** File name of the note for a dropped name: the name, cut on a character where it must be, and
 * ".txt", at most 255 bytes together. */
void gh_note_name(const void *name, size_t name_len, char ret[256]);

/** Is nothing left to do for this item, and its last event longer ago than keep_ms? */
bool gh_note_over(const struct gh_item *item, int64_t now_ms, int64_t keep_ms);

/* What writing notes takes (notes_write.c); the pointers are borrowed. */
struct gh_notes {
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    struct gh_forecast *forecast;
    struct gh_map swept; /* slugs of departments whose half-written notes were removed */
    bool failing;        /* the last write failed: logged once, not for every note that fails */
};
void gh_notes_close(struct gh_notes *n);
/* How far the cleaning of one Status/ has come. Zero-initialise. */
struct gh_notes_cleaning {
    DIR *dir;
    char slug[GH_DEPARTMENT_SLUG]; /* whose it is */
    unsigned removed;
};
/** Remove the notes of items that are over for longer than intake.notes_keep from a department's
 * Status/, for some milliseconds. Returns true when there is more of it, to be continued with the
 * same department. Called by the sweep; failures are tried again with the next one. */
bool gh_notes_clean(struct gh_notes *n, const struct gh_department *department,
                    struct gh_notes_cleaning *cleaning);
/** Give it up. */
void gh_notes_cleaned(struct gh_notes_cleaning *cleaning);
/** Write the note of a submission, together with the newest other ones of the same name. Failures
 * are logged. False: it was not written, because the department's folder is away or anything else
 * failed, and is to be written later. */
bool gh_notes_write(struct gh_notes *n, const struct gh_item *item);

#endif
