/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What render, plan and probe share: configuration, profiles, an engine of their own, and files from the command line
 * going through it a few at a time. Hooks run in the loop; a file's failures are reported in one line on stderr.
 */
#ifndef GH_CTL_WORK_H
#define GH_CTL_WORK_H

#include "base/config.h"
#include "base/str.h"
#include "ctl/ctl.h"
#include "daemon/engine.h"
#include "daemon/overlays.h"

struct gh_work;

/* One file of the command line. */
struct gh_work_file {
    struct gh_work *work;
    const char *path; /* as given */
    size_t index;
    char *stem;            /* of outputs, unique among the files */
    struct gh_probe probe; /* once probed */
    unsigned permille;
    bool probed, ended, failed, fell_back;
    uint64_t skips_told; /* places of the plan, a bit each: a plan may come twice */
    struct gh_str text;  /* what plan and probe print, in the order of the files */
};

struct gh_work_hooks {
    void (*probe)(struct gh_work_file *file);
    void (*plan)(struct gh_work_file *file, const struct gh_plan *plan);
    void (*output)(struct gh_work_file *file, const struct gh_plan *plan, struct gh_output *output);
    void (*progress)(struct gh_work *work); /* something moved */
    void (*end)(struct gh_work_file *file);
};

struct gh_work {
    const char *command;
    /* set from options by the command before gh_work_run */
    const char **names; /* placements; NULL all */
    size_t n_names;
    enum gh_policy policy;
    unsigned jobs;       /* 0 automatic */
    const char *encoder; /* name; NULL: that of the configuration */
    bool json;
    struct gh_plan_opts opts; /* logo, label and focal point (gh_work_dress); the rest is filled in when a job begins */
    int out_dir;              /* -1 unless rendering */
    void *arg;                /* the command's own */
    /* filled here */
    struct gh_conf conf;
    struct gh_profiles profiles;
    struct gh_overlays overlays;
    struct gh_loop *loop;
    struct gh_engine *engine;
    const struct gh_work_hooks *hooks;
    enum gh_job_goal goal;
    struct gh_work_file *files;
    size_t n, next, active, ended;
};

/** Load configuration and profiles. w is zero-initialised but for out_dir; release with gh_work_close, also after a
 * failure. */
GH_MUST_USE int gh_work_open(struct gh_work *w, struct gh_ctl *ctl, const char *command, struct gh_err *err);
void gh_work_close(struct gh_work *w);
/** "a.photo,b.photo" → w->names. GH_USAGE for a name that is no profile. */
GH_MUST_USE int gh_work_names(struct gh_work *w, const char *list, struct gh_err *err);
/** A logo (path), a label (text), a focal point ("0.5,0.3"): each may be NULL. Reads the logos profiles name, too.
 * GH_USAGE, GH_CONFIG. */
GH_MUST_USE int gh_work_dress(struct gh_work *w, const char *logo, const char *label, const char *focal,
                              struct gh_err *err);
/** Take the files through the engine. Fails only when there is no engine; a file's own failure is in its failed. */
GH_MUST_USE int gh_work_run(struct gh_work *w, enum gh_job_goal goal, const char *const *paths, size_t n,
                            const struct gh_work_hooks *hooks, struct gh_err *err);
/** "12.5", "1:02.5", "1:00:00" → seconds; false: no moment. */
bool gh_parse_moment(const char *text, double *ret_s);
/** One line on stderr, or one JSON line on stdout as well when JSON was asked for; marks the file as failed. what may
 * name a placement. */
void gh_work_complain(struct gh_work_file *file, const char *what, const struct gh_err *err);
/** 0, or 1 when a file failed. */
int gh_work_status(const struct gh_work *w);

/* -- progress.c: a bar on a terminal -- */
struct gh_progress_bar;
/** NULL when stderr is no terminal; every function takes NULL. */
struct gh_progress_bar *gh_bar_new(void);
void gh_bar_free(struct gh_progress_bar **bar);
/** Draw at most ten times a second: done of 1, what is being done, files ended and in all. */
void gh_bar_draw(struct gh_progress_bar *bar, double done, size_t ended, size_t n);
/** Take the bar off the screen, before a line is printed. */
void gh_bar_clear(struct gh_progress_bar *bar);

#endif
