/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workshop: claims files that are due, has the engine make their renditions, stages what was verified, and tells
 * the ledger how each attempt ended. Keeps the engine busy and no more.
 */
#ifndef GH_DAEMON_WORK_H
#define GH_DAEMON_WORK_H

#include "daemon/daemon.h"

struct gh_workshop;

GH_MUST_USE int gh_work_open(struct gh_daemon *d, struct gh_workshop **ret, struct gh_err *err);
/** Something may be due: look soon. */
void gh_work_wake(struct gh_workshop *w);
/** A submission changed: attempts on files of it that are nobody's business any more are given up. */
void gh_work_check(struct gh_workshop *w, const struct gh_item *item);
/** Claim nothing more and cancel what runs; run the loop until it is not busy, then close. */
void gh_work_stop(struct gh_workshop *w);
bool gh_work_busy(const struct gh_workshop *w);
void gh_work_close(struct gh_workshop **w);

struct gh_work_stats {
    unsigned photos, videos; /* attempts under way */
    unsigned slots, video_slots;
};
void gh_work_stats(const struct gh_workshop *w, struct gh_work_stats *ret);
/* A file in work. */
struct gh_progress_row {
    int64_t submission, file;
    const char *name; /* as dropped, name_len bytes; borrowed */
    size_t name_len;
    enum gh_media media;
    unsigned permille; /* of its render */
    int64_t left_ms;   /* expected at the pace so far; -1: too early to tell */
    int64_t ran_ms;    /* since a worker took it up */
    uint64_t bytes;    /* of the file */
};
/** Called for each file in work, of one submission or (0) of all. */
void gh_work_progress(const struct gh_workshop *w, int64_t submission,
                      void (*row)(const struct gh_progress_row *row, void *arg), void *arg);
/**
 * What may be claimed, a set of 1u << enum gh_media: photos up to twice their slots, so that the engine always has the
 * next at hand, videos up to theirs. The two never wait for each other: the first due video is claimed however many
 * photos there are.
 */
unsigned gh_work_wanted(const struct gh_work_stats *now);
/** What is left of a render that went from first to permille in elapsed_ms; -1 when that says nothing. */
int64_t gh_progress_left_ms(unsigned first, unsigned permille, int64_t elapsed_ms);

#endif
