/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keeps ghat-post in. Class: GH_SYSTEM. */
#ifndef GH_POST_WALLS_H
#define GH_POST_WALLS_H

#include "base/err.h"

#include <stdbool.h>

/** Enter, before the first thread is made. ca: a file of certificates that is read, too; NULL none.
 * seccomp_only: a kernel without Landlock is acceptable. */
GH_MUST_USE int gh_post_walls_enter(const char *ca, bool seccomp_only, struct gh_err *err);
/** Try what must fail. */
GH_MUST_USE int gh_post_walls_selftest(bool seccomp_only, struct gh_err *err);

#endif
