/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One function a comparison, one line of a table each. Pictures are matched by their time: both
 * fingerprints are of the key pictures of the output, so the same moment is the same picture, and a
 * picture that is late is compared with another one and differs.
 */
#include "daemon/engine/likeness.h"

#include "base/str.h"

#include <inttypes.h>
#include <math.h>

#define SAME_MOMENT_US 2000 /* time bases round */
#define STRETCH_US 2000000  /* a shorter one is not reported */
#define OUTLASTS_US 1000000 /* an output that is longer by so much, and … */
#define OUTLASTS_SHARE 20   /* … by such a share, shows what the source has not */
/* Brightest cell of a black picture (black itself is 16), and of one that shows something, whatever
 * its range and curve. */
#define BLACK_MAX 24
#define SHOWN_MIN 80
/* Deviation of a picture without shape: 256 samples of the worst noise stray so far from their
 * mean. And the same behind a curve that stretches contrast. */
#define FLAT 8.0
#define FLAT_OUT 16.0
/* Correlation of pictures that are alike: of all cells, or of three quarters of them, since the
 * others may carry a mark. */
#define ALIKE 0.75
#define ALIKE_REST 0.85
#define MARKED (GH_SIGNATURE_CELLS / 4)
/* One in so many pictures may differ: decoders show damage differently. */
#define UNALIKE_SHARE 5
/* Mean change of the cells from one picture to the next: less when it is frozen, more when it
 * moves. */
#define STILL 0.25
#define MOVES 2.5
/* Power of a stretch with sound (-50 dBFS), and without, even where it was made quieter (-70
 * dBFS). */
#define SOUNDS 1e-5
#define SILENT 1e-7

/* ---------------------------------------------------------------------------- pairs of pictures */

struct pair {
    const struct gh_signature *source, *output;
};
struct pairs {
    struct pair list[GH_FINGERPRINT_SIGNATURES];
    uint32_t n;
};

static void match_pictures(const struct gh_compared *c, struct pairs *ret)
{
    const struct gh_signatures *s = &c->source->pictures, *o = &c->output->pictures;
    ret->n = 0;
    for (uint32_t i = 0, k = 0; i < s->n; i++) {
        while (k < o->n && o->list[k].at_us < s->list[i].at_us - SAME_MOMENT_US)
            k++;
        if (k < o->n && o->list[k].at_us <= s->list[i].at_us + SAME_MOMENT_US)
            ret->list[ret->n++] = (struct pair){&s->list[i], &o->list[k]};
    }
}

static double mean_change(const struct gh_signature *a, const struct gh_signature *b)
{
    int sum = 0;
    for (int i = 0; i < GH_SIGNATURE_CELLS; i++)
        sum += abs(a->luma[i] - b->luma[i]);
    return (double)sum / GH_SIGNATURE_CELLS;
}

static int brightest(const struct gh_signature *g)
{
    int most = 0;
    for (int i = 0; i < GH_SIGNATURE_CELLS; i++)
        most = GH_MAX(most, g->luma[i]);
    return most;
}

/* The line output = offset + slope × source through the cells that count. */
struct fit {
    double offset, slope, correlation, source_mean, source_deviation, output_mean, output_deviation;
};

static struct fit fit_of(const struct pair *p, const bool left_out[GH_SIGNATURE_CELLS])
{
    double n = 0, s = 0, o = 0, ss = 0, oo = 0, so = 0;
    for (int i = 0; i < GH_SIGNATURE_CELLS; i++) {
        double x = p->source->luma[i], y = p->output->luma[i];
        if (left_out[i])
            continue;
        n++, s += x, o += y, ss += x * x, oo += y * y, so += x * y;
    }
    double var_s = GH_MAX(ss / n - s / n * s / n, 0.0), var_o = GH_MAX(oo / n - o / n * o / n, 0.0);
    double covariance = so / n - s / n * o / n;
    struct fit f = {.source_mean = s / n,
                    .source_deviation = sqrt(var_s),
                    .output_mean = o / n,
                    .output_deviation = sqrt(var_o)};
    f.slope = var_s > 0 ? covariance / var_s : 0;
    f.offset = o / n - f.slope * s / n;
    f.correlation = var_s > 0 && var_o > 0 ? covariance / sqrt(var_s * var_o) : 0;
    return f;
}

