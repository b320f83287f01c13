/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A copy job: the dropped files of one unit, copied into the spool and then moved to .taken/. These
 * are the steps of the durability sequence that block on the disk:
 *   I1 open the settled file · I2 copy and hash it, fsync · I3 link it into the spool ·
 *   (I4 commit the ledger) · I5 move the dropped file away.
 * gh_copy_draft, gh_copy_files and gh_taken_move are called in pool threads and touch nothing but
 * their job.
 */
#ifndef GH_DAEMON_INTAKE_COPY_H
#define GH_DAEMON_INTAKE_COPY_H

#include "base/hash.h"
#include "daemon/intake/settle.h"

enum gh_copy_how {
    GH_COPY_NEW,     /* not tried yet */
    GH_COPY_COPIED,  /* durable in the spool under its hash */
    GH_COPY_EMPTY,   /* it has no bytes: nothing was copied, it is to be refused */
    GH_COPY_REFUSED, /* too large, not readable, not to be taken away: why says it to the officer */
    GH_COPY_BUSY,    /* somebody writes to it, or it changed: to be tried again later */
    GH_COPY_GONE,    /* not there any more */
    GH_COPY_FAILED,  /* the job's err says why */

    /* Results of gh_taken_move: */
    GH_COPY_MOVED,   /* in .taken/ under the name taken, or removed when taken is "" */
    GH_COPY_CHANGED, /* written to after it was copied, so left or put back: a new drop */
};

/* A copy that has no name yet: complete and durable, but gone when its descriptor is closed. It may
 * be used for as long as the file it was made of does not change. */
struct gh_draft {
    int fd;
    struct gh_print print; /* of the dropped file */
    int64_t ctime_ns;      /* of the dropped file */
    char sha256[GH_SHA_HEX];
};
/** Frees *draft (may be NULL) and sets it to NULL. */
void gh_draft_free(struct gh_draft **draft);

struct gh_copy_file {
    char *path;             /* below the department's folder, any bytes; owned */
    struct gh_print print;  /* as it was when it had settled */
    struct gh_draft *draft; /* owned; NULL: none */
    enum gh_copy_how how;
    bool forbidden;          /* with GH_COPY_REFUSED: until permissions change */
    const char *why;         /* of GH_COPY_REFUSED; static text */
    char sha256[GH_SHA_HEX]; /* of GH_COPY_COPIED */
    int64_t ctime_ns;        /* of the dropped file, when it was copied */
    bool closed;             /* a lease proved then that nobody had it open for writing */
    bool want_text;          /* keep its bytes, too (captions) */
    char *text;              /* owned; NULL: not wanted, or longer than GH_TEXT_FILE_MAX */
    size_t text_len;
    char *no_text; /* of a document: why there is no text, owned; NULL: it was not tried */
    int64_t submission, file; /* for gh_taken_move: ids in the ledger; file 0: do not move it */
    char taken[64];           /* its name in .taken/, "" when it is not there */
};

struct gh_copy_job {
    int drop;           /* the department's folder; borrowed */
    int spool, taken;   /* borrowed; taken is used by gh_taken_move only */
    uint64_t max_bytes; /* larger files are refused */
    /* Do not ask for a lease: a file system without events (NFSv4 without delegations) may refuse
     * every one for ever, and nothing would be taken. */
    bool no_lease;
    bool sure; /* where a lease does not prove that nobody writes, take it that somebody does */
    const volatile bool *cancel; /* set by another thread: end with GH_COPY_BUSY; may be NULL */
    struct gh_copy_file *files;  /* owned */
    size_t n;
    struct gh_err err; /* of the first GH_COPY_FAILED */
};
/** Why the permissions do not allow to read dirfd/path, or to move it away, static text for the
 * officer; NULL: they allow both, or it is not there. */
const char *gh_copy_forbidden(int dirfd, const char *path);
/** Is most of this large file a hole, so that it costs its sender nothing? Small ones are not. */
bool gh_copy_hollow(int dirfd, const char *path, const struct gh_print *print);
/** Frees the files of a job; its descriptors stay open, and the job itself is the caller's. */
void gh_copy_free(struct gh_copy_job *job);

/** I1 and I2 ahead of time: make a draft of each file that is GH_COPY_NEW, where that can be done
 * now. Never changes how. */
void gh_copy_draft(struct gh_copy_job *job);
/**
 * I1–I3 for each file that is GH_COPY_NEW; a draft that is still current is used instead of a new
 * copy. Stops at the first file that is GH_COPY_BUSY or GH_COPY_FAILED. The caller syncs the
 * spool's directory before the ledger's commit, once for many jobs.
 */
void gh_copy_files(struct gh_copy_job *job);
/** I5 for each file with an id in the ledger: rename it into .taken/, or unlink it where .taken/ is
 * another file system, and make that durable. When that failed it may be called again: taken is the
 * name of what was moved all the same. */
void gh_taken_move(struct gh_copy_job *job);

/**
 * gh_taken_move for files that were copied before their quiet time was over: GH_COPY_BUSY when
 * somebody writes to one now; GH_COPY_CHANGED, and left where it is, when it is not the file any
 * more that was copied, even if its size and time stamp are the same.
 */
void gh_copy_take_away(struct gh_copy_job *job);

#define GH_COPY_NOT_MOVABLE                                                                        \
    "it cannot be taken away: the permissions of its folder do not let Ghat remove files"

/* Between copy.c and taken.c. */
/** Do the permissions of its folder let us move the file at path, which fstat says is *file, away?
 * True where it cannot be told. */
bool gh_taken_may(const struct gh_copy_job *job, const char *path, const struct stat *file);
/** Does anybody have it open for writing? False where the kernel does not let us ask. */
bool gh_copy_being_written(int fd);
/** A ghatd that was killed between the two steps of a removal (on another file system than .taken/)
 * left the file under a hidden name: give it its own again. */
void gh_taken_unhide(const struct gh_copy_job *job, const struct gh_copy_file *f);
/** Keep err if it is the job's first failure. Returns GH_COPY_FAILED. */
enum gh_copy_how gh_copy_fail(struct gh_copy_job *job, const struct gh_err *err);
/** What it means that a dropped file could not be opened: GH_COPY_GONE, _BUSY or _FAILED. */
enum gh_copy_how gh_copy_how_of(const struct gh_err *err);

#endif
