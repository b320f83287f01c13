/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside worker.c and worker_hear.c: one child and the crew. */
#ifndef GH_DAEMON_WORKER_INT_H
#define GH_DAEMON_WORKER_INT_H

#include "daemon/worker.h"

#define GH_WORKER_LEAVE_MS 5000 /* from the last word, or from losing its socket, to the exit */

enum phase {
    STARTING,
    IDLE,
    PROBING,
    RENDERING,
    LEAVING, /* said its last word, or was dropped */
};
#define IN(phase) (1u << (phase))

struct gh_worker {
    struct gh_worker *next;
    struct gh_crew *crew;
    const struct gh_worker_ops *ops; /* NULL: nobody listens any more */
    void *arg;
    uint32_t number;
    enum phase phase;
    int sock, log, pidfd;
    pid_t pid;
    bool said_ready, doomed; /* doomed: kill as soon as the pidfd comes */
    int64_t asked_us, heard_ms, deadline_ms;
    uint64_t memory;            /* resident bytes it may have */
    uint64_t cpu_s, file_bytes; /* its limits, for words */
    int64_t begun_ms, wall_ms;  /* of the phase */
    uint32_t beats;             /* PROGRESS packets in it */
    uint32_t encodes, results;
    uint32_t looks; /* so many more may come in this phase */
    bool have[GH_JOB_MAX_ENCODES];
};

struct gh_crew {
    struct gh_loop *loop;
    struct gh_nursery *nursery;
    struct gh_crew_conf conf;
    struct gh_worker *list;
    uint32_t last_number;
    uint64_t tick;
};

/* -- worker.c */
/** Kill it and tell its owner why. */
void gh_worker_put_down(struct gh_worker *w, enum gh_job_end end, const struct gh_err *err);
/** Stop listening to it. */
void gh_worker_deaf(struct gh_worker *w);

/* -- worker_hear.c */
/** One packet; false when there is no more for now. The worker stays listed whatever it says. */
bool gh_worker_hear(struct gh_worker *w);
/** READY and its process are both known: it can be asked. */
void gh_worker_hear_ready(struct gh_worker *w);

#endif
