/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intake as a whole, with a real ledger and loop, but no engine: which submissions dropped files
 * become, and that every dropped file ends in exactly one place.
 */
#include "tests/unit/clock_shift.h"
#include "tests/unit/house.h"

#include "daemon/intake/intake_int.h"
#include "daemon/publish/notes.h"

#include <sys/resource.h>

static void test_loose(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    assert_false(exists(h, "a.jpg"));
    put(h, "b.jpg", "two");
    put(h, "b.txt", "Words");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg,b.txt]\"Words\"");
    put(h, "L.HEIC", "still");
    put(h, "L.MOV", "moving");
    put(h, ".DS_Store", "x");
    put(h, "c.jpg.part", "x");
    becomes(
        h,
        "a.jpg=received[a.jpg] b.jpg=received[b.jpg,b.txt]\"Words\" L.HEIC=received[L.MOV,L.HEIC]");
    assert_true(exists(h, ".DS_Store"));
    assert_true(exists(h, "c.jpg.part"));
    /* the browser is done */
    assert_int_equal(renameat(h->water, "c.jpg.part", h->water, "c.jpg"), 0);
    becomes(
        h,
        "a.jpg=received[a.jpg] b.jpg=received[b.jpg,b.txt]\"Words\" L.HEIC=received[L.MOV,L.HEIC] "
        "c.jpg=received[c.jpg]");
}

static void test_folder(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    make(h, "দুর্গা পূজা!");
    put(h, "দুর্গা পূজা!/2.jpg", "two");
    run_for(h, QUIET / 2);
    make(h, "দুর্গা পূজা!/more");
    put(h, "দুর্গা পূজা!/more/1.jpg", "one");
    put(h, "দুর্গা পূজা!/caption.txt", "\xef\xbb\xbfপূজা");
    becomes(h, "দুর্গা পূজা!=received[2.jpg,caption.txt,more/1.jpg]\"পূজা\"");
    for (int i = 0; i < 100 && exists(h, "দুর্গা পূজা!"); i++)
        run_for(h, 50);
    assert_false(exists(h, "দুর্গা পূজা!"));
    put(h, "দুর্গা পূজা!", "now a file of that name");
    becomes(
        h, "দুর্গা পূজা!=received[2.jpg,caption.txt,more/1.jpg]\"পূজা\" দুর্গা পূজা!=received[দুর্গা পূজা!]");
}

static void test_late(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    make(h, "Event");
    put(h, "Event/1.jpg", "first");
    becomes(h, "a.jpg=received[a.jpg] Event=received[1.jpg]");
    put(h, "a.txt", "Late words");
    becomes(h, "a.jpg=received[a.jpg,a.txt]\"Late words\" Event=received[1.jpg]");
    if (!exists(h, "Event"))
        make(h, "Event");
    put(h, "Event/2.jpg", "second"); /* joins: a revision */
    becomes(h, "a.jpg=received[a.jpg,a.txt]\"Late words\" Event=received[1.jpg,2.jpg]");
    if (!exists(h, "Event"))
        make(h, "Event");
    put(h, "Event/caption.txt", "Words");
    becomes(h, "a.jpg=received[a.jpg,a.txt]\"Late words\" "
               "Event=received[1.jpg,2.jpg,caption.txt]\"Words\"");
}

static void test_duplicates(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    put(h, "b.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=duplicate(1)[b.jpg]");
    put(h, "a.jpg", "other bytes under the same name");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=duplicate(1)[b.jpg] a.jpg=received[a.jpg]");
    make(h, "F");
    put(h, "F/1.jpg", "one");
    put(h, "F/2.jpg", "new");
    put(h, "F/3.jpg", "new");
    becomes(
        h,
        "a.jpg=received[a.jpg] b.jpg=duplicate(1)[b.jpg] a.jpg=received[a.jpg] F=received[2.jpg] "
        "F=duplicate(1)[1.jpg,3.jpg]");
    struct gh_err err = {0};
    GH_AUTO_FD roads = -1;
    OK(gh_mkdirs(h->dir.fd, "drop/Roads", 0755, &err));
    OK(gh_open_dir(h->dir.fd, "drop/Roads", &roads, &err));
    OK(gh_write_file(roads, "r.jpg", "one", 3, 0644, &err)); /* another department's own */
    becomes(
        h,
        "a.jpg=received[a.jpg] b.jpg=duplicate(1)[b.jpg] a.jpg=received[a.jpg] F=received[2.jpg] "
        "F=duplicate(1)[1.jpg,3.jpg] r.jpg=received[r.jpg]");
}

