/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job in one locked-in process: the child's side of the conversation in base/contract.h. */
#ifndef GH_PIPELINE_CHILD_CHILD_H
#define GH_PIPELINE_CHILD_CHILD_H

#include "base/contract.h"

/** Send READY on GH_CHILD_SOCK, then probe and render as requested. Never returns; the exit status
 * is 0 or GH_JOB_EXIT_BUG. */
_Noreturn void gh_child_run(const struct gh_fork *fork);

#endif
