/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Attacks and faults of the drop folder, one test each: F2 swap races · F3 hard links · F4 what is
 * no file · F5 bombs · F9 temporary names · F10 changed while copying · F12 sparse giants · F13
 * overflow · F14 folders that vanish · F15 clocks. (F1 and F6 are end to end; F8 is in
 * test_intake_intake.c; F11 in test_intake_model.c.) GHAT_RACE_S: seconds for each race (2).
 */
#include "tests/unit/clock_shift.h"
#include "tests/unit/house.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define RACES 20
#define SECRET "what another department wrote"

/* -------------------------------------------------------------------------------------- helpers */

static void count_state(struct house *h, enum gh_sub_state state, unsigned n)
{
    struct gh_err err = {0};
    struct gh_counts counts = {0};
    for (int i = 0; i < PATIENCE_MS / 50 && counts.submissions[state] < n; i++) {
        run_for(h, 50);
        OK(gh_ledger_counts(h->d.ledger, &counts, &err));
    }
    assert_int_equal(counts.submissions[state], n);
}

static struct gh_intake_stats stats(struct house *h)
{
    struct gh_intake_stats s;
    gh_intake_stats(h->d.intake, &s);
    return s;
}

/* From now on only events report changes. */
static void no_more_scans(struct house *h)
{
    h->d.settings.conf.scan_ms = 3600 * 1000;
    run_for(h, 700);
}

static void nap_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static int64_t race_ms(void)
{
    const char *s = getenv("GHAT_RACE_S");
    return (s ? atoi(s) : 2) * 1000;
}

/* Run deed in a process of its own, again and again with another number, while intake works. */
static void race(struct house *h, void (*deed)(int dir, unsigned n))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        for (unsigned n = 0;; n++)
            deed(h->water, n);
    }
    run_for(h, race_ms());
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Every spooled original: whole (its name is its hash), and made of one letter only. Returns how
 * many. */
static unsigned spool_is_clean(struct house *h)
{
    GH_AUTO_FD spool = -1;
    struct gh_err err = {0};
    unsigned n = 0;
    OK(gh_open_dir(h->dir.fd, "spool", &spool, &err));
    DIR *dir = fdopendir(dup(spool));
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
        GH_AUTO_FREE char *bytes = NULL;
        size_t len = 0;
        char hex[GH_SHA_HEX];
        if (e->d_name[0] == '.')
            continue;
        OK(gh_read_file(spool, e->d_name, 16 << 20, &bytes, &len, &err));
        gh_hash_mem(bytes, len, hex);
        assert_string_equal(hex, e->d_name);
        for (size_t i = 8; i < len; i++) /* the first eight tell versions apart */
            if (bytes[i] != bytes[8])
                fail_msg("torn or foreign: %.40s", bytes);
        n++;
    }
    closedir(dir);
    return n;
}

/* Until something came through, or the race proves nothing: a busy machine takes longer. */
static void race_through(struct house *h, void (*deed)(int dir, unsigned n))
{
    unsigned through = 0;
    for (int i = 0; i < RACES && !through; i++) {
        race(h, deed);
        run_for(h, QUIET * 4);
        through = spool_is_clean(h);
    }
    assert_true(through > 0);
}

/* -------------------------------------------------------------------------------------- F2, F10 */

static void write_version(int dir, const char *name, unsigned n, size_t len, unsigned nap)
{
    char buf[4096], head[9];
    memset(buf, 'a' + n % 26, sizeof(buf));
    snprintf(head, sizeof(head), "%08x", n);
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0)
        return;
    if (write(fd, head, 8) == 8)
        for (size_t at = 0; at < len; at += sizeof(buf)) {
            if (write(fd, buf, sizeof(buf)) < 0)
                break;
            if (nap && at % (1 << 20) == 0)
                nap_ms(nap);
        }
    close(fd);
}

/* a.jpg is in turn a file and a link to another department's secret, F a folder and a link to that
 * department's folder. */
