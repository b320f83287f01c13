/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging a job's outputs: another child, which has not seen the input, probes each file; the pool
 * hashes it. Both only after the renderer is gone, since a process that was taken over could
 * otherwise change a file after it was judged. An output is handed out when it is what was
 * reported, within its profiles' limits, and hashed.
 */
#include "daemon/engine/engine_int.h"

#include "base/str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* Walking the packets of the largest output allowed takes seconds; a disk may be slow. */
#define JUDGE_WALL_MS 120000
#define JUDGE_CPU_S 600

struct gh_hash_work {
    struct gh_job *job; /* NULL: the job has ended, the hash is not wanted any more */
    uint32_t i;
    int fd;
    char sha256[GH_SHA_HEX];
    uint32_t crc;
    struct gh_err err;
    bool failed;
};

static const struct gh_child_ops judge_ops;

/* ---------------------------------------------------------------------------------- handing out */

static void deliver(struct gh_job *job, uint32_t i)
{
    struct gh_made *made = &job->made[i];
    if (made->delivered || job->ended)
        return;
    made->delivered = true;
    job->delivered++;
    struct gh_output output = {
        .encode = i, .fd = -1, .result = made->result, .probe = made->probe, .err = made->err};
    memcpy(output.compared, made->compared, sizeof(output.compared));
    output.n_compared = made->n_compared;
    if (made->err.cls == GH_OK) {
        output.fd = gh_steal_fd(&made->fd);
        output.bytes = made->result.bytes;
        GH_COPY(output.sha256, made->sha256);
        output.crc = made->crc;
    }
    gh_close_fd(&made->fd);
    if (job->ops->on_output)
        job->ops->on_output(job, job->plan, &output, job->arg);
    gh_close_fd(&output.fd);
    if (!job->ended && job->settled && job->delivered == job->plan->n_encodes)
        gh_job_finish(job, GH_END_DONE, NULL);
}

static void deliver_failed(struct gh_job *job, uint32_t i, const struct gh_err *err)
{
    job->made[i].err = *err;
    deliver(job, i);
}

static void deliver_if_good(struct gh_job *job, uint32_t i)
{
    if (job->made[i].probed && job->made[i].hashed)
        deliver(job, i);
}

/* -------------------------------------------------------------------------------------- hashing */

static void hash_file(void *arg)
{
    struct gh_hash_work *work = arg;
    work->failed = gh_hash_fd_crc(work->fd, work->sha256, &work->crc, NULL, &work->err) < 0;
}

static void on_hashed(struct gh_loop *loop, void *arg)
{
    (void)loop;
    GH_AUTO_FREE struct gh_hash_work *work = arg;
    struct gh_job *job = work->job;
    gh_close_fd(&work->fd);
    if (!job)
        return;
    job->made[work->i].hash = NULL;
    if (job->ended)
        return;
    if (work->failed) {
        gh_job_finish(job, GH_END_OURS, &work->err);
        return;
    }
    job->made[work->i].hashed = true;
    GH_COPY(job->made[work->i].sha256, work->sha256);
    job->made[work->i].crc = work->crc;
    deliver_if_good(job, work->i);
}

