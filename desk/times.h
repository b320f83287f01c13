/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long answers take, counted here and told to ghatd, which tells whoever monitors. */
#ifndef GH_DESK_TIMES_H
#define GH_DESK_TIMES_H

#include "desk/desk.h"

#include <stdint.h>

/** A request was there whole, and its answer was made so many microseconds later. From any thread.
 */
void gh_times_add(const struct gh_req *q, int64_t us);
/** Tell ghatd, if anything was asked for since it was told last. One thread. */
void gh_times_tell(const struct gh_desk *desk);

#endif
