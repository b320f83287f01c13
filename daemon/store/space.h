/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disk space: intake and claims pause while the reserve is not free, say so, and go on by
 * themselves. Decisions never wait for it, and nothing here fails.
 */
#ifndef GH_DAEMON_STORE_SPACE_H
#define GH_DAEMON_STORE_SPACE_H

#include "daemon/site/settings.h"
#include "daemon/store/dirs.h"

struct gh_space {
    const struct gh_settings *settings; /* borrowed: the reserve, and the departments to tell */
    const struct gh_dirs *dirs;         /* borrowed */
    struct gh_ledger *ledger;           /* borrowed: which folders are the departments' */
    bool ballast;                       /* the ballast file is there */
    char paused[200]; /* why all is paused ("disk full: …"), "" when it is not */
    unsigned notes;   /* how often the notes of all departments were written or removed */
};

/** Is the reserve still free? Sets or clears paused, logs when that changes, and tells the
 * departments in Status/Ghat.txt. */
bool gh_space_enough(struct gh_space *s);
/** Is there space for need more bytes beside the reserve? */
bool gh_space_fits(const struct gh_space *s, uint64_t need);
/** Is need more within a department's share, when its undecided files have mine bytes? */
bool gh_space_share(const struct gh_space *s, uint64_t mine, uint64_t need);
/** Tell a department (its slug, and its folder opened) that its share is full, or take that back.
 * Does nothing while the disk is full, as officers read that in the same place. */
void gh_space_note_share(const struct gh_space *s, const char *slug, int folder, bool full);
/** A write failed because the disk is full: paused until gh_space_enough finds the reserve free. */
void gh_space_full(struct gh_space *s);

/**
 * Remove the ballast, a file beside the ledger that exists only to be removed when the disk is
 * full, so that decisions can still be committed. Returns true when there was one. gh_space_enough
 * makes it again when the disk has space.
 */
bool gh_space_drop_ballast(struct gh_space *s);

#define GH_SPACE_RETRY_MS 5000 /* wait before gh_space_enough is asked again */

#endif
