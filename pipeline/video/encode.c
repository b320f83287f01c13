/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encoder, journal and MP4 writer of one output, and the rate it may have. Presets are measured
 * choices (docs/ARCHITECTURE.md, tests/bench/video). x264 writes its settings into the stream as
 * user data, which is removed from every packet. Classes: GH_LIMIT (too large), GH_AGAIN (disk
 * full, hardware encoder lost, pieces that do not fit), GH_INPUT (no pictures), GH_SYSTEM, GH_BUG.
 */
#include "pipeline/video/encode.h"

#include "base/clock.h"
#include "base/str.h"
#include "pipeline/encode/encoder.h"
#include "pipeline/video/bitstream.h"
#include "pipeline/video/journal.h"
#include "pipeline/video/mux.h"

#include <inttypes.h>
#include <libavutil/crc.h>
#include <libavutil/opt.h>
#include <string.h>

#define AIM 0.97 /* share of bytes_max to aim at */
#define CRF_DEFAULT 23.0
/* pictures an encoder holds at most: so many signatures wait until it is known which of the
 * pictures become key pictures */
#define INSIDE 256
/* Bytes of MP4 boxes: fixed ones, and those for each picture and each packet of sound. */
#define BOXES 4000
#define PICTURE_BOXES 16
#define SOUND_BOXES 8
#define SOUND_PACKETS_S 50
/* Bytes a second in one kbit/s. */
#define KBPS 125.0
/* Seconds of the decoder's buffer, and the share of it that a stream may use at its start. */
#define BUFFER_S 2.0
#define LEAST_BUFFER_S 0.5
#define BUFFER_USED 0.9
#define LEAST_GOP_MS 100u

/* A macroblock tree as in veryfast; aq-mode and the dead zones take 3 to 9 % off the bytes at equal
 * SSIM, for no time. */
#define CHEAP "mbtree=1:rc-lookahead=10:aq-mode=2:deadzone-inter=16:deadzone-intra=8"
/* Presets a recipe may name; the first is for recipes without one. superfast has no macroblock
 * tree; with it, as in veryfast, it takes 3 to 15 % more bytes than veryfast at equal SSIM instead
 * of 25 to 38 %, in the same time. A second reference and differences by SATD cost two fifths more
 * time and take off another tenth of the bytes, of noisy clips a fifth. docs/MEASURED.md. */
static const struct x264_preset {
    const char *name, *base, *params;
} presets[] = {
    {"veryfast", "veryfast", ""},
    {"superfast-mbtree", "superfast", CHEAP},
    {"superfast-satd", "superfast", CHEAP ":subme=2:ref=2"},
    {"faster", "faster", ""},
};

struct gh_venc {
    struct gh_venc_conf conf;
    const struct gh_recipe *r;
    struct gh_enc enc;
    struct gh_enc_spec spec;
    bool started;
    struct gh_mux *mux;
    struct gh_journal *journal; /* NULL: none */
    int64_t from, until;        /* pictures it wants */
    unsigned pieces;            /* encoders that share the pictures; 0: it has them all */
    size_t joined;              /* how many of the other pieces were appended */
    bool flushed;
    AVCodecParameters *par; /* of a piece: they must be equal to be joined */
    AVFrame *frame;
    AVPacket *pkt, *sound_pkt;
    unsigned user;                 /* number as a reader of the sound */
    uint64_t sound_packets, spent; /* written; bytes of the picture */
    int64_t pictures, written;     /* pushed; packets written */
    struct gh_signature signatures[INSIDE];
    bool has_signature[INSIDE];
    const struct gh_signature *kept; /* of the packet being written */
    struct gh_fingerprint fingerprint;
};

static int out_of_memory(struct gh_err *err)
{
    return gh_fail(err, GH_SYSTEM, "out of memory");
}

static const struct x264_preset *preset_of(const struct gh_recipe *r)
{
    for (size_t i = 0; i < GH_LEN(presets); i++)
        if (gh_streq(presets[i].name, r->video.preset))
            return &presets[i];
    return r->video.preset[0] ? NULL : &presets[0];
}

