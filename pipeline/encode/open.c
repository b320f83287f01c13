/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The encoders, a row each: what libavcodec calls it, how pictures reach it, and the names it has
 * for what a recipe asks. No row of a hardware encoder was ever tried on a device: it is only known
 * that libavcodec has every option they name. Classes: GH_CONFIG, GH_SYSTEM, GH_BUG.
 */
#include "base/str.h"
#include "pipeline/encode/encoder_int.h"
#include "pipeline/input/in.h"

#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include <string.h>

#define X264_ROW                                                                                   \
    {                                                                                              \
        .codec = "libx264", .takes = AV_PIX_FMT_YUV420P, .raw = AV_PIX_FMT_YUV420P, .crf = "crf",  \
        .profile = "profile", .preset = "preset", .params = "x264-params", .bframes = 16           \
    }

const struct gh_encoder_row gh_encoder_rows[GH_ENCODERS] = {
    [GH_ENCODER_SOFTWARE] = X264_ROW,
    [GH_ENCODER_VAAPI] = {.codec = "h264_vaapi",
                          .hw = AV_HWDEVICE_TYPE_VAAPI,
                          .takes = AV_PIX_FMT_VAAPI,
                          .raw = AV_PIX_FMT_NV12,
                          .options = "idr_interval=0:sei=0",
                          .average = 750,
                          .bframes = 4},
    [GH_ENCODER_QSV] = {.codec = "h264_qsv",
                        .hw = AV_HWDEVICE_TYPE_QSV,
                        .takes = AV_PIX_FMT_QSV,
                        .raw = AV_PIX_FMT_NV12,
                        .profile = "profile",
                        .options = "idr_interval=0:look_ahead=0",
                        .average = 750,
                        .bframes = 4},
    [GH_ENCODER_NVENC] = {.codec = "h264_nvenc",
                          .takes = AV_PIX_FMT_YUV420P,
                          .raw = AV_PIX_FMT_YUV420P,
                          .crf = "cq",
                          .profile = "profile",
                          .level = "level",
                          .gpu = "gpu",
                          .options = "preset=p5:rc=vbr:strict_gop=1:no-scenecut=1:forced-idr=1",
                          .bframes = 4},
    [GH_ENCODER_V4L2] = {.codec = "h264_v4l2m2m",
                         .takes = AV_PIX_FMT_YUV420P,
                         .raw = AV_PIX_FMT_YUV420P,
                         .average = 1000,
                         .in_band = true},
    [GH_ENCODER_LOOPBACK] = X264_ROW,
};

/* An encoder that has only average rates gets this many bits for each pixel where a recipe names a
 * quality and no cap. */
#define BITS_PER_PIXEL 0.1
#define SURFACES 20 /* of the pool on a device */

static int profile_number(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {{"baseline", FF_PROFILE_H264_CONSTRAINED_BASELINE},
                 {"main", FF_PROFILE_H264_MAIN},
                 {"high", FF_PROFILE_H264_HIGH}};
    for (size_t i = 0; i < GH_LEN(known); i++)
        if (gh_streq(known[i].name, name))
            return known[i].number;
    return FF_PROFILE_H264_HIGH;
}

static void set_rate(const struct gh_encoder_row *row, const struct gh_enc_spec *spec,
                     AVCodecContext *c)
{
    c->bit_rate = spec->bit_rate;
    c->rc_max_rate = spec->max_rate;
    c->rc_buffer_size = (int)GH_MIN(spec->buffer, (int64_t)INT32_MAX);
    if (spec->bit_rate)
        return;
    if (row->crf) {
        av_opt_set_double(c->priv_data, row->crf, spec->crf, 0);
        return;
    }
    /* It has no quality scale of its own: it gets libavcodec's common one, and an average below the
     * cap where there is one. Encoders that can do both use both, others use the average only. */
    c->global_quality = (int)(spec->crf + 0.5);
    c->bit_rate = spec->max_rate * row->average / 1000;
    if (row->in_band && !c->bit_rate)
        c->bit_rate = (int64_t)((double)spec->w * spec->h * spec->fps.num /
                                GH_MAX(spec->fps.den, 1) * BITS_PER_PIXEL);
}

