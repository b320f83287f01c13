/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What turns pictures into H.264 packets: libx264 in this process, or a hardware encoder in a
 * process of its own (device.h). Each is one row of a table (open.c): what differs between encoders
 * is there and nowhere else.
 */
#ifndef GH_PIPELINE_ENCODE_ENCODER_H
#define GH_PIPELINE_ENCODE_ENCODER_H

#include "base/contract.h"
#include "base/encoders.h"

#include <libavcodec/avcodec.h>

/* One encode, of YUV 4:2:0 in BT.709 and limited range, GOPs closed. Crosses a socket: fixed size,
 * no pointers. */
struct gh_enc_spec {
    uint32_t w, h;
    struct gh_rational fps; /* time stamps count pictures */
    uint32_t gop;           /* pictures */
    uint32_t bframes, level10, threads;
    char profile[16];
    char preset[24], params[96]; /* only libx264 has them */
    double crf;                  /* when bit_rate is 0 */
    int64_t bit_rate;            /* bit/s on average; 0: crf decides */
    int64_t max_rate, buffer;    /* bit/s and bits of the decoder's buffer; 0: no cap */
};

struct gh_remote;
struct gh_enc {
    AVCodecContext *here;     /* owned; or */
    struct gh_remote *remote; /* borrowed */
};

/** remote: NULL encodes in this process; borrowed, and makes one encode at a time. GH_BUG: the
 * encoder refuses spec; GH_AGAIN: the other process fails. */
GH_MUST_USE int gh_enc_open(const struct gh_enc_spec *spec, struct gh_remote *remote,
                            struct gh_enc *ret, struct gh_err *err);
void gh_enc_close(struct gh_enc *enc);
/** Codec, size, colour, extradata: for a muxer. */
GH_MUST_USE int gh_enc_parameters(const struct gh_enc *enc, AVCodecParameters *ret,
                                  struct gh_err *err);
/** The picture with time stamp frame->pts, borrowed; NULL: there are no more. */
GH_MUST_USE int gh_enc_send(struct gh_enc *enc, const AVFrame *frame, struct gh_err *err);
/** 1: a packet in *ret, which is the caller's; 0: none yet, or none any more. */
GH_MUST_USE int gh_enc_receive(struct gh_enc *enc, AVPacket *ret, struct gh_err *err);

/* -- open.c: also for the process that owns a device */
/** Open libavcodec's encoder for spec. encoder: enum gh_encoder. device: where its surfaces are,
 * NULL where it has none; device_name: its file, "" for none. *ret is the caller's. GH_CONFIG: not
 * in this FFmpeg; GH_BUG: it refuses spec. */
GH_MUST_USE int gh_enc_context(uint32_t encoder, const struct gh_enc_spec *spec,
                               AVBufferRef *device, const char *device_name, AVCodecContext **ret,
                               struct gh_err *err);

#endif
