/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox: exactly what is approved, checked by sha256sum; redone from any half; withdrawn;
 * never anything that was not approved. */
#include "tests/unit/test.h"

#include "daemon/publish/outbox.h"
#include "daemon/verify/inspect.h"

#include "base/clock.h"

#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <sqlite3.h>

static struct gh_err err;

struct fix {
    char dir[64];
    struct gh_conf conf;
    struct gh_ledger *l;
    int spool, staging, outbox;
    int64_t id;
    unsigned problems;
};

static int open_sub(struct fix *f, const char *name)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", f->dir, name);
    int fd = -1;
    assert_int_equal(mkdir(path, 02750), 0);
    OK(gh_open_dir(AT_FDCWD, path, &fd, &err));
    return fd;
}

static void put(int dir, const char *name, const char *bytes, char ret_hex[GH_SHA_HEX])
{
    OK(gh_write_file(dir, name, bytes, strlen(bytes), 0640, &err));
    gh_hash_mem(bytes, strlen(bytes), ret_hex);
}

static void stage(struct fix *f, const struct gh_claim *c, const char *placement, const char *bytes)
{
    char hex[GH_SHA_HEX];
    GH_AUTO_FREE char *dir = gh_asprintf("%" PRId64 "/%s", f->id, placement);
    OK(gh_mkdirs(f->staging, dir, 0750, &err));
    GH_AUTO_FREE char *stage = gh_asprintf("%s/out.jpg", dir);
    GH_AUTO_FD fd = -1;
    OK(gh_open_dir(f->staging, dir, &fd, &err));
    put(fd, "out.jpg", bytes, hex);
    struct gh_staged out = {.placement = placement,
                            .part = 1,
                            .sha256 = hex,
                            .bytes = strlen(bytes),
                            .w = 40,
                            .h = 30,
                            .removed = GH_META(GPS) | GH_META(SERIAL),
                            .checks_json = "[]",
                            .stage = stage};
    OK(gh_ledger_staged(f->l, NULL, c->file, c->token, &out, &err));
}

/* One staged submission with fb.photo, x.photo and a caption. */
static int setup(void **state)
{
    struct fix *f = gh_alloc(sizeof(*f));
    strcpy(f->dir, "/tmp/ghat-outbox-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    f->spool = open_sub(f, "spool");
    f->staging = open_sub(f, "staging");
    f->outbox = open_sub(f, "outbox");
    gh_conf_default(&f->conf);
    free(f->conf.spool), f->conf.spool = gh_asprintf("%s/spool", f->dir);
    free(f->conf.staging), f->conf.staging = gh_asprintf("%s/staging", f->dir);
    free(f->conf.outbox), f->conf.outbox = gh_asprintf("%s/outbox", f->dir);
    free(f->conf.archive), f->conf.archive = gh_asprintf("%s/archive", f->dir);
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir);
    OK(gh_ledger_create(path, 0, &err));
    OK(gh_ledger_open(path, &f->l, &err));
    struct gh_new_file file = {.name = "পূজা.jpg",
                               .name_len = strlen("পূজা.jpg"),
                               .size = 8,
                               .role = GH_FILE_MEDIA,
                               .guess = GH_PHOTO};
    put(f->spool, "x", "original", file.sha256);
    assert_int_equal(renameat(f->spool, "x", f->spool, file.sha256), 0);
    struct gh_new_sub sub = {.department = "roads",
                             .name = file.name,
                             .name_len = file.name_len,
                             .state = GH_SUB_RECEIVED,
                             .caption = "দুর্গাপূজা ২০২৬\nনতুন রাস্তা",
                             .dropped_ms = gh_now_ms(),
                             .files = &file,
                             .n_files = 1};
    OK(gh_ledger_add(f->l, NULL, &sub, &f->id, NULL, &err));
    struct gh_claim c;
    struct gh_err e;
    assert_int_equal(gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e), 1);
    struct gh_plan_row rows[] = {{.placement = "fb.photo",
                                  .part = 1,
                                  .parts = 1,
                                  .recipe = "a",
                                  .profile = "0123456789abcdef"},
                                 {.placement = "x.photo",
                                  .part = 1,
                                  .parts = 1,
                                  .recipe = "b",
                                  .profile = "0123456789abcdef"}};
    OK(gh_ledger_plan(f->l, NULL, c.file, c.token, rows, 2, &err));
    stage(f, &c, "fb.photo", "picture for one");
    stage(f, &c, "x.photo", "picture for another");
    OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, &err));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    gh_ledger_close(&f->l);
    gh_close_fd(&f->spool);
    gh_close_fd(&f->staging);
    gh_close_fd(&f->outbox);
    gh_conf_free(&f->conf);
    int r = gh_remove_tree(AT_FDCWD, f->dir, &err);
    free(f);
    return r;
}

