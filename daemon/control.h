/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket: JSON lines over a Unix stream, one request one reply, any number one after another. Who may ask
 * what is a table over roles, and roles come from the peer's credentials alone. A slow, half or huge request costs its
 * own connection only.
 *
 *   {"request": "show", "id": 12}            → {"ok": true, "item": {…}, "set_hash": "…"}
 *   {"request": "approve", "id": 12, "set_hash": "…", "as": "rina"}   → {"ok": true, "changed": 7, …}
 *   anything refused                         → {"ok": false, "class": "limit", "error": "…"}
 */
#ifndef GH_DAEMON_CONTROL_H
#define GH_DAEMON_CONTROL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gh_daemon;
struct gh_control;
typedef struct json_t json_t;

#define GH_CONTROL_REQUEST_MAX 65536 /* bytes of a request line */
#define GH_CONTROL_CONNECTIONS 64    /* at once; another one ends the one that was silent longest */

enum gh_control_role {
    GH_ROLE_NOBODY = 0,
    GH_ROLE_DESK = 1,
    GH_ROLE_ADMIN = 2
}; /* a higher one may all a lower one may */

/* Who asks, and the answer in the making. */
struct gh_call {
    struct gh_daemon *d;
    const json_t *request;
    json_t *reply; /* an object; "ok" is added */
    enum gh_control_role role;
    uid_t uid;
    char actor[96]; /* for the audit: "uid:1000", or "rina (uid:1000)" when the request says so */
    int fd;         /* to hand over with the reply, -1 none; closed after */
};

struct gh_request {
    const char *name;
    enum gh_control_role role;
    int (*handle)(struct gh_call *call, struct gh_err *err);
    const char *args; /* for people */
};
extern const struct gh_request gh_requests[]; /* ends with a NULL name */

/** Listen on conf.control (mode 0660, group ghat-desk or ghat-admin where they exist). */
GH_MUST_USE int gh_control_open(struct gh_daemon *d, struct gh_control **ret, struct gh_err *err);
void gh_control_close(struct gh_control **c);
/** Answer one request line for a peer of that role: what the socket does, without a socket. The reply is the caller's;
 * *ret_fd may be -1. */
json_t *gh_control_answer(struct gh_daemon *d, enum gh_control_role role, uid_t uid, const char *line, size_t len,
                          int *ret_fd);

#endif
