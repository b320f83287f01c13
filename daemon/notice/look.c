/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the clock alone finds to be told: items that nobody decides or collects, counted in duty
 * hours, and lists at their time. Each is told once: the ledger knows what was.
 */
#include "daemon/notice/kinds.h"
#include "daemon/notice/notice.h"
#include "daemon/site/days.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define UNDECIDED "undecided"
#define UNDECIDED_2 "undecided-2"
#define UNCOLLECTED "uncollected"
#define LOOK_MS 60000
#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define UNCOLLECTED_MS ((int64_t)4 * 3600 * 1000) /* counted */
#define WEEK_MINUTE (8 * 60)                      /* of Monday */
#define SILENT_DAYS 7                             /* of silence that are told day by day */
#define HOUR_MS ((int64_t)3600 * 1000)
#define LAST_MS (5 * (int64_t)LOOK_MS) /* of the hour in which they are told */

struct gh_post {
    struct gh_post_parts p;
    uint64_t timer;
};

struct look {
    const struct gh_settings *settings;
    struct gh_post_coming coming;
    struct gh_calendar duty;
    int64_t now_ms, silent_ms; /* from when on who is silent is told */
};

static int tell(struct gh_ledger *l, const struct look *k, const char *kind, const char *subject,
                int64_t revision, const char *recipient, const char *channel, struct gh_err *err)
{
    return gh_ledger_tell(l,
                          &(struct gh_notice){.kind = kind,
                                              .subject = subject,
                                              .revision = revision,
                                              .recipient = recipient,
                                              .channel = channel,
                                              .made_ms = k->now_ms,
                                              .not_before_ms = k->now_ms},
                          err);
}

/* ------------------------------------------------------------------------------- nobody decides
 */

static int tell_undecided(struct gh_ledger *l, const struct look *k, const struct gh_idle *idle,
                          unsigned step, struct gh_err *err)
{
    int64_t revision = idle->revision;
    char subject[32], superior[96];
    if (gh_calendar_counted(&k->duty, idle->since_ms, k->now_ms) <
        (int64_t)k->settings->conf.undecided_ms * step)
        return 0;
    GH_FORMAT(subject, "item:%" PRId64, idle->submission);
    GH_FORMAT(superior, "superior:%s", idle->department);
    gh_log(GH_LOG_INFO, "undecided", "submission=%" PRId64 " department=%s step=%u",
           idle->submission, idle->department, step);
    if (step == 2)
        return tell(l, k, UNDECIDED_2, subject, revision, superior, "mail", err);
    TRY(tell(l, k, UNDECIDED, subject, revision, "role:approver", "mail", err));
    return tell(l, k, UNDECIDED, subject, revision, "role:deputy", "hook", err);
}

/* Those who stand in, and the approvers once more. */
static int tell_first(struct gh_ledger *l, const struct gh_idle *idle, void *arg,
                      struct gh_err *err)
{
    return tell_undecided(l, arg, idle, 1, err);
}

/* After as long again the superior. */
static int tell_second(struct gh_ledger *l, const struct gh_idle *idle, void *arg,
                       struct gh_err *err)
{
    return tell_undecided(l, arg, idle, 2, err);
}

static int tell_uncollected(struct gh_ledger *l, const struct gh_idle *idle, void *arg,
                            struct gh_err *err)
{
    const struct look *k = arg;
    char subject[32];
    if (gh_calendar_counted(&k->duty, idle->since_ms, k->now_ms) < UNCOLLECTED_MS)
        return 0;
    GH_FORMAT(subject, "item:%" PRId64, idle->submission);
    TRY(tell(l, k, UNCOLLECTED, subject, idle->revision, "role:agency", "mail", err));
    return tell(l, k, UNCOLLECTED, subject, idle->revision, "role:approver", "digest", err);
}

/* ---------------------------------------------------------------------------------------- lists */

struct approvers {
    char names[100][33];
    size_t n;
};

static bool add_approver(const struct gh_user *user, void *arg)
{
    struct approvers *a = arg;
    if (!user->locked_ms && (user->roles & GH_APPROVER || *user->deputy_of))
        GH_COPY(a->names[a->n++], user->name);
    return a->n < GH_LEN(a->names);
}

