/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passwords, which never leave the desk: ghatd gives salt and cost, the desk computes argon2id, and
 * ghatd keeps a hash of the result ("server relief"). Only the slow thread calls these.
 */
#ifndef GH_DESK_PASSWORD_H
#define GH_DESK_PASSWORD_H

#include "desk/desk.h"

#define GH_PROOF_HEX 65
#define GH_PASSWORD_MIN 10  /* characters of a new one */
#define GH_PASSWORD_MAX 512 /* bytes */

/** argon2id of a password with the "salt", "ops" and "mem" of one of ghatd's replies. GH_LIMIT for
 * a cost beyond what the desk would pay. */
GH_MUST_USE int gh_password_proof(const char *password, const json_t *cost, char ret[GH_PROOF_HEX],
                                  struct gh_err *err);
/** Ask ghatd for salt and cost of this name, NULL: of whoever is logged in, and prove the password.
 * Refused with why "wait" while
 * ghatd wants no more attempts. */
GH_MUST_USE int gh_password_prove(struct gh_req *q, const char *name, const char *password,
                                  char ret[GH_PROOF_HEX], struct gh_err *err);
/** Make what "password-begin" answered the cost of a new password: a random "salt" and what ghatd
 * wants of those that are set from now on. */
void gh_password_renew(json_t *cost);
/** Is this a password to be set? GH_LIMIT, with q->refusal saying why: "short", "differ". */
GH_MUST_USE int gh_password_check(struct gh_req *q, const char *password, const char *again,
                                  struct gh_err *err);

/** What sessions are called and where they come from: {"device", "address", "trusted"}. */
json_t *gh_device_json(const struct gh_req *q);
/** Take the session out of ghatd's reply: cookie, q->session. */
void gh_take_session(struct gh_req *q, const json_t *reply);

#endif