static void test_new_words_for_the_same_bytes(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "one");
    put(h, "a.txt", "Words");
    becomes(h, "a.jpg=received[a.jpg,a.txt]\"Words\"");
    put(h, "a.jpg", "one");
    put(h, "a.txt", "Better words");
    becomes(h, "a.jpg=received[a.jpg,a.txt]\"Better words\" "
               "a.jpg=duplicate(1)[a.jpg,a.txt]\"Better words\"");
}

static void test_refused(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    assert_int_equal(symlinkat("/etc/passwd", h->water, "link.jpg"), 0);
    becomes(h, "link.jpg=quarantined[]");
    assert_int_equal(mkfifoat(h->water, "fifo.mp4", 0644), 0);
    becomes(h, "link.jpg=quarantined[] fifo.mp4=quarantined[]");
    put(h, "empty.jpg", "");
    becomes(h, "link.jpg=quarantined[] fifo.mp4=quarantined[] empty.jpg=quarantined[empty.jpg]");
    assert_false(exists(h, "empty.jpg"));
    run_for(h, 1200); /* two scans */
    house_close(h);
    house_open(h); /* after a restart: not told again */
    run_for(h, 800);
    becomes(h, "link.jpg=quarantined[] fifo.mp4=quarantined[] empty.jpg=quarantined[empty.jpg]");
    make(h, "F");
    assert_int_equal(symlinkat("/etc", h->water, "F/etc"), 0);
    put(h, "F/1.jpg", "good");
    becomes(h, "link.jpg=quarantined[] fifo.mp4=quarantined[] empty.jpg=quarantined[empty.jpg] "
               "etc=quarantined[] "
               "F=received[1.jpg]");
}

static void test_too_many(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    make(h, "F");
    for (int i = 0; i < 25; i++) {
        char name[32];
        snprintf(name, sizeof(name), "F/%d.jpg", i);
        put(h, name, name);
    }
    becomes(h, "F=quarantined[]");
    assert_true(exists(h, "F/3.jpg"));
}

static void test_link_that_loses_its_second_name(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg.filepart", "one");
    assert_int_equal(linkat(h->water, "a.jpg.filepart", h->water, "a.jpg", 0), 0); /* WinSCP */
    run_for(h, QUIET * 3);
    becomes(h, "");
    assert_int_equal(unlinkat(h->water, "a.jpg.filepart", 0), 0);
    becomes(h, "a.jpg=received[a.jpg]");
}

static void test_lone_text(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "words.txt", "Words");
    run_for(h, QUIET * 5);
    becomes(h, "");
    becomes(h, "words.txt=quarantined[words.txt]\"Words\"");
    put(h, "event-01.txt", "X words");
    run_for(h, QUIET * 5);
    put(h, "event-01.jpg", "x"); /* in time, whatever its name */
    becomes(h, "words.txt=quarantined[words.txt]\"Words\" "
               "event-01.jpg=received[event-01.jpg,event-01.txt]\"X words\"");
}

static void age(struct house *h, int64_t ms)
{
    size_t at = 0, i = 0;
    for (struct gh_dept *dept; (dept = gh_map_next(&h->d.intake->depts, &at)); i = 0)
        for (struct gh_entry *e; (e = gh_map_next(&dept->entries, &i));)
            e->settle.changed_ms -= ms;
}

