/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rounds of the sweep, each of many steps. The age of a file is judged by its ctime, when it
 * was moved or linked here, whatever mtime its owner gave it. */
#include "daemon/upkeep/sweep.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "daemon/engine/engine.h"
#include "daemon/store/preview.h"
#include "daemon/upkeep/retention.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_MS (60 * 1000)           /* from the start to the first round */
#define EVERY_MS (3600 * 1000)         /* from the end of a round to the next */
#define PAUSE_MS 10                    /* between steps: other events get their turn */
#define SLICE 64                       /* directory entries of one step */
#define READ_MAX (GH_READ_AT_ONCE / 4) /* bytes of one step; what goes beyond it is its last */
#define ORPHAN_MS (48ll * 3600 * 1000) /* longer than any copy or batch lives */
#define HASH_LEN (GH_SHA_HEX - 1)

/* The trees, in the order in which a round goes through them. */
enum tree { IN_TAKEN, IN_SPOOL, IN_WORK, IN_PREVIEW, TREES };

struct gh_sweep {
    struct gh_sweep_parts p;
    uint64_t timer;
    enum tree tree;                    /* TREES: all of them are done */
    DIR *dir;                          /* of tree; NULL: not opened yet */
    struct gh_retention retention;     /* of this round */
    size_t cleaned;                    /* departments whose notes were looked at in this round */
    struct gh_notes_cleaning cleaning; /* of the next one */
    unsigned removed, back;
    uint64_t read;     /* bytes, in this step */
    char head_day[11]; /* on which the journal was told the audit's head */
    unsigned previews; /* kept in this round, and their bytes */
    uint64_t preview_bytes;
    int64_t preview_keep_ms; /* older ones go */
};