static void swap(int dir, unsigned n)
{
    if (faccessat(dir, "a.jpg", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
        write_version(dir, "a.jpg", n, 4096, 0);
    if (mkdirat(dir, "F", 0755) == 0 || faccessat(dir, "F/1.jpg", F_OK, 0) < 0)
        write_version(dir, "F/1.jpg", n ^ 0x80000000, 4096, 0);
    (void)!symlinkat("../Roads/secret.jpg", dir, ".a");
    (void)!symlinkat("../Roads", dir, ".F");
    nap_ms(n * 37 % 100 + 60); /* about when it would be taken */
    for (unsigned i = 0; i < 2 * (200 + n % 100); i++) {
        (void)!renameat2(dir, "a.jpg", dir, ".a", RENAME_EXCHANGE);
        (void)!renameat2(dir, "F", dir, ".F", RENAME_EXCHANGE);
    }
}

static void test_swap_race(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    GH_AUTO_FD roads = -1;
    OK(gh_mkdirs(h->dir.fd, "drop/Roads", 0755, &err));
    OK(gh_open_dir(h->dir.fd, "drop/Roads", &roads, &err));
    /* held open for writing all the time, so that it is never taken in itself */
    GH_AUTO_FD secret = openat(roads, "secret.jpg", O_WRONLY | O_CREAT, 0644);
    GH_AUTO_FD one = openat(roads, "1.jpg", O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(secret, SECRET, strlen(SECRET)), strlen(SECRET));
    assert_int_equal(write(one, SECRET, strlen(SECRET)), strlen(SECRET));
    race_through(h, swap);
    char hex[GH_SHA_HEX];
    gh_hash_mem(SECRET, strlen(SECRET), hex);
    assert_int_equal(gh_ledger_has_blob(h->d.ledger, hex, &err), 0);
}

/* Overwrite, truncate or remove a file at about the time when it is being copied. */
static void meddle(int dir, unsigned n)
{
    static char letters[4 << 20];
    write_version(dir, "b.mp4", n, 2 * sizeof(letters), n % 3 ? 0 : 1);
    nap_ms(QUIET + n * 7 % 40);
    GH_AUTO_FD fd = openat(dir, "b.mp4", O_WRONLY);
    if (fd < 0)
        return;
    if (n % 4 == 1) {
        (void)!ftruncate(fd, (off_t)(1 << 20));
    } else if (n % 4 == 2) {
        (void)!unlinkat(dir, "b.mp4", 0);
    } else {
        memset(letters, 'A' + n % 26, sizeof(letters));
        (void)!pwrite(fd, letters, sizeof(letters), 4 << 20);
        (void)!pwrite(fd, letters, sizeof(letters), 8);
        (void)!pwrite(fd, letters, 8, 8 << 20);
    }
}

static void test_changed_while_copying(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    race_through(h, meddle);
}

/* ------------------------------------------------------------------------------ F3, F4, F9, F12 */

static void test_hard_link(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    GH_AUTO_FD outside = -1;
    OK(gh_mkdirs(h->dir.fd, "elsewhere", 0755, &err));
    OK(gh_open_dir(h->dir.fd, "elsewhere", &outside, &err));
    OK(gh_write_file(outside, "theirs.jpg", SECRET, strlen(SECRET), 0644, &err));
    assert_int_equal(linkat(outside, "theirs.jpg", h->water, "mine.jpg", 0), 0);
    becomes(h, "mine.jpg=quarantined[]");
    assert_true(exists(h, "mine.jpg"));
    make(h, "F");
    assert_int_equal(linkat(outside, "theirs.jpg", h->water, "F/linked.jpg", 0), 0);
    put(h, "F/own.jpg", "own");
    becomes(h, "mine.jpg=quarantined[] linked.jpg=quarantined[] F=received[own.jpg]");
    assert_int_equal(unlinkat(h->water, "F/linked.jpg", 0), 0);
    assert_int_equal(unlinkat(outside, "theirs.jpg", 0), 0); /* now it has one name only */
    becomes(h, "mine.jpg=quarantined[] linked.jpg=quarantined[] F=received[own.jpg] "
               "mine.jpg=received[mine.jpg]");
}

static void test_what_is_no_file(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    assert_int_equal(mkfifoat(h->water, "fifo.jpg", 0666), 0);
    becomes(h, "fifo.jpg=quarantined[]");
    GH_AUTO_FD s = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(un.sun_path, sizeof(un.sun_path), "%s/drop/Water/socket.jpg", h->dir.path);
    assert_int_equal(bind(s, (struct sockaddr *)&un, sizeof(un)), 0);
    becomes(h, "fifo.jpg=quarantined[] socket.jpg=quarantined[]");
    make(h, "x.jpg");
    put(h, "x.jpg/1.jpg", "a folder that looks like a photo");
    becomes(h, "fifo.jpg=quarantined[] socket.jpg=quarantined[] x.jpg=received[1.jpg]");
    if (mknodat(h->water, "zero.jpg", S_IFCHR | 0666, 1 << 8 | 5) == 0) { /* root may */
        becomes(h, "fifo.jpg=quarantined[] socket.jpg=quarantined[] x.jpg=received[1.jpg] "
                   "zero.jpg=quarantined[]");
        assert_int_equal(unlinkat(h->water, "zero.jpg", 0), 0);
    }
    put(h, "ok.jpg", "not held up by the others");
    unsigned before = 0;
    for (; before < 400 && exists(h, "ok.jpg"); before++)
        run_for(h, 25);
    assert_false(exists(h, "ok.jpg"));
    (void)err;
}

static void test_temporary_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        ".x.jpg.AbC123",
        "~$report.docx",
        "a.jpg.filepart",
        "a.jpg.part",
        "a.jpg.crdownload",
        "._x.jpg",
        ".DS_Store",
        "Thumbs.db",
        "THUMBS.DB",
        "desktop.ini",
        ".smbdeleteAAA1",
        ".~lock.a.jpg#",
        ".syncthing.a.jpg.tmp",
        "a.jpg.tmp",
        "Icon\r",
        "x.jpg~",
    };
    HOUSE *h = house_new(true);
    for (size_t i = 0; i < GH_LEN(names); i++)
        put(h, names[i], names[i]);
    make(h, ".TemporaryItems");
    put(h, ".TemporaryItems/1.jpg", "x");
    put(h, "last.jpg", "last");
    becomes(h, "last.jpg=received[last.jpg]");
    run_for(h, 1200);
    becomes(h, "last.jpg=received[last.jpg]");
    assert_int_equal(stats(h).ignored, GH_LEN(names) + 1);
    for (size_t i = 0; i < GH_LEN(names); i++)
        assert_true(exists(h, names[i]));
}

