/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signs of life of threads that do long work. What reads, writes or hashes many bytes says at each
 * piece that it got on; whoever made the thread can then tell long work from work that is stuck.
 */
#ifndef GH_BASE_ALIVE_H
#define GH_BASE_ALIVE_H

#include <stdatomic.h>
#include <stdint.h>

/** From now on gh_alive() in this thread writes the monotonic time (milliseconds) to *slot, which
 * is the caller's and outlives the thread or the next call. NULL: nowhere, as at first. */
void gh_alive_in(_Atomic int64_t *slot);
/** This thread got on with its work. Cheap; does nothing in a thread that nobody watches. */
void gh_alive(void);

#endif
