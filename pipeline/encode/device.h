/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hardware encoder in a process of its own: it receives raw pictures and numbers, answers with
 * packets, parses nothing. Forked by the nursery for one encode of one job, with one socket to that
 * job's child. Pictures are passed in memory that ghatd made and sealed (base/encoders.h);
 * everything else is small packets (base/wire.h), trusted by neither side.
 */
#ifndef GH_PIPELINE_ENCODE_DEVICE_H
#define GH_PIPELINE_ENCODE_DEVICE_H

#include "pipeline/encode/encoder.h"

/*
 *   the child sends                              the device answers
 *   HELLO, with the memory for pictures          READY: the device is open
 *   OPEN, struct gh_enc_spec                     OPENED, extradata (may be empty)
 *   PICTURE, struct gh_device_picture            TAKEN, the same: its slot is free again
 *                                                PACKET, struct gh_device_packet, then its bytes
 *                                                in DATA; as many as there are
 *   FLUSH                                        the last of these, then FLUSHED
 *
 * FAILED, with a text, may come in place of any answer and is the device's last packet. After
 * FLUSHED another OPEN may follow.
 */
enum gh_device_msg {
    GH_DEVICE_HELLO = 100,
    GH_DEVICE_READY,
    GH_DEVICE_OPEN,
    GH_DEVICE_OPENED,
    GH_DEVICE_PICTURE,
    GH_DEVICE_TAKEN,
    GH_DEVICE_FLUSH,
    GH_DEVICE_FLUSHED,
    GH_DEVICE_PACKET,
    GH_DEVICE_DATA,
    GH_DEVICE_FAILED,
};

#define GH_DEVICE_DATA_MAX 60000        /* bytes of one DATA */
#define GH_DEVICE_PACKET_MAX (16 << 20) /* of one packet */
#define GH_DEVICE_EXTRA_MAX 4096        /* of extradata */
#define GH_DEVICE_INSIDE 200            /* pictures it may hold */

struct gh_device_picture {
    uint32_t slot;
    uint32_t : 32; /* so that pts is aligned on both sides */
    int64_t pts;
};
struct gh_device_packet {
    uint32_t size; /* bytes, in DATA packets that follow */
    uint32_t key;  /* 0 or 1 */
    int64_t pts, dts;
};

/** Whether both sides accept this spec: sizes, rates and numbers within bounds, texts terminated.
 * GH_LIMIT: not. */
GH_MUST_USE int gh_device_check_spec(const struct gh_enc_spec *spec, struct gh_err *err);
/** Where the planes of one picture of w × h are in the memory, with their strides in bytes. */
void gh_device_planes(uint8_t *memory, uint32_t slot, uint32_t w, uint32_t h, uint8_t *ret_data[3],
                      int ret_stride[3]);

/** The device's side, in its sandbox: serves sock until it closes. Never returns. device: its file,
 * "" for none. */
_Noreturn void gh_device_run(uint32_t encoder, const char *device, int sock);
/** Say on standard output whether encoder ("vaapi:/dev/dri/renderD128") encodes here. Returns the
 * exit status. */
int gh_device_try(const char *encoder);

/* -- client.c: the child's side; only one thread at a time may use one of them */

/** Takes both descriptors. encoder: enum gh_encoder. Freed with gh_remote_free. */
struct gh_remote *gh_remote_new(uint32_t encoder, int sock, int memory);
void gh_remote_free(struct gh_remote **remote);
/** Have it open its device. Any failure, here and below, is GH_AGAIN and final: gh_remote_lost says
 * why. */
GH_MUST_USE int gh_remote_hello(struct gh_remote *r, struct gh_err *err);
/** Begin an encode; spec is copied. */
GH_MUST_USE int gh_remote_open(struct gh_remote *r, const struct gh_enc_spec *spec,
                               struct gh_err *err);
/** End it; one that was not flushed makes the encoder lost. */
void gh_remote_close(struct gh_remote *r);
/** As gh_enc_parameters, gh_enc_send and gh_enc_receive. */
GH_MUST_USE int gh_remote_parameters(const struct gh_remote *r, AVCodecParameters *ret,
                                     struct gh_err *err);
GH_MUST_USE int gh_remote_send(struct gh_remote *r, const AVFrame *frame, struct gh_err *err);
GH_MUST_USE int gh_remote_receive(struct gh_remote *r, AVPacket *ret, struct gh_err *err);
/** Why the encoder is not used any more, printable ASCII, borrowed; NULL: it can be used. */
const char *gh_remote_lost(const struct gh_remote *r);
/** From now on it is not used, for the reason why; the first reason is kept. */
void gh_remote_give_up(struct gh_remote *r, const char *why);
/** enum gh_encoder. */
uint32_t gh_remote_encoder(const struct gh_remote *r);

#endif
