/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ledger that was written back: of any version, never over another one; frozen, whatever froze it
 * before; nobody is told again what fell due until then, by question, event, notice or letter. */
#include "tests/unit/ledger_fix.h"

#include "daemon/ledger/schema.h"

#define HOUR ((int64_t)3600 * 1000)
#define START ((int64_t)1796000000000)
#define LATER (START + 100 * HOUR) /* when it was restored */

static int64_t count(struct fix *f, const char *sql)
{
    sqlite3 *raw;
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_open_v2(f->path, &raw, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(raw);
    return n;
}

static struct gh_question_by by(unsigned roles, int64_t now)
{
    return (struct gh_question_by){
        .who = {.actor = "test", .now_ms = now}, .roles = roles, .via = GH_VIA_COMMAND};
}

static int64_t ask(struct fix *f, int64_t due_ms)
{
    const struct gh_question_by who = by(GH_BY_AGENCY, START);
    struct gh_question_ask a = {.department = "roads",
                                .text = "which ward?",
                                .calendar = "daily 00:00-24:00",
                                .explained = "why",
                                .times = {.remind_ms = due_ms - HOUR, .due_ms = due_ms}};
    for (int i = 0; i < GH_QUESTION_OVERDUE; i++)
        a.times.again_ms[i] = due_ms + (i + 1) * HOUR;
    int64_t id = 0;
    OK(gh_ledger_ask(f->l, &who, &a, &id, err));
    return id;
}

static int64_t announce(struct fix *f, const char *title, int64_t expect_ms)
{
    const struct gh_question_by who = by(GH_BY_DEPARTMENT, START);
    const struct gh_event_new e = {.department = "roads",
                                   .said = {.title = title,
                                            .starts_ms = expect_ms - 5 * HOUR,
                                            .ends_ms = expect_ms - 3 * HOUR,
                                            .place = "Palta",
                                            .ward = "12",
                                            .material = ""},
                                   .folder = title,
                                   .expect_ms = expect_ms};
    int64_t id = 0;
    OK(gh_ledger_announce(f->l, &who, &e, &id, err));
    return id;
}

/* Back up what f has, and open that in its place. */
static struct gh_restored restore(struct fix *f, bool whole)
{
    GH_AUTO_FREE char *copy = gh_asprintf("%s/copy.db", f->dir);
    struct gh_restored mark = {.made_ms = START, .at_ms = LATER, .whole = whole}, is = {0};
    OK(gh_ledger_backup(f->l, copy, NULL, err));
    REFUSED(GH_SYSTEM, gh_ledger_restore(copy, f->path, &mark, NULL, NULL, err)); /* there is one */
    gh_ledger_close(&f->l);
    unlink(f->path);
    OK(gh_ledger_restore(copy, f->path, &mark, NULL, NULL, err));
    OK(gh_ledger_open(f->path, &f->l, err));
    assert_int_equal(gh_ledger_restored(f->l, &is, NULL), 1);
    assert_int_equal(is.phase, GH_RESTORED_NEW);
    assert_int_equal(is.made_ms, START);
    assert_int_equal(is.at_ms, LATER);
    assert_int_equal(is.whole, whole);
    return is;
}

static void nobody_is_told_again_what_was_due_before(void **state)
{
    struct fix *f = *state;
    const struct gh_who now = {.now_ms = LATER + 1};
    int64_t old = ask(f, START + 4 * HOUR), young = ask(f, LATER + 50 * HOUR);
    int64_t missed = announce(f, "Fair", START + 10 * HOUR),
            coming = announce(f, "Race", LATER + 10 * HOUR);
    struct gh_restored is = restore(f, true);
    OK(gh_ledger_restored_begin(f->l, &now, &is, err));
    assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE state = 'new'"), 0);
    struct gh_alarm_row a;
    assert_int_equal(gh_ledger_next_alarm(f->l, &a, NULL), 1);
    assert_int_equal(a.question, young);
    assert_int_not_equal(a.question, old);
    const struct gh_question_by ghatd = by(GH_BY_GHATD, LATER + 2);
    OK(gh_ledger_event_due(f->l, &ghatd, missed, NULL, err));
    assert_int_equal(count(f, "SELECT count(*) FROM event WHERE state = 'missed'"), 1);
    assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE state = 'new'"), 0);
    const struct gh_question_by later = by(GH_BY_GHATD, LATER + 11 * HOUR);
    OK(gh_ledger_event_due(f->l, &later, coming, NULL,
                           err)); /* what is missed from now on is told */
    assert_int_equal(count(f, "SELECT count(*) > 0 FROM notice WHERE state = 'new'"), 1);
}

static void it_is_frozen_whatever_froze_it_before(void **state)
{
    struct fix *f = *state;
    struct gh_frozen frozen = {0};
    const struct gh_who rina = {.actor = "rina", .now_ms = START};
    OK(gh_ledger_set_setting(f->l, "folder.mark:water", "12.34", err));
    OK(gh_ledger_set_setting(f->l, "feeds", "{}", err));
    OK(gh_ledger_freeze(f->l, &rina, "elections", err));
    struct gh_restored is = restore(f, true);
    OK(gh_ledger_restored_begin(f->l, NULL, &is, err));
    assert_int_equal(gh_ledger_frozen(f->l, &frozen, NULL), 1);
    assert_true(gh_starts(frozen.reason, "restored from backup of 20"));
    assert_non_null(strstr(frozen.reason, "elections"));
    assert_int_equal(count(f, "SELECT count(*) FROM meta WHERE key GLOB 'fold*' OR key = 'feeds'"),
                     0);
    assert_int_equal(gh_ledger_restored(f->l, &is, NULL), 1);
    assert_int_equal(is.phase, GH_RESTORED_FROZEN);
    OK(gh_ledger_thaw(f->l, &rina, err));
    assert_int_equal(gh_ledger_restored(f->l, &is, NULL), 1);
    assert_int_equal(is.phase, GH_RESTORED_THAWED);
    OK(gh_ledger_restored_end(f->l, NULL, err));
    assert_int_equal(gh_ledger_restored(f->l, &is, NULL), 0);
    OK(gh_ledger_verify_chain(f->l, NULL, err));
}

static void folders_stay_known_where_only_the_ledger_was_lost(void **state)
{
    struct fix *f = *state;
    OK(gh_ledger_set_setting(f->l, "folder.mark:water", "12.34", err));
    struct gh_restored is = restore(f, false);
    OK(gh_ledger_restored_begin(f->l, NULL, &is, err));
    assert_int_equal(count(f, "SELECT count(*) FROM meta WHERE key = 'folder.mark:water'"), 1);
}

struct named {
    unsigned originals, outputs;
};

static bool count_named(const char *sha256, int64_t submission, const char *what, void *arg)
{
    struct named *n = arg;
    assert_int_equal(strlen(sha256), GH_SHA_HEX - 1);
    assert_true(submission > 0);
    n->originals += !strcmp(what, "original");
    n->outputs += !strcmp(what, "output");
    return true;
}

static void what_must_be_there_is_named(void **state)
{
    struct fix *f = *state;
    struct named n = {0};
    int64_t a = staged(f, "a.jpg");
    staged(f, "b.jpg");
    OK(gh_ledger_named(f->l, count_named, &n, err));
    assert_int_equal(n.originals, 2);
    assert_int_equal(n.outputs, 4);
    OK(decide(f, GH_REJECT, a, "x.photo", "no", err));
    n = (struct named){0};
    OK(gh_ledger_named(f->l, count_named, &n, err));
    assert_int_equal(n.outputs, 3);
}

/* Old ledgers are restored as they are; the next start of ghatd migrates them. */
static void a_backup_of_any_version_is_restored(void **state)
{
    struct fix *f = *state;
    for (int version = 1; version < GH_LEDGER_VERSION; version++) {
        GH_AUTO_FREE char *old = gh_asprintf("%s/old-%d.db", f->dir, version),
                          *path = gh_asprintf("%s/new-%d.db", f->dir, version), *text = NULL,
                          *golden = gh_asprintf("tests/golden/ledger-%d.sql", version),
                          *mark = gh_asprintf("PRAGMA application_id = 1195917652;"
                                              "PRAGMA user_version = %d",
                                              version);
        struct gh_restored restored = {.made_ms = START, .at_ms = LATER}, is;
        struct gh_ledger *l = NULL;
        sqlite3 *raw;
        size_t n;
        OK(gh_read_file(AT_FDCWD, golden, 1 << 20, &text, &n, err));
        assert_int_equal(sqlite3_open(old, &raw), SQLITE_OK);
        assert_int_equal(sqlite3_exec(raw, text, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_exec(raw, mark, NULL, NULL, NULL);
        sqlite3_close(raw);
        OK(gh_ledger_check_file(old, err));
        OK(gh_ledger_restore(old, path, &restored, NULL, NULL, err));
        OK(gh_ledger_open(path, &l, err));
        assert_int_equal(gh_ledger_restored(l, &is, NULL), 1);
        OK(gh_ledger_restored_begin(l, NULL, &is, err));
        gh_ledger_close(&l);
    }
}

static void what_is_no_ledger_or_damaged_is_refused(void **state)
{
    struct fix *f = *state;
    GH_AUTO_FREE char *bad = gh_asprintf("%s/bad.db", f->dir),
                      *to = gh_asprintf("%s/to.db", f->dir);
    const struct gh_restored restored = {.made_ms = START};
    staged(f, "a.jpg");
    OK(gh_ledger_backup(f->l, bad, NULL, err));
    OK(gh_ledger_check_file(bad, err));
    int fd = open(bad, O_WRONLY);
    char zeros[4096] = {0};
    assert_int_equal(pwrite(fd, zeros, sizeof(zeros), 3 * 4096), (int)sizeof(zeros));
    close(fd);
    REFUSED(GH_LIMIT, gh_ledger_check_file(bad, err));
    assert_true(gh_ledger_restore(bad, to, &restored, NULL, NULL, NULL) < 0);
    assert_int_equal(access(to, F_OK), -1);
    fd = open(bad, O_WRONLY | O_TRUNC);
    close(fd);
    REFUSED(GH_LIMIT, gh_ledger_check_file(bad, err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nobody_is_told_again_what_was_due_before),
        T(it_is_frozen_whatever_froze_it_before),
        T(folders_stay_known_where_only_the_ledger_was_lost),
        T(what_must_be_there_is_named),
        T(a_backup_of_any_version_is_restored),
        T(what_is_no_ledger_or_damaged_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
