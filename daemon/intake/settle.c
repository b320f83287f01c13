/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quiet times and groups of loose files: pure functions of what they are given. */
#include "daemon/intake/settle.h"

#include "base/clock.h"
#include "base/names.h"

#include <string.h>

struct gh_print gh_print_of(const struct stat *st)
{
    return (struct gh_print){
        .kind = S_ISREG(st->st_mode)   ? GH_SEEN_FILE
                : S_ISDIR(st->st_mode) ? GH_SEEN_FOLDER
                                       : GH_SEEN_OTHER,
        .dev = st->st_dev,
        .ino = st->st_ino,
        .nlink = S_ISREG(st->st_mode) ? st->st_nlink : 1,
        .size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
        .mtime_ns = S_ISREG(st->st_mode) ? gh_timespec_ns(st->st_mtim) : 0,
        .mode = st->st_mode & S_IFMT,
    };
}

bool gh_print_same_bytes(const struct gh_print *a, const struct gh_print *b)
{
    return a->kind == b->kind && a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->mtime_ns == b->mtime_ns;
}

/* Something happened that a writer does. */
static void note_writer(struct gh_settle *s, int64_t now_ms)
{
    if (s->closed && now_ms - s->changed_ms > s->reopened_ms)
        s->reopened_ms = now_ms - s->changed_ms;
}

bool gh_settle_observe(struct gh_settle *s, const struct gh_print *print, int64_t now_ms)
{
    if (s->seen && !memcmp(&s->last, print, sizeof(*print)))
        return false;
    if (s->seen && now_ms - s->changed_ms > s->longest_ms)
        s->longest_ms = now_ms - s->changed_ms;
    if (s->seen)
        note_writer(s, now_ms);
    s->closed &= !s->seen || (s->last.dev == print->dev && s->last.ino == print->ino);
    s->last = *print;
    s->seen = true;
    s->changed_ms = now_ms;
    return true;
}

void gh_settle_hint(struct gh_settle *s, int64_t now_ms)
{
    s->changed_ms = now_ms;
}

void gh_settle_closed(struct gh_settle *s, int64_t now_ms)
{
    note_writer(s, now_ms);
    s->closed = true;
    s->changed_ms = now_ms;
}

void gh_settle_arrived(struct gh_settle *s, int64_t now_ms)
{
    note_writer(s, now_ms);
    s->closed = false;
    s->changed_ms = now_ms;
}

static bool came_back(const struct gh_settle *s, int64_t quiet_ms)
{
    return s->reopened_ms >= quiet_ms / GH_SETTLE_BREATH;
}

int64_t gh_settle_point(const struct gh_settle *s, int64_t now_ms, int64_t quiet_ms)
{
    if (!s->seen || !s->closed || came_back(s, quiet_ms))
        return -1;
    return gh_settle_wait(s, now_ms, quiet_ms / GH_SETTLE_BREATH);
}

enum gh_whole gh_settle_whole(const struct gh_settle *s, int64_t quiet_ms)
{
    return came_back(s, quiet_ms) ? GH_WHOLE_NO : s->closed ? GH_WHOLE_YES : GH_WHOLE_UNKNOWN;
}

int64_t gh_settle_wait(const struct gh_settle *s, int64_t now_ms, int64_t quiet_ms)
{
    int64_t left = s->changed_ms + quiet_ms - now_ms;
    return !s->seen ? quiet_ms : left > 0 ? left : 0;
}

int64_t gh_settle_lesson(const struct gh_settle *s, int64_t quiet_ms)
{
    return s->longest_ms > quiet_ms / 2 && s->longest_ms <= quiet_ms ? s->longest_ms * 2 : 0;
}

enum gh_group gh_settle_group(const char *const *names, size_t n)
{
    size_t media = 0, texts = 0, stills = 0, moving = 0;
    for (size_t i = 0; i < n; i++) {
        bool text = gh_name_text(names[i]);
        texts += text;
        media += !text;
        stills += gh_name_live_still(names[i]);
        moving += gh_name_live_moving(names[i]);
    }
    if (!media)
        return GH_GROUP_TEXT;
    if (texts || (stills == 1 && moving == 1 && media == 2))
        return GH_GROUP_TOGETHER;
    return GH_GROUP_ALONE;
}
