/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A video file opened for reading: container, chosen streams, decoders. Every opening has its own offset and its own
 * state, so one descriptor can be opened several times. Classes: GH_INPUT (no video, damaged, unknown kind), GH_LIMIT.
 */
#ifndef GH_PIPELINE_VIDEO_IN_H
#define GH_PIPELINE_VIDEO_IN_H

#include "base/err.h"
#include "pipeline/pipeline.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

#define GH_US ((AVRational){1, 1000000})

struct gh_vin {
    AVFormatContext *fmt;
    AVIOContext *io;
    AVStream *video;  /* the one to show; never NULL after opening */
    AVStream *audio;  /* first usable; NULL when there is none */
    char refused[64]; /* a name the file asked to open, made printable */
};

/** fd is borrowed until gh_vin_close. Streams other than the two chosen are discarded. */
GH_MUST_USE int gh_vin_open(const struct gh_ctx *ctx, int fd, struct gh_vin **ret, struct gh_err *err);
void gh_vin_close(struct gh_vin **in);
/** av_read_frame, with times that no arithmetic can overflow: absurd ones are AV_NOPTS_VALUE. */
int gh_vin_read(struct gh_vin *in, AVPacket *pkt);
/** What the file holds but picture and sound: short name of the container ("mov", "matroska", "avi", "mpegts"). */
const char *gh_vin_format(const struct gh_vin *in);
/** Orientation 1..8 (EXIF numbering) of the display matrix: what a player does to the decoded picture. */
uint32_t gh_vin_orient(const AVStream *st);
uint32_t gh_orient_of_matrix(const int32_t matrix[9]);
/** Container time of the first picture: the clock that picture and sound share. */
int64_t gh_vin_first_us(const struct gh_vin *in);
/** Sample aspect ratio, 1:1 when unknown or absurd. */
AVRational gh_vin_sar(const struct gh_vin *in);

/* A decoder that reads its own packets from in. */
struct gh_vdec {
    struct gh_vin *in; /* borrowed */
    AVStream *st;
    AVCodecContext *codec;
    AVPacket *pkt;
    uint64_t frames; /* delivered */
    uint64_t errors; /* packets or frames the decoder complained about */
    uint64_t pixels_max;
    unsigned too_large; /* gh_av_too_large when it was opened */
    int64_t next_pts;   /* where the next frame is expected, stream time base */
    bool draining, done;
};

enum gh_vdec_mode {
    GH_DEC_PLAIN,
    GH_DEC_STRICT, /* damage is an error, not concealed */
    GH_DEC_CHECK,  /* strict, and pictures are looked at only roughly */
    GH_DEC_KEYS,   /* key frames only */
};

/** Open the decoder of one of in's streams; the other streams are discarded from now on. */
GH_MUST_USE int gh_vdec_open(const struct gh_ctx *ctx, struct gh_vin *in, AVStream *st, unsigned threads,
                             enum gh_vdec_mode mode, struct gh_vdec **ret, struct gh_err *err);
void gh_vdec_close(struct gh_vdec **dec);
/**
 * The next decoded frame with its pts set (stream time base): 1, or 0 at the end. What the decoder refuses is counted
 * and skipped. GH_LIMIT when a frame exceeds the limits, whatever the header said.
 */
GH_MUST_USE int gh_vdec_next(struct gh_vdec *dec, AVFrame *frame, struct gh_err *err);
/** The limits on what was really decoded: dec's pictures, and how late the frame at at_us (from the first picture) is.
 * GH_LIMIT. */
GH_MUST_USE int gh_vdec_limits(const struct gh_ctx *ctx, const struct gh_vdec *dec, int64_t at_us, struct gh_err *err);
/** Go to the last key frame at or before us (container time). Decoders are flushed. */
void gh_vdec_seek(struct gh_vdec *dec, int64_t us);

/** The listed decoder of id, or NULL. */
const AVCodec *gh_decoder_of(enum AVCodecID id);
/** Set err from an AVERROR; the class is GH_SYSTEM for memory, else cls. */
int gh_fail_av(struct gh_err *err, enum gh_class cls, int code, const char *fmt, ...) GH_PRINTF(4, 5);
/** Errors libav* wrote to its log since the process began (after gh_video_warm), whatever they came back as. */
unsigned gh_av_complaints(void);
/** Of these, refusals of a picture above max_pixels, and of a stream above max_streams. */
unsigned gh_av_too_large(void);
unsigned gh_av_too_many_streams(void);
/** Look all demuxers, decoders, filters and encoders up. */
GH_MUST_USE int gh_vin_warm(struct gh_err *err);

/* What changed its name between FFmpeg 5.1 and 7. */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100)
#define gh_frame_interlaced(f) (((f)->flags & AV_FRAME_FLAG_INTERLACED) != 0)
#define gh_frame_tff(f) (((f)->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0)
#define gh_frame_key(f) (((f)->flags & AV_FRAME_FLAG_KEY) != 0)
#else
#define gh_frame_interlaced(f) ((f)->interlaced_frame != 0)
#define gh_frame_tff(f) ((f)->top_field_first != 0)
#define gh_frame_key(f) ((f)->key_frame != 0)
#endif
#if LIBAVUTIL_VERSION_MAJOR >= 58
#define gh_frame_duration(f) ((f)->duration)
#else
#define gh_frame_duration(f) ((f)->pkt_duration)
#endif

#endif
