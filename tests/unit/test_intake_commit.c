/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a settled unit to the ledger: whose turn it is, what cannot be taken, what comes again. */
#include "tests/unit/house.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define DEPARTMENTS 400

static _Atomic int not_synced; /* the errno of the next fsync of a folder; 0: it succeeds */

int fsync(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && (errno = atomic_exchange(&not_synced, 0)))
        return -1;
    return (int)syscall(SYS_fsync, fd);
}

/* What sorts before the photo, a caption or an empty file, must not quarantine it again. */
static void test_folder_comes_again_whole(void **state)
{
    (void)state;
    for (int empty = 0; empty < 2; empty++) {
        HOUSE *h = house_new(true);
        make(h, "F");
        put(h, "F/1.jpg", "half");
        becomes(h, "F=received[1.jpg]");
        attempt(h, GH_ATTEMPT_REFUSED, "damaged");
        becomes(h, "F=quarantined[1.jpg]");
        if (!exists(h, "F"))
            make(h, "F");
        put(h, empty ? "F/0.jpg" : "F/0.txt", empty ? "" : "Words");
        put(h, "F/1.jpg", "the whole");
        becomes(h,
                empty ? "F=received[1.jpg,0.jpg,1.jpg]" : "F=received[1.jpg,0.txt,1.jpg]\"Words\"");
    }
}

/* Takes away the capabilities that let root read everything, or gives them back. */
static void read_everything(bool may)
{
    static struct __user_cap_data_struct all[2];
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    if (!may)
        assert_int_equal(syscall(SYS_capget, &head, all), 0);
    struct __user_cap_data_struct now[2] = {all[0], all[1]};
    if (!may)
        now[0].effective &= ~(1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH);
    assert_int_equal(syscall(SYS_capset, &head, now), 0);
}

/* The officer is told once, nothing is done again, and they are taken when they may be read. */
static void test_unreadable_files_wait(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    read_everything(false);
    put(h, "a.jpg", "one");
    assert_int_equal(fchmodat(h->water, "a.jpg", 0, 0), 0);
    becomes(h, "a.jpg=quarantined[]");
    run_for(h, 12 * QUIET);
    becomes(h, "a.jpg=quarantined[]");
    assert_int_equal(gh_quiet_ms(h->d.quiet, "water"), QUIET);
    make(h, "F");
    put(h, "F/1.jpg", "good");
    put(h, "F/2.jpg", "hidden");
    assert_int_equal(fchmodat(h->water, "F/2.jpg", 0, 0), 0);
    becomes(h, "a.jpg=quarantined[] 2.jpg=quarantined[] F=received[1.jpg]");
    assert_int_equal(fchmodat(h->water, "a.jpg", 0644, 0), 0);
    becomes(h, "a.jpg=quarantined[] 2.jpg=quarantined[] F=received[1.jpg] a.jpg=received[a.jpg]");
    assert_int_equal(fchmodat(h->water, "F/2.jpg", 0644, 0), 0);
    becomes(h, "a.jpg=quarantined[] 2.jpg=quarantined[] F=received[1.jpg,2.jpg] "
               "a.jpg=received[a.jpg]");
    read_everything(true);
}

/* Names in the spool, and the latest of their change times. */
static unsigned spooled(struct house *h, int64_t *ret_latest_ns)
{
    DIR *dir = fdopendir(openat(h->d.dirs.spool, ".", O_RDONLY | O_DIRECTORY));
    unsigned n = 0;
    struct stat st;
    *ret_latest_ns = 0;
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.' && fstatat(dirfd(dir), e->d_name, &st, 0) == 0) {
            *ret_latest_ns = GH_MAX(*ret_latest_ns, gh_timespec_ns(st.st_ctim));
            n++;
        }
    closedir(dir);
    return n;
}

