/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One job of the engine for each thing of which previews are wanted; the engine runs one of them at
 * a time. What was made gets its name in a pool thread. What no preview could be made of is
 * remembered, a bounded number of them, until ghatd ends.
 */
#include "daemon/preview/preview.h"

#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/store/preview.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ASKED_NICE 5  /* somebody looks at an empty frame; as the workers of photos */
#define AHEAD_NICE 19 /* everything else comes first */
#define MAKING_MAX 64 /* jobs that wait or run, a descriptor each */
#define FAILED_MAX 1024
#define TOUCHED_MAX 256 /* submissions that wait to be looked through */
#define IDLE_MS 1000    /* between looks whether there is time to make some ahead */
#define ROWS_MAX 64     /* things of one submission */

struct made {
    struct gh_previews *owner;
    char sha256[GH_SHA_HEX];
    unsigned set; /* asked for */
    struct gh_job *job;
    int fds[GH_PREVIEWS];
    int dir;           /* borrowed */
    char why[200];     /* of the last one that failed; "" none */
    struct gh_err err; /* of writing */
};

struct gh_previews {
    struct gh_previews_parts p;
    struct gh_map making; /* sha256 → struct made */
    struct gh_map failed; /* name of the first of a set → why none of it could be made */
    unsigned n_failed;
    bool wanted; /* somebody has asked */
    int64_t touched[TOUCHED_MAX];
    unsigned n_touched;
    uint64_t timer;
    bool stopping;
};

/* --------------------------------------------------------------------------------------- making */

static void forget_failed(struct gh_previews *p)
{
    size_t at = 0;
    for (char *text; (text = gh_map_next(&p->failed, &at));)
        free(text);
    gh_map_free(&p->failed);
    p->failed = (struct gh_map){0};
    p->n_failed = 0;
}

static void remember_failed(struct gh_previews *p, const struct made *m, const char *why)
{
    char name[GH_PREVIEW_NAME];
    if (p->n_failed >= FAILED_MAX)
        forget_failed(p);
    gh_preview_name(m->sha256, gh_preview_nth(m->set, 0), name);
    char *before = gh_map_put(&p->failed, name, strlen(name), gh_strdup(why));
    p->n_failed += !before;
    free(before);
}

/* Why none of that set could be made; NULL: nobody tried, or it is made. */
static const char *failed_before(const struct gh_previews *p, const char *sha256, unsigned set)
{
    char name[GH_PREVIEW_NAME];
    gh_preview_name(sha256, gh_preview_nth(set, 0), name);
    return gh_map_get(&p->failed, name, strlen(name));
}

static void made_over(struct made *m)
{
    gh_map_remove(&m->owner->making, m->sha256, strlen(m->sha256));
    for (size_t i = 0; i < GH_LEN(m->fds); i++)
        gh_close_fd(&m->fds[i]);
    free(m);
}

static void write_made(void *arg)
{
    struct made *m = arg;
    char name[GH_PREVIEW_NAME];
    for (unsigned i = 0; i < GH_PREVIEWS; i++) {
        if (m->fds[i] < 0)
            continue;
        gh_preview_name(m->sha256, (enum gh_preview)i, name);
        if (gh_preview_keep(m->dir, m->fds[i], name, &m->err) < 0)
            return;
    }
}

static void on_written(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct made *m = arg;
    if (m->err.cls)
        gh_log_err(GH_LOG_WARNING, "preview-not-kept", &m->err, "sha256=%.12s", m->sha256);
    made_over(m);
}

static void on_output(struct gh_job *job, const struct gh_plan *plan, struct gh_output *out,
                      void *arg)
{
    (void)job, (void)plan;
    struct made *m = arg;
    enum gh_preview which = gh_preview_nth(m->set, out->encode);
    bool clean = !(out->probe.meta & ~gh_policy_allows(GH_POLICY_STRIP));
    if (out->err.cls || out->fd < 0 || !clean || which == GH_PREVIEWS)
        GH_COPY(m->why, out->err.cls ? out->err.msg : "what was made of it carries metadata");
    else
        m->fds[which] = gh_steal_fd(&out->fd);
}

/* That the disk is full, a worker died, or ghatd stops says nothing of the file: it is tried again
 * when somebody asks. */
static bool is_its_fault(enum gh_job_end end)
{
    return end == GH_END_DONE || end == GH_END_INPUT || end == GH_END_CRASHED;
}

static void on_end(struct gh_job *job, enum gh_job_end end, const struct gh_err *err, void *arg)
{
    (void)job;
    struct made *m = arg;
    struct gh_previews *p = m->owner;
    bool any = false;
    m->job = NULL;
    for (size_t i = 0; i < GH_LEN(m->fds); i++)
        any = any || m->fds[i] >= 0;
    if (end != GH_END_DONE && err)
        GH_COPY(m->why, err->msg);
    if (!any && is_its_fault(end))
        remember_failed(p, m, *m->why ? m->why : "there is no such picture in it");
    if (!any || p->stopping) {
        made_over(m);
        return;
    }
    gh_loop_submit(p->p.loop, write_made, on_written, m);
}

static const struct gh_job_ops ops = {.on_output = on_output, .on_end = on_end};

