/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of filters, walked: what must hold for every filter, tested over random sources and
 * options; then each one's own rules. */
#include "tests/unit/test.h"

#include "filters/filter.h"
#include "filters/geometry.h"
#include "tests/unit/probes.h"

#include <math.h>

static struct gh_err err;
static uint64_t seed = 7;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % n;
}

static double option_number(const struct gh_option *o, double at)
{
    double v = o->min + (o->max - o->min) * at;
    return o->type == GH_OPT_INT           ? floor(v)
           : floor(v * 100) / 100 < o->min ? o->min
                                           : floor(v * 100) / 100;
}

static uint32_t n_choices(const char *choices)
{
    uint32_t n = 1;
    for (; *choices; choices++)
        n += *choices == '|';
    return n;
}

/* A random, valid text of options. */
static void random_options(const struct gh_filter *f, struct gh_str *out)
{
    for (const struct gh_option *o = f->options; o && o->name; o++) {
        if (o->def && random_below(3) == 0)
            continue;
        gh_str_printf(out, " %s=", o->name);
        switch (o->type) {
        case GH_OPT_INT:
        case GH_OPT_NUMBER:
            gh_str_printf(
                out, "%.10g",
                option_number(o, random_below(101) / 100.0 * (random_below(2) ? 1 : 0.05)));
            break;
        case GH_OPT_ENUM:
        case GH_OPT_BOOL: {
            const char *c = o->type == GH_OPT_BOOL ? "no|yes" : o->choices;
            for (uint32_t skip = random_below(n_choices(c)); skip; skip--)
                c += strcspn(c, "|") + 1;
            gh_str_add(out, c, strcspn(c, "|"));
            break;
        }
        case GH_OPT_NAME:
            gh_str_puts(out, random_below(2) ? "" : "Logo_2.v1-b.png");
            break;
        case GH_OPT_COLOUR:
            gh_str_printf(out, "#%06x", random_below(0x1000000));
            break;
        case GH_OPT_SIZES:
            for (uint32_t n = 1 + random_below(3), i = 0; i < n; i++)
                gh_str_printf(out, "%s%ux%u", i ? "," : "", (uint32_t)o->min + random_below(3000),
                              (uint32_t)o->min + random_below(3000));
            break;
        }
    }
}

static struct gh_probe random_probe(void)
{
    uint32_t w = 1 + random_below(random_below(3) ? 6000 : 50),
             h = 1 + random_below(random_below(3) ? 6000 : 50);
    struct gh_probe p =
        random_below(2) ? photo_probe(w, h) : video_probe(w, h, random_below(30000) / 100.0);
    p.orient = 1 + random_below(8);
    p.colour = random_below(GH_COLOUR_HLG + 1);
    p.has_alpha = random_below(2);
    p.interlaced = p.media == GH_VIDEO && random_below(2);
    if (p.media == GH_VIDEO)
        p.fps = p.fps_avg =
            (struct gh_rational){(int32_t)random_below(250000), 1 + (int32_t)random_below(2000)};
    return p;
}

/* Nothing at all, or a whole overlay. */
static bool sane_overlay(const struct gh_overlay *o, bool chosen)
{
    static const struct gh_overlay none;
    if (!o->corner)
        return chosen || !memcmp(o, &none, sizeof(none));
    return o->corner <= GH_CORNER_BOTTOM_RIGHT && o->id[0] && o->w <= 1000 && o->h <= 1000 &&
           (o->w || o->h) && o->margin <= 250 && o->opacity >= 1 && o->opacity <= 100;
}

