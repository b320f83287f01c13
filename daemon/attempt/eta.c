/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks each lane once, in the order in which its files will be claimed, and sums up the work. */
#include "daemon/attempt/eta.h"

#include "base/str.h"

#define MEGABYTE 1000000
/* A new time moves the pace by one part in SHARE of the difference. */
#define SHARE 8
/* A time that is longer or shorter than expected by a larger factor counts as this factor. */
#define OUTLIER 4

/* Of a plausible pace. */
static const struct {
    int64_t min_ms, max_ms;
} bounds[] = {[GH_PHOTO] = {5, 600 * 1000}, [GH_VIDEO] = {50, 600 * 1000}};

static enum gh_media kind_of(enum gh_media media)
{
    return media == GH_VIDEO ? GH_VIDEO : GH_PHOTO;
}

static double megabytes(uint64_t bytes)
{
    return GH_MAX((double)bytes / MEGABYTE, 1.0);
}

void gh_pace_learn(struct gh_pace *pace, enum gh_media media, uint64_t bytes, int64_t ms)
{
    enum gh_media kind = kind_of(media);
    int64_t *of = kind == GH_VIDEO ? &pace->video_ms : &pace->photo_ms;
    int64_t took = kind == GH_VIDEO ? (int64_t)((double)ms / megabytes(bytes)) : ms;
    if (*of > 0) {
        took = GH_CLAMP(took, *of / OUTLIER, *of * OUTLIER);
        int64_t step = (took - *of) / SHARE;
        took = *of + (step ? step : took > *of ? 1 : took < *of ? -1 : 0);
    }
    *of = GH_CLAMP(took, bounds[kind].min_ms, bounds[kind].max_ms);
}

int64_t gh_pace_of(const struct gh_pace *pace, enum gh_media media, uint64_t bytes)
{
    if (kind_of(media) == GH_PHOTO)
        return pace->photo_ms > 0 ? pace->photo_ms : -1;
    return pace->video_ms > 0 ? (int64_t)((double)pace->video_ms * megabytes(bytes)) : -1;
}

/* The files of one department in a lane that have no estimate yet: list[next] to list[end - 1]. */
struct turn {
    size_t next, end;
};

static void estimate_file(const struct gh_pace *pace, const struct gh_eta_lane *lane,
                          struct gh_wait *w, int64_t *busy_ms)
{
    int64_t takes = gh_pace_of(pace, w->media, w->bytes),
            starts = *busy_ms / GH_MAX(lane->slots, 1u);
    w->left_ms = takes < 0 ? -1 : GH_MAX(starts, w->not_before_ms) + takes;
    *busy_ms += GH_MAX(takes, (int64_t)0);
}

/* Files of one kind and urgency: one file of each department, then the next one of each. */
static void estimate_group(const struct gh_pace *pace, const struct gh_eta_lane *lane,
                           struct gh_wait *list, size_t from, size_t to, int64_t *busy_ms)
{
    GH_AUTO_FREE struct turn *turns = gh_alloc((to - from + 1) * sizeof(*turns));
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        if (i == from || list[i].department != list[i - 1].department)
            turns[n++].next = i;
        turns[n - 1].end = i + 1;
    }
    while (n > 0) {
        size_t left = 0;
        for (size_t t = 0; t < n; t++) {
            estimate_file(pace, lane, &list[turns[t].next++], busy_ms);
            if (turns[t].next < turns[t].end)
                turns[left++] = turns[t];
        }
        n = left;
    }
}

void gh_eta(const struct gh_pace *pace, const struct gh_eta_lane *photos,
            const struct gh_eta_lane *videos, struct gh_wait *list, size_t n)
{
    int64_t busy[] = {[GH_PHOTO] = photos->busy_ms, [GH_VIDEO] = videos->busy_ms};
    for (unsigned urgent = 2; urgent-- > 0;) {
        size_t to;
        for (size_t from = 0; from < n; from = to) {
            enum gh_media kind = kind_of(list[from].media);
            for (to = from;
                 to < n && kind_of(list[to].media) == kind && list[to].urgent == list[from].urgent;)
                to++;
            if (list[from].urgent == (bool)urgent)
                estimate_group(pace, kind == GH_VIDEO ? videos : photos, list, from, to,
                               &busy[kind]);
        }
    }
}
