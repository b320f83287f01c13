/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process that owns a hardware encoder. What it receives comes from a child that an attacker
 * may control: types by state, exact sizes, numbers in range, a sealed memory of the right size;
 * anything else ends it. It never interprets pixels, it only passes them to the encoder.
 */
#include "pipeline/encode/device.h"

#include "base/str.h"
#include "base/wire.h"
#include "pipeline/encode/encoder_int.h"
#include "pipeline/input/in.h"
#include "pipeline/walls/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libavutil/log.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Largest numbers of a struct gh_enc_spec; CRF, levels and B-frames as H.264 and x264 know them. */
#define MOST_FPS_TERM 1000000 /* numerator and denominator */
#define MOST_GOP 100000
#define MOST_BFRAMES 16
#define MOST_LEVEL10 62
#define MOST_THREADS 64
#define MOST_CRF 51
#define MOST_RATE 1000000000 /* bit/s */

struct device {
    const struct gh_encoder_row *row;
    uint32_t encoder;
    const char *path;
    int sock;
    AVBufferRef *hw;
    AVCodecContext *enc;
    AVPacket *pkt;
    struct gh_enc_spec spec;
    uint8_t *memory;
    size_t size;
    int64_t last_pts;
};

/* The last error that libavcodec or a driver's library logged: only there do they say why opening
 * failed. */
static char complaint[160];

static void keep_complaint(void *avcl, int level, const char *fmt, va_list ap)
{
    int prefix = 0;
    if (level >= 0 && level <= AV_LOG_ERROR)
        av_log_format_line2(avcl, level, fmt, ap, complaint, sizeof(complaint), &prefix);
}

static void send_or_end(struct device *d, enum gh_device_msg type, const void *body, size_t size)
{
    struct gh_err err;
    if (gh_wire_send(d->sock, (uint16_t)type, 0, body, size, NULL, 0, &err) < 0)
        _exit(0);
}

static _Noreturn void fail_device(struct device *d, const char *msg)
{
    char text[320];
    complaint[strcspn(complaint, "\n")] = 0;
    snprintf(text, sizeof(text), "%s%s%s", msg, complaint[0] ? ": " : "", complaint);
    send_or_end(d, GH_DEVICE_FAILED, text, strlen(text));
    _exit(0);
}

/* ----------------------------------------------------------------------------- numbers in range */

int gh_device_check_spec(const struct gh_enc_spec *s, struct gh_err *err)
{
    const struct {
        bool ok;
        const char *what;
    } checks[] = {
        {s->w >= GH_DEVICE_EDGE_MIN && s->w <= GH_DEVICE_EDGE_MAX && s->h >= GH_DEVICE_EDGE_MIN &&
             s->h <= GH_DEVICE_EDGE_MAX && s->w % 2 == 0 && s->h % 2 == 0,
         "size"},
        {s->fps.num > 0 && s->fps.num <= MOST_FPS_TERM && s->fps.den > 0 &&
             s->fps.den <= MOST_FPS_TERM,
         "frame rate"},
        {s->gop >= 1 && s->gop <= MOST_GOP && s->bframes <= MOST_BFRAMES &&
             s->level10 <= MOST_LEVEL10 && s->threads <= MOST_THREADS,
         "number"},
        {memchr(s->profile, 0, sizeof(s->profile)) && memchr(s->preset, 0, sizeof(s->preset)) &&
             memchr(s->params, 0, sizeof(s->params)),
         "text"},
        {s->crf >= 0 && s->crf <= MOST_CRF && s->bit_rate >= 0 && s->bit_rate <= MOST_RATE &&
             s->max_rate >= 0 && s->max_rate <= MOST_RATE && s->buffer >= 0 &&
             s->buffer <= INT32_MAX,
         "rate"},
    };
    for (size_t i = 0; i < GH_LEN(checks); i++)
        if (!checks[i].ok)
            return gh_fail(err, GH_LIMIT, "a %s no hardware encoder is asked for (%ux%u)",
                           checks[i].what, s->w, s->h);
    return 0;
}

void gh_device_planes(uint8_t *memory, uint32_t slot, uint32_t w, uint32_t h, uint8_t *ret_data[3],
                      int ret_stride[3])
{
    size_t stride = gh_device_stride(w), half = stride / 2 * ((h + 1) / 2);
    ret_data[0] = memory + slot * gh_device_picture_bytes(w, h);
    ret_data[1] = ret_data[0] + stride * h;
    ret_data[2] = ret_data[1] + half;
    ret_stride[0] = (int)stride;
    ret_stride[1] = ret_stride[2] = (int)stride / 2;
}

/* ----------------------------------------------------------------------------------- the device */

