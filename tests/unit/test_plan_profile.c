/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: the shipped ones as PLATFORM-LIMITS has them, and what is wrong with a text is said
 * with file:line. */
#include "tests/unit/test.h"

#include "daemon/plan/profile.h"

#include <string.h>

static struct gh_err err;

static const char photo[] =
    "[profile]\nname = a.photo\ntitle = A\nplatform = P\nkind = photo\nchecked = "
    "2026-11-23\nsource = page\n"
    "[limits]\nbytes_max = 4M\nwidth = 320..1440\naspect = 0.8..1.91\n"
    "[target]\nquality = 90\nquality_min = 75\n"
    "[filters]\norient =\nfit = mode=crop sizes=1080x1350,1080x566\ncolour = to=srgb\n";
static const char video[] =
    "[profile]\nname = a.video\ntitle = A\nplatform = P\nkind = video\nchecked = "
    "2026-11-23\nsource = page\n"
    "[limits]\nfps = 23..60\nduration = 3s..60s\nbframes_max = 2\ngop_max = 5s\n"
    "[target]\nvprofile = high\ncrf = 22\nmaxrate = 8000k\naudio_kbps = 128k\n"
    "[filters]\norient =\ntrim = max=59.5 min=3\nfps = max=30 min=24\nfit = mode=inside "
    "sizes=1280x720\ncolour = "
    "to=bt709\n";

/* text with the first occurrence of what replaced. */
static char *with(const char *text, const char *what, const char *by)
{
    const char *at = strstr(text, what);
    assert_non_null(at);
    return gh_asprintf("%.*s%s%s", (int)(at - text), text, by, at + strlen(what));
}

