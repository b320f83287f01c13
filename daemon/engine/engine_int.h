/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside the engine: one job and its way. engine.c decides when a job runs, job.c what it does;
 * judge.c judges its outputs. */
#ifndef GH_DAEMON_ENGINE_ENGINE_INT_H
#define GH_DAEMON_ENGINE_ENGINE_INT_H

#include "daemon/engine/child_int.h"
#include "daemon/engine/engine.h"

#include <sys/queue.h>

enum gh_slot { GH_SLOT_NONE, GH_SLOT_PHOTO, GH_SLOT_VIDEO, GH_SLOT_ASIDE };

struct gh_hash_work;

/* One encode, from the render until it is handed out. */
struct gh_made {
    int fd;
    int journal;   /* keeps what was encoded; -1: none */
    char keep[80]; /* the journal's name in out_dir */
    bool reported, probed, hashed, delivered;
    struct gh_result result;
    struct gh_probe probe;
    struct gh_finding compared[GH_COMPARISONS];
    size_t n_compared;
    struct gh_fingerprint *source; /* what it was made of, as the renderer saw it; NULL: not told */
    struct gh_err err;             /* why it failed; cls GH_OK: it has not */
    char sha256[GH_SHA_HEX];
    uint32_t crc;
    struct gh_hash_work *hash; /* in the pool */
};

struct gh_job {
    TAILQ_ENTRY(gh_job) link;
    struct gh_engine *engine;
    struct gh_job_req req;
    char source[GH_SHA_HEX]; /* "": nothing is kept */
    const struct gh_job_ops *ops;
    void *arg;
    enum gh_slot slot; /* the one it has */
    bool known_video;  /* from an earlier probe: the job waits for a video slot */
    bool told_ready, told_probe;
    /* a render found that what it was to pass through is not whole: decode it all, plan again */
    bool doubted;
    unsigned splits; /* times the plan was made again with placements apart */
    bool split;      /* and is about to be, when the renderer is gone */
    bool done;       /* the renderer said so */
    bool settled;    /* the renderer is gone: its files can no longer change */
    int64_t begun_us;
    struct gh_child *renderer, *judge;
    struct gh_probe probe;
    struct gh_plan *plan;
    struct gh_made *made;       /* plan->n_encodes of them */
    uint32_t judging;           /* index of the output that the judge has; UINT32_MAX: none */
    struct gh_fingerprint seen; /* of that output */
    uint32_t delivered;
    enum gh_job_end end;
    bool ended;
    struct gh_err end_err;
};

TAILQ_HEAD(gh_job_list, gh_job);

struct gh_engine {
    struct gh_loop *loop;
    struct gh_limits limits;
    unsigned photo_slots, video_slots, threads, lanes;
    int64_t keep_us;
    unsigned photos, videos;                  /* slots taken */
    struct gh_job_list unknown, known_videos; /* waiting */
    struct gh_job_list aside;                 /* waiting, too */
    bool aside_slot;                          /* taken */
    unsigned n_aside;                         /* running */
    struct gh_job_list running, ended;
    unsigned n_running, n_waiting;
    struct gh_nursery *nursery;
    struct gh_children *children;
    struct gh_child *spare; /* started ahead for the next job; NULL: none */
    struct gh_engine_encoder encoder;
    char *device;
    uint64_t report_timer; /* on_end of the jobs in ended */
    bool starting, start_again, closing;
};

/* -- job.c -- */
struct gh_job *gh_job_new(struct gh_engine *engine, const struct gh_job_req *req,
                          const struct gh_job_ops *ops, void *arg);
void gh_job_free(struct gh_job **job);
/** The job has a slot: give it a child and begin. */
void gh_job_begin(struct gh_job *job);
/** How a job ends that the child or the planner refused with this class. */
enum gh_job_end gh_job_end_of(enum gh_class cls);
/** Children are let go, on_end follows from the loop. The first reason counts. */
void gh_job_finish(struct gh_job *job, enum gh_job_end end, const struct gh_err *err);

/* -- apart.c -- */
/** All results are in. True: a file that placements share outgrew the strictest limit of them, and
 * job->req.opts.apart names those that get an encode of their own when the job is planned again. */
bool gh_job_sets_apart(struct gh_job *job);

/* -- judge.c -- */
/** Start the judging child; called when rendering begins. */
void gh_judge_begin(struct gh_job *job);
/** The renderer is gone and its files are final: hand out what failed, judge the others. */
void gh_judge_settled(struct gh_job *job);
void gh_judge_drop(struct gh_job *job);

/* -- engine.c -- */
/** Counts by which encoder a result was made. */
void gh_engine_encoded(struct gh_engine *engine, const struct gh_result *result);
/** An output was refused for this reason. True when a hardware encoder made it, which is not used
 * any more from now on: the job is worth another try. */
bool gh_engine_distrusts(struct gh_engine *engine, const struct gh_result *result,
                         const struct gh_err *why);
/** A child started ahead, or NULL; it is the caller's. */
struct gh_child *gh_engine_take_spare(struct gh_engine *engine);
/** The job is a video: take a video slot for it and give its other one back. False: none is free,
 * it waits again. */
bool gh_engine_to_video(struct gh_job *job);
void gh_engine_release(struct gh_job *job);
/** The job has finished: call on_end and free it, from the loop. */
void gh_engine_ended(struct gh_job *job);

#endif