/* Silence is told nevertheless: see gh_intake_is_coming. */
static void what_only_lies_there_is_not_coming(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    GH_AUTO_FD fd = openat(h->water, "slow.mp4", O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, "part", 4), 4);
    run_for(h, QUIET * 2);
    assert_true(gh_intake_is_coming(h->d.intake, "water"));
    age(h, 16 * 60 * 1000); /* a program that holds it open, and does not write */
    assert_false(gh_intake_is_coming(h->d.intake, "water"));
    assert_int_equal(write(fd, "part", 4), 4);
    run_for(h, QUIET);
    assert_true(gh_intake_is_coming(h->d.intake, "water"));
    gh_close_fd(&fd);
    becomes(h, "slow.mp4=received[slow.mp4]");
    put(h, "words.txt", "Words"); /* it waits for its photo */
    run_for(h, QUIET * 2);
    assert_false(gh_intake_is_coming(h->d.intake, "water"));
    put(h, "a.jpg.filepart", "one");
    assert_int_equal(linkat(h->water, "a.jpg.filepart", h->water, "a.jpg", 0), 0);
    run_for(h, QUIET * 2);
    assert_true(gh_intake_is_coming(h->d.intake, "water"));
    age(h, 16 * 60 * 1000);
    assert_false(gh_intake_is_coming(h->d.intake, "water"));
}

static void test_recall(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    put(h, "cancel a.txt", "");
    becomes(h, "a.jpg=quarantined[a.jpg] cancel a.txt=duplicate(1)[cancel a.txt]");
    put(h, "cancel b.jpg.txt", "please");
    becomes(h, "a.jpg=quarantined[a.jpg] cancel a.txt=duplicate(1)[cancel a.txt] cancel "
               "b.jpg.txt=quarantined[cancel "
               "b.jpg.txt]\"please\"");
    assert_false(exists(h, "cancel a.txt"));
    put(h, "a.jpg", "one"); /* and sent again after all */
    becomes(h, "a.jpg=quarantined[a.jpg] cancel a.txt=duplicate(1)[cancel a.txt] cancel "
               "b.jpg.txt=quarantined[cancel "
               "b.jpg.txt]\"please\" "
               "a.jpg=received[a.jpg]");
}

static void test_slow_writer(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    GH_AUTO_FD fd = openat(h->water, "slow.mp4", O_WRONLY | O_CREAT, 0644);
    put(h, "quick.jpg", "quick");
    for (int i = 0; i < 6; i++) {
        assert_int_equal(write(fd, "part", 4), 4);
        run_for(h, QUIET * 2); /* pauses longer than the quiet time, but it is open */
    }
    becomes(h, "quick.jpg=received[quick.jpg]"); /* it did not wait for the other */
    gh_close_fd(&fd);
    becomes(h, "quick.jpg=received[quick.jpg] slow.mp4=received[slow.mp4]");
    struct gh_item item = {0};
    struct gh_err err = {0};
    OK(gh_ledger_get(h->d.ledger, 2, &item, &err));
    assert_int_equal(item.files[0].size, 24);
    gh_item_free(&item);
}

/* A writer that the kernel did not tell of had it open all the time: what it writes later is a new
 * drop. */
static void test_written_to_after_it_was_taken(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    struct gh_item item = {0};
    struct gh_err err = {0};
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    GH_AUTO_FD fd = openat(h->d.dirs.taken, item.files[0].taken_name, O_WRONLY | O_APPEND);
    assert_true(fd >= 0);
    gh_item_free(&item);
    assert_int_equal(write(fd, " and more", 9), 9);
    gh_close_fd(&fd);
    becomes(h, "a.jpg=received[a.jpg] a.jpg=received[a.jpg]");
    OK(gh_ledger_get(h->d.ledger, 2, &item, &err));
    assert_int_equal(item.files[0].size, 12);
    gh_item_free(&item);
    assert_int_equal(gh_quiet_ms(h->d.quiet, "water"), 2 * QUIET);
    for (int i = 0; i < 30; i++)
        gh_quiet_learn(h->d.quiet, "water", true, 0);
    /* no longer than the maximum */
    assert_int_equal(gh_quiet_ms(h->d.quiet, "water"), h->d.settings.conf.quiet_max_ms);
    house_close(h);
    house_open(h);
    run_for(h, 200);
    assert_int_equal(gh_quiet_ms(h->d.quiet, "water"), h->d.settings.conf.quiet_max_ms); /* kept */
}

