/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Previews (base/preview.h) in their folder, staging/.preview/, and how long they are kept there.
 */
#ifndef GH_DAEMON_STORE_PREVIEW_H
#define GH_DAEMON_STORE_PREVIEW_H

#include "base/err.h"
#include "base/preview.h"

#define GH_PREVIEW_FILES_MAX 20000
#define GH_PREVIEW_BYTES_MAX (1000ull * 1000 * 1000)

/** Give the unnamed file fd that name in dir, whole or not at all; any thread. GH_AGAIN: the disk
 * is full. */
GH_MUST_USE int gh_preview_keep(int dir, int fd, const char *name, struct gh_err *err);
/**
 * How old the oldest preview may be from now on, milliseconds, when there are so many and they were
 * allowed keep_ms (INT64_MAX: any age): half of that while there are too many, and any age again
 * once there are few.
 */
int64_t gh_preview_keep_ms(unsigned files, uint64_t bytes, int64_t keep_ms);

#endif
