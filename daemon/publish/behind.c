/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A setting for each department that is behind, and a timer while there is one. Failures are tried
 * again. */
#include "daemon/publish/behind.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/ledger/audit.h"
#include "daemon/ledger/choices.h"
#include "daemon/loop/loop.h"
#include "daemon/site/folder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 3000
#define AGAIN_MOST_MS 60000 /* until the next try, when what was touched fails again */
#define SLICE 500           /* submissions that are looked at, and touched, in one turn … */
#define SLICE_MS 50         /* … and until the next, when all of them are projected */

/* Through the submissions of a department that is back. */
struct walk {
    int64_t after;           /* the number of the last one that was looked at */
    bool all;                /* that was the last of all */
    int64_t wait_ms, due_ms; /* since some failed again: for so long, until (monotonic); else 0 */
};

struct gh_behind {
    struct gh_behind_parts p;
    struct gh_map walks; /* slug → struct walk */
    uint64_t timer;
};

static char *key_of(const char *slug)
{
    return gh_asprintf("notes.behind:%s", slug);
}

/* From which audit row on: 0 and more; -1: it is not behind, or nobody knows now. */
static int64_t behind_since(const struct gh_behind *b, const char *slug)
{
    GH_AUTO_FREE char *key = key_of(slug);
    GH_AUTO_FREE char *text = NULL;
    uint64_t seq;
    struct gh_err err;
    if (gh_ledger_setting(b->p.notes->ledger, key, &text, &err) < 0 || !text ||
        !gh_parse_u64(text, INT64_MAX, &seq))
        return -1;
    return (int64_t)seq;
}

static void keep(const struct gh_behind *b, const char *slug, const char *value)
{
    GH_AUTO_FREE char *key = key_of(slug);
    struct gh_err err;
    if (gh_ledger_set_setting(b->p.notes->ledger, key, value, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "notes-behind", &err, "department=%s", slug);
}

static void touch_one(int64_t id, void *arg)
{
    struct gh_behind *b = arg;
    b->p.touch(b->p.arg, id);
}

static void forget(struct gh_behind *b, const char *slug)
{
    free(gh_map_remove(&b->walks, slug, strlen(slug)));
}

static struct walk *walk_of(struct gh_behind *b, const char *slug)
{
    struct walk *w = gh_map_get(&b->walks, slug, strlen(slug));
    if (w)
        return w;
    w = gh_alloc(sizeof(*w));
    *w = (struct walk){.after = 0};
    gh_map_put(&b->walks, slug, strlen(slug), w);
    return w;
}

/* Returns whether it goes on at once. */
static bool catch_up(struct gh_behind *b, const struct gh_department *d, int64_t since)
{
    struct gh_err err;
    GH_AUTO_FD dir = -1;
    const struct gh_notes *n = b->p.notes;
    if (gh_folder_open(n->ledger, n->dirs->drop, d->folder, &dir, &err) < 0) {
        forget(b, d->slug);
        return false;
    }
    struct walk *w = walk_of(b, d->slug);
    if (gh_mono_ms() < w->due_ms)
        return false;
    if (!b->p.idle(b->p.arg)) /* what was touched last is still on its way */
        return true;
    if (!w->all) {
        int more = gh_ledger_touched_slice(n->ledger, since, d->slug, SLICE, &w->after, touch_one,
                                           b, &err);
        w->all = more == 0;
        return more >= 0;
    }
    keep(b, d->slug, "");
    forget(b, d->slug);
    gh_log(GH_LOG_INFO, "notes-caught-up", "department=%s", d->slug);
    return false;
}

static void on_look(struct gh_loop *loop, void *arg)
{
    struct gh_behind *b = arg;
    const struct gh_settings *settings = b->p.notes->settings;
    bool any = false, soon = false;
    b->timer = 0;
    for (size_t i = 0; i < settings->departments.n; i++) {
        int64_t since = behind_since(b, settings->departments.list[i]->slug);
        any |= since >= 0;
        if (since >= 0)
            soon |= catch_up(b, settings->departments.list[i], since);
    }
    if (any)
        b->timer = gh_loop_after(loop, soon ? SLICE_MS : LOOK_MS, on_look, b);
}

void gh_behind_missed(struct gh_behind *b, const char *department, int64_t seq)
{
    char text[32];
    struct walk *w = gh_map_get(&b->walks, department, strlen(department));
    GH_FORMAT(text, "%" PRId64, seq);
    if (w && (w->after || w->all)) { /* once for all of a slice: from the first on again, later */
        int64_t wait_ms = w->wait_ms ? GH_MIN(2 * w->wait_ms, AGAIN_MOST_MS) : LOOK_MS;
        *w = (struct walk){.wait_ms = wait_ms, .due_ms = gh_mono_ms() + wait_ms};
    }
    if (behind_since(b, department) < 0)
        keep(b, department, text);
    if (!b->timer)
        b->timer = gh_loop_after(b->p.loop, LOOK_MS, on_look, b);
}

struct gh_behind *gh_behind_open(const struct gh_behind_parts *parts)
{
    struct gh_behind *b = gh_alloc(sizeof(*b));
    *b = (struct gh_behind){.p = *parts};
    b->timer = gh_loop_after(parts->loop, LOOK_MS, on_look, b);
    return b;
}

void gh_behind_close(struct gh_behind **pb)
{
    struct gh_behind *b = *pb;
    if (!b)
        return;
    size_t at = 0;
    gh_loop_cancel(b->p.loop, &b->timer);
    for (struct walk *w; (w = gh_map_next(&b->walks, &at));)
        free(w);
    gh_map_free(&b->walks);
    gh_free_ptr(pb);
}