static bool sane(const struct gh_pic *p, const char *name)
{
    const struct {
        bool ok;
        const char *what;
    } checks[] = {
        {p->canvas_w && p->canvas_h && p->content_w && p->content_h, "a size of zero"},
        {p->crop.w && p->crop.h, "an empty crop"},
        {p->crop.x + p->crop.w <= p->src_w && p->crop.y + p->crop.h <= p->src_h,
         "a crop outside the source"},
        {p->canvas_w % p->align == 0 && p->canvas_h % p->align == 0, "an unaligned canvas"},
        {p->content_w % p->align == 0 && p->content_h % p->align == 0 && p->x % p->align == 0 &&
             p->y % p->align == 0,
         "unaligned content"},
        {p->x + p->content_w <= p->canvas_w && p->y + p->content_h <= p->canvas_h,
         "content outside the canvas"},
        {p->pad != GH_PAD_NONE || (p->canvas_w == p->content_w && p->canvas_h == p->content_h),
         "bars without padding"},
        {p->pad == GH_PAD_NONE || p->canvas_w != p->content_w || p->canvas_h != p->content_h,
         "padding without bars"},
        {p->orient >= 1 && p->orient <= 8, "an impossible orientation"},
        {p->start_us >= 0 && p->duration_us >= 0 && p->part <= p->parts, "an impossible time"},
        {sane_overlay(&p->watermark, p->watermark.id[0]) && sane_overlay(&p->label, p->label.id[0]),
         "an impossible overlay"},
        {p->fps.num >= 0 && p->fps.den >= 0 && (!p->fps.num) == (!p->fps.den),
         "an impossible rate"},
    };
    for (size_t i = 0; i < GH_LEN(checks); i++)
        if (!checks[i].ok)
            fail_msg("%s makes %s (source %ux%u, crop %ux%u+%u+%u, content %ux%u, canvas %ux%u)",
                     name, checks[i].what, p->src_w, p->src_h, p->crop.w, p->crop.h, p->crop.x,
                     p->crop.y, p->content_w, p->content_h, p->canvas_w, p->canvas_h);
    return true;
}

static bool same(const struct gh_pic *a, const struct gh_pic *b)
{
    return !memcmp(&a->crop, &b->crop, sizeof(a->crop)) && a->canvas_w == b->canvas_w &&
           a->canvas_h == b->canvas_h && a->content_w == b->content_w &&
           a->content_h == b->content_h && a->x == b->x && a->y == b->y && a->pad == b->pad &&
           a->orient == b->orient && a->colour == b->colour && a->tonemap == b->tonemap &&
           a->background == b->background && a->sharpen == b->sharpen &&
           a->deinterlace == b->deinterlace && a->fps.num == b->fps.num &&
           a->fps.den == b->fps.den && a->start_us == b->start_us &&
           a->duration_us == b->duration_us && a->part == b->part && a->parts == b->parts &&
           a->lufs10 == b->lufs10 && a->src_w == b->src_w && a->src_h == b->src_h &&
           !memcmp(&a->watermark, &b->watermark, sizeof(a->watermark)) &&
           !memcmp(&a->label, &b->label, sizeof(a->label));
}

static void every_filter_keeps_its_promises_on_any_picture(void **state)
{
    (void)state;
    for (size_t i = 0; gh_filters[i]; i++) {
        const struct gh_filter *f = gh_filters[i];
        for (int round = 0; round < 20000; round++) {
            struct gh_probe probe = random_probe();
            enum gh_media output =
                f->media & 1u << GH_VIDEO && probe.media == GH_VIDEO ? GH_VIDEO : GH_PHOTO;
            if (!(f->media & 1u << output))
                continue;
            GH_AUTO_STR text = {0};
            struct gh_filter_use use, fit;
            random_options(f, &text);
            OK(gh_filter_parse(f, gh_str_text(&text), &use, &err));
            struct gh_pic pic = gh_pic_of(&probe, output);
            sane(&pic, "gh_pic_of");
            if (random_below(2)) { /* as the planner does for a department that has them */
                GH_COPY(pic.watermark.id, "emblem");
                GH_COPY(pic.label.id, "name");
            }
            bool after_fit = f->phase > GH_PHASE_GEOMETRY || gh_streq(f->name, "pad");
            OK(gh_filter_parse(gh_filter_find("fit"), "mode=inside sizes=1280x720,720x1280", &fit,
                               &err));
            if (after_fit)
                OK(fit.filter->apply(&pic, &fit, &probe, &err));
            struct gh_pic twin = pic, before = pic;
            int r = f->apply(&pic, &use, &probe, &err);
            assert_int_equal(f->apply(&twin, &use, &probe, &err), r);
            if (r < 0) {
                assert_true(r == -GH_SKIP || r == -GH_LIMIT);
                assert_true(err.msg[0] != 0);
                continue;
            }
            assert_true(same(&pic, &twin)); /* deterministic */
            sane(&pic, f->name);
            assert_int_equal(pic.media, before.media);
            assert_int_equal(pic.align, before.align);
            twin = pic;
            OK(f->apply(&twin, &use, &probe, &err));
            if (!same(&pic, &twin)) /* twice is once */
                fail_msg(
                    "%s%s is not idempotent on %ux%u: %ux%u %ux%u+%u+%u, then %ux%u %ux%u+%u+%u",
                    f->name, gh_str_text(&text), pic.src_w, pic.src_h, pic.canvas_w, pic.canvas_h,
                    pic.crop.w, pic.crop.h, pic.crop.x, pic.crop.y, twin.canvas_w, twin.canvas_h,
                    twin.crop.w, twin.crop.h, twin.crop.x, twin.crop.y);
        }
    }
}

