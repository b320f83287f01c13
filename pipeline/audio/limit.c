/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Gain with a limiter that looks ahead: the gain each peak needs is held over a window (its
 * minimum), released slowly, and averaged over the same window, so that it is fully applied when
 * the peak comes out, and never jumps.
 */
#include "pipeline/audio/audio.h"

#include "base/str.h"

#include <math.h>

#define WINDOW_MS 5
#define RELEASE_MS 120
#define DETECTOR_DELAY 6  /* samples by which the true-peak filter is late */
#define RELEASED 0.99999f /* a gain above this is one */

struct gh_limiter {
    uint32_t channels, window, at; /* samples */
    float gain, ceiling, release, held;
    struct gh_true_peak peak[GH_PCM_CHANNELS];
    float *delay[GH_PCM_CHANNELS]; /* window + DETECTOR_DELAY samples, a ring */
    float *need;                   /* gains asked for, a ring of window */
    float *soft;                   /* released gains, a ring of window */
    double sum;                    /* of soft */
};

struct gh_limiter *gh_limiter_new(uint32_t rate, uint32_t channels, double gain, double ceiling)
{
    struct gh_limiter *l = gh_alloc(sizeof(*l));
    l->channels = GH_MIN(channels, (uint32_t)GH_PCM_CHANNELS);
    l->window = rate * WINDOW_MS / 1000;
    l->gain = (float)gain;
    l->ceiling = (float)ceiling;
    l->release = (float)(1 - exp(-1000.0 / (RELEASE_MS * (double)rate)));
    l->held = 1;
    for (uint32_t c = 0; c < l->channels; c++)
        l->delay[c] = gh_alloc((l->window + DETECTOR_DELAY) * sizeof(float));
    l->need = gh_alloc(l->window * sizeof(float));
    l->soft = gh_alloc(l->window * sizeof(float));
    for (uint32_t i = 0; i < l->window; i++)
        l->need[i] = l->soft[i] = 1;
    l->sum = l->window;
    return l;
}

void gh_limiter_free(struct gh_limiter **l)
{
    if (!*l)
        return;
    for (uint32_t c = 0; c < (*l)->channels; c++)
        free((*l)->delay[c]);
    free((*l)->need);
    free((*l)->soft);
    free(*l);
    *l = NULL;
}

uint32_t gh_limiter_delay(const struct gh_limiter *l)
{
    return l->window + DETECTOR_DELAY;
}

void gh_limiter_run(struct gh_limiter *l, float *const ch[GH_PCM_CHANNELS], uint32_t n)
{
    uint32_t ring = l->window + DETECTOR_DELAY;
    for (uint32_t i = 0; i < n; i++, l->at++) {
        float peak = 0;
        for (uint32_t c = 0; c < l->channels; c++)
            peak = fmaxf(peak, gh_true_peak_push(&l->peak[c], ch[c][i] * l->gain));
        uint32_t k = l->at % l->window;
        l->need[k] = peak > l->ceiling ? l->ceiling / peak : 1;
        float least = l->need[k];
        if (l->held < 1 || least < 1)
            for (uint32_t j = 0; j < l->window; j++)
                least = GH_MIN(least, l->need[j]); /* fminf is a call */
        l->held = fminf(least, l->held + (1 - l->held) * l->release);
        if (l->held > RELEASED)
            l->held = 1;
        l->sum += l->held - l->soft[k];
        l->soft[k] = l->held;
        float g = (float)(l->sum / l->window) * l->gain;
        for (uint32_t c = 0; c < l->channels; c++) {
            float *slot = &l->delay[c][l->at % ring];
            float out = *slot * g;
            *slot = ch[c][i];
            ch[c][i] = out;
        }
    }
}
