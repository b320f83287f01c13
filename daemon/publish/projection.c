/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Touched submissions are projected in the order of their first touch, a few milliseconds in each
 * turn of the loop; folders in quarantine/ are written in a pool thread. */
#include "daemon/publish/projection.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "daemon/attempt/claims.h"
#include "daemon/publish/behind.h"
#include "daemon/store/stage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define GATHER_MS 40  /* commits of one submission often follow each other: projected together */
#define AT_ONCE_MS 10 /* of projecting, before other events get their turn */
/* How far the projection has come is kept in the ledger that often, and when ghatd stops: a start
 * after a crash projects what was touched since. */
#define KEEP_MS 60000
#define KEPT "projected"      /* setting: number of an audit row */
#define LEDGER_MS 1000        /* until a ledger that did not answer is asked again */
#define REASON_MAX (1u << 20) /* bytes of a reason.txt that is compared before it is replaced */

struct touched {
    int64_t id;
    struct touched *next;
};

struct gh_projection {
    struct gh_projection_parts parts;
    struct gh_claims *claims; /* NULL: there are no attempts */
    struct gh_map pending;    /* id → struct touched */
    struct touched *first, **last;
    uint64_t timer;
    uint64_t keep_timer; /* 0: nothing to keep */
    int64_t kept;        /* number of the audit row in the setting */
    unsigned writing;
    struct gh_behind *behind;
};

/* ----------------------------------------------------------------------------------- quarantine */

/* A folder of quarantine/ on its way through the pool. */
struct layout {
    struct gh_projection *owner;
    struct gh_item item;
    struct gh_str reason; /* the text of reason.txt */
    struct gh_err err;
};

static bool is_bad(const struct gh_item *item, const struct gh_file *f)
{
    return f->work == GH_WORK_BAD || item->sub.state == GH_SUB_QUARANTINED;
}

static int write_layout(struct layout *l, struct gh_err *err)
{
    char folder[32];
    GH_AUTO_FD dir = -1;
    const struct gh_dirs *dirs = l->owner->parts.dirs;
    snprintf(folder, sizeof(folder), "%" PRId64, l->item.sub.id);
    TRY(gh_stage_dirs(dirs->quarantine, folder, 0750, err));
    for (size_t i = 0; i < l->item.n_files; i++) {
        const struct gh_file *f = &l->item.files[i];
        if (is_bad(&l->item, f) && f->sha256[0])
            TRY(gh_stage_keep(dirs->spool, f->sha256, dirs->quarantine, folder, f->name,
                              f->name_len, f->id, err));
    }
    TRY(gh_open_dir(dirs->quarantine, folder, &dir, err));
    TRY(gh_write_file(dir, "reason.txt", l->reason.data, l->reason.len, 0640, err));
    return gh_sync(dirs->quarantine, err);
}

static void on_layout_work(void *arg)
{
    struct layout *l = arg;
    (void)!write_layout(l, &l->err);
}

static void on_layout_done(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct layout *l = arg;
    if (l->err.cls)
        gh_log_err(GH_LOG_WARNING, "quarantine-not-written", &l->err, "id=%" PRId64,
                   l->item.sub.id);
    l->owner->writing--;
    gh_item_free(&l->item);
    gh_str_free(&l->reason);
    free(l);
}

static void add_reason_line(struct gh_str *out, const char *label, const char *bytes, size_t n)
{
    gh_str_printf(out, "%s: ", label);
    gh_str_display(out, bytes, n);
    gh_str_puts(out, "\n");
}

/* The text of reason.txt. Returns how many files are bad. */
static size_t describe_bad(const struct gh_item *item, struct gh_str *out)
{
    size_t bad = 0;
    add_reason_line(out, "name", item->sub.name, item->sub.name_len);
    gh_str_printf(out, "department: %s\n", item->sub.department);
    if (item->sub.reason)
        add_reason_line(out, "reason", item->sub.reason, strlen(item->sub.reason));
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        if (!is_bad(item, f))
            continue;
        bad++;
        add_reason_line(out, "\nfile", f->name, f->name_len);
        if (*f->sha256)
            gh_str_printf(out, "sha256: %s\n", f->sha256);
        if (f->reason)
            add_reason_line(out, "reason", f->reason, strlen(f->reason));
    }
    return bad;
}

/* Bring the folder of an item in quarantine/ up to date. Takes ownership of what *item holds when
 * the folder must be written. */
