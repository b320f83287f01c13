/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "desk/template.h"

#include "desk/assets.h"

#include <string.h>

/* Fill one template, with a part called "part", from JSON text. */
static char *filled(const char *text, const char *json)
{
    struct gh_err err = {0};
    struct gh_templates *set = gh_templates_new();
    struct gh_str out = {0};
    json_t *root = json_loads(json, 0, NULL);
    assert_non_null(root);
    struct gh_tongue tongue = {"en", gh_words_of("en"), 1700000000000,
                               json_object_get(root, "reasons")};
    assert_int_equal(gh_templates_add(set, "part", "[{{a}}]", 7, &err), 0);
    if (gh_templates_add(set, "page", text, strlen(text), &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(gh_templates_fill(set, "page", root, &tongue, &out, &err), 0);
    json_decref(root);
    gh_templates_free(&set);
    return out.data ? out.data : gh_strdup("");
}

static void tags_do_what_the_header_says(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a{{a}}b", "{\"a\": \"x\"}", "axb"},
        {"{{a.b}}", "{\"a\": {\"b\": 7}}", "7"},
        {"{{missing}}{{a.missing}}", "{\"a\": {}}", ""},
        {"{{#a}}{{.}},{{/a}}", "{\"a\": [1, \"x\", 3]}", "1,x,3,"},
        {"{{#a}}{{b}}{{c}}{{/a}}", "{\"a\": {\"b\": 1}, \"c\": 2}", "12"},
        {"{{#a}}{{#b}}{{a.c}}{{/b}}{{/a}}", "{\"a\": {\"b\": [1, 2], \"c\": 3}}", "33"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": 0}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": \"\"}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": []}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": {}}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": null}", "no"},
        {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\": true}", "yes"},
        {"{{#a=x}}is{{/a}}{{^a=x}}not{{/a}}", "{\"a\": \"x\"}", "is"},
        {"{{#a=x}}is{{/a}}{{^a=x}}not{{/a}}", "{\"a\": \"y\"}", "not"},
        {"{{#a=x}}is{{/a}}{{^a=x}}not{{/a}}", "{\"a\": 3}", "not"},
        {"{{>part}}{{#b}}{{>part}}{{/b}}", "{\"a\": 1, \"b\": {\"a\": 2}}", "[1][2]"},
        {"{{! a remark }}x", "{}", "x"},
        {"{{t \"not a word {a} {b}\" b=c|num}}", "{\"a\": \"<\", \"c\": 1234567}",
         "not a word &lt; 12,34,567"},
        {"{{tn \"{n} cat\" \"{n} cats\" n}}", "{\"n\": 1}", "1 cat"},
        {"{{tn \"{n} cat\" \"{n} cats\" n}}", "{\"n\": 2}", "2 cats"},
        {"{{a|bytes}}", "{\"a\": 412000}", "412 KB"},
        {"{{a|say:state}}", "{\"a\": \"staged\"}", "waiting"},
        {"{{a|say:state}}", "{\"a\": \"unheard-of\"}", "unheard-of"},
        {"{{a|say:reason}}",
         "{\"a\": \"Place\\nFlag\\nand <dark>\", \"reasons\": [{\"value\": \"Place\", "
         "\"label\": \"<Ort>\", \"todo\": \"Bitte nicht.\"}, {\"value\": \"Flag\", \"label\": "
         "\"Fahne\", \"todo\": \"\"}]}",
         "&lt;Ort&gt;. Bitte nicht. · Fahne · and &lt;dark&gt;"},
        {"{{a|say:reason}}", "{\"a\": \"Sensitive place\"}", "Sensitive place"},
        {"{{a|say:language}} {{b|say:language}}", "{\"a\": \"bn\", \"b\": \"en\"}",
         "বাংলা English"},
        {"{{a|say:hours}}", "{\"a\": \"mon-fri 10:00-18:00; closed 2026-12-25 <x>\"}",
         "Mon-Fri 10:00-18:00; closed 2026-12-25 &lt;x&gt;"},
        {"{{a|url}}", "{\"a\": \"javascript:alert(1)\"}", ""},
        {"{{a|url}}", "{\"a\": \"//evil.example\"}", ""},
        {"{{a|url}}", "{\"a\": \"/\\\\evil.example\"}", ""},
        {"{{a|url}}", "{\"a\": \"https://x.example/?a&b\"}", "https://x.example/?a&amp;b"},
        {"{{a|url}}", "{\"a\": \"/i/12\"}", "/i/12"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_FREE char *out = filled(cases[i][0], cases[i][1]);
        assert_string_equal(out, cases[i][2]);
    }
}

static void what_is_malformed_is_no_template(void **state)
{
    (void)state;
    static const char *const bad[] = {"{{",           "{{a",          "{{#a}}",
                                      "{{/a}}",       "{{#a}}{{/b}}", "{{#a}}x{{/a}}{{/a}}",
                                      "{{>missing}}", "{{a b}}",      "{{a|unheard}}",
                                      "{{a|say}}",    "{{a|num:x}}",  "{{{a}}}",
                                      "{{&a}}",       "{{t \"x}}",    "{{t \"x\" y}}",
                                      "{{}}",         "{{A}}"};
    for (size_t i = 0; i < GH_LEN(bad); i++) {
        struct gh_err err;
        struct gh_templates *set = gh_templates_new();
        assert_int_equal(gh_templates_add(set, "x", bad[i], strlen(bad[i]), &err), -GH_CONFIG);
        gh_templates_free(&set);
    }
}

static const char *const polyglots[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:/*--></title></textarea></script><svg/onload='+/\"/+/onmouseover=1/+//'>",
    "{{a}}{{{a}}}{{>part}}{{#a}}",
    "{a}{n}",
    "-->]]><!--",
    "&lt;b&gt;&amp;",
    "\xe2\x80\xae</b>",
};

/* Whatever a value holds, it adds no < > " or ' to the page, in no sink there is. */
static void no_value_leaves_its_place(void **state)
{
    (void)state;
    static const char *const sinks[] = {
        "{{a}}",
        "{{#l}}{{.}}{{/l}}",
        "{{a|num}}",
        "{{a|bytes}}",
        "{{a|say:why}}",
        "{{t \"x {a}\"}}",
        "{{a|when}}",
        "{{a|url}}",
        "{{a|say:hours}}",
        "{{>part}}",
        "{{t \"x {b}\" b=a}}",
        "{{a|ago}}",
        "{{tn \"{a}\" \"{a}\" n}}",
    };
    for (size_t i = 0; i < GH_LEN(polyglots); i++) {
        json_t *root = json_pack("{s:s, s:[s], s:i}", "a", polyglots[i], "l", polyglots[i], "n", 2);
        GH_AUTO_FREE char *json = json_dumps(root, 0);
        json_decref(root);
        for (size_t k = 0; k < GH_LEN(sinks); k++) {
            GH_AUTO_FREE char *out = filled(sinks[k], json);
            assert_null(strpbrk(out, "<>\"'"));
            for (const char *amp = out; (amp = strchr(amp, '&')); amp++)
                assert_true(gh_starts(amp, "&amp;") || gh_starts(amp, "&lt;") ||
                            gh_starts(amp, "&gt;") || gh_starts(amp, "&quot;") ||
                            gh_starts(amp, "&#39;"));
        }
    }
}

/* The desk's own pages are templates, and none has a value outside of text and quoted attributes.
 */
static void own_pages_are_sound(void **state)
{
    (void)state;
    struct gh_desk desk = {0};
    struct gh_err err;
    if (gh_assets_load(&desk, &err) < 0)
        fail_msg("%s", err.msg);
    for (const struct gh_embedded *e = gh_embedded_pages; e->name; e++) {
        bool tag = false;
        char quote = 0;
        for (const char *p = e->bytes; *p; p++) {
            if (p[0] == '{' && p[1] == '{') {
                bool value = !strchr("#^/!", p[2]);
                if (tag && !quote && value && p[2] != '>')
                    fail_msg("%s: a value in a tag without quotes: %.40s", e->name, p);
                if (quote && tag && value &&
                    (gh_starts(p - 6, "href=\"") || gh_starts(p - 5, "src=\"")))
                    if (!memmem(p, strcspn(p, "}"), "|url", 4))
                        fail_msg("%s: an address without |url: %.40s", e->name, p);
                p = strstr(p, "}}") + 1;
            } else if (quote) {
                quote = *p == quote ? 0 : quote;
            } else if (tag && *p == '"') {
                quote = '"';
            } else if (tag && *p == '\'') {
                fail_msg("%s: attributes are quoted with \"", e->name);
            } else {
                tag = *p == '<' || (tag && *p != '>');
            }
        }
        assert_null(strstr(e->bytes, " style="));
        assert_null(strstr(e->bytes, " onclick="));
    }
    gh_assets_free(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_do_what_the_header_says),
        cmocka_unit_test(what_is_malformed_is_no_template),
        cmocka_unit_test(no_value_leaves_its_place),
        cmocka_unit_test(own_pages_are_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
