/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What turns pictures into H.264 packets: libx264 in this process, or an encoder of the machine's in a process of its
 * own (device.h). One row of a table each (encoder_open.c): what differs between encoders is there and nowhere else.
 */
#ifndef GH_PIPELINE_ENCODER_H
#define GH_PIPELINE_ENCODER_H

#include "base/encoders.h"
#include "base/job.h"

#include <libavcodec/avcodec.h>

/* One encode, of YUV 4:2:0 in BT.709 and limited range, GOPs closed. Crosses a socket: fixed size, no pointers. */
struct gh_enc_spec {
    uint32_t w, h;
    struct gh_rational fps; /* time stamps count pictures */
    uint32_t gop;           /* pictures */
    uint32_t bframes, level10, threads;
    char profile[16];
    char preset[24], params[96]; /* libx264's */
    double crf;                  /* when bit_rate is 0 */
    int64_t bit_rate;            /* bit/s on average; 0: crf decides */
    int64_t max_rate, buffer;    /* bit/s and bits of the decoder's buffer; 0: no cap */
};

struct gh_remote;
struct gh_enc {
    AVCodecContext *here;     /* or */
    struct gh_remote *remote; /* borrowed */
};

/** remote: NULL encodes here; it stays the caller's and serves one encode at a time. GH_BUG: refused. */
GH_MUST_USE int gh_enc_open(const struct gh_enc_spec *spec, struct gh_remote *remote, struct gh_enc *ret,
                            struct gh_err *err);
void gh_enc_close(struct gh_enc *enc);
/** Codec, size, colour, extradata: for a muxer. */
GH_MUST_USE int gh_enc_parameters(const struct gh_enc *enc, AVCodecParameters *ret, struct gh_err *err);
/** The picture with time stamp frame->pts, borrowed; NULL: there are no more. */
GH_MUST_USE int gh_enc_send(struct gh_enc *enc, const AVFrame *frame, struct gh_err *err);
/** 1: a packet in *ret, which is the caller's; 0: none yet, or none any more. */
GH_MUST_USE int gh_enc_receive(struct gh_enc *enc, AVPacket *ret, struct gh_err *err);

/* -- encoder_open.c: also for the process that owns a device */
/** Open the row of this encoder (enum gh_encoder) for spec, on device ("": none). */
GH_MUST_USE int gh_enc_context(uint32_t encoder, const struct gh_enc_spec *spec, AVBufferRef *device,
                               const char *device_name, AVCodecContext **ret, struct gh_err *err);

#endif
