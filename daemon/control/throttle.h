/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long somebody who was wrong must wait: by keys (a name, an address), kept in memory, of
 * bounded size. Times are of the monotonic clock, milliseconds.
 */
#ifndef GH_DAEMON_CONTROL_THROTTLE_H
#define GH_DAEMON_CONTROL_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#define GH_THROTTLE_FIRST_MS 1000
#define GH_THROTTLE_MOST_MS ((int64_t)15 * 60 * 1000)

struct gh_throttle;
/** Never NULL. */
struct gh_throttle *gh_throttle_new(void);
void gh_throttle_free(struct gh_throttle **t);
/** How long to wait before the next try, 0: none. */
int64_t gh_throttle_wait(const struct gh_throttle *t, const char *key, int64_t now_ms);
/** Another failure: the first `free` cost nothing, the next one GH_THROTTLE_FIRST_MS, and each
 * further one twice as much, up to GH_THROTTLE_MOST_MS. After an hour without one it is forgotten.
 * Returns true where this is the first that makes wait. */
bool gh_throttle_failed(struct gh_throttle *t, const char *key, unsigned free, int64_t now_ms);
/** It was right. */
void gh_throttle_passed(struct gh_throttle *t, const char *key);

#endif
