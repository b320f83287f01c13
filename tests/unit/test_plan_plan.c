/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The planner over the shipped profiles: golden plans (UPDATE_GOLDEN=1 writes them), then the rules
 * behind them one by one. */
#include "tests/unit/test.h"

#include "daemon/plan/plan_int.h"
#include "tests/unit/probes.h"
#include "tests/unit/shipped.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static struct gh_plan plan;
static const struct gh_plan_opts plain = {.policy = GH_POLICY_CREDIT, .thumb_at_us = -1};

static void make(const struct gh_probe *probe)
{
    OK(gh_plan_make(probe, &profiles, &plain, &plan, &err));
}

static void make_for(const struct gh_probe *probe, const char *const *names, size_t n)
{
    struct gh_plan_opts opts = plain;
    opts.names = names;
    opts.n_names = n;
    OK(gh_plan_make(probe, &profiles, &opts, &plan, &err));
}

static const struct gh_place *place(const char *name)
{
    for (uint32_t i = 0; i < plan.n_places; i++)
        if (gh_streq(plan.places[i].profile->name, name))
            return &plan.places[i];
    fail_msg("no placement %s", name);
    return NULL;
}

static const struct gh_recipe *recipe(const char *name)
{
    const struct gh_place *p = place(name);
    if (!p->parts)
        fail_msg("%s is skipped: %s", name, p->why);
    return &plan.encodes[p->encode[0]];
}

/* --------------------------------------------------------------------------------- golden plans */

static struct gh_probe bench_clip(void)
{
    return video_probe(1920, 1080, 10);
}

static struct gh_probe hlg_clip(void)
{
    struct gh_probe p = video_probe(1080, 1920, 10);
    p.stored_w = 1920;
    p.stored_h = 1080;
    p.orient = 6;
    p.colour = GH_COLOUR_HLG;
    GH_COPY(p.vcodec, "hevc");
    GH_COPY(p.pix_fmt, "yuv420p10le");
    p.depth = 10;
    return p;
}

static struct gh_probe small_silent(void)
{
    struct gh_probe p = video_probe(1280, 720, 2.5);
    p.n_audio = 0;
    p.acodec[0] = p.aprofile[0] = 0;
    p.achannels = p.arate = 0;
    p.aduration_us = 0;
    GH_COPY(p.vprofile, "Constrained Baseline");
    p.bframes = 0;
    p.vkbps = 3000;
    p.bytes = 940000;
    return p;
}

static struct gh_probe photo_24mp(void)
{
    return photo_probe(6016, 4016);
}

static struct gh_probe panorama(void)
{
    return photo_probe(30000, 900);
}

static struct gh_probe six_minutes(void)
{
    struct gh_probe p = video_probe(1920, 1080, 362.77);
    GH_COPY(p.format, "matroska");
    return p;
}

/* A phone's HDR: Dolby Vision 8.4 is HLG to whoever decodes it; here 60 fps of 4K, held upright,
 * variable. */
static struct gh_probe hdr_phone(void)
{
    struct gh_probe p = hlg_clip();
    p.w = 2160;
    p.h = 3840;
    p.stored_w = 3840;
    p.stored_h = 2160;
    p.fps = p.fps_avg = (struct gh_rational){60, 1};
    p.vfr = 1;
    p.vkbps = 50000;
    return p;
}

static struct gh_probe rate(int32_t num, int32_t den)
{
    struct gh_probe p = video_probe(1920, 1080, 20);
    p.fps = p.fps_avg = (struct gh_rational){num, den};
    p.frames = 20u * (uint64_t)num / (uint64_t)den;
    return p;
}

static struct gh_probe fps_60(void)
{
    return rate(60, 1);
}

static struct gh_probe fps_12(void)
{
    return rate(12, 1);
}

/* A camcorder's tape: PAL, 4:3 of pixels that are not square. */
static struct gh_probe sd_interlaced(void)
{
    struct gh_probe p = video_probe(768, 576, 40);
    GH_COPY(p.format, "mpegts");
    GH_COPY(p.vcodec, "mpeg2video");
    GH_COPY(p.vprofile, "Main");
    GH_COPY(p.acodec, "mp2");
    p.aprofile[0] = 0;
    p.stored_w = 720;
    p.sar = (struct gh_rational){16, 15};
    p.fps = p.fps_avg = (struct gh_rational){25, 1};
    p.interlaced = 1;
    p.colour = GH_COLOUR_BT601;
    p.vkbps = 8000;
    return p;
}