/* A number that is the same for encoders whose packets fit together; even. */
static uint32_t maker_of(const struct gh_venc *e)
{
    const struct x264_preset *p = preset_of(e->r);
    const char *encoder =
        gh_encoder_name(e->conf.remote ? gh_remote_encoder(e->conf.remote) : GH_ENCODER_SOFTWARE);
    GH_AUTO_FREE char *what =
        gh_asprintf("%s %s %s %s", encoder, LIBAVCODEC_IDENT, p ? p->base : "", p ? p->params : "");
    return av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), avcodec_version(), (const uint8_t *)what,
                  strlen(what)) &
           ~1u;
}

struct gh_venc *gh_venc_new(const struct gh_venc_conf *conf)
{
    struct gh_venc *e = gh_alloc(sizeof(*e));
    e->conf = *conf;
    e->r = conf->recipe;
    gh_fingerprint_init(&e->fingerprint, 0);
    struct gh_err none; /* the remote keeps the reason */
    if (conf->remote && (gh_remote_lost(conf->remote) || gh_remote_hello(conf->remote, &none) < 0))
        e->conf.remote = NULL;
    e->until = INT64_MAX;
    if (conf->shelf >= 0) {
        gh_journal_open(conf->shelf, maker_of(e), &e->journal);
        e->from = conf->from;
        return e;
    }
    if (conf->sound)
        e->user = gh_sound_join(conf->sound);
    if (conf->journal >= 0) {
        bool same_rate = gh_journal_cap(conf->journal) == conf->kbps_cap;
        gh_journal_open(conf->journal, maker_of(e) + !same_rate, &e->journal);
        e->from = gh_journal_pictures(e->journal);
    }
    return e;
}

int64_t gh_venc_from(const struct gh_venc *e)
{
    return e->from;
}

void gh_venc_cut(struct gh_venc *e, int64_t until, unsigned pieces)
{
    e->until = until;
    e->pieces = pieces;
}

int64_t gh_venc_until(const struct gh_venc *e)
{
    return e->until;
}

const struct gh_recipe *gh_venc_recipe(const struct gh_venc *e)
{
    return e->r;
}

int64_t gh_venc_gop(const struct gh_recipe *recipe)
{
    struct gh_rational fps = recipe->pic.fps;
    return GH_MAX((int64_t)GH_MAX(recipe->video.gop_ms, LEAST_GOP_MS) * fps.num /
                      GH_MAX(fps.den, 1) / 1000,
                  1);
}

bool gh_venc_is_piece(const struct gh_venc *e)
{
    return e->pieces > 1;
}

void gh_venc_free(struct gh_venc **enc)
{
    struct gh_venc *e = *enc;
    if (!e)
        return;
    if (e->conf.sound)
        gh_sound_leave(e->conf.sound, e->user);
    gh_enc_close(&e->enc);
    gh_mux_free(&e->mux);
    gh_journal_close(&e->journal);
    avcodec_parameters_free(&e->par);
    av_frame_free(&e->frame);
    av_packet_free(&e->pkt);
    av_packet_free(&e->sound_pkt);
    free(e);
    *enc = NULL;
}

/* ----------------------------------------------------------------------------------------- rate */

/* The average rate in kbit/s that bytes_max leaves for the picture; 0: no limit. */
static double room_kbps(const struct gh_venc *e)
{
    double seconds = (double)e->conf.length_us / 1e6;
    if (!e->r->bytes_max || seconds <= 0)
        return 0;
    double fps = (double)e->r->pic.fps.num / e->r->pic.fps.den;
    double boxes = BOXES + seconds * (fps * PICTURE_BOXES + SOUND_PACKETS_S * SOUND_BOXES);
    double sound = e->conf.sound ? e->r->audio.kbps * KBPS * seconds : 0;
    double bytes = (double)e->r->bytes_max * AIM - boxes - sound;
    return GH_MAX(bytes / seconds / KBPS, 1.0);
}

