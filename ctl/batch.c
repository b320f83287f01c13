/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the command line on their way through an engine: opening them, names for their outputs,
 * what is said when one ends. As many are submitted as keep every slot of the engine busy. */
#include "ctl/batch.h"

#include "ctl/print.h"
#include "daemon/engine/paths.h"
#include "daemon/plan/credit.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <string.h>
#include <sys/stat.h>

#define AHEAD 2      /* jobs waiting for each that runs: slots stay busy, open files few */
#define STEM_MAX 200 /* bytes, so that suffixes fit into a name */

int gh_batch_open(struct gh_batch *w, struct gh_ctl *ctl, const char *command, struct gh_err *err)
{
    w->command = command;
    w->opts.thumb_at_us = -1;
    TRY(gh_conf_load(ctl->conf_path, &w->conf, NULL, err));
    w->policy = (enum gh_policy)w->conf.policy;
    w->sets = gh_sets_new();
    return gh_installed_profiles(&w->conf, &w->sets->profiles, err);
}

void gh_batch_close(struct gh_batch *w)
{
    gh_engine_close(&w->engine);
    gh_loop_free(&w->loop);
    gh_sets_unref(&w->sets);
    gh_conf_free(&w->conf);
    for (size_t i = 0; i < w->n; i++) {
        free(w->files[i].stem);
        gh_str_free(&w->files[i].text);
    }
    free(w->files);
    for (size_t i = 0; i < w->n_names; i++)
        free((void *)(uintptr_t)w->names[i]);
    free(w->names);
    gh_close_fd(&w->out_dir);
}

int gh_batch_names(struct gh_batch *w, const char *list, struct gh_err *err)
{
    GH_AUTO_FREE char *copy = gh_strdup(list);
    char *save = NULL;
    for (char *name = strtok_r(copy, ", ", &save); name; name = strtok_r(NULL, ", ", &save)) {
        if (!gh_profiles_find(&w->sets->profiles, name))
            return gh_fail(err, GH_USAGE, "there is no placement %s: ghat profiles lists them",
                           name);
        w->names = gh_realloc(w->names, (w->n_names + 1) * sizeof(*w->names));
        w->names[w->n_names++] = gh_strdup(name);
    }
    return w->n_names ? 0
                      : gh_fail(err, GH_USAGE,
                                "-p needs the name of a placement: ghat profiles lists them");
}

void gh_batch_complain(struct gh_batch_file *file, const char *what, const struct gh_err *err)
{
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, file->path, strlen(file->path));
    fflush(stdout);
    gh_print_line(stderr, "ghat %s: %s: %s%s%s", file->batch->command, gh_str_text(&shown),
                  what ? what : "", what ? ": " : "", err->msg);
    file->failed = true;
    if (!file->batch->json)
        return;
    json_t *o = json_pack("{s:s, s:s, s:s}", "file", gh_str_text(&shown), "error", err->msg,
                          "class", gh_class_name(err->cls));
    if (what)
        json_object_set_new(o, "placement", json_string(what));
    gh_print_json(o);
    json_decref(o);
}

int gh_batch_status(const struct gh_batch *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->files[i].failed)
            return GH_EXIT_FAILED;
    return GH_EXIT_OK;
}

/* ---------------------------------------------------------------------------------------- stems */

static char *stem_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
               *dot = strrchr(name, '.');
    size_t n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    GH_AUTO_FREE char *whole = gh_strndup(name, n);
    char cut[STEM_MAX];
    gh_copy(cut, sizeof(cut), whole);
    return gh_strdup(cut);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* tdestroy() wants a function for each node; the names are the files' own. */
static void release_nothing(void *node)
{
    (void)node;
}

/* Of several files with one stem the first has it, the next ones get ~2, ~3 …, unless a file is
 * called so itself. */
static void name_files(struct gh_batch *w)
{
    void *taken = NULL;
    for (size_t i = 0; i < w->n; i++) {
        GH_AUTO_FREE char *stem = stem_of(w->files[i].path);
        char *name = gh_strdup(stem);
        for (unsigned k = 2; tfind(name, &taken, compare_names); k++) {
            free(name);
            name = gh_asprintf("%s~%u", stem, k);
        }
        tsearch(name, &taken, compare_names);
        w->files[i].stem = name;
    }
    tdestroy(taken, release_nothing);
}

/* ----------------------------------------------------------------------------------------- jobs */

static void submit_more(struct gh_batch *w);

static void end_file(struct gh_batch_file *f)
{
    struct gh_batch *w = f->batch;
    f->ended = true;
    f->permille = 1000;
    w->ended++;
    if (w->hooks->end)
        w->hooks->end(f);
    if (w->hooks->progress)
        w->hooks->progress(w);
}

static void on_probe(struct gh_job *job, const struct gh_probe *probe, void *arg)
{
    (void)job;
    struct gh_batch_file *f = arg;
    f->probe = *probe;
    f->probed = true;
    if (f->batch->hooks->probe)
        f->batch->hooks->probe(f);
}

static bool on_plan(struct gh_job *job, const struct gh_plan *plan, void *arg)
{
    (void)job;
    struct gh_batch_file *f = arg;
    if (f->batch->hooks->plan)
        f->batch->hooks->plan(f, plan);
    return true;
}

