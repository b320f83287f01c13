/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intake: from a name in a department's folder to a submission in the ledger. Hints and scans lead
 * to observations; what was observed unchanged for its quiet time has settled; settled files are
 * copied into the spool, committed to the ledger and moved to .taken/. Nothing here needs to
 * survive a restart: the next scan finds all of it again. Runs in the loop's thread; failures are
 * logged and tried again.
 */
#ifndef GH_DAEMON_INTAKE_INTAKE_H
#define GH_DAEMON_INTAKE_INTAKE_H

#include "daemon/loop/loop.h"
#include "daemon/site/quiet.h"
#include "daemon/store/space.h"

struct gh_intake;
struct gh_who;

/* What intake uses; borrowed until gh_intake_close. */
struct gh_intake_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    struct gh_settings *settings; /* folders without a card are added to its departments */
    struct gh_dirs *dirs;         /* drop and taken are opened anew when another disk is mounted */
    struct gh_space *space;
    struct gh_quiet *quiet;
    struct gh_engine *engine; /* reads captions in documents; NULL: none is read */
};

/** Before gh_intake_open: move away the dropped files that an earlier ghatd committed to the
 * ledger, but did not move (their source is GH_SOURCE_PRESENT). Fails when the ledger cannot be
 * read, with its class; single files that cannot be moved are logged. */
GH_MUST_USE int gh_intake_resume(const struct gh_intake_parts *parts, struct gh_err *err);
/** Watch and scan drop/; the first full scan starts at once. Never fails; to be closed. */
struct gh_intake *gh_intake_open(const struct gh_intake_parts *parts);
/**
 * Take in nothing more; copy jobs under way are given up, and their files are found by the next
 * start. The caller runs the loop until gh_intake_busy is false, then closes.
 */
void gh_intake_stop(struct gh_intake *in);
/** Is a pool thread at work for intake? */
bool gh_intake_busy(const struct gh_intake *in);
/** Sets *in to NULL; it may be NULL already. */
void gh_intake_close(struct gh_intake **in);
/** Scan everything now: the configuration was read again, or a person asked. */
void gh_intake_rescan(struct gh_intake *in);

struct gh_intake_stats {
    size_t departments, offline; /* folders below drop/; those that vanished, or … */
    size_t unconfirmed;          /* … are other ones than before, and nobody confirmed them */
    size_t waiting;              /* entries not yet settled */
    size_t taking;               /* entries being copied or committed */
    size_t parked;               /* entries refused or empty, left where they are */
    size_t ignored;              /* junk in departments' folders, as listed last */
    size_t watches;              /* directories watched by inotify */
    bool offline_all;            /* drop/ itself is not there, or lacks its mount marker */
    int64_t scanned_ms;          /* end of the last full scan, wall clock; 0: none yet */
    const char *scanning;        /* why there is no inotify, "" when there is; borrowed */
};
/** *ret is valid until intake is closed. */
void gh_intake_stats(const struct gh_intake *in, struct gh_intake_stats *ret);

/** Are media being copied to a department's folder, or taken in? What lies there without change for
 * a quarter of an hour is not. */
bool gh_intake_is_coming(const struct gh_intake *in, const char *slug);
/** The same, to be handed on; intake may be NULL. */
bool gh_intake_coming(void *intake, const char *slug);

/** By what a department's folder is known. Texts are borrowed until intake runs again. */
struct gh_intake_folder {
    const char *unconfirmed; /* why nothing is taken from it until somebody confirms it; NULL: it is
                                no other one than before, or not there */
    const char *unmarked;    /* why it cannot have the file that it needs: it has to be confirmed
                                after its next mount; NULL: it has, or needs none */
    const char
        *unreadable; /* why it could not be looked at last; NULL: it could, or is not there */
    bool by_file;    /* by its file, which is not to be deleted */
};
/** *ret is always set; all of it is empty for a folder that was never seen. */
void gh_intake_folder(const struct gh_intake *in, const char *folder, struct gh_intake_folder *ret);
/** Confirm the directory that has the name of a department's folder now as its own. GH_USAGE, code
 * ENOENT: there is none. */
GH_MUST_USE int gh_intake_confirm(struct gh_intake *in, const struct gh_who *who,
                                  const char *folder, struct gh_err *err);

/** Bytes of a file that need not wait, and that is read anew by ghatd's loop when its time stamp
 * has changed: of one larger, the copy or the look takes long whatever is done. */
#define GH_READ_AT_ONCE ((uint64_t)64 << 20)

/** What became of a file in .taken/. */
enum gh_taken_fate {
    GH_TAKEN_KEPT,    /* too young, unreadable now, or unknown to the ledger */
    GH_TAKEN_REMOVED, /* safe in the spool: removed */
    GH_TAKEN_BACK,    /* written to after it was taken in: given back, a new drop */
};
/**
 * Examine the file called name in .taken/. One that changed since it was taken in is given back to
 * its department. old: it may be removed, once its bytes are in the spool and [intake] taken_keep
 * is over. *read grows by the bytes that were read for that, GH_READ_AT_ONCE or less; what cannot
 * be read now is kept.
 */
enum gh_taken_fate gh_intake_check_taken(struct gh_intake *in, const char *name, bool old,
                                         uint64_t *read);

#endif