static int decide(struct fix *f, enum gh_verdict v, const char *placement, const char *reason)
{
    char hash[GH_SHA_HEX];
    struct gh_err e = {0};
    struct gh_decision_req req = {.verdict = v,
                                  .submission = f->id,
                                  .placements = &placement,
                                  .n_placements = placement ? 1 : 0,
                                  .reason = reason,
                                  .set_hash = hash};
    OK(gh_ledger_set_hash(f->l, f->id, req.placements, req.n_placements, hash, &err));
    struct gh_who who = {.actor = "uid:0"};
    return gh_ledger_decide(f->l, &who, &req, NULL, &e);
}

static int write_out(struct fix *f, bool commit)
{
    struct gh_department dep = {.slug = "roads", .title = (char *)"রাস্তা বিভাগ"};
    dep.officer.name = (char *)"A. Officer";
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    if (gh_ledger_get(f->l, f->id, &item, &err) < 0)
        return -1;
    for (size_t i = 0; i < item.n_renditions; i++)
        if (item.renditions[i].decision != item.renditions[i].out)
            (void)!gh_ledger_publishing(f->l, NULL, f->id, item.renditions[i].decision, &err);
    gh_item_free(&item);
    if (gh_ledger_get(f->l, f->id, &item, &err) < 0)
        return -1;
    json_t *m =
        gh_manifest(&item, &(struct gh_manifest_about){.department = &dep, .now_ms = gh_now_ms()});
    char *text = json_dumps(m, JSON_INDENT(2));
    json_decref(m);
    int r = gh_outbox_write(&(struct gh_outbox_from){f->staging, f->staging}, f->outbox, &item,
                            text, &err);
    free(text);
    return r < 0 || !commit ? r : gh_ledger_published(f->l, NULL, &item, &err);
}

static char *folder(struct fix *f)
{
    struct gh_item item;
    char name[128];
    OK(gh_ledger_get(f->l, f->id, &item, &err));
    gh_outbox_folder(&item.sub, name, sizeof(name));
    gh_item_free(&item);
    return gh_asprintf("%s/outbox/%s", f->dir, name);
}

/* The judge: sha256sum itself, which must list as many files as there are beside the two texts. */
static void sums_hold(struct fix *f, unsigned files)
{
    GH_AUTO_FREE char *dir = folder(f);
    GH_AUTO_FREE char *cmd =
        gh_asprintf("cd %s && sha256sum --strict -c SHA256SUMS >/dev/null && test $(find . -type f "
                    "! -name SHA256SUMS "
                    "! -name manifest.json | wc -l) = %u && test $(wc -l < SHA256SUMS) = %u",
                    dir, files, files);
    assert_int_equal(system(cmd), 0);
}

static void count(const char *line, void *arg)
{
    struct fix *f = arg;
    f->problems++;
    if (getenv("GHAT_TEST_TALK"))
        print_message("%s\n", line);
}

static unsigned inspect(struct fix *f, bool idle)
{
    struct gh_inspect_opts opts = {
        .now_ms = gh_now_ms() + 1000, .grace_ms = idle ? 1 : 0, .idle = idle};
    struct gh_inspection sum;
    f->problems = 0;
    OK(gh_inspect(f->l, &f->conf, &opts, count, f, &sum, &err));
    assert_int_equal(sum.problems, f->problems);
    return f->problems;
}

static json_t *manifest(struct fix *f)
{
    GH_AUTO_FREE char *dir = folder(f);
    GH_AUTO_FREE char *path = gh_asprintf("%s/manifest.json", dir);
    json_t *m = json_load_file(path, 0, NULL);
    assert_non_null(m);
    return m;
}