/* Unnamed files of the spool that are open in this process: how many, and the first one's inode. */
static unsigned drafts(struct house *h, ino_t *ret_inode)
{
    GH_AUTO_FREE char *spool = gh_asprintf("%s/spool/", h->dir.path);
    DIR *fds = opendir("/proc/self/fd");
    unsigned n = 0;
    assert_non_null(fds);
    for (struct dirent *e; (e = readdir(fds));) {
        char path[512];
        struct stat st;
        ssize_t len = readlinkat(dirfd(fds), e->d_name, path, sizeof(path) - 1);
        path[GH_MAX(len, 0)] = 0;
        if (!gh_starts(path, spool) || fstat(atoi(e->d_name), &st) < 0 || st.st_nlink ||
            (st.st_mode & 0777) != 0400)
            continue;
        *ret_inode = st.st_ino;
        n++;
    }
    closedir(fds);
    return n;
}

static bool drafted(void *arg)
{
    struct house *h = arg;
    ino_t inode;
    return drafts(h, &inode) == 1 || gh_mono_ms() > h->until;
}

/* A quiet file is copied before its quiet time is over, and that copy is the one that is kept,
 * unless the file changes. */
static void test_copied_ahead(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    struct gh_item item = {0};
    struct stat st;
    ino_t inode = 0;
    h->d.settings.conf.quiet_ms = 900;
    make(h, "F");
    put(h, "F/1.jpg", "one");
    h->until = gh_mono_ms() + PATIENCE_MS;
    gh_loop_run_until(h->d.loop, drafted, h);
    assert_int_equal(drafts(h, &inode), 1);
    becomes(h, "F=received[1.jpg]");
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    assert_int_equal(fstatat(h->d.dirs.spool, item.files[0].sha256, &st, 0), 0);
    assert_int_equal(st.st_ino, inode);
    gh_item_free(&item);
    put(h, "changed.jpg", "first");
    h->until = gh_mono_ms() + PATIENCE_MS;
    gh_loop_run_until(h->d.loop, drafted, h);
    assert_int_equal(drafts(h, &inode), 1);
    put(h, "changed.jpg", "second");
    becomes(h, "F=received[1.jpg] changed.jpg=received[changed.jpg]");
    OK(gh_ledger_get(h->d.ledger, 2, &item, &err));
    assert_int_equal(item.files[0].size, strlen("second"));
    gh_item_free(&item);
    assert_int_equal(drafts(h, &inode), 0);
}

static void test_sweep(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    struct gh_item item = {0};
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    const struct gh_file *f = &item.files[0];
    assert_int_equal(gh_intake_check_taken(h->d.intake, f->taken_name, true, &(uint64_t){0}),
                     GH_TAKEN_KEPT); /* young */
    assert_int_equal(gh_intake_check_taken(h->d.intake, "7-7-7", true, &(uint64_t){0}),
                     GH_TAKEN_KEPT);
    h->d.settings.conf.taken_keep_ms = 0;
    assert_int_equal(renameat(h->d.dirs.spool, f->sha256, h->d.dirs.spool, "hidden"), 0);
    assert_int_equal(gh_intake_check_taken(h->d.intake, f->taken_name, true, &(uint64_t){0}),
                     GH_TAKEN_KEPT); /* the only copy */
    assert_int_equal(renameat(h->d.dirs.spool, "hidden", h->d.dirs.spool, f->sha256), 0);
    assert_int_equal(gh_intake_check_taken(h->d.intake, f->taken_name, false, &(uint64_t){0}),
                     GH_TAKEN_KEPT);
    assert_int_equal(gh_intake_check_taken(h->d.intake, f->taken_name, true, &(uint64_t){0}),
                     GH_TAKEN_REMOVED);
    /* referred to */
    struct gh_sweep_parts sweep = house_sweep(h);
    assert_false(gh_sweep_spooled(&sweep, f->sha256, gh_now_ms() + 72ll * 3600 * 1000));
    assert_false(gh_sweep_spooled(&sweep, "hidden", gh_now_ms()));
    gh_item_free(&item);
}

/* Of a file that was taken, and got another time stamp: read once, and never given back for an
 * error. */
