/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: batches, the touched hook, tampering, damage, kill -9 at any time, lists and figures.
 */
#include "tests/unit/ledger_fix.h"

#include "daemon/ledger/schema.h"

static void batches_commit_whole_and_undo_single_failures(void **state)
{
    struct fix *f = *state;
    OK(gh_ledger_begin(f->l, err));
    int64_t a = drop(f, "roads", "a.jpg", 1, GH_PHOTO, NULL);
    REFUSED(GH_LIMIT, decide(f, GH_HOLD, a, NULL, NULL, err)); /* fails alone */
    int64_t b = drop(f, "roads", "b.jpg", 1, GH_PHOTO, NULL);
    OK(gh_ledger_commit(f->l, err));
    assert_string_equal(sub_state(f, a), "received");
    assert_string_equal(sub_state(f, b), "received");
    OK(gh_ledger_begin(f->l, err));
    int64_t c = drop(f, "roads", "c.jpg", 1, GH_PHOTO, NULL);
    gh_ledger_rollback(f->l);
    struct gh_item item;
    REFUSED(GH_USAGE, gh_ledger_get(f->l, c, &item, err));
    drop(f, "roads", "d.jpg", 1, GH_PHOTO, NULL);
    chain_holds(f);
    reopen(f);
    chain_holds(f);
    struct gh_err e;
    assert_int_equal(gh_ledger_commit(f->l, &e), -GH_BUG);
}

struct touches {
    int64_t seen[16];
    size_t n;
    bool answer;
};

static void on_touched(struct gh_ledger *l, int64_t submission, void *arg)
{
    struct touches *t = arg;
    t->seen[t->n++] = submission;
    if (t->answer) {
        t->answer = false;
        OK(gh_ledger_set_caption(l, NULL, submission, "from the hook", err));
    }
}

static void touched_is_told_once_after_the_commit(void **state)
{
    struct fix *f = *state;
    struct touches t = {0};
    gh_ledger_on_touched(f->l, on_touched, &t);
    OK(gh_ledger_begin(f->l, err));
    int64_t a = drop(f, "roads", "a", 3, GH_PHOTO, NULL),
            b = drop(f, "roads", "b", 1, GH_PHOTO, NULL);
    assert_int_equal(t.n, 0);
    OK(gh_ledger_commit(f->l, err));
    assert_int_equal(t.n, 2);
    assert_true(t.seen[0] == a && t.seen[1] == b);
    t = (struct touches){.answer = true};
    OK(gh_ledger_set_urgent(f->l, NULL, a, true, err));
    assert_int_equal(t.n, 2); /* the hook's own change is told, too */
    t.n = 0;
    REFUSED(GH_LIMIT, decide(f, GH_HOLD, a, NULL, NULL, err));
    assert_int_equal(t.n, 0);
}

