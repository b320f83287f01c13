/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Landlock: rulesets that allow nothing but what is added to them, for every program of Ghat that
 * locks itself in. A thread that enters keeps its ruleset for good, and hands it to threads and
 * processes it starts. Class: GH_SYSTEM.
 */
#ifndef GH_BASE_LANDLOCK_H
#define GH_BASE_LANDLOCK_H

#include "base/err.h"

#include <stdint.h>

/** A ruleset that allows nothing; *ret_fd is the caller's. GH_SYSTEM: no Landlock here. */
GH_MUST_USE int gh_landlock_prepare(int *ret_fd, unsigned *ret_abi, struct gh_err *err);
/** The same for what connects out: it may do that, and nothing else. */
GH_MUST_USE int gh_landlock_prepare_out(int *ret_fd, unsigned *ret_abi, struct gh_err *err);
/** Allow these rights on path and what is beneath it; a path that does not exist is ignored. abi:
 * as gh_landlock_prepare returned it. */
GH_MUST_USE int gh_landlock_allow(int ruleset, unsigned abi, const char *path, uint64_t rights,
                                  struct gh_err *err);
/** From here on the calling thread has no other rights. It must have no_new_privs. */
GH_MUST_USE int gh_landlock_enter(int ruleset, struct gh_err *err);

#endif
