/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/json.h"
#include "base/media.h"

#include <string.h>
#include <time.h>

static void assert_json(json_t *value, const char *want)
{
    GH_AUTO_FREE char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    assert_non_null(text);
    assert_string_equal(text, want);
}

static void any_bytes_are_a_name(void **state)
{
    (void)state;
    assert_json(gh_json_name("রাস্তা.jpg", strlen("রাস্তা.jpg")), "\"রাস্তা.jpg\"");
    assert_json(gh_json_name("a\xff"
                             "b",
                             3),
                "\"a\xef\xbf\xbd"
                "b\"");
    assert_json(gh_json_name("a\nb", 3), "\"a<U+000A>b\"");
    assert_json(gh_json_name("a\0b", 3), "\"a<U+0000>b\"");
    assert_json(gh_json_name("", 0), "\"\"");
}

static void a_text_keeps_its_lines_and_is_never_lost(void **state)
{
    (void)state;
    assert_json(gh_json_text("রাস্তা\nb"), "\"রাস্তা\\nb\"");
    assert_json(gh_json_text("cut \xe0\xa6"), "\"cut \xef\xbf\xbd\xef\xbf\xbd\"");
    assert_json(gh_json_text(""), "\"\"");
    assert_json(gh_json_text(NULL), "null");
}

static void times_are_local_with_their_zone(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    assert_json(gh_json_time(1795478709000), "\"2026-11-24T05:35:09+05:30\"");
    assert_json(gh_json_time(0), "null");
}

static void removed_metadata_is_named_by_its_titles(void **state)
{
    (void)state;
    assert_json(gh_json_removed(GH_META(GPS) | GH_META(UNKNOWN)),
                "[\"GPS position\",\"unknown metadata\"]");
    assert_json(gh_json_removed(0), "[]");
    json_t *o = json_object();
    const struct gh_json_output video = {7000000000, 1280, 720, 2500000, GH_META(GPS)}, still = {0};
    gh_json_set_output(o, &video);
    assert_json(json_incref(o), "{\"bytes\":7000000000,\"width\":1280,\"height\":720,"
                                "\"duration\":2.5,\"removed\":[\"GPS position\"]}");
    gh_json_set_output(o, &still);
    assert_json(o, "{\"bytes\":0,\"width\":0,\"height\":0,\"duration\":null,\"removed\":[]}");
    json_t *all = gh_json_removed(UINT32_MAX);
    assert_int_equal(json_array_size(all), GH_META_BITS);
    json_decref(all);
}

static void a_field_of_another_type_is_empty(void **state)
{
    (void)state;
    json_t *o = json_pack("{s:s, s:i, s:n}", "text", "x", "number", 7, "nothing");
    assert_string_equal(gh_j_text(o, "text"), "x");
    assert_string_equal(gh_j_text(o, "number"), "");
    assert_string_equal(gh_j_text(o, "missing"), "");
    assert_string_equal(gh_j_text(NULL, "text"), "");
    assert_int_equal(gh_j_int(o, "number"), 7);
    assert_int_equal(gh_j_int(o, "text"), 0);
    assert_int_equal(gh_j_int(o, "nothing"), 0);
    json_decref(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_are_a_name),
        cmocka_unit_test(a_text_keeps_its_lines_and_is_never_lost),
        cmocka_unit_test(times_are_local_with_their_zone),
        cmocka_unit_test(removed_metadata_is_named_by_its_titles),
        cmocka_unit_test(a_field_of_another_type_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
