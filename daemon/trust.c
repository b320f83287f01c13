/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See trust.h. The newest event of the ledger serves where no time was kept yet; not later, for events of a wrong clock
 * are in it, too. */
#include "daemon/trust.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>

#define SETTING "clock" /* wall clock, milliseconds */
#define DAY_MS ((int64_t)24 * 3600 * 1000)

int64_t gh_clock_jump_ms(const struct gh_clock_base *base, int64_t wall_ms, int64_t mono_ms)
{
    int64_t ran = mono_ms - base->mono_ms, jump = wall_ms - base->wall_ms - ran;
    return jump > DAY_MS && ran < jump ? jump : 0;
}

static int keep(struct gh_daemon *d, int64_t wall_ms, struct gh_err *err)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, wall_ms);
    d->trusted = (struct gh_clock_base){wall_ms, gh_mono_ms()};
    return gh_ledger_set_setting(d->ledger, SETTING, text, err);
}

/* Returns whether now is a time worth keeping. */
static bool judge(struct gh_daemon *d)
{
    int64_t now = gh_now_ms(), jump = gh_clock_jump_ms(&d->trusted, now, gh_mono_ms());
    bool before = *d->clock != '\0';
    if (!jump) {
        *d->clock = '\0';
        if (before)
            gh_log(GH_LOG_NOTICE, "clock-trusted", "ms=%" PRId64, now);
        return now >= d->trusted.wall_ms; /* one that went back is right again when it comes forward */
    }
    snprintf(d->clock, sizeof(d->clock),
             "the clock went ahead by %" PRId64
             " days while ghatd did not run, so nothing is deleted for its age; set it, "
             "or, if it is right: ghat doctor --confirm-clock",
             jump / DAY_MS);
    if (!before)
        gh_log(GH_LOG_WARNING, "clock-not-trusted", "ahead_days=%" PRId64 " deleting=no", jump / DAY_MS);
    return false;
}

void gh_trust_check(struct gh_daemon *d)
{
    struct gh_err err = {0};
    if (!judge(d) || keep(d, gh_now_ms(), &err) == 0)
        return;
    gh_log_err(GH_LOG_WARNING, "clock-not-kept", &err, "ms=%" PRId64, gh_now_ms());
    gh_daemon_trouble(d, &err);
}

void gh_trust_open(struct gh_daemon *d)
{
    GH_AUTO_FREE char *text = NULL;
    struct gh_err err = {0};
    int64_t last = 0;
    uint64_t kept = 0;
    if (gh_ledger_setting(d->ledger, SETTING, &text, &err) < 0 || gh_ledger_last_event(d->ledger, &last, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "clock-not-known", &err, "deleting=yes");
    if (text && gh_parse_u64(text, INT64_MAX, &kept))
        last = (int64_t)kept;
    d->trusted = (struct gh_clock_base){last > 0 ? last : gh_now_ms(), gh_mono_ms()};
    (void)judge(d); /* it is kept with the first sweep */
}

int gh_trust_confirm(struct gh_daemon *d, const struct gh_who *who, struct gh_err *err)
{
    TRY(gh_ledger_note(d->ledger, who, 0, "clock", "confirmed as right", err));
    TRY(keep(d, gh_now_ms(), err));
    (void)judge(d);
    return 0;
}