/* A minute and a half held upright; a video so is within the vertical placements' shape. */
static struct gh_probe portrait_phone(void)
{
    struct gh_probe p = video_probe(1080, 1920, 88);
    p.stored_w = 1920;
    p.stored_h = 1080;
    p.orient = 6;
    return p;
}

static struct gh_probe an_hour(void)
{
    return video_probe(1920, 1080, 3600);
}

static struct gh_probe three_minutes(void)
{
    return video_probe(1920, 1080, 175);
}

static struct gh_probe several_tracks(void)
{
    struct gh_probe p = video_probe(1280, 720, 30);
    p.n_video = 3;
    p.n_audio = 2;
    p.n_data = 2;
    p.meta = GH_META(DATA_TRACK) | GH_META(UDTA);
    return p;
}

static const struct {
    const char *name;
    struct gh_probe (*probe)(void);
} golden[] = {
    {"bench-clip", bench_clip},
    {"portrait-hlg", hlg_clip},
    {"small-silent-clip", small_silent},
    {"photo-24mp", photo_24mp},
    {"panorama", panorama},
    {"six-minutes", six_minutes},
    {"hdr-phone-4k60", hdr_phone},
    {"60-fps", fps_60},
    {"12-fps", fps_12},
    {"sd-interlaced", sd_interlaced},
    {"portrait-phone", portrait_phone},
    {"an-hour", an_hour},
    {"three-minutes", three_minutes},
    {"several-tracks", several_tracks},
};

static void plans_are_as_written_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < GH_LEN(golden); i++) {
        struct gh_probe probe = golden[i].probe();
        GH_AUTO_STR text = {0};
        GH_AUTO_FREE char *path = gh_asprintf("tests/golden/plan/%s.txt", golden[i].name);
        make(&probe);
        gh_plan_print(&plan, &probe, &text);
        if (getenv("UPDATE_GOLDEN")) {
            FILE *f = fopen(path, "w");
            assert_non_null(f);
            fputs(gh_str_text(&text), f);
            assert_int_equal(fclose(f), 0);
            continue;
        }
        GH_AUTO_FREE char *want = NULL;
        size_t len = 0;
        OK(gh_read_file(AT_FDCWD, path, 100000, &want, &len, &err));
        if (!gh_streq(want, gh_str_text(&text)))
            fail_msg("%s differs; now it is:\n%s", path, gh_str_text(&text));
    }
}

/* ---------------------------------------------------------------------------------------- rules */

/* Half a copy whose index came first: its length is that of what was read. */
static void half_a_video_is_no_shorter_one(void **state)
{
    (void)state;
    static const struct {
        double seconds, sound, container; /* read of picture and of sound; promised */
        bool damaged, header_only, refused;
    } rows[] = {
        /* all of it decodes: the container lies */
        {6, 6, 10, true, false, true},
        {6, 6, 10, false, false, false},
        /* nobody has read it yet */
        {6, 6, 10, true, true, false},
        {6, 10, 10, true, false, false}, /* sound to its end */
        {9.2, 9.2, 10, true, false, false},
        {95.5, 95.5, 100, true, false, false},
        {94.5, 94.5, 100, true, false, true},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct gh_probe probe = video_probe(1920, 1080, rows[i].seconds);
        struct gh_plan_opts opts = {0};
        probe.aduration_us = (int64_t)(rows[i].sound * 1e6);
        probe.container_us = (int64_t)(rows[i].container * 1e6);
        probe.damaged = rows[i].damaged;
        probe.checked = rows[i].header_only ? GH_PROBE_HEADER : GH_PROBE_FULL;
        int r = gh_plan_make(&probe, &profiles, &opts, &plan, &err);
        bool refused = r == -GH_INPUT && strstr(err.msg, "cut off");
        if (refused != rows[i].refused || (r < 0 && !refused))
            fail_msg("row %zu: %d %s", i, r, err.msg);
    }
}

