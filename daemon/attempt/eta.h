/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a waiting file will be made: estimated from the queue before it, and from how long such
 * files took so far. Pure: no clock, no ledger. -1 means that there is no estimate, because no file
 * of that kind has been made yet.
 */
#ifndef GH_DAEMON_ATTEMPT_ETA_H
#define GH_DAEMON_ATTEMPT_ETA_H

#include "base/media.h"

#include <stdbool.h>
#include <stddef.h>

/* Learnt speeds; 0: nothing learnt yet. */
struct gh_pace {
    int64_t photo_ms; /* for a photo */
    int64_t video_ms; /* for a megabyte of a video's file; a smaller file counts as one */
};
/**
 * A file of that kind and size took ms. One that took very long or short changes the pace by a
 * factor of 1.4 at most, and no pace leaves the bounds of plausible machines.
 */
void gh_pace_learn(struct gh_pace *pace, enum gh_media media, uint64_t bytes, int64_t ms);
/** Milliseconds such a file will take, or -1. */
int64_t gh_pace_of(const struct gh_pace *pace, enum gh_media media, uint64_t bytes);

/* A file that waits. */
struct gh_wait {
    int64_t submission;
    uint64_t bytes;
    uint32_t department; /* any number, equal for files of the same department */
    enum gh_media media;
    bool urgent;
    int64_t not_before_ms; /* from now; 0: at once */
    int64_t left_ms;       /* the result: until it is made, from now; -1: no estimate */
};

/* Files of one kind, photos or videos, that are made at the same time. */
struct gh_eta_lane {
    unsigned slots;  /* files at once; 0 counts as 1 */
    int64_t busy_ms; /* work left of the files in work, summed over all slots */
};

/**
 * Set left_ms of all n files, which are sorted as the ledger lists them: by urgency, kind and
 * department, then by turn. Files are claimed in this order: urgent ones first, departments in
 * turn; photos and videos are lanes that do not wait for each other.
 */
void gh_eta(const struct gh_pace *pace, const struct gh_eta_lane *photos,
            const struct gh_eta_lane *videos, struct gh_wait *list, size_t n);

#endif
