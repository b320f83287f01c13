/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat-post: carries letters from ghatd to a mail server or a webhook. It connects out and listens
 * nowhere; it sees no media file and no ledger, and knows of a letter what ghatd gives it: an
 * address and a few lines. This header is what its files share.
 */
#ifndef GH_POST_POST_H
#define GH_POST_POST_H

#include "base/config.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdint.h>

/* What is known before the walls; afterwards no file is read but the resolver's and certificates.
 * Zero-initialise, release with gh_post_settings_free. */
struct gh_post_settings {
    const struct gh_conf *conf; /* borrowed */
    char *socket;               /* of ghatd */
    char *password;             /* NULL: none */
    char *key;                  /* of the webhook's signature; NULL: it is not signed */
    size_t key_len;
    char *body;     /* template of the webhook's body; NULL: JSON */
    bool body_json; /* values are escaped for JSON, else for a form */
};
/** Read secrets and template. socket: NULL, that of conf. GH_CONFIG: something is missing. */
GH_MUST_USE int gh_post_settings_load(const struct gh_conf *conf, const char *socket,
                                      struct gh_post_settings *ret, struct gh_err *err);
void gh_post_settings_free(struct gh_post_settings *s);

/* A letter to be sent. Borrowed. */
struct gh_parcel {
    const char *to;       /* an address, a phone number, or "" */
    const char *language; /* of its words */
    const char *hash;     /* 64 hex digits: the same each time it is sent */
    const char *subject, *text;
    const char *notice; /* JSON of the notice it is about, for programs */
    int64_t now_ms;
};

/* What became of it; why says it in one line. */
enum gh_outcome { GH_OUTCOME_SENT, GH_OUTCOME_AGAIN, GH_OUTCOME_FAILED };

/* ------------------------------------------------------------------------------- message.c, pure
 */

/** Append the mail of a parcel (RFC 5322): headers, and the text as base64. GH_LIMIT: an address
 * that is not a plain one; nothing a parcel says can add a header. */
GH_MUST_USE int gh_message_write(struct gh_str *out, const char *from, const struct gh_parcel *p,
                                 struct gh_err *err);

/* ------------------------------------------------------------------------------------ hook.c, pure
 */

/** Append what the webhook is sent: JSON, or the template with its {{to}}, {{text}}, {{language}},
 * {{id}} and {{time}} in the place of names, escaped. */
void gh_hook_body(struct gh_str *out, const struct gh_post_settings *s, const struct gh_parcel *p);
/** Append "sha256=<hex>": the HMAC of "<seconds>.<body>". */
void gh_hook_sign(struct gh_str *out, const struct gh_post_settings *s, int64_t seconds,
                  const struct gh_str *body);

/* ----------------------------------------------------------------------------------------- send.c
 */

/** What a server's last words mean. offered: it was given the message itself. code: of SMTP, 0
 * none; failed: curl saw an error. Pure. */
enum gh_outcome gh_smtp_outcome(bool failed, bool refused_by_command, bool offered, long code);
/** The same of an answer of HTTP. Pure. */
enum gh_outcome gh_http_outcome(bool failed, long code);

struct gh_sender; /* one connection that is kept */
/** Never NULL. Before the walls, since libraries read files. ending: true: what no server was given
 * yet is given up; borrowed. */
struct gh_sender *gh_sender_new(const struct gh_post_settings *s, const atomic_bool *ending);
void gh_sender_free(struct gh_sender **sender);
/** Send; takes two minutes at most. why: a text that is written anew. */
enum gh_outcome gh_send_mail(struct gh_sender *sender, const struct gh_parcel *p,
                             struct gh_str *why);
enum gh_outcome gh_send_hook(struct gh_sender *sender, const struct gh_parcel *p,
                             struct gh_str *why);

#endif
