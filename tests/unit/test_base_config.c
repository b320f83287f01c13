/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration: defaults, every kind of value, and problems that name file and line. */
#include "tests/unit/test.h"

#include "base/config.h"
#include "base/log.h"

#include <string.h>

struct parsed {
    struct gh_conf conf;
    struct gh_problems problems;
};

static struct parsed parse(const char *text)
{
    struct parsed p = {0};
    gh_conf_parse(text, "/etc/ghat/ghat.conf", &p.conf, &p.problems);
    return p;
}

static void done(struct parsed *p)
{
    gh_conf_free(&p->conf);
    gh_problems_free(&p->problems);
}

static void says(const char *text, const char *what)
{
    struct parsed p = parse(text);
    bool found = false;
    for (size_t i = 0; i < p.problems.n; i++)
        found |= strstr(p.problems.list[i], what) != NULL;
    if (!found)
        fail_msg("no problem with \"%s\" in: %s (%zu others, first: %s)", what, text, p.problems.n,
                 p.problems.n ? p.problems.list[0] : "");
    done(&p);
}

static void test_defaults(void **state)
{
    (void)state;
    struct gh_conf c;
    gh_conf_default(&c);
    assert_string_equal(c.root, "/srv/ghat");
    assert_string_equal(c.drop, "/srv/ghat/drop");
    assert_string_equal(c.quarantine, "/srv/ghat/quarantine");
    assert_string_equal(c.state, "/var/lib/ghat");
    assert_string_equal(c.control, "/run/ghat/control.sock");
    assert_int_equal(c.quiet_ms, 3000);
    assert_int_equal(c.scan_ms, 30000);
    assert_true(c.inotify);
    assert_int_equal(c.policy, GH_POLICY_CREDIT);
    assert_int_equal(c.log_level, GH_LOG_INFO);
    assert_int_equal(c.workers, 0);
    assert_non_null(c.dir);
    gh_conf_free(&c);
}

static void test_contract(void **state)
{
    (void)state;
    struct parsed p = parse("; the sample of the design\n[paths]\nroot=/data\nstate = "
                            "/data/state\n  control=/data/c.sock ; a "
                            "comment\noutbox=/pub\n"
                            "[intake]\nquiet=1s\nscan=500ms\ninotify=no\nmax_bytes = "
                            "2Gi\n[workers]\ncount=auto\nvideo=2\n"
                            "[policy]\nmetadata=strip\ncorporation = কলকাতা "
                            "পৌরসংস্থা\n[limits]\nduration=10m\ncpu=90s\n[log]\nlevel=debug\n");
    assert_int_equal(p.problems.n, 0);
    assert_string_equal(p.conf.drop, "/data/drop");
    assert_string_equal(p.conf.outbox, "/pub");
    assert_string_equal(p.conf.control, "/data/c.sock");
    assert_string_equal(p.conf.dir, "/etc/ghat");
    assert_int_equal(p.conf.quiet_ms, 1000);
    assert_int_equal(p.conf.scan_ms, 500);
    assert_false(p.conf.inotify);
    assert_true(p.conf.max_bytes == 2147483648u && p.conf.limits.input_bytes == p.conf.max_bytes);
    assert_int_equal(p.conf.workers, 0);
    assert_int_equal(p.conf.video_workers, 2);
    assert_int_equal(p.conf.policy, GH_POLICY_STRIP);
    assert_string_equal(p.conf.corporation, "কলকাতা পৌরসংস্থা");
    assert_true(p.conf.limits.duration_us == 600000000);
    assert_int_equal(p.conf.limits.cpu_s, 90);
    assert_int_equal(p.conf.log_level, GH_LOG_DEBUG);
    done(&p);
}

