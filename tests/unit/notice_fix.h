/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of notices: the clock they live by, letters as they were claimed last, and the ledger
 * by hand. */
#ifndef GH_TESTS_UNIT_NOTICE_FIX_H
#define GH_TESTS_UNIT_NOTICE_FIX_H

#include "tests/unit/ledger_fix.h"

#include "daemon/notice/notice.h"

#define MINUTE ((int64_t)60 * 1000)
#define HOUR (60 * MINUTE)
#define NOON ((int64_t)1796040000000) /* 30 November 2026, 12:00 UTC */

/* What was claimed last. */
static struct {
    unsigned n, tries;
    int64_t id, ids[8];
    char to[130], subject[400], text[8000], hash[GH_SHA_HEX];
    bool digest;
} got;

static struct gh_settings settings;
static struct gh_department water;
static struct gh_department *departments[] = {&water};

static void keep_letter(const struct gh_post_letter *p, void *arg)
{
    (void)arg;
    got.ids[got.n++] = p->letter->id;
    got.id = p->letter->id;
    got.tries = p->letter->tries;
    got.digest = p->letter->digest;
    GH_COPY(got.to, p->letter->address);
    GH_COPY(got.hash, p->letter->hash);
    GH_COPY(got.subject, p->subject);
    GH_COPY(got.text, p->text);
}

/* How many letters are claimed at that moment. */
static unsigned claimed_by(struct fix *f, const char *channel, int64_t now)
{
    memset(&got, 0, sizeof(got));
    OK(gh_post_claim(f->l, &settings, channel, now, 8, keep_letter, NULL, err));
    return got.n;
}

static unsigned claimed(struct fix *f, int64_t now)
{
    return claimed_by(f, "mail", now);
}

/* The same, and all of them arrive. */
static unsigned mailed(struct fix *f, int64_t now)
{
    unsigned n = claimed(f, now);
    for (unsigned i = 0; i < n; i++)
        OK(gh_ledger_end_letter(f->l, got.ids[i], got.tries, GH_LETTER_ARRIVED, NULL, now, err));
    return n;
}

static void sql(struct fix *f, const char *text)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", text, why);
    sqlite3_close(db);
}

#endif
