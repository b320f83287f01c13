/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger's policy for failure: every class of fault, from every kind of call. A layer below
 * SQLite (a VFS) answers with errors when it is told to.
 */
#include "tests/unit/ledger_fix.h"

/* ------------------------------------------------------------------------ the layer with faults */

enum fault {
    NONE,
    WRITE_IO,
    SYNC_IO,
    LOCK_IO,
    READ_IO,
    READ_GARBAGE,
    WRITE_FULL,
    SYNC_ENOSPC,
    MAIN_IO
};

static enum fault fault;
static unsigned faults_left; /* 0: every call */

struct shim {
    sqlite3_file base;
    sqlite3_file *real;
    bool main_file;
    int last_errno;
};

static bool strikes(enum fault which)
{
    if (fault != which)
        return false;
    if (faults_left > 0 && --faults_left == 0)
        fault = NONE;
    return true;
}

#define REAL(f) (((struct shim *)(f))->real)
#define DO(f, method, ...) (REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__))

static int x_close(sqlite3_file *f)
{
    return DO(f, xClose);
}

static int x_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    if (((struct shim *)f)->main_file && strikes(READ_IO))
        return SQLITE_IOERR_READ;
    int r = DO(f, xRead, to, n, at);
    if (((struct shim *)f)->main_file && at > 0 && strikes(READ_GARBAGE))
        memset(to, 0xa5, (size_t)n);
    return r;
}

static int x_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    if (strikes(WRITE_IO) || (((struct shim *)f)->main_file && strikes(MAIN_IO)))
        return SQLITE_IOERR_WRITE;
    return strikes(WRITE_FULL) ? SQLITE_FULL : DO(f, xWrite, from, n, at);
}

static int x_sync(sqlite3_file *f, int flags)
{
    if (strikes(SYNC_ENOSPC)) {
        ((struct shim *)f)->last_errno = ENOSPC;
        return SQLITE_IOERR_FSYNC;
    }
    return strikes(SYNC_IO) ? SQLITE_IOERR_FSYNC : DO(f, xSync, flags);
}

static int x_truncate(sqlite3_file *f, sqlite3_int64 n)
{
    return DO(f, xTruncate, n);
}

static int x_size(sqlite3_file *f, sqlite3_int64 *ret)
{
    return DO(f, xFileSize, ret);
}

static int x_lock(sqlite3_file *f, int how)
{
    return DO(f, xLock, how);
}

static int x_unlock(sqlite3_file *f, int how)
{
    return DO(f, xUnlock, how);
}

static int x_reserved(sqlite3_file *f, int *ret)
{
    return DO(f, xCheckReservedLock, ret);
}

static int x_control(sqlite3_file *f, int op, void *arg)
{
    if (op != SQLITE_FCNTL_LAST_ERRNO)
        return DO(f, xFileControl, op, arg);
    *(int *)arg = ((struct shim *)f)->last_errno;
    return SQLITE_OK;
}

static int x_sector(sqlite3_file *f)
{
    return DO(f, xSectorSize);
}

static int x_device(sqlite3_file *f)
{
    return DO(f, xDeviceCharacteristics);
}

static int x_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return DO(f, xShmMap, page, size, extend, ret);
}

static int x_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return (flags & SQLITE_SHM_LOCK) && strikes(LOCK_IO) ? SQLITE_IOERR_SHMLOCK
                                                         : DO(f, xShmLock, at, n, flags);
}

static void x_shm_barrier(sqlite3_file *f)
{
    DO(f, xShmBarrier);
}

