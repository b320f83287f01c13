/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Byte streams over a descriptor: offsets, ends, limits. */
#include "tests/unit/test.h"

#include "pipeline/input/avio.h"

#include <errno.h>
#include <fcntl.h>
#include <libavformat/avio.h>
#include <libavutil/error.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int file(const char *bytes, size_t n)
{
    int fd = memfd_create("avio", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    return fd;
}

static void reads_from_the_start_and_leaves_the_offset_alone(void **state)
{
    (void)state;
    int fd = file("0123456789", 10);
    AVIOContext *io = NULL, *other = NULL;
    struct gh_err err;
    char buf[8] = "";
    assert_int_equal(gh_avio_reader(fd, &io, &err), 0);
    assert_int_equal(gh_avio_reader(fd, &other, &err), 0);
    assert_int_equal(avio_size(io), 10);
    assert_int_equal(avio_read(io, (unsigned char *)buf, 4), 4);
    assert_string_equal(buf, "0123");
    assert_int_equal(avio_seek(other, 6, SEEK_SET), 6);
    assert_int_equal(avio_read(other, (unsigned char *)buf, 8), 4);
    assert_memory_equal(buf, "6789", 4);
    assert_int_equal(avio_read(io, (unsigned char *)buf, 2), 2);
    assert_memory_equal(buf, "45", 2);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 10);
    gh_avio_free(&io);
    gh_avio_free(&other);
    assert_null(io);
    close(fd);
}

static void end_of_file_is_an_end(void **state)
{
    (void)state;
    int fd = file("ab", 2);
    AVIOContext *io = NULL;
    struct gh_err err;
    unsigned char buf[8];
    assert_int_equal(gh_avio_reader(fd, &io, &err), 0);
    assert_int_equal(avio_read(io, buf, 8), 2);
    assert_int_equal(avio_read(io, buf, 8), AVERROR_EOF);
    assert_true(avio_seek(io, -5, SEEK_SET) < 0);
    assert_int_equal(gh_avio_errno(io), 0);
    gh_avio_free(&io);
    close(fd);
}

static void writes_go_where_they_are_sought(void **state)
{
    (void)state;
    int fd = memfd_create("avio", MFD_CLOEXEC);
    AVIOContext *io = NULL;
    struct gh_err err;
    char buf[9] = "";
    assert_int_equal(gh_avio_writer(fd, 0, &io, &err), 0);
    avio_write(io, (const unsigned char *)"xxxx5678", 8);
    assert_int_equal(avio_seek(io, 0, SEEK_SET), 0);
    avio_write(io, (const unsigned char *)"1234", 4);
    avio_flush(io);
    assert_int_equal(pread(fd, buf, 8, 0), 8);
    assert_string_equal(buf, "12345678");
    gh_avio_free(&io);
    close(fd);
}

static void a_writer_stops_at_its_limit(void **state)
{
    (void)state;
    int fd = memfd_create("avio", MFD_CLOEXEC);
    AVIOContext *io = NULL;
    struct gh_err err;
    unsigned char block[4096] = {0};
    assert_int_equal(gh_avio_writer(fd, 100000, &io, &err), 0);
    for (int i = 0; i < 64; i++)
        avio_write(io, block, sizeof(block));
    avio_flush(io);
    assert_int_equal(gh_avio_errno(io), EFBIG);
    assert_true(lseek(fd, 0, SEEK_END) <= 100000);
    gh_avio_free(&io);
    close(fd);
}

static void only_regular_files_are_taken(void **state)
{
    (void)state;
    int pair[2];
    AVIOContext *io = NULL;
    struct gh_err err;
    assert_int_equal(pipe(pair), 0);
    assert_int_equal(gh_avio_reader(pair[0], &io, &err), -GH_SYSTEM);
    assert_null(io);
    gh_avio_free(&io);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_from_the_start_and_leaves_the_offset_alone),
        cmocka_unit_test(end_of_file_is_an_end),
        cmocka_unit_test(writes_go_where_they_are_sought),
        cmocka_unit_test(a_writer_stops_at_its_limit),
        cmocka_unit_test(only_regular_files_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
