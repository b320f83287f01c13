/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging outputs: a perfect output of every plan passes; each single fault is found and named. */
#include "tests/unit/test.h"

#include "daemon/plan/plan_int.h"
#include "tests/unit/probes.h"
#include "tests/unit/shipped.h"

static struct gh_plan plan;
/* The plan's recipe for one placement, and the probe of a perfect output. */
static struct gh_probe perfect(const struct gh_probe *source, const char *name,
                               const struct gh_profile **ret_profile,
                               const struct gh_recipe **ret_recipe)
{
    struct gh_plan_opts opts = {
        .names = &name, .n_names = 1, .policy = GH_POLICY_CREDIT, .thumb_at_us = -1};
    OK(gh_plan_make(source, &profiles, &opts, &plan, &err));
    if (!plan.places[0].parts)
        fail_msg("%s: %s", name, plan.places[0].why);
    *ret_profile = plan.places[0].profile;
    *ret_recipe = &plan.encodes[plan.places[0].encode[0]];
    struct gh_probe out = gh_recipe_expect(*ret_recipe, source);
    out.bytes = 500000;
    return out;
}

static struct gh_probe source_for(const char *name)
{
    struct gh_probe p =
        strstr(name, "photo") ? photo_probe(4000, 3000) : video_probe(1920, 1080, 20);
    if (p.media == GH_VIDEO)
        GH_COPY(p.format, "avi"); /* nothing passes through */
    return p;
}

static void a_perfect_output_passes_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < profiles.n; i++) {
        const struct gh_profile *profile;
        const struct gh_recipe *recipe;
        struct gh_finding findings[GH_FINDINGS];
        size_t n = 0;
        struct gh_probe source = source_for(profiles.list[i].name),
                        out = perfect(&source, profiles.list[i].name, &profile, &recipe);
        int failed = gh_conform(&out, profile, recipe, findings, &n);
        for (size_t k = 0; k < n; k++) {
            assert_true(findings[k].limit[0] && findings[k].text[0]);
            if (!findings[k].pass)
                fail_msg("%s: %s %s", profile->name, findings[k].limit, findings[k].text);
        }
        assert_int_equal(failed, 0);
        assert_true(n >= 7 && n < GH_FINDINGS);
    }
}

/* One fault each: what is spoiled, for which placement, which limit must notice. */
static const char *spoil(size_t i, struct gh_probe *p, const char **ret_name)
{
    size_t at = 0;
#define FAULT(placement, limit, statement)                                                         \
    if (at++ == i) {                                                                               \
        *ret_name = placement;                                                                     \
        statement;                                                                                 \
        return limit;                                                                              \
    }
    FAULT("fb.photo", "bytes", p->bytes = 4000001)
    FAULT("fb.photo", "size", p->w -= 200)
    FAULT("fb.photo", "size", p->w += 1)
    FAULT("fb.photo", "format", GH_COPY(p->format, "png"))
    FAULT("fb.photo", "whole", p->truncated = 1)
    FAULT("fb.photo", "upright", p->orient = 6)
    FAULT("fb.photo", "samples", p->components = 4)
    FAULT("fb.photo", "colour", p->colour = GH_COLOUR_PROFILE)
    FAULT("fb.photo", "metadata", p->meta = GH_META(GPS))
    FAULT("fb.photo", "metadata", p->meta = GH_META(CREDIT) | GH_META(TRAILER))
    FAULT("wa.photo", "baseline", p->progressive = 1)
    FAULT("ig.photo", "exact-size", p->h = 1079)
    FAULT("ig.photo", "aspect", p->h = 565)
    FAULT("tg.photo", "ratio", p->h = 100)
    FAULT("tg.photo", "width+height", p->w = 9000)
    FAULT("tg.video", "sound", p->n_audio = 0)
    FAULT("tg.video", "codec", GH_COPY(p->vcodec, "hevc"))
    FAULT("tg.video", "codec", GH_COPY(p->pix_fmt, "yuvj420p"))
    FAULT("tg.video", "codec", p->full_range = 1)
    FAULT("wa.video", "profile", GH_COPY(p->vprofile, "High"))
    FAULT("x.video", "profile", GH_COPY(p->vprofile, "High 4:2:2"))
    FAULT("wa.video", "b-frames", p->bframes = 1)
    FAULT("x.video", "pixels-square", (p->sar = (struct gh_rational){4, 3}))
    FAULT("x.video", "frames-whole", p->interlaced = 1)
    FAULT("x.video", "colour", p->color_trc = 16)
    FAULT("x.video", "colour", p->colour = GH_COLOUR_HLG)
    FAULT("x.video", "edges", p->w = 1920)
    FAULT("vertical.short", "fps", (p->fps_avg = (struct gh_rational){24000, 1001}))
    FAULT("vertical.short", "rate-constant", p->vfr = 1)
    FAULT("vertical.short", "bitrate", p->vkbps = 25001)
    FAULT("vertical.short", "gop", p->gop_max_ms = 6000)
    FAULT("vertical.short", "gop-closed", p->open_gop = 1)
    FAULT("vertical.short", "stereo", p->achannels = 1)
    FAULT("vertical.short", "duration", p->container_us = 90100000)
    FAULT("vertical.short", "length", p->duration_us -= 260000)
    FAULT("story.video", "sound-length", p->aduration_us -= 300000)
    FAULT("yt.video", "sound-length", p->aduration_us -= 300000)
    FAULT("story.video", "sync", p->av_offset_us = -60000)
    FAULT("story.video", "sound-codec", GH_COPY(p->aprofile, "HE-AAC"))
    FAULT("story.video", "channels", p->achannels = 6)
    FAULT("story.video", "sample-rate", p->arate = 96000)
    FAULT("story.video", "streams", p->n_data = 1)
    FAULT("story.video", "edit-list", p->edit_list = 1)
    FAULT("story.video", "moov-first", p->moov_first = 0)
    FAULT("story.video", "metadata", p->meta = GH_META(UDTA))
    FAULT("story.video", "metadata", p->meta = GH_META(CREDIT))
    FAULT("story.video", "whole", p->damaged = 1)
    return NULL;
}

