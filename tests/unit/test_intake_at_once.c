/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Photos of departments whose files are whole when they are closed: when that is believed, what is
 * taken in before its quiet time is over and what never is, and that writers who come back after
 * all lose nothing.
 */
#include "tests/unit/house.h"

#include "daemon/intake/settle.h"

#include <sys/wait.h>
#include <time.h>

#define LONG_MS 6000     /* a quiet time that no test is slow enough to miss */
#define LONGEST_MS 20000 /* … and one that is not waited for */

/* Believe it, however often it was wrong. */
static void believe(struct house *h)
{
    h->d.settings.conf.at_once = true;
    for (int i = 0; i <= GH_QUIET_PROOFS_MAX && !gh_quiet_at_once(h->d.quiet, "water"); i++)
        gh_quiet_whole(h->d.quiet, "water", true);
    assert_true(gh_quiet_at_once(h->d.quiet, "water"));
}

static bool is_spooled(struct house *h, const char *bytes)
{
    char hex[GH_SHA_HEX];
    gh_hash_mem(bytes, strlen(bytes), hex);
    return faccessat(h->d.dirs.spool, hex, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void becomes_spooled(struct house *h, const char *bytes)
{
    for (int i = 0; i < PATIENCE_MS / 20 && !is_spooled(h, bytes); i++)
        run_for(h, 20);
    if (!is_spooled(h, bytes))
        fail_msg("lost: %s", bytes);
}

static bool count_one(const struct gh_item *item, void *arg)
{
    unsigned *n = arg;
    n[0]++;
    for (size_t i = 0; i < item->n_files; i++)
        n[1] += item->files[i].source == GH_SOURCE_PRESENT;
    return true;
}

/* Run until the ledger has so many submissions, present of which have their file in the folder
 * still. */
static void has(struct house *h, unsigned submissions, unsigned present)
{
    unsigned n[2] = {0};
    for (int i = 0; i < PATIENCE_MS / 20; i++) {
        struct gh_err err = {0};
        struct gh_list_filter all = {0};
        n[0] = n[1] = 0;
        OK(gh_ledger_list(h->d.ledger, &all, count_one, n, &err));
        if (n[0] == submissions && n[1] == present)
            return;
        run_for(h, 20);
    }
    GH_AUTO_STR now = ledger(h);
    fail_msg("%u submissions, %u present: %s", n[0], n[1], gh_str_text(&now));
}

static void append(struct house *h, const char *name, const char *text)
{
    GH_AUTO_FD fd = openat(h->water, name, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void test_learnt(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    h->d.settings.conf.at_once = true;
    unsigned n = 0; /* what a scan met before its event came says nothing */
    while (!gh_quiet_at_once(h->d.quiet, "water") && n < 5 * GH_QUIET_PROOFS) {
        char name[32];
        snprintf(name, sizeof(name), "%u.jpg", ++n);
        put(h, name, name);
        has(h, n, 0);
        run_for(h, 50);
    }
    assert_true(gh_quiet_at_once(h->d.quiet, "water"));
    assert_true(n >= GH_QUIET_PROOFS);
    assert_false(gh_quiet_at_once(h->d.quiet, "roads")); /* each for itself */
    house_close(h);
    house_open(h);
    assert_true(gh_quiet_at_once(h->d.quiet, "water")); /* kept */
    gh_quiet_whole(h->d.quiet, "water", false);
    house_close(h);
    house_open(h);
    assert_false(gh_quiet_at_once(h->d.quiet, "water"));
    for (unsigned i = 0; i < 2 * GH_QUIET_PROOFS; i++) { /* harder to believe than before */
        assert_false(gh_quiet_at_once(h->d.quiet, "water"));
        gh_quiet_whole(h->d.quiet, "water", true);
    }
    assert_true(gh_quiet_at_once(h->d.quiet, "water"));
    gh_quiet_learn(h->d.quiet, "water", true, 0); /* taken too early, as was found later */
    assert_false(gh_quiet_at_once(h->d.quiet, "water"));
}

/* Writers who come back after their point, and names that go, are no proof. */
static void test_not_learnt(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    h->d.settings.conf.quiet_ms = 1000;
    run_for(h, 700);
    static const enum { GREW, WENT, PAIR } ways[] = {GREW, WENT, PAIR};
    for (size_t i = 0; i < GH_LEN(ways); i++) {
        for (unsigned k = 1; k < GH_QUIET_PROOFS; k++)
            gh_quiet_whole(h->d.quiet, "water", true);
        put(h, "a.jpg", "one");
        run_for(h, 300);
        if (ways[i] == GREW)
            append(h, "a.jpg", " and more");
        else if (ways[i] == WENT)
            assert_int_equal(unlinkat(h->water, "a.jpg", 0), 0);
        else
            put(h, "a.txt", "words");
        for (int k = 0; k < PATIENCE_MS / 20 && (exists(h, "a.jpg") || exists(h, "a.txt")); k++)
            run_for(h, 20);
        run_for(h, 100);
        gh_quiet_whole(h->d.quiet, "water", true);
        if (gh_quiet_at_once(h->d.quiet, "water"))
            fail_msg("way %zu was taken for a proof", i);
        gh_quiet_whole(h->d.quiet, "water", false);
    }
}

static void test_taken_before_its_time_and_left_until_then(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    run_for(h, 50);
    believe(h);
    h->d.settings.conf.quiet_ms = LONG_MS;
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]!1");
    assert_true(exists(h, "a.jpg")); /* its writer would still find it */
    becomes(h, "a.jpg=received[a.jpg]");
    assert_false(exists(h, "a.jpg"));
    assert_true(gh_quiet_at_once(h->d.quiet, "water"));
    /* ghatd ends in between: the next one waits for the quiet time, too, and knows the file */
    put(h, "b.jpg", "two");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg]!1");
    house_close(h);
    house_open(h);
    run_for(h, 100);
    assert_true(exists(h, "b.jpg"));
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg]");
    assert_false(exists(h, "b.jpg"));
}

static void test_what_waits_as_ever(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    run_for(h, 50);
    believe(h);
    h->d.settings.conf.quiet_ms = LONGEST_MS;
    put(h, "video.mp4", "a video");
    put(h, "live.heic", "its moving part may come");
    put(h, "words.txt", "words");
    put(h, "pair.jpg", "a photo with words");
    put(h, "pair.txt", "its words");
    put(h, "upload.part", "renamed into place");
    assert_int_equal(renameat(h->water, "upload.part", h->water, "renamed.jpg"), 0);
    put(h, "linked.jpg", "two names");
    assert_int_equal(linkat(h->water, "linked.jpg", h->water, "linked.part", 0), 0);
    put(h, "empty.jpg", "");
    make(h, "F");
    put(h, "F/in.jpg", "in a folder");
    GH_AUTO_FD open = openat(h->water, "open.jpg", O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(open, "open", 4), 4);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]!1");
    h->d.settings.conf.at_once = false; /* switched off */
    put(h, "b.jpg", "two");
    run_for(h, LONGEST_MS / GH_SETTLE_BREATH + 500);
    becomes(h, "a.jpg=received[a.jpg]!1");
}

