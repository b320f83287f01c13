/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rendition engine: one file in, judged outputs out. Owns the nursery, its children and their
 * deadlines. Used by ghatd and by `ghat render|plan|probe` alike. All callbacks run in the loop's
 * thread.
 *
 * A job: fork → ready → probe → plan → (a deeper probe when passing through is possible, and the
 * plan again) → render → each output probed by another child and compared with the limits of its
 * profiles → done. A child that is killed at any time is a failed attempt and nothing more.
 */
#ifndef GH_DAEMON_ENGINE_ENGINE_H
#define GH_DAEMON_ENGINE_ENGINE_H

#include "base/contract.h"
#include "base/hash.h"
#include "daemon/engine/likeness.h"
#include "daemon/engine/sets.h"
#include "daemon/loop/loop.h"
#include "daemon/plan/plan.h"

struct gh_engine;

/* The end of the names of files that keep work; the hash of the recipe comes before it. */
#define GH_KEPT ".made"

struct gh_engine_conf {
    const char *worker;  /* path of ghat-worker */
    unsigned jobs;       /* render jobs at once; 0 = number of CPUs */
    unsigned video_jobs; /* of these at most so many videos; 0 = 1 */
    /* pieces of one video encoded at the same time; 0 = as many as there are cores for */
    unsigned lanes;
    struct gh_limits limits;
    bool seccomp_only; /* a kernel without Landlock is acceptable */
    /* videos of this duration or longer: what is encoded is kept in out_dir meanwhile; 0: never */
    int64_t keep_us;
    int64_t silence_ms; /* a child without progress for so long hangs; 0 = 60 s */
    uint32_t encoder;   /* enum gh_encoder, of videos */
    const char *device; /* the encoder's file; NULL: the usual one */
};

/* What became of the encoder that was asked for. */
struct gh_engine_encoder {
    uint32_t asked;           /* enum gh_encoder */
    uint64_t made, fell_back; /* encodes it made; encodes that software made in its place */
    int64_t fell_back_ms;     /* when that happened last, since 1970; 0: never */
    char why[160];            /* why, that time */
    bool given_up;            /* its outputs broke limits: it is not used until a restart */
};

/* One judged (or failed) encode, handed to on_output. */
struct gh_output {
    uint32_t encode; /* index in the plan */
    /* unnamed file in the job's out_dir, mode 0600, not fsynced; -1 when it failed */
    int fd;
    uint64_t bytes;
    char sha256[GH_SHA_HEX];
    uint32_t crc;                               /* CRC-32 of the same bytes */
    struct gh_result result;                    /* of the render, within its ranges */
    struct gh_probe probe;                      /* by the judging child */
    struct gh_finding compared[GH_COMPARISONS]; /* with the source; n_compared lines */
    size_t n_compared;
    struct gh_err err; /* why there is no output: result.cls, or a broken limit */
};

/** Whether the output keeps the limits of this profile. GH_BUG: names the limit. Another that gets
 * the same file may keep its own. */
GH_MUST_USE int gh_output_fits(const struct gh_probe *output, const struct gh_profile *profile,
                               const struct gh_recipe *recipe, struct gh_err *err);

struct gh_job;

enum gh_job_goal {
    GH_GOAL_READ, /* the text of a document, and nothing else */
    GH_GOAL_PROBE,
    GH_GOAL_PLAN,
    GH_GOAL_RENDER,
    GH_GOAL_PREVIEW /* small pictures of it, as gh_plan_previews says; judged as all outputs are */
};

/* Why a job ended. */
enum gh_job_end {
    GH_END_DONE, /* every encode was reported through on_output (some may have failed) */
    /* the input is refused (err has GH_INPUT, GH_LIMIT): it would be again, another attempt is of
     * no use */
    GH_END_INPUT,
    GH_END_CRASHED, /* the child died or hung after READY: an attempt that failed for this input */
    GH_END_OURS,    /* it died before READY, or the nursery did: not the input's fault, retry */
    GH_END_CANCELLED, /* gh_job_cancel or engine closing: interrupted, no failed attempt */
};

struct gh_job_ops {
    /* Any of these may be NULL. probe, plan and err are borrowed for the call. */
    void (*on_ready)(struct gh_job *job, int64_t us_since_start, void *arg);
    void (*on_probe)(struct gh_job *job, const struct gh_probe *probe, void *arg);
    /** GH_GOAL_READ: UTF-8, clean; borrowed for the call. */
    void (*on_text)(struct gh_job *job, const char *text, void *arg);
    /** False: the plan is not wanted, and the job ends with GH_END_DONE and no outputs. Called
     * again, before any output, when what was to be passed through turns out not to be whole, or a
     * shared file outgrew a limit: the later plan replaces the earlier. */
    bool (*on_plan)(struct gh_job *job, const struct gh_plan *plan, void *arg);
    void (*on_progress)(struct gh_job *job, unsigned permille, void *arg);
    /** plan->places refer to output->encode. output->fd is closed after the call unless the callee
     * took it (gh_steal_fd). */
    void (*on_output)(struct gh_job *job, const struct gh_plan *plan, struct gh_output *output,
                      void *arg);
    /** Last call; the job is freed after it. */
    void (*on_end)(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg);
};

struct gh_job_req {
    int in_fd;   /* original, read only; ownership passes to the engine even on failure */
    int out_dir; /* directory for unnamed outputs; borrowed until on_end; -1 unless rendering */
    enum gh_job_goal goal;
    /* profiles, logos and labels; the job takes a reference of its own. NULL only for a probe or a
     * text */
    struct gh_sets *sets;
    struct gh_plan_opts opts; /* copied deeply; opts.logos is that of sets, whatever it says */
    /* names the work on a long video, so that another attempt continues it; copied; NULL: nothing
     * is kept */
    const char *source_sha256;
    unsigned previews; /* GH_GOAL_PREVIEW: a set of 1u << enum gh_preview */
    /* Beside the others: it takes no slot from them, and is not counted; one runs at a time. */
    bool aside;
    int nice;    /* of the child, for photos; videos get 10 more */
    bool urgent; /* before all that are not, behind the other urgent ones */
};

/** Start the nursery (fork and exec of conf->worker with its start-up environment set). */
GH_MUST_USE int gh_engine_open(struct gh_loop *loop, const struct gh_engine_conf *conf,
                               struct gh_engine **ret, struct gh_err *err);
/** Kills children, cancels jobs (on_end is called for each), ends the nursery. Must not be called
 * from a job's callback. */
void gh_engine_close(struct gh_engine **engine);
/** Queue a job; it starts as soon as a slot is free. ops and arg must live until on_end. */
GH_MUST_USE int gh_engine_submit(struct gh_engine *engine, const struct gh_job_req *req,
                                 const struct gh_job_ops *ops, void *arg, struct gh_job **ret,
                                 struct gh_err *err);
/** on_end follows from the loop, never from within this call. */
void gh_job_cancel(struct gh_job *job);
/** Jobs running and waiting. */
unsigned gh_engine_running(const struct gh_engine *engine);
unsigned gh_engine_waiting(const struct gh_engine *engine);
const struct gh_engine_encoder *gh_engine_encoder(const struct gh_engine *engine);
/** False while the nursery is down and being restarted with backoff. */
bool gh_engine_healthy(const struct gh_engine *engine);

#endif
