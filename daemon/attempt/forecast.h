/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The forecast: how long waiting files still take (eta.h), from the ledger's queue, the attempts
 * under way, and the paces learnt, which are kept in the ledger. The queue is read again at most
 * once a second, and less often when it is so long that reading it would take more than a twentieth
 * of the time. A ledger that cannot be read is logged. Runs in the loop's thread.
 */
#ifndef GH_DAEMON_ATTEMPT_FORECAST_H
#define GH_DAEMON_ATTEMPT_FORECAST_H

#include "daemon/attempt/eta.h"
#include "daemon/ledger/ledger.h"

struct gh_forecast;

/** Never fails: paces that cannot be read are not known. Borrows ledger until it is closed. */
struct gh_forecast *gh_forecast_open(struct gh_ledger *ledger);
void gh_forecast_close(struct gh_forecast **f);

/* A file in work. */
struct gh_progress_row {
    int64_t submission, file;
    const char *name; /* as dropped, name_len bytes; borrowed */
    size_t name_len;
    enum gh_media media;
    unsigned permille; /* of its render that is done */
    int64_t left_ms;   /* at the pace of the render so far; -1: too early to tell */
    int64_t ran_ms;    /* since a worker took it up */
    uint64_t bytes;    /* of the file */
};
typedef void gh_progress_fn(const struct gh_progress_row *row, void *arg);
/** Calls row for each file in work, and says how many there may be at once. */
typedef void gh_running_fn(void *arg, unsigned *ret_photo_slots, unsigned *ret_video_slots,
                           gh_progress_fn *row, void *row_arg);
/** Where to ask for the files in work; NULL: there are none. */
void gh_forecast_follow(struct gh_forecast *f, gh_running_fn *running, void *arg);

/** An attempt that made all its outputs anew took ms. f may be NULL here and below. */
void gh_forecast_learn(struct gh_forecast *f, enum gh_media media, uint64_t bytes, int64_t ms);
/** Write the paces to the ledger, within the caller's transaction, when they changed by a tenth. */
GH_MUST_USE int gh_forecast_keep(struct gh_forecast *f, struct gh_err *err);

/** Milliseconds until the last of its files is made; -1: no estimate, or nothing of it waits. A
 * brief item (gh_ledger_list) is enough. */
int64_t gh_forecast_left_ms(struct gh_forecast *f, const struct gh_item *item);

/* All waiting files. */
struct gh_queue {
    size_t photos, videos;
    int64_t left_ms; /* until the last is made; -1: no estimate */
};
void gh_forecast_queue(struct gh_forecast *f, struct gh_queue *ret);

#endif
