/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is told of what happens to submissions: a table, and the rows that follow from it, which are
 * written in the commit of what happened. */
#include "daemon/ledger/db.h"

#include <inttypes.h>
#include <string.h>

#define MINUTE_MS 60000

/* "officer" is the one of the submission's department, the others are roles. wait_ms: how long
 * others of its kind may join it; nothing urgent waits. */
static const struct {
    const char *kind, *who, *channel;
    int64_t wait_ms;
} rules[] = {
    {"waits", "approver", "mail", 5 * MINUTE_MS},
    {"waits", "approver", "hook", 5 * MINUTE_MS},
    {"collect", "agency", "mail", 10 * MINUTE_MS},
    {"collect", "agency", "hook", 10 * MINUTE_MS},
    {"collect", "officer", "digest", 0},
    {"rejected", "officer", "mail", 0},
    {"held", "officer", "mail", 0},
    {"withdrawn", "agency", "mail", 0},
    {"withdrawn", "agency", "hook", 0},
    {"withdrawn", "officer", "mail", 0},
    {"withdrawn", "approver", "mail", 0},
};

static int department_of(struct gh_ledger *l, int64_t submission, char ret[64], bool *ret_urgent,
                         struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT department, urgent FROM submission WHERE id = ?", "i",
                    submission));
    int r = gh_db_step(&s, err);
    if (r > 0) {
        gh_copy(ret, 64, gh_col_text(&s, 0));
        *ret_urgent = gh_col_i64(&s, 1) >= GH_URGENT_AUTHORITY;
    }
    return r;
}

int gh_tell_item(struct gh_ledger *l, const struct gh_who *who, const char *kind,
                 int64_t submission, int64_t revision, struct gh_err *err)
{
    char department[64] = "", subject[32];
    bool urgent = false;
    int64_t now = gh_who_now(who);
    int r = department_of(l, submission, department, &urgent, err);
    TRY(r);
    if (r == 0)
        return 0;
    GH_FORMAT(subject, "item:%" PRId64, submission);
    for (size_t i = 0; i < GH_LEN(rules); i++) {
        char recipient[96];
        if (strcmp(rules[i].kind, kind) != 0)
            continue;
        if (!strcmp(rules[i].who, "officer"))
            GH_FORMAT(recipient, "officer:%s", department);
        else
            GH_FORMAT(recipient, "role:%s", rules[i].who);
        TRY(gh_ledger_tell(
            l,
            &(struct gh_notice){.kind = kind,
                                .subject = subject,
                                .revision = revision,
                                .recipient = recipient,
                                .channel = rules[i].channel,
                                .made_ms = now,
                                .not_before_ms = now + (urgent ? 0 : rules[i].wait_ms)},
            err));
    }
    return 0;
}