/* The bytes at dirfd/path: make these of them. */
static int begin(struct gh_previews *p, const char *sha256, int dirfd, const char *path,
                 unsigned set, bool asked, struct gh_err *err)
{
    int fd = -1;
    if (p->stopping || p->making.n >= MAKING_MAX)
        return gh_fail(err, GH_AGAIN, "too many previews are being made");
    if (!gh_space_enough(p->p.space))
        return gh_fail(err, GH_AGAIN, "%s", p->p.space->paused);
    TRY(gh_open_beneath(dirfd, path, O_RDONLY, &fd, err));
    struct made *m = gh_alloc(sizeof(*m));
    *m = (struct made){.owner = p, .set = set, .dir = p->p.dirs->preview};
    GH_COPY(m->sha256, sha256);
    for (size_t i = 0; i < GH_LEN(m->fds); i++)
        m->fds[i] = -1;
    const struct gh_job_req req = {.in_fd = fd,
                                   .out_dir = p->p.dirs->preview,
                                   .goal = GH_GOAL_PREVIEW,
                                   .sets = p->p.settings->sets,
                                   .previews = set,
                                   .aside = true,
                                   .urgent = asked,
                                   .nice = asked ? ASKED_NICE : AHEAD_NICE};
    if (gh_engine_submit(p->p.engine, &req, &ops, m, &m->job, err) < 0) {
        free(m);
        return -(int)err->cls;
    }
    gh_map_put(&p->making, m->sha256, strlen(m->sha256), m);
    return 0;
}

static unsigned with_those_of_one_decode(enum gh_preview which)
{
    return which >= GH_PREVIEW_STILL ? GH_PREVIEW_SET_STILLS : 1u << which;
}

static bool is_kept(const struct gh_previews *p, const char *sha256, enum gh_preview which)
{
    char name[GH_PREVIEW_NAME];
    gh_preview_name(sha256, which, name);
    return faccessat(p->p.dirs->preview, name, R_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int gh_previews_get(struct gh_previews *p, const char *sha256, int dirfd, const char *path,
                    enum gh_preview which, int *ret_fd, struct gh_err *err)
{
    char name[GH_PREVIEW_NAME];
    p->wanted = true;
    gh_preview_name(sha256, which, name);
    if (gh_open_beneath(p->p.dirs->preview, name, O_RDONLY, ret_fd, err) == 0)
        return 1;
    unsigned set = with_those_of_one_decode(which);
    const char *why = failed_before(p, sha256, set);
    if (why)
        return gh_fail(err, GH_LIMIT, "no preview can be made: %s", why);
    if (gh_map_get(&p->making, sha256, strlen(sha256)))
        return 0; /* this one, or another of it: whoever asks again is told */
    return begin(p, sha256, dirfd, path, set, true, err);
}

/* ---------------------------------------------------------------------------------------- ahead */

struct ahead {
    struct gh_previews *p;
    struct gh_shown list[ROWS_MAX];
    size_t n;
};

static bool take_row(const struct gh_shown *row, void *arg)
{
    struct ahead *a = arg;
    a->list[a->n++] = *row;
    return a->n < ROWS_MAX;
}

static void make_ahead(struct gh_previews *p, int64_t submission)
{
    struct gh_err err = {0};
    GH_AUTO_FREE struct ahead *a = gh_alloc(sizeof(*a));
    a->p = p;
    if (gh_ledger_shown(p->p.ledger, submission, take_row, a, &err) < 0)
        return;
    for (size_t i = 0; i < a->n; i++) {
        const struct gh_shown *s = &a->list[i];
        unsigned set = 1u << GH_PREVIEW_CARD | (s->original ? 1u << GH_PREVIEW_SCREEN : 0);
        if (is_kept(p, s->sha256, GH_PREVIEW_CARD) || failed_before(p, s->sha256, set) ||
            gh_map_get(&p->making, s->sha256, strlen(s->sha256)))
            continue;
        if (begin(p, s->sha256, s->original ? p->p.dirs->spool : p->p.dirs->staging,
                  s->original ? s->sha256 : s->path, set, false, &err) < 0)
            return;
    }
}

static bool is_idle(const struct gh_previews *p)
{
    return !gh_engine_running(p->p.engine) && !gh_engine_waiting(p->p.engine) && !p->making.n;
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    struct gh_previews *p = arg;
    p->timer = 0;
    if (is_idle(p))
        make_ahead(p, p->touched[--p->n_touched]);
    if (p->n_touched)
        p->timer = gh_loop_after(loop, IDLE_MS, on_timer, p);
}

void gh_previews_touch(struct gh_previews *p, int64_t submission)
{
    if (!p->wanted || p->stopping)
        return;
    for (unsigned i = 0; i < p->n_touched; i++)
        if (p->touched[i] == submission)
            return;
    if (p->n_touched == TOUCHED_MAX) /* the oldest are made when somebody asks */
        memmove(p->touched, p->touched + 1, --p->n_touched * sizeof(*p->touched));
    p->touched[p->n_touched++] = submission;
    if (!p->timer)
        p->timer = gh_loop_after(p->p.loop, IDLE_MS, on_timer, p);
}

/* ----------------------------------------------------------------------------- opening, closing */

struct gh_previews *gh_previews_open(const struct gh_previews_parts *parts)
{
    struct gh_previews *p = gh_alloc(sizeof(*p));
    *p = (struct gh_previews){.p = *parts};
    return p;
}

void gh_previews_stop(struct gh_previews *p)
{
    size_t at = 0;
    p->stopping = true;
    gh_loop_cancel(p->p.loop, &p->timer);
    for (struct made *m; (m = gh_map_next(&p->making, &at));)
        if (m->job)
            gh_job_cancel(m->job);
}

bool gh_previews_busy(const struct gh_previews *p)
{
    return p->making.n > 0;
}

void gh_previews_close(struct gh_previews **pp)
{
    struct gh_previews *p = *pp;
    if (!p)
        return;
    gh_loop_cancel(p->p.loop, &p->timer);
    forget_failed(p);
    gh_map_free(&p->making);
    free(p);
    *pp = NULL;
}