static void every_fault_is_found(void **state)
{
    (void)state;
    const char *name = NULL;
    for (size_t i = 0;; i++) {
        struct gh_probe nothing = {0};
        if (!spoil(i, &nothing, &name)) {
            assert_true(i > 40);
            break;
        }
        const struct gh_profile *profile;
        const struct gh_recipe *recipe;
        struct gh_finding findings[GH_FINDINGS];
        size_t n = 0;
        struct gh_probe source = source_for(name), out = perfect(&source, name, &profile, &recipe);
        const char *limit = spoil(i, &out, &name);
        assert_true(gh_conform(&out, profile, recipe, findings, &n) > 0);
        bool named = false;
        for (size_t k = 0; k < n; k++)
            named |= !findings[k].pass && gh_streq(findings[k].limit, limit);
        if (!named)
            fail_msg("fault %zu (%s, %s) is not named", i, name, limit);
    }
}

static void a_photo_made_smaller_for_its_bytes_is_as_planned(void **state)
{
    (void)state;
    const struct gh_profile *profile;
    const struct gh_recipe *recipe;
    struct gh_finding findings[GH_FINDINGS];
    size_t n = 0;
    struct gh_probe source = source_for("fb.photo"),
                    out = perfect(&source, "fb.photo", &profile, &recipe);
    out.w = 1400;
    out.h = 1050;
    assert_int_equal(gh_conform(&out, profile, recipe, findings, &n), 0);
    out.w = 800;
    out.h = 600;
    assert_int_equal(gh_conform(&out, profile, recipe, findings, &n), 1);
}

static void a_small_srgb_profile_may_stay(void **state)
{
    (void)state;
    const struct gh_profile *profile;
    const struct gh_recipe *recipe;
    struct gh_finding findings[GH_FINDINGS];
    size_t n = 0;
    struct gh_probe source = source_for("fb.photo"),
                    out = perfect(&source, "fb.photo", &profile, &recipe);
    out.meta = GH_META(ICC) | GH_META(CREDIT) | GH_META(DATE);
    assert_int_equal(gh_conform(&out, profile, recipe, findings, &n), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_output_passes_everywhere),
        cmocka_unit_test(every_fault_is_found),
        cmocka_unit_test(a_photo_made_smaller_for_its_bytes_is_as_planned),
        cmocka_unit_test(a_small_srgb_profile_may_stay),
    };
    return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
