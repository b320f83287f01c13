/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghatd as a whole: opens the rooms in order, gives each what it uses, and closes them in reverse
 * order. Everything runs in the loop's thread, but for work that rooms give to the pool. Two
 * daemons in one process share nothing but the log.
 */
#ifndef GH_DAEMON_DAEMON_H
#define GH_DAEMON_DAEMON_H

#include "daemon/attempt/claims.h"
#include "daemon/control/changes.h"
#include "daemon/control/control.h"
#include "daemon/event/event.h"
#include "daemon/intake/intake.h"
#include "daemon/notice/notice.h"
#include "daemon/preview/preview.h"
#include "daemon/publish/projection.h"
#include "daemon/publish/sums.h"
#include "daemon/question/question.h"
#include "daemon/receipt/receipt.h"
#include "daemon/upkeep/sweep.h"

struct gh_daemon {
    struct gh_settings settings; /* replaced as a whole by a reload */
    struct gh_dirs dirs;
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    struct gh_space space;
    struct gh_quiet *quiet;
    struct gh_clock_trust clock;
    struct gh_forecast *forecast;
    struct gh_notes notes;
    struct gh_publisher *publisher;
    struct gh_projection *projection;
    struct gh_engine *engine;
    struct gh_claims *claims;
    struct gh_intake *intake;
    struct gh_questions *questions;
    struct gh_events *events;
    struct gh_post *post;
    struct gh_sweep *sweep;
    struct gh_previews *previews;
    struct gh_sums *sums;
    struct gh_receipts *receipts;
    struct gh_changes changes;
    struct gh_throttle *throttle;
    struct gh_reporting *reporting;
    struct gh_metrics *metrics;
    struct gh_control *control, *desk; /* the command's socket, and the desk's */
    int64_t started_ms;                /* wall clock */
};

/**
 * Start on a loop that is the caller's and outlives the daemon. Takes ownership of what *settings
 * holds, also on failure. After success and after failure alike the caller calls gh_daemon_stop.
 * GH_CONFIG: a person must help.
 */
GH_MUST_USE int gh_daemon_start(struct gh_daemon *d, struct gh_loop *loop,
                                struct gh_settings *settings, struct gh_err *err);
/**
 * Stop what gh_daemon_start began, even if it failed half-way. Running work has a few seconds to
 * end. Returns false when some did not end in time: then nothing is freed, since threads still use
 * it, and the process should end.
 */
bool gh_daemon_stop(struct gh_daemon *d);
/**
 * A new ledger where the old one is lost for good, empty; its numbers begin at *ret_first, beyond
 * those that names of folders show. GH_CONFIG: there is one, or another ghatd runs.
 */
GH_MUST_USE int gh_daemon_make_ledger(const struct gh_settings *settings, int64_t *ret_first,
                                      struct gh_err *err);
/** Read the settings again, then wake the rooms that depend on them. On failure the old settings
 * stay, and *problems says why. */
GH_MUST_USE int gh_daemon_reload(struct gh_daemon *d, struct gh_problems *problems,
                                 struct gh_err *err);

#endif
