/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libavformat's MP4 writer, without its edit list, metadata and file names. Classes: GH_LIMIT (too
 * large), GH_AGAIN (disk full), GH_SYSTEM, GH_INPUT (streams MP4 cannot hold).
 */
#include "pipeline/video/mux.h"

#include "base/str.h"
#include "pipeline/input/avio.h"
#include "pipeline/input/in.h"

#include <errno.h>
#include <libavutil/intreadwrite.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOX_HEAD 8 /* bytes: size and type */

struct gh_mux {
    AVFormatContext *fmt;
    AVIOContext *io;
    AVStream *video, *audio;       /* audio NULL: none */
    AVRational video_tb, audio_tb; /* of the packets that come in */
    int fd;
};

/* To move moov to the front, the muxer opens its output again by name: it gets a reader of the same
 * descriptor. */
static int open_reader(AVFormatContext *s, AVIOContext **pb, const char *url, int flags,
                       AVDictionary **options)
{
    (void)url;
    (void)options;
    struct gh_mux *m = s->opaque;
    if (flags & AVIO_FLAG_WRITE)
        return AVERROR(EPERM);
    return gh_avio_reader(m->fd, pb, NULL) < 0 ? AVERROR(ENOMEM) : 0;
}

static int close_reader(AVFormatContext *s, AVIOContext *pb)
{
    (void)s;
    gh_avio_free(&pb);
    return 0;
}

static int fail_write(const struct gh_mux *m, int code, struct gh_err *err)
{
    int why = gh_avio_errno(m->io);
    if (why == EFBIG)
        return gh_fail(err, GH_LIMIT, "the output grows larger than allowed");
    if (why) {
        errno = why;
        return gh_fail_errno(err, GH_OK, "cannot write the output");
    }
    return gh_fail_av(err, GH_INPUT, code, "the output cannot be written as MP4");
}

static int add_stream(struct gh_mux *m, const AVCodecParameters *par, AVRational tb, AVStream **ret,
                      struct gh_err *err)
{
    AVStream *st = avformat_new_stream(m->fmt, NULL);
    if (!st || avcodec_parameters_copy(st->codecpar, par) < 0)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    st->codecpar->codec_tag = 0;
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    av_packet_side_data_free(&st->codecpar->coded_side_data,
                             &st->codecpar->nb_coded_side_data); /* matrices, Dolby Vision */
#endif
    st->time_base = tb;
    *ret = st;
    return 0;
}

int gh_mux_open(int fd, uint64_t max, const AVCodecParameters *video, AVRational video_tb,
                const AVCodecParameters *audio, AVRational audio_tb, struct gh_mux **ret,
                struct gh_err *err)
{
    if (ftruncate(fd, 0) < 0)
        return gh_fail_errno(err, GH_OK, "cannot empty the output");
    GH_AUTO(gh_mux_free) struct gh_mux *m = gh_alloc(sizeof(*m));
    m->fd = fd;
    m->video_tb = video_tb;
    m->audio_tb = audio_tb;
    TRY(gh_avio_writer(fd, max, &m->io, err));
    int r = avformat_alloc_output_context2(&m->fmt, NULL, "mp4", "");
    if (r < 0)
        return gh_fail_av(err, GH_SYSTEM, r, "no MP4 writer");
    m->fmt->pb = m->io;
    m->fmt->opaque = m;
    m->fmt->io_open = open_reader;
    m->fmt->io_close2 = close_reader;
    m->fmt->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    m->fmt->avoid_negative_ts =
        0; /* off: the MP4 writer handles times of reordered packets itself */
    TRY(add_stream(m, video, video_tb, &m->video, err));
    if (audio)
        TRY(add_stream(m, audio, audio_tb, &m->audio, err));
    AVDictionary *opts = NULL;
    av_dict_set(&opts, "movflags", "+faststart+negative_cts_offsets+write_colr", 0);
    av_dict_set(&opts, "use_editlist", "0", 0);
    r = avformat_write_header(m->fmt, &opts);
    av_dict_free(&opts);
    if (r < 0)
        return fail_write(m, r, err);
    *ret = gh_steal(&m);
    return 0;
}

int gh_mux_write(struct gh_mux *m, AVPacket *pkt, bool audio, struct gh_err *err)
{
    AVStream *st = audio ? m->audio : m->video;
    pkt->stream_index = st->index;
    av_packet_rescale_ts(pkt, audio ? m->audio_tb : m->video_tb, st->time_base);
    int r = av_write_frame(m->fmt, pkt);
    av_packet_unref(pkt);
    return r < 0 || gh_avio_errno(m->io) ? fail_write(m, r, err) : 0;
}

/* Find the first box of this name in [at, end): its offset and size. */
static bool find_box(int fd, uint64_t at, uint64_t end, const char name[4], uint64_t *ret_at,
                     uint64_t *ret_size)
{
    while (at + BOX_HEAD <= end) {
        uint8_t head[16] = {0};
        if (pread(fd, head, sizeof(head), (off_t)at) < BOX_HEAD)
            return false;
        uint64_t size = AV_RB32(head) == 1 ? AV_RB64(head + 8) : AV_RB32(head);
        if (size < BOX_HEAD || size > end - at)
            return false;
        if (memcmp(head + 4, name, 4) == 0) {
            *ret_at = at;
            *ret_size = size;
            return true;
        }
        at += size;
    }
    return false;
}

/* The writer always adds a udta box with an empty list of tags: make it a free box of the same
 * size.
 */
static int blank_udta(int fd, uint64_t bytes, struct gh_err *err)
{
    uint64_t moov, moov_size, udta, size;
    if (!find_box(fd, 0, bytes, "moov", &moov, &moov_size) ||
        !find_box(fd, moov + BOX_HEAD, moov + moov_size, "udta", &udta, &size))
        return 0;
    GH_AUTO_FREE uint8_t *blank = gh_alloc(size);
    AV_WB32(blank, (uint32_t)size);
    memcpy(blank + 4, "free", 4);
    if (pwrite(fd, blank, size, (off_t)udta) != (ssize_t)size)
        return gh_fail_errno(err, GH_OK, "cannot write the output");
    return 0;
}

int gh_mux_finish(struct gh_mux *m, uint64_t *ret_bytes, struct gh_err *err)
{
    int r = av_write_trailer(m->fmt);
    avio_flush(m->io);
    struct stat st;
    if (r < 0 || gh_avio_errno(m->io))
        return fail_write(m, r, err);
    if (fstat(m->fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot read the output's size");
    TRY(blank_udta(m->fd, (uint64_t)st.st_size, err));
    *ret_bytes = (uint64_t)st.st_size;
    return 0;
}

void gh_mux_free(struct gh_mux **m)
{
    if (!*m)
        return;
    avformat_free_context((*m)->fmt);
    gh_avio_free(&(*m)->io);
    free(*m);
    *m = NULL;
}
