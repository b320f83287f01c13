/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A note that could not be written, whatever kept it, is written when it can be, without a change
 * of what it tells of. */
#include "tests/unit/ledger_fix.h"

#include "daemon/loop/loop.h"
#include "daemon/publish/behind.h"
#include "daemon/store/status.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MOST_MS 30000 /* it takes some 6 s */

struct house {
    struct fix *f;
    struct gh_settings settings;
    struct gh_dirs dirs;
    struct gh_notes notes;
    struct gh_loop *loop;
    struct gh_behind *behind;
    int64_t pending; /* it is touched, and is projected soon */
    unsigned touched;
    bool over;
};

static void write_note(struct gh_loop *loop, void *arg)
{
    struct house *h = arg;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    (void)loop;
    OK(gh_ledger_get(h->f->l, h->pending, &item, err));
    h->pending = 0;
    h->touched++;
    if (!gh_notes_write(&h->notes, &item))
        gh_behind_missed(h->behind, "roads", 0);
}

static void touch(void *arg, int64_t id)
{
    struct house *h = arg;
    h->pending = id;
    (void)gh_loop_after(h->loop, 1, write_note, h);
}

static bool is_idle(void *arg)
{
    const struct house *h = arg;
    return !h->pending;
}

static void on_over(struct gh_loop *loop, void *arg)
{
    struct house *h = arg;
    (void)loop;
    h->over = true;
}

static bool has_note(void *arg)
{
    const struct house *h = arg;
    struct stat st;
    return h->over ||
           fstatat(h->dirs.drop, "Roads/Status/a.jpg.txt", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void a_note_is_written_when_it_can_be_whatever_kept_it(void **state)
{
    struct fix *f = *state;
    struct gh_department roads = {.slug = "roads",
                                  .folder = (char *)"Roads",
                                  .title = (char *)"Roads",
                                  .languages = (char *)"en"};
    struct gh_department *list[] = {&roads};
    struct house h = {.f = f, .dirs = GH_DIRS_CLOSED};
    h.settings.sets = gh_sets_new();
    h.settings.departments.list = list;
    h.settings.departments.n = 1;
    h.settings.conf.notes_keep_ms = INT64_MAX / 2;
    h.dirs.drop = open(f->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    h.notes = (struct gh_notes){.ledger = f->l,
                                .settings = &h.settings,
                                .dirs = &h.dirs,
                                .forecast = gh_forecast_open(f->l)};
    OK(gh_loop_new(&h.loop, err));
    h.behind = gh_behind_open(&(struct gh_behind_parts){
        .loop = h.loop, .notes = &h.notes, .touch = touch, .idle = is_idle, .arg = &h});
    int64_t id = staged(f, "a.jpg");
    assert_int_equal(mkdirat(h.dirs.drop, "Roads", 0770), 0);
    assert_int_equal(mknodat(h.dirs.drop, "Roads/Status", S_IFREG | 0600, 0), 0);
    touch(&h, id);
    (void)gh_loop_after(h.loop, 5000, on_over, &h); /* one more try */
    (void)gh_loop_run_until(h.loop, has_note, &h);
    assert_int_equal(h.touched, 2);
    h.over = false;
    assert_int_equal(unlinkat(h.dirs.drop, "Roads/Status", 0), 0);
    (void)gh_loop_after(h.loop, MOST_MS, on_over, &h);
    (void)gh_loop_run_until(h.loop, has_note, &h);
    struct stat st;
    assert_int_equal(fstatat(h.dirs.drop, "Roads/Status/a.jpg.txt", &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(h.touched, 3); /* not in haste */
    gh_behind_close(&h.behind);
    gh_loop_free(&h.loop);
    gh_notes_close(&h.notes);
    gh_forecast_close(&h.notes.forecast);
    gh_dirs_close(&h.dirs);
    gh_sets_unref(&h.settings.sets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_note_is_written_when_it_can_be_whatever_kept_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
