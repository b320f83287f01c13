/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other end of the desk's own HTTPS: what a browser does, without asking whose certificate it
 * is, so that the desk can ask itself for a sign of life. */
#include "desk/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/socket.h>

/* Calls that the walls let through, instead of GnuTLS's own. */
static ssize_t push(gnutls_transport_ptr_t fd, const void *data, size_t n)
{
    return send((int)(intptr_t)fd, data, n, MSG_NOSIGNAL);
}

static ssize_t pull(gnutls_transport_ptr_t fd, void *data, size_t n)
{
    return recv((int)(intptr_t)fd, data, n, 0);
}

static int prepare(int fd, gnutls_certificate_credentials_t nobody, gnutls_session_t s)
{
    int r = gnutls_priority_set_direct(s, GH_TLS_PRIORITIES, NULL);
    if (r == 0)
        r = gnutls_credentials_set(s, GNUTLS_CRD_CERTIFICATE, nobody);
    gnutls_transport_set_ptr(s, (gnutls_transport_ptr_t)(intptr_t)fd);
    gnutls_transport_set_push_function(s, push);
    gnutls_transport_set_pull_function(s, pull);
    return r;
}

/* The socket's own limit of time ends each of these with GNUTLS_E_AGAIN. */
static ssize_t talk(gnutls_session_t s, const char *ask, struct gh_str *said)
{
    char bytes[4096];
    ssize_t n = gnutls_handshake(s);
    if (n == 0)
        n = gnutls_record_send(s, ask, strlen(ask));
    while (n > 0 && (n = gnutls_record_recv(s, bytes, sizeof(bytes))) > 0)
        gh_str_add(said, bytes, (size_t)n);
    return n == GNUTLS_E_PREMATURE_TERMINATION ? 0 : n;
}

int gh_tls_ask(int fd, const char *ask, struct gh_str *said, struct gh_err *err)
{
    gnutls_certificate_credentials_t nobody;
    gnutls_session_t s;
    if (gnutls_certificate_allocate_credentials(&nobody) < 0)
        return gh_fail(err, GH_SYSTEM, "GnuTLS does not start");
    ssize_t n = gnutls_init(&s, GNUTLS_CLIENT);
    if (n == 0) {
        n = prepare(fd, nobody, s);
        if (n == 0)
            n = talk(s, ask, said);
        gnutls_deinit(s);
    }
    gnutls_certificate_free_credentials(nobody);
    return n < 0 ? gh_fail(err, GH_SYSTEM, "https does not answer: %s", gnutls_strerror((int)n))
                 : 0;
}
