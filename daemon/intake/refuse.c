/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Refusals: links, devices, files that are too large and folders of too many files are left where
 * they are, and the officer is told once. A quarantined submission without files carries the
 * reason. A ledger that fails is logged; the refusal is then not told again before a restart.
 */
#include "daemon/intake/intake_int.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

/* Refusals remembered; then all are forgotten, and the ledger is asked about each once more. */
#define REPORTED_MAX 4096

/* Was this told before a restart? The ledger knows. */
static bool told_before(struct gh_dept *dept, const char *name, const char *reason)
{
    int64_t id = 0;
    struct gh_item item = {0};
    struct gh_ledger *l = dept->in->p.ledger;
    if (gh_ledger_find_name(l, dept->slug, name, strlen(name), &id, NULL) <= 0 ||
        gh_ledger_get(l, id, &item, NULL) < 0)
        return false;
    bool same = item.sub.state == GH_SUB_QUARANTINED && item.n_files == 0 &&
                gh_streq(item.sub.reason ? item.sub.reason : "", reason);
    gh_item_free(&item);
    return same;
}

void gh_refusals_forget(struct gh_intake *in)
{
    size_t at = 0;
    for (void *print; (print = gh_map_next(&in->reported, &at));)
        free(print);
    gh_map_free(&in->reported);
}

void gh_refusal_forget(struct gh_dept *dept, const char *path)
{
    GH_AUTO_FREE char *key = gh_asprintf("%s/%s", dept->folder, path);
    free(gh_map_remove(&dept->in->reported, key, strlen(key)));
}

void gh_entry_refuse(struct gh_dept *dept, const char *path, const struct gh_print *print,
                     const char *reason)
{
    struct gh_intake *in = dept->in;
    GH_AUTO_FREE char *key = gh_asprintf("%s/%s", dept->folder, path);
    struct gh_print *known = gh_map_get(&in->reported, key, strlen(key));
    if (known && gh_print_same_bytes(known, print))
        return;
    if (in->reported.n >= REPORTED_MAX)
        gh_refusals_forget(in);
    struct gh_print *copy = gh_alloc(sizeof(*copy));
    *copy = *print;
    free(gh_map_put(&in->reported, key, strlen(key), copy));
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (told_before(dept, name, reason))
        return;
    struct gh_new_sub sub = {
        .department = dept->slug,
        .name = name,
        .name_len = strlen(name),
        .kind = print->kind == GH_SEEN_FOLDER ? GH_KIND_FOLDER : GH_KIND_FILE,
        .state = GH_SUB_QUARANTINED,
        .dropped_ms = gh_now_ms(),
        .reason = reason,
    };
    struct gh_err err = {0};
    int64_t id = 0;
    if (gh_ledger_add(in->p.ledger, NULL, &sub, &id, NULL, &err) < 0) {
        gh_log_err(GH_LOG_ERROR, "ledger-failed", &err, "department=%s", dept->slug);
        return;
    }
    gh_log(GH_LOG_NOTICE, "refused", "id=%" PRId64 " department=%s name=%s reason=%s", id,
           dept->slug, gh_log_quote(path), gh_log_quote(reason));
}
