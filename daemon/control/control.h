/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control sockets: lines of JSON over a Unix stream, a reply to each request, any number of
 * them one after another. On the command's socket a role follows from the peer's credentials alone.
 * On the desk's, whoever is at its other end has no power: each request carries the session of a
 * logged-in person, and the roles are that person's. Who may ask for what is one table.
 *
 *   {"request": "show", "id": 12}
 *       → {"ok": true, "item": {…}, "handle": "12@7f3a9c", …}
 *   {"request": "approve", "id": 12, "handle": "12@7f3a9c", "files": [2, 5], "as": "rina"}
 *       → {"ok": true, "changed": 7, …}, or {"ok": false, "class": "limit", "error": "…"}
 */
#ifndef GH_DAEMON_CONTROL_CONTROL_H
#define GH_DAEMON_CONTROL_CONTROL_H

#include "daemon/ledger/people.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gh_control;
struct gh_problems;
struct gh_loop;
struct gh_ledger;
struct gh_settings;
struct gh_dirs;
struct gh_space;
struct gh_quiet;
struct gh_clock_trust;
struct gh_engine;
struct gh_forecast;
struct gh_claims;
struct gh_intake;
struct gh_publisher;
struct gh_sweep;
struct gh_previews;
struct gh_changes;
struct gh_sums;
struct gh_throttle;
struct gh_reporting;
struct gh_metrics;
typedef struct json_t json_t;

#define GH_CONTROL_REQUEST_MAX 65536 /* bytes of a request line */
#define GH_CONTROL_CONNECTIONS 64    /* at once; one more ends the one that was silent longest */

/* Of a peer of the command's socket. A higher role may ask for everything that a lower one may ask
 * for. The desk's group looks; what decides or changes something is for administrators. */
enum gh_control_role {
    GH_ROLE_NOBODY = 0,
    GH_ROLE_POST = 1, /* ghat-post: its own requests, which administrators may ask for, too */
    GH_ROLE_DESK = 2,
    GH_ROLE_ADMIN = 3,
    GH_ROLE_NEVER = 4, /* no peer has it: requests of the desk's socket only */
};

/* Beside the roles of people, in the column of the desk. */
enum {
    GH_DESK_OPEN = 1 << 8,    /* needs no session */
    GH_DESK_CONFIRM = 1 << 9, /* needs a password that was given lately */
};

/* Who asks, as the kernel says. */
struct gh_peer {
    enum gh_control_role role;
    uid_t uid;
    uid_t login_uid; /* whom it was logged in as, before sudo or su; (uid_t)-1: unknown */
    bool desk;       /* it came over the desk's socket: role gives no right, a session does */
};

/* For whom the desk asks. */
struct gh_asker {
    struct gh_user user;
    struct gh_session session;
    unsigned roles; /* enum gh_role, now: the own ones, and that of whom this one stands in for */
};

/* What requests read and change; all of it is borrowed until gh_control_close. claims, engine,
 * intake, publisher, sweep, quiet and forecast may be NULL: not running. */
struct gh_control_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    struct gh_space *space;
    struct gh_quiet *quiet;
    struct gh_clock_trust *clock;
    struct gh_engine *engine;
    struct gh_forecast *forecast;
    struct gh_claims *claims;
    struct gh_intake *intake;
    struct gh_publisher *publisher;
    struct gh_sweep *sweep;
    struct gh_previews *previews;     /* NULL: none can be made */
    const struct gh_changes *changes; /* NULL: nobody writes down what changed */
    struct gh_sums *sums;             /* NULL: none are computed */
    struct gh_throttle *throttle;     /* of logins */
    struct gh_reporting *reporting;   /* of reports; NULL: each is made at once */
    struct gh_metrics *metrics;
    int64_t started_ms; /* wall clock */
    int (*reload)(void *arg, struct gh_problems *problems, struct gh_err *err);
    void *reload_arg;
};

/* What a request that takes several turns of the loop keeps between them. Zero-initialise; free
 * state with its function when nobody waits for the answer any more. */
struct gh_later {
    void *state; /* NULL: nothing was begun */
    void (*free)(void *state);
    int64_t wait_ms; /* before the next turn */
};
void gh_later_free(struct gh_later *later);

/* One request: who asks, and the reply as far as it is made. */
struct gh_call {
    const struct gh_control_parts *p;
    const json_t *request;
    json_t *reply; /* an object, to which handlers add fields; "ok" is added at the end */
    struct gh_peer peer;
    const struct gh_asker *person; /* NULL: a peer of the command's socket, or nobody yet */
    const char *why;               /* of a refusal, for programs; NULL: none */
    json_t *changes;               /* what is not as it was shown; NULL: nothing */
    /* for the audit: "uid:1000", and what else is known of the peer: "uid:0 (login uid:1000)", or
     * said by itself: "uid:1000 as "rina""; over the desk "user:rina (approver) by desk" */
    char actor[160];
    int fd;                 /* a descriptor that goes with the reply, -1: none; the caller's */
    struct gh_later *later; /* NULL: it is answered at once, however long that takes */
    bool not_yet;           /* it is to be called again, with the same later */
};

struct gh_request {
    const char *name;
    enum gh_control_role role; /* of peers of the command's socket */
    unsigned desk; /* who may ask over the desk's: enum gh_role and GH_DESK_…; 0: nobody */
    int (*handle)(struct gh_call *call, struct gh_err *err);
    const char *args; /* for people */
};
extern const struct gh_request gh_requests[]; /* ends with a NULL name */

/** Listen on conf.control, with a mode that lets members of the desk's and the admins' group
 * connect. GH_CONFIG: another ghatd answers there, or the path cannot be used. */
GH_MUST_USE int gh_control_open(const struct gh_control_parts *parts, struct gh_control **ret,
                                struct gh_err *err);
/** Listen on conf.desk_socket, for members of the desk's group. */
GH_MUST_USE int gh_control_open_desk(const struct gh_control_parts *parts, struct gh_control **ret,
                                     struct gh_err *err);
void gh_control_close(struct gh_control **c);
/** Answer one request line for a peer, as the socket does. The reply is the caller's,
 * and so is *ret_fd unless it is -1. later: NULL where it is to be answered at once; else NULL is
 * returned when it is to be asked again, after later->wait_ms, with the same. */
json_t *gh_control_answer(const struct gh_control_parts *parts, const struct gh_peer *peer,
                          const char *line, size_t len, struct gh_later *later, int *ret_fd);

#endif