static void a_text_becomes_a_profile(void **state)
{
    (void)state;
    struct gh_profile p;
    OK(gh_profile_parse(photo, "x", &p, &err));
    assert_string_equal(p.name, "a.photo");
    assert_int_equal(p.media, GH_PHOTO);
    assert_int_equal(p.from, 1u << GH_PHOTO);
    assert_int_equal(p.limits.bytes_max, 4000000);
    assert_int_equal(p.limits.w_min, 320);
    assert_int_equal(p.limits.w_max, 1440);
    assert_true(p.limits.aspect_max > 1.909 && p.limits.aspect_max < 1.911);
    assert_int_equal(p.n_chain, 3);
    assert_int_equal(strlen(p.digest), 16);
    OK(gh_profile_parse(video, "x", &p, &err));
    assert_int_equal(p.limits.fps_min.num, 23);
    assert_int_equal(p.limits.duration_max_us, 60000000);
    assert_int_equal(p.target.crf10, 220);
    assert_int_equal(p.target.crf10_floor, 220);
    assert_int_equal(p.target.gop_ms, 2000);
    assert_int_equal(gh_filter_value(gh_profile_filter(&p, "trim"), "over")->choice,
                     GH_OVERLONG_REFUSE);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *what, *by, *says;
    } cases[] = {
        {photo, "bytes_max = 4M", "bytes_most = 4M",
         "f.profile:9: unknown key bytes_most in [limits]"},
        {photo, "[limits]", "[limit]", "f.profile:9: unknown section [limit]"},
        {photo, "bytes_max = 4M", "bytes_max = much",
         "f.profile:9: bytes_max: \"much\" is not a size"},
        {photo, "width = 320..1440", "width = 1440",
         "f.profile:10: width: \"1440\" is not a range: write it like 320..1440"},
        {photo, "width = 320..1440", "width = 1440..320",
         "f.profile:10: width: the smaller number comes first"},
        {photo, "width = 320..1440", "width = 320..1000",
         "f.profile:17: size 1080x1350 is outside the limit width"},
        {photo, "0.8..1.91", "0.9..1.91",
         "f.profile:17: size 1080x1350 is outside the limit aspect"},
        {photo, "1080x566", "1080x565", "f.profile:17: size 1080x565 is outside the limit aspect"},
        {photo, "quality_min = 75", "quality_min = 95",
         "f.profile:14: quality_min must be between 1 and quality (90)"},
        {photo, "quality_min = 75", "quality_min = 75\nquality_floor = 91",
         "quality_floor must be between quality_min (75) and quality (90)"},
        {photo, "quality_min = 75", "quality_min = 75\nquality_floor = 74",
         "quality_floor must be between quality_min (75) and quality (90)"},
        {photo, "quality = 90\n", "quality = 90\nquality = 80\n",
         "f.profile:14: quality was given already on line 13"},
        {photo, "quality = 90\n", "quality = 190\n", "f.profile:13: quality: 190 is out of range"},
        {photo, "name = a.photo", "name = A photo",
         "f.profile:2: name \"A photo\" becomes a folder"},
        {photo, "title = A\n", "", "f.profile:1: [profile] title is missing"},
        {photo, "checked = 2026-11-23", "checked = today",
         "f.profile:6: checked = today is no date"},
        {photo, "checked = 2026-11-23", "checked = 2026-13-23",
         "f.profile:6: checked = 2026-13-23 is no date"},
        {photo, "kind = photo", "kind = song",
         "f.profile:5: kind: \"song\" is not one of photo|video"},
        {photo, "mode=crop", "mode=shrink",
         "f.profile:17: fit: mode=shrink must be one of inside|crop|pad"},
        {photo, "colour = to=srgb", "colour = to=bt709", "f.profile:18: colour: photos go to=srgb"},
        {photo, "colour = to=srgb\n", "", "filter colour is missing"},
        {photo, "orient =\nfit", "fit", "filter orient is missing"},
        {photo, "orient =\n", "sparkle = yes\n",
         "f.profile:16: there is no filter sparkle: use one of orient"},
        {photo, "orient =\n", "loudness =\norient =\n", "filter loudness is not for photos"},
        {photo, "colour = to=srgb\n", "colour = to=srgb\nfit = mode=crop sizes=1080x1080\n",
         "filter fit is used twice"},
        {photo, "[target]", "[target]\nprogressive = yes\n[limits]\nprogressive_ok = no\n[target]",
         "but [limits] progressive_ok = no"},
        {photo, "kind = photo", "kind = photo\nfrom = audio",
         "\"audio\" must be photo, video or photo,video"},
        {video, "kind = video", "kind = video\nfrom = photo", "videos are made of videos only"},
        {video, "orient =\ntrim = max=59.5 min=3", "trim = max=59.5 min=3\norient =",
         "filter orient (orient) must come before trim (time): move it up"},
        {video, "max=30 min=24", "max=61 min=24", "fps must be kept within the limit of 60"},
        {video, "max=30 min=24", "max=30", "fps must be raised to the limit of 23"},
        {video, "max=59.5 min=3", "max=61 min=3", "trim max must be at most the limit of 60 s"},
        {video, "max=59.5 min=3", "max=59.5 min=1", "trim min must be at least the limit of 3 s"},
        {video, "trim = max=59.5 min=3\n", "", "needs the filter trim"},
        {video, "vprofile = high", "vprofile = best", "vprofile must be high, main or baseline"},
        {video, "bframes_max = 2", "bframes_max = 0\nvprofiles = main", "vprofile is not among"},
        {video, "crf = 22", "crf = 22\nbframes = 3", "bframes is above [limits] bframes_max"},
        {video, "crf = 22", "crf = 22\ngop = 6s", "gop is longer than [limits] gop_max"},
        {video, "crf = 22", "crf = 22\ncrf_floor = 20", "crf_floor must not be better"},
        {video, "maxrate = 8000k\n", "", "maxrate is missing"},
        {video, "maxrate = 8000k", "maxrate = fast", "\"fast\" is not a rate in kbit/s"},
        {video, "maxrate = 8000k", "maxrate = 8000k\nladder = 60s 1280x720 1800k",
         "a rung is DURATION WIDTHxHEIGHT VIDEO AUDIO"},
        {video, "maxrate = 8000k", "ladder = 60s 1280x720 1800k 96k\nladder = 30s 848x480 900k 64k",
         "from short to long"},
        {video, "1280x720", "1281x720", "videos have even sizes"},
        {video, "bframes_max = 2", "bframes_max = 2\naudio_required = yes",
         "audio_required needs audio_silent = yes"},
        {video, "fps = 23..60", "fps = 23...60", "is not a range"},
        {video, "duration = 3s..60s", "duration = ..", "is not a range"},
        {video, "fps = max=30 min=24\n", "", "filter fps is missing"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        struct gh_profile p;
        GH_AUTO_FREE char *text = with(cases[i].text, cases[i].what, cases[i].by);
        if (gh_profile_parse(text, "f.profile", &p, &err) >= 0)
            fail_msg("case %zu (%s) should be refused", i, cases[i].by);
        assert_int_equal(err.cls, GH_CONFIG);
        const char *says = cases[i].says;
        if (!strstr(err.msg, says))
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, err.msg, says);
        assert_true(gh_starts(err.msg, "f.profile:"));
    }
}

