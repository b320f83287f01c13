/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of intake share: intake.c (departments, hints, scans), entry.c (looks, readiness), ahead.c (copies
 * made while waiting), admit.c (copy, commit, away). */
#ifndef GH_DAEMON_INTAKE_PRIV_H
#define GH_DAEMON_INTAKE_PRIV_H

#include "base/map.h"
#include "daemon/intake.h"
#include "daemon/scan.h"
#include "daemon/settle.h"
#include "daemon/take.h"
#include "daemon/watch.h"

enum gh_entry_state {
    GH_ENTRY_WAITING, /* not settled, or waiting for what belongs to it */
    GH_ENTRY_TAKING,  /* in a unit */
    GH_ENTRY_PARKED,  /* dealt with and left where it is, until it changes */
};

/* One name directly in a department's folder: a loose file or a submission's folder. */
struct gh_entry {
    struct gh_dept *dept;
    char *name, *stem;          /* stem: folded, NULL for folders and for one of too many */
    struct gh_entry *stem_next; /* others of the same stem */
    enum gh_entry_state state;
    struct gh_settle settle;
    int64_t first_ms;   /* wall clock: first seen */
    int64_t since_mono; /* the same, for waiting */
    uint64_t timer;
    int64_t timer_due;
    unsigned round;      /* of the scan that saw it last */
    bool again;          /* hinted while it was being taken */
    int64_t submission;  /* a folder's, for what comes later */
    int64_t empty_since; /* a folder all of whose files were taken: monotonic, 0 not */
};

struct gh_dept {
    struct gh_intake *in;
    char *folder;
    char slug[GH_DEPARTMENT_SLUG];
    int fd;            /* -1: offline */
    const char *blind; /* why its file system tells nothing of changes; NULL: it does */
    uint64_t dev, ino;
    struct gh_map entries, stems; /* name → gh_entry; stem → first gh_entry */
    int64_t listed_mtime;         /* of the folder when it was listed last, in nanoseconds; 0: list it */
    size_t junk, junk_now;        /* ignored names, as listed last; of the listing under way */
    int64_t learnt_ms;            /* quiet time learnt from files taken too early */
    unsigned clean;               /* takes in a row without one */
    struct gh_unit *queue, **queue_end;
};

enum gh_unit_what {
    GH_UNIT_MEDIA,  /* a submission */
    GH_UNIT_TEXT,   /* a caption that came late: of submission target */
    GH_UNIT_LONE,   /* a text that waited in vain */
    GH_UNIT_RECALL, /* cancel target */
};

/* What is copied, committed and moved away as one. */
struct gh_unit {
    struct gh_unit *next;
    struct gh_dept *dept;
    enum gh_unit_what what;
    bool folder, urgent;
    char *name;       /* the submission's: a folder's or the first media file's */
    int64_t first_ms; /* wall clock */
    int64_t target;   /* an existing submission */
    struct gh_entry **entries;
    size_t n_entries;
    struct gh_take take; /* paths below the department's folder */
    bool *caption;       /* which of its files are texts */
    uint64_t bytes;
    bool no_room;       /* said that it does not fit */
    int64_t submission; /* as committed */
};

struct gh_intake {
    unsigned links; /* symbolic links met in drop/ by the last scan */
    struct gh_daemon *d;
    struct gh_watch *watch; /* NULL: scanning only */
    struct gh_map depts;    /* folder → gh_dept */
    struct gh_map reported; /* folder/path → gh_print: refused and told */
    uint64_t scan_timer, pump_timer;
    struct gh_scanner *scanner; /* a full scan under way */
    volatile bool stopping;     /* read by copying threads */
    bool scan_again, offline, watch_full, singly;
    bool deaf; /* the self-test's file in .taken/ raised no event */
    uint64_t test_timer;
    unsigned round;
    size_t next_dept; /* whose turn it is */
    unsigned copying, copying_big;
    uint64_t copying_bytes;
    struct gh_unit *copied, **copied_end; /* ready for the ledger */
    bool committing;
    int64_t scanned_ms;
    struct gh_ahead *ahead;
};

/* entry.c */
void gh_entry_hint(struct gh_dept *dept, const char *name);
/** A scan saw this name. */
void gh_entry_seen(struct gh_dept *dept, const char *name);
void gh_entry_look(struct gh_entry *e);
void gh_entry_wait(struct gh_entry *e, int64_t ms);
void gh_entry_forget(struct gh_entry *e);
/** Tell the officer once that a thing is left where it is. path below the department's folder. */
void gh_entry_refuse(struct gh_dept *dept, const char *path, const struct gh_print *print, const char *reason);

/* ready.c: what to do with a settled entry */
void gh_ready_file(struct gh_entry *e);
/** Takes what it needs out of found. */
void gh_ready_folder(struct gh_entry *e, struct gh_found_list *found);

/* ahead.c: copies of what rests, but not yet long enough, made while the machine has nothing else to do with it */
struct gh_ahead *gh_ahead_new(struct gh_intake *in);
void gh_ahead_free(struct gh_ahead **ahead);
/** It rests: copy it if there is room. */
void gh_ahead_want(struct gh_dept *dept, const char *path, const struct gh_print *print);
/** Its draft, the caller's now, or NULL. */
struct gh_draft *gh_ahead_claim(struct gh_dept *dept, const char *path);
bool gh_ahead_busy(const struct gh_ahead *ahead);

/* admit.c */
/** The unit is admit.c's now. */
void gh_unit_submit(struct gh_unit *unit);
void gh_unit_free(struct gh_unit *unit);
/** Where copies are read from and go to; take->drop is the caller's to close. False: offline, or out of descriptors. */
bool gh_unit_reach(struct gh_dept *dept, struct gh_take *take);
void gh_units_pump(struct gh_intake *in);

/* intake.c */
#define GH_LIST_ROUNDS 10 /* scans for one listing of a folder that says it did not change */
/** Watch a directory; when the kernel has no more watches, say so once: the scan alone must do. */
void gh_intake_watch(struct gh_intake *in, int fd, const char *ref);
/** Does the kernel tell of all changes in it? Then looking for them can be rare. */
bool gh_dept_has_events(const struct gh_dept *dept);
int64_t gh_dept_quiet(const struct gh_dept *dept);
/** A file of it was written to after it had seemed complete (early), or was taken well, or lesson_ms is the quiet time
 * its pauses asked for (0: none). */
void gh_dept_learn(struct gh_dept *dept, bool early, int64_t lesson_ms);
void gh_intake_rescan_in(struct gh_intake *in, int64_t ms);

#endif
