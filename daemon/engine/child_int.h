/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One child of the nursery as its parent sees it: sends it work, distrusts every packet (type by
 * phase, exact size, ranges, no descriptors), watches its deadlines and memory, kills it when it
 * breaks a rule, and says how it ended. gh_children is all of them.
 */
#ifndef GH_DAEMON_ENGINE_CHILD_INT_H
#define GH_DAEMON_ENGINE_CHILD_INT_H

#include "daemon/engine/engine.h"
#include "daemon/engine/nursery.h"

struct gh_children;
struct gh_child;

struct gh_child_ops {
    void (*ready)(void *arg, int64_t us);
    /** What a video looks and sounds like: before probed() the one that was probed with an area,
     * before result() the source of encode index. May be NULL. */
    void (*fingerprint)(void *arg, uint32_t index, const struct gh_fingerprint *fingerprint);
    void (*probed)(void *arg, const struct gh_probe *probe);
    /** The answer to gh_child_read. May be NULL where that is not asked. */
    void (*text)(void *arg, const struct gh_text *text);
    /** The answer to a probe or render that cannot be done; after a probe the child can be asked
     * again. */
    void (*refused)(void *arg, const struct gh_err *err);
    void (*progress)(void *arg, unsigned permille);
    void (*result)(void *arg, const struct gh_result *result);
    void (*done)(void *arg);
    /** Last call. GH_END_DONE: the process is gone after done() or refused(); else why it died. */
    void (*gone)(void *arg, enum gh_job_end end, const struct gh_err *err);
};

struct gh_children_conf {
    struct gh_limits limits;
    unsigned threads;
    uint32_t encoder;   /* enum gh_encoder, for videos */
    const char *device; /* the encoder's file, borrowed; NULL: none */
    int64_t silence_ms; /* no progress for so long: hung */
    int64_t header_ms;  /* wall time of reading headers */
};

/** gh_children_set_nursery must follow, before the first start. */
struct gh_children *gh_children_new(struct gh_loop *loop, const struct gh_children_conf *conf);
void gh_children_set_nursery(struct gh_children *children, struct gh_nursery *nursery);
/** Encode in software only from now on. */
void gh_children_software(struct gh_children *children);
void gh_children_free(struct gh_children **children);
/* What gh_nursery_ops were told. gh_children_forked takes pidfd. */
void gh_children_forked(struct gh_children *children, const struct gh_forked *forked, int pidfd);
void gh_children_exited(struct gh_children *children, const struct gh_exited *exited);
void gh_children_down(struct gh_children *children, const char *why);

/** Ask the nursery for a child. */
GH_MUST_USE int gh_child_start(struct gh_children *children, int nice,
                               const struct gh_child_ops *ops, void *arg, struct gh_child **ret,
                               struct gh_err *err);
/** No more calls; the child ends by itself, or is killed. *child becomes NULL; NULL is fine. */
void gh_child_drop(struct gh_child **child);
/** Give it to another owner (a spare becomes a job's): nothing was asked of it yet. */
void gh_child_adopt(struct gh_child *child, const struct gh_child_ops *ops, void *arg);
bool gh_child_is_ready(const struct gh_child *child);

/** Limits that follow the picture: address space above the nursery's (0: all that is allowed),
 * seconds of CPU. */
void gh_child_limit(struct gh_child *child, uint64_t memory, uint64_t cpu_s);
/** Size of any one file it writes. */
void gh_child_limit_file(struct gh_child *child, uint64_t bytes);
void gh_child_nice(struct gh_child *child, int nice);
GH_MUST_USE int gh_child_probe(struct gh_child *child, int fd, enum gh_probe_depth depth,
                               int64_t wall_ms, struct gh_err *err);
/** Read the text of a document. */
GH_MUST_USE int gh_child_read(struct gh_child *child, int fd, struct gh_err *err);
/** Probe the packets of an output and, if it is a video, take its fingerprint from this area of its
 * picture. */
GH_MUST_USE int gh_child_probe_output(struct gh_child *child, int fd, const struct gh_rect *area,
                                      int64_t wall_ms, struct gh_err *err);

/* A render, as a child is asked for it. All is borrowed for the call, descriptors as well. */
struct gh_child_render {
    int in_fd;
    const struct gh_probe *probe; /* of in_fd */
    const struct gh_recipe *recipes;
    uint32_t n;          /* recipes, and entries of the arrays that follow */
    const int *out_fds;  /* empty files */
    const int *journals; /* files that keep the work, or -1 */
    /* empty files (see GH_JOB_SHELF), -1 after the last */
    const int (*shelves)[GH_JOB_SHELVES];
    const struct gh_overlays *overlays; /* with all logos and labels that the recipes name */
    int64_t wall_ms;
};
GH_MUST_USE int gh_child_render(struct gh_child *child, const struct gh_child_render *render,
                                struct gh_err *err);

#endif