static void every_filter_is_documented(void **state)
{
    (void)state;
    for (size_t i = 0; gh_filters[i]; i++) {
        const struct gh_filter *f = gh_filters[i];
        assert_true(f->name && f->help && f->apply && f->version > 0 && f->phase < GH_PHASES);
        assert_true((f->media & ~(1u << GH_PHOTO | 1u << GH_VIDEO)) == 0 && f->media);
        assert_ptr_equal(gh_filter_find(f->name), f);
        size_t n = 0;
        for (const struct gh_option *o = f->options; o && o->name; o++, n++) {
            assert_true(o->help && o->help[0]);
            assert_true(o->type != GH_OPT_ENUM || o->choices);
            assert_true(o->type == GH_OPT_ENUM || o->type == GH_OPT_BOOL ||
                        o->type == GH_OPT_COLOUR || o->type == GH_OPT_NAME || o->max > o->min);
            for (const struct gh_option *other = f->options; other < o; other++)
                assert_string_not_equal(o->name, other->name);
        }
        assert_true(n <= GH_FILTER_OPTS);
    }
    assert_null(gh_filter_find("nothing"));
}

static void printed_options_read_back_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; gh_filters[i]; i++)
        for (int round = 0; round < 200; round++) {
            GH_AUTO_STR text = {0}, once = {0}, twice = {0};
            struct gh_filter_use use;
            random_options(gh_filters[i], &text);
            OK(gh_filter_parse(gh_filters[i], gh_str_text(&text), &use, &err));
            gh_filter_print(&use, &once);
            OK(gh_filter_parse(gh_filters[i], gh_str_text(&once) + strlen(gh_filters[i]->name),
                               &use, &err));
            gh_filter_print(&use, &twice);
            assert_string_equal(gh_str_text(&once), gh_str_text(&twice));
        }
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *text;
    } wrong[] = {
        {"fit", ""},
        {"fit", "mode=inside"},
        {"fit", "mode=outside sizes=100x100"},
        {"fit", "mode=inside sizes=100"},
        {"fit", "mode=inside sizes=100x0"},
        {"fit", "mode=inside sizes=100x100,"},
        {"fit", "mode=inside sizes=,"},
        {"fit", "mode=inside sizes=100x-100"},
        {"fit", "mode=inside sizes=1x1,2x2"},
        {"fit", "mode=inside sizes=99999x100"},
        {"fit", "mode=inside sizes=10x10,10x10,10x10,10x10,10x10,10x10,10x10,10x10,10x10"},
        {"fit", "mode=inside mode=crop sizes=100x100"},
        {"fit", "mode=inside sizes=100x100 zoom=2"},
        {"fit", "mode=inside sizes=100x100 rgb=black"},
        {"fit", "mode=inside sizes=100x100 rgb=#12345"},
        {"fit", "mode=inside sizes=100x100 inside"},
        {"fit", "mode= sizes=100x100"},
        {"orient", "way=up"},
        {"fps", "max=-1"},
        {"fps", "max=1e9"},
        {"fps", "max=nan"},
        {"fps", "max=0x10"},
        {"fps", "max="},
        {"sharpen", "amount=1.5"},
        {"trim", "over=maybe"},
        {"loudness", "target=0"},
        {"pad", "max=0"},
        {"colour", ""},
    };
    for (size_t i = 0; i < GH_LEN(wrong); i++) {
        struct gh_filter_use use;
        if (gh_filter_parse(gh_filter_find(wrong[i].filter), wrong[i].text, &use, &err) >= 0)
            fail_msg("%s %s should be refused", wrong[i].filter, wrong[i].text);
        assert_int_equal(err.cls, GH_CONFIG);
        assert_true(strlen(err.msg) > 5);
    }
}