static void on_progress(struct gh_job *job, unsigned permille, void *arg)
{
    (void)job;
    struct gh_batch_file *f = arg;
    f->permille = GH_MIN(permille, 1000u);
    if (f->batch->hooks->progress)
        f->batch->hooks->progress(f->batch);
}

static void on_output(struct gh_job *job, const struct gh_plan *plan, struct gh_output *output,
                      void *arg)
{
    (void)job;
    struct gh_batch_file *f = arg;
    if (f->batch->hooks->output)
        f->batch->hooks->output(f, plan, output);
}

static void on_end(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg)
{
    (void)job;
    struct gh_batch_file *f = arg;
    static const char *const advice[GH_CLASSES] = {
        [GH_INPUT] = ": send the original again, or another file",
        [GH_LIMIT] = ": send a smaller one",
        [GH_AGAIN] = ": try again",
        [GH_BUG] = ": please report this file",
    };
    if (end != GH_END_DONE) {
        struct gh_err told = *err;
        GH_AUTO_FREE char *msg =
            gh_asprintf("%s%s", err->msg, advice[err->cls] ? advice[err->cls] : "");
        GH_COPY(told.msg, msg);
        gh_batch_complain(f, NULL, &told);
    }
    f->batch->active--;
    end_file(f);
    submit_more(f->batch);
}

static const struct gh_job_ops ops = {.on_probe = on_probe,
                                      .on_plan = on_plan,
                                      .on_progress = on_progress,
                                      .on_output = on_output,
                                      .on_end = on_end};

/* Symbolic links the user names are followed; FIFOs and devices are not waited for. */
static int open_input(const char *path, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    if (fd < 0 && errno == ENOENT)
        return gh_fail(err, GH_INPUT, "there is no such file: check the name");
    if (fd < 0 && errno == EACCES)
        return gh_fail(err, GH_INPUT, "may not be read: check its permissions");
    if (fd < 0 || fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_INPUT, "cannot be opened");
    if (S_ISDIR(st.st_mode))
        return gh_fail(err, GH_INPUT, "is a folder: name the files in it");
    if (!S_ISREG(st.st_mode))
        return gh_fail(err, GH_INPUT, "is no regular file: name a photo or a video");
    if (st.st_size == 0)
        return gh_fail(err, GH_INPUT, "is empty: copy it again");
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

static int submit(struct gh_batch_file *f, struct gh_err *err)
{
    struct gh_batch *w = f->batch;
    struct gh_job_req req = {
        .in_fd = -1, .out_dir = w->out_dir, .goal = w->goal, .sets = w->sets, .opts = w->opts};
    req.opts.names = w->names;
    req.opts.n_names = w->n_names;
    req.opts.policy = w->policy;
    struct gh_credit credit;
    gh_credit_of(&w->conf, NULL, &credit);
    req.opts.artist = credit.artist;
    req.opts.copyright = credit.copyright;
    TRY(open_input(f->path, &req.in_fd, err));
    return gh_engine_submit(w->engine, &req, &ops, f, NULL, err);
}

static void submit_more(struct gh_batch *w)
{
    size_t room =
        (w->jobs ? w->jobs : (size_t)GH_MAX(sysconf(_SC_NPROCESSORS_ONLN), 1)) * (1 + AHEAD);
    while (w->next < w->n && w->active < room) {
        struct gh_batch_file *f = &w->files[w->next++];
        struct gh_err err = {0};
        w->active++;
        if (submit(f, &err) == 0)
            continue;
        w->active--;
        gh_batch_complain(f, NULL, &err);
        end_file(f);
    }
}

static bool all_ended(void *arg)
{
    const struct gh_batch *w = arg;
    return w->ended == w->n;
}

int gh_batch_run(struct gh_batch *w, enum gh_job_goal goal, char *const *paths, size_t n,
                 const struct gh_batch_hooks *hooks, struct gh_err *err)
{
    w->goal = goal;
    w->hooks = hooks;
    w->n = n;
    w->files = gh_alloc(n * sizeof(*w->files));
    for (size_t i = 0; i < n; i++)
        w->files[i] = (struct gh_batch_file){.batch = w, .path = paths[i], .index = i};
    name_files(w);
    TRY(gh_loop_new(&w->loop, err));
    GH_AUTO_FREE char *worker = gh_find_worker(w->conf.worker);
    struct gh_engine_conf conf = {.worker = worker,
                                  .jobs = w->jobs ? w->jobs : w->conf.workers,
                                  .video_jobs = w->conf.video_workers,
                                  .lanes = w->conf.lanes,
                                  .limits = w->conf.limits,
                                  .seccomp_only = true}; /* files of the user, with his rights */
    if (w->encoder && !gh_encoder_find(w->encoder, &w->conf.encoder))
        return gh_fail(err, GH_USAGE, "--encoder %s: expected one of " GH_ENCODER_NAMES,
                       w->encoder);
    conf.encoder = w->conf.encoder;
    conf.device = gh_encoder_device(conf.encoder) ? w->conf.encoder_device : NULL;
    TRY(gh_engine_open(w->loop, &conf, &w->engine, err));
    submit_more(w);
    gh_loop_run_until(w->loop, all_ended, w);
    return 0;
}