static void the_bench_clip_needs_two_encodes(void **state)
{
    (void)state;
    struct gh_probe probe = bench_clip();
    make(&probe);
    uint32_t video_encodes = 0;
    for (uint32_t i = 0; i < plan.n_encodes; i++)
        video_encodes += plan.encodes[i].media == GH_VIDEO && plan.encodes[i].how == GH_HOW_ENCODE;
    assert_int_equal(video_encodes, 2);
    assert_int_equal(place("yt.video")->how, GH_PLACE_PASS);
    assert_non_null(strstr(place("tg.video")->why, "not passed through: edges"));
    assert_int_equal(place("fb.video")->how, GH_PLACE_PASS);
    assert_ptr_equal(recipe("x.video"), recipe("wa.video"));
    assert_ptr_equal(recipe("tg.video"), recipe("wa.video"));
    assert_ptr_equal(recipe("vertical.short"), recipe("story.video"));
    const struct gh_recipe *r = recipe("wa.video");
    assert_string_equal(r->video.profile, "main");
    assert_int_equal(r->video.bframes, 0);
    assert_int_equal(r->bytes_max, 15500000);
    assert_int_equal(r->pic.canvas_w, 1280);
    assert_int_equal(r->audio.channels, 2);
    assert_int_equal(recipe("story.video")->pic.pad, GH_PAD_BLUR);
    assert_int_equal(recipe("yt.thumb")->pic.start_us, -1);
}

static void passing_waits_for_a_full_probe(void **state)
{
    (void)state;
    struct gh_probe probe = bench_clip();
    make(&probe);
    assert_false(plan.need_full_probe);
    probe.checked = GH_PROBE_HEADER;
    make(&probe);
    assert_true(plan.need_full_probe);
    GH_COPY(probe.vcodec, "hevc");
    make(&probe);
    assert_false(plan.need_full_probe);
}

static void only_what_is_within_every_limit_passes(void **state)
{
    (void)state;
    const struct gh_probe good = bench_clip();
    struct gh_probe bad[20];
    size_t n = 0;
#define BAD(statement)                                                                             \
    do {                                                                                           \
        struct gh_probe *p = &bad[n++];                                                            \
        *p = good;                                                                                 \
        statement;                                                                                 \
    } while (0)
    BAD(GH_COPY(p->vcodec, "hevc"));
    BAD(GH_COPY(p->pix_fmt, "yuvj420p"));
    BAD(p->full_range = 1);
    BAD(GH_COPY(p->vprofile, "High 10"));
    BAD(p->orient = 6);
    BAD(p->interlaced = 1);
    BAD(p->edit_trims = 1);
    BAD(p->damaged = 1);
    BAD(p->open_gop = 1);
    BAD((p->sar = (struct gh_rational){4, 3}, p->w = 2560));
    BAD(p->colour = GH_COLOUR_PQ);
    BAD(p->colour = GH_COLOUR_BT601);
    BAD(GH_COPY(p->format, "mpegts"));
    BAD(GH_COPY(p->acodec, "pcm_s16le"));
    BAD(GH_COPY(p->aprofile, "HE-AAC"));
    BAD(p->achannels = 6);
    BAD(p->arate = 96000);
    BAD(p->av_offset_us = 90000);
    BAD(p->aduration_us = p->duration_us + 600000);
    BAD(p->bytes = 3000000000);
    for (size_t i = 0; i < n; i++) {
        make(&bad[i]);
        if (place("yt.video")->how == GH_PLACE_PASS)
            fail_msg("case %zu passed", i);
    }
}

static void parts_of_a_split_are_equal_and_complete(void **state)
{
    (void)state;
    struct gh_probe probe = video_probe(1920, 1080, 200);
    struct gh_profiles own = {0};
    const struct gh_profile *base = gh_profiles_find(&profiles, "story.video");
    struct gh_profile split = *base;
    for (size_t i = 0; i < split.n_chain; i++)
        if (gh_streq(split.chain[i].filter->name, "trim"))
            OK(gh_filter_parse(split.chain[i].filter, "max=59.5 min=3 over=split", &split.chain[i],
                               &err));
    own.list = &split;
    own.n = 1;
    OK(gh_plan_make(&probe, &own, &plain, &plan, &err));
    assert_int_equal(plan.places[0].parts, 4);
    int64_t end = 0;
    for (uint32_t k = 0; k < 4; k++) {
        const struct gh_recipe *r = &plan.encodes[plan.places[0].encode[k]];
        assert_int_equal(r->pic.start_us, end);
        assert_int_equal(r->pic.part, k + 1);
        assert_int_equal(r->pic.parts, 4);
        end += r->pic.duration_us;
    }
    assert_int_equal(end, probe.duration_us);
}

