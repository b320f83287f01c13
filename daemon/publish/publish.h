/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When an outbox folder is written: after an approval, once it can no longer be undone and its
 * embargo ended, after each other decision that changes it, and again until that succeeds. Writing
 * is done in a pool thread on a copy of the item; approved → published is committed only when the
 * manifest is durable. Failures are logged and tried again.
 */
#ifndef GH_DAEMON_PUBLISH_PUBLISH_H
#define GH_DAEMON_PUBLISH_PUBLISH_H

#include "daemon/ledger/ledger.h"
#include "daemon/loop/loop.h"
#include "daemon/site/settings.h"
#include "daemon/store/dirs.h"

struct gh_publisher;

/* What it uses; all of it is borrowed until gh_publisher_close. */
struct gh_publisher_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    /* May an embargo end by the wall clock? NULL: it may. */
    bool (*clock_is_trusted)(void *arg);
    void *clock_arg;
};
struct gh_publisher *gh_publisher_open(const struct gh_publisher_parts *parts);
/** Begin nothing more; run the loop until it is not busy, then close. */
void gh_publisher_stop(struct gh_publisher *p);
/** Publications being written. */
unsigned gh_publisher_busy(const struct gh_publisher *p);
void gh_publisher_close(struct gh_publisher **p);
/** Let a submission's decisions out that can no longer be undone, and bring its outbox folder up to
 * date if it lags behind. Calling it often is fine. */
void gh_publish(struct gh_publisher *p, const struct gh_item *item);
/** Publish everything that lags behind: at start-up, after a failure, and when a freeze ends. */
void gh_publisher_recover(struct gh_publisher *p);
/** A person says that the clock is right: embargoes end by it. */
void gh_publisher_clock_is_right(struct gh_publisher *p);

#endif