static void test_sparse_giant(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    GH_AUTO_FD fd = openat(h->water, "giant.mp4", O_WRONLY | O_CREAT, 0644);
    off_t size = (off_t)15 << 40;
    while (ftruncate(fd, size) < 0 && size > (off_t)h->d.settings.conf.max_bytes)
        size /= 2;
    assert_true(size > (off_t)h->d.settings.conf.max_bytes);
    gh_close_fd(&fd);
    int64_t begun = gh_mono_ms();
    becomes(h, "giant.mp4=quarantined[]");
    assert_true(gh_mono_ms() - begun < PATIENCE_MS / 2); /* not read */
    assert_true(exists(h, "giant.mp4"));
    put(h, "a.jpg", "one");
    becomes(h, "giant.mp4=quarantined[] a.jpg=received[a.jpg]");
}

/* ------------------------------------------------------------------------------------------- F5 */

#define BOMB 400  /* files */
#define WIDE 1100 /* folders in one */

static void test_bomb(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    GH_AUTO_FD roads = -1;
    GH_AUTO_STR deep = {0};
    char name[300];
    int64_t id;
    run_for(h, 100);
    OK(gh_mkdirs(h->dir.fd, "drop/Roads/wide", 0755, &err));
    OK(gh_open_dir(h->dir.fd, "drop/Roads", &roads, &err));
    for (int i = 0; i < BOMB; i++) {
        memset(name, 'n', 240);
        snprintf(name + 200, sizeof(name) - 200, "%d%s", i,
                 i % 2 ? ".jpg" : ".same"); /* long names, and many of a stem */
        if (i % 4 == 0)
            snprintf(name, sizeof(name), "stem.%d", i);
        OK(gh_write_file(roads, name, name, strlen(name), 0644, &err));
    }
    for (int i = 0; i < WIDE; i++) {
        snprintf(name, sizeof(name), "wide/%d", i);
        assert_int_equal(mkdirat(roads, name, 0755), 0);
    }
    gh_str_puts(&deep, "deep");
    for (int i = 0; i < 200; i++)
        gh_str_puts(&deep, "/d");
    OK(gh_mkdirs(roads, deep.data, 0755, &err));
    put(h, "a.jpg", "the other department's");
    for (int i = 0; i < PATIENCE_MS / 10 && exists(h, "a.jpg"); i++)
        run_for(h, 10);
    assert_false(exists(h, "a.jpg"));
    struct gh_counts counts;
    OK(gh_ledger_counts(h->d.ledger, &counts, &err));
    if (counts.submissions[GH_SUB_RECEIVED] > BOMB)
        fail_msg("the other department's photo came last");
    for (int i = 0; i < 3 * PATIENCE_MS / 100 && counts.submissions[GH_SUB_RECEIVED] < BOMB + 1;
         i++) {
        run_for(h, 100);
        OK(gh_ledger_counts(h->d.ledger, &counts, &err));
    }
    assert_int_equal(counts.submissions[GH_SUB_RECEIVED], BOMB + 1);
    /* refused, with a reason: many folders are walked in slices, so that may come last */
    for (int i = 0; i < PATIENCE_MS / 50 &&
                    gh_ledger_find_name(h->d.ledger, "roads", "wide", 4, &id, &err) == 0;
         i++)
        run_for(h, 50);
    assert_int_equal(gh_ledger_find_name(h->d.ledger, "roads", "wide", 4, &id, &err), 1);
    count_state(h, GH_SUB_QUARANTINED, 2); /* wide, and what is too deep */
}

