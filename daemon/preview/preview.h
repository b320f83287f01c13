/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Previews: small pictures of outputs and originals, kept in staging/.preview/ under the SHA-256 of
 * what they show, so that equal bytes share them and none can be shown for others. Made by the
 * worker, beside all other work: at once when somebody asks, and ahead, once somebody has asked
 * since ghatd started, of what is staged while the engine has nothing to do. Runs in the loop's
 * thread and never waits there.
 */
#ifndef GH_DAEMON_PREVIEW_PREVIEW_H
#define GH_DAEMON_PREVIEW_PREVIEW_H

#include "base/preview.h"
#include "daemon/engine/engine.h"
#include "daemon/ledger/ledger.h"
#include "daemon/site/settings.h"
#include "daemon/store/space.h"

struct gh_previews;

/* What it uses; borrowed until gh_previews_close. */
struct gh_previews_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    struct gh_space *space;
    struct gh_engine *engine;
};

struct gh_previews *gh_previews_open(const struct gh_previews_parts *parts);
/** Cancel what is being made; the caller runs the loop until gh_previews_busy is false, closes the
 * engine, then closes. */
void gh_previews_stop(struct gh_previews *p);
bool gh_previews_busy(const struct gh_previews *p);
void gh_previews_close(struct gh_previews **p);

/** A submission changed: what is staged of it may be looked at soon. */
void gh_previews_touch(struct gh_previews *p, int64_t submission);

/**
 * A preview of the bytes at dirfd/path, whose SHA-256 this is. Returns 1 with *ret_fd, which is the
 * caller's, or 0: it is being made from now on, ask again. GH_LIMIT: none can be made, and why, in
 * words for people. GH_AGAIN: too many are being made, or the disk is full.
 */
GH_MUST_USE int gh_previews_get(struct gh_previews *p, const char *sha256, int dirfd,
                                const char *path, enum gh_preview which, int *ret_fd,
                                struct gh_err *err);

#endif
