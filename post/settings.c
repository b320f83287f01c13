/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets, from the files that ghat.conf names or from systemd's credentials, and the template of
 * the webhook. */
#include "post/post.h"

#include "base/credential.h"
#include "base/file.h"

#include <fcntl.h>
#include <string.h>

#define SECRET_MAX 4096
#define TEMPLATE_MAX 16384
#define KEY_LEAST 16 /* bytes */

/* Without the line end that editors add. */
static int read_secret(const char *path, const char *credential, char **ret, size_t *ret_len,
                       struct gh_err *err)
{
    TRY(gh_credential_read(path, credential, SECRET_MAX, ret, ret_len, err));
    while (*ret && *ret_len > 0 && strchr("\r\n", (*ret)[*ret_len - 1]))
        (*ret)[--*ret_len] = '\0';
    return 0;
}

static int read_template(const char *path, struct gh_post_settings *s, struct gh_err *err)
{
    size_t n;
    if (!path)
        return 0;
    if (gh_read_file(AT_FDCWD, path, TEMPLATE_MAX, &s->body, &n, err) < 0)
        return gh_fail_prefix(err, "[post] webhook_body");
    if (strlen(s->body) != n || !gh_utf8_valid(s->body, n))
        return gh_fail(err, GH_CONFIG, "%s is no UTF-8 text", path);
    s->body_json = gh_ends(path, ".json");
    while (n > 0 && s->body[n - 1] == '\n')
        s->body[--n] = '\0';
    return 0;
}

int gh_post_settings_load(const struct gh_conf *conf, const char *socket,
                          struct gh_post_settings *ret, struct gh_err *err)
{
    GH_AUTO(gh_post_settings_free) struct gh_post_settings s = {.conf = conf};
    size_t n = 0;
    s.socket = gh_strdup(socket ? socket : conf->control);
    TRY(read_secret(conf->password_file, "smtp-password", &s.password, &n, err));
    TRY(read_secret(conf->webhook_key, "webhook-key", &s.key, &s.key_len, err));
    TRY(read_template(conf->webhook_body, &s, err));
    if (conf->login && !s.password)
        return gh_fail(err, GH_CONFIG,
                       "[post] login needs a password: password_file, or the "
                       "credential smtp-password");
    if (gh_conf_tells_password(conf))
        return gh_fail(err, GH_CONFIG, "[post] login: no password is sent with tls = off");
    if (s.key && s.key_len < KEY_LEAST)
        return gh_fail(err, GH_CONFIG, "the webhook's key is shorter than %d bytes", KEY_LEAST);
    *ret = s;
    s = (struct gh_post_settings){0};
    return 0;
}

void gh_post_settings_free(struct gh_post_settings *s)
{
    gh_free_ptr(&s->socket);
    gh_credential_free(&s->password);
    gh_credential_free(&s->key);
    gh_free_ptr(&s->body);
}
