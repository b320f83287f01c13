/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long what waits still takes (eta.h), for this daemon: the queue from the ledger, what is in work from the
 * workshop, and the paces learnt, which survive a restart. The queue is looked at again at most once a second, and less
 * often when it is so long that looking costs a twentieth of the time. All of it takes a NULL forecast: nothing is
 * known.
 */
#ifndef GH_DAEMON_FORECAST_H
#define GH_DAEMON_FORECAST_H

#include "daemon/daemon.h"

struct gh_forecast;

/** Never fails: paces that cannot be read are not known. */
struct gh_forecast *gh_forecast_open(struct gh_daemon *d);
void gh_forecast_close(struct gh_forecast **f);

/** An attempt that made everything anew took ms. */
void gh_forecast_learn(struct gh_forecast *f, enum gh_media media, uint64_t bytes, int64_t ms);
/** Write the paces to the ledger, within the caller's transaction, when they changed by a tenth. */
GH_MUST_USE int gh_forecast_keep(struct gh_forecast *f, struct gh_err *err);

/** Milliseconds until the last of its files is made; -1: no telling, or nothing of it waits. A brief item will do. */
int64_t gh_forecast_left_ms(struct gh_forecast *f, const struct gh_item *item);

/* What waits, all of it. */
struct gh_queue {
    size_t photos, videos;
    int64_t left_ms; /* until the last is made; -1: no telling */
};
void gh_forecast_queue(struct gh_forecast *f, struct gh_queue *ret);

#endif
