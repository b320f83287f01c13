/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sweep: once an hour, in small steps, it removes files in .taken/ whose bytes are safe
 * elsewhere, originals in the spool that no submission needs, what attempts left in staging/.work/,
 * previews of what is gone, old notes, and what was kept long enough (retention.h). Nothing is
 * removed for its name alone: the ledger is asked about each file.
 */
#ifndef GH_DAEMON_UPKEEP_SWEEP_H
#define GH_DAEMON_UPKEEP_SWEEP_H

#include "daemon/intake/intake.h"
#include "daemon/publish/notes.h"
#include "daemon/upkeep/clock_trust.h"

struct gh_sweep;

/* What the sweep uses; all of it is borrowed until gh_sweep_close. */
struct gh_sweep_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    struct gh_notes *notes;
    struct gh_intake *intake;
    struct gh_clock_trust *clock;
};

/** Also finishes what retention had announced when an earlier ghatd ended. */
struct gh_sweep *gh_sweep_open(const struct gh_sweep_parts *parts);
/** No further step begins. */
void gh_sweep_stop(struct gh_sweep *s);
/** The next step, and with it the next round, begins at once. */
void gh_sweep_now(struct gh_sweep *s);
void gh_sweep_close(struct gh_sweep **s);

/** Remove an original from the spool if no file in the ledger has it and it is older than any copy
 * under way could be. Returns whether it was removed. */
bool gh_sweep_spooled(const struct gh_sweep_parts *p, const char *name, int64_t now_ms);

#endif
