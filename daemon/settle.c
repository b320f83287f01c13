/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stability and grouping: no I/O, no clock of its own. */
#include "daemon/settle.h"

#include "base/clock.h"
#include "daemon/names.h"

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

bool gh_settle_look(struct gh_settle *s, const struct gh_print *print, int64_t now_ms)
{
    if (s->seen && !memcmp(&s->last, print, sizeof(*print)))
        return false;
    if (s->seen && now_ms - s->changed_ms > s->longest_ms)
        s->longest_ms = now_ms - s->changed_ms;
    s->last = *print;
    s->seen = true;
    s->changed_ms = now_ms;
    return true;
}

void gh_settle_hint(struct gh_settle *s, int64_t now_ms)
{
    s->changed_ms = now_ms;
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
