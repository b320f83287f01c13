/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of intake share: the structs of departments, entries and units, and the functions
 * each file offers to the others. Loop's thread only, except for copy jobs (copy.h). */
#ifndef GH_DAEMON_INTAKE_INTAKE_INT_H
#define GH_DAEMON_INTAKE_INTAKE_INT_H

#include "base/map.h"
#include "daemon/intake/copy.h"
#include "daemon/intake/intake.h"
#include "daemon/intake/inventory.h"
#include "daemon/intake/settle.h"
#include "daemon/loop/watch.h"

enum gh_entry_state {
    GH_ENTRY_WAITING, /* not settled, or waiting for files that belong to it */
    GH_ENTRY_TAKING,  /* in a unit: not examined until the unit ends */
    GH_ENTRY_PARKED,  /* refused or empty, and left where it is until it changes */
};

/* One name directly in a department's folder: a loose file or a submission's folder. */
struct gh_entry {
    struct gh_dept *dept;
    char *name;
    char *stem; /* as gh_name_stem_key has it; NULL: a folder, or one of too many of a stem */
    struct gh_entry *stem_next; /* others of the same stem */
    enum gh_entry_state state;
    struct gh_settle settle;
    int64_t first_ms;   /* first seen, wall clock */
    int64_t since_mono; /* first seen, monotonic, in milliseconds */
    uint64_t timer;     /* 0: none */
    int64_t timer_due;  /* monotonic, in milliseconds */
    unsigned round;     /* of the scan that saw it last */
    unsigned refusals;  /* of the ledger, one after another, that may pass */
    char *forbidden;    /* parked until this file of it, below the department, may be taken; NULL */

    /* Of a folder: */
    struct gh_entry *walk_next, *walk_prev; /* in its department's queue of walks */
    struct gh_inventory *walk;              /* under way; NULL: none */
    bool walk_queued;
    bool walk_again;     /* wanted once more while it was under way */
    int64_t submission;  /* which files that come later join; 0: none */
    int64_t empty_since; /* all its files were taken in, monotonic, in milliseconds; 0: not so */
};

/* A folder below drop/. */
struct gh_dept {
    struct gh_intake *in;
    char *folder; /* its name below drop/ */
    char slug[GH_DEPARTMENT_SLUG];
    int fd;                /* -1: offline */
    const char *blind;     /* why its file system has no events; NULL: it has */
    uint64_t dev, ino;     /* of the folder that fd is */
    char *unconfirmed;     /* why the folder of its name is not believed to be its own; NULL */
    char *unmarked;        /* why it has not the file by which it would be known; NULL; told */
    char *unreadable;      /* why it could not be looked at; NULL: it could; told */
    bool by_file;          /* it was known by its file when it was looked at last */
    struct gh_map entries; /* name → gh_entry */
    struct gh_map stems;   /* stem → first gh_entry of it */
    int64_t listed_mtime;  /* of the folder when it was listed last, in nanoseconds; 0: list it */
    uint64_t open_bytes;   /* of its undecided originals, as the ledger said, and what came since */
    int64_t open_ms;       /* when it said so, monotonic; 0: never */
    bool over_share;       /* they fill its share of the disk: it waits, and was told */
    bool told;             /* its officers, of that or of the contrary, since ghatd started, */
    unsigned told_notes;   /* when gh_space.notes was this */
    size_t watches;        /* of the kernel's, that its folders have */
    bool watch_full;       /* some folders have none: it has as many as it may */
    struct gh_entry *walks,
        *walks_last;                    /* entries that wait to be walked; the first is under way */
    int64_t walk_due_us;                /* when its next slice may run, monotonic */
    size_t junk;                        /* names ignored by the last complete listing */
    size_t junk_now;                    /* of the listing under way */
    struct gh_unit *queue, **queue_end; /* units that wait to be copied */
    uint64_t served; /* gh_intake.serves when it had its last turn: the smallest is next */
};

enum gh_unit_what {
    GH_UNIT_MEDIA,  /* a submission, or more files of submission target */
    GH_UNIT_TEXT,   /* a caption that came late, for submission target */
    GH_UNIT_LONE,   /* a text for which no photo or video came */
    GH_UNIT_RECALL, /* cancel submission target; 0: there is none of that name */
    GH_UNIT_ANSWER, /* of question `question` */
    GH_UNIT_LONGER, /* a request for more time for it */
    GH_UNIT_EVENT,  /* a text or a calendar file that announces events */
};

