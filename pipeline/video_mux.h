/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An MP4 file written into a descriptor: moov first, no edit list, no metadata, no encoder strings, colour tags in
 * colr. One video stream, at most one of sound. Callers write packets in the order they shall lie in the file.
 */
#ifndef GH_PIPELINE_VIDEO_MUX_H
#define GH_PIPELINE_VIDEO_MUX_H

#include "base/err.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

struct gh_mux {
    AVFormatContext *fmt;
    AVIOContext *io;
    AVStream *video, *audio;       /* audio NULL: none */
    AVRational video_tb, audio_tb; /* of the packets that come in */
    int fd;
    bool started;
    uint64_t bytes; /* of packets written */
};

/** fd (borrowed) is emptied. max: bytes the file may reach, 0 any. audio may be NULL. GH_AGAIN when the disk is full.
 */
GH_MUST_USE int gh_mux_open(int fd, uint64_t max, const AVCodecParameters *video, AVRational video_tb,
                            const AVCodecParameters *audio, AVRational audio_tb, struct gh_mux **ret,
                            struct gh_err *err);
/** pkt's contents are taken. GH_LIMIT when the file gets larger than allowed. */
GH_MUST_USE int gh_mux_write(struct gh_mux *m, AVPacket *pkt, bool audio, struct gh_err *err);
/** Complete the file. *ret_bytes: its size. */
GH_MUST_USE int gh_mux_finish(struct gh_mux *m, uint64_t *ret_bytes, struct gh_err *err);
void gh_mux_free(struct gh_mux **m);

#endif