/* Each of these writers comes back before the quiet time of its photo is over. */
static void test_writers_that_come_back_lose_nothing(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    static const char *const names[] = {
        "grew.jpg",    "same.jpg",     "mode.jpg", "touched.jpg",  "renamed.jpg",
        "removed.jpg", "replaced.jpg", "open.jpg", "unharmed.jpg", "again.jpg"};
    run_for(h, 50);
    believe(h);
    h->d.settings.conf.quiet_ms = LONG_MS;
    for (size_t i = 0; i < GH_LEN(names); i++)
        put(h, names[i], names[i]);
    has(h, GH_LEN(names), GH_LEN(names));

    append(h, "grew.jpg", " and more");
    struct stat st;
    assert_int_equal(fstatat(h->water, "same.jpg", &st, 0), 0);
    GH_AUTO_FD same = openat(h->water, "same.jpg", O_WRONLY);
    assert_int_equal(write(same, "SAME", 4), 4);
    assert_int_equal(futimens(same, (struct timespec[]){st.st_atim, st.st_mtim}), 0);
    gh_close_fd(&same);
    assert_int_equal(fchmodat(h->water, "mode.jpg", 0640, 0), 0);
    assert_int_equal(utimensat(h->water, "touched.jpg", (struct timespec[2]){{1, 0}, {1, 0}}, 0),
                     0);
    assert_int_equal(renameat(h->water, "renamed.jpg", h->water, "other.jpg"), 0);
    assert_int_equal(unlinkat(h->water, "removed.jpg", 0), 0);
    put(h, "x.part", "another one");
    assert_int_equal(renameat(h->water, "x.part", h->water, "replaced.jpg"), 0);
    GH_AUTO_FD open = openat(h->water, "open.jpg", O_WRONLY | O_APPEND);
    put(h, "again.jpg", "again, other bytes");

    h->d.settings.conf.quiet_ms = QUIET;
    run_for(h, LONG_MS + 500); /* that of open.jpg is over, but it is open */
    assert_true(exists(h, "open.jpg"));
    assert_int_equal(write(open, " late", 5), 5);
    gh_close_fd(&open);

    static const char *const later[] = {"grew.jpg and more", "SAME.jpg", "another one",
                                        "open.jpg late", "again, other bytes"};
    for (size_t i = 0; i < GH_LEN(names); i++)
        becomes_spooled(h, names[i]);
    for (size_t i = 0; i < GH_LEN(later); i++)
        becomes_spooled(h, later[i]);
    /* … and the renamed one is told to be a duplicate; the others are no second drop */
    has(h, GH_LEN(names) + GH_LEN(later) + 1, 0);
    static const char *const gone[] = {"grew.jpg",     "same.jpg",    "mode.jpg",
                                       "other.jpg",    "touched.jpg", "open.jpg",
                                       "replaced.jpg", "again.jpg",   "unharmed.jpg"};
    for (size_t i = 0; i < GH_LEN(gone); i++)
        assert_false(exists(h, gone[i]));
    assert_false(gh_quiet_at_once(h->d.quiet, "water"));
}

