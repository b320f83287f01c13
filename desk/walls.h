/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What ghat-desk gives up before its first thread: every file, every program, every socket but
 * AF_UNIX streams, every other process. Threads started afterwards inherit it.
 */
#ifndef GH_DESK_WALLS_H
#define GH_DESK_WALLS_H

#include "base/err.h"
#include "base/str.h"

/** Lock the calling process in; it must have one thread. seccomp_only: the administrator accepts a
 * kernel without Landlock. GH_SYSTEM. */
GH_MUST_USE int gh_walls_enter(bool seccomp_only, struct gh_err *err);
/** Try each forbidden act from the calling thread. Writes "held", or the first act that was
 * possible. Writes "held" in builds with a sanitizer as well, which cannot be locked in. */
void gh_walls_selftest(struct gh_str *out);

#endif
