/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A house for tests of intake: a drop folder with one department (Water), a real ledger and loop, and nobody who makes
 * renditions. Deeds of an officer, and the ledger in one line.
 */
#ifndef GH_TESTS_UNIT_HOUSE_H
#define GH_TESTS_UNIT_HOUSE_H

#include "tests/unit/test.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/intake.h"
#include "daemon/sweep.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define QUIET 100
#define PATIENCE_MS 20000

struct house {
    struct test_dir dir;
    struct gh_daemon d;
    int water; /* drop/Water */
    int64_t until;
    char want[200];
};

static inline void house_open(struct house *h)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *ledger = gh_asprintf("%s/state/ledger.db", h->dir.path);
    OK(gh_dirs_open(&h->d.conf, &h->d.departments, &h->d.dirs, &err));
    OK(gh_loop_new(&h->d.loop, &err));
    OK(gh_ledger_open(ledger, &h->d.ledger, &err));
    OK(gh_intake_resume(&h->d, &err));
    OK(gh_intake_open(&h->d, &h->d.intake, &err));
}

static inline bool idle(void *arg)
{
    struct house *h = arg;
    return !gh_intake_busy(h->d.intake) || gh_mono_ms() > h->until;
}

static inline void house_close(struct house *h)
{
    h->until = gh_mono_ms() + PATIENCE_MS;
    gh_intake_stop(h->d.intake);
    gh_loop_run_until(h->d.loop, idle, h);
    gh_intake_close(&h->d.intake);
    gh_ledger_close(&h->d.ledger);
    gh_loop_free(&h->d.loop);
    gh_dirs_close(&h->d.dirs);
}

static inline struct house *house_new(bool inotify)
{
    struct gh_err err = {0};
    struct house *h = gh_alloc(sizeof(*h));
    h->dir = test_dir_new();
    gh_log_init("test", GH_LOG_ERROR);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO_FREE char *text =
        gh_asprintf("[paths]\nroot=%s\nstate=%s/"
                    "state\n[intake]\nquiet=%dms\nscan=500ms\nreserve=0\ntext_wait=3s\nfiles=20\ninotify=%s\n",
                    h->dir.path, h->dir.path, QUIET, inotify ? "yes" : "no");
    gh_conf_parse(text, "/nowhere/ghat.conf", &h->d.conf, &problems);
    if (problems.n)
        fail_msg("%s", problems.list[0]);
    OK(gh_mkdirs(h->dir.fd, "drop/Water", 0755, &err));
    OK(gh_open_dir(h->dir.fd, "drop/Water", &h->water, &err));
    house_open(h);
    return h;
}

static inline void house_free(struct house **p)
{
    struct house *h = *p;
    house_close(h);
    gh_conf_free(&h->d.conf);
    gh_departments_free(&h->d.departments);
    gh_close_fd(&h->water);
    test_dir_free(&h->dir);
    free(h);
}
#define HOUSE __attribute__((cleanup(house_free))) struct house

/* ------------------------------------------------------------------------------------------- deeds and looks */

static inline void put(struct house *h, const char *name, const char *text)
{
    GH_AUTO_FD fd = openat(h->water, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static inline void make(struct house *h, const char *name)
{
    assert_int_equal(mkdirat(h->water, name, 0755), 0);
}

static inline bool exists(struct house *h, const char *name)
{
    return faccessat(h->water, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline bool add_line(const struct gh_item *item, void *arg)
{
    struct gh_str *out = arg;
    unsigned present = 0;
    gh_str_printf(out, "%s%s=%s", out->len ? " " : "", item->sub.name, gh_sub_state_name(item->sub.state));
    if (item->sub.duplicate_of)
        gh_str_printf(out, "(%" PRId64 ")", item->sub.duplicate_of);
    gh_str_puts(out, "[");
    for (size_t i = 0; i < item->n_files; i++) {
        gh_str_printf(out, "%s%s", i ? "," : "", item->files[i].name);
        present += item->files[i].source == GH_SOURCE_PRESENT;
    }
    gh_str_puts(out, "]");
    if (item->sub.caption)
        gh_str_printf(out, "\"%s\"", item->sub.caption);
    if (present)
        gh_str_printf(out, "!%u", present);
    return true;
}

/* The ledger in one line: name=state(duplicate of)[files]"caption", and !n while n originals are not yet moved away. */
static inline struct gh_str ledger(struct house *h)
{
    struct gh_err err = {0};
    struct gh_str out = {0};
    struct gh_list_filter all = {0};
    OK(gh_ledger_list(h->d.ledger, &all, add_line, &out, &err));
    return out;
}

static inline bool as_wanted(void *arg)
{
    struct house *h = arg;
    GH_AUTO_STR now = ledger(h);
    return gh_streq(gh_str_text(&now), h->want) || gh_mono_ms() > h->until;
}

static inline void wake(struct gh_loop *loop, void *arg)
{
    gh_loop_after(loop, 10, wake, arg);
}

/* Run until the ledger reads like this. */
static inline void becomes(struct house *h, const char *want)
{
    h->until = gh_mono_ms() + PATIENCE_MS;
    GH_COPY(h->want, want);
    static struct gh_loop *ticking;
    if (ticking != h->d.loop)
        gh_loop_after(ticking = h->d.loop, 10, wake, NULL);
    gh_loop_run_until(h->d.loop, as_wanted, h);
    GH_AUTO_STR now = ledger(h);
    assert_string_equal(gh_str_text(&now), want);
}

static inline bool later(void *arg)
{
    return gh_mono_ms() > ((struct house *)arg)->until;
}

static inline void run_for(struct house *h, int64_t ms)
{
    h->until = gh_mono_ms() + ms;
    gh_loop_after(h->d.loop, ms, (gh_timer_fn *)wake, NULL);
    gh_loop_run_until(h->d.loop, later, h);
}

#endif
