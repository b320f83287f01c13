/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A time at which the clock was right is kept in the ledger as a setting and renewed by each sweep.
 * Only where none was kept yet the ledger's newest event takes its place: later the ledger may hold
 * events of a wrong clock, too. */
#include "daemon/upkeep/clock_trust.h"

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

static int keep_time(struct gh_clock_trust *t, int64_t wall_ms, struct gh_err *err)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, wall_ms);
    t->right = (struct gh_clock_base){wall_ms, gh_mono_ms()};
    return gh_ledger_set_setting(t->ledger, SETTING, text, err);
}

/* Set or clear doubt. Returns whether now is a time to keep as right. */
static bool judge_clock(struct gh_clock_trust *t)
{
    int64_t now = gh_now_ms(), jump = gh_clock_jump_ms(&t->right, now, gh_mono_ms());
    bool before = *t->doubt != '\0';
    if (!jump) {
        *t->doubt = '\0';
        if (before)
            gh_log(GH_LOG_NOTICE, "clock-trusted", "ms=%" PRId64, now);
        /* a clock that was set back is right again once it has passed the time kept */
        return now >= t->right.wall_ms;
    }
    GH_FORMAT(t->doubt,
              "the clock went ahead by %" PRId64
              " days while ghatd did not run, so nothing is deleted for its age; set it, "
              "or, if it is right: ghat doctor --confirm-clock",
              jump / DAY_MS);
    if (!before)
        gh_log(GH_LOG_WARNING, "clock-not-trusted", "ahead_days=%" PRId64 " deleting=no",
               jump / DAY_MS);
    return false;
}

void gh_clock_trust_check(struct gh_clock_trust *t)
{
    struct gh_err err = {0};
    if (!judge_clock(t) || keep_time(t, gh_now_ms(), &err) == 0)
        return;
    gh_log_err(GH_LOG_WARNING, "clock-not-kept", &err, "ms=%" PRId64, gh_now_ms());
}

void gh_clock_trust_open(struct gh_clock_trust *t, struct gh_ledger *ledger)
{
    *t = (struct gh_clock_trust){.ledger = ledger};
    GH_AUTO_FREE char *text = NULL;
    struct gh_err err = {0};
    int64_t last = 0;
    uint64_t kept = 0;
    if (gh_ledger_setting(t->ledger, SETTING, &text, &err) < 0 ||
        gh_ledger_last_event(t->ledger, &last, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "clock-not-known", &err, "deleting=yes");
    if (text && gh_parse_u64(text, INT64_MAX, &kept))
        last = (int64_t)kept;
    t->right = (struct gh_clock_base){last > 0 ? last : gh_now_ms(), gh_mono_ms()};
    (void)judge_clock(t); /* the first sweep keeps the time */
}

int gh_clock_trust_confirm(struct gh_clock_trust *t, const struct gh_who *who, struct gh_err *err)
{
    TRY(gh_ledger_note(t->ledger, who, 0, "clock", "confirmed as right", err));
    TRY(keep_time(t, gh_now_ms(), err));
    (void)judge_clock(t);
    return 0;
}