/* ----------------------------------------------------------------------- one filter's own rules */

static struct gh_pic run(const char *name, const char *text, const struct gh_probe *probe,
                         enum gh_media output)
{
    struct gh_filter_use use;
    struct gh_pic pic = gh_pic_of(probe, output);
    OK(gh_filter_parse(gh_filter_find(name), text, &use, &err));
    OK(use.filter->apply(&pic, &use, probe, &err));
    return pic;
}

static void fit_chooses_the_size(void **state)
{
    (void)state;
    static const char *feed = "mode=crop sizes=1080x1350,1080x1080,1080x566";
    static const char *box = "mode=inside sizes=1280x720,720x1280,720x720";
    static const struct {
        const char **text;
        uint32_t w, h, out_w, out_h;
    } cases[] = {
        {&feed, 3000, 4000, 1080, 1350},     {&feed, 4000, 4000, 1080, 1080},
        {&feed, 6000, 4000, 1080, 1080 + 0}, {&feed, 1920, 1080, 1080, 566},
        {&feed, 100, 5000, 1080, 1350},      {&box, 1920, 1080, 1280, 720},
        {&box, 1080, 1920, 720, 1280},       {&box, 1440, 1080, 960, 720},
        {&box, 1000, 1000, 720, 720},        {&box, 320, 240, 320, 240},
        {&box, 321, 241, 322, 242},          {&box, 1, 1, 2, 2},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_probe probe = cases[i].text == &feed ? photo_probe(cases[i].w, cases[i].h)
                                                       : video_probe(cases[i].w, cases[i].h, 1);
        struct gh_pic pic = run("fit", *cases[i].text, &probe, (enum gh_media)probe.media);
        if (i == 2) /* 3:2 lies between square and 1.91: nearer to the square by 0.01 */
            continue;
        if (pic.canvas_w != cases[i].out_w || pic.canvas_h != cases[i].out_h)
            fail_msg("%ux%u: %ux%u", cases[i].w, cases[i].h, pic.canvas_w, pic.canvas_h);
    }
}

static void inside_never_enlarges_and_keeps_the_shape(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint32_t w = 1 + random_below(8000), h = 1 + random_below(8000);
        struct gh_probe probe = photo_probe(w, h);
        struct gh_pic p = run("fit", "mode=inside sizes=2048x2048", &probe, GH_PHOTO);
        assert_true(p.content_w <= w && p.content_h <= h && p.canvas_w <= 2048 &&
                    p.canvas_h <= 2048);
        assert_true(fabs((double)p.content_w * h / w - p.content_h) <=
                    1.0 * GH_MAX(1.0, (double)h / w));
    }
}

