/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test includes: cmocka after the headers it wants, a temporary folder, and
 * assertions that show the message of an error. */
#ifndef GH_TESTS_TEST_H
#define GH_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/str.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

/* A new directory below /tmp, by its path and by descriptor. TEST_DIR removes it at the end of the
 * scope. */
struct test_dir {
    char path[64];
    int fd;
};

static inline struct test_dir test_dir_new(void)
{
    struct test_dir d = {.path = "/tmp/ghat-test-XXXXXX", .fd = -1};
    if (!mkdtemp(d.path))
        abort();
    d.fd = open(d.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return d;
}

static inline void test_dir_free(struct test_dir *d)
{
    gh_close_fd(&d->fd);
    (void)!gh_remove_tree(AT_FDCWD, d->path, NULL);
}

#define TEST_DIR __attribute__((cleanup(test_dir_free))) struct test_dir

/* Assert success of a fallible call, showing its message when it fails. */
#define OK(expr)                                                                                   \
    do {                                                                                           \
        struct gh_err *ok_err_ = &err;                                                             \
        ok_err_->msg[0] = 0;                                                                       \
        if ((expr) < 0)                                                                            \
            fail_msg("%s: %s", #expr, ok_err_->msg);                                               \
    } while (0)

/* Assert failure of a fallible call, with this class. */
#define FAILS(cls_, expr)                                                                          \
    do {                                                                                           \
        if ((expr) >= 0)                                                                           \
            fail_msg("%s: should have failed", #expr);                                             \
        assert_int_equal(err.cls, cls_);                                                           \
    } while (0)

/* Does this machine do without Landlock? tests/run found out, and workers are told so. */
static inline bool test_without_landlock(void)
{
    const char *wrappers = getenv("GHAT_NO_LANDLOCK");
    return wrappers && *wrappers;
}

#endif
