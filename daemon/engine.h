/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rendition engine: one file in, verified outputs out. Owns the nursery, its children, their deadlines. Used by
 * ghatd and by `ghat render|plan|probe` alike. All callbacks run in the loop's thread.
 *
 * A job: fork → ready → probe → (full probe when passing through is possible) → plan → render → each output probed
 * again by another child and checked against its profiles → done. A child killed at any time is a failed attempt and
 * nothing more.
 */
#ifndef GH_DAEMON_ENGINE_H
#define GH_DAEMON_ENGINE_H

#include "base/hash.h"
#include "base/job.h"
#include "daemon/compare.h"
#include "daemon/loop.h"
#include "daemon/planner.h"

#include <sys/types.h>

struct gh_engine;

#define GH_KEPT ".made" /* ends the names of files that keep work: 64 hex digits of the recipe before it */

struct gh_engine_conf {
    const char *worker;  /* path of ghat-worker */
    unsigned jobs;       /* render jobs at once; 0 = number of CPUs */
    unsigned video_jobs; /* of these at most so many videos; 0 = 1 */
    unsigned lanes;      /* pieces of one video encoded at the same time; 0 = as many as there are cores for */
    struct gh_limits limits;
    bool seccomp_only;  /* a kernel without Landlock is acceptable */
    int64_t keep_us;    /* the work on videos as long as this is kept in out_dir while they are made; 0: of none */
    int64_t silence_ms; /* no progress for so long: hung; 0 = 60 s */
    uint32_t encoder;   /* enum gh_encoder, of videos */
    const char *device; /* its file; NULL: the usual one */
};

/* What became of the encoder that was asked for. */
struct gh_engine_encoder {
    uint32_t asked;           /* enum gh_encoder */
    uint64_t made, fell_back; /* encodes by it; by software in its place */
    int64_t fell_back_ms;     /* the latest, since 1970; 0: never */
    char why[160];            /* of that */
    bool given_up;            /* its outputs broke limits: no more until a restart */
};

/* One verified (or failed) encode, handed to on_output. The descriptor is the receiver's to close when it returns 0. */
struct gh_output {
    uint32_t encode; /* index in the plan */
    int fd;          /* unnamed file in the job's out_dir, mode 0600, not fsynced; -1 when it failed */
    uint64_t bytes;
    char sha256[GH_SHA_HEX];
    struct gh_result result;                  /* checked */
    struct gh_probe probe;                    /* by the verifying child */
    struct gh_check compared[GH_COMPARISONS]; /* with the source; n_compared lines */
    size_t n_compared;
    struct gh_err err; /* why there is no output: result.cls, or a broken limit */
};

struct gh_job;

enum gh_job_goal { GH_GOAL_PROBE, GH_GOAL_PLAN, GH_GOAL_RENDER };

/* Why a job ended. */
enum gh_job_end {
    GH_END_DONE,      /* every encode was reported through on_output (some may have failed) */
    GH_END_INPUT,     /* the input is refused (err has GH_INPUT, GH_LIMIT): no strike needed, it is deterministic */
    GH_END_CRASHED,   /* the child died or hung after READY: a strike against the input */
    GH_END_OURS,      /* it died before READY, or the nursery did: our fault, retry */
    GH_END_CANCELLED, /* gh_job_cancel or engine closing: interrupted, no strike */
};

struct gh_job_ops {
    /* Any of these may be NULL. probe/plan are borrowed for the call. */
    void (*on_ready)(struct gh_job *job, int64_t us_since_start, void *arg);
    void (*on_probe)(struct gh_job *job, const struct gh_probe *probe, void *arg);
    /** May drop placements by returning false: the job then ends with GH_END_DONE and no outputs. Comes again, before
     * any output, when what was to be passed through turns out not to be whole: the later plan replaces the earlier. */
    bool (*on_plan)(struct gh_job *job, const struct gh_plan *plan, void *arg);
    void (*on_progress)(struct gh_job *job, unsigned permille, void *arg);
    /** plan->places refer to output->encode. Takes output->fd (sets it to -1) if it wants to keep it. */
    void (*on_output)(struct gh_job *job, const struct gh_plan *plan, struct gh_output *output, void *arg);
    /** Last call; the job is freed after it. */
    void (*on_end)(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg);
};

struct gh_job_req {
    int in_fd;   /* original, read only; ownership passes to the engine even on failure */
    int out_dir; /* directory for unnamed outputs; borrowed until on_end; -1 unless rendering */
    enum gh_job_goal goal;
    const struct gh_profiles *profiles; /* borrowed until on_end */
    struct gh_plan_opts opts;           /* copied deeply */
    const char *source_sha256; /* with it, work on a long video outlives an interruption; copied; NULL: it does not */
    int nice;                  /* of the child, for photos; videos get 10 more */
    bool urgent;               /* head of the queue */
};

/** Start the nursery (fork and exec of conf->worker with its start-up environment set). */
GH_MUST_USE int gh_engine_open(struct gh_loop *loop, const struct gh_engine_conf *conf, struct gh_engine **ret,
                               struct gh_err *err);
/** Kills children, cancels jobs (on_end is called for each), ends the nursery. Not from within a job's callback. */
void gh_engine_close(struct gh_engine **engine);
/** Queue a job; it starts as soon as a slot is free. ops and arg must live until on_end. */
GH_MUST_USE int gh_engine_submit(struct gh_engine *engine, const struct gh_job_req *req, const struct gh_job_ops *ops,
                                 void *arg, struct gh_job **ret, struct gh_err *err);
/** on_end follows from the loop, never from within this call. */
void gh_job_cancel(struct gh_job *job);
/** Jobs running and waiting. */
unsigned gh_engine_running(const struct gh_engine *engine);
unsigned gh_engine_waiting(const struct gh_engine *engine);
const struct gh_engine_encoder *gh_engine_encoder(const struct gh_engine *engine);
/** False while the nursery is down and being restarted with backoff. */
bool gh_engine_healthy(const struct gh_engine *engine);
/** What the nursery said when it came up, and its process. */
const struct gh_up *gh_engine_info(const struct gh_engine *engine);
pid_t gh_engine_nursery_pid(const struct gh_engine *engine);
/** The job's child, or 0: for tests and for status. */
pid_t gh_job_pid(const struct gh_job *job);

#endif
