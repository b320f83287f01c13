/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An output beside its source: what encoding may do to it is no fault, what a broken encoder does
 * is. A table. */
#include "tests/unit/test.h"

#include "daemon/engine/likeness.h"

#include <math.h>
#include <string.h>

#define SECONDS 30

struct side {
    struct gh_fingerprint look;
    struct gh_probe probe;
};

/* A picture with shape that moves: the source. */
static int scene(int t, int x, int y)
{
    double v = 110 + 50 * sin(x * 0.9 + t * 0.7) + 30 * cos(y * 0.7 - t * 0.4);
    return (int)GH_CLAMP(v, 16.0, 235.0);
}

typedef int change_fn(int t, int x, int y, int v);
typedef double power_fn(int t, double p);

static void fill(struct side *s, change_fn *change, power_fn *power)
{
    memset(s, 0, sizeof(*s));
    gh_fingerprint_init(&s->look, 0);
    for (int t = 0; t < SECONDS; t++) {
        struct gh_signature g = {.at_us = t * 1000000ll};
        for (int i = 0; i < GH_SIGNATURE_CELLS; i++) {
            int x = i % GH_SIGNATURE_GRID, y = i / GH_SIGNATURE_GRID;
            int v = change ? change(t, x, y, scene(t, x, y)) : scene(t, x, y);
            g.luma[i] = (uint8_t)GH_CLAMP(v, 0, 255);
        }
        gh_signatures_add(&s->look.pictures, &g);
        double p = t % 10 == 9 ? 0 : 0.01; /* a pause every ten seconds */
        gh_levels_add(&s->look.sound, t * 1000000ll, 1000 * (power ? power(t, p) : p), 1000);
    }
    s->probe.frames = SECONDS * 25;
    s->probe.n_audio = 1;
    s->probe.checked = GH_PROBE_FULL;
}

/* -- what is done to outputs, and is right */
static int softer(int t, int x, int y, int v)
{
    return v + ((t + x * 3 + y * 7) % 5) - 2;
}
static int tone_mapped(int t, int x, int y, int v)
{
    (void)t, (void)x, (void)y;
    return (int)(16 + 219 * pow((v - 16) / 219.0, 0.55));
}
static int full_to_limited(int t, int x, int y, int v)
{
    (void)t, (void)x, (void)y;
    return 16 + v * 219 / 255;
}
static int with_logo(int t, int x, int y, int v)
{
    (void)t;
    return x >= 6 && y >= 6 ? 235 : y == 0 && x < 6 ? 16 : v;
}
static int one_damaged(int t, int x, int y, int v)
{
    return t == 7 ? 128 + (x * 37 + y * 11 + 3) % 60 : v;
}
/* -- and what is wrong */
static int black_for_a_while(int t, int x, int y, int v)
{
    (void)x, (void)y;
    return t >= 10 && t < 12 ? 16 : v;
}
static int black_throughout(int t, int x, int y, int v)
{
    (void)t, (void)x, (void)y, (void)v;
    return 16;
}
static int grey_throughout(int t, int x, int y, int v)
{
    (void)t, (void)x, (void)y, (void)v;
    return 128;
}
static int frozen_for_a_while(int t, int x, int y, int v)
{
    return t >= 10 && t < 14 ? scene(10, x, y) : v;
}
static int another_video(int t, int x, int y, int v)
{
    (void)v;
    return (int)(110 + 60 * sin(t * 2.3 + x * y * 0.8));
}
static int upside_down(int t, int x, int y, int v)
{
    (void)v;
    return scene(t, GH_SIGNATURE_GRID - 1 - x, GH_SIGNATURE_GRID - 1 - y);
}
static int negative(int t, int x, int y, int v)
{
    (void)t, (void)x, (void)y;
    return 251 - v;
}

static double quieter(int t, double p)
{
    (void)t;
    return p / 400;
}
static double silent_for_a_while(int t, double p)
{
    return t >= 12 && t < 15 ? 0 : p;
}
static double silent_throughout(int t, double p)
{
    (void)t, (void)p;
    return 0;
}

static const struct {
    const char *name;
    change_fn *change;
    power_fn *power;
    const char *fails; /* the line that must fail; NULL: none */
} cases[] = {
    {"as it is", NULL, NULL, NULL},
    {"coded coarsely", softer, quieter, NULL},
    {"tone mapped", tone_mapped, NULL, NULL},
    {"of another range", full_to_limited, NULL, NULL},
    {"with a mark and a label", with_logo, NULL, NULL},
    {"with one damaged picture", one_damaged, NULL, NULL},
    {"black in the middle", black_for_a_while, NULL, "source-black"},
    {"black", black_throughout, NULL, "source-black"},
    {"grey", grey_throughout, NULL, "source-pictures"},
    {"frozen in the middle", frozen_for_a_while, NULL, "source-frozen"},
    {"of something else", another_video, NULL, "source-pictures"},
    {"upside down", upside_down, NULL, "source-pictures"},
    {"negative", negative, NULL, "source-pictures"},
    {"silent in the middle", NULL, silent_for_a_while, "source-sound"},
    {"silent", NULL, silent_throughout, "source-sound"},
};