/* The same bytes under the same name in a folder are no rest of the photo that still lies there. */
static void test_a_folder_with_the_same_photo_is_a_folder(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    run_for(h, 50);
    believe(h);
    h->d.settings.conf.quiet_ms = LONGEST_MS;
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]!1");
    h->d.settings.conf.quiet_ms = QUIET;
    make(h, "F");
    put(h, "F/a.jpg", "one");
    put(h, "F/b.jpg", "two");
    put(h, "F/caption.txt", "of the folder");
    becomes(h, "a.jpg=received[a.jpg]!1 F=received[b.jpg,caption.txt]\"of the folder\""
               " F=duplicate(1)[a.jpg]");
    make(h, "G"); /* nothing but the same */
    put(h, "G/a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]!1 F=received[b.jpg,caption.txt]\"of the folder\""
               " F=duplicate(1)[a.jpg] G=duplicate(1)[a.jpg]");
    assert_true(exists(h, "a.jpg"));
    assert_false(exists(h, "F/a.jpg"));
    assert_false(exists(h, "G/a.jpg"));
}

/* ------------------------------------------------------------------------- writers in rounds */

#define FILES 24
#define ROUNDS 5

static void nap_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static void content(unsigned file, unsigned rounds, char ret[200])
{
    int n = snprintf(ret, 200, "file %u:", file);
    for (unsigned r = 0; r < rounds; r++)
        n += snprintf(ret + n, (size_t)(200 - n), " round %u", r);
}

/* Write a file in rounds, each with an open and a close of its own, as some clients do; when it is
 * gone meanwhile begin anew, as their users do. */
static void write_in_rounds(int dir, unsigned file)
{
    char name[32], bytes[200], last[200];
    snprintf(name, sizeof(name), "r%u.jpg", file);
    for (unsigned r = 0; r <= ROUNDS;) {
        content(file, r, bytes);
        content(file, r ? r - 1 : 0, last);
        size_t from = r ? strlen(last) : 0;
        int fd = openat(dir, name, r ? O_WRONLY : O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0) {
            r = 0;
            continue;
        }
        if (pwrite(fd, bytes + from, strlen(bytes) - from, (off_t)from) < 0)
            _exit(1);
        close(fd);
        r++;
        nap_ms(file * 37 % 200 + r * 20);
    }
}

static void test_writers_in_rounds_lose_nothing(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    h->d.settings.conf.quiet_ms = 1000;
    run_for(h, 50);
    pid_t writers[4];
    for (unsigned w = 0; w < GH_LEN(writers); w++) {
        writers[w] = fork();
        assert_true(writers[w] >= 0);
        if (writers[w] == 0) {
            for (unsigned i = w; i < FILES; i += GH_LEN(writers))
                write_in_rounds(h->water, i);
            _exit(0);
        }
    }
    for (unsigned w = 0; w < GH_LEN(writers);) {
        int status = 0;
        believe(h); /* against all evidence */
        run_for(h, 20);
        if (waitpid(writers[w], &status, WNOHANG) == 0)
            continue;
        assert_int_equal(status, 0);
        w++;
    }
    for (unsigned i = 0; i < FILES; i++) {
        char bytes[200];
        content(i, ROUNDS, bytes);
        becomes_spooled(h, bytes);
    }
}

int main(void)
{
    signal(SIGIO, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learnt),
        cmocka_unit_test(test_not_learnt),
        cmocka_unit_test(test_taken_before_its_time_and_left_until_then),
        cmocka_unit_test(test_what_waits_as_ever),
        cmocka_unit_test(test_writers_that_come_back_lose_nothing),
        cmocka_unit_test(test_a_folder_with_the_same_photo_is_a_folder),
        cmocka_unit_test(test_writers_in_rounds_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
