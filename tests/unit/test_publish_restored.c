/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is published under a ledger that was restored, and when very much lags behind: a withdrawal
 * goes though all else is held; what fails waits, and keeps nothing else from going out; what is
 * put aside, odd things among it, goes to another file system, too. */
#include "tests/unit/ledger_fix.h"

#include "daemon/publish/outbox.h"
#include "daemon/publish/publish.h"
#include "daemon/publish/restored.h"

#include <inttypes.h>
#include <jansson.h>

#define LAGGING 300  /* more than are written at once */
#define LOUD 1000000 /* bytes of the log: far more than a few lines for each of them */

struct house {
    struct fix *f;
    struct gh_settings settings;
    struct gh_dirs dirs;
    struct gh_loop *loop;
    struct gh_publisher *p;
    int64_t awaited;
    int log;
};

static int open_sub(struct fix *f, const char *name)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", f->dir, name);
    int fd = -1;
    OK(gh_mkdirs(AT_FDCWD, path, 0750, err));
    OK(gh_open_dir(AT_FDCWD, path, &fd, err));
    return fd;
}

static void open_house(struct house *h, struct fix *f)
{
    *h = (struct house){.f = f, .dirs = GH_DIRS_CLOSED, .log = -1};
    h->settings.sets = gh_sets_new();
    h->dirs.staging = open_sub(f, "staging");
    h->dirs.outbox = open_sub(f, "outbox");
    h->dirs.quarantine = open_sub(f, "quarantine");
    OK(gh_loop_new(&h->loop, err));
    h->p = gh_publisher_open(&(struct gh_publisher_parts){
        .loop = h->loop, .ledger = f->l, .settings = &h->settings, .dirs = &h->dirs});
}

static bool is_idle(void *arg)
{
    struct house *h = arg;
    return !gh_publisher_busy(h->p);
}

static void close_house(struct house *h)
{
    gh_publisher_stop(h->p);
    if (!is_idle(h))
        (void)gh_loop_run_until(h->loop, is_idle, h);
    gh_publisher_close(&h->p);
    gh_loop_free(&h->loop);
    gh_dirs_close(&h->dirs);
    gh_sets_unref(&h->settings.sets);
}

static struct gh_item get(struct fix *f, int64_t id)
{
    struct gh_item item = {0};
    OK(gh_ledger_get(f->l, id, &item, err));
    return item;
}

static char *file_of(const struct gh_item *item, const char *placement)
{
    char folder[128], path[256] = "";
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    for (size_t i = 0; i < item->n_renditions; i++)
        if (!strcmp(item->renditions[i].placement, placement))
            gh_outbox_path(item, &item->renditions[i], path, sizeof(path));
    return gh_asprintf("%s/%s", folder, path);
}

static void put(int dir, const char *path, const char *text)
{
    GH_AUTO_FREE char *folder = gh_strdup(path);
    *strrchr(folder, '/') = '\0';
    GH_AUTO_FD fd = -1;
    OK(gh_mkdirs(dir, folder, 0750, err));
    OK(gh_open_dir(dir, folder, &fd, err));
    OK(gh_write_file(fd, strrchr(path, '/') + 1, text, strlen(text), 0640, err));
}

