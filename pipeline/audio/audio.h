/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sound of a video: decoded, brought to one rate and layout, aligned with the picture's clock,
 * made as loud as asked, encoded to AAC once for all outputs that share it. Everything is pulled:
 * whichever output needs a packet first runs the decoder, in its thread.
 */
#ifndef GH_PIPELINE_AUDIO_AUDIO_H
#define GH_PIPELINE_AUDIO_AUDIO_H

#include "base/fingerprint.h"
#include "pipeline/input/in.h"

#define GH_PCM_CHANNELS 2 /* at most; more are mixed down */

/* ---------------------------------------------------------------------------------------- pcm.c */

/* Planar float samples from a moment on, without end: silence follows the sound. One thread. */
struct gh_pcm;
/** start_us: container time of sample 0. rate: Hz of the samples. fd is borrowed. *ret is the
 * caller's (gh_pcm_close). GH_INPUT: no sound, or it cannot be decoded. */
GH_MUST_USE int gh_pcm_open(const struct gh_ctx *ctx, int fd, int64_t start_us, uint32_t rate,
                            uint32_t channels, struct gh_pcm **ret, struct gh_err *err);
void gh_pcm_close(struct gh_pcm **pcm);
/** Levels of what was decoded so far, by time from start_us; borrowed. */
const struct gh_levels *gh_pcm_levels(const struct gh_pcm *pcm);
/** Fill n samples of each channel. *ret_real: how many of them come before the end of the sound. */
GH_MUST_USE int gh_pcm_read(struct gh_pcm *pcm, float *const ch[GH_PCM_CHANNELS], uint32_t n,
                            uint32_t *ret_real, struct gh_err *err);

/* --------------------------------------------------------------------------------------- tape.c */

/* The samples of a gh_pcm, kept up to a bound, so that they can be read again from the start. */
struct gh_tape;
/** Takes *pcm. bytes_max: of samples it may keep; 0: it keeps none and has one reader only. */
struct gh_tape *gh_tape_new(struct gh_pcm **pcm, uint32_t channels, size_t bytes_max);
/** The same tape for another owner, if it has kept everything from start to end; else NULL. */
struct gh_tape *gh_tape_share(struct gh_tape *t);
/** The last owner frees it. */
void gh_tape_free(struct gh_tape **t);
/** Whether everything read so far can be read again: false once there was more than bytes_max. Any
 * thread. */
bool gh_tape_keeps(struct gh_tape *t);
/** Bytes of samples it holds. */
size_t gh_tape_bytes(struct gh_tape *t);
/** As gh_pcm_read, from sample *from on, which is advanced; where nothing is kept, from where the
 * last reading ended. Reaching the bound is no error: a single reader notices nothing, and
 * gh_tape_keeps is false from then on. Any thread. */
GH_MUST_USE int gh_tape_read(struct gh_tape *t, uint64_t *from, float *const ch[GH_PCM_CHANNELS],
                             uint32_t n, uint32_t *ret_real, struct gh_err *err);
/** As gh_pcm_levels. Any thread. */
void gh_tape_levels(struct gh_tape *t, struct gh_levels *ret);

/* ----------------------------------------------------------------------------------- loudness.c */

#define GH_TRUE_PEAK_TAPS 12
/* Values between samples by a polyphase filter (ITU-R BS.1770-4 annex 2); one for each channel. */
struct gh_true_peak {
    float past[GH_TRUE_PEAK_TAPS];
};
/** Largest magnitude of the waveform around the newest sample. */
float gh_true_peak_push(struct gh_true_peak *t, float sample);

/* Integrated loudness (EBU R128, ITU-R BS.1770-4) and true peak. */
struct gh_loudness;
struct gh_loudness *gh_loudness_new(uint32_t rate, uint32_t channels);
void gh_loudness_free(struct gh_loudness **l);
void gh_loudness_add(struct gh_loudness *l, float *const ch[GH_PCM_CHANNELS], uint32_t n);
/** *ret_lufs: -INFINITY for silence; *ret_peak: the largest true peak, linear. */
void gh_loudness_result(const struct gh_loudness *l, double *ret_lufs, double *ret_peak);

