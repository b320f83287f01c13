/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking the ghatd of the configuration in use. */
#ifndef GH_CTL_CLIENT_H
#define GH_CTL_CLIENT_H

#include "base/json.h"
#include "ctl/ctl.h"
#include "ctl/options.h"

/**
 * gh_client_ask (base/client.h) at the control socket of the configuration, with a message that
 * says what to do when nobody answers there. Takes the reference of request; *ret is a new one.
 */
GH_MUST_USE int gh_ask(struct gh_ctl *ctl, json_t *request, json_t **ret, struct gh_err *err);

/* Who asks for a change, and who reads the answer: the options that all such commands have. */
struct gh_asker {
    const char *as; /* --as USER; NULL: not given */
    bool json;      /* --json */
};
/* Their rows in a table of struct gh_opt. */
/* clang-format off */
#define GH_ASKER_OPTS(by) {"--as", NULL, &(by).as, NULL}, {"--json", NULL, NULL, &(by).json}
/* clang-format on */
/**
 * Ask for a change in the asker's name. Takes the reference of request; NULL, one that could not be
 * made since a text is no UTF-8, is refused, and so is such a name. Returns GH_EXIT_OK and the
 * answer to be told (a new reference), or *ret NULL where nothing is left to say: with --json it
 * was printed, or it failed and the command complained; then the exit code that fits.
 */
GH_MUST_USE int gh_change(struct gh_ctl *ctl, const char *command, json_t *request,
                          const struct gh_asker *asker, json_t **ret);

#endif
