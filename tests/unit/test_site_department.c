/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Departments: cards, slugs that never change, folders without a card. */
#include "tests/unit/test.h"

#include "daemon/site/department.h"

#include "base/media.h"

#include <string.h>
#include <sys/stat.h>

static void put(struct test_dir *dir, const char *name, const char *text)
{
    struct gh_err err = {0};
    OK(gh_mkdirs(dir->fd, "departments", 0755, &err));
    GH_AUTO_FREE char *path = gh_asprintf("departments/%s", name);
    GH_AUTO_FD fd = openat(dir->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    OK(gh_write_all(fd, text, strlen(text), &err));
}

static struct gh_conf conf_in(const struct test_dir *dir)
{
    struct gh_conf c;
    gh_conf_default(&c);
    free(c.dir);
    c.dir = gh_strdup(dir->path);
    return c;
}

static void test_cards(void **state)
{
    (void)state;
    TEST_DIR dir = test_dir_new();
    GH_AUTO(gh_conf_free) struct gh_conf conf = conf_in(&dir);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO(gh_departments_free) struct gh_departments set = {0};
    put(&dir, "health.conf",
        "[department]\nfolder = স্বাস্থ্য বিভাগ\nslug = health\ntitle = Health\nlanguages = bn,hi,en\n"
        "[policy]\nmetadata = strip\n[officer]\nname = অঞ্জলি সেন\ndesignation = Engineer\nmobile = "
        "+91 33\nemail = "
        "a@b.org\n");
    put(&dir, "Water Supply.conf", "");
    put(&dir, ".hidden.conf", "nonsense");
    put(&dir, "README", "nonsense");
    gh_departments_load(&conf, &set, &problems);
    assert_int_equal(problems.n, 0);
    assert_int_equal(set.n, 2);
    const struct gh_department *d = gh_departments_find(&set, "health");
    assert_non_null(d);
    assert_string_equal(d->folder, "স্বাস্থ্য বিভাগ");
    assert_int_equal(d->policy, GH_POLICY_STRIP);
    assert_string_equal(d->officer.name, "অঞ্জলি সেন");
    assert_string_equal(d->languages, "bn,hi,en");
    d = gh_departments_find(&set, "water-supply");
    assert_non_null(d);
    assert_string_equal(d->folder, "Water Supply");
    assert_int_equal(d->policy, GH_POLICY_CREDIT);
    assert_ptr_equal(gh_departments_find_folder(&set, "Water Supply"), d);
    assert_null(gh_departments_find_folder(&set, "Roads"));
}

static void test_problems(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *says;
    } rows[] = {
        {"a.conf", "[department]\nfolder = A\ncolour = red\n",
         "departments/a.conf:3: unknown key colour"},
        {"b.conf", "[department]\nslug = Ümlaut\n", "slug = Ümlaut"},
        {"c.conf", "[department]\nfolder = ../etc\n", "must be the name of a folder"},
        {"d.conf", "[department]\nfolder = .hidden\n", "must be the name of a folder"},
        {"e.conf", "[policy]\nmetadata = archive\n", "allow_location"},
        {"f.conf", "[officer]\nemail = nobody\n", "no mail address"},
        {"g1.conf", "[department]\nfolder = One\nslug = same\n", NULL},
        {"g2.conf", "[department]\nfolder = Two\nslug = same\n", "slug same belongs to"},
        {"g3.conf", "[department]\nfolder = One\nslug = other\n", "folder One belongs to"},
    };
    TEST_DIR dir = test_dir_new();
    GH_AUTO(gh_conf_free) struct gh_conf conf = conf_in(&dir);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO(gh_departments_free) struct gh_departments set = {0};
    for (size_t i = 0; i < GH_LEN(rows); i++)
        put(&dir, rows[i].name, rows[i].text);
    gh_departments_load(&conf, &set, &problems);
    assert_int_equal(set.n, 1);
    assert_int_equal(problems.n, GH_LEN(rows) - 1);
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        bool found = !rows[i].says;
        for (size_t k = 0; k < problems.n; k++)
            found |= rows[i].says && strstr(problems.list[k], rows[i].says) &&
                     strstr(problems.list[k], rows[i].name);
        if (!found)
            fail_msg("%s: nobody says %s", rows[i].name, rows[i].says);
    }
}

static void test_folders_without_card(void **state)
{
    (void)state;
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO(gh_departments_free) struct gh_departments set = {0};
    gh_conf_default(&conf);
    struct gh_department *a = gh_departments_add_folder(&set, &conf, "Roads", NULL);
    /* the same slug */
    struct gh_department *b = gh_departments_add_folder(&set, &conf, "roads!", NULL);
    struct gh_department *c = gh_departments_add_folder(&set, &conf, "???", NULL);
    struct gh_department *d = gh_departments_add_folder(&set, &conf, "Parks", "parks-1a2b");
    struct gh_department *e = gh_departments_add_folder(&set, &conf, "\xff\xfe", "../evil");
    assert_string_equal(a->slug, "roads");
    assert_true(gh_starts(b->slug, "roads-"));
    assert_true(strlen(c->slug) > 0);
    assert_string_equal(d->slug, "parks-1a2b");
    assert_null(strchr(e->slug, '/'));
    assert_true(gh_utf8_valid(e->title, strlen(e->title)));
    for (size_t i = 0; i < set.n; i++)
        assert_ptr_equal(gh_departments_find(&set, set.list[i]->slug), set.list[i]);
}

static void test_same_letters(void **state)
{
    (void)state;
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO(gh_departments_free) struct gh_departments set = {0};
    gh_conf_default(&conf);
    /* composed */
    struct gh_department *a =
        gh_departments_add_folder(&set, &conf, "\xe0\xa6\x95\xe0\xa7\x8b", NULL);
    assert_ptr_equal(gh_departments_find_folder(&set, "\xe0\xa6\x95\xe0\xa7\x87\xe0\xa6\xbe"), a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cards),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_folders_without_card),
        cmocka_unit_test(test_same_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
