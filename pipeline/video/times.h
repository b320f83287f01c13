/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the times of pictures and sound: how long a film is, and how fast its moving
 * parts are. Pure. */
#ifndef GH_PIPELINE_VIDEO_TIMES_H
#define GH_PIPELINE_VIDEO_TIMES_H

#include "pipeline/input/in.h"

/**
 * The rate of the moving parts: how fast pictures follow each other where they follow each other
 * fastest, without the pauses. pts: n times in ascending order, in tb, borrowed. {0, 0}: fewer than
 * two moments.
 */
struct gh_rational gh_times_moving(const int64_t *pts, size_t n, AVRational tb);
/** Fill what *p says of the film's length, and of its sound. sound: NULL when there is none. */
void gh_times_film(struct gh_probe *p, const struct gh_span *picture, const struct gh_span *sound);

#endif
