/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the engine: one job and its way. engine.c decides when a job runs; job.c what it does; check.c judges its
 * outputs. */
#ifndef GH_DAEMON_JOB_H
#define GH_DAEMON_JOB_H

#include "daemon/engine.h"
#include "daemon/worker.h"

#include <sys/queue.h>

enum gh_slot { GH_SLOT_NONE, GH_SLOT_PHOTO, GH_SLOT_VIDEO };

struct gh_hash_work;

/* One encode on its way out. */
struct gh_made {
    int fd, journal; /* journal: keeps what was encoded, named keep in out_dir; -1: none */
    char keep[80];
    bool reported, probed, hashed, delivered;
    struct gh_result result;
    struct gh_probe probe;
    struct gh_check compared[GH_COMPARISONS];
    size_t n_compared;
    struct gh_look *source; /* what it was made of, as the renderer saw it; NULL: not told */
    struct gh_err err;      /* why it failed; cls GH_OK: it has not */
    char sha256[GH_SHA_HEX];
    struct gh_hash_work *hash; /* in the pool */
};

struct gh_job {
    TAILQ_ENTRY(gh_job) link;
    struct gh_engine *engine;
    struct gh_job_req req;
    char source[GH_SHA_HEX]; /* "": nothing is kept */
    const struct gh_job_ops *ops;
    void *arg;
    enum gh_slot slot; /* that it holds */
    bool known_video;  /* from an earlier probe: it waits for a video slot */
    bool told_ready, told_probe;
    bool doubted; /* a render found that what it was to pass through is not whole: decode it all, plan again */
    bool done;    /* the renderer said so */
    bool settled; /* the renderer is gone: its files can no longer change */
    int64_t begun_us;
    struct gh_worker *renderer, *checker;
    struct gh_probe probe;
    struct gh_plan *plan;
    struct gh_made *made; /* plan->n_encodes of them */
    uint32_t checking;    /* index the checker is at; UINT32_MAX: none */
    struct gh_look seen;  /* of that output */
    uint32_t delivered;
    enum gh_job_end end;
    bool ended;
    struct gh_err end_err;
};

TAILQ_HEAD(gh_job_list, gh_job);

/* -- job.c */
struct gh_job *gh_job_new(struct gh_engine *engine, const struct gh_job_req *req, const struct gh_job_ops *ops,
                          void *arg);
void gh_job_free(struct gh_job **job);
/** It has a slot: get a worker and go. */
void gh_job_begin(struct gh_job *job);
/** A refusal by the worker or the planner: the class says whose fault it is. */
enum gh_job_end gh_job_end_of(enum gh_class cls);
/** The end is near: workers are let go, on_end follows from the loop. The first reason counts. */
void gh_job_finish(struct gh_job *job, enum gh_job_end end, const struct gh_err *err);

/* -- check.c */
/** Start the checking worker; called when rendering begins. */
void gh_check_begin(struct gh_job *job);
/** The renderer is gone and its files are final: hand out what failed, judge the others. */
void gh_check_settled(struct gh_job *job);
void gh_check_drop(struct gh_job *job);

/* -- engine.c, for job.c */
struct gh_crew *gh_engine_crew(struct gh_engine *engine);
struct gh_loop *gh_engine_loop(struct gh_engine *engine);
const struct gh_limits *gh_engine_limits(const struct gh_engine *engine);
int64_t gh_engine_keep_us(const struct gh_engine *engine);
unsigned gh_engine_threads(const struct gh_engine *engine);
/** A result came: by which encoder. */
void gh_engine_encoded(struct gh_engine *engine, const struct gh_result *result);
/** An output was refused for this reason: true when it is the machine's encoder that is not used any more, and the job
 * is worth another try. */
bool gh_engine_distrusts(struct gh_engine *engine, const struct gh_result *result, const struct gh_err *why);
unsigned gh_engine_lanes(const struct gh_engine *engine);
/** A worker started ahead, or NULL; it is the caller's. */
struct gh_worker *gh_engine_take_spare(struct gh_engine *engine);
/** The job is a video: take a video slot for it and give its other one back. False: none is free, it waits again. */
bool gh_engine_to_video(struct gh_job *job);
void gh_engine_release(struct gh_job *job);
/** The job has finished: call on_end and free it, from the loop. */
void gh_engine_bury(struct gh_job *job);

#endif