/* ------------------------------------------------------------------------------------- F13, F14 */

static void test_overflow(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    GH_AUTO_FREE char *text = NULL;
    size_t len;
    struct gh_err err = {0};
    no_more_scans(h);
    OK(gh_read_file(AT_FDCWD, "/proc/sys/fs/inotify/max_queued_events", 64, &text, &len, &err));
    long most = GH_MIN(atol(text), 300000);
    put(h, "x.tmp", "junk");
    for (long i = 0; i < most; i++) /* two events each, none equal to the last */
        assert_int_equal(
            renameat(h->water, i % 2 ? "y.tmp" : "x.tmp", h->water, i % 2 ? "x.tmp" : "y.tmp"), 0);
    put(h, "a.jpg", "lost in the flood");
    make(h, "F");
    put(h, "F/1.jpg", "and this");
    count_state(h, GH_SUB_RECEIVED, 2);
}

/* Files that were there before anybody could watch their folder, and such that come later. */
static void test_new_folders_without_a_race(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    no_more_scans(h);
    make(h, "F");
    make(h, "F/a");
    make(h, "F/a/b");
    put(h, "F/a/b/1.jpg", "one");
    becomes(h, "F=received[a/b/1.jpg]");
    struct gh_err err = {0};
    OK(gh_mkdirs(h->water, "F/a/b", 0755, &err));
    put(h, "F/a/b/2.jpg", "two");
    becomes(h, "F=received[a/b/1.jpg,a/b/2.jpg]");
    for (int i = 0; i < 20; i++) {
        char name[32];
        snprintf(name, sizeof(name), "G%d", i);
        make(h, name);
        if (i % 2)
            run_for(h, i); /* the folder is being looked at */
        snprintf(name, sizeof(name), "G%d/x", i);
        make(h, name);
        snprintf(name, sizeof(name), "G%d/x/1.jpg", i);
        put(h, name, name);
    }
    count_state(h, GH_SUB_RECEIVED, 21);
}

