/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request metrics. A family is one function here, with its name in full, so that a lint finds
 * whether a dashboard or an alert names one that is none. */
#include "daemon/control/metrics.h"

#include "daemon/attempt/claims.h"
#include "daemon/attempt/forecast.h"
#include "daemon/control/control_int.h"
#include "daemon/intake/intake.h"
#include "daemon/ledger/letters.h"
#include "daemon/upkeep/clock_trust.h"

#include "base/clock.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

struct page {
    struct gh_str text;
    bool open; /* OpenMetrics: a counter's family has no _total, and the end is said */
    const char *name;
};

struct gh_metrics *gh_metrics_new(struct gh_ledger *l)
{
    struct gh_metrics *m = gh_alloc(sizeof(*m));
    int64_t now = gh_now_ms();
    *m = (struct gh_metrics){.seq = gh_ledger_seq(l), .upto_ms = now, .asked = {now, now}};
    return m;
}

void gh_metrics_free(struct gh_metrics **m)
{
    gh_free_ptr(m);
}

/* ----------------------------------------------------------------------------------- the format */

static void family(struct page *p, const char *name, const char *type, const char *help)
{
    bool counter = !strcmp(type, "counter");
    int n = (int)strlen(name) - (p->open && counter ? (int)strlen("_total") : 0);
    p->name = name;
    gh_str_printf(&p->text, "# HELP %.*s %s\n# TYPE %.*s %s\n", n, name, help, n, name, type);
}

/* One sample of the family: label="value", or without one (NULL). */
static void put(struct page *p, const char *label, const char *value, uint64_t n)
{
    if (label)
        gh_str_printf(&p->text, "%s{%s=\"%s\"} %" PRIu64 "\n", p->name, label, value, n);
    else
        gh_str_printf(&p->text, "%s %" PRIu64 "\n", p->name, n);
}

static void put_seconds(struct page *p, const char *label, const char *value, int64_t ms)
{
    ms = GH_MAX(ms, (int64_t)0);
    if (label)
        gh_str_printf(&p->text, "%s{%s=\"%s\"} ", p->name, label, value);
    else
        gh_str_printf(&p->text, "%s ", p->name);
    gh_str_printf(&p->text, "%" PRId64 ".%03d\n", ms / 1000, (int)(ms % 1000));
}

/* labels: like from="drop",to="staged" */
static void put_durations(struct page *p, const char *labels, const struct gh_durations *t)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < GH_DURATIONS_BOUNDS; i++) {
        n += t->n[i];
        gh_str_printf(&p->text, "%s_bucket{%s,le=\"%" PRId64 ".%d\"} %" PRIu64 "\n", p->name,
                      labels, gh_durations_bounds_ms[i] / 1000,
                      (int)(gh_durations_bounds_ms[i] % 1000 / 100), n);
    }
    gh_str_printf(&p->text, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", p->name, labels, t->count);
    gh_str_printf(&p->text, "%s_sum{%s} %" PRId64 ".%03d\n%s_count{%s} %" PRIu64 "\n", p->name,
                  labels, t->sum_ms / 1000, (int)(t->sum_ms % 1000), p->name, labels, t->count);
}

/* -------------------------------------------------------------------------------------- families
 */

static void put_daemon(struct page *p, const struct gh_control_parts *c, bool frozen)
{
    family(p, "ghat_build_info", "gauge", "The version that runs.");
    put(p, "version", GH_VERSION, 1);
    family(p, "ghat_start_time_seconds", "gauge", "When ghatd started, since 1970.");
    put_seconds(p, NULL, NULL, c->started_ms);
    family(p, "ghat_healthy", "gauge", "1 while workers can be started.");
    put(p, NULL, NULL, c->engine && gh_engine_healthy(c->engine));
    family(p, "ghat_paused", "gauge",
           "1 while nothing is taken or recorded: a full disk or ledger.");
    put(p, NULL, NULL, *c->space->paused || *gh_ledger_pause(c->ledger));
    family(p, "ghat_frozen", "gauge", "1 while somebody has stopped all publication.");
    put(p, NULL, NULL, frozen);
    family(p, "ghat_clock_doubted", "gauge",
           "1 while the clock is not trusted, and nothing expires.");
    put(p, NULL, NULL, c->clock->doubt[0] != '\0');
}

static void put_counts(struct page *p, const struct gh_counts *n)
{
    family(p, "ghat_items", "gauge", "Submissions by state.");
    for (unsigned i = 0; i < GH_SUB_STATES_N; i++)
        put(p, "state", gh_sub_state_name(i), n->submissions[i]);
    family(p, "ghat_renditions", "gauge", "Outputs by state.");
    for (unsigned i = 0; i < GH_REN_STATES_N; i++)
        put(p, "state", gh_ren_state_name(i), n->renditions[i]);
    family(p, "ghat_files", "gauge", "Dropped files that are to be worked on, are, or cannot be.");
    put(p, "state", "due", n->files_due);
    put(p, "state", "running", n->files_running);
    put(p, "state", "bad", n->files_bad);
}

