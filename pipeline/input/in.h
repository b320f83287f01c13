/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A video file opened for reading: container, chosen streams, decoders. Each gh_vin has an offset
 * and a state of its own, so one descriptor can be opened several times. Classes: GH_INPUT (no
 * video, damaged, unknown kind), GH_LIMIT.
 */
#ifndef GH_PIPELINE_INPUT_IN_H
#define GH_PIPELINE_INPUT_IN_H

#include "base/err.h"
#include "pipeline/pipeline.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <stdbool.h>

#define GH_US ((AVRational){1, 1000000})

struct gh_vin {
    AVFormatContext *fmt;
    AVIOContext *io;
    AVStream *video;    /* the one to show; never NULL after opening */
    AVStream *audio;    /* the first that can be decoded, or the one asked for; NULL: none */
    int64_t lead_us;    /* of the film before the first picture */
    bool bare;          /* a stream without container: no times, no index */
    int64_t bare_clock; /* when the next picture read of it is due, in its time base */
    char refused[64];   /* name of another file that this one asked for, made printable; "": none */
};

/** fd is borrowed until gh_vin_close. Streams other than the two chosen are discarded. */
GH_MUST_USE int gh_vin_open(const struct gh_ctx *ctx, int fd, struct gh_vin **ret,
                            struct gh_err *err);
void gh_vin_close(struct gh_vin **in);
/** av_read_frame, with times that no arithmetic can overflow: absurd ones are AV_NOPTS_VALUE. */
int gh_vin_read(struct gh_vin *in, AVPacket *pkt);
/** Of a bare stream: read from the beginning again. */
void gh_vin_rewind(struct gh_vin *in);
/** Short name of the container (pipeline/input/codecs.h), "unknown" for others. */
const char *gh_vin_format(const struct gh_vin *in);
/** Orientation 1..8 (EXIF numbering) of the display matrix: how a player turns the decoded
 * picture. */
uint32_t gh_vin_orient(const AVStream *st);
/* From when until when a stream is shown, in microseconds of the clock that picture and sound
 * share.
 */
struct gh_span {
    int64_t from, until;
};
/** What the header says of a stream; false where it says nothing. Matroska says only how long the
 * longest of all tracks is, which may be neither picture nor sound: that does not count. */
bool gh_vin_span(const struct gh_vin *in, const AVStream *st, struct gh_span *ret);
/** Container time of the first picture in microseconds; picture and sound share that clock. */
int64_t gh_vin_first_us(const struct gh_vin *in);
/** Container time at which the film begins: with its first picture, or with the sound before it. */
int64_t gh_vin_begin_us(const struct gh_vin *in);
/** Whether the stream can be decoded and shown, or heard. */
bool gh_vin_is_film(const AVStream *st);
bool gh_vin_is_sound(const AVStream *st);
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
    uint64_t broken; /* of these: pictures it could not make, or marked as damaged */
    uint64_t pixels_max;
    unsigned too_large; /* gh_av_too_large when it was opened */
    int64_t next_pts;   /* where the next frame is expected, stream time base */
    bool draining, done;
};

enum gh_vdec_mode {
    GH_DEC_PLAIN,
    GH_DEC_STRICT, /* damage is an error, not concealed */
    GH_DEC_CHECK,  /* strict, but without the loop filter: pictures are only roughly right */
    GH_DEC_KEYS,   /* key frames only */
};

/** Open the decoder of one of in's streams; the other streams are discarded from now on. */
GH_MUST_USE int gh_vdec_open(const struct gh_ctx *ctx, struct gh_vin *in, AVStream *st,
                             unsigned threads, enum gh_vdec_mode mode, struct gh_vdec **ret,
                             struct gh_err *err);
void gh_vdec_close(struct gh_vdec **dec);
/**
 * The next decoded frame with its pts set (stream time base): 1, or 0 at the end. What the decoder
 * refuses is counted and skipped. GH_LIMIT when a frame exceeds the limits, whatever the header
 * said.
 */
GH_MUST_USE int gh_vdec_next(struct gh_vdec *dec, AVFrame *frame, struct gh_err *err);
/** Check what was really decoded against the limits: the number of dec's pictures, and the time
 * at_us (from the first picture) of its latest frame. GH_LIMIT. */
GH_MUST_USE int gh_vdec_limits(const struct gh_ctx *ctx, const struct gh_vdec *dec, int64_t at_us,
                               struct gh_err *err);
/** Go to the last key frame at or before us (container time, microseconds), or to the beginning
 * where that cannot be found; flushes the decoder. */
void gh_vdec_seek(struct gh_vdec *dec, int64_t us);

/** The listed decoder of id, or NULL. */
const AVCodec *gh_decoder_of(enum AVCodecID id);
/** Set err from an AVERROR: the text of fmt, then that of code. The class is GH_SYSTEM for memory,
 * else cls. */
int gh_fail_av(struct gh_err *err, enum gh_class cls, int code, const char *fmt, ...)
    GH_PRINTF(4, 5);
/** From now on count what the libraries of FFmpeg log, and print none of it. */
void gh_av_count_complaints(void);
/** Errors they logged since then, whatever their functions returned. Any thread. */
unsigned gh_av_complaints(void);
/** How many pictures they mended, each with a message of its own. Any thread. */
unsigned gh_av_concealed(void);
/** Of these, refusals of a picture above max_pixels, and of a stream above max_streams. */
unsigned gh_av_too_large(void);
unsigned gh_av_too_many_streams(void);
/** All listed demuxers and decoders are in this FFmpeg, else GH_CONFIG. */
GH_MUST_USE int gh_vin_warm(struct gh_err *err);

/* Fields whose names changed between FFmpeg 5.1 and 7. */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100)
#define gh_frame_interlaced(f) (((f)->flags & AV_FRAME_FLAG_INTERLACED) != 0)
#define gh_frame_key(f) (((f)->flags & AV_FRAME_FLAG_KEY) != 0)
#else
#define gh_frame_interlaced(f) ((f)->interlaced_frame != 0)
#define gh_frame_key(f) ((f)->key_frame != 0)
#endif
#if LIBAVUTIL_VERSION_MAJOR >= 58
#define gh_frame_duration(f) ((f)->duration)
#else
#define gh_frame_duration(f) ((f)->pkt_duration)
#endif

#endif
