/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calendar of a department: its card's hours, else those of ghat.conf; then holidays, which
 * close offices only; then the dates that ghat.conf and the card name. */
#include "daemon/site/department.h"

#include "base/clock.h"
#include "base/str.h"

#define LONGEST_MS ((int64_t)12 * 3600 * 1000) /* that a question may take */

static int in_key(int r, const char *file, const char *key, struct gh_err *err)
{
    return r < 0 ? gh_fail_prefix(err, "%s: [questions] %s", file, key) : 0;
}

static int add_dates(struct gh_calendar *c, const char *closed, const char *open, const char *file,
                     struct gh_err *err)
{
    if (closed)
        TRY(in_key(gh_calendar_close(c, closed, err), file, "closed", err));
    return open ? in_key(gh_calendar_open(c, open, err), file, "open", err) : 0;
}

int gh_department_set_hours(struct gh_department *d, const struct gh_conf *conf,
                            const int64_t *holidays, size_t n, struct gh_err *err)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar c = {0};
    const char *hours = d->office ? d->office : d->duty ? d->duty : conf->duty;
    const char *main = conf->file ? conf->file : "ghat.conf";
    struct gh_err why = {0};
    int64_t at;
    if (!err)
        err = &why;
    TRY(in_key(gh_calendar_parse(hours, &c, err), d->office || d->duty ? d->file : main,
               d->office ? "office" : "duty", err));
    for (size_t i = 0; i < n && d->office; i++)
        TRY(gh_calendar_close_day(&c, holidays[i], err));
    TRY(add_dates(&c, conf->closed, conf->open, main, err));
    TRY(add_dates(&c, d->closed, d->open, d->file, err));
    if (gh_calendar_add(&c, gh_now_ms(), LONGEST_MS, &at, err) < 0)
        return gh_fail(err, GH_CONFIG,
                       "%s: [questions] the department would not be there for a year: a question "
                       "could never be due",
                       d->file ? d->file : main);
    gh_calendar_free(&d->calendar);
    d->calendar = c;
    c = (struct gh_calendar){0};
    return 0;
}

int64_t gh_duty_opening(const struct gh_conf *conf, int64_t now_ms)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar duty = {0};
    int64_t at = now_ms;
    if (gh_calendar_parse(conf->duty, &duty, NULL) < 0 ||
        gh_calendar_opening(&duty, now_ms, &at, NULL) < 0)
        return now_ms;
    return at;
}
