/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests about the logged-in person: login.c in and out, me.c the own page. */
#ifndef GH_DAEMON_CONTROL_LOGIN_H
#define GH_DAEMON_CONTROL_LOGIN_H

#include "daemon/control/person.h"

/* Handlers, listed in gh_requests. */
int gh_req_login_begin(struct gh_call *call, struct gh_err *err);
int gh_req_login(struct gh_call *call, struct gh_err *err);
int gh_req_first_begin(struct gh_call *call, struct gh_err *err);
int gh_req_first(struct gh_call *call, struct gh_err *err);
int gh_req_logout(struct gh_call *call, struct gh_err *err);
int gh_req_me(struct gh_call *call, struct gh_err *err);
int gh_req_me_set(struct gh_call *call, struct gh_err *err);
int gh_req_session_end(struct gh_call *call, struct gh_err *err);
int gh_req_password_begin(struct gh_call *call, struct gh_err *err);
int gh_req_password(struct gh_call *call, struct gh_err *err);
int gh_req_totp_begin(struct gh_call *call, struct gh_err *err);
int gh_req_totp(struct gh_call *call, struct gh_err *err);
int gh_req_deputy(struct gh_call *call, struct gh_err *err);
int gh_req_confirm(struct gh_call *call, struct gh_err *err);
int gh_req_users(struct gh_call *call, struct gh_err *err);
int gh_req_user_add(struct gh_call *call, struct gh_err *err);
int gh_req_user_set(struct gh_call *call, struct gh_err *err);
int gh_req_user_lock(struct gh_call *call, struct gh_err *err);
int gh_req_user_reset(struct gh_call *call, struct gh_err *err);
int gh_req_user_remove(struct gh_call *call, struct gh_err *err);
int gh_req_displays(struct gh_call *call, struct gh_err *err);
int gh_req_display_add(struct gh_call *call, struct gh_err *err);
int gh_req_display_remove(struct gh_call *call, struct gh_err *err);
int gh_req_feeds(struct gh_call *call, struct gh_err *err);
int gh_req_feed_add(struct gh_call *call, struct gh_err *err);
int gh_req_feed_remove(struct gh_call *call, struct gh_err *err);
int gh_req_feed(struct gh_call *call, struct gh_err *err);
int gh_req_wall(struct gh_call *call, struct gh_err *err);

/** "salt", "ops", "mem" of the reply: what a password costs. */
void gh_answer_cost(struct gh_call *call, const char *salt, uint32_t ops, uint32_t mem_kib);
/** "code" of the request is one of the secret, later than any taken before; *ret: its step. A
 * failure counts against key, and is refused as "code" or, while one has to wait, as "wait". */
GH_MUST_USE int gh_person_code(struct gh_call *call, const char *secret, int64_t after,
                               int64_t *ret, const char *key, struct gh_err *err);

/** A secret for an authenticator app: {"secret", "uri"} (new reference). */
json_t *gh_totp_json(const char *secret, const char *name);

#endif