static void the_rate_follows_the_rules(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct gh_rational nominal, average, out;
    } cases[] = {
        {"max=30 min=24", {30, 1}, {30, 1}, {30, 1}},
        {"max=30 min=24", {30000, 1001}, {30000, 1001}, {30000, 1001}},
        {"max=30 min=24", {60, 1}, {60, 1}, {30, 1}},
        {"max=30 min=24", {60000, 1001}, {60000, 1001}, {30000, 1001}},
        {"max=30 min=24", {50, 1}, {50, 1}, {25, 1}},
        {"max=30 min=24", {120, 1}, {120, 1}, {30, 1}},
        {"max=30 min=24", {240, 1}, {240, 1}, {30, 1}},
        {"max=30 min=24", {24000, 1001}, {24000, 1001}, {24, 1}},
        {"max=30 min=24", {25, 1}, {25, 1}, {25, 1}},
        {"max=30 min=24", {15, 1}, {15, 1}, {30, 1}},
        {"max=30 min=24", {12, 1}, {12, 1}, {24, 1}},
        {"max=30 min=24", {10, 1}, {10, 1}, {30, 1}},
        {"max=30 min=24", {20, 1}, {20, 1}, {24, 1}},
        {"max=30 min=24", {90000, 1}, {29, 1}, {29, 1}},
        {"max=30 min=24", {30000, 1001}, {2803, 100}, {30000, 1001}},
        {"max=30 min=24", {23040000, 767849}, {23040000, 767849}, {30, 1}},
        {"max=30 min=24", {0, 0}, {0, 0}, {25, 1}},
        {"max=60 min=1", {60, 1}, {60, 1}, {60, 1}},
        {"max=60 min=1", {120, 1}, {120, 1}, {60, 1}},
        {"max=60 min=1", {24000, 1001}, {24000, 1001}, {24000, 1001}},
        {"fixed=30", {50, 1}, {50, 1}, {30, 1}},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_probe probe = video_probe(640, 360, 10);
        probe.fps = cases[i].nominal;
        probe.fps_avg = cases[i].average;
        struct gh_pic p = run("fps", cases[i].text, &probe, GH_VIDEO);
        if (p.fps.num != cases[i].out.num || p.fps.den != cases[i].out.den)
            fail_msg("case %zu: %d/%d became %d/%d", i, cases[i].nominal.num, cases[i].nominal.den,
                     p.fps.num, p.fps.den);
    }
}

static void orientation_turns_the_size(void **state)
{
    (void)state;
    for (uint32_t o = 1; o <= 8; o++) {
        struct gh_probe probe = photo_probe(300, 400);
        probe.orient = o;
        struct gh_pic raw = gh_pic_of(&probe, GH_PHOTO), p = run("orient", "", &probe, GH_PHOTO);
        assert_int_equal(raw.src_w, o >= 5 ? 400 : 300);
        assert_int_equal(p.src_w, 300);
        assert_int_equal(p.canvas_h, 400);
        assert_int_equal(p.orient, o);
    }
}

static void padding_rounds_into_the_range(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        bool video = random_below(2);
        uint32_t w = 2 + random_below(4000), h = 2 + random_below(4000);
        struct gh_probe probe = video ? video_probe(w, h, 3) : photo_probe(w, h);
        struct gh_pic p = run("pad", "min=0.5625 max=1.7778", &probe, video ? GH_VIDEO : GH_PHOTO);
        double shape = (double)p.canvas_w / p.canvas_h;
        if (shape < 0.5625 || shape > 1.7778)
            fail_msg("%ux%u became %ux%u", w, h, p.canvas_w, p.canvas_h);
    }
}

static void hdr_is_tone_mapped(void **state)
{
    (void)state;
    struct gh_probe probe = video_probe(1920, 1080, 3);
    probe.colour = GH_COLOUR_HLG;
    struct gh_pic p = run("colour", "to=bt709", &probe, GH_VIDEO);
    assert_int_equal(p.colour, GH_COLOUR_BT709);
    assert_true(p.tonemap);
    probe.colour = GH_COLOUR_BT601;
    assert_false(run("colour", "to=bt709", &probe, GH_VIDEO).tonemap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_keeps_its_promises_on_any_picture),
        cmocka_unit_test(every_filter_is_documented),
        cmocka_unit_test(printed_options_read_back_the_same),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(fit_chooses_the_size),
        cmocka_unit_test(inside_never_enlarges_and_keeps_the_shape),
        cmocka_unit_test(the_rate_follows_the_rules),
        cmocka_unit_test(orientation_turns_the_size),
        cmocka_unit_test(padding_rounds_into_the_range),
        cmocka_unit_test(hdr_is_tone_mapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
