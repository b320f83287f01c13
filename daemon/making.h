/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One attempt at one file: what was planned, what was made of it, and its report to the ledger. Private to work.c and
 * making.c. */
#ifndef GH_DAEMON_MAKING_H
#define GH_DAEMON_MAKING_H

#include "daemon/daemon.h"

enum gh_row_state {
    GH_ROW_NOT,    /* nothing reported yet */
    GH_ROW_FILE,   /* verified; fd is in the attempt until it is staged */
    GH_ROW_STAGED, /* told to the ledger */
    GH_ROW_FAILED,
    GH_ROW_SKIPPED,
};

/* One planned output: a placement, or a part of it. */
struct gh_row {
    char placement[GH_PLACEMENT_MAX], profile[17], recipe[GH_SHA_HEX], why[200];
    const char *how;
    unsigned part, parts;
    bool skipped; /* by the plan */
    uint32_t encode;
    enum gh_row_state made;
    bool told; /* to the ledger */
    char sha256[GH_SHA_HEX], path[200], note[256];
    uint64_t bytes;
    uint32_t w, h, removed;
    int64_t duration_us;
    char *checks; /* JSON, owned */
};

struct gh_making {
    struct gh_making *next;
    struct gh_workshop *w;
    struct gh_daemon *d;
    struct gh_claim claim;
    struct gh_job *job; /* NULL once it ended */
    enum gh_media media;
    unsigned permille, first_permille; /* of the render; what the first report said */
    int64_t first_ms;                  /* when that was, monotonic; 0: nothing reported yet */
    int64_t begun_ms;                  /* a worker took it up, monotonic; 0: not yet */
    bool old_work;                     /* part of it was made before: it says nothing of the pace */
    char stem[80];                     /* ASCII, unique among the submission's files */
    char *name;                        /* as dropped */
    size_t name_len;
    int64_t dropped_ms;
    char *probe; /* JSON */
    uint32_t found;
    struct gh_row *rows;
    size_t n_rows;
    bool planned;                /* rows are in the ledger */
    int fds[GH_JOB_MAX_ENCODES]; /* verified outputs not yet staged */
    bool ended, storing;         /* the job is over; a pool thread is staging */
    bool lost;                   /* the ledger does not know this attempt any more */
    enum gh_job_end end;
    struct gh_err err;     /* why it ended, or why staging failed */
    bool fell_back, again; /* a passing trouble (disk full): nothing counted */
    int64_t last_flush_ms;
    /* for the pool thread */
    int staging, archive, spool;
    struct gh_err store_err;
    size_t store[256]; /* rows being staged */
    size_t n_store;
};

void gh_making_free(struct gh_making *a);
/** Rows from a plan; recipes named. */
void gh_making_plan(struct gh_making *a, const struct gh_plan *plan);
/** Note an output of the engine. Takes its descriptor. */
void gh_making_output(struct gh_making *a, const struct gh_plan *plan, struct gh_output *output);
/** Can every row be had from an earlier output of equal recipe? Then they are taken over and true is returned. */
bool gh_making_reuse(struct gh_making *a);
/** Rows with a file that wait for staging → a->store. Returns how many. */
size_t gh_making_collect(struct gh_making *a);
/** In a pool thread: files of a->store to their places, durable. */
void gh_making_store(struct gh_making *a);
/** Tell the ledger the probe and plan (once), and what became of rows since; and the end when it is over. ret_bad: the
 * file is given up. */
GH_MUST_USE int gh_making_report(struct gh_making *a, bool *ret_bad, struct gh_err *err);
/** How the ledger counts an end of that class. again: a passing trouble; first: the first attempt, when a better copy
 * may still come. */
enum gh_attempt gh_making_attempt(enum gh_job_end end, enum gh_class cls, bool again, bool first);
/** JSON text of a probe for the ledger; the caller's. */
char *gh_making_probe_json(const struct gh_probe *probe);

#endif