static int x_shm_unmap(sqlite3_file *f, int remove)
{
    return DO(f, xShmUnmap, remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_device,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

static sqlite3_vfs *below;
static sqlite3_vfs layer;

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
    (void)vfs;
    struct shim *s = (struct shim *)f;
    *s = (struct shim){.real = (sqlite3_file *)(s + 1),
                       .main_file = (flags & SQLITE_OPEN_MAIN_DB) != 0};
    int r = below->xOpen(below, name, s->real, flags, ret_flags);
    if (r == SQLITE_OK)
        s->base.pMethods = &methods;
    return r;
}

static int with_faults(void **state)
{
    (void)state;
    sqlite3_initialize();
    below = sqlite3_vfs_find(NULL);
    layer = *below;
    layer.zName = "faults";
    layer.szOsFile += (int)sizeof(struct shim);
    layer.xOpen = x_open;
    return sqlite3_vfs_register(&layer, 1);
}

/* ------------------------------------------------------------------------------- kinds of calls */

static struct gh_claim held; /* by the file dropped first */

static bool first_item(const struct gh_item *item, void *arg)
{
    (void)item, (void)arg;
    return true;
}

static bool first_row(const struct gh_audit_row *row, void *arg)
{
    (void)row, (void)arg;
    return true;
}

static int a_drop(struct gh_ledger *l, struct gh_err *err)
{
    int64_t id;
    struct gh_new_file file = {.name = "n.jpg", .name_len = 5, .size = 1, .role = GH_FILE_MEDIA};
    sha_of(4711, file.sha256);
    struct gh_new_sub sub = {.department = "roads",
                             .name = "n.jpg",
                             .name_len = 5,
                             .state = GH_SUB_RECEIVED,
                             .dropped_ms = 1,
                             .files = &file,
                             .n_files = 1};
    return gh_ledger_add(l, NULL, &sub, &id, NULL, err);
}

static int a_batch(struct gh_ledger *l, struct gh_err *err)
{
    TRY(gh_ledger_begin(l, err));
    int r = a_drop(l, err);
    /* one that is refused undoes only itself, now and when the changes are made again */
    const char *const none[] = {"no.such"};
    const struct gh_decision_req again = {
        .verdict = GH_RERENDER, .submission = 1, .placements = none, .n_placements = 1};
    if (r == 0)
        assert_int_equal(gh_ledger_choose_thumb(l, NULL, 1, &again, NULL, NULL), -GH_LIMIT);
    if (r == 0)
        r = gh_ledger_set_caption(l, NULL, 1, "it's a \"caption\" ? \xe0\xa6\x95", err);
    if (r == 0)
        return gh_ledger_commit(l, err);
    gh_ledger_rollback(l);
    return r;
}

static int a_claim(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_claim c = {0};
    int r = gh_ledger_claim(l, NULL, 7, 0, &c, NULL, err);
    gh_claim_free(&c);
    return r;
}

static int a_report(struct gh_ledger *l, struct gh_err *err)
{
    return gh_ledger_attempt_end(l, NULL, held.file, held.token, GH_ATTEMPT_AGAIN, "", 0, NULL,
                                 err);
}

static int a_setting(struct gh_ledger *l, struct gh_err *err)
{
    return gh_ledger_set_setting(l, "key", "value", err);
}

static int a_note(struct gh_ledger *l, struct gh_err *err)
{
    return gh_ledger_note(l, NULL, 1, "noted", "x", err);
}

static int a_recovery(struct gh_ledger *l, struct gh_err *err)
{
    return gh_ledger_recover(l, NULL, NULL, err);
}

static int a_get(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_item item = {0};
    int r = gh_ledger_get(l, 1, &item, err);
    gh_item_free(&item);
    return r;
}

static int a_list(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_list_filter filter = {.brief = true};
    return gh_ledger_list(l, &filter, first_item, NULL, err);
}

static int a_log(struct gh_ledger *l, struct gh_err *err)
{
    return gh_ledger_log(l, 0, 0, 0, first_row, NULL, err);
}

static int a_count(struct gh_ledger *l, struct gh_err *err)
{
    struct gh_counts counts;
    return gh_ledger_counts(l, &counts, err);
}

static int a_name(struct gh_ledger *l, struct gh_err *err)
{
    int64_t id;
    return gh_ledger_find_name(l, "roads", "a.jpg", 5, &id, err);
}

static const struct call {
    const char *name;
    int (*call)(struct gh_ledger *l, struct gh_err *err);
    bool writes;
} calls[] = {
    {"add", a_drop, true},         {"batch", a_batch, true},     {"claim", a_claim, true},
    {"report", a_report, true},    {"setting", a_setting, true}, {"note", a_note, true},
    {"recover", a_recovery, true}, {"get", a_get, false},        {"list", a_list, false},
    {"log", a_log, false},         {"counts", a_count, false},   {"find name", a_name, false},
};

/* ---------------------------------------------------------------------------------------- hooks */

struct heard {
    unsigned failed, full;
    bool make_room;
    struct gh_err why;
};

static void on_failed(struct gh_ledger *l, const struct gh_err *err, void *arg)
{
    (void)l;
    struct heard *h = arg;
    h->failed++;
    h->why = *err;
}

static bool on_full(struct gh_ledger *l, void *arg)
{
    (void)l;
    struct heard *h = arg;
    h->full++;
    if (h->make_room)
        fault = NONE;
    return h->make_room;
}

static int sound_setup(void **state)
{
    fault = NONE;
    return setup(state);
}

/* A ledger with one file claimed and one due, and the hooks. */
static void begin(struct fix *f, struct heard *h)
{
    fault = NONE;
    faults_left = 0;
    gh_ledger_close(&f->l);
    GH_AUTO_FREE char *wal = gh_asprintf("%s-wal", f->path), *shm = gh_asprintf("%s-shm", f->path);
    unlink(f->path), unlink(wal), unlink(shm);
    OK(gh_ledger_create(f->path, 0, err));
    OK(gh_ledger_open(f->path, &f->l, err));
    drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    gh_claim_free(&held);
    held = claim(f);
    drop(f, "roads", "b.jpg", 1, GH_PHOTO, NULL);
    *h = (struct heard){0};
    gh_ledger_on_failed(f->l, on_failed, h);
    gh_ledger_on_full(f->l, on_full, h);
}

static int64_t rows_of(struct fix *f)
{
    int64_t rows = 0;
    OK(gh_ledger_verify_chain(f->l, &rows, err));
    return rows;
}

/* ---------------------------------------------------------------------------------------- tests */

/* The hook hears of it once, whichever call found it; every later call fails alike; nothing of the
 * failed change is there after a fresh start, and all that was before is. */
static void a_failed_disk_is_told_once_by_every_call(void **state)
{
    struct fix *f = *state;
    static const enum fault for_writers[] = {WRITE_IO, SYNC_IO, LOCK_IO};
    struct heard h;
    for (size_t i = 0; i < GH_LEN(calls); i++)
        for (size_t k = 0; k < GH_LEN(for_writers); k++) {
            if (!calls[i].writes && for_writers[k] != LOCK_IO)
                continue;
            struct gh_err why = {0};
            begin(f, &h);
            int64_t rows = rows_of(f);
            fault = for_writers[k];
            faults_left = 1; /* it works again at once, and is not believed */
            if (calls[i].call(f->l, &why) != -GH_SYSTEM || h.failed != 1)
                fail_msg("%s, fault %d: %s, told %u times", calls[i].name, (int)fault, why.msg,
                         h.failed);
            assert_int_equal(why.code, EIO);
            assert_string_equal(why.msg, h.why.msg);
            assert_string_equal(gh_ledger_pause(f->l), why.msg);
            for (size_t j = 0; j < GH_LEN(calls); j++)
                assert_int_equal(calls[j].call(f->l, &why), -GH_SYSTEM);
            assert_int_equal(h.failed, 1);
            fault = NONE;
            reopen(f);
            assert_int_equal(rows_of(f), rows);
            assert_string_equal(gh_ledger_pause(f->l), "");
            OK(calls[i].call(f->l, err));
        }
}

/* Another program wrote: what this one has in memory does not count any more. */
static void forget_pages(struct fix *f)
{
    sqlite3 *other;
    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "INSERT INTO meta VALUES('another', 'program')", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(other);
}

/* As restoring a backup does: the old file away, one of the same name in its place. */
static void another_file(struct fix *f)
{
    GH_AUTO_FREE char *text = NULL;
    GH_AUTO_FD dir = -1;
    size_t n;
    OK(gh_open_dir(AT_FDCWD, f->dir, &dir, err));
    assert_int_equal(renameat(dir, "ledger.db", dir, "old.db"), 0);
    OK(gh_read_file(dir, "old.db", 64 << 20, &text, &n, err));
    OK(gh_write_file(dir, "ledger.db", text, n, 0640, err));
}

static void a_read_that_fails_is_told(void **state)
{
    struct fix *f = *state;
    static const struct {
        enum fault fault;
        int code;
    } rows[] = {{READ_IO, EIO}, {READ_GARBAGE, EUCLEAN}};
    struct heard h;
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        struct gh_err why = {0};
        begin(f, &h);
        for (int n = 0; n < 40; n++)
            staged(f, "more.jpg");
        reopen(f);
        gh_ledger_on_failed(f->l, on_failed, &h);
        forget_pages(f);
        fault = rows[i].fault;
        assert_int_equal(a_count(f->l, &why), -GH_SYSTEM);
        assert_int_equal(why.code, rows[i].code);
        assert_int_equal(h.failed, 1);
        assert_int_equal(a_drop(f->l, &why), -GH_SYSTEM);
        assert_int_equal(h.failed, 1);
        fault = NONE;
        /* damage that an opening need not see is refused by the next one, until a person was there
         */
        GH_AUTO_FREE char *mark = gh_asprintf("%s/ledger.damaged", f->dir);
        bool marked = rows[i].code == EUCLEAN;
        assert_int_equal(access(mark, F_OK), marked ? 0 : -1);
        gh_ledger_close(&f->l);
        if (marked) {
            REFUSED(GH_CONFIG, gh_ledger_open(f->path, &f->l, err));
            another_file(f);
        }
        OK(gh_ledger_open(f->path, &f->l, err));
        assert_int_equal(access(mark, F_OK), -1);
        chain_holds(f);
    }
}