static void unconfirmed(struct house *h, size_t n)
{
    for (int i = 0; i < PATIENCE_MS / 25 && stats(h).unconfirmed != n; i++)
        run_for(h, 25);
    assert_int_equal(stats(h).unconfirmed, n);
}

/* Another folder than before: nothing is taken from it, and nothing is forgotten. */
static void stays_unconfirmed(struct house *h, const char *what)
{
    unconfirmed(h, 1);
    run_for(h, QUIET * 4);
    assert_int_equal(stats(h).unconfirmed, 1);
    becomes(h, what);
}

static void confirm(struct house *h, const char *folder)
{
    struct gh_err err = {0};
    OK(gh_intake_confirm(h->d.intake, NULL, folder, &err));
}

static bool has_placard(struct house *h, const char *path)
{
    GH_AUTO_FREE char *text = NULL;
    struct gh_err err = {0};
    size_t n;
    return gh_read_file(h->dir.fd, path, 4096, &text, &n, &err) == 0 &&
           strstr(text, "not the one that Ghat knew");
}

/* Two departments' folders change their names: neither's files are taken as the other's, also when
 * ghatd sees it at its start only, and when they are swapped back all goes on. */
static void test_folders_swapped(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    GH_AUTO_FD roads = -1;
    OK(gh_mkdirs(h->dir.fd, "drop/Roads", 0755, &err));
    OK(gh_open_dir(h->dir.fd, "drop/Roads", &roads, &err));
    OK(gh_write_file(roads, "r.jpg", "of the roads", 12, 0644, &err));
    put(h, "w.jpg", "of the water");
    count_state(h, GH_SUB_RECEIVED, 2);
    assert_int_equal(renameat2(h->dir.fd, "drop/Roads", h->dir.fd, "drop/Water", RENAME_EXCHANGE),
                     0);
    unconfirmed(h, 2);
    OK(gh_write_file(roads, "r2.jpg", "also of the roads", 17, 0644, &err));
    put(h, "w2.jpg", "also of the water");
    run_for(h, QUIET * 4);
    count_state(h, GH_SUB_RECEIVED, 2);
    house_close(h);
    house_open(h);
    unconfirmed(h, 2);
    run_for(h, QUIET * 4);
    count_state(h, GH_SUB_RECEIVED, 2);
    assert_true(has_placard(h, "drop/Water/Status/Ghat.txt"));
    assert_true(has_placard(h, "drop/Roads/Status/Ghat.txt"));
    /* a disk that is full and has room again writes over no such placard */
    uint64_t reserve = h->d.settings.conf.reserve;
    h->d.settings.conf.reserve = UINT64_MAX / 2;
    assert_false(gh_space_enough(&h->d.space));
    assert_true(has_placard(h, "drop/Water/Status/Ghat.txt"));
    h->d.settings.conf.reserve = reserve;
    assert_true(gh_space_enough(&h->d.space));
    assert_true(has_placard(h, "drop/Water/Status/Ghat.txt"));
    assert_int_equal(renameat2(h->dir.fd, "drop/Roads", h->dir.fd, "drop/Water", RENAME_EXCHANGE),
                     0);
    count_state(h, GH_SUB_RECEIVED, 4);
    unconfirmed(h, 0);
    assert_false(has_placard(h, "drop/Water/Status/Ghat.txt"));
    /* A department's folder under a name that was never seen is no new department's either. */
    assert_int_equal(renameat(h->dir.fd, "drop/Roads", h->dir.fd, "drop/Other"), 0);
    OK(gh_write_file(roads, "r3.jpg", "once more", 9, 0644, &err));
    unconfirmed(h, 1);
    run_for(h, QUIET * 4);
    count_state(h, GH_SUB_RECEIVED, 4);
    confirm(h, "Other");
    count_state(h, GH_SUB_RECEIVED, 5);
}

