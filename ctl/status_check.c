/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat status --check: one line and an exit code, as plug-ins of Nagios, Icinga and their like
 * speak. What is wrong is a table: the first of the gravest kind is said first. */
#include "ctl/status.h"

#include "ctl/print.h"

#include <inttypes.h>
#include <stdio.h>

#define LITTLE_PERCENT 10 /* free of the disk: below it, a warning */

enum grade { FINE = 0, WARNING = 1, CRITICAL = 2 }; /* and 3: nobody knows */

struct verdict {
    enum grade grade;
    struct gh_str why[CRITICAL + 1];
};

static void find(struct verdict *v, enum grade grade, const char *fmt, ...) GH_PRINTF(3, 4);
static void find(struct verdict *v, enum grade grade, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    GH_AUTO_FREE char *text = gh_vasprintf(fmt, ap);
    va_end(ap);
    v->grade = GH_MAX(v->grade, grade);
    gh_str_printf(&v->why[grade], "%s%s", v->why[grade].len ? "; " : "", text);
}

static void judge(struct verdict *v, const json_t *a)
{
    const json_t *intake = json_object_get(a, "intake"), *disk = json_object_get(a, "disk"),
                 *frozen = json_object_get(a, "frozen");
    size_t unconfirmed = json_array_size(json_object_get(intake, "unconfirmed")),
           refused = json_array_size(json_object_get(a, "platform_refused"));
    if (*gh_j_text(a, "paused"))
        find(v, CRITICAL, "paused: %s", gh_j_text(a, "paused"));
    if (!json_is_true(json_object_get(json_object_get(a, "engine"), "healthy")))
        find(v, CRITICAL, "workers do not run");
    if (*gh_j_text(a, "clock"))
        find(v, CRITICAL, "clock: %s", gh_j_text(a, "clock"));
    if (json_is_true(json_object_get(intake, "offline_all")))
        find(v, CRITICAL, "the drop folder is offline");
    if (unconfirmed)
        find(v, CRITICAL, "%zu departments take nothing until they are confirmed", unconfirmed);
    if (json_is_object(frozen))
        find(v, WARNING, "frozen by %s: %s", gh_j_text(frozen, "by"), gh_j_text(frozen, "reason"));
    if (gh_j_int(intake, "offline"))
        find(v, WARNING, "%" PRId64 " departments offline", gh_j_int(intake, "offline"));
    if (gh_j_int(disk, "size") &&
        gh_j_int(disk, "free") < gh_j_int(disk, "size") / 100 * LITTLE_PERCENT)
        find(v, WARNING, "less than %d %% of the disk free", LITTLE_PERCENT);
    if (json_is_true(json_object_get(json_object_get(a, "post"), "away")))
        find(v, WARNING, "notices are due, and ghat-post does not ask for them");
    if (refused)
        find(v, WARNING, "%zu refused by platforms", refused);
}

static int64_t waiting(const json_t *a)
{
    return gh_j_int(json_object_get(a, "submissions"), "staged");
}

int gh_status_check(const json_t *a, const struct gh_err *err)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL"};
    struct verdict v = {0};
    if (!a) {
        gh_print_line(stdout, "GHAT CRITICAL: %s", err->msg);
        return CRITICAL;
    }
    judge(&v, a);
    GH_AUTO_STR line = {0};
    for (int grade = CRITICAL; grade > FINE; grade--) {
        if (v.why[grade].len)
            gh_str_printf(&line, "%s%s", line.len ? "; " : "", v.why[grade].data);
        gh_str_free(&v.why[grade]);
    }
    gh_print_line(stdout, "GHAT %s: %s | waiting=%" PRId64 " queue=%" PRId64 " free=%" PRId64 "B",
                  words[v.grade], line.len ? line.data : "all is well", waiting(a),
                  gh_j_int(json_object_get(a, "queue"), "photos") +
                      gh_j_int(json_object_get(a, "queue"), "videos"),
                  gh_j_int(json_object_get(a, "disk"), "free"));
    return (int)v.grade;
}
