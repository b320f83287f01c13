/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures for monitoring, as Prometheus reads them, without a name, a word or a picture. Gauges are
 * those of the ledger and of the disk; counters and histograms count from the start of ghatd.
 */
#ifndef GH_DAEMON_CONTROL_METRICS_H
#define GH_DAEMON_CONTROL_METRICS_H

#include "base/durations.h"
#include "base/page_times.h"
#include "daemon/ledger/stats.h"

#include <stdint.h>

struct gh_control_parts;
struct gh_call;

/* How long submissions took from one stage to the next, kept up at each request. */
struct gh_metrics {
    struct gh_durations passed[GH_PASSES];
    int64_t seq, upto_ms; /* of the audit and of the wall clock, until which they are counted */
    struct {
        int64_t mail_ms, hook_ms;
    } asked; /* when ghat-post asked for letters last, or ghatd was started; wall clock */
    struct gh_page_times pages; /* as the desk told last, … */
    bool pages_told;            /* … if it did: its totals may be of long before ghatd started */
};
struct gh_metrics *gh_metrics_new(struct gh_ledger *l);
void gh_metrics_free(struct gh_metrics **m);

#endif