static bool is_in(int dir, const char *path)
{
    return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void sql(struct fix *f, const char *text)
{
    sqlite3 *raw;
    char *why = NULL;
    assert_int_equal(sqlite3_open(f->path, &raw), SQLITE_OK);
    if (sqlite3_exec(raw, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    sqlite3_close(raw);
}

/* ------------------------------------------------------------------------------- while it is held
 */

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  "

/* SHA256SUMS of two files, and a caption; what it says. */
static void put_sums(struct house *h, const struct gh_item *item)
{
    char folder[128];
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    GH_AUTO_FREE char *x = file_of(item, "x.photo"), *fb = file_of(item, "fb.photo");
    GH_AUTO_FREE char *text = gh_asprintf(SUM "%s\n" SUM "%s\n" SUM "caption.txt\n",
                                          x + strlen(folder) + 1, fb + strlen(folder) + 1);
    GH_AUTO_FREE char *path = gh_asprintf("%s/SHA256SUMS", folder);
    GH_AUTO_FREE char *caption = gh_asprintf("%s/caption.txt", folder);
    put(h->dirs.outbox, path, text);
    put(h->dirs.outbox, caption, "words");
}

/* manifest.json of these two, and of one that was withdrawn after the backup. */
static void put_manifest(struct house *h, const struct gh_item *item)
{
    char folder[128];
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    GH_AUTO_FREE char *x = file_of(item, "x.photo"), *fb = file_of(item, "fb.photo");
    GH_AUTO_FREE char *text =
        gh_asprintf("{\"id\": 1, \"files\": [{\"path\": \"%s\"}, {\"path\": \"%s\"}], "
                    "\"withdrawn\": [{\"path\": \"later.jpg\"}]}",
                    x + strlen(folder) + 1, fb + strlen(folder) + 1);
    GH_AUTO_FREE char *path = gh_asprintf("%s/manifest.json", folder);
    put(h->dirs.outbox, path, text);
}

/* "FILES; WITHDRAWN": what the manifest says, by the placements of paths. */
static const char *manifest(struct house *h, const struct gh_item *item)
{
    static char said[400];
    static const char *const lists[] = {"files", "withdrawn"};
    char folder[128];
    GH_AUTO_FREE char *read = NULL;
    GH_AUTO_STR out = {0};
    size_t n = 0, k;
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    GH_AUTO_FREE char *path = gh_asprintf("%s/manifest.json", folder);
    OK(gh_read_file(h->dirs.outbox, path, 10000, &read, &n, err));
    json_t *o = json_loadb(read, n, 0, NULL), *entry;
    for (size_t i = 0; i < GH_LEN(lists); i++) {
        json_array_foreach (json_object_get(o, lists[i]), k, entry) {
            const char *at = json_string_value(json_object_get(entry, "path"));
            gh_str_printf(&out, "%s%.*s", k ? " " : "", (int)strcspn(at, "/"), at);
        }
        gh_str_puts(&out, i ? "" : "; ");
    }
    json_decref(o);
    GH_COPY(said, gh_str_text(&out));
    return said;
}

static const char *sums(struct house *h, const struct gh_item *item)
{
    static char text[2000];
    char folder[128];
    GH_AUTO_FREE char *read = NULL;
    size_t n = 0;
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    GH_AUTO_FREE char *path = gh_asprintf("%s/SHA256SUMS", folder);
    OK(gh_read_file(h->dirs.outbox, path, sizeof(text) - 1, &read, &n, err));
    GH_COPY(text, read);
    return text;
}

/* Its other file was withdrawn after the backup, and put aside: that holds the item. */
static void a_withdrawal_goes_though_another_file_is_missing(void **state)
{
    struct house h;
    open_house(&h, *state);
    int64_t id = staged(h.f, "a.jpg");
    OK(decide(h.f, GH_APPROVE, id, NULL, NULL, err));
    publish(h.f, id);
    OK(gh_ledger_set_setting(h.f->l, GH_RESTORED_KEY, "frozen 1 2 ledger", err));
    GH_AUTO(gh_item_free) struct gh_item item = get(h.f, id);
    GH_AUTO_FREE char *out = file_of(&item, "x.photo"), *missing = file_of(&item, "fb.photo");
    put(h.dirs.outbox, out, "it is out");
    put_sums(&h, &item);
    put_manifest(&h, &item);
    gh_item_free(&item);
    OK(decide(h.f, GH_WITHDRAW, id, "x.photo", "wrong ward", err));
    item = get(h.f, id);
    gh_publish(h.p, &item);
    if (!is_idle(&h))
        (void)gh_loop_run_until(h.loop, is_idle, &h);
    assert_false(is_in(h.dirs.outbox, out));
    assert_false(is_in(h.dirs.outbox, missing));
    assert_string_equal(sums(&h, &item), SUM "caption.txt\n");
    assert_string_equal(manifest(&h, &item), "; later.jpg x.photo");
    gh_item_free(&item);
    item = get(h.f, id);
    assert_int_not_equal(item.sub.manifest,
                         item.sub.manifest_done); /* the rest of it waits still */
    close_house(&h);
}

/* ---------------------------------------------------------------------------- very much lags
 * behind
 */

/* Submissions with the next numbers, alike, whose folders cannot be made but for the last one. */
static int64_t lag(struct house *h)
{
    int64_t id = staged(h->f, "a.jpg");
    OK(decide(h->f, GH_APPROVE, id, NULL, NULL, err));
    publish(h->f, id);
    GH_AUTO_STR text = {0};
    gh_str_puts(&text, "BEGIN; UPDATE submission SET manifest = manifest + 1;"
                       "CREATE TEMP TABLE one AS SELECT * FROM submission;");
    for (int i = 1; i < LAGGING; i++)
        gh_str_puts(&text, "UPDATE one SET id = id + 1; INSERT INTO submission SELECT * FROM one;");
    gh_str_puts(&text, "COMMIT");
    sql(h->f, gh_str_text(&text));
    for (int64_t n = id; n < id + LAGGING - 1; n++) {
        char folder[128];
        GH_AUTO(gh_item_free) struct gh_item item = get(h->f, n);
        gh_outbox_folder(&item.sub, folder, sizeof(folder));
        put(h->dirs.outbox, folder, "in the way");
    }
    return id + LAGGING - 1;
}

static bool is_published(void *arg)
{
    struct house *h = arg;
    GH_AUTO(gh_item_free) struct gh_item item = get(h->f, h->awaited);
    return item.sub.manifest == item.sub.manifest_done;
}

static bool is_idle_or_loud(void *arg)
{
    struct house *h = arg;
    return is_idle(h) || lseek(h->log, 0, SEEK_CUR) > LOUD;
}

static void give_up(struct gh_loop *loop, void *arg)
{
    (void)arg;
    gh_loop_quit(loop, 1);
}

static void what_fails_waits_and_keeps_nothing_else(void **state)
{
    struct house h;
    open_house(&h, *state);
    GH_AUTO_FREE char *log = gh_asprintf("%s/log", h.f->dir);
    GH_AUTO_FD was = dup(STDERR_FILENO);
    h.awaited = lag(&h);
    h.log = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(h.log, STDERR_FILENO);
    gh_publisher_recover(h.p);
    (void)gh_loop_run_until(h.loop, is_idle_or_loud, &h);
    bool loud = !is_idle(&h);
    uint64_t patience = gh_loop_after(h.loop, 40000, give_up, NULL);
    int late = loud ? 0 : gh_loop_run_until(h.loop, is_published, &h);
    gh_loop_cancel(h.loop, &patience);
    dup2(was, STDERR_FILENO);
    gh_close_fd(&h.log);
    assert_false(loud);
    assert_int_equal(late, 0);
    close_house(&h);
}

/* ----------------------------------------------------------------------------------- odd things
 */

/* A link out of the outbox, and a pipe, which would keep whoever opens it. */
static void put_odd(int dir, const char *folder)
{
    GH_AUTO_FREE char *link = gh_asprintf("%s/odd link", folder);
    GH_AUTO_FREE char *pipe = gh_asprintf("%s/odd pipe", folder);
    OK(gh_mkdirs(dir, folder, 0750, err));
    assert_int_equal(symlinkat("/etc", dir, link), 0);
    assert_int_equal(mkfifoat(dir, pipe, 0640), 0);
}

static bool has_odd(int dir, const char *folder)
{
    GH_AUTO_FREE char *link = gh_asprintf("%s/odd link", folder);
    GH_AUTO_FREE char *pipe = gh_asprintf("%s/odd pipe", folder);
    bool a = is_in(dir, link), b = is_in(dir, pipe);
    assert_int_equal(a, b);
    return a;
}

/* In each folder of the outbox, in the place of one, and in one that nobody knows. */
static void clear_odd_things(struct house *h)
{
    unsigned moved = 0;
    char folder[128], other[128];
    int64_t id = staged(h->f, "a.jpg"), gone = staged(h->f, "b.jpg");
    OK(decide(h->f, GH_APPROVE, id, NULL, NULL, err));
    OK(decide(h->f, GH_APPROVE, gone, NULL, NULL, err));
    publish(h->f, id);
    publish(h->f, gone);
    GH_AUTO(gh_item_free) struct gh_item item = get(h->f, id), lost = get(h->f, gone);
    GH_AUTO_FREE char *out = file_of(&item, "x.photo");
    GH_AUTO_FREE char *placement = gh_strdup(out), *day = gh_strdup(out);
    *strrchr(placement, '/') = '\0';
    *strchr(day, '/') = '\0';
    gh_outbox_folder(&item.sub, folder, sizeof(folder));
    gh_outbox_folder(&lost.sub, other, sizeof(other));
    put(h->dirs.outbox, out, "it is out");
    put_sums(h, &item);
    GH_AUTO_FREE char *manifest = gh_asprintf("%s/manifest.json", folder);
    assert_int_equal(mkfifoat(h->dirs.outbox, manifest, 0640), 0);
    const char *const folders[] = {".", day, folder, placement, "2020-01-01/roads-9/x.photo"};
    for (size_t i = 0; i < GH_LEN(folders); i++)
        put_odd(h->dirs.outbox, folders[i]);
    assert_int_equal(mkfifoat(h->dirs.outbox, other, 0640), 0);
    OK(gh_restored_clear_outbox(h->f->l, &h->dirs, &moved, err));
    assert_int_equal(moved, 2 * 4 + 3);
    assert_true(is_in(h->dirs.outbox, out));
    assert_false(is_in(h->dirs.outbox, manifest));
    assert_null(strstr(sums(h, &item), "fb.photo"));
    assert_non_null(strstr(sums(h, &item), "x.photo"));
    assert_false(is_in(h->dirs.outbox, other));
    for (size_t i = 0; i < GH_LEN(folders); i++) {
        GH_AUTO_FREE char *aside = gh_asprintf("unknown/%s", folders[i]);
        assert_false(has_odd(h->dirs.outbox, folders[i]));
        assert_true(has_odd(h->dirs.quarantine, aside));
    }
}

static void odd_things_are_put_aside_unopened(void **state)
{
    struct house h;
    open_house(&h, *state);
    clear_odd_things(&h);
    close_house(&h);
}

/* What an earlier restore put aside may lie in the place of each folder that is needed there. */
static void clear_beside_what_was_put_aside(struct house *h)
{
    unsigned moved = 0;
    char folder[128];
    int64_t id = staged(h->f, "a.jpg"), next = staged(h->f, "b.jpg");
    const int64_t ids[] = {id, next};
    for (size_t i = 0; i < GH_LEN(ids); i++) {
        OK(decide(h->f, GH_APPROVE, ids[i], NULL, NULL, err));
        publish(h->f, ids[i]);
        GH_AUTO(gh_item_free) struct gh_item item = get(h->f, ids[i]);
        GH_AUTO_FREE char *out = file_of(&item, "x.photo");
        GH_AUTO_FREE char *placement = gh_strndup(out, (size_t)(strrchr(out, '/') - out));
        GH_AUTO_FREE char *unknown = gh_asprintf("%s/unknown.jpg", placement);
        gh_outbox_folder(&item.sub, folder, sizeof(folder));
        GH_AUTO_FREE char *aside = gh_asprintf("unknown/%s", i ? placement : folder);
        put(h->dirs.outbox, out, "it is out");
        put_sums(h, &item);
        put_manifest(h, &item);
        put(h->dirs.outbox, unknown, "nobody's");
        put(h->dirs.quarantine, aside, "in the way");
    }
    OK(gh_restored_clear_outbox(h->f->l, &h->dirs, &moved, err));
    assert_int_equal(moved, 2);
    for (size_t i = 0; i < GH_LEN(ids); i++) {
        GH_AUTO(gh_item_free) struct gh_item item = get(h->f, ids[i]);
        GH_AUTO_FREE char *out = file_of(&item, "x.photo");
        gh_outbox_folder(&item.sub, folder, sizeof(folder));
        assert_true(is_in(h->dirs.outbox, out));
        assert_string_equal(manifest(h, &item), "x.photo; later.jpg");
        const char *rest = out + strlen(folder);
        GH_AUTO_FREE char *aside =
            gh_asprintf("unknown/%s%s%.*s%s/unknown.jpg", folder, i ? "" : "~2",
                        (int)(strrchr(rest, '/') - rest), rest, i ? "~2" : "");
        assert_true(is_in(h->dirs.quarantine, aside));
    }
}

static void an_approved_folder_stays_whatever_was_put_aside_before(void **state)
{
    struct house h;
    open_house(&h, *state);
    clear_beside_what_was_put_aside(&h);
    close_house(&h);
}

/* ------------------------------------------------------------------------------ another file
 * system
 */

/* A folder of it that takes the place of quarantine/; NULL: there is none. The caller's. */
static char *quarantine_elsewhere(struct house *h)
{
    struct stat a, b;
    GH_AUTO_FREE char *shm = gh_strdup("/dev/shm/ghat-aside-XXXXXX");
    if (!mkdtemp(shm))
        return NULL;
    gh_close_fd(&h->dirs.quarantine);
    OK(gh_open_dir(AT_FDCWD, shm, &h->dirs.quarantine, err));
    assert_int_equal(fstat(h->dirs.quarantine, &a) | fstat(h->dirs.outbox, &b), 0);
    if (a.st_dev != b.st_dev)
        return gh_steal(&shm);
    (void)!gh_remove_tree(AT_FDCWD, shm, NULL);
    return NULL;
}

static void odd_things_go_to_another_file_system(void **state)
{
    struct house h;
    char *text = NULL;
    size_t n = 0;
    open_house(&h, *state);
    GH_AUTO_FREE char *shm = quarantine_elsewhere(&h);
    if (!shm)
        skip();
    clear_odd_things(&h);
    OK(gh_read_file(h.dirs.quarantine, "unknown/odd link", 99, &text, &n, err));
    assert_string_equal(text, "It was a link to /etc\n");
    free(text);
    OK(gh_remove_tree(AT_FDCWD, shm, err));
    close_house(&h);
}

static void an_approved_folder_stays_beside_another_file_system(void **state)
{
    struct house h;
    open_house(&h, *state);
    GH_AUTO_FREE char *shm = quarantine_elsewhere(&h);
    if (!shm)
        skip();
    clear_beside_what_was_put_aside(&h);
    OK(gh_remove_tree(AT_FDCWD, shm, err));
    close_house(&h);
}

static void what_is_put_aside_goes_to_another_file_system(void **state)
{
    struct house h;
    unsigned moved = 0;
    char *text = NULL;
    size_t n = 0;
    open_house(&h, *state);
    GH_AUTO_FREE char *shm = quarantine_elsewhere(&h);
    if (!shm)
        skip();
    put(h.dirs.outbox, "2026-11-28/roads-9/x.photo/one.jpg", "one");
    put(h.dirs.outbox, "2026-11-28/roads-9/x.photo/.tmp-0", "half");
    put(h.dirs.outbox, "2026-11-28/roads-9/caption.txt", "words");
    put(h.dirs.quarantine, "unknown/2026-11-28/roads-9/caption.txt", "earlier words");
    OK(gh_restored_clear_outbox(h.f->l, &h.dirs, &moved, err));
    assert_int_equal(moved, 1);
    assert_false(is_in(h.dirs.outbox, "2026-11-28"));
    OK(gh_read_file(h.dirs.quarantine, "unknown/2026-11-28/roads-9/x.photo/one.jpg", 9, &text, &n,
                    err));
    assert_string_equal(text, "one");
    free(text);
    OK(gh_read_file(h.dirs.quarantine, "unknown/2026-11-28/roads-9/caption.txt~2", 9, &text, &n,
                    err));
    assert_string_equal(text, "words");
    free(text);
    OK(gh_remove_tree(AT_FDCWD, shm, err));
    close_house(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_withdrawal_goes_though_another_file_is_missing),
        T(what_fails_waits_and_keeps_nothing_else),
        T(odd_things_are_put_aside_unopened),
        T(an_approved_folder_stays_whatever_was_put_aside_before),
        T(an_approved_folder_stays_beside_another_file_system),
        T(odd_things_go_to_another_file_system),
        T(what_is_put_aside_goes_to_another_file_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
