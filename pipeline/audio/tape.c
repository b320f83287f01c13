/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoded samples, kept in blocks as they are first read. Where there are more than it may keep it
 * frees them all, and only passes on what the decoder gives. One lock guards everything but
 * channels and bytes_max, which do not change. Classes: those of gh_pcm_read.
 */
#include "pipeline/audio/audio.h"

#include "base/str.h"

#include <pthread.h>
#include <string.h>

#define BLOCK 65536u /* samples of each channel */

struct gh_tape {
    pthread_mutex_t lock;
    unsigned users;
    struct gh_pcm *pcm;
    uint32_t channels;
    size_t bytes_max;
    float **blocks; /* BLOCK samples of one channel, then those of the next */
    size_t n_blocks;
    uint64_t made;
    bool keeps, ended;
};

struct gh_tape *gh_tape_new(struct gh_pcm **pcm, uint32_t channels, size_t bytes_max)
{
    struct gh_tape *t = gh_alloc(sizeof(*t));
    pthread_mutex_init(&t->lock, NULL);
    t->users = 1;
    t->pcm = gh_steal(pcm);
    t->channels = channels;
    t->bytes_max = bytes_max;
    t->keeps = bytes_max > 0;
    return t;
}

static void drop_blocks(struct gh_tape *t)
{
    for (size_t i = 0; i < t->n_blocks; i++)
        free(t->blocks[i]);
    free(t->blocks);
    t->blocks = NULL;
    t->n_blocks = 0;
}

struct gh_tape *gh_tape_share(struct gh_tape *t)
{
    pthread_mutex_lock(&t->lock);
    bool all = t->keeps && t->ended;
    t->users += all;
    pthread_mutex_unlock(&t->lock);
    return all ? t : NULL;
}

void gh_tape_free(struct gh_tape **tape)
{
    struct gh_tape *t = *tape;
    *tape = NULL;
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    bool last = --t->users == 0;
    pthread_mutex_unlock(&t->lock);
    if (!last)
        return;
    drop_blocks(t);
    gh_pcm_close(&t->pcm);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

bool gh_tape_keeps(struct gh_tape *t)
{
    pthread_mutex_lock(&t->lock);
    bool keeps = t->keeps;
    pthread_mutex_unlock(&t->lock);
    return keeps;
}

size_t gh_tape_bytes(struct gh_tape *t)
{
    pthread_mutex_lock(&t->lock);
    size_t bytes = t->n_blocks * BLOCK * t->channels * sizeof(float);
    pthread_mutex_unlock(&t->lock);
    return bytes;
}

void gh_tape_levels(struct gh_tape *t, struct gh_levels *ret)
{
    pthread_mutex_lock(&t->lock);
    *ret = *gh_pcm_levels(t->pcm);
    pthread_mutex_unlock(&t->lock);
}

/* -------------------------------------------------------------------------------------- reading */

/* Room for more samples; false when that exceeds the bound, or memory is out. */
static bool add_block(struct gh_tape *t)
{
    size_t bytes = BLOCK * t->channels * sizeof(float);
    float *block = (t->n_blocks + 1) * bytes <= t->bytes_max ? malloc(bytes) : NULL;
    if (!block)
        return false;
    t->blocks = gh_realloc(t->blocks, (t->n_blocks + 1) * sizeof(*t->blocks));
    t->blocks[t->n_blocks++] = block;
    return true;
}

/* Where sample n of a channel is kept. */
static float *kept_at(const struct gh_tape *t, uint64_t n, uint32_t channel)
{
    return t->blocks[n / BLOCK] + (size_t)channel * BLOCK + n % BLOCK;
}

/* Decode everything before sample until, or as much of it as there is and can be kept. */
static int decode_until(struct gh_tape *t, uint64_t until, struct gh_err *err)
{
    while (!t->ended && t->made < until) {
        if (t->made == t->n_blocks * (uint64_t)BLOCK && !add_block(t))
            return 0;
        uint32_t n = (uint32_t)GH_MIN(until - t->made, BLOCK - t->made % BLOCK), real;
        float *ch[GH_PCM_CHANNELS];
        for (uint32_t c = 0; c < GH_PCM_CHANNELS; c++)
            ch[c] = c < t->channels ? kept_at(t, t->made, c) : NULL;
        TRY(gh_pcm_read(t->pcm, ch, n, &real, err));
        t->made += real;
        t->ended = real < n;
    }
    return 0;
}

static uint32_t copy_kept(const struct gh_tape *t, uint64_t from, float *const ch[GH_PCM_CHANNELS],
                          uint32_t n)
{
    uint32_t done = 0;
    while (done < n && from + done < t->made) {
        uint64_t s = from + done;
        uint32_t k = (uint32_t)GH_MIN(GH_MIN((uint64_t)(n - done), t->made - s), BLOCK - s % BLOCK);
        for (uint32_t c = 0; c < t->channels; c++)
            memcpy(ch[c] + done, kept_at(t, s, c), k * sizeof(float));
        done += k;
    }
    return done;
}

static int read_kept(struct gh_tape *t, uint64_t from, float *const ch[GH_PCM_CHANNELS], uint32_t n,
                     uint32_t *ret_real, struct gh_err *err)
{
    TRY(decode_until(t, from + n, err));
    uint32_t done = copy_kept(t, from, ch, n), more = 0;
    if (!t->ended && done < n) { /* the bound is reached: keep nothing from here on */
        float *rest[GH_PCM_CHANNELS];
        for (uint32_t c = 0; c < GH_PCM_CHANNELS; c++)
            rest[c] = c < t->channels ? ch[c] + done : NULL;
        t->keeps = false;
        drop_blocks(t);
        TRY(gh_pcm_read(t->pcm, rest, n - done, &more, err));
    } else {
        for (uint32_t c = 0; c < t->channels; c++)
            memset(ch[c] + done, 0, (n - done) * sizeof(float));
    }
    *ret_real = done + more;
    return 0;
}

int gh_tape_read(struct gh_tape *t, uint64_t *from, float *const ch[GH_PCM_CHANNELS], uint32_t n,
                 uint32_t *ret_real, struct gh_err *err)
{
    pthread_mutex_lock(&t->lock);
    int r = t->keeps ? read_kept(t, *from, ch, n, ret_real, err)
                     : gh_pcm_read(t->pcm, ch, n, ret_real, err);
    pthread_mutex_unlock(&t->lock);
    if (r >= 0)
        *from += n;
    return r;
}