static void test_touched_after_it_was_taken(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    const struct timespec times[] = {{.tv_sec = 1000}, {.tv_sec = -5, .tv_nsec = 7000000}};
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    run_for(h, 200);
    struct gh_item item = {0};
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    GH_AUTO_FREE char *name = gh_strdup(item.files[0].taken_name);
    gh_item_free(&item);
    for (size_t i = 0; i < GH_LEN(times); i++) {
        const struct timespec both[] = {times[i], times[i]};
        uint64_t read = 0;
        struct rlimit files, none;
        assert_int_equal(utimensat(h->d.dirs.taken, name, both, 0), 0);
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
        none = files;
        none.rlim_cur = 0;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
        enum gh_taken_fate fate = gh_intake_check_taken(h->d.intake, name, false, &read);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
        assert_int_equal(fate, GH_TAKEN_KEPT);
        read = 0;
        assert_int_equal(gh_intake_check_taken(h->d.intake, name, false, &read), GH_TAKEN_KEPT);
        assert_int_equal(read, 3);
        assert_int_equal(gh_intake_check_taken(h->d.intake, name, false, &read), GH_TAKEN_KEPT);
        assert_int_equal(read, 3);
    }
    becomes(h, "a.jpg=received[a.jpg]");
}

static void test_better_copy_takes_the_place(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "half");
    becomes(h, "a.jpg=received[a.jpg]");
    attempt(h, GH_ATTEMPT_INCOMPLETE, "cut off");
    becomes(h, "a.jpg=rendering[a.jpg]");
    put(h, "a.jpg", "half and half");
    becomes(h, "a.jpg=rendering[a.jpg,a.jpg]");
    assert_int_equal(gh_quiet_ms(h->d.quiet, "water"), 2 * QUIET); /* a lesson, bounded */
    attempt(h, GH_ATTEMPT_REFUSED, "cut off");                     /* still not whole */
    becomes(h, "a.jpg=quarantined[a.jpg,a.jpg]");
    put(h, "a.jpg", "the whole");
    put(h, "a.txt", "Words");
    becomes(h, "a.jpg=received[a.jpg,a.jpg,a.jpg,a.txt]\"Words\"");
    struct gh_item item = {0};
    struct gh_err err = {0};
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    assert_int_equal(item.files[0].work, GH_WORK_NONE);
    assert_int_equal(item.files[1].work, GH_WORK_NONE);
    assert_int_equal(item.files[2].work, GH_WORK_DUE);
    gh_item_free(&item);
    make(h, "F");
    put(h, "F/1.jpg", "one");
    put(h, "F/2.jpg", "half of two");
    becomes(h, "a.jpg=received[a.jpg,a.jpg,a.jpg,a.txt]\"Words\" F=received[1.jpg,2.jpg]");
    for (int i = 0; i < 3; i++)
        attempt(h, GH_ATTEMPT_REFUSED, "damaged");
    if (!exists(h, "F"))
        make(h, "F");
    put(h, "F/2.jpg", "all of two");
    becomes(h, "a.jpg=quarantined[a.jpg,a.jpg,a.jpg,a.txt]\"Words\" F=received[1.jpg,2.jpg,2.jpg]");
}

/* The first copy could be read, but no output of it was verified. */
static void test_better_copy_of_what_came_to_nothing(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    GH_AUTO(gh_claim_free) struct gh_claim c = {0};
    struct gh_plan_row row = {.placement = "aa.video", .part = 1, .parts = 1, .how = "encoded"};
    put(h, "v.mp4", "half");
    becomes(h, "v.mp4=received[v.mp4]");
    assert_int_equal(gh_ledger_claim(h->d.ledger, NULL, 1u << GH_VIDEO, 0, &c, NULL, &err), 1);
    OK(gh_ledger_plan(h->d.ledger, NULL, c.file, c.token, &row, 1, &err));
    OK(gh_ledger_failed(h->d.ledger, NULL, c.file, c.token, "aa.video", 1,
                        "length 3.60 s, planned 6.00 s", "[]", &err));
    OK(gh_ledger_attempt_end(h->d.ledger, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL,
                             &err));
    becomes(h, "v.mp4=quarantined[v.mp4]");
    put(h, "v.mp4", "the whole of it");
    becomes(h, "v.mp4=received[v.mp4,v.mp4]");
    struct gh_item item = {0};
    OK(gh_ledger_get(h->d.ledger, 1, &item, &err));
    assert_int_equal(item.n_renditions, 0); /* of the first copy */
    gh_item_free(&item);
    put(h, "cancel v.txt", "");
    becomes(h, "v.mp4=quarantined[v.mp4,v.mp4] cancel v.txt=duplicate(1)[cancel v.txt]");
    put(h, "v.mp4", "and yet another"); /* what was recalled stays recalled */
    becomes(h, "v.mp4=quarantined[v.mp4,v.mp4] cancel v.txt=duplicate(1)[cancel v.txt] "
               "v.mp4=received[v.mp4]");
}

