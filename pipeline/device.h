/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An encoder of the machine's in a process of its own: it is sent raw pictures and numbers, answers with packets,
 * parses nothing. Forked by the nursery for one encode of one job, with one socket to that job's child. Pictures lie in
 * memory that ghatd made and sealed (base/encoders.h); everything else is small packets (base/wire.h), believed by
 * neither side.
 */
#ifndef GH_PIPELINE_DEVICE_H
#define GH_PIPELINE_DEVICE_H

#include "pipeline/encoder.h"

/*
 *   child → device    HELLO (fd: the pictures' memory)     device → child   READY: the device is open
 *                     OPEN (struct gh_enc_spec)                             OPENED (extradata, may be empty)
 *                     PICTURE (struct gh_device_picture)                    TAKEN (struct gh_device_picture)
 *                     FLUSH                                                 PACKET (struct gh_device_packet), then its
 *                                                                           bytes in DATA; after a FLUSH, FLUSHED
 *
 * FAILED (text) instead of any answer is the device's last word. After FLUSHED another OPEN may follow.
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
#define GH_DEVICE_EXTRA_MAX 4096
#define GH_DEVICE_INSIDE 200 /* pictures it may hold */

struct gh_device_picture {
    uint32_t slot;
    uint32_t zero;
    int64_t pts;
};
struct gh_device_packet {
    uint32_t size; /* bytes, in DATA packets that follow */
    uint32_t key;  /* 0 or 1 */
    int64_t pts, dts;
};

/** What both sides accept: sizes, rates, numbers within bounds, texts terminated. GH_LIMIT. */
GH_MUST_USE int gh_device_check_spec(const struct gh_enc_spec *spec, struct gh_err *err);
/** The planes of one picture in the memory. */
void gh_device_planes(uint8_t *memory, uint32_t slot, uint32_t w, uint32_t h, uint8_t *ret_data[3], int ret_stride[3]);

/** The device's side, in its walls: serves sock until it closes. Never returns. */
_Noreturn void gh_device_run(uint32_t encoder, const char *device, int sock);
/** Say on standard output whether encoder ("vaapi:/dev/dri/renderD128") encodes here; the exit status. */
int gh_device_try(const char *encoder);

/* -- the child's side, device_client.c; one thread at a time uses one of them */

/** Takes both descriptors. */
struct gh_remote *gh_remote_new(uint32_t encoder, int sock, int memory);
void gh_remote_free(struct gh_remote **remote);
/** Have it open its device. Any failure, here and below, is final: gh_remote_lost says why. */
GH_MUST_USE int gh_remote_hello(struct gh_remote *r, struct gh_err *err);
GH_MUST_USE int gh_remote_open(struct gh_remote *r, const struct gh_enc_spec *spec, struct gh_err *err);
void gh_remote_close(struct gh_remote *r);
GH_MUST_USE int gh_remote_parameters(const struct gh_remote *r, AVCodecParameters *ret, struct gh_err *err);
/** As gh_enc_send and gh_enc_receive. */
GH_MUST_USE int gh_remote_send(struct gh_remote *r, const AVFrame *frame, struct gh_err *err);
GH_MUST_USE int gh_remote_receive(struct gh_remote *r, AVPacket *ret, struct gh_err *err);
/** Why it is of no use any more, printable; NULL: it is. */
const char *gh_remote_lost(const struct gh_remote *r);
/** It is of no use any more. */
void gh_remote_give_up(struct gh_remote *r, const char *why);
uint32_t gh_remote_encoder(const struct gh_remote *r);

#endif
