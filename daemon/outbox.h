/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The outbox: what is approved, and nothing else.
 * outbox/<day>/<department>-<id>/<placement>/<department>-<id>-<placement>-<sha8>.<ext>, then caption.txt, SHA256SUMS,
 * manifest.json, the manifest last and by rename. Names are a function of the ledger, so doing it again changes
 * nothing: a publication cut off anywhere is simply repeated. Class: GH_BUG when a file there, or the staged one, is
 * not what was approved (alarm, nothing is overwritten), GH_AGAIN for a full disk, GH_SYSTEM.
 */
#ifndef GH_DAEMON_OUTBOX_H
#define GH_DAEMON_OUTBOX_H

#include "daemon/department.h"
#include "daemon/ledger.h"
#include "daemon/profile.h"

struct gh_daemon;
struct gh_str;
typedef struct json_t json_t;

/**
 * Make the outbox folder of this item what its decisions say: add approved files, take withdrawn ones away, replace the
 * three texts. manifest is the text of manifest.json. Safe in a pool thread. Descriptors are borrowed.
 */
GH_MUST_USE int gh_outbox_write(int staging, int outbox, const struct gh_item *item, const char *manifest,
                                struct gh_err *err);
/** "2026-11-23/roads-12": where an item lies below outbox/. */
void gh_outbox_folder(const struct gh_submission *sub, char *ret, size_t size);
/** "<placement>/roads-12-<placement>-0a1b2c3d.jpg" below that. */
void gh_outbox_path(const struct gh_submission *sub, const struct gh_rendition *r, char *ret, size_t size);
/** Is it in the outbox, or going to be? */
bool gh_outbox_has(const struct gh_rendition *r);

/** manifest.json of an item (new reference). department and profiles may be NULL. */
json_t *gh_manifest(const struct gh_item *item, const struct gh_department *department,
                    const struct gh_profiles *profiles, int64_t now_ms);

/**
 * Bring a submission's outbox folder up to date if it lags behind its decisions: written in a pool thread, approved →
 * published when that is durable. Calling it often is fine. For the touched hook; failures are logged and tried again
 * by gh_outbox_recover.
 */
void gh_outbox_publish(struct gh_daemon *d, int64_t submission);
/** All that lags behind: at start-up, and now and then. */
void gh_outbox_recover(struct gh_daemon *d);
/** Publications being written: wait for 0 before closing the directories. */
unsigned gh_outbox_busy(void);

#endif
