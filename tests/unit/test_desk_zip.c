/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"

#include "desk/zip.h"

#include "base/hash.h"
#include "base/str.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* The whole file, in pieces of at most `step` bytes from wherever; byte i of file k is
 * "abc…"[(i + k) % 26]. Bytes of files above `most` stay holes. */
static void write_zip(const struct gh_zip *z, const char *path, size_t step, uint64_t most)
{
    char buf[4096];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)z->size) == 0);
    for (uint64_t pos = 0; pos < z->size;) {
        size_t file = SIZE_MAX;
        uint64_t offset = 0;
        size_t n = gh_zip_read(z, pos, buf, GH_MIN(step, sizeof(buf)), &file, &offset);
        if (!n) {
            assert_true(file < z->n && offset < z->files[file].bytes);
            uint64_t left = z->files[file].bytes - offset;
            if (z->files[file].bytes > most) {
                pos += left;
                continue;
            }
            n = (size_t)GH_MIN(left, (uint64_t)GH_MIN(step, sizeof(buf)));
            for (size_t i = 0; i < n; i++)
                buf[i] = (char)('a' + (offset + i + file) % 26);
        }
        assert_int_equal(pwrite(fd, buf, n, (off_t)pos), n);
        pos += n;
    }
    close(fd);
}

static uint32_t crc_of(size_t file, uint64_t bytes)
{
    GH_AUTO_FREE char *text = gh_alloc(bytes + 1);
    for (uint64_t i = 0; i < bytes; i++)
        text[i] = (char)('a' + (i + file) % 26);
    return gh_crc_mem(text, bytes);
}

/* A program of Python's about the ZIP file z. */
static int judge(const char *path, const char *program)
{
    GH_AUTO_FREE char *command =
        gh_asprintf("python3 -c 'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n%s' '%s'",
                    program, path);
    return system(command);
}

static char *scratch(const char *name)
{
    const char *dir = getenv("TMPDIR");
    return gh_asprintf("%s/%s", dir ? dir : "/tmp", name);
}

/* Foreign readers unpack it, whatever the pieces were. */
static void readers_read_it(void **state)
{
    (void)state;
    static const char *const names[] = {"2026-11-29/water-1/fb.photo/01-a.jpg",
                                        "2026-11-29/water-1/fb.photo/caption.txt", "সেতু/উদ্বোধন.txt",
                                        "empty"};
    static const uint64_t sizes[] = {5000, 26, 1, 0};
    static const size_t steps[] = {1, 7, 4096};
    GH_AUTO_FREE char *path = scratch("small.zip");
    struct gh_zip z = {0};
    for (size_t i = 0; i < GH_LEN(names); i++)
        assert_true(gh_zip_add(&z, names[i], sizes[i], crc_of(i, sizes[i]), 1796000000000));
    gh_zip_lay_out(&z);
    for (size_t i = 0; i < GH_LEN(steps); i++) {
        write_zip(&z, path, steps[i], UINT64_MAX);
        assert_int_equal(judge(path, "assert z.testzip() is None\n"
                                     "assert [(i.filename, i.file_size) for i in z.infolist()] == "
                                     "[(\"2026-11-29/water-1/fb.photo/01-a.jpg\", 5000), "
                                     "(\"2026-11-29/water-1/fb.photo/caption.txt\", 26), "
                                     "(\"সেতু/উদ্বোধন.txt\", 1), (\"empty\", 0)]\n"
                                     "assert all(i.extract_version == 20 for i in z.infolist())"),
                         0);
    }
    gh_zip_free(&z);
}

/* Beyond 4 GiB: a large file, one that lies far away, and a small one in front, which stays as old
 * readers know it. The files are holes. */
static void large_ones_are_zip64(void **state)
{
    (void)state;
    GH_AUTO_FREE char *path = scratch("large.zip");
    struct gh_zip z = {0};
    assert_true(gh_zip_add(&z, "first.txt", 3, crc_of(0, 3), 0));
    assert_true(gh_zip_add(&z, "5g.mp4", 5ull << 30, 1, 0));
    assert_true(gh_zip_add(&z, "limit.mp4", 0xffffffffu, 2, 0));
    assert_true(gh_zip_add(&z, "last.txt", 4, crc_of(3, 4), 0));
    gh_zip_lay_out(&z);
    write_zip(&z, path, 4096, 100);
    assert_int_equal(judge(path,
                           "i = z.infolist()\n"
                           "assert [f.file_size for f in i] == [3, 5 << 30, 0xffffffff, 4]\n"
                           "assert [f.extract_version for f in i] == [20, 45, 45, 45]\n"
                           "assert z.read(\"first.txt\") == b\"abc\" and z.read(\"last.txt\") == "
                           "b\"defg\"\n"
                           "z.open(\"5g.mp4\").read(9)"),
                     0);
    unlink(path);
    gh_zip_free(&z);
}

/* More files than 16 bits count. */
static void many_files_are_zip64(void **state)
{
    (void)state;
    GH_AUTO_FREE char *path = scratch("many.zip");
    struct gh_zip z = {0};
    for (unsigned i = 0; i < 70000; i++) {
        char name[32];
        GH_FORMAT(name, "%05u.txt", i);
        assert_true(gh_zip_add(&z, name, 0, 0, 0));
    }
    gh_zip_lay_out(&z);
    write_zip(&z, path, 4096, UINT64_MAX);
    assert_int_equal(judge(path, "assert len(z.infolist()) == 70000"), 0);
    unlink(path);
    gh_zip_free(&z);
}

static void names_lead_nowhere_else(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "/etc/passwd", "../a", "a/../b",   "a/..",
                                      ".",    "a/./b",       "a//b", "a/",       "a\\b",
                                      "C:/a", "a\nb",        "\x7f", "\xff\xfe", "a/\xc0\xaf"};
    static const char *const good[] = {"a", "a/b.c", "..a", "a..", "...", "অ/আ"};
    struct gh_zip z = {0};
    for (size_t i = 0; i < GH_LEN(bad); i++)
        assert_false(gh_zip_add(&z, bad[i], 1, 1, 1));
    for (size_t i = 0; i < GH_LEN(good); i++)
        assert_true(gh_zip_add(&z, good[i], 1, 1, 1));
    GH_AUTO_FREE char *name = gh_alloc(GH_ZIP_NAME_MAX + 2);
    memset(name, 'a', GH_ZIP_NAME_MAX + 1);
    assert_false(gh_zip_add(&z, name, 1, 1, 1));
    name[GH_ZIP_NAME_MAX] = 0;
    assert_true(gh_zip_add(&z, name, 1, 1, 1));
    gh_zip_free(&z);
}

/* Nothing in it: an archive of no files, whatever readers make of that. */
static void an_empty_one_is_whole(void **state)
{
    (void)state;
    char buf[64];
    size_t file;
    uint64_t offset;
    struct gh_zip z = {0};
    gh_zip_lay_out(&z);
    assert_int_equal(z.size, 22);
    assert_int_equal(gh_zip_read(&z, 0, buf, sizeof(buf), &file, &offset), 22);
    assert_memory_equal(buf, "PK\5\6", 4);
    gh_zip_free(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_read_it),       cmocka_unit_test(large_ones_are_zip64),
        cmocka_unit_test(many_files_are_zip64),  cmocka_unit_test(names_lead_nowhere_else),
        cmocka_unit_test(an_empty_one_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