static bool found_one(const struct gh_decision_row *row, void *arg)
{
    *(bool *)arg = row->submission > 0;
    return false;
}

/* The last moment of the daily list that is over. */
static int64_t last_daily(const struct gh_conf *conf, int64_t now_ms)
{
    unsigned minute = 0;
    gh_conf_daily(conf, &minute);
    int64_t next = gh_post_next_daily(now_ms, minute);
    /* a day may have 23 or 25 hours: what is before is found from the middle of it */
    return gh_post_next_daily(next - 3 * DAY_MS / 2, minute);
}

static int tell_decisions(struct gh_ledger *l, const struct look *k, struct gh_err *err)
{
    struct approvers a = {.n = 0};
    int64_t at = last_daily(&k->settings->conf, k->now_ms);
    if (k->now_ms - at > DAY_MS / 2) /* too late to tell: it was down then */
        return 0;
    int told = gh_ledger_told(l, "decisions", "day:0", at / 1000, err);
    TRY(told);
    if (told)
        return 0;
    TRY(gh_ledger_users(l, k->now_ms, add_approver, &a, err));
    for (size_t i = 0; i < a.n; i++) {
        bool any = false;
        char recipient[48];
        GH_FORMAT(recipient, "user:%s", a.names[i]);
        TRY(gh_ledger_decisions_of(l, a.names[i], at - DAY_MS, at, found_one, &any, err));
        if (any)
            TRY(tell(l, k, "decisions", "day:0", at / 1000, recipient, "mail", err));
    }
    return 0;
}

/* This week's Monday, 08:00. */
static int64_t monday(int64_t now_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm;
    localtime_r(&now, &tm);
    tm.tm_mday -= (tm.tm_wday + 6) % 7;
    tm.tm_hour = WEEK_MINUTE / 60;
    tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000;
}

static int tell_week(struct gh_ledger *l, const struct look *k, struct gh_err *err)
{
    int64_t at = monday(k->now_ms);
    if (k->now_ms < at || k->now_ms - at > DAY_MS)
        return 0;
    for (size_t i = 0; i < k->settings->departments.n; i++) {
        const struct gh_department *d = k->settings->departments.list[i];
        char recipient[96], subject[96];
        GH_FORMAT(subject, "week:%s", d->slug);
        GH_FORMAT(recipient, "superior:%s", d->slug);
        int told = gh_ledger_told(l, "week", subject, at / 1000, err);
        TRY(told);
        if (!told && gh_address_is_plain(d->superior.email))
            TRY(tell(l, k, "week", subject, at / 1000, recipient, "mail", err));
    }
    return 0;
}

/* Who is told that a department sent nothing: as roles of it, or of the desk. */
static const struct {
    const char *who, *channel;
} silent_rules[] = {{"officer", "mail"}, {"superior", "digest"}, {NULL, "digest"}};

/* Of the whole days before today, and of today. */
static const struct gh_report *sent_by(const struct gh_reports *sent, const char *slug)
{
    for (size_t i = 0; i < sent->n; i++)
        if (!strcmp(sent->list[i].department, slug))
            return &sent->list[i];
    return NULL;
}

static int tell_silent(struct gh_ledger *l, const struct look *k, const struct gh_department *d,
                       const int64_t *days, const struct gh_report *sent, struct gh_err *err)
{
    char subject[80], recipient[96];
    /* whoever seldom sends anything is in the report of the week */
    if (!sent || !sent->days[0].dropped || sent->days[1].dropped ||
        !gh_hours_of(&d->calendar, gh_day_of(days[1]))->n)
        return 0;
    /* there is another look in a minute, but for the last ones; then its letters are put off */
    if (k->now_ms < k->silent_ms + HOUR_MS - LAST_MS && k->coming.is &&
        k->coming.is(k->coming.arg, d->slug))
        return 0;
    GH_FORMAT(subject, "nothing:%s", d->slug);
    for (size_t i = 0; i < GH_LEN(silent_rules); i++) {
        if (silent_rules[i].who)
            GH_FORMAT(recipient, "%s:%s", silent_rules[i].who, d->slug);
        else
            GH_FORMAT(recipient, "role:approver");
        TRY(tell(l, k, "nothing", subject, days[1] / 1000, recipient, silent_rules[i].channel,
                 err));
    }
    return 0;
}

