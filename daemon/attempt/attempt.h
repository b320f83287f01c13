/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One attempt at making the renditions of one file: what was planned, what came of it, and its
 * report to the ledger. Used by claims.c only, in the loop's thread, except for gh_attempt_store.
 */
#ifndef GH_DAEMON_ATTEMPT_ATTEMPT_H
#define GH_DAEMON_ATTEMPT_ATTEMPT_H

#include "daemon/attempt/claims.h"

enum gh_row_state {
    GH_ROW_NOT,     /* nothing is known yet */
    GH_ROW_FILE,    /* verified; the attempt holds its descriptor until it is staged */
    GH_ROW_STAGED,  /* in its place below staging/ */
    GH_ROW_FAILED,  /* note says why */
    GH_ROW_SKIPPED, /* by the renderer; note says why */
};

/* One planned output: a placement, or one part of it. Several rows may share an encode. */
struct gh_row {
    char placement[GH_PLACEMENT_MAX];
    char profile[17];        /* digest */
    char recipe[GH_SHA_HEX]; /* hash */
    char why[200];           /* the planner's reason, for people */
    const char *how;         /* static text: encode, merged, pass, skip */
    unsigned part, parts;    /* part counts from 1 */
    bool skipped;            /* by the plan: nothing is made */
    uint32_t encode;         /* index into the plan's encodes */
    enum gh_row_state made;
    bool told; /* made is in the ledger */

    /* Of the output: */
    char sha256[GH_SHA_HEX];
    bool has_crc; /* of what was made now; what is linked has it in the ledger */
    uint32_t crc;
    char path[200]; /* below staging/ */
    char note[256];
    uint64_t bytes;
    uint32_t w, h;
    struct gh_rect crop;   /* what it shows of the upright source … */
    uint32_t src_w, src_h; /* … which is as large as this */
    uint32_t removed;      /* metadata, a set of 1u << enum gh_meta_bit */
    int64_t duration_us;   /* 0: a photo */
    char *checks;          /* JSON, owned; NULL: none */
};

struct gh_attempt {
    struct gh_attempt *next;
    struct gh_claims *claims;
    const struct gh_claims_parts *p; /* those of claims */
    struct gh_claim claim;
    char stem[80]; /* of its outputs: ASCII, unique among the submission's files */
    char *name;    /* as dropped, name_len bytes; owned */
    size_t name_len;
    int64_t dropped_ms; /* wall clock */

    /* The engine's job. */
    struct gh_job *job;                /* NULL: it ended */
    unsigned permille, first_permille; /* of the render; as reported last, and first */
    int64_t first_ms;                  /* of the first report, monotonic; 0: none yet */
    int64_t begun_ms;                  /* a worker took it up, monotonic; 0: not yet */
    bool old_work;                     /* a part was made before: its pace is not measured */
    bool fell_back;                    /* it was logged that an encoder was not used */
    bool ended;                        /* the job is over, end and err say how */
    bool lost;                         /* the ledger does not know this attempt any more */
    bool again;                        /* ended by a full disk or the like: not counted */
    uint64_t report_timer;             /* its end waits for the ledger; 0: it does not */
    enum gh_job_end end;
    struct gh_err err; /* why it ended, or why staging failed */

    /* What is reported. */
    enum gh_media media;
    char *probe;         /* JSON, owned; NULL: not probed yet */
    struct gh_look look; /* of a photo */
    uint32_t found;      /* metadata in the source, a set of 1u << enum gh_meta_bit */
    struct gh_row *rows;
    size_t n_rows;
    bool planned;                /* rows are in the ledger */
    int fds[GH_JOB_MAX_ENCODES]; /* verified outputs not yet staged; -1: none; owned */

    /* Staging, in a pool thread while storing is set. */
    bool storing;
    int staging, archive, spool; /* borrowed */
    struct gh_err store_err;
    size_t store[256]; /* indices of the rows being staged */
    size_t n_store;
};

void gh_attempt_free(struct gh_attempt *a);
/** Make the rows of a plan, in place of any earlier ones. */
void gh_attempt_plan(struct gh_attempt *a, const struct gh_plan *plan);
/** Note an output of the engine. Takes the descriptor of one that did not fail: output->fd is -1
 * then. */
void gh_attempt_output(struct gh_attempt *a, const struct gh_plan *plan, struct gh_output *output);
/** Does every row have an earlier output of an equal recipe? Then these are used and true is
 * returned. */
bool gh_attempt_reuse(struct gh_attempt *a);
/** Set a->store to the rows that have a file to be staged. Returns how many. */
size_t gh_attempt_collect(struct gh_attempt *a);
/** In a pool thread: put the files of a->store, and the original, in their places, durably. Sets
 * a->store_err. */
void gh_attempt_store(struct gh_attempt *a);
/** Report to the ledger, in one transaction: probe and plan (once), what became of rows since, and
 * the end when the job has ended. *ret_bad: no further attempt will be made. */
GH_MUST_USE int gh_attempt_report(struct gh_attempt *a, bool *ret_bad, struct gh_err *err);
/** How the ledger counts an end of that class. again: a full disk or the like; first: it was the
 * first attempt, so a better copy of a damaged file may still come. */
enum gh_attempt_end gh_attempt_end_of(enum gh_job_end end, enum gh_class cls, bool again,
                                      bool first);
/** JSON text of a probe for the ledger, to be freed. */
char *gh_attempt_probe_json(const struct gh_probe *probe);

#endif
