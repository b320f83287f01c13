/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Notes for the officer: drop/<department>/Status/<dropped name>.txt, Bengali and English, in words one can act on. A
 * note is a projection of the ledger: written when its text changed, by rename, never read back. The drop folder
 * belongs to officers: nothing there is trusted or followed.
 */
#ifndef GH_DAEMON_NOTES_H
#define GH_DAEMON_NOTES_H

#include "base/str.h"
#include "daemon/department.h"
#include "daemon/ledger.h"
#include "daemon/profile.h"

struct gh_daemon;

#define GH_STATUS_DIR "Status"

/* What is not in the item itself. */
struct gh_note_about {
    const struct gh_department *department; /* may be NULL */
    const struct gh_profiles *profiles;     /* may be NULL */
    int64_t now_ms, left_ms;                /* wall clock; until it is made, -1: no telling */
};
/** Append what the officer should read about one item. Lines end with CR LF, for old Notepads. */
void gh_note_text(const struct gh_item *item, const struct gh_note_about *about, struct gh_str *out);
/** File name of the note for a dropped name: the name and ".txt", cut to 255 bytes on a character. ret holds 256 bytes.
 */
void gh_note_name(const void *name, size_t name_len, char ret[256]);
/** Put text into dir/Status/name unless it is there already. dir: the department's folder. */
GH_MUST_USE int gh_note_put(int dir, const char *name, const char *text, size_t len, struct gh_err *err);

/** Remove what a killed writer left of notes it was replacing. */
void gh_note_sweep(int dir);

/** Is all over for this item, and its last event longer ago than keep_ms? */
bool gh_note_over(const struct gh_item *item, int64_t now_ms, int64_t keep_ms);
/** Remove notes of what is over (intake.notes_keep) from a department's Status/. Now and then. */
void gh_notes_clean(struct gh_daemon *d, const struct gh_department *department);

/** Write the note of a submission (with the newest ones of the same name). For the touched hook; failures are logged
 * once. */
void gh_notes_write(struct gh_daemon *d, int64_t submission);

#endif