static void test_problems_name_the_line(void **state)
{
    (void)state;
    says("[intake]\n\nqiuet=3s\n", "/etc/ghat/ghat.conf:3: unknown key qiuet in [intake]");
    says("[intaek]\nquiet=3s\n", ":2: unknown section [intaek]");
    says("[intake]\nquiet=soon\n", ":2: quiet: \"soon\" is not a duration");
    says("[intake]\nquiet=10ms\n", ":2: quiet: 10ms is out of range (100 to 3600000 ms)");
    says("[intake]\nquiet=3s\nquiet=4s\n", ":3: quiet was given already on line 2");
    says("[intake]\nquiet=3s\n[intake]\nquiet=4s\n", ":4: quiet was given already on line 2");
    says("[workers]\ncount=many\n", ":2: count: \"many\" is not a number or auto");
    says("[workers]\ncount=-1\n", ":2: count");
    says("[policy]\nmetadata=all\n",
         ":2: metadata: \"all\" is not one of strip|credit|keep|archive");
    says("[policy]\nmetadata=\n", ":2: metadata");
    says("[policy]\nartist=\n", ":2: artist: needs a value");
    says("[policy]\nartist=\xff\xfe\n", ":2: artist: the value is not UTF-8");
    says("[intake]\ninotify=maybe\n", ":2: inotify: \"maybe\" is neither yes nor no");
    says("quiet=3s\n", ":1: quiet stands before the first [section]");
    says("[intake\nquiet=3s\n", ":1: a section needs a closing ]");
    says("[intake]\nquiet\n", ":2: expected [section] or key = value");
    says("[intake]\n=3s\n", ":2: a key is missing");
    says("[paths]\nroot=srv\n", "[paths] root = srv must be an absolute path");
    says("[policy]\nmetadata=archive\n", "allow_location");
    says("[intake]\nquiet=10s\nquiet_max=5s\n", "quiet_max is less than quiet");
    says("[intake]\nmarker=a/b\n", "marker");
}

static void test_all_problems_at_once(void **state)
{
    (void)state;
    struct parsed p = parse("[intake]\nquiet=x\nscan=y\n[nothing]\na=b\n");
    struct gh_err err;
    assert_int_equal(p.problems.n, 3);
    FAILS(GH_CONFIG, gh_problems_fail(&p.problems, &err));
    assert_non_null(strstr(err.msg, "(and 2 more)"));
    done(&p);
}

static void test_lines(void **state)
{
    (void)state;
    GH_AUTO_STR text = {0};
    gh_str_puts(&text, "[policy]\nartist=");
    for (int i = 0; i < 300; i++)
        gh_str_puts(&text, "a");
    gh_str_puts(&text, "\n[intake]\nquiet=2s\n");
    struct parsed p = parse(text.data);
    assert_int_equal(p.problems.n, 1); /* the long line, and nothing made of its rest */
    assert_non_null(strstr(p.problems.list[0], ":2: the line is too long"));
    assert_int_equal(p.conf.quiet_ms, 2000);
    done(&p);
    /* Notepad's, and an indented line */
    p = parse("\xef\xbb\xbf[intake]\r\nquiet=2s\r\n   scan=7s\r\n# end");
    assert_int_equal(p.problems.n, 0);
    assert_int_equal(p.conf.quiet_ms, 2000);
    assert_int_equal(p.conf.scan_ms, 7000);
    done(&p);
    p = parse("[intake]\nquiet=2m\n"); /* longer than the default maximum: that grows with it */
    assert_int_equal(p.problems.n, 0);
    done(&p);
}

static void test_load(void **state)
{
    (void)state;
    TEST_DIR dir = test_dir_new();
    struct gh_err err = {0};
    struct gh_conf c;
    GH_AUTO_FREE char *path = gh_asprintf("%s/ghat.conf", dir.path);
    FAILS(GH_CONFIG, gh_conf_load(path, &c, NULL, &err)); /* named, so it must be there */
    assert_non_null(strstr(err.msg, path));
    OK(gh_write_file(dir.fd, "ghat.conf", "[intake]\nquiet=2s\n", 18, 0644, &err));
    OK(gh_conf_load(path, &c, NULL, &err));
    assert_int_equal(c.quiet_ms, 2000);
    assert_string_equal(c.dir, dir.path);
    assert_string_equal(c.file, path);
    gh_conf_free(&c);
    OK(gh_write_file(dir.fd, "ghat.conf", "[intake]\nquiet=2s\0\n", 19, 0644, &err));
    FAILS(GH_CONFIG, gh_conf_load(path, &c, NULL, &err));
    setenv("GHAT_CONF", path, 1);
    bool named = false;
    assert_string_equal(gh_conf_path(NULL, &named), path);
    assert_true(named);
    unsetenv("GHAT_CONF");
    gh_conf_path(NULL, &named);
    assert_false(named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_contract),
        cmocka_unit_test(test_problems_name_the_line),
        cmocka_unit_test(test_all_problems_at_once),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