static void skipping_says_why(void **state)
{
    (void)state;
    struct gh_probe probe = video_probe(1920, 1080, 4);
    make(&probe);
    assert_int_equal(place("vertical.short")->how, GH_PLACE_SKIP);
    assert_non_null(strstr(place("vertical.short")->why, "shorter than the 5 s"));
    assert_int_equal(place("story.video")->how, GH_PLACE_ENCODE);
    probe = video_probe(1920, 1080, 200);
    make(&probe);
    assert_non_null(strstr(place("x.video")->why, "longer than the 139.5 s"));
    assert_int_equal(place("wa.video")->how, GH_PLACE_SKIP);
    const char *names[] = {"x.video", "fb.photo"};
    probe = photo_probe(100, 100);
    make_for(&probe, names, 2);
    assert_int_equal(place("x.video")->how, GH_PLACE_SKIP);
    assert_int_equal(place("fb.photo")->how, GH_PLACE_ENCODE);
    names[0] = "nowhere";
    struct gh_plan_opts opts = plain;
    opts.names = names;
    opts.n_names = 1;
    FAILS(GH_USAGE, gh_plan_make(&probe, &profiles, &opts, &plan, &err));
}

static void the_whatsapp_ladder_holds_alone(void **state)
{
    (void)state;
    const struct {
        double seconds;
        uint32_t w, h, kbps, audio;
    } rungs[] = {{30, 1280, 720, 1800, 96}, {60, 1280, 720, 1800, 96}, {61, 848, 478, 900, 64},
                 {120, 848, 478, 900, 64},  {121, 640, 360, 600, 64},  {180, 640, 360, 588, 64}};
    const char *names[] = {"wa.video"};
    for (size_t i = 0; i < GH_LEN(rungs); i++) {
        struct gh_probe probe = video_probe(1920, 1080, rungs[i].seconds);
        make_for(&probe, names, 1);
        const struct gh_recipe *r = recipe("wa.video");
        assert_int_equal(r->pic.canvas_w, rungs[i].w);
        assert_int_equal(r->pic.canvas_h, rungs[i].h);
        assert_int_equal(r->video.maxrate_kbps, rungs[i].kbps);
        assert_int_equal(r->audio.kbps, rungs[i].audio);
    }
}

/* 720p of 30 fps is 27.6 million pixels a second: 5000 kbit/s are 0.18 bit for each. */
static void the_preset_follows_the_bits_for_a_pixel(void **state)
{
    (void)state;
    const struct {
        const char *placement;
        double seconds;
        uint32_t kbps, crf10;
        const char *preset;
        enum gh_colour colour;
    } cases[] = {
        {"x.video", 30, 5000, 223, "superfast-mbtree",
         GH_COLOUR_BT709}, /* 0.18 bit a pixel, CRF 22 asked for */
        {"tg.video", 30, 2500, 230, "veryfast", GH_COLOUR_BT709}, /* 0.09 */
        {"wa.video", 30, 1800, 240, "faster", GH_COLOUR_BT709},   /* 0.065 */
        {"wa.video", 150, 600, 240, "veryfast", GH_COLOUR_BT709}, /* 640x360: 0.087 */
        /* 1080x608 between bars that need next to nothing: 0.4 */
        {"story.video", 30, 8000, 223, "superfast-mbtree", GH_COLOUR_BT709},
        {"x.video", 30, 5000, 227, "superfast-satd", GH_COLOUR_HLG},
        {"tg.video", 30, 2500, 230, "veryfast", GH_COLOUR_PQ},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_probe probe = video_probe(1920, 1080, cases[i].seconds);
        GH_COPY(probe.format, "matroska");
        probe.colour = cases[i].colour;
        make_for(&probe, &cases[i].placement, 1);
        const struct gh_recipe *r = recipe(cases[i].placement);
        assert_int_equal(r->video.maxrate_kbps, cases[i].kbps);
        assert_string_equal(r->video.preset, cases[i].preset);
        assert_int_equal(r->video.crf10, cases[i].crf10);
        assert_non_null(strstr(place(cases[i].placement)->why, cases[i].preset));
    }
}

