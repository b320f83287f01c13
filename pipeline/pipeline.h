/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the worker's child hands to the code that reads and makes media, once it is locked in: the
 * limits, where to report, and descriptors. All of it runs on hostile bytes inside the sandbox: no
 * file may be opened, no process started, no name used. Inputs are read with pread or through an
 * AVIOContext of our own; outputs are empty, seekable, read-write files.
 */
#ifndef GH_PIPELINE_PIPELINE_H
#define GH_PIPELINE_PIPELINE_H

#include "base/contract.h"

#include <stddef.h>

#define GH_SNIFF_BYTES 64 /* gh_sniff looks at no more */

/* A logo or label the parent sent (pipeline/photo/overlay.h reads it). */
struct gh_overlay_file {
    char id[65];
    int fd;
};

struct gh_ctx {
    struct gh_limits limits;
    /* encoder and decoder threads a video job may use */
    unsigned threads;
    /* also the heartbeat: call it at least every few seconds */
    void (*progress)(void *arg, unsigned permille);
    /* once for each encode, as soon as its file is complete */
    void (*result)(void *arg, const struct gh_result *result);
    /* What the source looked like in the part of it that a video was made of; before its result.
     * May be NULL. */
    void (*fingerprint)(void *arg, uint32_t index, const struct gh_fingerprint *fingerprint);
    /* What a probe of a video, deeper than its header, saw; NULL: not wanted. A render finds there
     * what the probe before it left. */
    struct gh_fingerprint *seen;
    /* videos: for each recipe a file that keeps its work, or -1; NULL: none */
    const int *journals;
    /* videos: for each recipe an encoder in another process, or NULL; NULL: none */
    struct gh_remote **remotes;
    /* videos: for each recipe empty files for what is made of its later pieces meanwhile, -1 after
     * the last; as many as the first has for all. NULL: none */
    const int (*shelves)[GH_JOB_SHELVES];
    struct gh_rect area; /* where a probe of depth PACKETS looks; empty: everywhere */
    /* videos: what the probe found, for every opening of the file (struct gh_probe) */
    uint32_t film_track, sound_track;
    int64_t lead_us;
    void *arg;
    const struct gh_overlay_file *overlays; /* n_overlays of them */
    unsigned n_overlays;
};

/** By magic bytes (n of them, GH_SNIFF_BYTES at most): GH_PHOTO, GH_VIDEO or GH_MEDIA_NONE;
 * ret_format as in gh_probe.format, "" for none. */
enum gh_media gh_sniff(const uint8_t *head, size_t n, char ret_format[16]);
/** GH_INPUT, always: say what fd holds, where it is a kind of file that is often sent and never
 * taken, and which other file a playlist asks for. */
GH_MUST_USE int gh_sniff_refuse(int fd, struct gh_err *err);

#endif
