/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the programs find each other and the shipped profiles: installed, configured, or in a build
 * tree. */
#ifndef GH_DAEMON_ENGINE_PATHS_H
#define GH_DAEMON_ENGINE_PATHS_H

#include "base/config.h"
#include "daemon/plan/profile.h"

/**
 * ghat-worker: $GHAT_WORKER, else configured when it is not the built-in place, else beside the
 * running program, else the built-in place. configured may be NULL. The caller frees it.
 */
char *gh_find_worker(const char *configured);
/** Shipped profiles: $GHAT_PROFILES, configured, profiles/ of the checkout a program in
 * build/<variant>/ was made from, the built-in place. */
char *gh_find_profiles(const char *configured);
/** All profiles of an installation: the shipped ones, and those in profiles/ beside ghat.conf. As
 * gh_profiles_load. */
GH_MUST_USE int gh_installed_profiles(const struct gh_conf *conf, struct gh_profiles *ret,
                                      struct gh_err *err);

#endif
