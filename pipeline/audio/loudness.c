/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loudness after ITU-R BS.1770-4 and EBU R128: K-weighting, blocks of 400 ms every 100 ms, gates at
 * -70 LUFS and 10 LU below the mean. Energies are kept in a histogram of 0.1 LU, so that memory
 * does not grow with the length. True peak: oversampling by four.
 */
#include "pipeline/audio/audio.h"

#include "base/str.h"

#include <math.h>
#include <string.h>

#define GATE_LUFS (-70)      /* absolute gate, the lower end of the histogram */
#define RELATIVE_GATE_LU 10  /* below the mean of what passed the absolute one */
#define BINS_LU 10           /* bins of the histogram in one LU */
#define BINS 1000            /* -70.0 … +29.9 LUFS */
#define HOPS_S 10            /* hops in a second */
#define HOPS 4               /* hops in a block */
#define OFFSET_LUFS (-0.691) /* of BS.1770: 0 dB of K-weighted energy */
#define TAPS GH_TRUE_PEAK_TAPS

struct biquad {
    double b0, b1, b2, a1, a2, z1, z2;
};

struct gh_loudness {
    uint32_t rate, channels, hop, filled;
    struct biquad shelf[GH_PCM_CHANNELS], high[GH_PCM_CHANNELS];
    struct gh_true_peak peak[GH_PCM_CHANNELS];
    double sum, hops[HOPS]; /* weighted energy of the running and the last hops */
    uint64_t n_hops;
    uint64_t count[BINS];
    double energy[BINS];
    double most;
};

/* Coefficients for any rate, from the analogue prototype behind the table of BS.1770 for 48 kHz. */
static void k_weighting(double rate, struct biquad *shelf, struct biquad *high)
{
    double k = tan(M_PI * 1681.974450955533 / rate), q = 0.7071752369554196,
           vh = pow(10, 3.999843853973347 / 20), vb = pow(vh, 0.4996667741545416);
    double a0 = 1 + k / q + k * k;
    *shelf = (struct biquad){.b0 = (vh + vb * k / q + k * k) / a0,
                             .b1 = 2 * (k * k - vh) / a0,
                             .b2 = (vh - vb * k / q + k * k) / a0,
                             .a1 = 2 * (k * k - 1) / a0,
                             .a2 = (1 - k / q + k * k) / a0};
    k = tan(M_PI * 38.13547087602444 / rate);
    q = 0.5003270373238773;
    a0 = 1 + k / q + k * k;
    *high = (struct biquad){
        .b0 = 1, .b1 = -2, .b2 = 1, .a1 = 2 * (k * k - 1) / a0, .a2 = (1 - k / q + k * k) / a0};
}

static inline double biquad_run(struct biquad *f, double x)
{
    double y = f->b0 * x + f->z1;
    f->z1 = f->b1 * x - f->a1 * y + f->z2;
    f->z2 = f->b2 * x - f->a2 * y;
    return y;
}

/* Phases of the 48-tap interpolation filter of BS.1770-4 annex 2, table 1; phases 2 and 3 are 1 and
 * 0 in reverse. */
static const float phases[2][TAPS] = {
    {0.0017089844f, 0.0109863281f, -0.0196533203f, 0.0332031250f, -0.0594482422f, 0.1373291016f,
     0.9721679688f, -0.1022949219f, 0.0476074219f, -0.0266113281f, 0.0148925781f, -0.0083007813f},
    {-0.0291748047f, 0.0292968750f, -0.0517578125f, 0.0891113281f, -0.1665039063f, 0.4650878906f,
     0.7797851563f, -0.2003173828f, 0.1015625000f, -0.0582275391f, 0.0330810547f, -0.0189208984f},
};

float gh_true_peak_push(struct gh_true_peak *t, float sample)
{
    memmove(t->past + 1, t->past, (TAPS - 1) * sizeof(t->past[0]));
    t->past[0] = sample;
    float most = fabsf(t->past[TAPS / 2]), least = fabsf(t->past[TAPS / 2 - 1]);
    most = GH_MAX(most, least);
    for (int p = 0; p < 2; p++) {
        float a = 0, b = 0;
        for (int i = 0; i < TAPS; i++) {
            a += phases[p][i] * t->past[i];
            b += phases[p][i] * t->past[TAPS - 1 - i];
        }
        a = fabsf(a);
        b = fabsf(b);
        most = GH_MAX(most, GH_MAX(a, b));
    }
    return most;
}

struct gh_loudness *gh_loudness_new(uint32_t rate, uint32_t channels)
{
    struct gh_loudness *l = gh_alloc(sizeof(*l));
    l->rate = rate;
    l->channels = GH_MIN(channels, (uint32_t)GH_PCM_CHANNELS);
    l->hop = rate / HOPS_S;
    for (uint32_t c = 0; c < l->channels; c++)
        k_weighting(rate, &l->shelf[c], &l->high[c]);
    return l;
}

void gh_loudness_free(struct gh_loudness **l)
{
    free(*l);
    *l = NULL;
}

static double lufs_of(double energy)
{
    return energy > 0 ? OFFSET_LUFS + 10 * log10(energy) : -INFINITY;
}

static void end_hop(struct gh_loudness *l)
{
    l->hops[l->n_hops % HOPS] = l->sum / l->hop;
    l->sum = 0;
    l->filled = 0;
    if (++l->n_hops < HOPS)
        return;
    double energy = 0;
    for (int i = 0; i < HOPS; i++)
        energy += l->hops[i] / HOPS;
    double lufs = lufs_of(energy);
    if (lufs < GATE_LUFS)
        return;
    int bin = GH_MIN((int)((lufs - GATE_LUFS) * BINS_LU), BINS - 1);
    l->count[bin]++;
    l->energy[bin] += energy;
}

void gh_loudness_add(struct gh_loudness *l, float *const ch[GH_PCM_CHANNELS], uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t c = 0; c < l->channels; c++) {
            double y = biquad_run(&l->high[c], biquad_run(&l->shelf[c], ch[c][i]));
            l->sum += y * y;
            double peak = gh_true_peak_push(&l->peak[c], ch[c][i]);
            l->most = GH_MAX(l->most, peak);
        }
        if (++l->filled == l->hop)
            end_hop(l);
    }
}

void gh_loudness_result(const struct gh_loudness *l, double *ret_lufs, double *ret_peak)
{
    double sum = 0;
    uint64_t n = 0;
    for (int i = 0; i < BINS; i++) {
        sum += l->energy[i];
        n += l->count[i];
    }
    *ret_peak = l->most;
    *ret_lufs = -INFINITY;
    if (!n)
        return;
    int gate = GH_CLAMP((int)((lufs_of(sum / (double)n) - RELATIVE_GATE_LU - GATE_LUFS) * BINS_LU),
                        0, BINS - 1);
    sum = 0;
    n = 0;
    for (int i = gate; i < BINS; i++) {
        sum += l->energy[i];
        n += l->count[i];
    }
    *ret_lufs = n ? lufs_of(sum / (double)n) : -INFINITY;
}
