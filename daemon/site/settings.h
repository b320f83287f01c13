/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All settings that people write, read as a whole: configuration, departments, profiles, logos,
 * reasons. One struct gh_settings is the current one. Its users borrow a pointer to it for as long
 * as they live, and read it anew each time, because a reload replaces what it holds. Folders
 * without a card are added to its departments while ghatd runs. Class: GH_CONFIG, with every
 * problem in a list.
 */
#ifndef GH_DAEMON_SITE_SETTINGS_H
#define GH_DAEMON_SITE_SETTINGS_H

#include "daemon/engine/sets.h"
#include "daemon/plan/choose.h"
#include "daemon/site/department.h"

#include "base/reasons.h"

struct gh_settings {
    struct gh_conf conf;
    struct gh_departments departments;
    struct gh_reasons reasons; /* the site's own */
    struct gh_sets *sets;      /* profiles and overlays; one reference, running jobs hold others */
};

/**
 * Read from path (NULL: $GHAT_CONF, else the built-in place). All or nothing: *ret is written only
 * on success, and is the caller's to free then. before: the sets in use now, whose pixels are used
 * again; NULL: none. problems gets everything that is wrong; may be NULL.
 */
GH_MUST_USE int gh_settings_load(const char *path, const struct gh_sets *before,
                                 struct gh_settings *ret, struct gh_problems *problems,
                                 struct gh_err *err);
/**
 * Read the same files again and replace *now; on failure it stays as it is. Paths, which a start
 * alone can change, keep their values. A warning is logged for all that needs a restart.
 */
GH_MUST_USE int gh_settings_reload(struct gh_settings *now, struct gh_problems *problems,
                                   struct gh_err *err);
void gh_settings_free(struct gh_settings *s);

/** Words of [placements] in the configuration that name no placement are problems. */
void gh_settings_check_placements(const struct gh_conf *conf, const struct gh_profiles *profiles,
                                  struct gh_problems *problems);
/** Which placements are made for a department (NULL: one without a card). asked: what the officer
 * wrote; NULL: nothing. *ret borrows from the profiles. */
void gh_settings_choose(const struct gh_settings *s, const struct gh_department *department,
                        const char *asked, struct gh_chosen *ret);
/** Whether every word of a list names a placement, or a platform by its usual names. */
bool gh_settings_known(const struct gh_settings *s, const char *list);

#endif