static void a_full_disk_is_again_and_changes_nothing(void **state)
{
    struct fix *f = *state;
    static const enum fault faults[] = {WRITE_FULL, SYNC_ENOSPC};
    struct heard h;
    for (size_t i = 0; i < GH_LEN(calls); i++)
        for (size_t k = 0; calls[i].writes && k < GH_LEN(faults); k++) {
            struct gh_err why = {0};
            begin(f, &h);
            int64_t rows = rows_of(f);
            fault = faults[k];
            if (calls[i].call(f->l, &why) != -GH_AGAIN || why.code != ENOSPC)
                fail_msg("%s: %s", calls[i].name, why.msg);
            assert_int_equal(h.full, 1);
            assert_int_equal(h.failed, 0);
            assert_int_equal(rows_of(f), rows);
            OK(a_get(f->l, err)); /* who reads is answered */
            assert_string_equal(gh_ledger_pause(f->l), why.msg);
            fault = NONE;
            OK(calls[i].call(f->l, err));
            assert_string_equal(gh_ledger_pause(f->l), "");
            reopen(f);
            assert_true(calls[i].call == a_setting || rows_of(f) > rows);
        }
}

/* The log can be written, the file it is copied into cannot: what was committed is durable, and the
 * failure is told. */
static void a_checkpoint_that_fails_is_told(void **state)
{
    struct fix *f = *state;
    struct heard h;
    struct gh_err why = {0};
    GH_AUTO_FREE char *detail = gh_alloc(1 << 20);
    int64_t rows;
    begin(f, &h);
    rows = rows_of(f);
    memset(detail, 'x', (1 << 20) - 1);
    fault = MAIN_IO;
    for (int i = 0; i < 20 && h.failed == 0; i++, rows++)
        OK(gh_ledger_note(f->l, NULL, 0, "noted", detail, err));
    assert_int_equal(h.failed, 1);
    assert_int_equal(gh_ledger_note(f->l, NULL, 0, "noted", "x", &why), -GH_SYSTEM);
    fault = NONE;
    reopen(f);
    assert_int_equal(rows_of(f), rows);
}

