/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the worker's child does once it is locked in: probe a descriptor, render recipes into descriptors. Everything
 * here runs on hostile bytes inside the sandbox: no file may be opened, no process started, no name used. Input
 * descriptors are read with pread or through an AVIOContext of our own; outputs are empty, seekable, read-write files.
 */
#ifndef GH_PIPELINE_PIPELINE_H
#define GH_PIPELINE_PIPELINE_H

#include "base/job.h"

#include <stddef.h>

/* A logo or label the parent sent (pipeline/overlay.h reads it). */
struct gh_overlay_file {
    char id[65];
    int fd;
};

struct gh_ctx {
    struct gh_limits limits;
    unsigned threads;                               /* encoder and decoder threads a video job may use */
    void (*progress)(void *arg, unsigned permille); /* also the heartbeat: call it at least every few seconds */
    void (*result)(void *arg,
                   const struct gh_result *result); /* once for each encode, as soon as its file is complete */
    /** What the source looked like in the part of it that a video was made of; before its result. May be NULL. */
    void (*look)(void *arg, uint32_t index, const struct gh_look *look);
    /* What a probe of a video, deeper than its header, saw; NULL: not wanted. A render finds there what the probe
     * before it left. */
    struct gh_look *seen;
    const int *journals;        /* videos: for each recipe a file that keeps its work, or -1; NULL: none */
    struct gh_remote **remotes; /* videos: for each recipe an encoder in another process, or NULL; NULL: none */
    /* videos: for each recipe empty files for what is made of its later pieces meanwhile, -1 after the last; as many as
     * the first has for all. NULL: none */
    const int (*shelves)[GH_JOB_SHELVES];
    struct gh_rect area; /* where a probe of depth PACKETS looks; empty: everywhere */
    void *arg;
    const struct gh_overlay_file *overlays; /* n_overlays of them */
    unsigned n_overlays;
};

/* -- called in the nursery, before any fork: load, register, look up; never decode a pixel, never start a thread -- */
GH_MUST_USE int gh_photo_warm(struct gh_err *err);
GH_MUST_USE int gh_video_warm(struct gh_err *err);

/** Tell what the bytes are, by content alone: photo first, then video. GH_INPUT: unknown or damaged; GH_LIMIT: names
 * the limit. */
GH_MUST_USE int gh_probe_media(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth, struct gh_probe *ret,
                               struct gh_err *err);
/** By magic bytes (at most 64 of them, n given): GH_PHOTO, GH_VIDEO or GH_MEDIA_NONE; ret_format as in gh_probe.format.
 */
enum gh_media gh_sniff(const uint8_t *head, size_t n, char ret_format[16]);

GH_MUST_USE int gh_photo_probe(const struct gh_ctx *ctx, int fd, const char *format, enum gh_probe_depth depth,
                               struct gh_probe *ret, struct gh_err *err);
GH_MUST_USE int gh_video_probe(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth, struct gh_probe *ret,
                               struct gh_err *err);

/**
 * Decode once, make every recipe, report each through ctx->result. out_fds[i] belongs to recipes[i]; all stay the
 * caller's. Fails as a whole only when the input cannot be decoded; one recipe that cannot be met is a result with its
 * class.
 */
GH_MUST_USE int gh_photo_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                                const struct gh_recipe *recipes, const int *out_fds, size_t n, struct gh_err *err);
GH_MUST_USE int gh_video_render(const struct gh_ctx *ctx, int in_fd, const struct gh_probe *probe,
                                const struct gh_recipe *recipes, const int *out_fds, size_t n, struct gh_err *err);

/* A decoded picture handed from the video side to the photo side for recipes with media GH_PHOTO. frame: upright 8-bit
 * YUV of any subsampling (AVFrame, borrowed), its colour tags set; recipe->pic applies to it. */
struct AVFrame;
GH_MUST_USE int gh_photo_from_frame(const struct gh_ctx *ctx, const struct AVFrame *frame,
                                    const struct gh_recipe *recipe, int out_fd, struct gh_result *ret,
                                    struct gh_err *err);

#endif