/* -------------------------------------------------------------------------------------- limit.c */

/* Constant gain, then a true-peak limiter that looks ahead. */
struct gh_limiter;
/** gain, ceiling: linear. */
struct gh_limiter *gh_limiter_new(uint32_t rate, uint32_t channels, double gain, double ceiling);
void gh_limiter_free(struct gh_limiter **l);
/** By how many samples the output is late. */
uint32_t gh_limiter_delay(const struct gh_limiter *l);
/** The next n samples of each channel, in place. */
void gh_limiter_run(struct gh_limiter *l, float *const ch[GH_PCM_CHANNELS], uint32_t n);

/* ---------------------------------------------------------------------------------------- aac.c */

#define GH_AAC_CONFIG_MAX 64 /* bytes of an AudioSpecificConfig without comment */
/** Write an AudioSpecificConfig of AAC-LC anew, up to the end of its syntax and without the comment
 * it may hold. *ret_more: there was one, or bytes behind. False: it is of another kind. */
bool gh_aac_config(const uint8_t *config, size_t n, uint8_t out[GH_AAC_CONFIG_MAX], size_t *ret_n,
                   bool *ret_more);
/** Whether this AudioSpecificConfig is that of AAC-LC, whose packets gh_aac_blank can read. */
bool gh_aac_is_plain(const uint8_t *config, size_t n);
/** Overwrite the contents of the packet's leading fill and data elements, and the comment of a
 * leading program config element, with zeros: encoders write their names there. Its size and its
 * sound stay. Returns whether anything was there. */
bool gh_aac_blank(uint8_t *packet, size_t n);

/* -------------------------------------------------------------------------------------- sound.c */

#define GH_SOUND_USERS GH_JOB_MAX_ENCODES
#define GH_SOUND_KEEP ((size_t)72 << 20) /* for keep_bytes: three minutes of stereo */
/* One AAC track, shared by several outputs in several threads. */
struct gh_sound;
struct gh_sound_spec {
    bool silent; /* no source: silence */
    uint32_t kbps, rate, channels;
    int32_t lufs10;      /* loudness in 1/10 LUFS; 0: leave it as it is */
    int64_t start_us;    /* container time of the first sample */
    int64_t duration_us; /* of the part whose loudness is measured; 0: to the end */
    /* of samples that measuring may keep for encoding; if there are more, all is decoded twice */
    size_t keep_bytes;
};
/** *ret is the caller's (gh_sound_free). like: an earlier sound of the same part, rate, channels
 * and loudness, whose measurement is used again; or NULL. GH_INPUT: the sound cannot be decoded. */
GH_MUST_USE int gh_sound_new(const struct gh_ctx *ctx, int fd, const struct gh_sound_spec *spec,
                             const struct gh_sound *like, struct gh_sound **ret,
                             struct gh_err *err);
void gh_sound_free(struct gh_sound **s);
/** Add a reader, before the first packet is read. Returns its number. */
unsigned gh_sound_join(struct gh_sound *s);
/** The reader reads no more packets. */
void gh_sound_leave(struct gh_sound *s, unsigned user);
/** Parameters of the encoded stream; borrowed. */
const AVCodecParameters *gh_sound_par(const struct gh_sound *s);
/** Samples of each channel in a packet. Any thread. */
uint32_t gh_sound_frame(const struct gh_sound *s);
/** The reader's next packet, a reference that is the caller's; pts counts samples from 0. There is
 * always a next one. Any thread. */
GH_MUST_USE int gh_sound_next(struct gh_sound *s, unsigned user, AVPacket *ret, struct gh_err *err);
/** Bytes of samples it keeps; 0 when it keeps none, or shares those of another sound. */
size_t gh_sound_kept(const struct gh_sound *s);
/** Levels of the source as far as it was decoded; *ret stays as it is for silence. Any thread. */
void gh_sound_levels(struct gh_sound *s, struct gh_levels *ret);

#endif