static int submit_hash(struct gh_job *job, uint32_t i, struct gh_err *err)
{
    GH_AUTO_FREE struct gh_hash_work *work = gh_alloc(sizeof(*work));
    *work =
        (struct gh_hash_work){.job = job, .i = i, .fd = fcntl(job->made[i].fd, F_DUPFD_CLOEXEC, 3)};
    if (work->fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot hash an output");
    job->made[i].hash = work;
    gh_loop_submit(job->engine->loop, hash_file, on_hashed, gh_steal(&work));
    return 0;
}

/* -------------------------------------------------------------------------------------- judging */

/* The profile of the next place, from *at on, that gets the i-th encode; NULL: there is none. */
static const struct gh_profile *next_profile(const struct gh_plan *plan, uint32_t i, uint32_t *at)
{
    for (; *at < plan->n_places; (*at)++) {
        const struct gh_place *place = &plan->places[*at];
        for (uint32_t part = 0; part < place->parts && part < GH_PLAN_MAX_PARTS; part++)
            if (place->how != GH_PLACE_SKIP && place->encode[part] == i) {
                (*at)++;
                return place->profile;
            }
    }
    return NULL;
}

/* Is the output like the source it was made of? */
static int compare_with_source(struct gh_job *job, struct gh_made *made,
                               const struct gh_recipe *recipe, struct gh_err *err)
{
    const struct gh_compared c = {made->source, &job->seen, &job->probe, &made->probe, recipe};
    if (!gh_compare(&c, made->compared, &made->n_compared))
        return 0;
    for (size_t i = 0; i < made->n_compared; i++)
        if (!made->compared[i].pass)
            return gh_fail(err, GH_BUG, "the output is not like its source: %s",
                           made->compared[i].text);
    return 0;
}

int gh_output_fits(const struct gh_probe *output, const struct gh_profile *profile,
                   const struct gh_recipe *recipe, struct gh_err *err)
{
    struct gh_finding findings[GH_FINDINGS];
    size_t n = 0;
    if (gh_conform(output, profile, recipe, findings, &n) == 0)
        return 0;
    size_t i = 0;
    while (i + 1 < n && findings[i].pass)
        i++;
    return gh_fail(err, GH_BUG, "the output breaks a limit of %s: %s %s", profile->name,
                   findings[i].limit, findings[i].text);
}

/* The part of the source that the child says it shows must be there, and be no larger than the plan
 * asks for: people are shown this frame. */
static int judge_crop(const struct gh_rect *crop, const struct gh_pic *pic, struct gh_err *err)
{
    bool good = crop->w && crop->h && crop->w <= pic->crop.w && crop->h <= pic->crop.h &&
                (uint64_t)crop->x + crop->w <= pic->src_w &&
                (uint64_t)crop->y + crop->h <= pic->src_h;
    return good ? 0
                : gh_fail(err, GH_BUG, "an output shows %ux%u at %u,%u of a source of %ux%u",
                          crop->w, crop->h, crop->x, crop->y, pic->src_w, pic->src_h);
}

static int judge_output(struct gh_job *job, uint32_t i, struct gh_err *err)
{
    struct gh_made *made = &job->made[i];
    const struct gh_probe *p = &made->probe;
    const struct gh_result *r = &made->result;
    const struct gh_recipe *recipe = &job->plan->encodes[i];
    struct stat st;
    if (fstat(made->fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot ask for an output's size");
    if ((uint64_t)st.st_size != r->bytes || p->bytes != r->bytes)
        return gh_fail(err, GH_BUG, "an output has %" PRId64 " bytes, %" PRIu64 " were reported",
                       (int64_t)st.st_size, r->bytes);
    if (p->media != recipe->media || p->w != r->w || p->h != r->h)
        return gh_fail(err, GH_BUG, "an output is a %s of %u×%u, a %s of %u×%u was reported",
                       p->media == GH_VIDEO ? "video" : "photo", p->w, p->h,
                       recipe->media == GH_VIDEO ? "video" : "photo", r->w, r->h);
    TRY(judge_crop(&r->crop, &recipe->pic, err));
    if (recipe->media == GH_VIDEO)
        TRY(compare_with_source(job, made, recipe, err));
    /* An output is refused when it is of no use to anybody. */
    uint32_t at = 0;
    int e = 0;
    for (const struct gh_profile *profile; (profile = next_profile(job->plan, i, &at));)
        if ((e = gh_output_fits(p, profile, recipe, err)) == 0)
            return 0;
    return e;
}

/* Give the judging child the next file, if there is one and the child waits for it. */
static void judge_next(struct gh_job *job)
{
    struct gh_err err;
    if (job->ended || !job->settled || !job->judge || !gh_child_is_ready(job->judge))
        return;
    for (uint32_t i = 0; i < job->plan->n_encodes; i++) {
        const struct gh_made *made = &job->made[i];
        if (made->delivered || made->probed)
            continue;
        job->judging = i;
        gh_fingerprint_init(&job->seen, 0);
        const struct gh_pic *pic = &job->plan->encodes[i].pic;
        struct gh_rect area = {pic->x, pic->y, pic->content_w, pic->content_h};
        if (gh_child_probe_output(job->judge, made->fd, &area, JUDGE_WALL_MS, &err) < 0)
            gh_job_finish(job, GH_END_OURS, &err);
        return;
    }
    gh_child_drop(&job->judge);
}

static void on_ready(void *arg, int64_t us)
{
    (void)us;
    struct gh_job *job = arg;
    gh_child_limit(job->judge, 0, JUDGE_CPU_S);
    judge_next(job);
}

static void on_fingerprint(void *arg, uint32_t index, const struct gh_fingerprint *fingerprint)
{
    (void)index;
    struct gh_job *job = arg;
    job->seen = *fingerprint;
}

/* A hardware encoder whose output was refused is not used any more: the whole job is made again. */
static void again_in_software(struct gh_job *job, const struct gh_err *why)
{
    struct gh_err err;
    gh_fail(&err, GH_AGAIN, "the machine's encoder is not used any more: %s", why->msg);
    gh_job_finish(job, GH_END_OURS, &err);
}

static void on_probed(void *arg, const struct gh_probe *probe)
{
    struct gh_job *job = arg;
    struct gh_err err;
    uint32_t i = job->judging;
    job->made[i].probe = *probe;
    job->made[i].probed = true;
    bool good = judge_output(job, i, &err) == 0;
    if (!good && gh_engine_distrusts(job->engine, &job->made[i].result, &err)) {
        again_in_software(job, &err);
        return;
    }
    if (!good)
        deliver_failed(job, i, &err);
    else
        deliver_if_good(job, i);
    judge_next(job);
}

static void on_refused(void *arg, const struct gh_err *err)
{
    struct gh_job *job = arg;
    struct gh_err why;
    gh_fail(&why, GH_BUG, "the output cannot be read again: %s", err->msg);
    if (gh_engine_distrusts(job->engine, &job->made[job->judging].result, &why)) {
        again_in_software(job, &why);
        return;
    }
    deliver_failed(job, job->judging, &why);
    judge_next(job);
}

static void on_gone(void *arg, enum gh_job_end end, const struct gh_err *err)
{
    struct gh_job *job = arg;
    struct gh_err why = *err;
    job->judge = NULL;
    if (end == GH_END_DONE)
        gh_fail(&why, GH_INPUT, "the worker that checks outputs left early");
    (void)gh_fail_prefix(&why, "while checking an output");
    gh_job_finish(job, end == GH_END_DONE ? GH_END_CRASHED : end, &why);
}

static void ignore_progress(void *arg, unsigned permille)
{
    (void)arg, (void)permille;
}

/* The grammar of the conversation allows results only while rendering, which a judging child is
 * never asked to do. */
static const struct gh_child_ops judge_ops = {.ready = on_ready,
                                              .fingerprint = on_fingerprint,
                                              .probed = on_probed,
                                              .refused = on_refused,
                                              .progress = ignore_progress,
                                              .gone = on_gone};

void gh_judge_begin(struct gh_job *job)
{
    struct gh_err err;
    if (gh_child_start(job->engine->children, job->req.nice, &judge_ops, job, &job->judge, &err) <
        0)
        gh_job_finish(job, GH_END_OURS, &err);
}

void gh_judge_settled(struct gh_job *job)
{
    struct gh_err err;
    for (uint32_t i = 0; i < job->plan->n_encodes && !job->ended; i++)
        if (job->made[i].err.cls != GH_OK)
            deliver(job, i);
    for (uint32_t i = 0; i < job->plan->n_encodes && !job->ended; i++)
        if (!job->made[i].delivered && submit_hash(job, i, &err) < 0)
            gh_job_finish(job, GH_END_OURS, &err);
    judge_next(job);
}

void gh_judge_drop(struct gh_job *job)
{
    gh_child_drop(&job->judge);
    for (uint32_t i = 0; job->made && i < job->plan->n_encodes; i++)
        if (job->made[i].hash) {
            job->made[i].hash->job = NULL;
            job->made[i].hash = NULL;
        }
}
