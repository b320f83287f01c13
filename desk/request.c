/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request as it was received: its address, its form, its cookie, where it came from, and in
 * which language its sender reads. */
#include "desk/desk.h"

#include "desk/bundle.h"
#include "desk/live.h"
#include "desk/server.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/secret.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

struct gh_req *gh_req_new(const struct gh_desk *desk, const char *uri)
{
    struct gh_req *q = gh_alloc(sizeof(*q));
    const char *query = "";
    struct gh_err err;
    q->desk = desk;
    q->reply.fd = -1;
    q->uri = gh_strdup(uri);
    q->known_uri = gh_uri_split(q->uri, q->path, &query) &&
                   gh_form_parse(query, strlen(query), &q->query, &err) == 0;
    q->tongue = (struct gh_tongue){desk->language, gh_words_of(desk->language), gh_now_ms(), NULL};
    return q;
}

void gh_req_free(struct gh_req **pq)
{
    struct gh_req *q = *pq;
    if (!q)
        return;
    gh_form_free(&q->query);
    gh_form_free(&q->form);
    gh_str_free(&q->body);
    gh_str_free(&q->reply.body);
    free(q->uri);
    free(q->reply.location);
    free(q->reply.cookie);
    free(q->reply.etag);
    free(q->reply.attachment);
    gh_close_fd(&q->reply.fd);
    gh_bundle_close(q->reply.bundle);
    if (q->reply.stream)
        gh_live_close(q->reply.stream);
    json_decref(q->me);
    json_decref(q->asked);
    json_decref(q->refusal);
    json_decref(q->reasons);
    explicit_bzero(q->session, sizeof(q->session));
    gh_free_ptr(pq);
}

const char *gh_header(const struct gh_req *q, const char *name)
{
    return MHD_lookup_connection_value(q->conn, MHD_HEADER_KIND, name);
}

static enum MHD_Result keep_forwarded(void *arg, enum MHD_ValueKind kind, const char *key,
                                      const char *value)
{
    const char **last = arg;
    (void)kind;
    if (value && !strcasecmp(key, "X-Forwarded-For"))
        *last = value;
    return MHD_YES;
}

/* A proxy adds to the end of the list, or a header after those that the client made up. */
void gh_req_address(const struct gh_req *q, char ret[GH_ADDRESS_BYTES])
{
    const struct sockaddr *sa =
        MHD_get_connection_info(q->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    const char *sent = NULL, *comma;
    unsigned char probe[16];
    *ret = 0;
    if (sa->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, ret, GH_ADDRESS_BYTES);
    } else if (sa->sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)sa)->sin6_addr, ret, GH_ADDRESS_BYTES);
    } else {
        MHD_get_connection_values(q->conn, MHD_HEADER_KIND, keep_forwarded, &sent);
        comma = sent ? strrchr(sent, ',') : NULL;
        if (sent)
            gh_copy(ret, GH_ADDRESS_BYTES, comma ? comma + 1 + strspn(comma + 1, " ") : sent);
    }
    if (inet_pton(AF_INET, ret, probe) != 1 && inet_pton(AF_INET6, ret, probe) != 1)
        gh_copy(ret, GH_ADDRESS_BYTES, GH_NO_ADDRESS);
}

/* Without Sec-Fetch-Site (older browsers) the origin must be the desk's own. */
bool gh_req_is_ours(const struct gh_req *q)
{
    const char *site = gh_header(q, "Sec-Fetch-Site"), *origin = gh_header(q, "Origin");
    const char *host = gh_header(q, "Host");
    if (site)
        return gh_streq(site, "same-origin");
    if (!origin || gh_streq(origin, "null"))
        return false;
    if (q->desk->origin)
        return gh_streq(origin, q->desk->origin) ||
               (q->desk->second && gh_streq(origin, q->desk->second));
    const char *rest = strstr(origin, "://");
    return rest && host && gh_streq(rest + 3, host);
}

/* What forms of a session carry: made of its token, which no page and no script can read. */
static void make_csrf(struct gh_req *q)
{
    struct gh_hash *h = gh_hash_new();
    gh_hash_add(h, "ghat form ", 10);
    gh_hash_add(h, q->session, strlen(q->session));
    gh_hash_hex(h, q->csrf);
    gh_hash_free(&h);
}

/* The first language of Accept-Language that there are words of. */
static const struct gh_words *accepted(const struct gh_req *q)
{
    const char *s = gh_header(q, "Accept-Language");
    while (s && *s) {
        char code[16];
        size_t n = strcspn(s, ",; ");
        if (n > 1 && n < sizeof(code)) {
            memcpy(code, s, n);
            code[n] = 0;
            const struct gh_words *w = gh_words_of(code);
            if (!strncmp(gh_words_language(w), code, 2))
                return w;
        }
        s += strcspn(s, ",");
        s += strspn(s, ", ");
    }
    return gh_words_of(q->desk->language);
}

int gh_req_read(struct gh_req *q, struct gh_err *err)
{
    const char *lang = gh_query(q, "lang");
    const struct gh_words *w = *lang ? gh_words_of(lang) : accepted(q);
    q->tongue.words = w;
    q->tongue.lang = gh_words_language(w);
    if (gh_cookie_find(gh_header(q, "Cookie"), gh_cookie_name(q->desk), q->session,
                       sizeof(q->session)) &&
        gh_is_hex(q->session, GH_SESSION_HEX - 1))
        make_csrf(q);
    else
        *q->session = 0;
    if (q->method == GH_POST)
        return gh_form_parse(gh_str_text(&q->body), q->body.len, &q->form, err);
    return 0;
}
