/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the quiet times that were learnt: each is read from the ledger when it is first asked for,
 * and written there when it changes. A ledger that fails is logged, and the time is used all the
 * same. */
#include "daemon/site/quiet.h"

#include "base/log.h"
#include "base/map.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

/* A learnt quiet time shrinks by a tenth after so many files that were not taken in too early. */
#define CLEAN_FILES 50

struct learnt {
    int64_t ms;     /* 0: nothing was learnt */
    unsigned clean; /* files in a row that were not taken in too early */

    bool at_once;    /* its files are whole when they were closed */
    unsigned proofs; /* files in a row that were; not counted while at_once */
    unsigned needed; /* of them, to be at_once */
};

struct gh_quiet {
    const struct gh_settings *settings;
    struct gh_ledger *ledger;
    struct gh_map learnt; /* slug → struct learnt */
};

struct gh_quiet *gh_quiet_open(const struct gh_settings *settings, struct gh_ledger *ledger)
{
    struct gh_quiet *q = gh_alloc(sizeof(*q));
    *q = (struct gh_quiet){.settings = settings, .ledger = ledger};
    return q;
}

void gh_quiet_close(struct gh_quiet **p)
{
    struct gh_quiet *q = *p;
    size_t at = 0;
    if (!q)
        return;
    for (struct learnt *l; (l = gh_map_next(&q->learnt, &at));)
        free(l);
    gh_map_free(&q->learnt);
    gh_free_ptr(p);
}

/* Kept as "8" or, once so many files were whole, "+8". */
static void recall_at_once(struct gh_quiet *q, const char *slug, struct learnt *l)
{
    GH_AUTO_FREE char *key = gh_asprintf("at-once:%s", slug);
    GH_AUTO_FREE char *value = NULL;
    struct gh_err err = {0};
    uint64_t needed = GH_QUIET_PROOFS;
    if (gh_ledger_setting(q->ledger, key, &value, &err) < 0)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", slug);
    bool at_once = value && *value == '+';
    l->at_once = value && gh_parse_u64(value + at_once, GH_QUIET_PROOFS_MAX, &needed) && at_once;
    l->needed = GH_CLAMP((unsigned)needed, GH_QUIET_PROOFS, GH_QUIET_PROOFS_MAX);
}

static void keep_at_once(struct gh_quiet *q, const char *slug, const struct learnt *l)
{
    GH_AUTO_FREE char *key = gh_asprintf("at-once:%s", slug);
    GH_AUTO_FREE char *value = gh_asprintf("%s%u", l->at_once ? "+" : "", l->needed);
    struct gh_err err = {0};
    if (gh_ledger_set_setting(q->ledger, key, value, &err) < 0)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", slug);
    gh_log(GH_LOG_INFO, "at-once-learnt", "department=%s at_once=%s needed=%u", slug,
           l->at_once ? "yes" : "no", l->needed);
}

static struct learnt *learnt_of(struct gh_quiet *q, const char *slug)
{
    struct learnt *l = gh_map_get(&q->learnt, slug, strlen(slug));
    if (l)
        return l;
    GH_AUTO_FREE char *key = gh_asprintf("quiet:%s", slug);
    GH_AUTO_FREE char *value = NULL;
    struct gh_err err = {0};
    uint64_t ms = 0;
    l = gh_alloc(sizeof(*l));
    gh_map_put(&q->learnt, slug, strlen(slug), l);
    if (gh_ledger_setting(q->ledger, key, &value, &err) < 0)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", slug);
    if (value && gh_parse_u64(value, q->settings->conf.quiet_max_ms, &ms))
        l->ms = (int64_t)ms;
    recall_at_once(q, slug, l);
    return l;
}

static int64_t configured_ms(const struct gh_quiet *q, const char *slug)
{
    const struct gh_department *card = gh_departments_find(&q->settings->departments, slug);
    return (int64_t)(card && card->quiet_ms ? card->quiet_ms : q->settings->conf.quiet_ms);
}

int64_t gh_quiet_ms(struct gh_quiet *q, const char *slug)
{
    return GH_MAX(configured_ms(q, slug), learnt_of(q, slug)->ms);
}

static void keep_learnt(struct gh_quiet *q, const char *slug, int64_t ms)
{
    GH_AUTO_FREE char *key = gh_asprintf("quiet:%s", slug);
    GH_AUTO_FREE char *value = gh_asprintf("%" PRId64, ms);
    struct gh_err err = {0};
    if (gh_ledger_set_setting(q->ledger, key, value, &err) < 0)
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", slug);
    gh_log(GH_LOG_INFO, "quiet-learnt", "department=%s ms=%" PRId64, slug, gh_quiet_ms(q, slug));
}

void gh_quiet_learn(struct gh_quiet *q, const char *slug, bool early, int64_t lesson_ms)
{
    const struct gh_conf *conf = &q->settings->conf;
    struct learnt *l = learnt_of(q, slug);
    int64_t before = l->ms, quiet = gh_quiet_ms(q, slug);
    int64_t wanted = GH_MAX(early ? quiet * 2 : 0, lesson_ms);
    if (wanted > quiet) {
        l->ms = GH_MAX(before, GH_MIN(wanted, (int64_t)conf->quiet_max_ms));
        l->clean = 0;
    } else if (l->ms && ++l->clean >= CLEAN_FILES) {
        l->ms = l->ms * 9 / 10;
        l->clean = 0;
        if (l->ms <= (int64_t)conf->quiet_ms)
            l->ms = 0;
    }
    if (l->ms != before)
        keep_learnt(q, slug, l->ms);
    if (early)
        gh_quiet_whole(q, slug, false);
}

bool gh_quiet_at_once(struct gh_quiet *q, const char *slug)
{
    return learnt_of(q, slug)->at_once;
}

void gh_quiet_whole(struct gh_quiet *q, const char *slug, bool whole)
{
    struct learnt *l = learnt_of(q, slug);
    bool before = l->at_once;
    l->proofs = whole ? l->proofs + 1 : 0;
    if (!whole && before)
        l->needed = GH_MIN(l->needed * 2, (unsigned)GH_QUIET_PROOFS_MAX);
    l->at_once = whole && (before || l->proofs >= l->needed);
    if (l->at_once != before)
        keep_at_once(q, slug, l);
}