/* In the hour from [desk] daily on: what is later is too late. */
static int tell_all_silent(struct gh_ledger *l, struct look *k, struct gh_err *err)
{
    GH_AUTO(gh_reports_free) struct gh_reports sent = {.n = 0};
    unsigned minute;
    int64_t today = gh_day_of(k->now_ms);
    const int64_t days[] = {gh_moment_of(today - SILENT_DAYS, 0, false),
                            gh_moment_of(today, 0, false), gh_moment_of(today + 1, 0, false)};
    const struct gh_report_ask ask = {.days = days, .n_days = 2, .now_ms = k->now_ms};
    if (!gh_conf_silent(&k->settings->conf, &minute))
        return 0;
    k->silent_ms = gh_moment_of(today, minute, false);
    if (k->now_ms < k->silent_ms || k->now_ms >= k->silent_ms + HOUR_MS)
        return 0;
    TRY(gh_ledger_report(l, &ask, &sent, err));
    for (size_t i = 0; i < k->settings->departments.n; i++) {
        const struct gh_department *d = k->settings->departments.list[i];
        TRY(tell_silent(l, k, d, days, sent_by(&sent, d->slug), err));
    }
    return 0;
}

/* ------------------------------------------------------------------------------------- the look
 */

int gh_post_look(struct gh_ledger *l, const struct gh_settings *s, struct gh_post_coming coming,
                 int64_t now_ms, struct gh_err *err)
{
    struct gh_restored is;
    int restored = gh_ledger_restored(l, &is, err);
    if (restored) /* what it believes to wait may be over long ago: a person looks first */
        return restored < 0 ? restored : 0;
    struct look k = {.settings = s, .coming = coming, .now_ms = now_ms};
    int64_t limit = (int64_t)s->conf.undecided_ms;
    TRY(gh_calendar_parse(s->conf.duty, &k.duty, err));
    int r = gh_ledger_begin(l, err); /* who is told of one thing is told in one commit */
    if (r == 0 && limit)
        r = gh_ledger_idle(l, UNDECIDED, now_ms - limit, tell_first, &k, err);
    if (r == 0 && limit)
        r = gh_ledger_idle(l, UNDECIDED_2, now_ms - 2 * limit, tell_second, &k, err);
    if (r == 0)
        r = gh_ledger_idle(l, UNCOLLECTED, now_ms - UNCOLLECTED_MS, tell_uncollected, &k, err);
    if (r == 0)
        r = tell_decisions(l, &k, err);
    if (r == 0)
        r = tell_week(l, &k, err);
    if (r == 0)
        r = tell_all_silent(l, &k, err);
    gh_calendar_free(&k.duty);
    if (r == 0)
        return gh_ledger_commit(l, err);
    gh_ledger_rollback(l);
    return r;
}

static void on_look(struct gh_loop *loop, void *arg)
{
    struct gh_post *p = arg;
    struct gh_err err = {0};
    const struct gh_conf *conf = &p->p.settings->conf;
    if ((conf->smtp || conf->webhook) && (!p->p.trusted || p->p.trusted(p->p.trusted_arg)) &&
        gh_post_look(p->p.ledger, p->p.settings, p->p.coming, gh_now_ms(), &err) < 0)
        gh_log_err(GH_LOG_WARNING, "post-look-failed", &err, "retry_ms=%d", LOOK_MS);
    p->timer = gh_loop_after(loop, LOOK_MS, on_look, p);
}

struct gh_post *gh_post_open(const struct gh_post_parts *parts)
{
    struct gh_post *p = gh_alloc(sizeof(*p));
    *p = (struct gh_post){.p = *parts};
    p->timer = gh_loop_after(p->p.loop, 1, on_look, p);
    return p;
}

void gh_post_close(struct gh_post **pp)
{
    struct gh_post *p = *pp;
    if (!p)
        return;
    gh_loop_cancel(p->p.loop, &p->timer);
    free(p);
    *pp = NULL;
}
