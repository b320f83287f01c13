/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the libraries of FFmpeg complain about, counted. Their messages are about the input, so none
 * is printed; but concealed pictures, and a demuxer that had to search for its place again, are
 * reported nowhere else. Counters of the process, written from any thread.
 */
#include "pipeline/input/in.h"

#include <libavutil/log.h>
#include <string.h>

static _Atomic unsigned complaints, concealments, pixels, streams;

unsigned gh_av_complaints(void)
{
    return complaints;
}

unsigned gh_av_concealed(void)
{
    return concealments;
}

unsigned gh_av_too_large(void)
{
    return pixels;
}

unsigned gh_av_too_many_streams(void)
{
    return streams;
}

static void count_complaint(void *avcl, int level, const char *fmt, va_list ap)
{
    (void)avcl;
    (void)ap;
    /* With several threads a concealed picture may be delivered before it is marked as one; this
     * message comes for each. */
    bool concealed = level == AV_LOG_INFO && strstr(fmt, "concealing ");
    if (level < 0 || (level > AV_LOG_ERROR && !concealed))
        return;
    complaints++;
    concealments += concealed;
    /* A limit of ours that is exceeded returns the same error code as any damage. */
    pixels += strstr(fmt, "exceeds specified max pixel count") != NULL;
    streams += strstr(fmt, "exceeds max_streams") != NULL;
}

void gh_av_count_complaints(void)
{
    av_log_set_callback(count_complaint);
}
