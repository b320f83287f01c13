/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logged-in people on the desk's socket: whose session it is, what that person may be now, and what
 * of the items may be seen. Refusals set call->why.
 */
#ifndef GH_DAEMON_CONTROL_PERSON_H
#define GH_DAEMON_CONTROL_PERSON_H

#include "daemon/control/control_int.h"

#include "base/config.h"

#define GH_CONFIRMED_MS ((int64_t)15 * 60 * 1000) /* a password was given lately */
#define GH_ARGON_OPS 3                            /* argon2id (RFC 9106, 4): passes … */
#define GH_ARGON_MEM_KIB 65536                    /* … and memory, of passwords set from now on */
#define GH_FREE_BY_NAME 3                         /* failures that cost no time, of a name … */
#define GH_FREE_BY_ADDRESS 20 /* … and of an address: a whole office has one */

/** Let the request through for the person whose session it carries, or refuse. ret is what
 * call->person points at then. */
GH_MUST_USE int gh_person_admit(struct gh_call *call, const struct gh_request *r,
                                struct gh_asker *ret, struct gh_err *err);
/** Does the configuration want a second factor of this user? */
bool gh_person_needs_second(const struct gh_conf *conf, const struct gh_user *user);
/** name, full, roles, departments, … as JSON (new reference). */
json_t *gh_user_json(const struct gh_user *user);

/** Is it what proves that user? "proof" of the request or of another name; a failure counts against
 * key, and is refused as "wrong" or, while one has to wait, as "wait". */
GH_MUST_USE int gh_person_prove(struct gh_call *call, const struct gh_user *user, const char *arg,
                                const char *key, struct gh_err *err);
/** 64 hex digits that the request must have. Borrowed. */
GH_MUST_USE int gh_arg_hex(const struct gh_call *call, const char *name, size_t n, const char **ret,
                           struct gh_err *err);
/** "name": of a user, in lower case. ret: 33 bytes; "" where no user can be called so. */
GH_MUST_USE int gh_arg_user(const struct gh_call *call, char ret[33], struct gh_err *err);
/** "language", "phone", "email", "mute", "digest": what is given replaces what *user has. */
GH_MUST_USE int gh_arg_reach(const struct gh_call *call, struct gh_user *user, struct gh_err *err);
/** Refuse, with a reason for programs. */
int gh_refuse(struct gh_call *call, struct gh_err *err, const char *why, const char *text);
/** Refuse until ms have passed. */
int gh_refuse_wait(struct gh_call *call, struct gh_err *err, int64_t ms);

#endif