static void test_folder_replaced(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    run_for(h, 100);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    put(h, "waits.txt", "a caption that waits");
    run_for(h, QUIET * 2);
    assert_int_equal(renameat(h->dir.fd, "drop/Water", h->dir.fd, "aside"), 0);
    for (int i = 0; i < 200 && stats(h).offline != 1; i++)
        run_for(h, 25);
    assert_int_equal(stats(h).offline, 1);
    becomes(h, "a.jpg=received[a.jpg]"); /* gone is not deleted */
    OK(gh_mkdirs(h->dir.fd, "drop/Water", 0755, &err));
    int old = h->water;
    OK(gh_open_dir(h->dir.fd, "drop/Water", &h->water, &err));
    put(h, "b.jpg", "in the new one");
    stays_unconfirmed(h, "a.jpg=received[a.jpg]");
    confirm(h, "Water");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg]");
    assert_int_equal(stats(h).offline, 0);
    assert_int_equal(renameat2(h->dir.fd, "aside", h->dir.fd, "drop/Water", RENAME_EXCHANGE), 0);
    close(h->water);
    h->water = old;
    put(h, "c.jpg", "in the old one again");
    stays_unconfirmed(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg]");
    confirm(h, "Water");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg] c.jpg=received[c.jpg]");
    put(h, "waits.jpg", "what the caption waited for");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg] c.jpg=received[c.jpg] "
               "waits.jpg=received[waits.jpg,waits.txt]\"a caption that waits\"");
}

static void test_mount_marker(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    h->d.settings.conf.marker = gh_strdup(".mounted");
    for (int i = 0; i < 200 && !stats(h).offline_all; i++)
        run_for(h, 25);
    assert_true(stats(h).offline_all);
    GH_AUTO_FD drop = -1;
    OK(gh_open_dir(h->dir.fd, "drop", &drop, &err));
    OK(gh_write_file(drop, ".mounted", "", 0, 0644, &err));
    for (int i = 0; i < 200 && stats(h).offline_all; i++)
        run_for(h, 25);
    assert_false(stats(h).offline_all);
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
}

/* ------------------------------------------------------------------------------------------ F15 */

static void stamp(struct house *h, const char *name, int64_t seconds)
{
    struct timespec t[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(h->water, name, t, 0), 0);
}

static void test_time_stamps_are_no_clock(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    put(h, "1970.jpg", "long ago");
    stamp(h, "1970.jpg", 0);
    put(h, "1960.jpg", "before the epoch");
    stamp(h, "1960.jpg", -10ll * 365 * 86400);
    put(h, "2100.jpg", "to come");
    stamp(h, "2100.jpg", 4102444800);
    count_state(h, GH_SUB_RECEIVED, 3);
}

#define YEAR_MS (365ll * 86400 * 1000)

static void test_clock_jumps(void **state)
{
    (void)state;
    HOUSE *h = house_new(true);
    struct gh_err err = {0};
    put(h, "words.txt", "wait for the photo");
    put(h, "a.jpg", "one");
    run_for(h, QUIET / 2);
    clock_shift_ms = YEAR_MS;
    becomes(h, "a.jpg=received[a.jpg]");
    assert_true(exists(h, "words.txt")); /* a year passed in no time: it waits on */
    clock_shift_ms = -YEAR_MS;
    put(h, "b.jpg", "two");
    becomes(h, "a.jpg=received[a.jpg] b.jpg=received[b.jpg]");
    /* put off until a time that lies a year ahead now: tried at once */
    GH_AUTO(gh_claim_free) struct gh_claim c = {0}, again = {0};
    clock_shift_ms = 0;
    assert_int_equal(gh_ledger_claim(h->d.ledger, NULL, 1u << GH_PHOTO, 0, &c, NULL, &err), 1);
    OK(gh_ledger_attempt_end(h->d.ledger, NULL, c.file, c.token, GH_ATTEMPT_AGAIN, "disk full",
                             gh_now_ms() + 5000, NULL, &err));
    clock_shift_ms = -YEAR_MS;
    assert_int_equal(gh_ledger_claim(h->d.ledger, NULL, 1u << GH_PHOTO, 0, &again, NULL, &err), 1);
    assert_int_equal(again.file, c.file);
    clock_shift_ms = 0;
}