static void write_note(struct house *h, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err = {0};
    OK(gh_ledger_get(h->d.ledger, id, &item, &err));
    gh_notes_write(&h->d.notes, &item);
}

static void test_old_notes_go(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    put(h, "b.jpg", "two");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg]");
    put(h, "cancel b.txt", "");
    becomes(
        h,
        "a.jpg=received[a.jpg] b.jpg=quarantined[b.jpg] cancel b.txt=duplicate(2)[cancel b.txt]");
    for (int64_t id = 1; id <= 3; id++)
        write_note(h, id);
    put(h, "Status/readme", "no note of ours");
    const struct gh_department *water = gh_departments_find(&h->d.settings.departments, "water");
    struct gh_notes_cleaning cleaning = {0};
    while (gh_notes_clean(&h->d.notes, water, &cleaning))
        ;
    assert_true(exists(h, "Status/b.jpg.txt")); /* young */
    clock_shift_ms = (int64_t)h->d.settings.conf.notes_keep_ms + 60000;
    while (gh_notes_clean(&h->d.notes, water, &cleaning))
        ;
    assert_true(exists(h, "Status/a.jpg.txt")); /* still in work */
    assert_false(exists(h, "Status/b.jpg.txt"));
    assert_false(exists(h, "Status/cancel b.txt.txt"));
    assert_true(exists(h, "Status/readme"));
    write_note(h, 2); /* as after a restart: the note does not come back */
    assert_false(exists(h, "Status/b.jpg.txt"));
    clock_shift_ms = 0;
}

static void test_scan_alone(void **state)
{
    (void)state;
    HOUSE *h = house_new(false);
    struct gh_intake_stats stats;
    gh_intake_stats(h->d.intake, &stats);
    assert_string_equal(stats.scanning, "inotify = no");
    run_for(h, 100);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    make(h, "F");
    put(h, "F/1.jpg", "1");
    becomes(h, "a.jpg=received[a.jpg] F=received[1.jpg]");
}

static void test_odd_names(void **state)
{
    (void)state;
    static const char *const names[] = {"x%d.jpg",
                                        "http:x.mp4",
                                        "-rf",
                                        "a\nb.jpg",
                                        "\xff\xfe\x80.jpg",
                                        ("\xe2\x80\xae"
                                         "gpj.exe"),
                                        "a|b;$(c).jpg",
                                        " "};
    HOUSE *h = house_new(true);
    char long_name[256];
    memset(long_name, 'n', 255);
    long_name[255] = 0;
    put(h, long_name, "long");
    for (size_t i = 0; i < GH_LEN(names); i++)
        put(h, names[i], names[i]);
    struct gh_err err = {0};
    struct gh_counts counts = {0};
    for (int i = 0; i < 200 && counts.submissions[GH_SUB_RECEIVED] < GH_LEN(names) + 1; i++) {
        run_for(h, 50);
        OK(gh_ledger_counts(h->d.ledger, &counts, &err));
    }
    assert_int_equal(counts.submissions[GH_SUB_RECEIVED], GH_LEN(names) + 1);
    run_for(h, 500); /* they are moved away after the commit */
    for (size_t i = 0; i < GH_LEN(names); i++) {
        int64_t id;
        assert_int_equal(
            gh_ledger_find_name(h->d.ledger, "water", names[i], strlen(names[i]), &id, &err), 1);
        assert_false(exists(h, names[i]));
    }
}

