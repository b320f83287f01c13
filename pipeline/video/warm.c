/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the nursery does for videos before it forks: every demuxer, codec and filter is looked up,
 * so that one that is missing is found at the start; nothing is opened, no thread is started.
 */
#include "pipeline/video/encode.h"
#include "pipeline/video/graph.h"
#include "pipeline/video/video.h"

#include <libavutil/cpu.h>
#include <libavutil/mem.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#define MOST_BYTES (512u << 20) /* of a single allocation by the libraries */

int gh_video_warm(struct gh_err *err)
{
    gh_av_count_complaints();
    av_max_alloc(MOST_BYTES);
    av_get_cpu_flags();
    swscale_version();
    swresample_version();
    TRY(gh_vin_warm(err));
    TRY(gh_deint_warm(err));
    return gh_venc_warm(err);
}
