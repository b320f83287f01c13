/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Constant frame rate from any time stamps: the latest picture is held until the next one tells for
 * how many output pictures it is the nearest. Classes: GH_SYSTEM, and those of the callback.
 */
#include "pipeline/video/graph.h"

#include "base/str.h"

/* Source time at which output picture n is shown. */
static int64_t due_us(const struct gh_cfr *c, int64_t n)
{
    return c->start_us + av_rescale(n, (int64_t)c->fps.den * 1000000, c->fps.num);
}

/* Call fn with the held picture for every output picture that is due before until. */
static int emit_held(struct gh_cfr *c, int64_t until, gh_cfr_fn *fn, void *arg, struct gh_err *err)
{
    bool repeat = false;
    for (; due_us(c, c->n) < until && due_us(c, c->n) < c->end_us; c->n++) {
        TRY(fn(arg, c->held, c->n, repeat, err));
        repeat = true;
    }
    return 0;
}

int gh_cfr_push(struct gh_cfr *c, const AVFrame *frame, int64_t at_us, int64_t end_us,
                gh_cfr_fn *fn, void *arg, struct gh_err *err)
{
    /* a time stamp that goes back: of two pictures at one moment the later is shown */
    if (c->held && at_us <= c->held_us)
        at_us = c->held_us;
    if (c->held)
        TRY(emit_held(c, c->held_us + (at_us - c->held_us + 1) / 2, fn, arg, err));
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
    /* An output picture counts when at least half of its time lies before the end. */
    int64_t half = av_rescale(500000, c->fps.den, c->fps.num);
    int64_t until = GH_MAX(c->held_end_us - half + 1, c->n == 0 ? due_us(c, 0) + 1 : 0);
    return emit_held(c, until, fn, arg, err);
}

void gh_cfr_free(struct gh_cfr *c)
{
    av_frame_free(&c->held);
}