static void quarantine_item(struct gh_projection *p, struct gh_item *item)
{
    const struct gh_dirs *dirs = p->parts.dirs;
    GH_AUTO_STR text = {0};
    GH_AUTO_FREE char *path = gh_asprintf("%" PRId64, item->sub.id);
    if (item->sub.retired & GH_KEPT_QUARANTINE)
        return;
    bool there = faccessat(dirs->quarantine, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    if (describe_bad(item, &text) == 0) { /* nothing to keep, or it was retried with success */
        if (there && item->sub.state != GH_SUB_QUARANTINED)
            (void)!gh_remove_tree(dirs->quarantine, path, NULL);
        return;
    }
    GH_AUTO_FREE char *old = NULL;
    size_t old_len = 0;
    GH_AUTO_FREE char *reason_path = gh_asprintf("%s/reason.txt", path);
    if (there &&
        gh_read_file(dirs->quarantine, reason_path, REASON_MAX, &old, &old_len, NULL) == 0 &&
        old_len == text.len && !memcmp(old, text.data, old_len))
        return;
    struct layout *l = gh_alloc(sizeof(*l));
    *l = (struct layout){.owner = p, .item = *item, .reason = text};
    *item = (struct gh_item){0};
    text = (struct gh_str){0};
    p->writing++;
    gh_loop_submit(p->parts.loop, on_layout_work, on_layout_done, l);
}

/* ------------------------------------------------------------------------------------ gathering */

/* Returns false when the ledger did not answer: the submission is projected later. */
static bool project_submission(struct gh_projection *p, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_err err = {0};
    if (gh_ledger_get(p->parts.ledger, id, &item, &err) < 0) {
        gh_log_err(GH_LOG_WARNING, "not-projected", &err, "id=%" PRId64, id);
        return err.cls != GH_AGAIN;
    }
    if (!gh_notes_write(p->parts.notes, &item))
        gh_behind_missed(p->behind, item.sub.department, p->kept);
    gh_publish(p->parts.publisher, &item);
    if (p->claims)
        gh_claims_check(p->claims, &item);
    quarantine_item(p, &item);
    return true;
}

static void append_touched(struct gh_projection *p, struct touched *t)
{
    t->next = NULL;
    *p->last = t;
    p->last = &t->next;
}

/* Returns in how many milliseconds the next one may be projected. */
static int64_t project_pending(struct gh_projection *p, int64_t most_ms)
{
    int64_t until = gh_mono_ms() + most_ms;
    for (bool some = false; p->first && (!some || gh_mono_ms() < until); some = true) {
        struct touched *t = p->first;
        p->first = t->next;
        if (!p->first)
            p->last = &p->first;
        if (!project_submission(p, t->id)) {
            append_touched(p, t);
            return LEDGER_MS;
        }
        gh_map_remove(&p->pending, &t->id, sizeof(t->id));
        free(t);
    }
    if (!p->first)
        gh_map_free(&p->pending);
    return 0;
}

/* Nothing waits and nothing is being written: all audit rows up to the newest are projected. */
static void keep_position(struct gh_projection *p)
{
    int64_t seq = gh_ledger_seq(p->parts.ledger);
    char text[32];
    struct gh_err err = {0};
    if (p->first || p->writing || seq == p->kept)
        return;
    GH_FORMAT(text, "%" PRId64, seq);
    if (gh_ledger_set_setting(p->parts.ledger, KEPT, text, &err) < 0)
        gh_log_err(GH_LOG_WARNING, "position-not-kept", &err, "seq=%" PRId64, seq);
    else
        p->kept = seq;
}

static void on_keep(struct gh_loop *loop, void *arg)
{
    (void)loop;
    struct gh_projection *p = arg;
    p->keep_timer = 0;
    keep_position(p);
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    struct gh_projection *p = arg;
    p->timer = 0;
    int64_t wait_ms = project_pending(p, AT_ONCE_MS);
    if (p->first)
        p->timer = gh_loop_after(loop, wait_ms, on_timer, p);
}

void gh_projection_touch(struct gh_projection *p, int64_t submission)
{
    if (p->claims)
        gh_claims_wake(p->claims);
    if (gh_map_get(&p->pending, &submission, sizeof(submission)))
        return;
    struct touched *t = gh_alloc(sizeof(*t));
    t->id = submission;
    gh_map_put(&p->pending, &submission, sizeof(submission), t);
    append_touched(p, t);
    if (!p->keep_timer)
        p->keep_timer = gh_loop_after(p->parts.loop, KEEP_MS, on_keep, p);
    if (!p->timer)
        p->timer = gh_loop_after(p->parts.loop, GATHER_MS, on_timer, p);
}

void gh_projection_flush(struct gh_projection *p)
{
    (void)project_pending(p, INT64_MAX / 2);
    gh_loop_cancel(p->parts.loop, &p->timer);
}

/* ----------------------------------------------------------------------------------------- life */

static bool touch_again(int64_t id, void *arg)
{
    gh_projection_touch(arg, id);
    return true;
}

int gh_projection_resume(struct gh_projection *p, struct gh_err *err)
{
    GH_AUTO_FREE char *text = NULL;
    uint64_t seq = 0;
    TRY(gh_ledger_setting(p->parts.ledger, KEPT, &text, err));
    if (text && gh_parse_u64(text, INT64_MAX, &seq))
        p->kept = (int64_t)seq;
    return gh_ledger_touched_since(p->parts.ledger, p->kept, touch_again, p, err);
}

static void touch_behind(void *arg, int64_t id)
{
    gh_projection_touch(arg, id);
}

static bool is_idle(void *arg)
{
    const struct gh_projection *p = arg;
    return !p->first;
}

struct gh_projection *gh_projection_open(const struct gh_projection_parts *parts)
{
    struct gh_projection *p = gh_alloc(sizeof(*p));
    *p = (struct gh_projection){.parts = *parts, .last = &p->first};
    p->behind = gh_behind_open(&(struct gh_behind_parts){.loop = parts->loop,
                                                         .notes = parts->notes,
                                                         .touch = touch_behind,
                                                         .idle = is_idle,
                                                         .arg = p});
    gh_sweep_temporaries_below(parts->dirs->quarantine, ".");
    return p;
}

void gh_projection_follow(struct gh_projection *p, struct gh_claims *claims)
{
    p->claims = claims;
}

unsigned gh_projection_busy(const struct gh_projection *p)
{
    return p->writing;
}

void gh_projection_close(struct gh_projection **pp)
{
    struct gh_projection *p = *pp;
    if (!p)
        return;
    gh_behind_close(&p->behind);
    gh_loop_cancel(p->parts.loop, &p->timer);
    gh_loop_cancel(p->parts.loop, &p->keep_timer);
    keep_position(p);
    for (struct touched *t; (t = p->first);) {
        p->first = t->next;
        free(t);
    }
    gh_map_free(&p->pending);
    gh_free_ptr(pp);
}