static void tampering_is_found(void **state)
{
    struct fix *f = *state;
    static const char *const attacks[] = {
        "UPDATE audit SET actor = 'somebody' WHERE seq = 3",
        "UPDATE audit SET detail = detail || 'x' WHERE seq = 1",
        "UPDATE audit SET time_ms = time_ms + 1 WHERE seq = 4",
        "DELETE FROM audit WHERE seq = 2",
        "UPDATE audit SET action = subject, subject = action WHERE seq = 3",
        "UPDATE audit SET submission = 7 WHERE seq = 2",
    };
    staged(f, "a.jpg");
    for (size_t i = 0; i < GH_LEN(attacks); i++) {
        GH_AUTO_FREE char *copy = gh_asprintf("%s/copy%zu.db", f->dir, i);
        OK(gh_ledger_backup(f->l, copy, NULL, err));
        sqlite3 *raw;
        assert_int_equal(sqlite3_open(copy, &raw), SQLITE_OK);
        assert_int_equal(sqlite3_exec(raw, attacks[i], NULL, NULL, NULL),
                         SQLITE_CONSTRAINT); /* the triggers refuse it */
        sqlite3_exec(raw, "DROP TRIGGER audit_kept; DROP TRIGGER audit_fixed", NULL, NULL, NULL);
        assert_int_equal(sqlite3_exec(raw, attacks[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(raw);
        struct gh_ledger *l = NULL;
        OK(gh_ledger_open_ro(copy, &l, err));
        REFUSED(GH_LIMIT, gh_ledger_verify_chain(l, NULL, err));
        gh_ledger_close(&l);
    }
    chain_holds(f);
}

static void refuses_what_is_not_its_ledger(void **state)
{
    struct fix *f = *state;
    GH_AUTO_FREE char *copy = gh_asprintf("%s/other.db", f->dir);
    struct gh_ledger *l = NULL;
    sqlite3 *raw;
    staged(f, "a.jpg");
    OK(gh_ledger_backup(f->l, copy, NULL, err));
    REFUSED(GH_USAGE, gh_ledger_backup(f->l, copy, NULL, err));
    OK(gh_ledger_open(copy, &l, err)); /* a backup is a ledger */
    gh_ledger_close(&l);
    assert_int_equal(sqlite3_open(copy, &raw), SQLITE_OK);
    sqlite3_exec(raw, "PRAGMA user_version = 999", NULL, NULL, NULL);
    sqlite3_close(raw);
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    int fd = open(copy, O_WRONLY | O_TRUNC); /* emptied: damage, never a new ledger */
    close(fd);
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    struct stat st;
    assert_int_equal(stat(copy, &st), 0);
    assert_int_equal(st.st_size, 0);
    fd = open(copy, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "this is no database, it only looks like a file", 46), 46);
    close(fd);
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    unlink(copy);
    GH_AUTO_FREE char *wal = gh_asprintf("%s-wal", copy);
    close(open(wal, O_WRONLY | O_CREAT, 0600));
    REFUSED(GH_CONFIG, gh_ledger_open(copy, &l, err));
    REFUSED(GH_CONFIG, gh_ledger_open_ro(copy, &l, err));
    REFUSED(GH_CONFIG, gh_ledger_open("/nonexistent/dir/ledger.db", &l, err));
    REFUSED(GH_SYSTEM, gh_ledger_create("/nonexistent/dir/ledger.db", 0, err));
    assert_null(l);
}

/* Opening makes none; making one replaces none, not even a log; the mark outlives the file. */
static void a_ledger_is_made_only_when_asked(void **state)
{
    struct fix *f = *state;
    GH_AUTO_FREE char *path = gh_asprintf("%s/other.db", f->dir),
                      *log = gh_asprintf("%s-wal", path);
    struct gh_ledger *l = NULL;
    assert_false(gh_ledger_known(path));
    REFUSED(GH_CONFIG, gh_ledger_open(path, &l, err));
    assert_int_equal(access(path, F_OK), -1);
    OK(gh_ledger_create(path, 100041, err));
    REFUSED(GH_CONFIG, gh_ledger_create(path, 0, err));
    struct fix other = {.next = 7000};
    OK(gh_ledger_open(path, &other.l, err));
    assert_int_equal(drop(&other, "roads", "a.jpg", 1, GH_PHOTO, NULL), 100042);
    gh_ledger_close(&other.l);
    unlink(path);
    assert_true(gh_ledger_known(path));
    REFUSED(GH_CONFIG, gh_ledger_open(path, &l, err));
    close(open(log, O_WRONLY | O_CREAT, 0600));
    REFUSED(GH_CONFIG, gh_ledger_create(path, 0, err));
    unlink(log);
    OK(gh_ledger_create(path, 0, err)); /* on purpose */
    /* one that an older Ghat made gets its mark when it is opened */
    GH_AUTO_FREE char *mark = gh_asprintf("%s/ledger.made", f->dir);
    assert_int_equal(unlink(mark), 0);
    reopen(f);
    assert_int_equal(access(mark, F_OK), 0);
}

/* What opening reads does not grow with the ledger, and it says how much it was. */
static void opening_looks_at_the_ends_only(void **state)
{
    struct fix *f = *state;
    OK(gh_ledger_begin(f->l, err));
    for (int i = 0; i < 3000; i++)
        OK(gh_ledger_note(f->l, NULL, 0, "noted", "x", err));
    OK(gh_ledger_commit(f->l, err));
    reopen(f);
    const struct gh_ledger_checked *c = gh_ledger_checked(f->l);
    assert_int_equal(c->audit_rows, 1000);
    assert_int_equal(c->newest, 100);
    assert_string_equal(c->broken, "");
    static const struct {
        const char *attack;
        bool seen;
    } rows[] = {{"UPDATE audit SET actor = 'somebody' WHERE seq = 5", false},
                {"UPDATE audit SET actor = 'somebody' WHERE seq = 2995", true}};
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        sqlite3 *raw;
        gh_ledger_close(&f->l);
        assert_int_equal(sqlite3_open(f->path, &raw), SQLITE_OK);
        sqlite3_exec(raw, "DROP TRIGGER audit_fixed", NULL, NULL, NULL);
        assert_int_equal(sqlite3_exec(raw, rows[i].attack, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(raw);
        OK(gh_ledger_open(f->path, &f->l, err));
        assert_int_equal(*gh_ledger_checked(f->l)->broken != '\0', rows[i].seen);
        REFUSED(GH_LIMIT, gh_ledger_verify_chain(f->l, NULL, err));
        OK(gh_ledger_check(f->l, err)); /* every page is as it was written */
    }
}

/* A page that no opening reads: only the whole check finds it. */
static void damage_in_the_middle_is_found_by_the_whole_check(void **state)
{
    struct fix *f = *state;
    OK(gh_ledger_begin(f->l, err));
    for (int i = 0; i < 5000; i++)
        OK(gh_ledger_note(f->l, NULL, 0, "noted",
                          "a detail that is long enough for some hundreds of pages to be filled",
                          err));
    OK(gh_ledger_commit(f->l, err));
    gh_ledger_close(&f->l);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    int fd = open(f->path, O_WRONLY);
    assert_int_equal(pwrite(fd, "damage damage damage damage", 27, st.st_size / 8192 * 4096), 27);
    close(fd);
    OK(gh_ledger_open_ro(f->path, &f->l, err));
    REFUSED(GH_LIMIT, gh_ledger_check(f->l, err));
}

static void a_damaged_page_is_refused(void **state)
{
    struct fix *f = *state;
    for (int i = 0; i < 20; i++)
        staged(f, "a.jpg");
    gh_ledger_close(&f->l);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    int fd = open(f->path, O_WRONLY);
    for (off_t at = 4096; at < st.st_size; at += 4096)
        assert_int_equal(pwrite(fd, "damage damage damage damage", 27, at), 27);
    close(fd);
    REFUSED(GH_CONFIG, gh_ledger_open(f->path, &f->l, err));
}

static void read_only_refuses_changes(void **state)
{
    struct fix *f = *state;
    int64_t id = staged(f, "a.jpg");
    struct gh_ledger *l = NULL;
    OK(gh_ledger_open_ro(f->path, &l, err));
    OK(gh_ledger_verify_chain(l, NULL, err));
    REFUSED(GH_BUG, gh_ledger_set_caption(l, NULL, id, "x", err));
    gh_ledger_close(&l);
}

/* A child works until it is killed at a random moment; whatever it left must be consistent and
 * whole. */
static void kill_at_any_time_leaves_a_consistent_ledger(void **state)
{
    struct fix *f = *state;
    gh_ledger_close(&f->l);
    for (int round = 0; round < 25; round++) {
        int beat[2];
        char byte;
        assert_int_equal(pipe(beat), 0);
        pid_t pid = fork();
        if (pid == 0) {
            struct gh_err e;
            if (gh_ledger_open(f->path, &f->l, &e) < 0)
                _exit(9);
            f->next = (unsigned)(1000 * (round + 1));
            for (;;) {
                int64_t id = staged(f, "a.jpg");
                struct gh_err e2;
                if (decide(f, GH_APPROVE, id, NULL, NULL, &e2) < 0)
                    _exit(8);
                publish(f, id);
                (void)!write(beat[1], "", 1);
            }
        }
        close(beat[1]);
        /* it works; now at any moment, however busy the machine is */
        assert_int_equal(read(beat[0], &byte, 1), 1);
        usleep((useconds_t)(round * 2311 % 17000));
        kill(pid, SIGKILL);
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        close(beat[0]);
        OK(gh_ledger_open(f->path, &f->l, err));
        chain_holds(f);
        OK(gh_ledger_recover(f->l, NULL, NULL, err));
        /* half-way ones can be finished: claimed once each, none running, none lost */
        struct gh_claim c;
        struct gh_err e;
        while (gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e) == 1) {
            size_t wanted = c.n_wanted ? c.n_wanted : 2; /* none planned yet: both */
            f->next = (unsigned)(1000 * (round + 1) + 900);
            plan(f, &c, two, 2);
            struct gh_item item;
            OK(gh_ledger_get(f->l, c.submission, &item, err));
            for (size_t i = 0; i < item.n_renditions; i++)
                if (item.renditions[i].state == GH_REN_RUNNING) {
                    stage(f, &c, item.renditions[i].placement);
                    wanted--;
                }
            assert_int_equal(wanted, 0);
            gh_item_free(&item);
            OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL,
                                     err));
            assert_string_equal(sub_state(f, c.submission), "staged");
            gh_claim_free(&c);
        }
        gh_ledger_close(&f->l);
    }
    OK(gh_ledger_open(f->path, &f->l, err));
}

