/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The child's side of an encoder in another process. Nothing that process sends is trusted: types
 * by state, sizes, slots, time stamps and the number of packets are checked, every wait has a
 * deadline. Whatever goes wrong is GH_AGAIN and final: the encode is then made in software.
 */
#include "base/clock.h"
#include "base/str.h"
#include "base/wire.h"
#include "pipeline/encode/device.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define STALL_MS 15000    /* for one answer: a driver that needs longer hangs */
#define READY_PACKETS 256 /* that wait for gh_remote_receive */
#define REASON_MAX 160

struct gh_remote {
    uint32_t encoder;
    int sock, memory_fd;
    bool hello, opened, flushing, flushed;
    struct gh_enc_spec spec;
    uint8_t *memory;
    size_t size;
    bool taken[GH_DEVICE_SLOTS]; /* holds a picture the device has not read yet */
    int64_t slot_pts[GH_DEVICE_SLOTS], last_pts, last_dts;
    uint64_t sent, received;
    AVPacket *ready[READY_PACKETS]; /* complete ones, a ring */
    unsigned head, count;
    AVPacket *part; /* the one whose bytes are being received */
    size_t filled;
    uint8_t extra[GH_DEVICE_EXTRA_MAX];
    size_t extra_size;
    char lost[REASON_MAX]; /* why it is not used any more; "": it is */
    uint8_t body[GH_DEVICE_DATA_MAX];
};

struct gh_remote *gh_remote_new(uint32_t encoder, int sock, int memory)
{
    struct gh_remote *r = gh_alloc(sizeof(*r));
    *r = (struct gh_remote){.encoder = encoder, .sock = sock, .memory_fd = memory};
    return r;
}

void gh_remote_close(struct gh_remote *r)
{
    for (; r->count; r->count--, r->head = (r->head + 1) % READY_PACKETS)
        av_packet_free(&r->ready[r->head]);
    av_packet_free(&r->part);
    if (r->memory)
        munmap(r->memory, r->size);
    r->memory = NULL;
    if (r->opened && !r->flushed)
        gh_remote_give_up(r, "the encode was broken off");
    r->opened = false;
}

void gh_remote_free(struct gh_remote **remote)
{
    struct gh_remote *r = *remote;
    if (!r)
        return;
    gh_remote_close(r);
    gh_close_fd(&r->sock);
    gh_close_fd(&r->memory_fd);
    free(r);
    *remote = NULL;
}

const char *gh_remote_lost(const struct gh_remote *r)
{
    return r->lost[0] ? r->lost : NULL;
}

uint32_t gh_remote_encoder(const struct gh_remote *r)
{
    return r->encoder;
}

