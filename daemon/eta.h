/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When what waits will be made: from the queue before it and from how long such files took so far. Pure: no clock, no
 * ledger. An estimate that would be a guess is -1: nothing of that kind has been made yet.
 */
#ifndef GH_DAEMON_ETA_H
#define GH_DAEMON_ETA_H

#include "base/media.h"

#include <stdbool.h>
#include <stddef.h>

/* Learnt speeds; 0: nothing learnt yet. */
struct gh_pace {
    int64_t photo_ms; /* a photo */
    int64_t video_ms; /* a megabyte of a video's file, and no less than one is counted */
};
/**
 * A file of that kind and size took ms. Bounded: one that took very long or short moves the pace by a factor of 1.4 at
 * most, and no pace leaves what a machine can be.
 */
void gh_pace_learn(struct gh_pace *pace, enum gh_media media, uint64_t bytes, int64_t ms);
/** Milliseconds such a file will take, or -1. */
int64_t gh_pace_of(const struct gh_pace *pace, enum gh_media media, uint64_t bytes);

/* A file that waits. */
struct gh_wait {
    int64_t submission;
    uint64_t bytes;
    uint32_t department; /* any number: equal for the same one */
    enum gh_media media;
    bool urgent;
    int64_t not_before_ms; /* from now; 0: at once */
    int64_t left_ms;       /* the answer: until it is made, from now; -1: no telling */
};

/* Who works: how many at once, and the work on hand before anything that waits begins, all slots together. */
struct gh_lane {
    unsigned slots;
    int64_t busy_ms;
};

/**
 * Fill left_ms of all n, which come sorted as the ledger gives them: by urgency, kind, department, then in order of
 * their turn. As claims go: urgent files first, departments in turn, videos beside photos in a lane of their own.
 */
void gh_eta(const struct gh_pace *pace, const struct gh_lane *photos, const struct gh_lane *videos,
            struct gh_wait *list, size_t n);

#endif