/* Files that are copied, committed and moved away together. */
struct gh_unit {
    struct gh_unit *next;
    struct gh_dept *dept;
    enum gh_unit_what what;
    bool folder, urgent;
    char *name;       /* the submission's: a folder's, or the first media file's */
    int64_t first_ms; /* when the first of its entries was first seen, wall clock */
    int64_t target;   /* an existing submission; 0: none */
    int64_t question; /* of an answer, or a request for more time, … */
    int64_t said_ms;  /* … and when it was dropped, wall clock */
    int64_t event;    /* its folder is that of this event; 0: of none */
    int64_t accepted; /* the question that took it, while it is recorded; 0: none */
    struct gh_entry **entries;
    size_t n_entries;
    struct gh_copy_job copy; /* paths are below the department's folder */
    bool *caption;           /* for each file of copy: it is a text */
    struct gh_job *reading;  /* a document of it, in a worker; NULL: none */
    size_t read_at;          /* which */
    void (*read_done)(struct gh_unit *unit, bool read);
    uint64_t bytes;     /* of all files */
    bool no_room;       /* it was logged that it does not fit on the disk */
    int64_t submission; /* as committed; 0: not yet */
    bool at_once;       /* its quiet time is not over: its file stays where it is until then … */
    bool came_back;     /* … and somebody was seen writing to it meanwhile */
    int64_t due_ms;     /* … when it is, monotonic */
    int64_t stuck_ms;   /* wait before its files are moved again that could not be; 0: none */
    bool stuck_told;    /* to the officer */
    uint64_t stuck_timer;
    void (*stuck_done)(struct gh_unit *unit);
    struct gh_unit_event {
        const char *event;
        char *text; /* owned */
    } events[3];    /* to be logged when it is committed */
    size_t n_events;
};

struct gh_intake {
    struct gh_intake_parts p;
    struct gh_map depts;    /* folder → gh_dept */
    struct gh_map reported; /* folder/path → gh_print: refused, and the officer was told */
    volatile bool stopping; /* read by copying threads */
    bool offline;           /* drop/ is not there */

    /* Events. */
    struct gh_watch *watch; /* NULL: scanning only */
    char scanning[120];     /* why there is no inotify, "" when there is */
    bool watch_full;        /* the kernel granted no more watches */
    int64_t watch_full_ms;  /* since when, or when they were last asked for again, monotonic */
    size_t watch_share;     /* watches that the folders of one department may have */
    bool no_events;         /* the self-test's file in .taken/ raised no event in time */
    uint64_t test_timer;

    uint64_t walk_timer; /* of the next slice of a walk */

    /* Scanning. */
    struct gh_scanner *scanner; /* a full scan under way */
    uint64_t scan_timer;
    bool scan_again;    /* another one was asked for meanwhile */
    unsigned round;     /* number of the scan */
    unsigned links;     /* symbolic links in drop/ that the last scan met */
    int64_t scanned_ms; /* end of the last full scan, wall clock */

    /* Copying. */
    uint64_t pump_timer;
    uint64_t serves;               /* how often a department's unit was taken */
    unsigned copying, copying_big; /* copy jobs under way; those of large units */
    uint64_t copying_bytes;
    struct gh_copy_ahead *ahead;

    /* Committing. */
    struct gh_unit *readers;              /* units of which a worker reads a document */
    struct gh_unit *copied, **copied_end; /* units ready for the ledger */
    struct gh_batch *batch;               /* under way; NULL: none */
    struct gh_unit *stuck;                /* units committed, whose files could not be moved */
    unsigned moving_stuck;                /* of them, those a pool thread tries again */
    struct gh_at_once *kept;              /* units taken in at once, whose files are still there */
    bool singly;                          /* the last batch failed: commit unit by unit */
};

/* entry.c */
/** An event: something may have happened to name. */
void gh_entry_hint(struct gh_dept *dept, const char *name, enum gh_watch_what what);
/** A scan saw name. */
void gh_entry_seen(struct gh_dept *dept, const char *name);
/** Observe the entry now, and sort it when it has settled. May free it, when it is gone. */
void gh_entry_examine(struct gh_entry *e);
/** Examine it in ms milliseconds, and not before unless something asks for it. */
void gh_entry_wait(struct gh_entry *e, int64_t ms);
/** Frees the entry. */
void gh_entry_forget(struct gh_entry *e);
/** What lies in a folder, or why it could not be read. May free the entry. */
void gh_entry_walked(struct gh_entry *e, struct gh_found_list *found, const struct gh_print *print);
void gh_entry_not_walked(struct gh_entry *e, const struct gh_err *err);