static void equal_wishes_share_and_unequal_ones_do_not(void **state)
{
    (void)state;
    struct gh_profile two[2] = {*gh_profiles_find(&profiles, "fb.photo"),
                                *gh_profiles_find(&profiles, "fb.photo")};
    GH_COPY(two[1].name, "fb.photo2");
    struct gh_profiles own = {two, 2};
    struct gh_probe probe = photo_probe(3000, 2000);
    OK(gh_plan_make(&probe, &own, &plain, &plan, &err));
    assert_int_equal(plan.n_encodes, 1);
    assert_int_equal(plan.places[1].how, GH_PLACE_MERGED);
    assert_string_equal(plan.places[1].why, "the same file as fb.photo");
    two[1].target.quality = 80;
    OK(gh_plan_make(&probe, &own, &plain, &plan, &err));
    assert_int_equal(plan.n_encodes, 2);
}

/* The same picture at the lower quality of both, but below nobody's floor and within everybody's
 * bytes. */
static void photos_share_down_to_their_floors(void **state)
{
    (void)state;
    const struct gh_profile *fb = gh_profiles_find(&profiles, "fb.photo");
    struct gh_profile three[3] = {*fb, *fb, *fb};
    GH_COPY(three[1].name, "fb.photo2");
    GH_COPY(three[2].name, "fb.photo3");
    struct gh_profiles own = {three, 3};
    struct gh_probe probe = photo_probe(3000, 2000);
    static const struct {
        uint32_t quality[3], floor[3], encodes, shared;
    } cases[] = {
        {{88, 85, 82}, {88, 85, 82}, 3, 88}, /* floors as they are unless said */
        {{88, 85, 82}, {85, 85, 82}, 2, 85}, {{88, 85, 82}, {80, 80, 82}, 1, 82},
        {{88, 85, 84}, {85, 84, 84}, 2, 85}, /* the third would pull the first below its floor */
        {{82, 85, 88}, {82, 82, 82}, 1, 82}, {{88, 88, 85}, {88, 85, 85}, 2, 88},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        for (size_t k = 0; k < 3; k++) {
            three[k].target.quality = cases[i].quality[k];
            three[k].target.quality_floor = cases[i].floor[k];
            three[k].target.progressive = k != 1;
            three[k].limits.bytes_max = 3000000 - k * 1000;
        }
        OK(gh_plan_make(&probe, &own, &plain, &plan, &err));
        assert_int_equal(plan.n_encodes, cases[i].encodes);
        assert_int_equal(plan.encodes[plan.places[0].encode[0]].photo.quality, cases[i].shared);
        for (size_t k = 0; k < 3; k++) {
            const struct gh_recipe *r = &plan.encodes[plan.places[k].encode[0]];
            assert_true(r->photo.quality >= three[k].target.quality_floor);
            assert_true(r->photo.quality <= three[k].target.quality);
            assert_true(r->bytes_max <= three[k].limits.bytes_max);
            assert_true(k != 1 || !r->photo.progressive);
        }
    }
    /* a limit that would be felt is nobody else's */
    three[1].limits.bytes_max = 300000;
    OK(gh_plan_make(&probe, &own, &plain, &plan, &err));
    assert_true(plan.places[0].encode[0] != plan.places[1].encode[0]);
    assert_int_equal(plan.encodes[plan.places[0].encode[0]].bytes_max, 3000000);
    three[1].limits.bytes_max = 3000000;
    /* another picture is another file */
    three[1].target.shrink_min = 0;
    OK(gh_plan_make(&probe, &own, &plain, &plan, &err));
    assert_true(plan.places[0].encode[0] != plan.places[1].encode[0]);
}

/* A placement that is set apart shares with its equals only, whether it comes first or last, and
 * nothing is passed through to it; the others share as before. */