/* How much a picture differs from the next. Of pictures without shape (noise, a plain ground) only
 * the mean counts, since their cells vary by themselves. */
static double movement(const struct gh_signature *a, const struct gh_signature *b)
{
    const bool all[GH_SIGNATURE_CELLS] = {false};
    const struct pair p = {a, b};
    struct fit f = fit_of(&p, all);
    bool flat = f.source_deviation < FLAT && f.output_deviation < FLAT;
    return flat ? fabs(f.source_mean - f.output_mean) : mean_change(a, b);
}

/* Leave out the cells furthest from the line. */
static void leave_out_worst(const struct pair *p, const struct fit *f,
                            bool left_out[GH_SIGNATURE_CELLS])
{
    for (int k = 0; k < MARKED; k++) {
        int worst = -1;
        double most = -1;
        for (int i = 0; i < GH_SIGNATURE_CELLS; i++) {
            double off = fabs(p->output->luma[i] - f->offset - f->slope * p->source->luma[i]);
            if (!left_out[i] && off > most) {
                most = off;
                worst = i;
            }
        }
        left_out[worst] = true;
    }
}

static bool looks_alike(const struct fit *f, double least)
{
    return f->source_deviation < FLAT ? f->output_deviation < FLAT_OUT : f->correlation >= least;
}

static bool pictures_alike(const struct pair *p)
{
    bool left_out[GH_SIGNATURE_CELLS] = {false};
    struct fit f = fit_of(p, left_out);
    if (looks_alike(&f, ALIKE))
        return true;
    leave_out_worst(p, &f, left_out);
    f = fit_of(p, left_out);
    return looks_alike(&f, ALIKE_REST);
}

/* ---------------------------------------------------------------------------------- comparisons */

/* Each fills pass and text; false: there is nothing to compare. */

static bool compare_frames(const struct gh_compared *c, const struct pairs *pairs,
                           struct gh_finding *ret)
{
    (void)pairs;
    uint64_t had = c->source_probe->frames, has = c->output_probe->frames;
    if (c->recipe->how != GH_HOW_PASS || c->source_probe->checked < GH_PROBE_PACKETS || !had ||
        !has)
        return false;
    ret->pass = has + 2 >= had && has <= had + 2;
    snprintf(ret->text, sizeof(ret->text), "%" PRIu64 " pictures, the source has %" PRIu64, has,
             had);
    return true;
}

/* An output may outlast its source by as much as a damaged end may lack: see the planner. */
static bool compare_length(const struct gh_compared *c, const struct pairs *pairs,
                           struct gh_finding *ret)
{
    (void)pairs;
    const struct gh_levels *sound = &c->source->sound;
    int64_t had = GH_MAX(c->source->shown_us, (int64_t)sound->n * sound->step_us),
            has = c->output_probe->duration_us;
    if (!c->source->shown_us || !has)
        return false;
    ret->pass = has - had <= GH_MAX(OUTLASTS_US, has / OUTLASTS_SHARE);
    snprintf(ret->text, sizeof(ret->text), "it lasts %.2f s, the source's part %.2f s",
             (double)has / 1e6, (double)had / 1e6);
    return true;
}

static bool compare_black(const struct gh_compared *c, const struct pairs *pairs,
                          struct gh_finding *ret)
{
    (void)c;
    for (uint32_t i = 0; i < pairs->n; i++)
        if (brightest(pairs->list[i].output) <= BLACK_MAX &&
            brightest(pairs->list[i].source) >= SHOWN_MIN) {
            snprintf(ret->text, sizeof(ret->text), "black at %.2f s, where the source is not",
                     (double)pairs->list[i].output->at_us / 1e6);
            ret->pass = false;
            return true;
        }
    snprintf(ret->text, sizeof(ret->text), "none of %u pictures is black where the source is not",
             pairs->n);
    return pairs->n > 0;
}

