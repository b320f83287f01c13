/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arguments of control requests: checked once, with a message that names the argument. Only daemon/control_*.c include
 * this. */
#ifndef GH_DAEMON_CONTROL_ARGS_H
#define GH_DAEMON_CONTROL_ARGS_H

#include "daemon/control.h"
#include "daemon/ledger.h"

#include <jansson.h>

#define GH_ARG_PLACEMENTS 48

/** A positive number. GH_USAGE when missing or no number. */
GH_MUST_USE int gh_arg_id(const struct gh_call *call, const char *name, int64_t *ret, struct gh_err *err);
/** A text of at most max bytes, or NULL when it is missing or null. Borrowed from the request. */
GH_MUST_USE int gh_arg_text(const struct gh_call *call, const char *name, size_t max, const char **ret,
                            struct gh_err *err);
GH_MUST_USE int gh_arg_bool(const struct gh_call *call, const char *name, bool def, bool *ret, struct gh_err *err);
/** "placements": [name, …]; ret holds GH_ARG_PLACEMENTS. */
GH_MUST_USE int gh_arg_placements(const struct gh_call *call, const char **ret, size_t *ret_n, struct gh_err *err);
/** Set a field of the reply; takes the reference. */
void gh_answer(struct gh_call *call, const char *name, json_t *value);

/* Handlers, listed in gh_requests. */
int gh_req_decide(struct gh_call *call, struct gh_err *err);
int gh_req_caption(struct gh_call *call, struct gh_err *err);
int gh_req_urgent(struct gh_call *call, struct gh_err *err);
int gh_req_thumb(struct gh_call *call, struct gh_err *err);
int gh_req_report(struct gh_call *call, struct gh_err *err);
int gh_req_focal(struct gh_call *call, struct gh_err *err);
int gh_req_sweep(struct gh_call *call, struct gh_err *err);
int gh_req_clock(struct gh_call *call, struct gh_err *err);
int gh_req_reload(struct gh_call *call, struct gh_err *err);

#endif
