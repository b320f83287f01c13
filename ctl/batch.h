/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What render, plan and probe share: configuration, profiles, an engine of their own, and the files
 * of the command line on their way through it. Hooks are called by the loop, in one thread; a
 * failure of a file is one line on stderr.
 */
#ifndef GH_CTL_BATCH_H
#define GH_CTL_BATCH_H

#include "base/config.h"
#include "base/str.h"
#include "ctl/ctl.h"
#include "daemon/engine/engine.h"

struct gh_batch;

/* One file of the command line. */
struct gh_batch_file {
    struct gh_batch *batch;
    const char *path; /* as given */
    size_t index;
    char *stem;            /* of outputs, unique among the files */
    struct gh_probe probe; /* once probed */
    unsigned permille;
    bool probed, ended, failed, fell_back;
    uint64_t skips_told; /* places that were said to be skipped, a bit each: plans may come twice */
    struct gh_str text;  /* what plan and probe will print when the files before it are done */
};

struct gh_batch_hooks {
    void (*probe)(struct gh_batch_file *file);
    void (*plan)(struct gh_batch_file *file, const struct gh_plan *plan);
    void (*output)(struct gh_batch_file *file, const struct gh_plan *plan,
                   struct gh_output *output);
    void (*progress)(struct gh_batch *batch); /* the share done of some file has changed */
    void (*end)(struct gh_batch_file *file);
};

struct gh_batch {
    const char *command;
    /* set by the command, from its options */
    const char **names; /* placements, owned; NULL: all */
    size_t n_names;
    enum gh_policy policy;
    unsigned jobs;       /* at once; 0: as the configuration says */
    const char *encoder; /* its name; NULL: that of the configuration */
    bool json;
    /* logo, label, focal point (gh_batch_dress), moment of the thumbnail */
    struct gh_plan_opts opts;
    int out_dir; /* where outputs are made, owned; -1 unless rendering */
    void *arg;   /* for the command's hooks */
    /* set by gh_batch_open and gh_batch_run */
    struct gh_conf conf;
    struct gh_sets *sets;
    struct gh_loop *loop;
    struct gh_engine *engine;
    const struct gh_batch_hooks *hooks;
    enum gh_job_goal goal;
    struct gh_batch_file *files;
    size_t n, next, active, ended;
};

/** Load configuration and profiles. w: all zero but for out_dir, which is -1; release with
 * gh_batch_close, also after a failure. GH_CONFIG. */
GH_MUST_USE int gh_batch_open(struct gh_batch *w, struct gh_ctl *ctl, const char *command,
                              struct gh_err *err);
void gh_batch_close(struct gh_batch *w);
/** "a.photo,b.photo" → w->names. GH_USAGE for a name that is no placement. */
GH_MUST_USE int gh_batch_names(struct gh_batch *w, const char *list, struct gh_err *err);
/** Add to w->opts a logo (a path), a label (a text), a focal point ("0.5,0.3"); each may be NULL.
 * Reads the logos that profiles name, too. GH_USAGE, GH_CONFIG. */
GH_MUST_USE int gh_batch_dress(struct gh_batch *w, const char *logo, const char *label,
                               const char *focal, struct gh_err *err);
/** Take n files through the engine; paths are borrowed until gh_batch_close. Fails only when there
 * is no engine; failures of files are in their failed. */
GH_MUST_USE int gh_batch_run(struct gh_batch *w, enum gh_job_goal goal, char *const *paths,
                             size_t n, const struct gh_batch_hooks *hooks, struct gh_err *err);
/** Say on stderr, and with --json on stdout, too, what failed, and mark the file as failed. what:
 * the placement; may be NULL. */
void gh_batch_complain(struct gh_batch_file *file, const char *what, const struct gh_err *err);
/** The exit code: GH_EXIT_FAILED when a file failed. */
int gh_batch_status(const struct gh_batch *w);

#endif