static void map_memory(struct device *d, int fd)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    struct stat st;
    int has = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS); /* -1: of a file that is no memory */
    if (has < 0 || (has & seals) != seals || fstat(fd, &st) < 0 || st.st_size <= 0 ||
        (uint64_t)st.st_size > GH_DEVICE_MEMORY_MAX)
        fail_device(d, "no sealed memory for pictures came");
    d->size = (size_t)st.st_size;
    d->memory = mmap(NULL, d->size, PROT_READ, MAP_SHARED, fd, 0);
    if (d->memory == MAP_FAILED)
        fail_device(d, "the memory for pictures cannot be mapped");
}

static void open_device(struct device *d)
{
    if (!avcodec_find_encoder_by_name(d->row->codec))
        fail_device(d, "this FFmpeg has no such encoder");
    if (d->path[0] && access(d->path, R_OK | W_OK) < 0) {
        char text[200];
        snprintf(text, sizeof(text), "%s: %s", d->path, strerror(errno));
        fail_device(d, text);
    }
    if (d->row->hw == AV_HWDEVICE_TYPE_NONE)
        return;
    GH_AUTO(av_dict_free) AVDictionary *opts = NULL;
    /* it takes the path of the VAAPI device it builds on as an option */
    bool qsv = d->row->hw == AV_HWDEVICE_TYPE_QSV;
    if (qsv)
        av_dict_set(&opts, "child_device", d->path, 0);
    int r = av_hwdevice_ctx_create(&d->hw, d->row->hw, qsv ? "auto" : d->path, opts, 0);
    if (r < 0)
        fail_device(d, "the device cannot be opened");
}

static void open_encoder(struct device *d, const struct gh_enc_spec *spec)
{
    struct gh_err err;
    avcodec_free_context(&d->enc);
    complaint[0] = 0;
    if (gh_device_check_spec(spec, &err) < 0 ||
        gh_enc_context(d->encoder, spec, d->hw, d->path, &d->enc, &err) < 0)
        fail_device(d, err.msg);
    if (gh_device_picture_bytes(spec->w, spec->h) * GH_DEVICE_SLOTS > d->size)
        fail_device(d, "the memory for pictures is too small");
    if (d->enc->extradata_size < 0 || d->enc->extradata_size > GH_DEVICE_EXTRA_MAX)
        fail_device(d, "the encoder's parameter sets have an odd size");
    d->spec = *spec;
    d->last_pts = -1;
    send_or_end(d, GH_DEVICE_OPENED, d->enc->extradata, (size_t)d->enc->extradata_size);
}

/* ---------------------------------------------------------------------------- pictures, packets */

static void keep_memory(void *opaque, uint8_t *data)
{
    (void)opaque, (void)data;
}

static AVFrame *new_frame(struct device *d, enum AVPixelFormat format)
{
    AVFrame *f = av_frame_alloc();
    if (!f)
        fail_device(d, "out of memory");
    f->format = format;
    f->width = (int)d->spec.w;
    f->height = (int)d->spec.h;
    return f;
}

/* The planes in the shared memory: the child does not write that slot before it gets TAKEN. */
static AVFrame *planar_frame(struct device *d, uint32_t slot)
{
    AVFrame *f = new_frame(d, AV_PIX_FMT_YUV420P);
    gh_device_planes(d->memory, slot, d->spec.w, d->spec.h, f->data, f->linesize);
    f->buf[0] = av_buffer_create(f->data[0], gh_device_picture_bytes(d->spec.w, d->spec.h),
                                 keep_memory, NULL, AV_BUFFER_FLAG_READONLY);
    if (!f->buf[0])
        fail_device(d, "out of memory");
    return f;
}

static AVFrame *nv12_frame(struct device *d, const AVFrame *from)
{
    AVFrame *f = new_frame(d, AV_PIX_FMT_NV12);
    if (av_frame_get_buffer(f, 0) < 0)
        fail_device(d, "out of memory");
    for (int y = 0; y < f->height; y++)
        memcpy(f->data[0] + (ptrdiff_t)y * f->linesize[0],
               from->data[0] + (ptrdiff_t)y * from->linesize[0], (size_t)f->width);
    for (int y = 0; y < f->height / 2; y++) {
        uint8_t *to = f->data[1] + (ptrdiff_t)y * f->linesize[1];
        const uint8_t *u = from->data[1] + (ptrdiff_t)y * from->linesize[1],
                      *v = from->data[2] + (ptrdiff_t)y * from->linesize[2];
        for (int x = 0; x < f->width / 2; x++) {
            to[2 * x] = u[x];
            to[2 * x + 1] = v[x];
        }
    }
    return f;
}

