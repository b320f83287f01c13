/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the nursery does for videos before it forks: everything is looked up, nothing is opened, no thread is started. */
#include "pipeline/graph.h"
#include "pipeline/video_enc.h"

#include <libavutil/cpu.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libswscale/swscale.h>
#include <libswresample/swresample.h>

#define MOST_BYTES (512u << 20) /* of a single allocation by the libraries */

/* Their complaints are about the input, and come back as errors; none belongs on a descriptor. */
static void quiet(void *avcl, int level, const char *fmt, va_list ap)
{
    (void)avcl;
    (void)level;
    (void)fmt;
    (void)ap;
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