static bool compare_frozen(const struct gh_compared *c, const struct pairs *pairs,
                           struct gh_finding *ret)
{
    (void)c;
    int64_t since = -1;
    for (uint32_t i = 1; i < pairs->n; i++) {
        const struct pair *a = &pairs->list[i - 1], *b = &pairs->list[i];
        bool frozen =
            mean_change(a->output, b->output) < STILL && movement(a->source, b->source) >= MOVES;
        since = !frozen ? -1 : since < 0 ? a->output->at_us : since;
        if (frozen && b->output->at_us - since >= STRETCH_US) {
            snprintf(ret->text, sizeof(ret->text),
                     "stands still from %.2f to %.2f s, where the source moves",
                     (double)since / 1e6, (double)b->output->at_us / 1e6);
            ret->pass = false;
            return true;
        }
    }
    snprintf(ret->text, sizeof(ret->text), "it moves as the source does");
    return pairs->n > 1;
}

static bool compare_pictures(const struct gh_compared *c, const struct pairs *pairs,
                             struct gh_finding *ret)
{
    uint32_t off = 0;
    for (uint32_t i = 0; i < pairs->n; i++)
        off += !pictures_alike(&pairs->list[i]);
    bool none = !pairs->n && c->recipe->how == GH_HOW_ENCODE && c->source->pictures.n;
    ret->pass = !none && off * UNALIKE_SHARE <= pairs->n;
    snprintf(ret->text, sizeof(ret->text), "%u of %u pictures look like the source", pairs->n - off,
             none ? c->source->pictures.n : pairs->n);
    return pairs->n || none;
}

static bool compare_sound(const struct gh_compared *c, const struct pairs *pairs,
                          struct gh_finding *ret)
{
    (void)pairs;
    const struct gh_levels *s = &c->source->sound, *o = &c->output->sound;
    int64_t step = GH_MAX(s->step_us, o->step_us), since = -1;
    int64_t end = GH_MIN(s->n * s->step_us, o->n * o->step_us) / step * step;
    if (!s->n || !c->output_probe->n_audio)
        return false;
    for (int64_t at = 0; at + step <= end; at += step) {
        double had = gh_levels_power(s, at, at + step), has = gh_levels_power(o, at, at + step);
        bool lost = had >= SOUNDS && has >= 0 && has < SILENT;
        since = !lost ? -1 : since < 0 ? at : since;
        if (lost && at + step - since >= STRETCH_US) {
            snprintf(ret->text, sizeof(ret->text),
                     "silent from %.0f to %.0f s, where the source is not", (double)since / 1e6,
                     (double)(at + step) / 1e6);
            ret->pass = false;
            return true;
        }
    }
    snprintf(ret->text, sizeof(ret->text), "it sounds where the source does");
    return true;
}

static const struct {
    const char *limit;
    bool (*compare)(const struct gh_compared *c, const struct pairs *pairs, struct gh_finding *ret);
} comparisons[] = {
    {"source-frames", compare_frames},     {"source-length", compare_length},
    {"source-black", compare_black},       {"source-frozen", compare_frozen},
    {"source-pictures", compare_pictures}, {"source-sound", compare_sound},
};
_Static_assert(GH_LEN(comparisons) <= GH_COMPARISONS, "a line each");

int gh_compare(const struct gh_compared *c, struct gh_finding ret_findings[GH_COMPARISONS],
               size_t *ret_n)
{
    struct pairs pairs;
    int failed = 0;
    *ret_n = 0;
    if (!c->source)
        return 0;
    match_pictures(c, &pairs);
    for (size_t i = 0; i < GH_LEN(comparisons); i++) {
        struct gh_finding k = {.pass = true};
        GH_COPY(k.limit, comparisons[i].limit);
        if (!comparisons[i].compare(c, &pairs, &k))
            continue;
        ret_findings[(*ret_n)++] = k;
        failed += !k.pass;
    }
    return failed;
}
