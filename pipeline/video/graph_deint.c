/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interlaced to progressive by libavfilter's bwdif, in a filter graph that is made for the size and
 * format of the first frame. Classes: GH_INPUT, GH_SYSTEM, GH_CONFIG.
 */
#include "pipeline/video/graph.h"

#include "base/str.h"
#include "pipeline/input/in.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

struct gh_deint {
    AVFilterGraph *graph;
    AVFilterContext *in, *out;
    AVRational time_base; /* of frames that go in and come out */
    int64_t duration; /* of the last one that went in: versions of FFmpeg change it differently */
    int w, h, format;
    bool ended;
};

int gh_deint_warm(struct gh_err *err)
{
    static const char *const names[] = {"buffer", "bwdif", "buffersink"};
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (!avfilter_get_by_name(names[i]))
            return gh_fail(err, GH_CONFIG, "this FFmpeg has no filter \"%s\"", names[i]);
    return 0;
}

int gh_deint_new(const AVFrame *first, AVRational tb, unsigned threads, struct gh_deint **ret,
                 struct gh_err *err)
{
    GH_AUTO(gh_deint_free) struct gh_deint *d = gh_alloc(sizeof(*d));
    d->graph = avfilter_graph_alloc();
    if (!d->graph)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    d->graph->nb_threads = (int)threads;
    d->time_base = tb;
    d->w = first->width;
    d->h = first->height;
    d->format = first->format;
    char args[128];
    snprintf(args, sizeof(args), "video_size=%dx%d:pix_fmt=%d:time_base=%d/%d", d->w, d->h,
             d->format, tb.num, tb.den);
    AVFilterContext *bwdif = NULL;
    int r = avfilter_graph_create_filter(&d->in, avfilter_get_by_name("buffer"), "in", args, NULL,
                                         d->graph);
    if (r >= 0) /* frames that are marked as progressive pass unchanged */
        r = avfilter_graph_create_filter(&bwdif, avfilter_get_by_name("bwdif"), "bwdif",
                                         "mode=send_frame:deint=interlaced", NULL, d->graph);
    if (r >= 0)
        r = avfilter_graph_create_filter(&d->out, avfilter_get_by_name("buffersink"), "out", NULL,
                                         NULL, d->graph);
    if (r >= 0)
        r = avfilter_link(d->in, 0, bwdif, 0);
    if (r >= 0)
        r = avfilter_link(bwdif, 0, d->out, 0);
    if (r >= 0)
        r = avfilter_graph_config(d->graph, NULL);
    if (r < 0)
        return gh_fail_av(err, GH_INPUT, r, "the interlaced picture cannot be made progressive");
    *ret = gh_steal(&d);
    return 0;
}

void gh_deint_free(struct gh_deint **d)
{
    if (!*d)
        return;
    avfilter_graph_free(&(*d)->graph);
    free(*d);
    *d = NULL;
}

int gh_deint_push(struct gh_deint *d, const AVFrame *frame, struct gh_err *err)
{
    if (d->ended)
        return 0;
    d->ended = !frame;
    if (frame && (frame->width != d->w || frame->height != d->h || frame->format != d->format))
        return gh_fail(err, GH_INPUT, "the size of the interlaced picture changes in the middle");
    if (frame)
        d->duration = gh_frame_duration(frame);
    AVFrame *ref = frame ? av_frame_clone(frame) : NULL;
    int r = av_buffersrc_add_frame(d->in, ref);
    av_frame_free(&ref);
    return r < 0 ? gh_fail_av(err, GH_INPUT, r, "the interlaced picture cannot be made progressive")
                 : 0;
}

int gh_deint_pull(struct gh_deint *d, AVFrame *frame, struct gh_err *err)
{
    int r = av_buffersink_get_frame(d->out, frame);
    if (r == AVERROR(EAGAIN) || r == AVERROR_EOF)
        return 0;
    if (r < 0)
        return gh_fail_av(err, GH_INPUT, r, "the interlaced picture cannot be made progressive");
    /* bwdif halves the time base in every mode */
    AVRational own = av_buffersink_get_time_base(d->out);
    frame->pts = av_rescale_q(frame->pts, own, d->time_base);
    gh_frame_duration(frame) = d->duration;
    return 1;
}