static bool count_items(const struct gh_item *item, void *arg)
{
    (void)item;
    ++*(unsigned *)arg;
    return true;
}

struct made_seen {
    uint64_t n;
    int64_t submission;
    const char *placement;
};

static bool see_made(const struct gh_made_row *made, void *arg)
{
    struct made_seen *seen = arg;
    seen->n += made->n;
    if (made->submission) {
        seen->submission = made->submission;
        assert_string_equal(made->placement, seen->placement);
        assert_int_equal(made->state, GH_REN_STAGED);
    }
    return true;
}

static void what_was_made_with_which_profile(void **state)
{
    struct fix *f = *state;
    int64_t a = staged(f, "a.jpg"), b = staged(f, "b.jpg");
    struct made_seen seen = {0};
    OK(gh_ledger_made(f->l, see_made, &seen, err));
    assert_int_equal(seen.n, 4);
    OK(decide(f, GH_REJECT, a, NULL, "no", err)); /* rejected ones do not matter any more */
    seen = (struct made_seen){0};
    OK(gh_ledger_made(f->l, see_made, &seen, err));
    assert_int_equal(seen.n, 2);
    seen = (struct made_seen){.placement = "x.photo"};
    OK(gh_ledger_made_with(f->l, "x.photo", "p", see_made, &seen, err));
    assert_int_equal(seen.n, 1);
    assert_int_equal(seen.submission, b);
    seen = (struct made_seen){0};
    OK(gh_ledger_made_with(f->l, "x.photo", "other", see_made, &seen, err));
    assert_int_equal(seen.n, 0);
}

