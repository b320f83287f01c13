/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The certificate and the key are read, and tried against each other, before anything is served. */
#include "desk/tls.h"

#include "base/credential.h"
#include "base/log.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define PEM_MAX (256 << 10)
#define DAY_S 86400
#define SOON_DAYS 14

static gnutls_datum_t datum(char *text)
{
    return (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)};
}

/* Of the first certificate, which is the desk's own. */
static int check_dates(char *certificate, struct gh_err *err)
{
    const gnutls_datum_t pem = datum(certificate);
    gnutls_x509_crt_t *list;
    unsigned n;
    int r = gnutls_x509_crt_list_import2(&list, &n, &pem, GNUTLS_X509_FMT_PEM, 0);
    if (r < 0)
        return gh_fail(err, GH_CONFIG, "the certificate cannot be read: %s", gnutls_strerror(r));
    time_t ends = gnutls_x509_crt_get_expiration_time(list[0]);
    for (unsigned i = 0; i < n; i++)
        gnutls_x509_crt_deinit(list[i]);
    gnutls_free(list);
    int64_t left = (int64_t)ends - (int64_t)time(NULL);
    if (left <= 0) /* browsers warn of it; without a desk nobody could decide anything */
        gh_log(GH_LOG_ERROR, "certificate-ended", "days=%d advice=renew-and-restart",
               (int)(-left / DAY_S));
    else if (left < (int64_t)SOON_DAYS * DAY_S)
        gh_log(GH_LOG_WARNING, "certificate-ends", "days=%d advice=renew-and-restart",
               (int)(left / DAY_S));
    return 0;
}

static int check_pair(struct gh_tls *tls, struct gh_err *err)
{
    const gnutls_datum_t certificate = datum(tls->certificate), key = datum(tls->key);
    gnutls_certificate_credentials_t both;
    if (gnutls_certificate_allocate_credentials(&both) < 0)
        return gh_fail(err, GH_SYSTEM, "GnuTLS does not start");
    int r = gnutls_certificate_set_x509_key_mem(both, &certificate, &key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(both);
    return r < 0 ? gh_fail(err, GH_CONFIG, "the certificate and its key: %s", gnutls_strerror(r))
                 : check_dates(tls->certificate, err);
}

int gh_tls_load(const struct gh_conf *conf, struct gh_tls *ret, struct gh_err *err)
{
    GH_AUTO(gh_tls_free) struct gh_tls tls = {0};
    TRY(gh_credential_read(conf->tls_certificate, "tls-certificate", PEM_MAX, &tls.certificate,
                           NULL, err));
    TRY(gh_credential_read(conf->tls_key, "tls-key", PEM_MAX, &tls.key, NULL, err));
    if (!tls.certificate || !tls.key)
        return gh_fail(err, GH_CONFIG,
                       "there is a socket for https and no %s: [desk] tls_certificate and tls_key "
                       "of ghat.conf, or systemd's credentials tls-certificate and tls-key",
                       tls.certificate ? "key" : "certificate");
    TRY(check_pair(&tls, err));
    *ret = tls;
    tls = (struct gh_tls){0};
    return 0;
}

void gh_tls_free(struct gh_tls *tls)
{
    gh_credential_free(&tls->certificate);
    gh_credential_free(&tls->key);
}
