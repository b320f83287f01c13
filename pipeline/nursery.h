/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nursery: the process that has every library loaded, has seen no untrusted byte, has one thread, and forks a child
 * for each job. It talks to its parent only (base/job.h) and ends with it.
 */
#ifndef GH_PIPELINE_NURSERY_H
#define GH_PIPELINE_NURSERY_H

#include "base/err.h"

#include <stdbool.h>

/** Serve the socket until the parent closes it; returns the process's exit status. */
int gh_nursery_run(int sock, bool seccomp_only);

#endif