static void lists_and_counts(void **state)
{
    struct fix *f = *state;
    int64_t a = staged(f, "a.jpg");
    staged(f, "b.jpg");
    drop(f, "parks", "c.jpg", 1, GH_PHOTO, NULL);
    OK(decide(f, GH_HOLD, a, "x.photo", NULL, err));
    static const struct {
        struct gh_list_filter filter;
        unsigned want;
    } rows[] = {
        {{0}, 3},
        {{.department = "roads"}, 2},
        {{.state = "staged"}, 2},
        {{.state = "held"}, 1},
        {{.state = "received"}, 1},
        {{.state = "staged", .department = "parks"}, 0},
        {{.after = 1}, 2},
        {{.limit = 1}, 1},
        {{.before = 2, .newest = true, .brief = true}, 1},
        {{.limit = 2, .newest = true, .brief = true}, 2},
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        unsigned n = 0;
        OK(gh_ledger_list(f->l, &rows[i].filter, count_items, &n, err));
        assert_int_equal(n, rows[i].want);
    }
    struct gh_list_filter odd = {.state = "nonsense"};
    unsigned n = 0;
    REFUSED(GH_USAGE, gh_ledger_list(f->l, &odd, count_items, &n, err));
    struct gh_counts c;
    struct gh_today today;
    OK(gh_ledger_counts(f->l, &c, err));
    assert_int_equal(c.submissions[GH_SUB_STAGED], 2);
    assert_int_equal(c.renditions[GH_REN_HELD], 1);
    assert_int_equal(c.files_due, 1);
    OK(gh_ledger_today(f->l, 0, &today, err));
    assert_int_equal(today.staged, 2);
    assert_true(c.drop_to_staged_ms > 0);
    assert_int_equal(c.approved_to_collected_ms, -1);
    char *value = NULL;
    OK(gh_ledger_setting(f->l, "quiet:roads", &value, err));
    assert_null(value);
    OK(gh_ledger_set_setting(f->l, "quiet:roads", "5000", err));
    OK(gh_ledger_set_setting(f->l, "quiet:roads", "6000", err));
    OK(gh_ledger_setting(f->l, "quiet:roads", &value, err));
    assert_string_equal(value, "6000");
    free(value);
}

/* The columns of every table, as text. */
static char *shape(const char *path)
{
    sqlite3 *raw;
    sqlite3_stmt *st;
    GH_AUTO_STR out = {0};
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(raw,
                           "SELECT m.type || ' ' || m.name || ' ' || coalesce(t.name || ' ' || "
                           "t.type || t.\"notnull\" ||"
                           " coalesce(t.dflt_value, ''), '') FROM sqlite_schema m LEFT JOIN"
                           " pragma_table_info(m.name) t ON m.type = 'table' ORDER BY 1",
                           -1, &st, NULL),
        SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW)
        gh_str_printf(&out, "%s\n", sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    sqlite3_close(raw);
    return gh_strdup(gh_str_text(&out));
}

