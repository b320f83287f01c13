/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A house of one department, with letters of which the last claimed ones are kept. */
#ifndef GH_TESTS_UNIT_NOTICE_CLAIMS_H
#define GH_TESTS_UNIT_NOTICE_CLAIMS_H

#include "tests/unit/notice_fix.h"

#include "daemon/ledger/people.h"

/* What was claimed last. */
static struct {
    unsigned n, tries;
    int64_t id, ids[8];
    char to[130], subject[400], text[8000], hash[GH_SHA_HEX];
    bool digest;
} got;

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
static inline unsigned claimed_by(struct fix *f, const char *channel, int64_t now)
{
    memset(&got, 0, sizeof(got));
    OK(gh_post_claim(f->l, &settings, NOBODY, channel, now, 8, keep_letter, NULL, err));
    return got.n;
}

static inline unsigned claimed(struct fix *f, int64_t now)
{
    return claimed_by(f, "mail", now);
}

/* The same, and all of them arrive. */
static inline unsigned mailed(struct fix *f, int64_t now)
{
    unsigned n = claimed(f, now);
    for (unsigned i = 0; i < n; i++)
        OK(gh_ledger_end_letter(f->l, got.ids[i], got.tries, GH_LETTER_ARRIVED, NULL, now, err));
    return n;
}

static int begin(void **state)
{
    setenv("TZ", "UTC", 1);
    tzset();
    memset(&settings, 0, sizeof(settings));
    memset(&water, 0, sizeof(water));
    gh_conf_default(&settings.conf);
    settings.conf.smtp = gh_strdup("smtp://localhost");
    settings.conf.desk_url = gh_strdup("https://desk.example.org");
    strcpy(water.slug, "roads");
    water.title = (char *)"Roads";
    water.languages = (char *)"en";
    water.officer.email = (char *)"nodal@example.org";
    settings.departments.list = departments;
    settings.departments.n = 1;
    return setup(state);
}

static int end(void **state)
{
    gh_conf_free(&settings.conf);
    return teardown(state);
}

static inline void add_user(struct fix *f, const char *name, unsigned roles, const char *email)
{
    struct gh_user u = {.roles = roles};
    GH_COPY(u.name, name);
    GH_COPY(u.language, "en");
    GH_COPY(u.email, email);
    OK(gh_ledger_user_add(f->l, NULL, &u, err));
}

static inline void tell(struct fix *f, const char *kind, const char *subject, int64_t revision,
                        const char *recipient, const char *channel, int64_t at)
{
    const struct gh_notice n = {.kind = kind,
                                .subject = subject,
                                .revision = revision,
                                .recipient = recipient,
                                .channel = channel,
                                .made_ms = at,
                                .not_before_ms = at};
    OK(gh_ledger_tell(f->l, &n, err));
}

static inline int ended(struct fix *f, enum gh_letter_end how, int64_t now)
{
    return gh_ledger_end_letter(f->l, got.id, got.tries, how, "why", now, NULL);
}

static inline unsigned counted(struct fix *f, const char *sql_text)
{
    sqlite3 *db;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql_text, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    unsigned n = (unsigned)sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

#endif