static const char *text_of(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static void approved_files_appear_with_all_that_was_promised(void **state)
{
    struct fix *f = *state;
    assert_int_equal(inspect(f, true), 0);
    assert_int_equal(decide(f, GH_APPROVE, NULL, NULL), 0);
    OK(write_out(f, true));
    sums_hold(f, 3);
    assert_int_equal(inspect(f, true), 0);
    json_t *m = manifest(f), *file = json_array_get(json_object_get(m, "files"), 0);
    assert_int_equal(json_array_size(json_object_get(m, "files")), 2);
    assert_string_equal(text_of(m, "caption"), "দুর্গাপূজা ২০২৬\nনতুন রাস্তা");
    assert_string_equal(text_of(m, "original_name"), "পূজা.jpg");
    assert_string_equal(text_of(m, "approved_by"), "uid:0");
    assert_string_equal(text_of(json_object_get(m, "department"), "title"), "রাস্তা বিভাগ");
    assert_string_equal(text_of(json_object_get(m, "nodal_officer"), "name"), "A. Officer");
    assert_string_equal(text_of(file, "placement"), "fb.photo");
    assert_int_equal(json_integer_value(json_object_get(file, "width")), 40);
    assert_string_equal(json_string_value(json_array_get(json_object_get(file, "removed"), 0)),
                        "GPS position");
    assert_non_null(text_of(json_object_get(m, "times"), "approved"));
    /* names as the contract says, modes for the agency's group */
    GH_AUTO_FREE char *dir = folder(f);
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", dir, text_of(file, "path"));
    char want[128];
    snprintf(want, sizeof(want), "fb.photo/roads-%" PRId64 "-fb.photo-%.8s.jpg", f->id,
             text_of(file, "sha256"));
    assert_string_equal(text_of(file, "path"), want);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 02750);
    json_decref(m);
}

static void doing_it_again_changes_nothing(void **state)
{
    struct fix *f = *state;
    assert_int_equal(decide(f, GH_APPROVE, "fb.photo", NULL), 0);
    OK(write_out(f, false)); /* died before the commit */
    OK(write_out(f, false));
    OK(write_out(f, true));
    sums_hold(f, 2);
    assert_int_equal(inspect(f, false), 0);
    /* the rest is approved later: into the same folder */
    assert_int_equal(decide(f, GH_APPROVE, "x.photo", NULL), 0);
    OK(write_out(f, true));
    sums_hold(f, 3);
    assert_int_equal(inspect(f, true), 0);
}

static void withdrawn_files_go_and_are_listed(void **state)
{
    struct fix *f = *state;
    assert_int_equal(decide(f, GH_APPROVE, NULL, NULL), 0);
    OK(write_out(f, true));
    assert_int_equal(decide(f, GH_WITHDRAW, "x.photo", "a child's face"), 0);
    /* the folder lags, and holds a file nobody approves any more */
    assert_int_equal(inspect(f, true), 2);
    assert_int_equal(inspect(f, false), 0); /* with ghatd running that may be for a moment */
    OK(write_out(f, true));
    sums_hold(f, 2);
    json_t *m = manifest(f), *gone = json_array_get(json_object_get(m, "withdrawn"), 0);
    assert_string_equal(text_of(gone, "placement"), "x.photo");
    assert_string_equal(text_of(gone, "reason"), "a child's face");
    json_decref(m);
    assert_int_equal(decide(f, GH_WITHDRAW, NULL, "all of it"), 0);
    OK(write_out(f, true));
    sums_hold(f, 1); /* the caption, empty now */
    m = manifest(f);
    assert_true(json_is_null(json_object_get(m, "caption")));
    assert_int_equal(json_array_size(json_object_get(m, "files")), 0);
    assert_int_equal(json_array_size(json_object_get(m, "withdrawn")), 2);
    json_decref(m);
    assert_int_equal(inspect(f, true), 0);
}

