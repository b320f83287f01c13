/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Departments: a folder below drop/ is one; departments/<any>.conf adds its card. Its slug names it in the ledger and
 * in every path that leaves Ghat and never changes: from the .conf, else transliterated from the folder's name.
 */
#ifndef GH_DAEMON_DEPARTMENT_H
#define GH_DAEMON_DEPARTMENT_H

#include "base/config.h"
#include "base/hash.h"
#include "daemon/planner.h"

#define GH_DEPARTMENT_SLUG 64

struct gh_department {
    char slug[GH_DEPARTMENT_SLUG];
    char *folder;    /* its name below drop/, any bytes but / and NUL */
    char *title;     /* for people, UTF-8 */
    char *languages; /* "bn,en": of its notes */
    uint32_t policy; /* enum gh_policy */
    struct {
        char *name, *designation, *mobile, *email; /* NULL when not set */
    } officer;
    /* [overlay]: what is painted over its pictures where a profile has no such filter of its own */
    char *logo, *label; /* a file in logos/ beside ghat.conf, UTF-8 text; NULL: none */
    struct gh_filter_use overlays[GH_PLAN_EXTRA];
    size_t n_overlays;
    char logo_id[GH_SHA_HEX], label_id[GH_SHA_HEX]; /* "" until gh_overlays_dress */
    char *file;                                     /* its .conf, NULL: none */
    uint64_t quiet_ms;                              /* its own from the .conf; 0: the general one */
};

struct gh_departments {
    struct gh_department **list; /* pointers stay valid until gh_departments_free */
    size_t n;
};

/** Read every *.conf of conf->dir/departments (a missing folder is fine). Problems go to *problems, the good ones to
 * *ret. */
void gh_departments_load(const struct gh_conf *conf, struct gh_departments *ret, struct gh_problems *problems);
void gh_departments_free(struct gh_departments *set);
/** NULL when unknown. */
const struct gh_department *gh_departments_find(const struct gh_departments *set, const char *slug);
struct gh_department *gh_departments_find_folder(const struct gh_departments *set, const char *folder);
/**
 * The department of a folder without a .conf, added to the set. slug: the one it had before (from the ledger), NULL for
 * a new one, which then gets one nobody else has.
 */
struct gh_department *gh_departments_add_folder(struct gh_departments *set, const struct gh_conf *conf,
                                                const char *folder, const char *slug);

#endif