/* The picture of a slot as the encoder takes it. */
static AVFrame *frame_of_slot(struct device *d, uint32_t slot)
{
    AVFrame *f = planar_frame(d, slot);
    if (d->row->raw == AV_PIX_FMT_NV12) {
        AVFrame *nv12 = nv12_frame(d, f);
        av_frame_free(&f);
        f = nv12;
    }
    if (d->row->hw == AV_HWDEVICE_TYPE_NONE)
        return f;
    AVFrame *surface = av_frame_alloc();
    if (!surface || av_hwframe_get_buffer(d->enc->hw_frames_ctx, surface, 0) < 0 ||
        av_hwframe_transfer_data(surface, f, 0) < 0)
        fail_device(d, "a picture cannot be uploaded");
    av_frame_free(&f);
    return surface;
}

static void send_packet(struct device *d)
{
    const AVPacket *p = d->pkt;
    struct gh_device_packet head = {.size = (uint32_t)p->size,
                                    .key = (p->flags & AV_PKT_FLAG_KEY) != 0,
                                    .pts = p->pts,
                                    .dts = p->dts};
    if (p->size <= 0 || p->size > GH_DEVICE_PACKET_MAX)
        fail_device(d, "the encoder made a packet of an odd size");
    send_or_end(d, GH_DEVICE_PACKET, &head, sizeof(head));
    for (uint32_t at = 0, n; at < head.size; at += n) {
        n = GH_MIN(head.size - at, (uint32_t)GH_DEVICE_DATA_MAX);
        send_or_end(d, GH_DEVICE_DATA, p->data + at, n);
    }
}

/* frame NULL: no more. When it returns the encoder has read the picture. */
static void encode_frame(struct device *d, AVFrame *frame)
{
    int r = avcodec_send_frame(d->enc, frame);
    while (r >= 0 && (r = avcodec_receive_packet(d->enc, d->pkt)) >= 0) {
        send_packet(d);
        av_packet_unref(d->pkt);
    }
    if (r < 0 && r != AVERROR(EAGAIN) && r != AVERROR_EOF)
        fail_device(d, "the encoder failed");
}

static void on_picture(struct device *d, const struct gh_device_picture *p)
{
    if (p->slot >= GH_DEVICE_SLOTS || p->pts <= d->last_pts || p->pts > INT32_MAX)
        fail_device(d, "a picture out of turn");
    d->last_pts = p->pts;
    AVFrame *f = frame_of_slot(d, p->slot);
    f->pts = p->pts;
    encode_frame(d, f);
    av_frame_free(&f);
    send_or_end(d, GH_DEVICE_TAKEN, p, sizeof(*p));
}

/* ----------------------------------------------------------------------------- the conversation */

union body {
    struct gh_enc_spec spec;
    struct gh_device_picture picture;
};

static void on_packet(struct device *d, const struct gh_wire_head *head, const union body *body,
                      int fd)
{
    const struct {
        uint16_t type;
        size_t size;
        bool ok;
    } grammar[] = {
        {GH_DEVICE_HELLO, 0, !d->memory},
        {GH_DEVICE_OPEN, sizeof(body->spec), d->memory != NULL},
        {GH_DEVICE_PICTURE, sizeof(body->picture), d->enc != NULL},
        {GH_DEVICE_FLUSH, 0, d->enc != NULL},
    };
    bool ok = false;
    for (size_t i = 0; i < GH_LEN(grammar); i++)
        ok = ok || (grammar[i].ok && grammar[i].type == head->type &&
                    grammar[i].size == head->size && head->fds == (head->type == GH_DEVICE_HELLO));
    if (!ok)
        fail_device(d, "a packet out of turn");
    if (head->type == GH_DEVICE_HELLO) {
        map_memory(d, fd);
        open_device(d);
        send_or_end(d, GH_DEVICE_READY, NULL, 0);
    } else if (head->type == GH_DEVICE_OPEN) {
        open_encoder(d, &body->spec);
    } else if (head->type == GH_DEVICE_PICTURE) {
        on_picture(d, &body->picture);
    } else {
        encode_frame(d, NULL);
        avcodec_free_context(&d->enc);
        send_or_end(d, GH_DEVICE_FLUSHED, NULL, 0);
    }
}

_Noreturn void gh_device_run(uint32_t encoder, const char *device, int sock)
{
    struct device d = {.encoder = encoder, .path = device, .sock = sock};
    if (encoder >= GH_ENCODERS)
        _exit(GH_JOB_EXIT_BUG);
    d.row = &gh_encoder_rows[encoder];
    prctl(PR_SET_NAME, "ghat-device");
    d.pkt = av_packet_alloc();
    av_log_set_callback(keep_complaint);
    for (;;) {
        struct gh_wire_head head;
        union body body;
        int fds[GH_WIRE_MAX_FDS];
        struct gh_err err;
        int r = gh_wire_recv(sock, &head, &body, sizeof(body), fds, &err);
        if (r == 0)
            _exit(0);
        if (r < 0)
            fail_device(&d, "a malformed packet");
        on_packet(&d, &head, &body, fds[0]);
        for (size_t i = 0; i < GH_WIRE_MAX_FDS; i++)
            gh_close_fd(&fds[i]);
    }
}