static const char *const passes[GH_PASSES] = {
    [GH_PASS_STAGED] = "from=\"drop\",to=\"staged\"",
    [GH_PASS_APPROVED] = "from=\"staged\",to=\"approved\"",
    [GH_PASS_COLLECTED] = "from=\"approved\",to=\"collected\""};
static const char *const stages[GH_STAGES] = {[GH_STAGE_MAKING] = "making",
                                              [GH_STAGE_DECIDING] = "deciding",
                                              [GH_STAGE_COLLECTING] = "collecting"};

static void put_times(struct page *p, const struct gh_metrics *m, const int64_t oldest[GH_STAGES],
                      int64_t now_ms)
{
    family(p, "ghat_oldest_seconds", "gauge",
           "How long the oldest that waits has waited; 0: none.");
    for (unsigned i = 0; i < GH_STAGES; i++)
        put_seconds(p, "stage", stages[i], oldest[i] ? now_ms - oldest[i] : 0);
    family(p, "ghat_stage_seconds", "histogram", "From one stage to the next, by submission.");
    for (unsigned i = 0; i < GH_PASSES; i++)
        put_durations(p, passes[i], &m->passed[i]);
}

static void put_work(struct page *p, const struct gh_claims *claims)
{
    static const char *const ends[] = {[GH_END_DONE] = "made",
                                       [GH_END_INPUT] = "refused",
                                       [GH_END_CRASHED] = "crashed",
                                       [GH_END_OURS] = "interrupted",
                                       [GH_END_CANCELLED] = "cancelled"};
    static const struct gh_claims_ends none;
    const struct gh_claims_ends *e = claims ? gh_claims_ends(claims) : &none;
    family(p, "ghat_render_seconds", "histogram", "From a file looked at to all of its outputs.");
    put_durations(p, "media=\"photo\"", &e->photos);
    put_durations(p, "media=\"video\"", &e->videos);
    family(p, "ghat_attempts_total", "counter", "Attempts at files, by how they ended.");
    for (unsigned i = 0; i < GH_LEN(ends); i++)
        put(p, "end", ends[i], e->n[i]);
    family(p, "ghat_worker_deaths_total", "counter",
           "Workers that died or hung: over a file (crashed), or before they had one (start).");
    put(p, "cause", "crashed", e->n[GH_END_CRASHED]);
    put(p, "cause", "start", e->n[GH_END_OURS]);
}

static void put_queue(struct page *p, const struct gh_control_parts *c)
{
    struct gh_queue q = {.left_ms = -1};
    gh_forecast_queue(c->forecast, &q);
    family(p, "ghat_queue", "gauge", "Files that wait for a worker.");
    put(p, "media", "photo", q.photos);
    put(p, "media", "video", q.videos);
    family(p, "ghat_queue_seconds", "gauge", "Until the last of them is made, as estimated.");
    put_seconds(p, NULL, NULL, q.left_ms);
}

static void put_intake(struct page *p, const struct gh_intake *intake)
{
    struct gh_intake_stats in = {.scanning = ""};
    if (intake)
        gh_intake_stats(intake, &in);
    family(p, "ghat_departments", "gauge", "Departments by whether their folder is there.");
    put(p, "state", "online", in.departments - in.offline);
    put(p, "state", "offline", in.offline);
    family(p, "ghat_arriving", "gauge",
           "What lies in drop folders: not complete yet, being copied, left alone.");
    put(p, "state", "waiting", in.waiting);
    put(p, "state", "taking", in.taking);
    put(p, "state", "parked", in.parked);
}

static void put_questions(struct page *p, const struct gh_question_figures *q)
{
    family(p, "ghat_questions", "gauge", "Questions by state; late ones are open, too.");
    put(p, "state", "open", q->open);
    put(p, "state", "late", q->late);
    put(p, "state", "answered", q->answered);
    family(p, "ghat_answer_in_time_total", "counter", "Answers, by whether they came in time.");
    put(p, "in_time", "yes", q->in_time);
    put(p, "in_time", "no", q->too_late);
}

/* "sent" and "dropped" are those that are not forgotten yet. */
static int put_letters(struct page *p, const struct gh_call *call, int64_t now_ms,
                       struct gh_err *err)
{
    struct gh_letter_counts n;
    struct gh_post_waits waits;
    TRY(gh_ledger_letter_counts(call->p->ledger, &n, err));
    TRY(gh_post_waits(call, now_ms, &waits, err));
    family(p, "ghat_notices_waiting", "gauge", "Notices that are in no letter yet.");
    put(p, NULL, NULL, (uint64_t)n.notices);
    family(p, "ghat_letters", "gauge", "Mails and messages by state, as long as they are kept.");
    for (unsigned s = 0; s < GH_LETTER_STATES; s++)
        put(p, "state", gh_letter_state_name((enum gh_letter_state)s), (uint64_t)n.letters[s]);
    family(p, "ghat_letters_oldest_seconds", "gauge",
           "How long the oldest that could have gone out has waited; 0: none.");
    put_seconds(p, NULL, NULL, waits.since_ms ? now_ms - waits.since_ms : 0);
    family(p, "ghat_post_away", "gauge", "1: something is due, and ghat-post does not ask for it.");
    put(p, NULL, NULL, waits.away);
    return 0;
}

