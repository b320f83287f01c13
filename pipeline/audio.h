/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sound of a video: decoded, brought to one rate and layout, aligned with the picture's clock, made as loud as
 * asked, encoded to AAC once for all outputs that share it. Everything is pulled: whoever needs a packet first drives
 * the decoder.
 */
#ifndef GH_PIPELINE_AUDIO_H
#define GH_PIPELINE_AUDIO_H

#include "base/look.h"
#include "pipeline/video_in.h"

#define GH_PCM_CHANNELS 2 /* at most; more are mixed down */

/* ------------------------------------------------------------------------------------ audio_pcm.c */

struct gh_pcm; /* planar float samples from a moment on, without end: silence follows the sound */
/** start_us: container time of sample 0. fd is borrowed. */
GH_MUST_USE int gh_pcm_open(const struct gh_ctx *ctx, int fd, int64_t start_us, uint32_t rate, uint32_t channels,
                            struct gh_pcm **ret, struct gh_err *err);
void gh_pcm_close(struct gh_pcm **pcm);
/** How loud it was so far, as decoded; counted from start_us. */
const struct gh_levels *gh_pcm_levels(const struct gh_pcm *pcm);
/** Fill n samples a channel. Returns how many of them come before the end of the sound. */
GH_MUST_USE int gh_pcm_read(struct gh_pcm *pcm, float *const ch[GH_PCM_CHANNELS], uint32_t n, uint32_t *ret_real,
                            struct gh_err *err);

/* ------------------------------------------------------------------------------------ audio_tape.c */

struct gh_tape; /* what a gh_pcm gives, kept up to a bound, so that it can be read again from the start */
/** Takes *pcm. bytes_max: of samples kept; 0: none, and one reader only. */
struct gh_tape *gh_tape_new(struct gh_pcm **pcm, uint32_t channels, size_t bytes_max);
/** Another owner of a tape that has all there is, from its start to its end; of another, NULL. */
struct gh_tape *gh_tape_share(struct gh_tape *t);
/** The last owner frees it. */
void gh_tape_free(struct gh_tape **t);
/** Whether everything read so far can be read again: false once there was more than bytes_max. */
bool gh_tape_keeps(struct gh_tape *t);
/** Bytes of samples it holds. */
size_t gh_tape_bytes(struct gh_tape *t);
/** As gh_pcm_read, from sample *from on, which is moved on; where nothing is kept, from where the last reading ended. A
 * bound that is reached shows in gh_tape_keeps; a single reader loses nothing by it. Any thread. */
GH_MUST_USE int gh_tape_read(struct gh_tape *t, uint64_t *from, float *const ch[GH_PCM_CHANNELS], uint32_t n,
                             uint32_t *ret_real, struct gh_err *err);
/** How loud it was so far, as decoded. Any thread. */
void gh_tape_levels(struct gh_tape *t, struct gh_levels *ret);

/* ------------------------------------------------------------------------------------ audio_loudness.c */

#define GH_OVERSAMPLING 4
/* Between-sample values by a polyphase filter (ITU-R BS.1770-4 annex 2); one for each channel. */
struct gh_true_peak {
    float past[12];
};
/** Largest magnitude of the waveform around the newest sample. */
float gh_true_peak_push(struct gh_true_peak *t, float sample);

struct gh_loudness; /* integrated loudness (EBU R128, ITU-R BS.1770-4) and true peak */
struct gh_loudness *gh_loudness_new(uint32_t rate, uint32_t channels);
void gh_loudness_free(struct gh_loudness **l);
void gh_loudness_add(struct gh_loudness *l, float *const ch[GH_PCM_CHANNELS], uint32_t n);
/** LUFS, -INFINITY for silence; the largest true peak, linear. */
void gh_loudness_result(const struct gh_loudness *l, double *ret_lufs, double *ret_peak);

/* ------------------------------------------------------------------------------------ audio_limit.c */

struct gh_limiter; /* constant gain and a look-ahead true-peak limiter */
struct gh_limiter *gh_limiter_new(uint32_t rate, uint32_t channels, double gain, double ceiling);
void gh_limiter_free(struct gh_limiter **l);
/** Delay of the output in samples. */
uint32_t gh_limiter_delay(const struct gh_limiter *l);
void gh_limiter_run(struct gh_limiter *l, float *const ch[GH_PCM_CHANNELS], uint32_t n);

/* ------------------------------------------------------------------------------------ audio_aac.c */

/** Whether a stream with this AudioSpecificConfig is AAC-LC whose packets gh_aac_blank understands. */
bool gh_aac_is_plain(const uint8_t *config, size_t n);
/** Overwrite with zeros what the packet's leading fill and data elements hold, the names of encoders among it; its size
 * and its sound stay. Returns whether anything was there. */
bool gh_aac_blank(uint8_t *packet, size_t n);

/* ------------------------------------------------------------------------------------ audio_sound.c */

#define GH_SOUND_USERS 64
#define GH_SOUND_KEEP ((size_t)72 << 20) /* for keep_bytes: three minutes */
struct gh_sound;                         /* one AAC track, shared by several outputs in several threads */
struct gh_sound_spec {
    bool silent; /* no source: silence */
    uint32_t kbps, rate, channels;
    int32_t lufs10;      /* 0: leave */
    int64_t start_us;    /* container time of the first sample */
    int64_t duration_us; /* of the part that is measured; 0: to the end */
    size_t keep_bytes;   /* of samples the measuring may keep for the encoding; more is decoded twice */
};
/** like: an earlier sound of the same part, rate, channels and loudness, whose measurement holds for this one; or NULL.
 */
GH_MUST_USE int gh_sound_new(const struct gh_ctx *ctx, int fd, const struct gh_sound_spec *spec,
                             const struct gh_sound *like, struct gh_sound **ret, struct gh_err *err);
void gh_sound_free(struct gh_sound **s);
/** Reserve a reader before the first packet is taken. Returns its number. */
unsigned gh_sound_join(struct gh_sound *s);
/** The reader takes no more packets. */
void gh_sound_leave(struct gh_sound *s, unsigned user);
/** Parameters of the encoded stream; borrowed. */
const AVCodecParameters *gh_sound_par(const struct gh_sound *s);
/** Samples of a packet. */
uint32_t gh_sound_frame(const struct gh_sound *s);
/** The reader's next packet, a reference of its own; pts counts samples from 0. Never ends. Any thread. */
GH_MUST_USE int gh_sound_next(struct gh_sound *s, unsigned user, AVPacket *ret, struct gh_err *err);
/** Bytes of samples it keeps; 0 when it keeps none, or another's. */
size_t gh_sound_kept(const struct gh_sound *s);
/** How loud the source was so far, as decoded; *ret stays as it is for silence. Any thread. */
void gh_sound_levels(struct gh_sound *s, struct gh_levels *ret);
/** What was done to it, for people; "" when nothing worth telling. */
const char *gh_sound_note(const struct gh_sound *s);

#endif