/* Nothing is copied of what could not be moved away; it is taken when the permissions allow it. */
static void test_folders_that_keep_their_files(void **state)
{
    (void)state;
    int64_t at;
    HOUSE *h = house_new(true);
    read_everything(false);
    run_for(h, 2 * QUIET);
    put(h, "a.jpg", "one");
    make(h, "F");
    put(h, "F/1.jpg", "two");
    assert_int_equal(fchmodat(h->water, "F", 0555, 0), 0);
    assert_int_equal(fchmod(h->water, 0555), 0);
    bool file_first = becomes_either(h, "a.jpg=quarantined[] 1.jpg=quarantined[]",
                                     "1.jpg=quarantined[] a.jpg=quarantined[]");
    const char *told = file_first ? "a.jpg=quarantined[] 1.jpg=quarantined[]"
                                  : "1.jpg=quarantined[] a.jpg=quarantined[]";
    GH_AUTO_FREE char *one = gh_asprintf("%s a.jpg=received[a.jpg]", told),
                      *both = gh_asprintf("%s F=received[1.jpg]", one);
    run_for(h, 12 * QUIET);
    becomes(h, told);
    assert_int_equal(spooled(h, &at), 0);
    assert_int_equal(fchmod(h->water, 0755), 0);
    becomes(h, one);
    assert_int_equal(fchmodat(h->water, "F", 0755, 0), 0);
    becomes(h, both);
    read_everything(true);
}

/* What was recorded and then cannot be moved is never copied again. */
static void test_what_cannot_be_moved_is_not_copied_again(void **state)
{
    (void)state;
    int64_t before, after;
    HOUSE *h = house_new(true);
    read_everything(false);
    assert_int_equal(fchmod(h->d.dirs.taken, 0500), 0);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]!1 a.jpg=quarantined[]");
    assert_int_equal(spooled(h, &before), 1);
    run_for(h, 11000); /* longer than the wait after a failure */
    becomes(h, "a.jpg=received[a.jpg]!1 a.jpg=quarantined[]");
    assert_int_equal(spooled(h, &after), 1);
    assert_int_equal(after, before);
    assert_int_equal(fchmod(h->d.dirs.taken, 0700), 0);
    becomes(h, "a.jpg=received[a.jpg] a.jpg=quarantined[]");
    assert_false(exists(h, "a.jpg"));
    put(h, "a.jpg", "another");
    becomes(h, "a.jpg=received[a.jpg] a.jpg=quarantined[] a.jpg=received[a.jpg]");
    read_everything(true);
}

/* Every department is served, however many there are. */
static void test_many_departments_are_served(void **state)
{
    (void)state;
    struct gh_err err = {0};
    struct gh_counts counts = {0};
    HOUSE *h = house_new(true);
    for (int i = 0; i < DEPARTMENTS; i++) {
        GH_AUTO_FREE char *name = gh_asprintf("drop/D%03d", i);
        GH_AUTO_FREE char *path = gh_asprintf("%s/a.jpg", name);
        GH_AUTO_FREE char *bytes = gh_asprintf("photo %d", i);
        OK(gh_mkdirs(h->dir.fd, name, 0755, &err));
        OK(gh_write_file(h->dir.fd, path, bytes, strlen(bytes), 0644, &err));
    }
    gh_intake_rescan(h->d.intake);
    for (int64_t until = gh_mono_ms() + 4 * PATIENCE_MS;
         counts.submissions[GH_SUB_RECEIVED] < DEPARTMENTS && gh_mono_ms() < until;) {
        run_for(h, 200);
        OK(gh_ledger_counts(h->d.ledger, &counts, &err));
    }
    assert_int_equal(counts.submissions[GH_SUB_RECEIVED], DEPARTMENTS);
}

/* A disk that is full for a moment: it is asked again, and not only the ledger. */
static void test_a_spool_that_is_not_synced_once_stops_nothing(void **state)
{
    (void)state;
    static const int codes[] = {ENOSPC, EBUSY};
    HOUSE *h = house_new(true);
    run_for(h, 2 * QUIET);
    for (size_t i = 0; i < GH_LEN(codes); i++) {
        not_synced = codes[i];
        put(h, i ? "b.jpg" : "a.jpg", i ? "two" : "one");
        becomes(h, i ? "a.jpg=received[a.jpg] b.jpg=received[b.jpg]" : "a.jpg=received[a.jpg]");
        assert_int_equal(not_synced, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder_comes_again_whole),
        cmocka_unit_test(test_unreadable_files_wait),
        cmocka_unit_test(test_folders_that_keep_their_files),
        cmocka_unit_test(test_what_cannot_be_moved_is_not_copied_again),
        cmocka_unit_test(test_a_spool_that_is_not_synced_once_stops_nothing),
        cmocka_unit_test(test_many_departments_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