/* Events of before are missed at the end of the next day, too; what was missed was told. */
static void events_fall_due_as_they_do_today(sqlite3 *raw)
{
    static const char *const want[] = {"missed 1795910400000 1795791600000",
                                       "announced 1796342400000 0", "changed 1796688000000 0"};
    sqlite3_stmt *st;
    assert_int_equal(sqlite3_prepare_v2(raw,
                                        "SELECT state || ' ' || miss_ms || ' ' || told_ms"
                                        " FROM event ORDER BY id",
                                        -1, &st, NULL),
                     SQLITE_OK);
    for (size_t i = 0; i < GH_LEN(want); i++) {
        assert_int_equal(sqlite3_step(st), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(st, 0), want[i]);
    }
    sqlite3_finalize(st);
}

/* A ledger that an older version really wrote becomes one of today, nothing of it lost, a copy of
 * what it was beside it. */
static void is_migrated(struct fix *f, int version)
{
    GH_AUTO_FREE char *old = gh_asprintf("%s/old-%d.db", f->dir, version),
                      *kept = gh_asprintf("%s.version-%d", old, version),
                      *golden = gh_asprintf("tests/golden/ledger-%d.sql", version), *text = NULL,
                      *mark = gh_asprintf("PRAGMA application_id = 1195917652;"
                                          "PRAGMA user_version = %d",
                                          version);
    struct gh_ledger *l = NULL;
    sqlite3 *raw;
    size_t n;
    int64_t rows = 0;
    OK(gh_read_file(AT_FDCWD, golden, 1 << 20, &text, &n, err));
    assert_int_equal(sqlite3_open(old, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_exec(raw, mark, NULL, NULL, NULL);
    /* approved, and ghatd was stopped before it was published */
    sqlite3_exec(raw,
                 version < 4 ? "UPDATE rendition SET state = 'approved', published_ms = 0"
                               " WHERE placement = 'x.photo'"
                             : "UPDATE rendition SET state = 'publishing', published_ms = 0"
                               " WHERE placement = 'x.photo'",
                 NULL, NULL, NULL);
    sqlite3_exec(raw, "UPDATE sqlite_sequence SET seq = 1000 WHERE name = 'rendition'", NULL, NULL,
                 NULL);
    sqlite3_close(raw);
    REFUSED(GH_CONFIG, gh_ledger_open_ro(old, &l, err)); /* who only looks changes nothing */
    for (int times = 0; times < 2; times++) {
        struct gh_item item = {0};
        OK(gh_ledger_open(old, &l, err));
        OK(gh_ledger_verify_chain(l, &rows, err));
        assert_int_equal(rows, 25);
        OK(gh_ledger_get(l, 1, &item, err));
        assert_string_equal(item.sub.name, "one.png");
        assert_int_equal(item.n_renditions, 7);
        assert_int_equal(item.sub.retired, 0);
        for (size_t i = 0; i < item.n_renditions; i++) { /* what was approved still is */
            const struct gh_rendition *r = &item.renditions[i];
            bool out = r->state == GH_REN_PUBLISHING || r->state == GH_REN_PUBLISHED ||
                       r->state == GH_REN_COLLECTED;
            assert_int_equal(r->decision > 0, out);
            assert_true(r->decision == r->out);
            assert_int_equal(!strcmp(r->placement, "x.photo"), r->state == GH_REN_PUBLISHING);
            assert_int_equal(r->approved_caption != NULL, out);
        }
        gh_item_free(&item);
        gh_ledger_close(&l);
    }
    assert_int_equal(access(kept, F_OK), 0);
    assert_int_equal(sqlite3_open(old, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw,
                                  "CREATE TEMP TABLE t(ok CHECK(ok = 1000)); INSERT INTO t"
                                  " SELECT seq FROM sqlite_sequence WHERE name = 'rendition'",
                                  NULL, NULL, NULL),
                     SQLITE_OK); /* no number is given twice */
    assert_int_equal(sqlite3_changes(raw), 1);
    if (version == 14)
        events_fall_due_as_they_do_today(raw);
    sqlite3_close(raw);
    GH_AUTO_FREE char *is = shape(old), *should = shape(f->path);
    assert_string_equal(is, should);
}

static void old_ledgers_are_migrated(void **state)
{
    for (int version = 1; version < GH_LEDGER_VERSION; version++)
        is_migrated(*state, version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(old_ledgers_are_migrated),
        T(batches_commit_whole_and_undo_single_failures),
        T(touched_is_told_once_after_the_commit),
        T(tampering_is_found),
        T(refuses_what_is_not_its_ledger),
        T(a_ledger_is_made_only_when_asked),
        T(opening_looks_at_the_ends_only),
        T(damage_in_the_middle_is_found_by_the_whole_check),
        T(a_damaged_page_is_refused),
        T(read_only_refuses_changes),
        T(kill_at_any_time_leaves_a_consistent_ledger),
        T(what_was_made_with_which_profile),
        T(lists_and_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