static void faults_are_found_and_nothing_else(void **state)
{
    (void)state;
    static struct side source, output;
    struct gh_recipe recipe = {.media = GH_VIDEO, .how = GH_HOW_ENCODE};
    fill(&source, NULL, NULL);
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        fill(&output, cases[i].change, cases[i].power);
        const struct gh_compared c = {&source.look, &output.look, &source.probe, &output.probe,
                                      &recipe};
        struct gh_finding findings[GH_COMPARISONS];
        size_t n;
        int failed = gh_compare(&c, findings, &n);
        assert_true(n >= 4);
        bool found = !cases[i].fails;
        for (size_t k = 0; k < n; k++) {
            if (!findings[k].pass && !cases[i].fails)
                fail_msg("%s: %s", cases[i].name, findings[k].text);
            found = found || (!findings[k].pass && gh_streq(findings[k].limit, cases[i].fails));
            assert_true(findings[k].text[0]);
        }
        if (!found)
            fail_msg("%s: %s did not fail", cases[i].name, cases[i].fails);
        assert_int_equal(failed > 0, cases[i].fails != NULL);
    }
}

/* What the source has may be had by the output: black, still and silent stretches, pictures without
 * shape. */
static int dull(int t, int x, int y, int v)
{
    return t < 8 ? 16 : t < 16 ? scene(8, x, y) : t < 24 ? 90 + (x + t) % 3 : v;
}

static void what_the_source_has_is_no_fault(void **state)
{
    (void)state;
    static struct side source, output;
    struct gh_recipe recipe = {.media = GH_VIDEO, .how = GH_HOW_ENCODE};
    fill(&source, dull, silent_throughout);
    fill(&output, dull, silent_throughout);
    struct gh_compared c = {&source.look, &output.look, &source.probe, &output.probe, &recipe};
    struct gh_finding findings[GH_COMPARISONS];
    size_t n;
    assert_int_equal(gh_compare(&c, findings, &n), 0);
    c.source = NULL; /* not told: nothing to say */
    assert_int_equal(gh_compare(&c, findings, &n), 0);
    assert_int_equal(n, 0);
}

static void a_pass_keeps_every_picture(void **state)
{
    (void)state;
    static struct side source, output;
    struct gh_recipe recipe = {.media = GH_VIDEO, .how = GH_HOW_PASS};
    fill(&source, NULL, NULL);
    fill(&output, NULL, NULL);
    const struct gh_compared c = {&source.look, &output.look, &source.probe, &output.probe,
                                  &recipe};
    struct gh_finding findings[GH_COMPARISONS];
    size_t n;
    assert_int_equal(gh_compare(&c, findings, &n), 0);
    output.probe.frames -= 25;
    assert_int_equal(gh_compare(&c, findings, &n), 1);
}

/* Padding, subtitles, a header that lies: nothing that the source has. */
static void an_output_does_not_outlast_its_source(void **state)
{
    (void)state;
    static struct side source, output;
    const struct {
        double shown, lasts;
        int failed;
    } rows[] = {{30, 30.04, 0},
                {4, 30.5, 0}, /* the sound goes on */
                {30, 31.2, 0},
                {30, 65, 1},
                {0, 65, 0} /* not known */};
    struct gh_recipe recipe = {.media = GH_VIDEO, .how = GH_HOW_ENCODE};
    fill(&source, NULL, NULL);
    fill(&output, NULL, NULL);
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        source.look.shown_us = (int64_t)(rows[i].shown * 1e6);
        output.probe.duration_us = (int64_t)(rows[i].lasts * 1e6);
        const struct gh_compared c = {&source.look, &output.look, &source.probe, &output.probe,
                                      &recipe};
        struct gh_finding findings[GH_COMPARISONS];
        size_t n;
        assert_int_equal(gh_compare(&c, findings, &n), rows[i].failed);
    }
}

/* An encode that shows nothing at the moments of its source was never looked at: that is no pass.
 */
static void nothing_to_match_is_a_fault_of_an_encode(void **state)
{
    (void)state;
    static struct side source, output;
    struct gh_recipe recipe = {.media = GH_VIDEO, .how = GH_HOW_ENCODE};
    fill(&source, NULL, NULL);
    fill(&output, NULL, NULL);
    output.look.pictures.n = 0;
    const struct gh_compared c = {&source.look, &output.look, &source.probe, &output.probe,
                                  &recipe};
    struct gh_finding findings[GH_COMPARISONS];
    size_t n;
    assert_int_equal(gh_compare(&c, findings, &n), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_found_and_nothing_else),
        cmocka_unit_test(what_the_source_has_is_no_fault),
        cmocka_unit_test(a_pass_keeps_every_picture),
        cmocka_unit_test(an_output_does_not_outlast_its_source),
        cmocka_unit_test(nothing_to_match_is_a_fault_of_an_encode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
