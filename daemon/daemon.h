/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghatd's one structure: what its parts share. main.c fills it in the order of its fields and empties it backwards; the
 * parts borrow it. Everything runs in the loop's thread. After each commit of the ledger main.c's hook looks at the
 * submission touched: its note is written, its outbox brought up to date, new work looked for; so nobody else has to.
 */
#ifndef GH_DAEMON_DAEMON_H
#define GH_DAEMON_DAEMON_H

#include "base/config.h"
#include "daemon/department.h"
#include "daemon/engine.h"
#include "daemon/ledger.h"
#include "daemon/loop.h"
#include "daemon/profile.h"

/* Open directories; -1 until opened. Everything but drop and taken is on one file system. */
struct gh_dirs {
    int state, drop, taken, spool, staging, outbox, archive, quarantine;
    int work; /* staging/.work: for unnamed files in the making */
    int lock; /* held as long as ghatd runs */
};

struct gh_daemon {
    struct gh_conf conf; /* replaced as a whole by a reload */
    struct gh_departments departments;
    struct gh_dirs dirs;
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_profiles *profiles; /* the current set; older ones live on until their jobs ended */
    const struct gh_overlays *overlays; /* the logos they name; the same */
    struct gh_engine *engine;
    struct gh_intake *intake;     /* daemon/scan.h */
    struct gh_workshop *workshop; /* daemon/work.h */
    struct gh_control *control;   /* daemon/control.h */
    struct gh_sweep *sweep;       /* daemon/sweep.h */
    struct gh_forecast *forecast; /* daemon/forecast.h */
    int64_t started_ms;
    bool stopping;
    bool ballast;     /* it lies beside the ledger (daemon/space.h) */
    char paused[200]; /* why intake and work are paused ("disk full: …"), "" when they are not */
    char clock[200];  /* why nothing is deleted for its age (daemon/trust.h), "" when it is */
    struct gh_clock_base {
        int64_t wall_ms, mono_ms;
    } trusted;          /* when the clock was known to be right */
    char scanning[120]; /* why there is no inotify, "" when there is */
};

/**
 * The ledger's disk failed (GH_SYSTEM): what is on it now is not known to this process any more. End, so that the next
 * start reads it anew. Other classes: nothing.
 */
static inline void gh_daemon_trouble(struct gh_daemon *d, const struct gh_err *err)
{
    if (err->cls == GH_SYSTEM || err->cls == GH_BUG)
        gh_loop_quit(d->loop, 1);
}

/* daemon/setup.c */
/** Make and open the directories of conf, with the modes and groups of the design. */
GH_MUST_USE int gh_dirs_open(const struct gh_conf *conf, const struct gh_departments *departments, struct gh_dirs *ret,
                             struct gh_err *err);
void gh_dirs_close(struct gh_dirs *dirs);
/** Make dirfd/name unless it is there. A set-group-id bit is set where we may; where not, the parent's is inherited. */
GH_MUST_USE int gh_dir_make(int dirfd, const char *name, unsigned mode, struct gh_err *err);

/* daemon/projection.c */
/** At start, before anything is written: remove what a killed ghatd left half-written in quarantine/. */
void gh_projection_recover(struct gh_daemon *d);
/** Have what lies outside the ledger follow it: called for each submission a commit touched; the work is gathered and
 * done soon. */
void gh_projection_touch(struct gh_daemon *d, int64_t submission);
/** Do all of it now. */
void gh_projection_flush(struct gh_daemon *d);
/** Being written in the pool. */
unsigned gh_projection_busy(void);

/** Re-read configuration, departments and profiles; all or nothing. problems may be NULL. For SIGHUP and the control
 * socket. */
GH_MUST_USE int gh_daemon_reload(struct gh_daemon *d, struct gh_problems *problems, struct gh_err *err);
/** The department of a slug in the ledger: never NULL while the set holds it; NULL for one that is gone. */
const struct gh_department *gh_daemon_department(const struct gh_daemon *d, const char *slug);

#endif