/* Whoever changes something does not notice that room was made; what is there afterwards is what
 * would be there without the full disk. */
static void room_is_made_and_the_change_is_there(void **state)
{
    struct fix *f = *state;
    struct heard h;
    for (size_t i = 0; i < GH_LEN(calls); i++) {
        if (!calls[i].writes)
            continue;
        begin(f, &h);
        OK(calls[i].call(f->l, err));
        int64_t rows = rows_of(f);
        begin(f, &h);
        h.make_room = true;
        fault = WRITE_FULL;
        OK(calls[i].call(f->l, err));
        assert_int_equal(h.full, 1);
        assert_int_equal(fault, NONE);
        assert_string_equal(gh_ledger_pause(f->l), "");
        assert_int_equal(rows_of(f), rows);
        drop(f, "roads", "later.jpg", 1, GH_PHOTO, NULL);
        reopen(f);
        chain_holds(f);
    }
    struct gh_item item;
    begin(f, &h);
    h.make_room = true;
    fault = WRITE_FULL;
    OK(a_batch(f->l, err));
    OK(gh_ledger_get(f->l, 1, &item, err));
    assert_string_equal(item.sub.caption, "it's a \"caption\" ? \xe0\xa6\x95");
    gh_item_free(&item);
    int64_t us = 0;
    OK(gh_ledger_thumb(f->l, 1, &us, err));
    assert_int_equal(us, -1);
    OK(gh_ledger_get(f->l, 3, &item, err));
    assert_string_equal(item.sub.name, "n.jpg");
    gh_item_free(&item);
}

