/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shipped profiles, loaded once for a group of tests. */
#ifndef GH_TESTS_SHIPPED_H
#define GH_TESTS_SHIPPED_H

#include "daemon/plan/profile.h"
#include "tests/unit/test.h"

static struct gh_profiles profiles;
static struct gh_err err;

static inline int load_shipped(void **state)
{
    (void)state;
    OK(gh_profiles_load("profiles", NULL, &profiles, &err));
    return 0;
}

static inline int free_shipped(void **state)
{
    (void)state;
    gh_profiles_free(&profiles);
    return 0;
}

#endif