static void set_picture(const struct gh_encoder_row *row, const struct gh_enc_spec *spec,
                        AVCodecContext *c)
{
    c->width = (int)spec->w;
    c->height = (int)spec->h;
    c->pix_fmt = row->takes;
    c->time_base = (AVRational){spec->fps.den, spec->fps.num};
    c->framerate = (AVRational){spec->fps.num, spec->fps.den};
    c->sample_aspect_ratio = (AVRational){1, 1};
    c->color_range = AVCOL_RANGE_MPEG;
    c->color_primaries = AVCOL_PRI_BT709;
    c->color_trc = AVCOL_TRC_BT709;
    c->colorspace = AVCOL_SPC_BT709;
    c->chroma_sample_location = AVCHROMA_LOC_LEFT;
    c->max_b_frames = (int)GH_MIN(spec->bframes, row->bframes);
    c->gop_size = (int)GH_MAX(spec->gop, 1u);
    c->flags |= AV_CODEC_FLAG_CLOSED_GOP | AV_CODEC_FLAG_BITEXACT |
                (row->in_band ? 0 : AV_CODEC_FLAG_GLOBAL_HEADER);
    c->thread_count = (int)spec->threads;
    if (spec->level10)
        c->level = (int)spec->level10;
}

static int set_names(const struct gh_encoder_row *row, const struct gh_enc_spec *spec,
                     AVCodecContext *c)
{
    const char *profile = spec->profile[0] ? spec->profile : "high";
    if (!row->profile)
        c->profile = profile_number(profile);
    const struct {
        const char *option, *value;
    } names[] = {{row->profile, profile}, {row->preset, spec->preset}, {row->params, spec->params}};
    int r = row->options ? av_set_options_string(c->priv_data, row->options, "=", ":") : 0;
    for (size_t i = 0; r >= 0 && i < GH_LEN(names); i++)
        if (names[i].option && names[i].value[0])
            r = av_opt_set(c->priv_data, names[i].option, names[i].value, 0);
    if (r >= 0 && row->level && spec->level10)
        r = av_opt_set_int(c->priv_data, row->level, spec->level10, 0);
    return r;
}

/* A pool of surfaces on the device, to which raw pictures are uploaded. */
static int set_surfaces(const struct gh_encoder_row *row, AVBufferRef *device, AVCodecContext *c)
{
    AVBufferRef *ref = device ? av_hwframe_ctx_alloc(device) : NULL;
    if (!ref)
        return AVERROR(EINVAL);
    AVHWFramesContext *frames = (AVHWFramesContext *)(void *)ref->data;
    frames->format = row->takes;
    frames->sw_format = row->raw;
    frames->width = c->width;
    frames->height = c->height;
    frames->initial_pool_size = SURFACES;
    int r = av_hwframe_ctx_init(ref);
    if (r < 0)
        av_buffer_unref(&ref);
    c->hw_frames_ctx = ref;
    return r;
}

int gh_enc_context(uint32_t encoder, const struct gh_enc_spec *spec, AVBufferRef *device,
                   const char *device_name, AVCodecContext **ret, struct gh_err *err)
{
    const struct gh_encoder_row *row = &gh_encoder_rows[encoder];
    const AVCodec *codec = avcodec_find_encoder_by_name(row->codec);
    if (!codec)
        return gh_fail(err, GH_CONFIG, "this FFmpeg has no encoder %s", row->codec);
    GH_AUTO(avcodec_free_context) AVCodecContext *c = avcodec_alloc_context3(codec);
    if (!c)
        return gh_fail(err, GH_SYSTEM, "out of memory");
    set_picture(row, spec, c);
    int r = set_names(row, spec, c);
    set_rate(row, spec, c);
    const char *number = device_name + strcspn(device_name, "0123456789");
    if (r >= 0 && row->gpu && *number)
        r = av_opt_set(c->priv_data, row->gpu, number, 0);
    if (r >= 0 && row->hw != AV_HWDEVICE_TYPE_NONE)
        r = set_surfaces(row, device, c);
    if (r >= 0)
        r = avcodec_open2(c, codec, NULL);
    if (r < 0)
        return gh_fail_av(err, GH_BUG, r, "%s refuses %dx%d at %d/%d", row->codec, c->width,
                          c->height, spec->fps.num, spec->fps.den);
    *ret = gh_steal(&c);
    return 0;
}
