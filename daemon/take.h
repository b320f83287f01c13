/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking dropped files: the steps I1–I3 and I5 of the durability sequence, the parts that block on the disk.
 * gh_take_draft, gh_take_copy and gh_take_away are called in pool threads and touch nothing but their own structure.
 * The ledger's commit (I4) lies between them.
 */
#ifndef GH_DAEMON_TAKE_H
#define GH_DAEMON_TAKE_H

#include "base/hash.h"
#include "daemon/settle.h"

enum gh_take_how {
    GH_TAKE_NEW,     /* not tried yet */
    GH_TAKE_COPIED,  /* durable in the spool under its hash */
    GH_TAKE_EMPTY,   /* no bytes: nothing copied, to be refused */
    GH_TAKE_REFUSED, /* too large, or not a file after all: why says it for the officer */
    GH_TAKE_BUSY,    /* somebody writes to it, or it changed: look again later */
    GH_TAKE_GONE,    /* not there any more */
    GH_TAKE_FAILED,  /* err: full disk (GH_AGAIN) or a broken one */
    GH_TAKE_MOVED,   /* gh_take_away: in .taken/ (taken set), or removed (taken "") */
    GH_TAKE_CHANGED, /* gh_take_away: written to after it was copied; it was left or put back, its new bytes are a new
                        drop */
};

/* A copy without a name: whole and durable, and gone with its descriptor. Good for as long as the file it was made of
 * is what it was. */
struct gh_draft {
    int fd;
    struct gh_print print; /* of the file, with the time its inode changed last */
    int64_t ctime_ns;
    char sha256[GH_SHA_HEX];
};
void gh_draft_free(struct gh_draft **draft);

struct gh_take_file {
    char *path;             /* below the department's folder, any bytes; owned */
    struct gh_print print;  /* as it was when it had settled; after copying as copied */
    struct gh_draft *draft; /* owned; NULL: none */
    enum gh_take_how how;
    const char *why;
    char sha256[GH_SHA_HEX];
    char *text; /* its bytes if it was asked for (captions), owned; NULL else */
    size_t text_len;
    bool want_text;
    int64_t submission, file; /* gh_take_away: the ledger's numbers; file 0: leave it */
    char taken[64];
};

struct gh_take {
    int drop; /* the department's folder; borrowed */
    int spool, taken;
    uint64_t max_bytes;
    const volatile bool *cancel; /* set by another thread: stop copying (GH_TAKE_BUSY); may be NULL */
    struct gh_take_file *files;
    size_t n;
    struct gh_err err; /* the first GH_TAKE_FAILED */
};
void gh_take_free(struct gh_take *take); /* the files; descriptors stay */

/** I1 and I2 ahead of time, for each file that is GH_TAKE_NEW and stays so: its draft is made if that can be done now.
 */
void gh_take_draft(struct gh_take *take);
/**
 * I1–I3 for each file that is GH_TAKE_NEW; one with a draft that is still good is not copied again. Stops at the first
 * that is BUSY or FAILED. The spool's directory is not yet synced: once for many (gh_sync(spool)) before the ledger's
 * commit.
 */
void gh_take_copy(struct gh_take *take);
/** I5 for each file with a ledger number: rename into .taken/ (or unlink where that is another file system), made
 * durable. */
void gh_take_away(struct gh_take *take);
/** Rename a file of .taken/ back to parent/name, or to "name (2)" where that name is in use. */
bool gh_take_put_back(int taken, const char *taken_name, int parent, const char *name);
/** Does anybody have it open for writing? False where the kernel does not let us ask. */
bool gh_take_being_written(int fd);

#endif