static void set_rate(struct gh_venc *e)
{
    const struct gh_video_out *v = &e->r->video;
    double room = e->conf.kbps_cap ? e->conf.kbps_cap : room_kbps(e),
           seconds = GH_MAX((double)e->conf.length_us / 1e6, 0.5);
    double starts = GH_MAX(e->pieces, 1u);
    double max = v->maxrate_kbps, buffer = BUFFER_S;
    bool average = v->bitrate_kbps || e->conf.kbps_cap;
    if (room > 0) {
        /* At the start, of each piece, a full buffer may be used in addition to the rate: shorten
         * it, then lower the rate, until both fit. */
        buffer = GH_CLAMP(seconds / 10 / starts, LEAST_BUFFER_S, BUFFER_S);
        double cap = room * seconds / (seconds + starts * buffer * BUFFER_USED);
        if (!max || cap < max)
            max = cap;
        else if (max * (seconds + starts * (BUFFER_S * BUFFER_USED)) <= room * seconds)
            buffer = BUFFER_S;
    }
    double rate = e->conf.kbps_cap ? e->conf.kbps_cap : v->bitrate_kbps;
    if (average) {
        if (room > 0)
            rate = GH_MIN(rate, room);
        e->spec.bit_rate = (int64_t)(rate * 1000);
        max = max > 0 ? GH_MAX(max, rate) : 0;
        if (e->conf.kbps_cap)
            max = rate;
    } else {
        e->spec.crf = v->crf10 ? v->crf10 / 10.0 : CRF_DEFAULT;
    }
    if (max > 0) {
        e->spec.max_rate = (int64_t)(max * 1000);
        e->spec.buffer = (int64_t)(max * 1000 * buffer);
    }
}

/* -------------------------------------------------------------------------------------- opening */

static int set_spec(struct gh_venc *e, const AVFrame *first, struct gh_err *err)
{
    const struct x264_preset *p = preset_of(e->r);
    if (!p)
        return gh_fail(err, GH_BUG, "there is no preset %s", e->r->video.preset);
    const struct gh_video_out *v = &e->r->video;
    struct gh_rational fps = e->r->pic.fps;
    e->spec = (struct gh_enc_spec){
        .w = (uint32_t)first->width,
        .h = (uint32_t)first->height,
        .fps = fps,
        .gop = (uint32_t)gh_venc_gop(e->r),
        .bframes = v->bframes,
        .level10 = v->level10,
        .threads = e->conf.threads,
    };
    GH_COPY(e->spec.profile, v->profile);
    GH_COPY(e->spec.preset, p->base);
    GH_COPY(e->spec.params, p->params);
    set_rate(e);
    return 0;
}

static int start_encode(struct gh_venc *e, const AVFrame *first, struct gh_err *err)
{
    TRY(set_spec(e, first, err));
    TRY(gh_enc_open(&e->spec, e->conf.remote, &e->enc, err));
    e->started = true;
    e->frame = av_frame_alloc();
    e->pkt = av_packet_alloc();
    e->sound_pkt = av_packet_alloc();
    AVCodecParameters *par = avcodec_parameters_alloc();
    bool ok = e->frame && e->pkt && e->sound_pkt && par;
    int r = ok ? gh_enc_parameters(&e->enc, par, err) : out_of_memory(err);
    if (r >= 0 && e->pieces > 1) {
        e->par = avcodec_parameters_alloc();
        r = e->par && avcodec_parameters_copy(e->par, par) >= 0 ? 0 : out_of_memory(err);
    }
    const AVCodecParameters *sound = e->conf.sound ? gh_sound_par(e->conf.sound) : NULL;
    AVRational sound_tb = {1, sound ? sound->sample_rate : 1};
    AVRational picture_tb = {e->r->pic.fps.den, e->r->pic.fps.num};
    if (r >= 0 && e->conf.shelf < 0)
        r = gh_mux_open(e->conf.fd, e->r->bytes_max, par, picture_tb, sound, sound_tb, &e->mux,
                        err);
    avcodec_parameters_free(&par);
    return r;
}

/* -------------------------------------------------------------------------------------- packets */

/* Write sound up to the time of picture n. whole: n is the end, and packets that would last longer
 * are left out. */
static int write_sound(struct gh_venc *e, int64_t n, bool whole, struct gh_err *err)
{
    if (!e->conf.sound)
        return 0;
    uint64_t frame = gh_sound_frame(e->conf.sound),
             rate = (uint64_t)gh_sound_par(e->conf.sound)->sample_rate;
    uint64_t samples =
        (uint64_t)av_rescale(n, (int64_t)rate * e->r->pic.fps.den, e->r->pic.fps.num);
    uint64_t until = whole ? GH_MAX(samples / frame, (uint64_t)1) : samples / frame + 1;
    for (; e->sound_packets < until; e->sound_packets++) {
        TRY(gh_sound_next(e->conf.sound, e->user, e->sound_pkt, err));
        TRY(gh_mux_write(e->mux, e->sound_pkt, true, err));
    }
    return 0;
}

