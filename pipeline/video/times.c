/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths and rates out of the times of packets, or of a container's index. */
#include "pipeline/video/times.h"

#include "base/str.h"

#define MOST_DISTANCES 65536 /* that are sorted; of more, every so many-th is taken */
#define LEAST_US 3000        /* nearer pictures are one picture, written in two packets */
#define LOW_SHARE 10         /* one distance in so many is as short as the typical shortest one */
#define ALIKE 1.5            /* times the shortest: up to here it is the same rate with jitter */
#define MOST_DEN (1 << 26)
/* Sound that is longer than the picture by less is that of its last packet, or a recorder's
 * slackness. By more than the second figure, one of the clocks is broken. */
#define OUTLASTS_US 200000
#define BROKEN_US (3600ll * 1000000)

static int by_length(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct gh_rational gh_times_moving(const int64_t *pts, size_t n, AVRational tb)
{
    size_t every = n / MOST_DISTANCES + 1, k = 0, alike = 0;
    GH_AUTO_FREE int64_t *list = gh_alloc((n / every + 2) * sizeof(*list));
    int64_t least = GH_MAX(av_rescale_q(LEAST_US, GH_US, tb), (int64_t)1), sum = 0;
    for (size_t i = 1; i < n; i += every)
        if (pts[i] - pts[i - 1] >= least)
            list[k++] = pts[i] - pts[i - 1];
    if (!k)
        return (struct gh_rational){0, 0};
    qsort(list, k, sizeof(*list), by_length);
    double most = (double)list[k / LOW_SHARE] * ALIKE;
    for (; alike < k && (double)list[alike] <= most; alike++)
        sum += list[alike];
    AVRational each, rate;
    av_reduce(&each.num, &each.den, sum, (int64_t)alike, MOST_DEN);
    each = av_mul_q(each, tb);
    if (each.num <= 0 || each.den <= 0)
        return (struct gh_rational){0, 0};
    av_reduce(&rate.num, &rate.den, each.den, each.num, MOST_DEN);
    return (struct gh_rational){rate.num, rate.den};
}

/* Of a stretch in which there is only sound, as much as belongs to the film. */
static int64_t only_sound(int64_t us)
{
    return us > OUTLASTS_US && us <= BROKEN_US ? us : 0;
}

void gh_times_film(struct gh_probe *p, const struct gh_span *picture, const struct gh_span *sound)
{
    p->picture_us = p->duration_us = GH_MAX(picture->until - picture->from, 0);
    p->lead_us = 0;
    if (!sound)
        return;
    p->aduration_us = GH_MAX(sound->until - sound->from, 0);
    p->av_offset_us = sound->from - picture->from;
    if (!p->aduration_us)
        return;
    p->lead_us = only_sound(picture->from - sound->from);
    p->duration_us += p->lead_us + only_sound(sound->until - picture->until);
}