/* walks.c */
/** Walk the folder of an entry: at once when it is small and its department has had less than its
 * share of the loop, else in slices. Then gh_entry_walked or gh_entry_not_walked. May free it. */
void gh_walk_want(struct gh_entry *e);
void gh_walk_forget(struct gh_entry *e);

/* refuse.c */
/** Tell the officer, once, that a thing is left where it is. path is below the department's folder;
 * reason is a sentence for the officer. */
void gh_entry_refuse(struct gh_dept *dept, const char *path, const struct gh_print *print,
                     const char *reason);
/** Forget that the officer was told of path, below the department's folder. */
void gh_refusal_forget(struct gh_dept *dept, const char *path);
/** Forget who was told what. */
void gh_refusals_forget(struct gh_intake *in);
#define GH_REASON_NOT_RECORDED "it could not be recorded: "

/* sort.c: what is done with a settled entry */
void gh_sort_file(struct gh_entry *e);
/** Of a loose photo at its point (settle.h), which is taken in before its quiet time is over. */
void gh_sort_at_once(struct gh_entry *e);
/** found: what lies in the folder; refused is set for those that are not taken in. */
void gh_sort_folder(struct gh_entry *e, struct gh_found_list *found);

/* at_once.c: photos taken in before their quiet time is over */
struct gh_at_once *gh_at_once_new(struct gh_intake *in);
/** Not while it is busy. Sets *kept to NULL. */
void gh_at_once_free(struct gh_at_once **kept);
/** Is a pool thread at work for it? */
bool gh_at_once_busy(const struct gh_at_once *kept);
/** May a loose file be taken in at its point? */
bool gh_at_once_may(const struct gh_entry *e);
/** Events were lost: of no file that waits is it known whether it was closed. */
void gh_at_once_doubt(struct gh_intake *in);
/** A name that waited is gone, so that its file was not done when it was closed. */
void gh_at_once_gone(const struct gh_entry *e);
/** A unit that waited for its whole quiet time was taken away: were its files whole before? */
void gh_at_once_learn(const struct gh_unit *u);
/** Takes a unit that is committed, until its quiet time is over and its file looked at again and
 * moved away; then done, which takes it back. */
void gh_at_once_keep(struct gh_unit *u, void (*done)(struct gh_unit *unit));
/** ghatd stops: the next start moves the files away. */
void gh_at_once_stop(struct gh_at_once *kept);

/* copy_ahead.c: copies of files that have nearly settled */
struct gh_copy_ahead *gh_copy_ahead_new(struct gh_intake *in);
/** Not while it is busy. Sets *ahead to NULL. */
void gh_copy_ahead_free(struct gh_copy_ahead **ahead);
/** Copy this quiet file ahead of time, if there is disk space. path is below the department's
 * folder; print is the latest observation of it. */
void gh_copy_ahead_want(struct gh_dept *dept, const char *path, const struct gh_print *print);
/** Returns the draft of a file, which is the caller's now, or NULL. */
struct gh_draft *gh_copy_ahead_claim(struct gh_dept *dept, const char *path);
/** Is a pool thread copying? */
bool gh_copy_ahead_busy(const struct gh_copy_ahead *ahead);

/* words.c: the texts that came with a unit */
/** A file's name in the ledger: below the submission's folder, if it has one. Borrowed. */
const char *gh_unit_shown_name(const struct gh_unit *unit, size_t i);
/** Where its officer wants it ("For: …"), words with commas, to be freed; NULL: not said. */
char *gh_unit_asked(const struct gh_unit *unit);
/** Its caption, to be freed; NULL: none. */
char *gh_unit_caption(const struct gh_unit *unit);
/** The caption of an answer's pictures: that of caption.txt beside other texts; to be freed. NULL:
 * none. */
char *gh_unit_caption_only(const struct gh_unit *unit);
/** The answer of a unit, all its texts but a caption.txt beside others; to be freed. "": there is
 * none. NULL: one cannot be read, and *ret_why, a sentence for the officer, is to be freed. */
char *gh_unit_answer(const struct gh_unit *unit, char **ret_why);
/** Once it is recorded: say in the ledger what its files show, as its texts say. */
GH_MUST_USE int gh_unit_record_alts(const struct gh_unit *unit, struct gh_err *err);