/* Replace the packet by a copy without user data, where it has any. */
static int strip_user_data(struct gh_venc *e, struct gh_err *err)
{
    static const struct gh_bitstream units = {0}; /* encoders separate them by start codes */
    if (!gh_bitstream_scan(&units, e->pkt->data, (size_t)e->pkt->size, NULL))
        return 0;
    AVPacket *clean = av_packet_alloc();
    if (!clean || av_new_packet(clean, e->pkt->size) < 0 ||
        av_packet_copy_props(clean, e->pkt) < 0) {
        av_packet_free(&clean);
        return out_of_memory(err);
    }
    size_t n = gh_bitstream_clean(&units, e->pkt->data, (size_t)e->pkt->size, clean->data);
    av_shrink_packet(clean, (int)n);
    av_packet_unref(e->pkt);
    av_packet_move_ref(e->pkt, clean);
    av_packet_free(&clean);
    return 0;
}

static void keep_signature(struct gh_venc *e)
{
    int64_t n = e->pkt->pts;
    e->kept = NULL;
    if (!(e->pkt->flags & AV_PKT_FLAG_KEY) || n < 0 || !e->has_signature[n % INSIDE])
        return;
    struct gh_signature *g = &e->signatures[n % INSIDE];
    e->kept = g;
    g->at_us = av_rescale(n, (int64_t)e->r->pic.fps.den * 1000000, e->r->pic.fps.num);
    gh_signatures_add(&e->fingerprint.pictures, g);
}

static int mux_packet(struct gh_venc *e, struct gh_err *err)
{
    int64_t at = GH_MAX(e->pkt->pts, 0);
    if (e->written + 1 < at) /* a reordered packet: sound follows the order of writing */
        at = e->written;
    TRY(write_sound(e, at, false, err));
    e->pkt->duration = 1;
    e->written++;
    e->spent += (uint64_t)e->pkt->size;
    return gh_mux_write(e->mux, e->pkt, false, err);
}

static int write_packet(struct gh_venc *e, struct gh_err *err)
{
    keep_signature(e);
    TRY(strip_user_data(e, err));
    av_packet_free_side_data(e->pkt);
    if (e->journal)
        TRY(gh_journal_add(e->journal, e->pkt, e->kept, err));
    if (e->conf.shelf < 0)
        return mux_packet(e, err);
    e->written++;
    av_packet_unref(e->pkt);
    return 0;
}

/* Write what an earlier attempt has made, then begin or continue the journal. */
static int replay(struct gh_venc *e, struct gh_err *err)
{
    struct gh_signature signature;
    bool has_signature;
    int r;
    if (!e->from || e->conf.shelf >= 0)
        return gh_journal_begin(e->journal, e->conf.kbps_cap, err);
    while ((r = gh_journal_next(e->journal, e->pkt, &signature, &has_signature, err)) > 0) {
        if (has_signature)
            gh_signatures_add(&e->fingerprint.pictures, &signature);
        TRY(mux_packet(e, err));
    }
    return r;
}

static int write_ready_packets(struct gh_venc *e, struct gh_err *err)
{
    int r;
    while ((r = gh_enc_receive(&e->enc, e->pkt, err)) > 0)
        TRY(write_packet(e, err));
    return r;
}

static int push_picture(struct gh_venc *e, const AVFrame *frame, int64_t n,
                        const struct gh_signature *signature, struct gh_err *err)
{
    if (n < e->from || n >= e->until)
        return 0;
    if (!e->started) {
        TRY(start_encode(e, frame, err));
        if (e->journal)
            TRY(replay(e, err));
    }
    av_frame_unref(e->frame);
    if (av_frame_ref(e->frame, frame) < 0)
        return out_of_memory(err);
    e->frame->pts = n;
    e->frame->pict_type = AV_PICTURE_TYPE_NONE;
    e->pictures = n + 1;
    e->has_signature[n % INSIDE] = signature != NULL;
    if (signature)
        e->signatures[n % INSIDE] = *signature;
    int r = gh_enc_send(&e->enc, e->frame, err);
    av_frame_unref(e->frame);
    return r < 0 ? r : write_ready_packets(e, err);
}

/* After a failure, even of its size, the hardware encoder is not used again: software makes the
 * next attempt. */
static int blame_remote(struct gh_venc *e, int r, const struct gh_err *err)
{
    if (r < 0 && e->conf.remote && e->started)
        gh_remote_give_up(e->conf.remote, err->msg);
    return r;
}