static void the_fourteen_are_shipped(void **state)
{
    (void)state;
    static const char *const names[] = {"fb.photo", "ig.photo",       "story.photo", "x.photo",
                                        "wa.photo", "tg.photo",       "yt.thumb",    "yt.video",
                                        "fb.video", "vertical.short", "story.video", "x.video",
                                        "wa.video", "tg.video"};
    static const char *const unasked[] = {"bsky.photo",     "bsky.video",  "mastodon.photo",
                                          "mastodon.video", "press.photo", "press.video"};
    GH_AUTO(gh_profiles_free) struct gh_profiles set = {0};
    OK(gh_profiles_load("profiles", NULL, &set, &err));
    assert_int_equal(set.n, GH_LEN(names) + GH_LEN(unasked)); /* off unless they are chosen */
    for (size_t i = 0; i < GH_LEN(unasked); i++) {
        const struct gh_profile *p = gh_profiles_find(&set, unasked[i]);
        assert_non_null(p);
        assert_int_equal(p->unasked, 0);
        assert_true(p->words[0]);
    }
    for (size_t i = 0; i < GH_LEN(names); i++) {
        const struct gh_profile *p = gh_profiles_find(&set, names[i]);
        assert_non_null(p);
        assert_int_equal(
            p->media, strstr(names[i], "photo") || strstr(names[i], "thumb") ? GH_PHOTO : GH_VIDEO);
        assert_true(p->limits.bytes_max > 0);
        assert_true(p->unasked);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(gh_profiles_find(&set, names[k])->digest, p->digest);
    }
    assert_null(gh_profiles_find(&set, "nowhere"));
    for (size_t i = 1; i < set.n; i++)
        assert_true(strcmp(set.list[i - 1].name, set.list[i].name) < 0);
}

static void the_operators_profile_replaces_the_shipped_one(void **state)
{
    (void)state;
    TEST_DIR own = test_dir_new();
    GH_AUTO(gh_profiles_free) struct gh_profiles set = {0};
    GH_AUTO_FREE char *text = with(photo, "a.photo", "fb.photo"),
                      *wrong = with(photo, "a.photo", "b.photo");
    OK(gh_write_file(own.fd, "fb.photo.profile", text, strlen(text), 0644, &err));
    OK(gh_write_file(own.fd, "a.photo.profile", photo, strlen(photo), 0644, &err));
    OK(gh_write_file(own.fd, "readme.txt", "no profile", 10, 0644, &err));
    OK(gh_profiles_load("profiles", own.path, &set, &err));
    assert_int_equal(set.n, 21); /* and one of their own */
    assert_int_equal(gh_profiles_find(&set, "fb.photo")->limits.w_min, 320);
    OK(gh_write_file(own.fd, "c.photo.profile", wrong, strlen(wrong), 0644, &err));
    struct gh_profiles untouched = {0};
    FAILS(GH_CONFIG, gh_profiles_load("profiles", own.path, &untouched, &err));
    assert_non_null(strstr(err.msg, "name the file b.photo.profile"));
    assert_null(untouched.list);
    FAILS(GH_CONFIG, gh_profiles_load("/nonexistent", NULL, &untouched, &err));
    OK(gh_profiles_load("profiles", "/nonexistent", &untouched, &err));
    gh_profiles_free(&untouched);
}

static void the_digest_follows_the_text(void **state)
{
    (void)state;
    struct gh_profile a, b;
    GH_AUTO_FREE char *other = with(photo, "quality = 90", "quality = 91");
    OK(gh_profile_parse(photo, "x", &a, &err));
    OK(gh_profile_parse(photo, "y", &b, &err));
    assert_string_equal(a.digest, b.digest);
    OK(gh_profile_parse(other, "x", &b, &err));
    assert_string_not_equal(a.digest, b.digest);
}

/* docs/PROFILES.md names every filter and every option. */
static void all_filters_are_in_the_manual(void **state)
{
    (void)state;
    GH_AUTO_FREE char *manual = NULL;
    size_t len = 0;
    OK(gh_read_file(AT_FDCWD, "docs/PROFILES.md", 1 << 20, &manual, &len, &err));
    for (size_t i = 0; gh_filters[i]; i++) {
        GH_AUTO_FREE char *row = gh_asprintf("\n| `%s` |", gh_filters[i]->name);
        const char *at = strstr(strstr(manual, "\n## Filters"), row);
        if (!at)
            fail_msg("filter %s has no row in docs/PROFILES.md", gh_filters[i]->name);
        GH_AUTO_FREE char *line = gh_strndup(at + 1, strcspn(at + 1, "\n"));
        for (const struct gh_option *o = gh_filters[i]->options; o && o->name; o++) {
            GH_AUTO_FREE char *option = gh_asprintf("`%s=", o->name);
            if (!strstr(line, option))
                fail_msg("option %s of %s is not in docs/PROFILES.md", o->name,
                         gh_filters[i]->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_becomes_a_profile),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(the_fourteen_are_shipped),
        cmocka_unit_test(the_operators_profile_replaces_the_shipped_one),
        cmocka_unit_test(the_digest_follows_the_text),
        cmocka_unit_test(all_filters_are_in_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
