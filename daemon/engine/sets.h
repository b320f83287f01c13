/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What jobs are planned and made with, as one reading of the settings found it: the set of profiles
 * and the set of overlays. Counted: whoever keeps a pointer has a reference, and every job has one
 * until it is freed, so a set that settings have replaced ends with its last job. One thread only.
 */
#ifndef GH_DAEMON_ENGINE_SETS_H
#define GH_DAEMON_ENGINE_SETS_H

#include "daemon/engine/overlays.h"
#include "daemon/plan/profile.h"

/* Not changed any more once a job has it. */
struct gh_sets {
    struct gh_profiles profiles;
    struct gh_overlays overlays;
    unsigned refs;
};

/** Empty; the caller has the only reference. */
struct gh_sets *gh_sets_new(void);
/** One more reference; returns sets. NULL is fine. */
struct gh_sets *gh_sets_ref(struct gh_sets *sets);
/** Give a reference back; *sets becomes NULL. NULL is fine. */
void gh_sets_unref(struct gh_sets **sets);

#endif
