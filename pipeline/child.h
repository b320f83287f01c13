/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One job in one locked-in process: the child's side of the conversation in base/job.h. */
#ifndef GH_PIPELINE_CHILD_H
#define GH_PIPELINE_CHILD_H

#include "base/job.h"

/** Say READY on GH_CHILD_SOCK, then probe and render as told. Never returns; the exit status is 0 unless the parent
 * erred. */
_Noreturn void gh_child_run(const struct gh_fork *fork);

#endif
