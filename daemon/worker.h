/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One child of the nursery as its parent sees it: sends it work, distrusts every packet (type by phase, exact size,
 * ranges, no descriptors), watches its deadlines and memory, kills it when it breaks a rule, and says how it ended. A
 * crew is all of them.
 */
#ifndef GH_DAEMON_WORKER_H
#define GH_DAEMON_WORKER_H

#include "daemon/engine.h"
#include "daemon/nursery.h"

struct gh_crew;
struct gh_worker;

struct gh_worker_ops {
    void (*ready)(void *arg, int64_t us);
    /** What a video looks like: before probed() the one that was probed with an area, before result() the source of
     * encode index. May be NULL. */
    void (*look)(void *arg, uint32_t index, const struct gh_look *look);
    void (*probed)(void *arg, const struct gh_probe *probe);
    /** The answer to a probe or render that cannot be done; after a probe the worker can be asked again. */
    void (*refused)(void *arg, const struct gh_err *err);
    void (*progress)(void *arg, unsigned permille);
    void (*result)(void *arg, const struct gh_result *result);
    void (*done)(void *arg);
    /** Last call. GH_END_DONE: the process is gone after done() or refused(); else why it died. */
    void (*gone)(void *arg, enum gh_job_end end, const struct gh_err *err);
};

struct gh_crew_conf {
    struct gh_limits limits;
    unsigned threads;
    uint32_t encoder;   /* enum gh_encoder, for videos … */
    const char *device; /* … and its file, borrowed */
    int64_t silence_ms; /* no progress for so long: hung */
    int64_t header_ms;  /* wall time of reading headers */
};

/** nursery may be set later (gh_crew_nursery), before the first start. */
struct gh_crew *gh_crew_new(struct gh_loop *loop, const struct gh_crew_conf *conf);
void gh_crew_set_nursery(struct gh_crew *crew, struct gh_nursery *nursery);
/** No other encoder from now on. */
void gh_crew_software(struct gh_crew *crew);
void gh_crew_free(struct gh_crew **crew);
/* Forwarded from the nursery. */
void gh_crew_forked(struct gh_crew *crew, const struct gh_forked *forked, int pidfd);
void gh_crew_exited(struct gh_crew *crew, const struct gh_exited *exited);
void gh_crew_down(struct gh_crew *crew, const char *why);

/** Ask the nursery for a child. */
GH_MUST_USE int gh_worker_start(struct gh_crew *crew, int nice, const struct gh_worker_ops *ops, void *arg,
                                struct gh_worker **ret, struct gh_err *err);
/** No more calls; it ends by itself, or is killed. *worker becomes NULL; NULL is fine. */
void gh_worker_drop(struct gh_worker **worker);
/** Give it other owners (a spare becomes a job's): it must be ready. */
void gh_worker_adopt(struct gh_worker *worker, const struct gh_worker_ops *ops, void *arg);
bool gh_worker_is_ready(const struct gh_worker *worker);
pid_t gh_worker_pid(const struct gh_worker *worker);

/** Limits that follow the picture: address space above the nursery's (0: all that is allowed), seconds of CPU. */
void gh_worker_limit(struct gh_worker *worker, uint64_t memory, uint64_t cpu_s);
/** Size of any one file it writes. */
void gh_worker_limit_file(struct gh_worker *worker, uint64_t bytes);
void gh_worker_nice(struct gh_worker *worker, int nice);
GH_MUST_USE int gh_worker_probe(struct gh_worker *worker, int fd, enum gh_probe_depth depth, int64_t wall_ms,
                                struct gh_err *err);
/** Probe the packets of an output, and look at it if it is a video: at area of its picture. */
GH_MUST_USE int gh_worker_probe_output(struct gh_worker *worker, int fd, const struct gh_rect *area, int64_t wall_ms,
                                       struct gh_err *err);
/** All descriptors stay the caller's. journals: for each recipe a file that keeps its work, or -1.
 * shelves: for each recipe empty files (see GH_JOB_SHELF), -1 after the last. */
GH_MUST_USE int gh_worker_render(struct gh_worker *worker, int in_fd, const struct gh_probe *probe,
                                 const struct gh_recipe *recipes, const int *out_fds, const int *journals,
                                 int (*shelves)[GH_JOB_SHELVES], uint32_t n, int64_t wall_ms, struct gh_err *err);

#endif
