/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kinds, and the times that follow from it. */
#include "daemon/notice/kinds.h"

#include "base/str.h"

#include <string.h>
#include <time.h>

static const struct gh_post_kind kinds[] = {
    {"waits", GH_MUTE_WAITING, false},
    {"undecided", 0, false},
    {"collect", GH_MUTE_COLLECT, false},
    {"uncollected", GH_MUTE_COLLECT, false},
    {"rejected", GH_MUTE_DECIDED, false},
    {"held", GH_MUTE_DECIDED, false},
    {"withdrawn", 0, true},
    {"asked", GH_MUTE_QUESTIONS, false},
    /* the clock of questions stands still at night, unless they are urgent */
    {"remind", GH_MUTE_QUESTIONS, true},
    {"due", 0, true},
    {"escalate", 0, true},
    {"again", 0, true},
    {"answer", GH_MUTE_QUESTIONS, false},
    {"note", GH_MUTE_QUESTIONS, false},
    {"extend", GH_MUTE_QUESTIONS, false},
    {"withdraw", GH_MUTE_QUESTIONS, false},
    {"event-announce", GH_MUTE_EVENTS, false},
    {"event-change", GH_MUTE_EVENTS, false},
    {"event-cancel", GH_MUTE_EVENTS, false},
    {"event-miss", GH_MUTE_EVENTS, false},
    {"decisions", 0, true},
    {"nothing", GH_MUTE_REPORT, false},
    {"week", GH_MUTE_REPORT, false},
};

const struct gh_post_kind *gh_post_kind_of(const char *kind)
{
    static const struct gh_post_kind none = {"", 0, false};
    for (size_t i = 0; i < GH_LEN(kinds); i++) {
        size_t n = strlen(kinds[i].kind);
        if (!strncmp(kind, kinds[i].kind, n) && (kind[n] == '\0' || kind[n] == '-'))
            return &kinds[i];
    }
    return &none;
}

int64_t gh_post_next_daily(int64_t now_ms, unsigned minute)
{
    time_t now = (time_t)(now_ms / 1000), at;
    struct tm tm;
    localtime_r(&now, &tm);
    tm.tm_hour = (int)minute / 60;
    tm.tm_min = (int)minute % 60;
    tm.tm_sec = 0;
    tm.tm_isdst = -1;
    at = mktime(&tm);
    if ((int64_t)at * 1000 <= now_ms) {
        tm.tm_mday++;
        tm.tm_hour = (int)minute / 60;
        tm.tm_min = (int)minute % 60;
        tm.tm_isdst = -1;
        at = mktime(&tm);
    }
    return (int64_t)at * 1000;
}

int64_t gh_post_when(const struct gh_post_kind *kind, const struct gh_post_clock *clock,
                     bool urgent, bool written, bool wanted, bool *ret_digest)
{
    int64_t at = clock->now_ms;
    *ret_digest = written || (wanted && !urgent && !kind->at_once);
    if (*ret_digest)
        return gh_post_next_daily(clock->now_ms, clock->daily);
    if (!urgent && !kind->at_once &&
        gh_calendar_opening(clock->hours, clock->now_ms, &at, NULL) < 0)
        at = clock->now_ms;
    return at;
}