static void make_holes(struct house *h, const char *name, off_t size, size_t data)
{
    GH_AUTO_FREE char *bytes = gh_alloc(data);
    memset(bytes, 'x', data);
    GH_AUTO_FD fd = openat(h->water, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0 && ftruncate(fd, size) == 0);
    assert_int_equal(write(fd, bytes, data), data);
}

/* F12: holes that cost nothing fill no spool: what is mostly a hole is refused, and the holes of
 * what is taken stay holes. */
static void test_holes_stay_holes(void **state)
{
    (void)state;
    struct gh_err err = {0};
    struct stat st;
    HOUSE *h = house_new(true);
    make_holes(h, "hole.mp4", (off_t)1 << 30, 4096);
    becomes(h, "hole.mp4=quarantined[]");
    make(h, "F");
    make_holes(h, "F/other.mp4", (off_t)1 << 30, 4096);
    becomes(h, "hole.mp4=quarantined[] other.mp4=quarantined[]");
    make_holes(h, "some.mp4", 48 << 20, 4 << 20);
    becomes(h, "hole.mp4=quarantined[] other.mp4=quarantined[] some.mp4=received[some.mp4]");
    struct gh_item item;
    OK(gh_ledger_get(h->d.ledger, 3, &item, &err));
    assert_int_equal(fstatat(h->d.dirs.spool, item.files[0].sha256, &st, 0), 0);
    gh_item_free(&item);
    assert_int_equal(st.st_size, 48 << 20);
    assert_true(st.st_blocks * 512 < 16 << 20);
}

/* What one department has undecided fills its share of the disk: it waits, and no other does. */
static void test_one_department_fills_its_share_only(void **state)
{
    (void)state;
    struct gh_err err = {0};
    HOUSE *h = house_new(true);
    h->d.settings.conf.share = 1;
    put(h, "a.jpg", "one");
    becomes(h, "a.jpg=received[a.jpg]");
    struct statvfs fs;
    assert_int_equal(fstatvfs(h->d.dirs.spool, &fs), 0);
    uint64_t part = (uint64_t)fs.f_bavail * fs.f_frsize / 100 * 3 / 2;
    GH_AUTO_FD fd = openat(h->water, "b.mp4", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || fallocate(fd, 0, 0, (off_t)part) < 0)
        skip();
    h->d.settings.conf.max_bytes = part;
    run_for(h, 8 * QUIET);
    becomes(h, "a.jpg=received[a.jpg]");
    assert_true(exists(h, "b.mp4") && exists(h, "Status/Ghat.txt"));
    OK(gh_mkdirs(h->dir.fd, "drop/Roads", 0755, &err));
    OK(gh_write_file(h->dir.fd, "drop/Roads/c.jpg", "two", 3, 0644, &err));
    gh_intake_rescan(h->d.intake);
    becomes(h, "a.jpg=received[a.jpg] c.jpg=received[c.jpg]");
    assert_int_equal(unlinkat(h->water, "b.mp4", 0), 0);
}

int main(void)
{
    signal(SIGIO, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holes_stay_holes),
        cmocka_unit_test(test_one_department_fills_its_share_only),
        cmocka_unit_test(test_swap_race),             /* F2 */
        cmocka_unit_test(test_hard_link),             /* F3 */
        cmocka_unit_test(test_what_is_no_file),       /* F4 */
        cmocka_unit_test(test_bomb),                  /* F5 */
        cmocka_unit_test(test_temporary_names),       /* F9 */
        cmocka_unit_test(test_changed_while_copying), /* F10 */
        cmocka_unit_test(test_sparse_giant),          /* F12 */
        cmocka_unit_test(test_overflow),              /* F13 */
        cmocka_unit_test(test_new_folders_without_a_race),
        cmocka_unit_test(test_folder_replaced),
        cmocka_unit_test(test_folders_swapped),          /* F14 */
        cmocka_unit_test(test_mount_marker),             /* F14 */
        cmocka_unit_test(test_time_stamps_are_no_clock), /* F15 */
        cmocka_unit_test(test_clock_jumps),              /* F15 */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