/* Put a row into the ledger for drop/Water/name, with the bytes of text, on a disk of number dev
 * (0: the one it is on). */
static void accepted(struct house *h, const char *name, const char *text, dev_t dev)
{
    struct gh_err err = {0};
    struct stat st;
    int64_t id, file;
    assert_int_equal(fstatat(h->water, name, &st, 0), 0);
    struct gh_new_file f = {.name = name,
                            .name_len = strlen(name),
                            .size = strlen(text),
                            .dev = dev ? dev : st.st_dev,
                            .ino = st.st_ino,
                            .mtime_ms = st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000,
                            .role = GH_FILE_MEDIA};
    gh_hash_mem(text, strlen(text), f.sha256);
    struct gh_new_sub sub = {.department = "water",
                             .name = name,
                             .name_len = strlen(name),
                             .state = GH_SUB_RECEIVED,
                             .dropped_ms = 1,
                             .files = &f,
                             .n_files = 1};
    OK(gh_ledger_add(h->d.ledger, NULL, &sub, &id, &file, &err));
}

/* Killed between the ledger's commit and the move: the next start moves the file and adds no row.
 */
static void test_resume(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    run_for(h, 100); /* the department is known */
    put(h, "a.jpg", "one");
    put(h, "b.jpg", "two");
    accepted(h, "a.jpg", "one", 0);
    accepted(h, "b.jpg", "two", 0);
    put(h, "b.jpg", "written anew since"); /* replaced by its owner in between: a new drop */
    house_close(h);
    house_open(h);
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg] b.jpg=received[b.jpg]");
    assert_false(exists(h, "a.jpg"));
}

/* After the machine was started anew, the disk has another number: the same bytes are the same
 * drop, others are not. */
static void test_resume_on_a_renumbered_disk(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    run_for(h, 100);
    put(h, "a.jpg", "one");
    put(h, "b.jpg", "two");
    accepted(h, "a.jpg", "one", 4711);
    accepted(h, "b.jpg", "six", 4711);
    house_close(h);
    house_open(h);
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg] b.jpg=received[b.jpg]");
    assert_false(exists(h, "a.jpg"));
}

static void test_folder_comes_back(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    run_for(h, 100);
    struct gh_err err = {0};
    assert_int_equal(renameat(h->dir.fd, "drop", h->dir.fd, "unmounted"), 0);
    run_for(h, 1300);
    struct gh_intake_stats stats;
    gh_intake_stats(h->d.intake, &stats);
    assert_true(stats.offline_all);
    OK(gh_mkdirs(h->dir.fd, "drop/Water", 0755, &err));
    gh_close_fd(&h->water);
    OK(gh_open_dir(h->dir.fd, "drop/Water", &h->water, &err));
    put(h, "a.jpg", "one");
    for (int i = 0; i < PATIENCE_MS / 25 && stats.unconfirmed == 0; i++) {
        run_for(h, 25);
        gh_intake_stats(h->d.intake, &stats);
    }
    assert_int_equal(stats.unconfirmed, 1); /* another folder than before */
    OK(gh_intake_confirm(h->d.intake, NULL, "Water", &err));
    becomes(h, "a.jpg=received[a.jpg]");
}

int main(void)
{
    signal(SIGIO, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loose),
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_new_words_for_the_same_bytes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_link_that_loses_its_second_name),
        cmocka_unit_test(test_lone_text),
        cmocka_unit_test(what_only_lies_there_is_not_coming),
        cmocka_unit_test(test_recall),
        cmocka_unit_test(test_slow_writer),
        cmocka_unit_test(test_scan_alone),
        cmocka_unit_test(test_written_to_after_it_was_taken),
        cmocka_unit_test(test_touched_after_it_was_taken),
        cmocka_unit_test(test_better_copy_takes_the_place),
        cmocka_unit_test(test_better_copy_of_what_came_to_nothing),
        cmocka_unit_test(test_copied_ahead),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_old_notes_go),
        cmocka_unit_test(test_odd_names),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_resume_on_a_renumbered_disk),
        cmocka_unit_test(test_folder_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
