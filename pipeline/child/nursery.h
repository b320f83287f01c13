/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nursery: the process that has every library loaded, has read no untrusted byte, has one
 * thread, and forks a child for each job. It talks to its parent only (base/contract.h) and ends
 * when its parent does.
 */
#ifndef GH_PIPELINE_CHILD_NURSERY_H
#define GH_PIPELINE_CHILD_NURSERY_H

#include "base/err.h"

#include <stdbool.h>

/** Serve the socket until the parent closes it; returns the process's exit status. */
int gh_nursery_run(int sock, bool seccomp_only);

#endif
