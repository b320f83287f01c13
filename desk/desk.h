/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat-desk as a whole: what is settled at start and read by all threads without locks, and one
 * request with its reply, which belongs to one thread at a time.
 */
#ifndef GH_DESK_DESK_H
#define GH_DESK_DESK_H

#include "desk/form.h"
#include "desk/template.h"

#include "base/words.h"

#include <stdbool.h>

struct MHD_Connection;

#define GH_SESSION_HEX 65     /* a session's token: 64 hex digits and a NUL */
#define GH_ADDRESS_BYTES 46   /* of an address as text with its NUL */
#define GH_NO_ADDRESS "local" /* of a client that no proxy told of */
#define GH_ARGS 3             /* variable parts of one path */
#define GH_ARG_BYTES 80       /* of one of them with its NUL */

/* Who a person is; the bits of a set. ghatd decides by its own table: these are for pages. */
enum gh_desk_role {
    GH_APPROVER = 1,
    GH_AGENCY = 2,
    GH_OFFICER = 4,
    GH_ADMIN = 8,
    GH_VIEWER = 16,
    GH_EVERYBODY = 31,
    GH_ANYONE = 32, /* also who is not logged in */
};

enum gh_method { GH_GET, GH_POST };

/* Settled before the first thread. */
struct gh_desk {
    const char *socket;   /* where ghatd listens for the desk */
    const char *origin;   /* "https://desk.example.org"; NULL: whatever Host says */
    const char *second;   /* another one, NULL: none */
    const char *language; /* for who has chosen none yet */
    bool secure;          /* cookies for https and localhost only */
    struct gh_templates *templates;
    json_t *assets; /* name → address, borrowed by pages */
};

struct gh_reply {
    unsigned status;
    const char *type; /* of body; NULL: none */
    struct gh_str body;
    char *location;    /* 303 */
    char *cookie;      /* the value of Set-Cookie */
    char *etag;        /* with its quotes; the reply may be kept for good */
    const void *fixed; /* bytes that live as long as the process, instead of body */
    size_t n_fixed;
    bool zipped;       /* fixed is gzip */
    int fd;            /* a file to send, -1: none; owned */
    uint64_t size;     /* of that file, bytes */
    char *attachment;  /* an ASCII name to save it under; NULL: shown in place */
    void *stream;      /* of live.h, instead of body; owned */
    void *bundle;      /* of bundle.h, instead of a file; owned */
    bool refresh;      /* ask again in two seconds */
    bool private_file; /* the agency's: not kept by browsers */
};

struct gh_req;
/** Work for a slow thread: hashing a password, and what follows from it; or asking ghatd for what
 * takes long. */
typedef int gh_later_fn(struct gh_req *q, struct gh_err *err);

struct gh_req {
    const struct gh_desk *desk;
    struct MHD_Connection *conn;
    enum gh_method method;
    bool known_uri, heard;
    int64_t came_us; /* when it was there whole, monotonic; 0: not yet */
    char path[GH_PATH_BYTES];
    char *uri; /* as it was sent */
    struct gh_form query, form;
    struct gh_str body;

    char session[GH_SESSION_HEX]; /* "": none */
    char csrf[GH_SESSION_HEX];    /* what forms of this session must carry; "": none */
    char arg[GH_ARGS][GH_ARG_BYTES];
    json_t *me;         /* ghatd's reply to me; NULL: not logged in */
    const json_t *user; /* borrowed from me */
    unsigned roles;
    struct gh_tongue tongue;
    json_t *reasons; /* once they were asked for (desk/reasons.h) */

    gh_later_fn *later; /* to be run before the page is asked again; NULL: none */
    bool later_asks;    /* it only waits for ghatd */
    bool later_taken;   /* by a slow thread; nothing was sent yet */
    json_t *asked;      /* what ghatd answered it */
    bool later_done;
    int later_r;
    bool confirmed; /* the password that came with the form was right */
    struct gh_err later_err;
    struct gh_req *next;            /* in a queue of a slow thread */
    char address[GH_ADDRESS_BYTES]; /* who waits there */

    json_t *refusal; /* ghatd's last refusal, whole */
    bool away;       /* ghatd did not answer at all */
    struct gh_reply reply;
};