static void a_later_caption_replaces_texts_only(void **state)
{
    struct fix *f = *state;
    struct stat before, after;
    assert_int_equal(decide(f, GH_APPROVE, NULL, NULL), 0);
    OK(write_out(f, true));
    GH_AUTO_FREE char *dir = folder(f);
    GH_AUTO_FREE char *any = gh_asprintf("ls %s/*/*.jpg | head -1 > %s/name", dir, f->dir);
    assert_int_equal(system(any), 0);
    GH_AUTO_FREE char *name = NULL;
    GH_AUTO_FREE char *where = gh_asprintf("%s/name", f->dir);
    size_t n;
    OK(gh_read_file(AT_FDCWD, where, 4096, &name, &n, &err));
    assert_int_equal(stat(gh_strip(name), &before), 0);
    OK(gh_ledger_set_caption(f->l, NULL, f->id, "new words", &err));
    assert_int_equal(inspect(f, true), 0); /* nothing to publish before somebody approves */
    assert_int_equal(decide(f, GH_APPROVE, NULL, NULL), 0);
    OK(write_out(f, true));
    sums_hold(f, 3);
    assert_int_equal(stat(gh_strip(name), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    json_t *m = manifest(f);
    assert_string_equal(text_of(m, "caption"), "new words");
    json_decref(m);
}

static char *outbox_text(struct fix *f, const char *name)
{
    GH_AUTO_FREE char *dir = folder(f);
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", dir, name);
    char *text = NULL;
    size_t n;
    OK(gh_read_file(AT_FDCWD, path, 1 << 20, &text, &n, &err));
    return text;
}

/* Each output keeps the words it was approved with, until it is approved with others. */
static void every_output_has_its_own_words(void **state)
{
    struct fix *f = *state;
    OK(gh_ledger_set_caption(f->l, NULL, f->id, "long words", &err));
    OK(gh_ledger_set_caption_of(f->l, NULL, f->id, "x.photo", "short", &err));
    OK(gh_ledger_set_alt(f->l, NULL, f->id, 1, "a road", &err));
    assert_int_equal(decide(f, GH_APPROVE, NULL, NULL), 0);
    OK(write_out(f, true));
    sums_hold(f, 3);
    GH_AUTO_FREE char *text = outbox_text(f, "caption.txt");
    assert_string_equal(text, "[fb.photo]\nlong words\n\n[x.photo]\nshort\n\n"
                              "[alt text: পূজা.jpg]\na road\n");
    json_t *m = manifest(f), *files = json_object_get(m, "files");
    assert_string_equal(text_of(json_array_get(files, 0), "caption"), "long words");
    assert_string_equal(text_of(json_array_get(files, 1), "caption"), "short");
    assert_string_equal(text_of(json_array_get(files, 1), "alt_text"), "a road");
    json_decref(m);
    OK(gh_ledger_set_caption(f->l, NULL, f->id, "longer words", &err));
    OK(gh_ledger_set_caption_of(f->l, NULL, f->id, "x.photo", "shorter", &err));
    assert_int_equal(decide(f, GH_APPROVE, "x.photo", NULL), 0);
    OK(write_out(f, true));
    sums_hold(f, 3);
    m = manifest(f), files = json_object_get(m, "files");
    assert_string_equal(text_of(json_array_get(files, 0), "caption"), "long words");
    assert_string_equal(text_of(json_array_get(files, 1), "caption"), "shorter");
    json_decref(m);
    assert_int_equal(inspect(f, true), 0);
}

/* Somebody writes a state into the ledger. */
static void a_state_without_a_decision_publishes_nothing(void **state)
{
    struct fix *f = *state;
    sqlite3 *raw;
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir);
    assert_int_equal(decide(f, GH_APPROVE, "fb.photo", NULL), 0);
    OK(write_out(f, true));
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw,
                                  "UPDATE rendition SET state = 'publishing';"
                                  "UPDATE submission SET manifest = manifest + 1",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(raw);
    assert_int_equal(write_out(f, false), -GH_BUG);
    sums_hold(f, 2);
    assert_true(inspect(f, false) > 0);
}

static void changed_bytes_are_never_published(void **state)
{
    struct fix *f = *state;
    char hex[GH_SHA_HEX];
    GH_AUTO_FREE char *dir = gh_asprintf("%" PRId64 "/fb.photo", f->id);
    GH_AUTO_FD fd = -1;
    assert_int_equal(decide(f, GH_APPROVE, NULL, NULL), 0);
    OK(gh_open_dir(f->staging, dir, &fd, &err));
    put(fd, "out.jpg", "something nobody saw", hex);
    assert_int_equal(write_out(f, true), -GH_BUG);
    GH_AUTO_FREE char *out = folder(f);
    GH_AUTO_FREE char *cmd =
        gh_asprintf("! grep -rq 'nobody saw' %s && test ! -e %s/manifest.json", out, out);
    assert_int_equal(system(cmd), 0);
    assert_true(inspect(f, false) > 0);
    /* and a foreign file under an approved name stops it, too */
    put(fd, "out.jpg", "picture for one", hex);
    OK(write_out(f, true));
    GH_AUTO_FREE char *swap =
        gh_asprintf("f=$(ls %s/fb.photo/*) && rm -f \"$f\" && echo other > \"$f\"", out);
    assert_int_equal(system(swap), 0);
    assert_int_equal(decide(f, GH_WITHDRAW, "x.photo", "to write again"), 0);
    assert_int_equal(write_out(f, true), -GH_BUG);
}

/* A child decides and publishes until it is killed. The next start finishes what it left, and
 * everything is in order. */
static void killed_anywhere_the_next_start_finishes(void **state)
{
    struct fix *f = *state;
    unsigned left = 0; /* rounds that left something to do */
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir);
    for (unsigned round = 0; round < 30; round++) {
        int beat[2];
        char byte;
        gh_ledger_close(&f->l);
        assert_int_equal(pipe(beat), 0);
        pid_t pid = fork();
        if (pid == 0) {
            struct gh_err e;
            if (gh_ledger_open(path, &f->l, &e) < 0)
                _exit(9);
            /* approve one, new captions, approve again: every text and file is written often */
            for (unsigned n = 0;; n++) {
                GH_AUTO_FREE char *caption = gh_asprintf("caption %u of %u", n, round);
                (void)!gh_ledger_set_caption(f->l, NULL, f->id, caption, &e);
                (void)!decide(f, GH_APPROVE, round < 15 && n == 0 ? "fb.photo" : NULL, NULL);
                (void)!write(beat[1], "", 1);
                if (write_out(f, true) < 0)
                    _exit(8);
            }
        }
        close(beat[1]);
        for (unsigned n = 0; n <= round % 3; n++)
            assert_int_equal(read(beat[0], &byte, 1), 1);
        usleep(round * 617 % 7000);
        kill(pid, SIGKILL);
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        close(beat[0]);
        OK(gh_ledger_open(path, &f->l, &err));
        int64_t *ids = NULL;
        size_t n = 0;
        OK(gh_ledger_unpublished(f->l, &ids, &n, &err));
        free(ids);
        left += n > 0;
        assert_int_equal(inspect(f, false), 0); /* half-way, nothing is wrong */
        if (n)
            OK(write_out(f, true));
        assert_int_equal(inspect(f, true), 0);
    }
    assert_true(left > 0);
}

