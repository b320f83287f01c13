/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pixels of logos and labels: made once, shared by sets that name the same, closed with the last of
 * them. The worker is a script that copies its input and counts its runs. */
#include "tests/unit/test.h"

#include "daemon/engine/sets.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct fixture {
    struct test_dir dir;
    char *worker, *logo;
};

static void write_file(const char *path, const char *text, mode_t mode)
{
    struct gh_err err;
    GH_AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    OK(gh_write_all(fd, text, strlen(text), &err));
}

static struct fixture setup(void)
{
    struct fixture f = {.dir = test_dir_new()};
    f.worker = gh_asprintf("%s/worker", f.dir.path);
    f.logo = gh_asprintf("%s/logo.png", f.dir.path);
    write_file(f.worker, "#!/bin/sh\ncat; echo \"$1\" >>\"$0.runs\"\n", 0755);
    write_file(f.logo, "one", 0644);
    return f;
}

static void teardown(struct fixture *f)
{
    free(f->worker);
    free(f->logo);
    test_dir_free(&f->dir);
}
#define FIXTURE GH_AUTO(teardown) struct fixture

/* Runs of the worker so far. */
static unsigned runs(const struct fixture *f)
{
    GH_AUTO_FREE char *text = NULL;
    struct gh_err err;
    size_t n = 0;
    unsigned lines = 0;
    if (gh_read_file(f->dir.fd, "worker.runs", 4096, &text, &n, &err) < 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        lines += text[i] == '\n';
    return lines;
}

static struct gh_sets *load(const struct fixture *f, const struct gh_sets *before,
                            char ret_label[GH_SHA_HEX])
{
    struct gh_sets *sets = gh_sets_new();
    const struct gh_overlay_source source = {.worker = f->worker,
                                             .before = before ? &before->overlays : NULL};
    struct gh_err err;
    OK(gh_overlays_add_logo(&sets->overlays, &source, f->logo, "logo", &err));
    OK(gh_overlays_add_logo(&sets->overlays, &source, f->logo, "logo", &err));
    OK(gh_overlays_add_label(&sets->overlays, &source, "Ward 7", ret_label, &err));
    return sets;
}

static int fd_of_logo(const struct gh_sets *sets)
{
    const char *id = gh_overlay_names_find(&sets->overlays.names, "logo");
    assert_non_null(id);
    return gh_overlays_fd(&sets->overlays, id);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void a_logo_and_a_label_become_sealed_pixels(void **state)
{
    (void)state;
    FIXTURE f = setup();
    char label[GH_SHA_HEX], bytes[16];
    struct gh_sets *sets = load(&f, NULL, label);
    int fd = fd_of_logo(sets);
    assert_int_equal(pread(fd, bytes, sizeof(bytes), 0), 3);
    assert_memory_equal(bytes, "one", 3);
    assert_int_equal(fcntl(fd, F_GET_SEALS),
                     F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    assert_true(is_open(gh_overlays_fd(&sets->overlays, label)));
    assert_null(gh_overlay_names_find(&sets->overlays.names, "other"));
    assert_int_equal(gh_overlays_fd(&sets->overlays, "0"), -1);
    assert_int_equal(gh_overlays_fd(NULL, label), -1);
    assert_int_equal(runs(&f), 2);
    gh_sets_unref(&sets);
    assert_null(sets);
    assert_false(is_open(fd));
}

static void pixels_are_shared_with_the_sets_before(void **state)
{
    (void)state;
    FIXTURE f = setup();
    char label[GH_SHA_HEX], again[GH_SHA_HEX];
    struct gh_sets *first = load(&f, NULL, label), *second = load(&f, first, again);
    assert_int_equal(runs(&f), 2);
    assert_string_equal(label, again);
    assert_int_equal(fd_of_logo(first), fd_of_logo(second));
    int fd = fd_of_logo(second);
    gh_sets_unref(&first);
    assert_true(is_open(fd));
    gh_sets_unref(&second);
    assert_false(is_open(fd));
}

static void a_replaced_set_lives_as_long_as_its_last_reference(void **state)
{
    (void)state;
    FIXTURE f = setup();
    char label[GH_SHA_HEX];
    struct gh_sets *settings = load(&f, NULL, label), *job = gh_sets_ref(settings);
    int before = fd_of_logo(job);
    write_file(f.logo, "another", 0644);
    struct gh_sets *changed = load(&f, settings, label);
    assert_int_equal(runs(&f), 3); /* the label is the same */
    assert_int_not_equal(fd_of_logo(changed), before);
    gh_sets_unref(&settings);
    assert_true(is_open(before));
    gh_sets_unref(&job);
    assert_false(is_open(before));
    assert_true(is_open(gh_overlays_fd(&changed->overlays, label)));
    gh_sets_unref(&changed);
}

static void a_worker_that_refuses_says_why(void **state)
{
    (void)state;
    FIXTURE f = setup();
    struct gh_overlays overlays = {0};
    const struct gh_overlay_source source = {.worker = f.worker};
    char label[GH_SHA_HEX] = "untouched";
    struct gh_err err;
    write_file(f.worker, "#!/bin/sh\necho 'is no picture' >&2; exit 1\n", 0755);
    FAILS(GH_CONFIG, gh_overlays_add_logo(&overlays, &source, f.logo, "logo", &err));
    assert_non_null(strstr(err.msg, "logo.png"));
    FAILS(GH_CONFIG, gh_overlays_add_logo(&overlays, &source, "/nonexistent", "logo", &err));
    FAILS(GH_CONFIG, gh_overlays_add_label(&overlays, &source, "Ward 7", label, &err));
    assert_string_equal(label, "untouched");
    assert_int_equal(overlays.n_pixels, 0);
    assert_int_equal(overlays.names.n, 0);
    gh_overlays_free(&overlays);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_logo_and_a_label_become_sealed_pixels),
        cmocka_unit_test(pixels_are_shared_with_the_sets_before),
        cmocka_unit_test(a_replaced_set_lives_as_long_as_its_last_reference),
        cmocka_unit_test(a_worker_that_refuses_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
