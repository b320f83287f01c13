/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For harnesses that do with any bytes what a worker's child does with a dropped file: the same
 * functions, the same allow-lists, small limits. What the parent checks of a child's reports is
 * checked here, so that a report the parent would call a lie is found as well.
 */
#ifndef GH_TESTS_WORKER_FUZZ_H
#define GH_TESTS_WORKER_FUZZ_H

#include "base/str.h"
#include "pipeline/child/media.h"
#include "pipeline/photo/photo.h"
#include "pipeline/video/video.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint32_t fuzz_encodes;

static void fuzz_result(void *arg, const struct gh_result *result)
{
    struct gh_err err;
    (void)arg;
    if (gh_result_check(result, fuzz_encodes, &err) < 0) {
        dprintf(STDERR_FILENO, "result: %s\n", err.msg);
        __builtin_trap();
    }
}

static void fuzz_progress(void *arg, unsigned permille)
{
    (void)arg;
    if (permille > 1000)
        __builtin_trap();
}

static GLogWriterOutput fuzz_quiet(GLogLevelFlags level, const GLogField *fields, gsize n,
                                   gpointer arg)
{
    (void)level, (void)fields, (void)n, (void)arg;
    return G_LOG_WRITER_HANDLED;
}

static inline struct gh_ctx fuzz_context(void)
{
    return (struct gh_ctx){.threads = 1,
                           .progress = fuzz_progress,
                           .result = fuzz_result,
                           .limits = {.jpeg_pixels = 4 << 20,
                                      .photo_pixels = 1 << 20,
                                      .video_pixels = 512 * 512,
                                      .input_bytes = 4 << 20,
                                      .output_bytes = 4 << 20,
                                      .duration_us = 60 * 1000000,
                                      .frames = 100,
                                      .streams = 16}};
}

static inline void fuzz_warm(void)
{
    static bool warm;
    struct gh_err err = {0};
    if (warm)
        return;
    g_log_set_writer_func(fuzz_quiet, NULL, NULL);
    if (gh_photo_warm(&err) < 0 || gh_video_warm(&err) < 0) {
        dprintf(STDERR_FILENO, "%s\n", err.msg);
        __builtin_trap();
    }
    warm = true;
}

/* One of two files in memory, holding these bytes. */
static inline int fuzz_file(unsigned which, const uint8_t *data, size_t size)
{
    static int fds[2] = {-1, -1};
    if (fds[which] < 0)
        fds[which] = memfd_create("fuzz", MFD_CLOEXEC);
    if (ftruncate(fds[which], 0) < 0 ||
        (size && pwrite(fds[which], data, size, 0) != (ssize_t)size))
        __builtin_trap();
    return fds[which];
}

/* True when the probe succeeded; what it says is in range, as it must be. */
static inline bool fuzz_probe(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                              struct gh_probe *ret)
{
    struct gh_err err = {0};
    if (gh_probe_media(ctx, fd, depth, ret, &err) < 0) {
        if (err.cls == GH_OK || err.cls == GH_BUG || err.cls == GH_CONFIG ||
            !gh_utf8_valid(err.msg, strlen(err.msg)))
            __builtin_trap();
        return false;
    }
    if (gh_probe_check(ret, &err) < 0) {
        dprintf(STDERR_FILENO, "probe: %s\n", err.msg);
        __builtin_trap();
    }
    return true;
}

static inline struct gh_pic fuzz_pic(const struct gh_probe *p, uint32_t w, uint32_t h)
{
    return (struct gh_pic){.media = p->media,
                           .align = p->media == GH_VIDEO ? 2 : 1,
                           .orient = p->orient,
                           .src_w = p->w,
                           .src_h = p->h,
                           .crop = {0, 0, p->w, p->h},
                           .content_w = w,
                           .content_h = h,
                           .canvas_w = w,
                           .canvas_h = h,
                           .background = 0xffffff};
}

#endif