/* The text may come from the other process: only printable ASCII is kept. */
void gh_remote_give_up(struct gh_remote *r, const char *why)
{
    if (!r->lost[0])
        GH_COPY(r->lost, *why ? why : "no reason was given");
    for (char *c = r->lost; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
    gh_close_fd(&r->sock); /* which ends the other process */
}

/* The encoder is of no use any more: the encode is made without it. */
static int lose(struct gh_remote *r, struct gh_err *err, const char *why)
{
    gh_remote_give_up(r, why);
    return gh_fail(err, GH_AGAIN, "the encoder %s: %s", gh_encoder_name(r->encoder), r->lost);
}

static int lose_unless(bool ok, struct gh_remote *r, struct gh_err *err, const char *why)
{
    return ok ? 0 : lose(r, err, why);
}

/* -------------------------------------------------------------------------------- what it sends */

static int on_taken(struct gh_remote *r, const struct gh_device_picture *p, struct gh_err *err)
{
    TRY(lose_unless(p->slot < GH_DEVICE_SLOTS && r->taken[p->slot] &&
                        r->slot_pts[p->slot] == p->pts,
                    r, err, "it gave back a picture it did not have"));
    r->taken[p->slot] = false;
    return 0;
}

static int on_packet(struct gh_remote *r, const struct gh_device_packet *p, struct gh_err *err)
{
    bool ok = !r->part && p->size > 0 && p->size <= GH_DEVICE_PACKET_MAX && p->key <= 1 &&
              p->pts >= 0 && p->pts <= r->last_pts && p->dts <= p->pts && p->dts > r->last_dts &&
              p->dts > -GH_DEVICE_INSIDE && r->received < r->sent && r->count < READY_PACKETS;
    TRY(lose_unless(ok, r, err, "it announced an impossible packet"));
    r->part = av_packet_alloc();
    if (!r->part || av_new_packet(r->part, (int)p->size) < 0)
        return lose(r, err, "out of memory");
    r->part->pts = p->pts;
    r->part->dts = r->last_dts = p->dts;
    r->part->flags = p->key ? AV_PKT_FLAG_KEY : 0;
    r->filled = 0;
    return 0;
}

static int on_data(struct gh_remote *r, size_t n, struct gh_err *err)
{
    TRY(lose_unless(r->part && n > 0 && n <= (size_t)r->part->size - r->filled, r, err,
                    "it sent bytes of no packet"));
    memcpy(r->part->data + r->filled, r->body, n);
    r->filled += n;
    if (r->filled < (size_t)r->part->size)
        return 0;
    r->ready[(r->head + r->count++) % READY_PACKETS] = gh_steal(&r->part);
    r->received++;
    return 0;
}

/* While pictures go in and packets come out. */
static int on_message(struct gh_remote *r, const struct gh_wire_head *h, struct gh_err *err)
{
    struct gh_device_picture picture;
    struct gh_device_packet packet;
    if (h->type == GH_DEVICE_TAKEN && h->size == sizeof(picture)) {
        memcpy(&picture, r->body, sizeof(picture));
        return on_taken(r, &picture, err);
    }
    if (h->type == GH_DEVICE_PACKET && h->size == sizeof(packet)) {
        memcpy(&packet, r->body, sizeof(packet));
        return on_packet(r, &packet, err);
    }
    if (h->type == GH_DEVICE_DATA)
        return on_data(r, h->size, err);
    if (h->type == GH_DEVICE_FLUSHED && r->flushing && h->size == 0 && !r->part) {
        r->flushed = true;
        return lose_unless(r->received == r->sent, r, err, "it ended with pictures missing");
    }
    return lose(r, err, "it spoke out of turn");
}

/* Receive one packet. 1: it is in head and body; 0: none came within ms. An error makes the encoder
 * lost. */
static int receive_packet(struct gh_remote *r, int64_t ms, struct gh_wire_head *head,
                          struct gh_err *err)
{
    if (r->sock < 0)
        return lose(r, err, "it is gone");
    int64_t deadline = gh_mono_ms() + ms;
    struct pollfd p = {.fd = r->sock, .events = POLLIN};
    int n;
    do
        n = poll(&p, 1, (int)GH_MAX(deadline - gh_mono_ms(), 0));
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        return 0;
    int fds[GH_WIRE_MAX_FDS];
    struct gh_err why;
    int got = gh_wire_recv(r->sock, head, r->body, sizeof(r->body), fds, &why);
    for (size_t i = 0; got > 0 && i < GH_WIRE_MAX_FDS; i++)
        gh_close_fd(&fds[i]);
    if (got == 0)
        return lose(r, err, "its process died");
    if (got < 0 || head->fds)
        return lose(r, err, "it sent a malformed packet");
    if (head->type == GH_DEVICE_FAILED) {
        char text[sizeof(r->lost)];
        size_t len = GH_MIN((size_t)head->size, sizeof(text) - 1);
        memcpy(text, r->body, len);
        text[len] = 0;
        return lose(r, err, text);
    }
    return 1;
}

static int send_packet(struct gh_remote *r, enum gh_device_msg type, const void *body, size_t size,
                       const int *fd, struct gh_err *err)
{
    struct gh_err why;
    struct gh_wire_head head;
    if (r->sock < 0)
        return lose(r, err, "it is gone");
    if (gh_wire_send(r->sock, (uint16_t)type, 0, body, size, fd, fd != NULL, &why) == 0)
        return 0;
    /* Why it died may still be unread in the socket. */
    for (int i = 0; i < READY_PACKETS && receive_packet(r, 0, &head, err) > 0; i++)
        ;
    return lose(r, err, "its process died");
}

/* Receive the answer that must come next. */
static int receive_answer(struct gh_remote *r, enum gh_device_msg type, size_t max,
                          size_t *ret_size, struct gh_err *err)
{
    struct gh_wire_head head;
    int n = receive_packet(r, STALL_MS, &head, err);
    if (n < 0)
        return n;
    TRY(lose_unless(n > 0, r, err, "it does not answer"));
    TRY(lose_unless(head.type == type && head.size <= max, r, err, "it spoke out of turn"));
    *ret_size = head.size;
    return 0;
}

/* Receive packets until done(), for ms at most. */
static int listen_until(struct gh_remote *r, bool (*done)(const struct gh_remote *r), int64_t ms,
                        struct gh_err *err)
{
    struct gh_wire_head head;
    int64_t deadline = gh_mono_ms() + ms;
    while (!done(r)) {
        int64_t left = deadline - gh_mono_ms();
        TRY(lose_unless(!ms || left > 0, r, err, "it stalls"));
        int n = receive_packet(r, ms ? left : 0, &head, err);
        if (n == 0 && ms == 0)
            return 0;
        TRY(n);
        TRY(lose_unless(n > 0, r, err, "it stalls"));
        TRY(on_message(r, &head, err));
    }
    return 0;
}

/* ----------------------------------------------------------------------------- what it is asked */

int gh_remote_hello(struct gh_remote *r, struct gh_err *err)
{
    size_t n;
    if (r->lost[0])
        return lose(r, err, r->lost);
    if (r->hello)
        return 0;
    TRY(send_packet(r, GH_DEVICE_HELLO, NULL, 0, &r->memory_fd, err));
    TRY(receive_answer(r, GH_DEVICE_READY, 0, &n, err));
    r->hello = true;
    return 0;
}

int gh_remote_open(struct gh_remote *r, const struct gh_enc_spec *spec, struct gh_err *err)
{
    struct stat st;
    struct gh_err why;
    TRY(gh_remote_hello(r, err));
    if (gh_device_check_spec(spec, &why) < 0)
        return lose(r, err, why.msg);
    TRY(lose_unless(fstat(r->memory_fd, &st) == 0 && st.st_size > 0 &&
                        (uint64_t)st.st_size >=
                            gh_device_picture_bytes(spec->w, spec->h) * GH_DEVICE_SLOTS,
                    r, err, "the memory for pictures is too small"));
    r->size = (size_t)st.st_size;
    void *memory = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, r->memory_fd, 0);
    TRY(lose_unless(memory != MAP_FAILED, r, err, "the memory for pictures cannot be mapped"));
    r->memory = memory;
    r->spec = *spec;
    r->sent = r->received = 0;
    r->last_pts = -1;
    r->last_dts = INT64_MIN;
    r->flushing = r->flushed = false;
    r->opened = true;
    TRY(send_packet(r, GH_DEVICE_OPEN, spec, sizeof(*spec), NULL, err));
    TRY(receive_answer(r, GH_DEVICE_OPENED, sizeof(r->extra), &r->extra_size, err));
    memcpy(r->extra, r->body, r->extra_size);
    return 0;
}

