/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cleaning up after ourselves: files in .taken/ whose bytes are safe elsewhere, spooled originals nobody refers to. In
 * slices, now and then, and never by name alone: the ledger is asked about each.
 */
#ifndef GH_DAEMON_SWEEP_H
#define GH_DAEMON_SWEEP_H

#include "daemon/daemon.h"

struct gh_sweep;
struct gh_sweep *gh_sweep_open(struct gh_daemon *d);
/** The next round begins at once. */
void gh_sweep_now(struct gh_sweep *s);
void gh_sweep_close(struct gh_sweep **s);

/** What became of a file in .taken/. */
enum gh_swept {
    GH_SWEPT_KEPT,    /* too young, or unknown to the ledger */
    GH_SWEPT_REMOVED, /* safe in the spool: removed */
    GH_SWEPT_BACK,    /* written to after it was taken: given back to its department, a new drop */
};
/** Look at one. old: it may be removed. */
enum gh_swept gh_sweep_taken(struct gh_daemon *d, const char *name, bool old);
/** A spooled original that no file in the ledger has and that is older than any copy under way could be: removed, true.
 */
bool gh_sweep_spooled(struct gh_daemon *d, const char *name, int64_t now_ms);

#endif