/* -- ask.c */
/**
 * Ask ghatd in this person's name. args: an object or NULL, its reference is taken. *ret: the
 * reply, a new reference; may be NULL. ret_fd: as gh_client_ask. A refusal is an error with ghatd's
 * class, and q->refusal holds it; q->away says that there was no answer.
 */
GH_MUST_USE int gh_desk_ask(struct gh_req *q, const char *request, json_t *args, json_t **ret,
                            int *ret_fd, struct gh_err *err);
/** The same for no request of a browser, or one that is being answered already: session may be
 * NULL, *ret is the reply also when ghatd refused; NULL: there was no answer. */
GH_MUST_USE int gh_desk_ask_as(const struct gh_desk *desk, const char *session, const char *request,
                               json_t *args, json_t **ret, int *ret_fd, struct gh_err *err);
/** Why ghatd refused: "session", "role", "confirm", "changed", …; "" when it did not say. */
const char *gh_why(const struct gh_req *q);
/** Who is it? Fills me, user, roles and tongue from the session's cookie, or leaves them as for
 * nobody. An error only when ghatd does not answer. */
GH_MUST_USE int gh_desk_ask_me(struct gh_req *q, struct gh_err *err);

/* -- page.c */
/** A page of that template. data: an object, its reference is taken; the frame's fields are added.
 */
GH_MUST_USE int gh_page_show(struct gh_req *q, unsigned status, const char *template, json_t *data,
                             struct gh_err *err);
/** Answer 303 to an address of the desk, as printf writes it. */
int gh_page_goto(struct gh_req *q, const char *fmt, ...) GH_PRINTF(2, 3);
/** Answer 303 to a page that says what was done to that item and offers to take it back. was: the
 * point that the item had before, "auto" for none; NULL: a verdict. The address is sealed: Undo is
 * shown only where this session was sent there. */
int gh_page_goto_undo(struct gh_req *q, const char *page, const char *what, int64_t id,
                      const char *was);
/** What the person is told when a page failed. Never fails. */
void gh_page_failed(struct gh_req *q, const struct gh_err *err);
/** A page that says one thing: 404, 403, 413, … */
void gh_page_error(struct gh_req *q, unsigned status);
/** Has this form the token of its session? */
bool gh_csrf_holds(const struct gh_req *q);

/** A field of the form, of the query: "" when missing. Borrowed. */
const char *gh_field(const struct gh_req *q, const char *name);
const char *gh_query(const struct gh_req *q, const char *name);
/** A variable part of the path as a number; the route's pattern says that it is one. */
int64_t gh_arg(const struct gh_req *q, unsigned i);

/* -- request.c */
struct gh_req *gh_req_new(const struct gh_desk *desk, const char *uri);
void gh_req_free(struct gh_req **q);
/** A header as it was sent, NULL when there is none. Borrowed. */
const char *gh_header(const struct gh_req *q, const char *name);
/** Where it came from: the peer's address; of a peer on a local socket, which is the proxy, what
 * that says in the last X-Forwarded-For; GH_NO_ADDRESS when nobody says. */
void gh_req_address(const struct gh_req *q, char ret[GH_ADDRESS_BYTES]);
/** May this POST have come from our own page? (Sec-Fetch-Site, else Origin) */
bool gh_req_is_ours(const struct gh_req *q);
/** Cookie, form and language of a request that was received whole. */
GH_MUST_USE int gh_req_read(struct gh_req *q, struct gh_err *err);

/* -- route.c */
/** Make the reply to a request, or set q->later. Never fails: q->reply has a status. */
void gh_route_serve(struct gh_req *q);

/* -- later.c */
#define GH_LATER_MS 45000 /* for a slow thread, from when the request was there whole */
int gh_later_start(struct gh_err *err);
/** Give the request to a slow thread; its connection must be suspended. False: too many wait, or
 * too many from its address, or of its person. Whoever is logged in waits in queues of their own.
 */
bool gh_later_push(struct gh_req *q);
/** How long work in a slow thread may still take, in milliseconds: GH_LATER_MS from when the
 * request was there whole, waiting for the thread included. At least 1. */
int64_t gh_later_left_ms(const struct gh_req *q);
/** Can be read from once the desk stops; borrowed. */
int gh_later_stop_fd(void);
/** The reply to a request was sent, or its connection is gone. For every request. */
void gh_later_sent(struct gh_req *q);
/** Tell those who wait to come again in a moment, see for two seconds that they hear it, and end
 * the threads. */
void gh_later_stop(void);

#endif