static void who_is_set_apart_shares_with_equals_only(void **state)
{
    (void)state;
    struct gh_probe photo = photo_probe(3000, 2000), clip = bench_clip();
    clip.checked = GH_PROBE_FULL;
    const struct {
        const struct gh_probe *probe;
        const char *names[3], *apart; /* two that share, one beside them */
        enum gh_place_how then;       /* what the one set apart gets */
    } cases[] = {
        {&photo, {"fb.photo", "x.photo", "wa.photo"}, "fb.photo", GH_PLACE_ENCODE},
        {&photo, {"fb.photo", "x.photo", "wa.photo"}, "x.photo", GH_PLACE_ENCODE},
        {&clip, {"tg.video", "wa.video", "x.video"}, "wa.video", GH_PLACE_ENCODE},
        {&clip, {"yt.video", "fb.video", "wa.video"}, "fb.video", GH_PLACE_ENCODE},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_plan_opts opts = plain;
        opts.names = cases[i].names;
        opts.n_names = 3;
        OK(gh_plan_make(cases[i].probe, &profiles, &opts, &plan, &err));
        uint32_t first = place(cases[i].names[0])->encode[0];
        assert_int_equal(first, place(cases[i].names[1])->encode[0]);
        assert_true(plan.combined & 1ull << first);
        opts.apart = 1ull << (place(cases[i].apart) - plan.places);
        OK(gh_plan_make(cases[i].probe, &profiles, &opts, &plan, &err));
        uint32_t own = place(cases[i].apart)->encode[0];
        assert_int_equal(place(cases[i].apart)->how, cases[i].then);
        assert_int_equal(plan.encodes[own].how, GH_HOW_ENCODE);
        assert_int_equal(plan.encodes[own].bytes_max,
                         gh_profiles_find(&profiles, cases[i].apart)->limits.bytes_max);
        assert_false(plan.combined & 1ull << own);
        for (size_t k = 0; k < 3; k++)
            if (!gh_streq(cases[i].names[k], cases[i].apart))
                assert_int_not_equal(place(cases[i].names[k])->encode[0], own);
    }
}

static void the_plan_says_who_shares_and_why(void **state)
{
    (void)state;
    struct gh_probe probe = photo_probe(3000, 2000);
    make(&probe);
    const struct gh_place *fb = place("fb.photo"), *x = place("x.photo"), *wa = place("wa.photo");
    assert_int_equal(fb->how, GH_PLACE_ENCODE);
    assert_non_null(strstr(fb->why, "quality 85"));
    assert_int_equal(x->how, GH_PLACE_MERGED);
    assert_string_equal(x->why,
                        "the same file as fb.photo: both take JPEG quality 85 (alone: 88 and 85)");
    assert_int_equal(wa->how, GH_PLACE_ENCODE);
}

static void a_focal_point_moves_the_crop(void **state)
{
    (void)state;
    struct gh_probe probe = photo_probe(4000, 2000);
    struct gh_plan_opts opts = plain;
    opts.focal = (struct gh_focal){true, 9500, 5000};
    OK(gh_plan_make(&probe, &profiles, &opts, &plan, &err));
    const struct gh_pic *p = &recipe("ig.photo")->pic;
    assert_int_equal(p->crop_how, GH_CROP_FOCAL);
    assert_int_equal(p->crop.x + p->crop.w, 4000);
    assert_int_equal(recipe("fb.photo")->pic.crop_how, GH_CROP_NONE);
    assert_int_equal(recipe("fb.photo")->pic.focal_x, 0);
}

static void rates_keep_bytes_within_limits(void **state)
{
    (void)state;
    for (double s = 1; s < 1190; s += 7.3) {
        struct gh_probe probe = video_probe(1920, 1080, s);
        GH_COPY(probe.format, "avi");
        make(&probe);
        for (uint32_t i = 0; i < plan.n_places; i++) {
            const struct gh_place *p = &plan.places[i];
            if (!p->parts || p->profile->media != GH_VIDEO)
                continue;
            const struct gh_recipe *r = &plan.encodes[p->encode[0]];
            double bytes = (r->video.maxrate_kbps * (s + 2) + r->audio.kbps * s) * 125;
            if (bytes > (double)p->profile->limits.bytes_max)
                fail_msg("%s of %.1f s may reach %.0f bytes", p->profile->name, s, bytes);
        }
    }
}

/* Whatever comes in, what is planned is within the hard limits, or skipped with a reason; and
 * planning twice gives the same. */
