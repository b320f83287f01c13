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

/* nothing of any department is on its way */
#define NOBODY ((struct gh_post_coming){0})

static struct gh_settings settings;

/* Nothing that it writes has to outlive the test. */
static void sql(struct fix *f, const char *text)
{
    sqlite3 *db;
    char *why = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", text, why);
    sqlite3_close(db);
}

#endif
