/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between child.c and child_hear.c: a child, all children, and what the one asks the other. */
#ifndef GH_DAEMON_ENGINE_CHILD_HEAR_INT_H
#define GH_DAEMON_ENGINE_CHILD_HEAR_INT_H

#include "daemon/engine/child_int.h"

#define GH_CHILD_LEAVE_MS 5000 /* from its last packet, or the end of its socket, to its exit */

enum phase {
    STARTING,
    IDLE,
    PROBING,
    RENDERING,
    LEAVING, /* sent its last packet, or was dropped */
};
#define IN(phase) (1u << (phase))

struct gh_child {
    struct gh_child *next;
    struct gh_children *children;
    const struct gh_child_ops *ops; /* NULL: it has no owner any more */
    void *arg;
    uint32_t number;
    enum phase phase;
    int sock, log, pidfd;
    pid_t pid;
    bool said_ready;
    bool kill_wanted; /* as soon as the pidfd comes */
    int64_t asked_us, heard_ms, deadline_ms;
    uint64_t memory;            /* resident bytes it may have; 0: any */
    uint64_t cpu_s, file_bytes; /* its limits, for messages */
    int64_t begun_ms, wall_ms;  /* of the phase */
    uint32_t beats;             /* progress packets in this phase */
    uint32_t encodes, results;
    uint32_t fingerprints;         /* so many more may come in this phase */
    bool reads;                    /* the phase PROBING: a document, which is no probe */
    bool have[GH_JOB_MAX_ENCODES]; /* results */
};

struct gh_children {
    struct gh_loop *loop;
    struct gh_nursery *nursery;
    struct gh_children_conf conf;
    struct gh_child *list;
    uint32_t last_number;
    uint64_t tick;
};

/* -- child.c -- */
/** Kill it and tell its owner why. */
void gh_child_kill(struct gh_child *c, enum gh_job_end end, const struct gh_err *err);
/** Close its socket: no more packets. */
void gh_child_hang_up(struct gh_child *c);

/* -- child_hear.c -- */
/** One packet; false when there is no more for now. The child stays listed whatever it says. */
bool gh_child_hear(struct gh_child *c);
/** Called when READY came and when the process is known: with both, the child can be asked. */
void gh_child_hear_ready(struct gh_child *c);

#endif