static void put_disks(struct page *p, const struct gh_dirs *d)
{
    const struct {
        const char *name;
        int fd;
    } dirs[] = {{"spool", d->spool},
                {"staging", d->staging},
                {"outbox", d->outbox},
                {"archive", d->archive}};
    for (int size = 0; size < 2; size++) {
        if (size)
            family(p, "ghat_disk_size_bytes", "gauge", "Of the file system of a folder.");
        else
            family(p, "ghat_disk_free_bytes", "gauge", "What ghatd may still write there.");
        for (size_t i = 0; i < GH_LEN(dirs); i++) {
            struct statvfs v;
            if (dirs[i].fd >= 0 && fstatvfs(dirs[i].fd, &v) == 0)
                put(p, "dir", dirs[i].name,
                    (uint64_t)(size ? v.f_blocks : v.f_bavail) * v.f_frsize);
        }
    }
}

static void put_pages(struct page *p, const struct gh_page_times *t)
{
    family(p, "ghat_desk_request_seconds", "histogram",
           "From a request of a browser being there whole to its answer, by page.");
    for (unsigned k = 0; k < GH_PAGE_KINDS; k++) {
        const char *kind = gh_page_kinds[k];
        uint64_t n = 0;
        for (unsigned i = 0; i < GH_PAGE_BOUNDS; i++)
            gh_str_printf(&p->text, "%s_bucket{page=\"%s\",le=\"%.3f\"} %" PRIu64 "\n", p->name,
                          kind, gh_page_bounds_ms[i] / 1000.0, n += t->of[k].n[i]);
        n += t->of[k].n[GH_PAGE_BOUNDS];
        gh_str_printf(&p->text,
                      "%s_bucket{page=\"%s\",le=\"+Inf\"} %" PRIu64 "\n%s_sum{page=\"%s\"} %.6f\n"
                      "%s_count{page=\"%s\"} %" PRIu64 "\n",
                      p->name, kind, n, p->name, kind, (double)t->of[k].sum_us / 1e6, p->name, kind,
                      n);
    }
}

/* --------------------------------------------------------------------------------- the request */

static void add_passed(enum gh_pass pass, int64_t ms, void *arg)
{
    struct gh_metrics *m = arg;
    gh_durations_add(&m->passed[pass], ms);
}

static int catch_up(struct gh_metrics *m, struct gh_ledger *l, int64_t now_ms, struct gh_err *err)
{
    int64_t seq = gh_ledger_seq(l);
    TRY(gh_ledger_passed(l, m->seq, m->upto_ms, now_ms, add_passed, m, err));
    m->seq = seq;
    m->upto_ms = now_ms;
    return 0;
}

int gh_req_metrics(struct gh_call *call, struct gh_err *err)
{
    const struct gh_control_parts *c = call->p;
    struct page p = {0};
    struct gh_counts counts;
    struct gh_question_figures questions;
    struct gh_frozen is;
    int64_t oldest[GH_STAGES], now = gh_now_ms();
    TRY(gh_arg_bool(call, "openmetrics", false, &p.open, err));
    if (!c->metrics)
        return gh_fail(err, GH_LIMIT, "nobody counts here");
    TRY(gh_ledger_counts(c->ledger, &counts, err));
    TRY(gh_ledger_oldest(c->ledger, oldest, err));
    TRY(gh_ledger_question_figures(c->ledger, now, &questions, err));
    TRY(catch_up(c->metrics, c->ledger, now, err));
    int frozen = gh_ledger_frozen(c->ledger, &is, err);
    TRY(frozen);
    put_daemon(&p, c, frozen > 0);
    put_counts(&p, &counts);
    put_times(&p, c->metrics, oldest, now);
    put_work(&p, c->claims);
    put_queue(&p, c);
    put_intake(&p, c->intake);
    put_questions(&p, &questions);
    int letters = put_letters(&p, call, now, err);
    if (letters < 0)
        gh_str_free(&p.text);
    TRY(letters);
    if (c->metrics->pages_told) /* from 0 to the totals of a week would be a spike */
        put_pages(&p, &c->metrics->pages);
    put_disks(&p, c->dirs);
    if (p.open)
        gh_str_puts(&p.text, "# EOF\n");
    gh_answer(call, "text", json_string(gh_str_text(&p.text)));
    gh_str_free(&p.text);
    return 0;
}

/* The desk tells how long its pages took. It is believed: nothing hangs on it. */
int gh_req_page_times(struct gh_call *call, struct gh_err *err)
{
    struct gh_metrics *m = call->p->metrics;
    if (!m)
        return gh_fail(err, GH_LIMIT, "nobody counts here");
    if (!gh_page_times_parse(json_object_get(call->request, "pages"), &m->pages))
        return gh_fail(err, GH_USAGE, "\"pages\" must be counts of pages by kind");
    m->pages_told = true;
    return 0;
}
