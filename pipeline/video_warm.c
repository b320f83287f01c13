/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the nursery does for videos before it forks: everything is looked up, nothing is opened, no thread is started.
 */
#include "pipeline/graph.h"
#include "pipeline/video_enc.h"

#include <libavutil/cpu.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
#include <string.h>

#define MOST_BYTES (512u << 20) /* of a single allocation by the libraries */

static _Atomic unsigned complaints, pixels, streams;

unsigned gh_av_complaints(void)
{
    return complaints;
}

unsigned gh_av_too_large(void)
{
    return pixels;
}

unsigned gh_av_too_many_streams(void)
{
    return streams;
}

/* The libraries' messages are about the input; none belongs on a descriptor. That there were errors is worth knowing:
   concealed pictures and a demuxer that had to search for its place again are told of nowhere else. */
static void quiet(void *avcl, int level, const char *fmt, va_list ap)
{
    (void)avcl;
    (void)ap;
    /* With several threads a concealed picture may be handed out before it is marked as one; this is said for each. */
    bool concealed = level == AV_LOG_INFO && strstr(fmt, "concealing ");
    if (level < 0 || (level > AV_LOG_ERROR && !concealed))
        return;
    complaints++;
    /* Their return value for a limit of ours is that for any damage. */
    pixels += strstr(fmt, "exceeds specified max pixel count") != NULL;
    streams += strstr(fmt, "exceeds max_streams") != NULL;
}

int gh_video_warm(struct gh_err *err)
{
    av_log_set_callback(quiet);
    av_max_alloc(MOST_BYTES);
    av_get_cpu_flags();
    swscale_version();
    swresample_version();
    TRY(gh_vin_warm(err));
    TRY(gh_deint_warm(err));
    return gh_venc_warm(err);
}
