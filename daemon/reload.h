/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that people write for ghatd, read as a whole. */
#ifndef GH_DAEMON_RELOAD_H
#define GH_DAEMON_RELOAD_H

#include "daemon/daemon.h"
#include "daemon/overlays.h"

struct gh_settings {
    struct gh_conf conf;
    struct gh_departments departments;
    struct gh_profiles *profiles;
    struct gh_overlays *overlays;
};
void gh_settings_free(struct gh_settings *s);
/** path as for gh_conf_load. Every problem found goes to *problems (may be NULL). */
GH_MUST_USE int gh_settings_load(const char *path, struct gh_settings *ret, struct gh_problems *problems,
                                 struct gh_err *err);
/** Move s into d; gh_daemon_drop_settings frees what was ever adopted or reloaded. */
void gh_daemon_adopt(struct gh_daemon *d, struct gh_settings *s);
void gh_daemon_drop_settings(struct gh_daemon *d);

#endif
