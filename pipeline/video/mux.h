/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An MP4 file written into a descriptor: moov first, no edit list, no metadata, no encoder strings,
 * colour tags in colr. One video stream, at most one of sound. Packets are in the file in the order
 * in which they are written.
 */
#ifndef GH_PIPELINE_VIDEO_MUX_H
#define GH_PIPELINE_VIDEO_MUX_H

#include "base/err.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

struct gh_mux;
/** Empty fd (borrowed) and begin. max: bytes the file may have, 0: any number. audio: NULL for
 * none. Time bases are those of the packets to come. *ret: gh_mux_free. GH_AGAIN: disk full. */
GH_MUST_USE int gh_mux_open(int fd, uint64_t max, const AVCodecParameters *video,
                            AVRational video_tb, const AVCodecParameters *audio,
                            AVRational audio_tb, struct gh_mux **ret, struct gh_err *err);
/** Write a packet and empty it. GH_LIMIT: the file gets larger than allowed. */
GH_MUST_USE int gh_mux_write(struct gh_mux *m, AVPacket *pkt, bool audio, struct gh_err *err);
/** Complete the file, whose size is *ret_bytes. */
GH_MUST_USE int gh_mux_finish(struct gh_mux *m, uint64_t *ret_bytes, struct gh_err *err);
void gh_mux_free(struct gh_mux **m);

#endif
