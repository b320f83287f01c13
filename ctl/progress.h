/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A progress bar on a terminal, on standard error. */
#ifndef GH_CTL_PROGRESS_H
#define GH_CTL_PROGRESS_H

#include <stddef.h>

struct gh_progress_bar;
/** The caller's; NULL when standard error is no terminal: every function takes NULL. */
struct gh_progress_bar *gh_bar_new(void);
/** Takes the bar off the screen, too. */
void gh_bar_free(struct gh_progress_bar **bar);
/** Draw, at most ten times a second. done: the share of all work, 0 to 1; ended: files done of n.
 */
void gh_bar_draw(struct gh_progress_bar *bar, double done, size_t ended, size_t n);
/** Take the bar off the screen, before a line is printed. */
void gh_bar_clear(struct gh_progress_bar *bar);

#endif