static void any_source_plans_within_limits(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int round = 0; round < 4000; round++) {
#define RANDOM(n)                                                                                  \
    (seed = seed * 6364136223846793005u + 1442695040888963407u,                                    \
     (uint32_t)(seed >> 33) % (uint32_t)(n))
        uint32_t w = 1 + RANDOM(round % 3 ? 5000 : 200), h = 1 + RANDOM(round % 5 ? 5000 : 64);
        struct gh_probe probe =
            round % 2 ? photo_probe(w, h) : video_probe(w, h, RANDOM(20000) / 100.0);
        static const int32_t rates[][2] = {{30, 1}, {24000, 1001}, {12, 1},  {15, 1},
                                           {50, 1}, {60000, 1001}, {120, 1}, {30006, 1000},
                                           {7, 1},  {0, 0}};
        uint32_t k = RANDOM(GH_LEN(rates));
        if (probe.media == GH_VIDEO)
            probe.fps = probe.fps_avg = (struct gh_rational){rates[k][0], rates[k][1]};
        probe.orient = 1 + RANDOM(8);
        make(&probe);
        static struct gh_plan again;
        OK(gh_plan_make(&probe, &profiles, &plain, &again, &err));
        assert_int_equal(again.n_encodes, plan.n_encodes);
        for (uint32_t i = 0; i < plan.n_places; i++) {
            const struct gh_place *p = &plan.places[i];
            assert_true(p->why[0] != 0);
            assert_int_equal(p->how, again.places[i].how);
            for (uint32_t part = 0; part < p->parts; part++) {
                const struct gh_recipe *r = &plan.encodes[p->encode[part]];
                char broken[160];
                assert_true(gh_recipe_equal(r, &again.encodes[again.places[i].encode[part]]));
                if (gh_recipe_breaks(r, p->profile, &probe, broken, sizeof(broken)))
                    fail_msg("%ux%u for %s: %s", w, h, p->profile->name, broken);
            }
            /* big enough pictures are never skipped for their shape */
            if (p->how == GH_PLACE_SKIP && probe.media == GH_PHOTO && w >= 64 && h >= 64 &&
                GH_MAX(w, h) / GH_MIN(w, h) < 30)
                fail_msg("%ux%u is skipped for %s: %s", w, h, p->profile->name, p->why);
        }
    }
}

static void the_hash_names_source_and_recipe(void **state)
{
    (void)state;
    struct gh_probe probe = photo_probe(3000, 2000);
    make(&probe);
    struct gh_recipe r = *recipe("fb.photo");
    char a[65], b[65];
    gh_recipe_hash("00", &r, a);
    gh_recipe_hash("00", &r, b);
    assert_string_equal(a, b);
    gh_recipe_hash("01", &r, b);
    assert_string_not_equal(a, b);
    r.photo.quality--;
    gh_recipe_hash("00", &r, b);
    assert_string_not_equal(a, b);
}

static void json_says_what_the_text_says(void **state)
{
    (void)state;
    struct gh_probe probe = bench_clip();
    make(&probe);
    json_t *o = gh_plan_json(&plan, &probe);
    assert_non_null(o);
    json_t *places = json_object_get(o, "placements");
    assert_int_equal(json_array_size(places), plan.n_places);
    for (uint32_t i = 0; i < plan.n_places; i++) {
        json_t *p = json_array_get(places, i);
        assert_string_equal(json_string_value(json_object_get(p, "placement")),
                            plan.places[i].profile->name);
        assert_string_equal(json_string_value(json_object_get(p, "why")), plan.places[i].why);
    }
    assert_int_equal(json_array_size(json_object_get(o, "encodes")), plan.n_encodes);
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_are_as_written_down),
        cmocka_unit_test(half_a_video_is_no_shorter_one),
        cmocka_unit_test(the_bench_clip_needs_two_encodes),
        cmocka_unit_test(passing_waits_for_a_full_probe),
        cmocka_unit_test(only_what_is_within_every_limit_passes),
        cmocka_unit_test(parts_of_a_split_are_equal_and_complete),
        cmocka_unit_test(skipping_says_why),
        cmocka_unit_test(the_whatsapp_ladder_holds_alone),
        cmocka_unit_test(the_preset_follows_the_bits_for_a_pixel),
        cmocka_unit_test(equal_wishes_share_and_unequal_ones_do_not),
        cmocka_unit_test(photos_share_down_to_their_floors),
        cmocka_unit_test(who_is_set_apart_shares_with_equals_only),
        cmocka_unit_test(the_plan_says_who_shares_and_why),
        cmocka_unit_test(a_focal_point_moves_the_crop),
        cmocka_unit_test(rates_keep_bytes_within_limits),
        cmocka_unit_test(any_source_plans_within_limits),
        cmocka_unit_test(the_hash_names_source_and_recipe),
        cmocka_unit_test(json_says_what_the_text_says),
    };
    return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