/* Each of these must be noticed by `ghat verify`. */
static void inspection_finds_every_kind_of_damage(void **state)
{
    struct fix *f = *state;
    assert_int_equal(decide(f, GH_APPROVE, "fb.photo", NULL), 0);
    OK(write_out(f, true));
    assert_int_equal(inspect(f, true), 0);
    GH_AUTO_FREE char *out = folder(f);
    static const char *const damages[] = {
        "cd $D && echo x > outbox/stray.jpg",
        "cd $D && echo x >> $(ls $O/fb.photo/*)",
        "cd $D && rm $O/fb.photo/*",
        "cd $D && rm $O/manifest.json",
        "cd $D && rm $O/SHA256SUMS",
        "cd $D && echo >> $O/caption.txt",
        "cd $D && rm staging/*/x.photo/out.jpg",
        "cd $D && echo x > staging/unknown",
        "cd $D && rm spool/*",
        "cd $D && for s in spool/*; do echo x > $s; done",
        "cd $D && ln -s /etc/passwd $O/fb.photo/link",
        "cd $D && cp staging/*/x.photo/out.jpg $O/",
    };
    GH_AUTO_FREE char *save = gh_asprintf(
        "cd %s && rm -rf /tmp/ghat-saved-$PPID && cp -a . /tmp/ghat-saved-$PPID", f->dir);
    assert_int_equal(system(save), 0);
    for (size_t i = 0; i < GH_LEN(damages); i++) {
        GH_AUTO_FREE char *cmd = gh_asprintf("D=%s O=%s; %s", f->dir, out, damages[i]);
        assert_int_equal(system(cmd), 0);
        if (inspect(f, true) == 0)
            fail_msg("not noticed: %s", damages[i]);
        GH_AUTO_FREE char *back = gh_asprintf("cd %s && for d in spool staging outbox; do rm -rf "
                                              "$d/* && cp -a /tmp/ghat-saved-$PPID/$d/. $d/; done",
                                              f->dir);
        assert_int_equal(system(back), 0);
        assert_int_equal(inspect(f, true), 0);
    }
    assert_int_equal(system("rm -rf /tmp/ghat-saved-$PPID"), 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(approved_files_appear_with_all_that_was_promised),
        T(doing_it_again_changes_nothing),
        T(withdrawn_files_go_and_are_listed),
        T(a_later_caption_replaces_texts_only),
        T(every_output_has_its_own_words),
        T(a_state_without_a_decision_publishes_nothing),
        T(changed_bytes_are_never_published),
        T(killed_anywhere_the_next_start_finishes),
        T(inspection_finds_every_kind_of_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