static int64_t age_ms(const struct stat *st, int64_t now_ms)
{
    return now_ms - ((int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000);
}

bool gh_sweep_spooled(const struct gh_sweep_parts *p, const char *name, int64_t now_ms)
{
    struct stat st;
    struct gh_err err = {0};
    if (strspn(name, "0123456789abcdef") != HASH_LEN || name[HASH_LEN] ||
        gh_ledger_has_blob(p->ledger, name, &err) != 0)
        return false;
    if (fstatat(p->dirs->spool, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        age_ms(&st, now_ms) < ORPHAN_MS)
        return false;
    return unlinkat(p->dirs->spool, name, 0) == 0;
}

/* Remove what an attempt kept of a long video for the next attempt, if there never was one. */
static bool sweep_work(const struct gh_sweep_parts *p, const char *name, int64_t now_ms)
{
    struct stat st;
    if (strlen(name) != HASH_LEN + strlen(GH_KEPT) || !gh_ends(name, GH_KEPT))
        return false;
    if (fstatat(p->dirs->work, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        age_ms(&st, now_ms) < ORPHAN_MS)
        return false;
    return unlinkat(p->dirs->work, name, 0) == 0;
}

/* Remove a preview of what is not there any more, and, where there are too many, the oldest. */
static bool sweep_preview(struct gh_sweep *s, const char *name, int64_t now_ms, bool trusted)
{
    struct stat st;
    struct gh_err err = {0};
    char sha256[GH_SHA_HEX];
    if (!gh_preview_name_sha(name, sha256) ||
        fstatat(s->p.dirs->preview, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    bool old = trusted && age_ms(&st, now_ms) > s->preview_keep_ms;
    if ((old || gh_ledger_has_bytes(s->p.ledger, sha256, &err) == 0) &&
        unlinkat(s->p.dirs->preview, name, 0) == 0)
        return true;
    s->previews++;
    s->preview_bytes += (uint64_t)st.st_size;
    return false;
}

static enum gh_taken_fate sweep_entry(struct gh_sweep *s, const char *name, int64_t now_ms)
{
    bool trusted = !s->p.clock->doubt[0]; /* else nothing is old */
    bool removed = false;
    switch (s->tree) {
    case IN_TAKEN:
        return gh_intake_check_taken(s->p.intake, name, trusted, &s->read);
    case IN_SPOOL:
        removed = trusted && gh_sweep_spooled(&s->p, name, now_ms);
        break;
    case IN_WORK:
        removed = trusted && sweep_work(&s->p, name, now_ms);
        break;
    case IN_PREVIEW:
        removed = sweep_preview(s, name, now_ms, trusted);
        break;
    case TREES:
        break;
    }
    return removed ? GH_TAKEN_REMOVED : GH_TAKEN_KEPT;
}

/* The next entry of the tree, NULL at its end. */
static const struct dirent *next_entry(struct gh_sweep *s)
{
    if (!s->dir) {
        const int trees[TREES] = {
            [IN_TAKEN] = s->p.dirs->taken,
            [IN_SPOOL] = s->p.dirs->spool,
            [IN_WORK] = s->p.dirs->work,
            [IN_PREVIEW] = s->p.dirs->preview,
        };
        int fd = openat(trees[s->tree], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        s->dir = fd >= 0 ? fdopendir(fd) : NULL;
    }
    return s->dir ? readdir(s->dir) : NULL;
}

static void sweep_slice(struct gh_sweep *s)
{
    s->read = 0;
    for (unsigned n = 0; n < SLICE && s->read < READ_MAX && s->tree < TREES; n++) {
        const struct dirent *e = next_entry(s);
        if (!e) {
            if (s->dir)
                closedir(s->dir);
            s->dir = NULL;
            s->tree++;
            continue;
        }
        if (e->d_name[0] == '.')
            continue;
        enum gh_taken_fate fate = sweep_entry(s, e->d_name, gh_now_ms());
        s->removed += fate == GH_TAKEN_REMOVED;
        s->back += fate == GH_TAKEN_BACK;
    }
}

/* One step of a round: a slice of a tree, the notes of one department, or a step of retention.
 * False: the round is over. */
static bool take_step(struct gh_sweep *s)
{
    if (s->tree == IN_TAKEN && !s->dir)
        gh_clock_trust_check(s->p.clock);
    sweep_slice(s);
    if (s->tree < TREES)
        return true;
    if (!s->p.clock->doubt[0] && s->cleaned < s->p.settings->departments.n) {
        s->cleaned +=
            !gh_notes_clean(s->p.notes, s->p.settings->departments.list[s->cleaned], &s->cleaning);
        return true;
    }
    return gh_retention_step(&s->p, &s->retention, gh_now_ms());
}

/* At start and once a day: the journal then holds, elsewhere, what the ledger was. */
static void tell_head(struct gh_sweep *s)
{
    char day[sizeof(s->head_day)];
    gh_time_day(gh_now_ms(), day, sizeof(day));
    if (gh_streq(day, s->head_day))
        return;
    GH_COPY(s->head_day, day);
    gh_log(GH_LOG_NOTICE, "audit-head", "seq=%" PRId64 " head=%s", gh_ledger_seq(s->p.ledger),
           gh_ledger_head(s->p.ledger));
}

static void on_timer(struct gh_loop *loop, void *arg)
{
    struct gh_sweep *s = arg;
    bool more = take_step(s);
    if (!more) {
        tell_head(s);
        s->preview_keep_ms = gh_preview_keep_ms(s->previews, s->preview_bytes, s->preview_keep_ms);
        s->previews = 0;
        s->preview_bytes = 0;
        if (s->removed + s->back)
            gh_log(GH_LOG_INFO, "swept", "removed=%u back=%u", s->removed, s->back);
        s->tree = IN_TAKEN;
        s->cleaned = 0;
        s->retention = (struct gh_retention){0};
        s->removed = s->back = 0;
    }
    s->timer = gh_loop_after(loop, more ? PAUSE_MS : EVERY_MS, on_timer, s);
}

struct gh_sweep *gh_sweep_open(const struct gh_sweep_parts *parts)
{
    struct gh_sweep *s = gh_alloc(sizeof(*s));
    *s = (struct gh_sweep){.p = *parts, .preview_keep_ms = INT64_MAX};
    gh_retention_recover(&s->p);
    tell_head(s);
    s->timer = gh_loop_after(s->p.loop, FIRST_MS, on_timer, s);
    return s;
}

void gh_sweep_stop(struct gh_sweep *s)
{
    gh_loop_cancel(s->p.loop, &s->timer);
}

void gh_sweep_now(struct gh_sweep *s)
{
    gh_loop_cancel(s->p.loop, &s->timer);
    s->timer = gh_loop_after(s->p.loop, 0, on_timer, s);
}

void gh_sweep_close(struct gh_sweep **p)
{
    struct gh_sweep *s = *p;
    if (!s)
        return;
    gh_sweep_stop(s);
    gh_notes_cleaned(&s->cleaning);
    if (s->dir)
        closedir(s->dir);
    free(s);
    *p = NULL;
}
