/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constant frame rate out of any time stamps. */
#include "pipeline/graph.h"

#include "base/str.h"

/* Time of output picture n, from the window's start. */
static int64_t due(const struct gh_cfr *c, int64_t n)
{
    return c->start_us + av_rescale(n, (int64_t)c->fps.den * 1000000, c->fps.num);
}

/* Show the held picture for every output time up to (not including) until. */
static int emit(struct gh_cfr *c, int64_t until, gh_cfr_fn *fn, void *arg, struct gh_err *err)
{
    bool repeat = false;
    for (; due(c, c->n) < until && due(c, c->n) < c->end_us; c->n++) {
        TRY(fn(arg, c->held, c->n, repeat, err));
        repeat = true;
    }
    return 0;
}

int gh_cfr_push(struct gh_cfr *c, const AVFrame *frame, int64_t at_us, int64_t end_us, gh_cfr_fn *fn, void *arg,
                struct gh_err *err)
{
    if (c->held && at_us <= c->held_us) /* time does not go back: the later picture wins the moment */
        at_us = c->held_us;
    if (c->held)
        TRY(emit(c, c->held_us + (at_us - c->held_us + 1) / 2, fn, arg, err));
    av_frame_free(&c->held);
    c->held = av_frame_clone(frame);
    if (!c->held)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    c->held_us = at_us;
    c->held_end_us = GH_MAX(end_us, at_us + 1);
    return 0;
}

int gh_cfr_end(struct gh_cfr *c, gh_cfr_fn *fn, void *arg, struct gh_err *err)
{
    if (!c->held)
        return 0;
    /* A last picture whose end falls within half an output picture counts whole. */
    int64_t half = av_rescale(500000, c->fps.den, c->fps.num);
    int64_t until = GH_MAX(c->held_end_us - half + 1, c->n == 0 ? due(c, 0) + 1 : 0);
    return emit(c, until, fn, arg, err);
}

void gh_cfr_free(struct gh_cfr *c)
{
    av_frame_free(&c->held);
}