int gh_remote_parameters(const struct gh_remote *r, AVCodecParameters *ret, struct gh_err *err)
{
    ret->codec_type = AVMEDIA_TYPE_VIDEO;
    ret->codec_id = AV_CODEC_ID_H264;
    ret->format = AV_PIX_FMT_YUV420P;
    ret->width = (int)r->spec.w;
    ret->height = (int)r->spec.h;
    ret->sample_aspect_ratio = (AVRational){1, 1};
    ret->color_range = AVCOL_RANGE_MPEG;
    ret->color_primaries = AVCOL_PRI_BT709;
    ret->color_trc = AVCOL_TRC_BT709;
    ret->color_space = AVCOL_SPC_BT709;
    ret->chroma_location = AVCHROMA_LOC_LEFT;
    ret->video_delay = (int)r->spec.bframes;
    if (!r->extra_size)
        return 0;
    ret->extradata = av_mallocz(r->extra_size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!ret->extradata)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    memcpy(ret->extradata, r->extra, r->extra_size);
    ret->extradata_size = (int)r->extra_size;
    return 0;
}

static bool has_room(const struct gh_remote *r)
{
    for (unsigned i = 0; i < GH_DEVICE_SLOTS; i++)
        if (!r->taken[i])
            return true;
    return false;
}

static bool has_packet(const struct gh_remote *r)
{
    return r->count > 0 || r->flushed;
}

int gh_remote_send(struct gh_remote *r, const AVFrame *frame, struct gh_err *err)
{
    if (!frame) {
        r->flushing = true;
        return send_packet(r, GH_DEVICE_FLUSH, NULL, 0, NULL, err);
    }
    TRY(lose_unless(frame->width == (int)r->spec.w && frame->height == (int)r->spec.h &&
                        frame->format == AV_PIX_FMT_YUV420P,
                    r, err, "pictures changed"));
    TRY(lose_unless(r->sent - r->received <= GH_DEVICE_INSIDE, r, err,
                    "it keeps too many pictures"));
    TRY(listen_until(r, has_room, STALL_MS, err));
    struct gh_device_picture p = {.pts = frame->pts};
    while (p.slot < GH_DEVICE_SLOTS && r->taken[p.slot])
        p.slot++;
    uint8_t *data[3];
    int stride[3];
    gh_device_planes(r->memory, p.slot, r->spec.w, r->spec.h, data, stride);
    for (int i = 0; i < 3; i++)
        for (uint32_t y = 0; y < r->spec.h >> !!i; y++)
            memcpy(data[i] + (size_t)y * (size_t)stride[i],
                   frame->data[i] + (ptrdiff_t)y * frame->linesize[i], r->spec.w >> !!i);
    r->taken[p.slot] = true;
    r->slot_pts[p.slot] = r->last_pts = p.pts;
    r->sent++;
    return send_packet(r, GH_DEVICE_PICTURE, &p, sizeof(p), NULL, err);
}

int gh_remote_receive(struct gh_remote *r, AVPacket *ret, struct gh_err *err)
{
    TRY(listen_until(r, has_packet, r->flushing ? STALL_MS : 0, err));
    if (!r->count)
        return 0;
    av_packet_move_ref(ret, r->ready[r->head]);
    av_packet_free(&r->ready[r->head]);
    r->head = (r->head + 1) % READY_PACKETS;
    r->count--;
    return 1;
}
