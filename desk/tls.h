/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The certificate and the key of the desk where it speaks HTTPS itself. */
#ifndef GH_DESK_TLS_H
#define GH_DESK_TLS_H

#include "base/config.h"
#include "base/str.h"

/* TLS 1.2 and 1.3 of what GnuTLS (gnutls_priority_init(3)) takes by default. */
#define GH_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct gh_tls {
    char *certificate, *key; /* PEM; owned */
};

/**
 * Read both from where [desk] of ghat.conf says, or from systemd's credentials, before the walls.
 * *ret: release with gh_tls_free. A certificate that ends within two weeks is warned of in the log,
 * and so is one that has ended. GH_CONFIG: one is missing or cannot be read, or they do not belong
 * together.
 */
GH_MUST_USE int gh_tls_load(const struct gh_conf *conf, struct gh_tls *ret, struct gh_err *err);
void gh_tls_free(struct gh_tls *tls);
/** Say something over TLS on a connected socket, as a client that trusts any certificate, and add
 * what is answered until the end to said. The socket's limits of time hold; it stays the caller's.
 * GH_SYSTEM: there was no whole answer. */
GH_MUST_USE int gh_tls_ask(int fd, const char *ask, struct gh_str *said, struct gh_err *err);

#endif
