/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "base/hash.h"

/* FIPS 180-2 vectors. */
static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void known_answers(void **state)
{
    (void)state;
    char hex[GH_SHA_HEX];
    gh_hash_mem("abc", 3, hex);
    assert_string_equal(hex, abc);
    gh_hash_mem("", 0, hex);
    assert_string_equal(hex, nothing);
}

static void pieces_equal_the_whole(void **state)
{
    (void)state;
    char hex[GH_SHA_HEX];
    GH_AUTO(gh_hash_free) struct gh_hash *h = gh_hash_new();
    gh_hash_add(h, "a", 1);
    gh_hash_add(h, "bc", 2);
    gh_hash_hex(h, hex);
    assert_string_equal(hex, abc);
}

static void files_are_hashed_from_the_start(void **state)
{
    (void)state;
    struct gh_err err;
    TEST_DIR dir = test_dir_new();
    GH_AUTO_FD fd = -1;
    OK(gh_tmpfile(dir.fd, &fd, &err));
    OK(gh_write_all(fd, "abc", 3, &err));
    char hex[GH_SHA_HEX];
    uint64_t size = 0;
    OK(gh_hash_fd(fd, hex, &size, &err));
    assert_string_equal(hex, abc);
    assert_int_equal(size, 3);
    FAILS(GH_SYSTEM, gh_hash_fd(-1, hex, &size, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(pieces_equal_the_whole),
        cmocka_unit_test(files_are_hashed_from_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
