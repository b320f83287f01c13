/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An installation for tests of intake: a drop folder with one department (Water), a real ledger and
 * loop, no engine. What an officer can do with files is a function each; what the ledger holds is
 * compared as one line of text.
 */
#ifndef GH_TESTS_UNIT_HOUSE_H
#define GH_TESTS_UNIT_HOUSE_H

#include "tests/unit/test.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define QUIET 100 /* the department's quiet time in milliseconds */
#define PATIENCE_MS 20000

struct house {
    struct test_dir dir;
    struct gh_daemon d;
    int water; /* drop/Water */
    int64_t until;
    char want[200];
    char other[200]; /* a second way it may read */
};

static inline void house_open(struct house *h)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *ledger = gh_asprintf("%s/state/ledger.db", h->dir.path);
    struct gh_daemon *d = &h->d;
    OK(gh_dirs_open(&d->settings.conf, &d->settings.departments, &d->dirs, &err));
    OK(gh_loop_new(&d->loop, &err));
    if (!gh_ledger_known(ledger))
        OK(gh_ledger_create(ledger, 0, &err));
    OK(gh_ledger_open(ledger, &d->ledger, &err));
    d->space = (struct gh_space){.settings = &d->settings, .dirs = &d->dirs, .ledger = d->ledger};
    d->quiet = gh_quiet_open(&d->settings, d->ledger);
    d->forecast = gh_forecast_open(d->ledger);
    d->notes = (struct gh_notes){
        .ledger = d->ledger, .settings = &d->settings, .dirs = &d->dirs, .forecast = d->forecast};
    const struct gh_intake_parts parts = {.loop = d->loop,
                                          .ledger = d->ledger,
                                          .settings = &d->settings,
                                          .dirs = &d->dirs,
                                          .space = &d->space,
                                          .quiet = d->quiet};
    OK(gh_intake_resume(&parts, &err));
    d->intake = gh_intake_open(&parts);
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
    gh_notes_close(&h->d.notes);
    gh_forecast_close(&h->d.forecast);
    gh_quiet_close(&h->d.quiet);
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
    GH_AUTO_FREE char *text = gh_asprintf(
        "[paths]\nroot=%s\nstate=%s/"
        "state\n[intake]\nquiet=%dms\nscan=500ms\nreserve=0\ntext_wait=3s\nfiles=20\ninotify=%s\n"
        "at_once=no\n",
        h->dir.path, h->dir.path, QUIET, inotify ? "yes" : "no");
    gh_conf_parse(text, "/nowhere/ghat.conf", &h->d.settings.conf, &problems);
    h->d.settings.sets = gh_sets_new();
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
    gh_settings_free(&h->d.settings);
    gh_close_fd(&h->water);
    test_dir_free(&h->dir);
    free(h);
}
#define HOUSE __attribute__((cleanup(house_free))) struct house

static inline struct gh_sweep_parts house_sweep(struct house *h)
{
    return (struct gh_sweep_parts){.loop = h->d.loop,
                                   .ledger = h->d.ledger,
                                   .settings = &h->d.settings,
                                   .dirs = &h->d.dirs,
                                   .notes = &h->d.notes,
                                   .intake = h->d.intake,
                                   .clock = &h->d.clock};
}

/* ---------------------------------------------------------------- what an officer does and sees */

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
    gh_str_printf(out, "%s%s=%s", out->len ? " " : "", item->sub.name,
                  gh_sub_state_name(item->sub.state));
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

/* The ledger in one line: name=state(duplicate of)[files]"caption", and !n while n originals are
 * not yet moved away. To be freed. */
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
    return gh_streq(gh_str_text(&now), h->want) || gh_streq(gh_str_text(&now), h->other) ||
           gh_mono_ms() > h->until;
}

static inline void wake(struct gh_loop *loop, void *arg)
{
    gh_loop_after(loop, 10, wake, arg);
}

/* Run the loop until the ledger reads in one of two ways, for PATIENCE_MS at most. Is it the first?
 */
static inline bool becomes_either(struct house *h, const char *want, const char *other)
{
    h->until = gh_mono_ms() + PATIENCE_MS;
    GH_COPY(h->want, want);
    GH_COPY(h->other, other);
    static struct gh_loop *ticking;
    if (ticking != h->d.loop)
        gh_loop_after(ticking = h->d.loop, 10, wake, NULL);
    gh_loop_run_until(h->d.loop, as_wanted, h);
    GH_AUTO_STR now = ledger(h);
    if (!gh_streq(gh_str_text(&now), other))
        assert_string_equal(gh_str_text(&now), want);
    return gh_streq(gh_str_text(&now), want);
}

/* The same where there is one way. */
static inline void becomes(struct house *h, const char *want)
{
    becomes_either(h, want, want);
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

/* F8: claim the file that is due, and end the attempt like this. */
static inline void attempt(struct house *h, enum gh_attempt_end how, const char *reason)
{
    struct gh_err err = {0};
    GH_AUTO(gh_claim_free) struct gh_claim c = {0};
    assert_int_equal(gh_ledger_claim(h->d.ledger, NULL, 1u << GH_PHOTO, 0, &c, NULL, &err), 1);
    OK(gh_ledger_attempt_end(h->d.ledger, NULL, c.file, c.token, how, reason, 0, NULL, &err));
}

#endif