static void touches(struct gh_ledger *l, int64_t submission, void *arg)
{
    (void)l, (void)submission;
    ++*(unsigned *)arg;
}

/* The touched hook hears of a change once, when it is there. */
static void a_change_that_failed_touches_nothing(void **state)
{
    struct fix *f = *state;
    struct heard h;
    struct gh_err why;
    unsigned n = 0;
    begin(f, &h);
    gh_ledger_on_touched(f->l, touches, &n);
    fault = WRITE_FULL;
    assert_int_equal(a_batch(f->l, &why), -GH_AGAIN);
    assert_int_equal(n, 0);
    h.make_room = true;
    OK(a_batch(f->l, err));
    assert_int_equal(n, 2);
}

static void a_lock_held_by_another_program_passes(void **state)
{
    struct fix *f = *state;
    struct heard h;
    struct gh_err why = {0};
    sqlite3 *other;
    begin(f, &h);
    int64_t rows = rows_of(f);
    assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
    for (size_t i = 0; i < GH_LEN(calls); i++) {
        assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        if (!calls[i].writes) {
            OK(calls[i].call(f->l, err)); /* reading waits for nobody */
        } else {
            int64_t began = gh_mono_ms();
            assert_int_equal(calls[i].call(f->l, &why), -GH_AGAIN);
            int64_t first = gh_mono_ms() - began;
            assert_int_equal(why.code, EBUSY);
            assert_non_null(strstr(gh_ledger_pause(f->l), "busy"));
            began = gh_mono_ms();
            for (int n = 0; n < 10; n++) /* the loop goes on meanwhile */
                assert_int_equal(calls[i].call(f->l, &why), -GH_AGAIN);
            assert_true(first >= 400);
            assert_true(gh_mono_ms() - began < first * 2);
        }
        assert_int_equal(rows_of(f), rows);
        sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
        assert_string_equal(gh_ledger_pause(f->l), ""); /* without anybody trying */
    }
    assert_int_equal(h.failed + h.full, 0);
    OK(a_drop(f->l, err));
    sqlite3_close(other);
}

/* What is ours to get wrong is GH_BUG, and neither ends nor pauses anything. */
static void a_broken_rule_is_a_bug_and_no_more(void **state)
{
    struct fix *f = *state;
    struct heard h;
    struct gh_err why = {0};
    begin(f, &h);
    assert_int_equal(gh_ledger_set_setting(f->l, "key", NULL, &why), -GH_BUG);
    assert_int_equal(h.failed + h.full, 0);
    assert_string_equal(gh_ledger_pause(f->l), "");
    OK(a_drop(f->l, err));
}

static int no_faults(void **state)
{
    (void)state;
    gh_claim_free(&held);
    return sqlite3_vfs_unregister(&layer);
}

#define F(fn) cmocka_unit_test_setup_teardown(fn, sound_setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        F(a_failed_disk_is_told_once_by_every_call), F(a_read_that_fails_is_told),
        F(a_checkpoint_that_fails_is_told),          F(a_full_disk_is_again_and_changes_nothing),
        F(room_is_made_and_the_change_is_there),     F(a_change_that_failed_touches_nothing),
        F(a_lock_held_by_another_program_passes),    F(a_broken_rule_is_a_bug_and_no_more),
    };
    return cmocka_run_group_tests(tests, with_faults, no_faults);
}