/* documents.c */
/** Have the documents of a copied unit read, one after the other: their texts are those of its
 * files. Then done(unit, true), or done(unit, false) where the worker failed for no fault of
 * theirs. It may be called before this returns. */
void gh_documents_read(struct gh_unit *unit, void (*done)(struct gh_unit *unit, bool read));
/** No more is read: done(unit, false) follows for each unit, from the loop. */
void gh_documents_stop(struct gh_intake *in);

/* stuck.c */
/** Takes a committed unit, some files of which (GH_COPY_FAILED) could not be moved away. It is kept
 * until they can be, or change or go: nothing of it is copied again. Then done(unit). */
void gh_stuck_keep(struct gh_unit *unit, void (*done)(struct gh_unit *unit));
/** Give all of them up. */
void gh_stuck_stop(struct gh_intake *in);

/* commit.c */
/** Before a move in the pool: it gets its own descriptors of the two folders. */
void gh_unit_reach_taken(struct gh_unit *unit);
/** After a move: mark in the ledger, in one transaction, which files are no longer in the drop
 * folder. */
GH_MUST_USE int gh_units_mark_taken(struct gh_intake *in, struct gh_unit *const *units, size_t n,
                                    struct gh_err *err);
/** Takes ownership of unit. */
void gh_unit_submit(struct gh_unit *unit);
/** Before the loop runs the last time: a batch that waits for the ledger is given up. */
void gh_units_stop(struct gh_intake *in);
void gh_unit_free(struct gh_unit *unit);
/** Fill in where a copy job reads and writes, and its limits. job->drop is the caller's to close.
 * False: the department is offline, or there are no more descriptors. */
bool gh_unit_reach(struct gh_dept *dept, struct gh_copy_job *job);

/* scan.c */
#define GH_SOON_MS 50              /* hints that ask for a scan are gathered for this time */
#define GH_SELF_TEST ".event-test" /* a file in .taken/ that must raise an event */
/** Make the self-test's file. */
void gh_scan_test(struct gh_intake *in);
/** The event of the self-test's file came. */
void gh_scan_test_heard(struct gh_intake *in);
/** Sets *s to NULL. */
void gh_scan_free(struct gh_scanner **s);
/** May name be taken in, that is, is it neither junk nor Status/? */
bool gh_dept_wants(const struct gh_dept *dept, const char *name);
/** Scan in ms milliseconds, or after the scan that is under way. */
void gh_intake_rescan_in(struct gh_intake *in, int64_t ms);

/* departments.c */
#define GH_WATCH_AGAIN_MS 60000 /* between two tries, when the kernel granted no more watches */
#define GH_LIST_ROUNDS 10       /* a folder that seems unchanged is listed at one scan in so many */
/** Watch the directory fd; ref comes back with each event (intake.c). When the kernel grants no
 * more watches, that is logged once, and the scan must do alone. */
void gh_intake_watch(struct gh_intake *in, int fd, const char *ref);
/** The same for a folder below a department's, within its share of the watches. */
void gh_dept_watch(struct gh_dept *dept, int fd, const char *ref);
/** Watches that were not to be had may be free again: ask for the most important ones. */
void gh_intake_watch_again(struct gh_intake *in);
/** Does the kernel report all changes in its folder? */
bool gh_dept_has_events(const struct gh_dept *dept);
/** The department of a folder below drop/; made when it is new. Owned by intake. */
struct gh_dept *gh_dept_of(struct gh_intake *in, const char *folder);
void gh_dept_free(struct gh_dept *dept);
/** Set its slug: that of its card, else the one in the ledger, else a new one, which is kept in the
 * ledger. */
void gh_dept_resolve(struct gh_dept *dept);
/** The setting of the ledger that keeps the slug of a folder without a card. To be freed. */
char *gh_dept_slug_key(const char *folder);
/** Open the directory that now has its folder's name, unless it is open already. Returns false when
 * there is none, or it is another one than before and nobody confirmed it. */
bool gh_dept_go_online(struct gh_dept *dept);
/** Has the directory that is open still its folder's name? */
bool gh_dept_in_place(const struct gh_dept *dept);
void gh_dept_go_offline(struct gh_dept *dept);
/** Its folder could not be looked at: told once, until it can be. */
void gh_dept_unreadable(struct gh_dept *dept, const struct gh_err *err);
/** Its quiet time now, in milliseconds. */
static inline int64_t gh_dept_quiet(const struct gh_dept *dept)
{
    return gh_quiet_ms(dept->in->p.quiet, dept->slug);
}

#endif
