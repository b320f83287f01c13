/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom the recipient of a notice means today: people of the desk by their roles, and those whom the
 * card of a department names. */
#ifndef GH_DAEMON_NOTICE_WHOM_H
#define GH_DAEMON_NOTICE_WHOM_H

#include "daemon/ledger/letters.h"
#include "daemon/ledger/people.h"
#include "daemon/notice/kinds.h"
#include "daemon/site/settings.h"

/* Everybody there is, read once for many notices. Zero-initialise, release with gh_whom_free. */
struct gh_whom {
    struct gh_ledger *ledger; /* these three are the caller's to set */
    const struct gh_settings *settings;
    struct gh_post_clock clock;

    struct gh_user *users;
    size_t n;
};
GH_MUST_USE int gh_whom_load(struct gh_whom *w, struct gh_err *err);
void gh_whom_free(struct gh_whom *w);
/** A gh_letter_to_fn; arg: a struct gh_whom, from which *ret borrows. Each address once; whoever
 * switched the kind off is left out, and so is an address that is no plain one. */
size_t gh_whom_of(const struct gh_notice *notice, void *arg, struct gh_letter_to *ret, size_t max);

#endif