int gh_venc_push(struct gh_venc *e, const AVFrame *frame, int64_t n,
                 const struct gh_signature *signature, struct gh_err *err)
{
    return blame_remote(e, push_picture(e, frame, n, signature, err), err);
}

int gh_venc_flush(struct gh_venc *e, struct gh_err *err)
{
    if (!e->started)
        return gh_fail(err, GH_INPUT, "there is no picture in this part of the video");
    TRY(gh_enc_send(&e->enc, NULL, err));
    TRY(write_ready_packets(e, err));
    gh_enc_close(&e->enc);
    e->flushed = true;
    if (e->until != INT64_MAX && e->pictures != e->until)
        return gh_fail(err, GH_INPUT, "the video is shorter than it says");
    if (e->conf.shelf >= 0)
        gh_journal_rewind(e->journal);
    return 0;
}

static int check_alike(const struct gh_venc *e, const struct gh_venc *other, struct gh_err *err)
{
    const AVCodecParameters *a = e->par, *b = other->par;
    if (a->width == b->width && a->height == b->height && a->extradata_size == b->extradata_size &&
        (!a->extradata_size || !memcmp(a->extradata, b->extradata, (size_t)a->extradata_size)))
        return 0;
    return gh_fail(err, GH_AGAIN, "the pieces of the video do not fit together");
}

int gh_venc_join(struct gh_venc *e, struct gh_venc *const *others, size_t n, int64_t until,
                 struct gh_err *err)
{
    struct gh_signature signature;
    bool has_signature;
    for (; e->joined < n; e->joined++) {
        struct gh_venc *other = others[e->joined];
        TRY(check_alike(e, other, err));
        int r;
        while (e->written < until && (r = gh_journal_next(other->journal, e->pkt, &signature,
                                                          &has_signature, err)) != 0) {
            TRY(r);
            if (has_signature)
                gh_signatures_add(&e->fingerprint.pictures, &signature);
            if (e->journal)
                TRY(gh_journal_add(e->journal, e->pkt, has_signature ? &signature : NULL, err));
            TRY(mux_packet(e, err));
        }
        if (e->written >= until)
            return 0;
        e->pictures = other->pictures;
    }
    return 1;
}

static int finish_file(struct gh_venc *e, struct gh_result *ret,
                       struct gh_fingerprint *ret_fingerprint, struct gh_err *err)
{
    if (!e->flushed)
        TRY(gh_venc_flush(e, err));
    TRY(write_sound(e, e->pictures, true, err));
    uint64_t bytes = 0;
    TRY(gh_mux_finish(e->mux, &bytes, err));
    if (e->r->bytes_max && bytes > e->r->bytes_max)
        return gh_fail(err, GH_LIMIT, "%" PRIu64 " bytes are more than %" PRIu64, bytes,
                       e->r->bytes_max);
    if (e->conf.sound)
        gh_sound_levels(e->conf.sound, &e->fingerprint.sound);
    *ret_fingerprint = e->fingerprint;
    ret->bytes = bytes;
    ret->w = e->spec.w;
    ret->h = e->spec.h;
    ret->duration_us =
        av_rescale(e->pictures, (int64_t)e->r->pic.fps.den * 1000000, e->r->pic.fps.num);
    ret->kept_us = av_rescale(e->from, (int64_t)e->r->pic.fps.den * 1000000, e->r->pic.fps.num);
    return 0;
}

int gh_venc_finish(struct gh_venc *e, struct gh_result *ret, struct gh_fingerprint *ret_fingerprint,
                   struct gh_err *err)
{
    return blame_remote(e, finish_file(e, ret, ret_fingerprint, err), err);
}

void gh_venc_spent(const struct gh_venc *e, uint64_t *ret_bytes, int64_t *ret_frames)
{
    *ret_bytes = e->spent;
    *ret_frames = e->written;
}

int gh_venc_warm(struct gh_err *err)
{
    static const char *const names[] = {"libx264", "aac"};
    for (size_t i = 0; i < GH_LEN(names); i++)
        if (!avcodec_find_encoder_by_name(names[i]))
            return gh_fail(err, GH_CONFIG, "this FFmpeg has no encoder \"%s\"", names[i]);
    if (!av_guess_format("mp4", NULL, NULL))
        return gh_fail(err, GH_CONFIG, "this FFmpeg cannot write MP4");
    return 0;
}
