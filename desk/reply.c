/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From q->reply to a response: the headers that every reply has, those of pages, of files and of
 * what is kept for good, and compression of pages. */
#include "desk/server.h"

#include "desk/bundle.h"
#include "desk/live.h"
#include "desk/range.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#define STREAM_BLOCK 2048
#define ZIP_FROM 1024 /* bytes of a page that is worth compressing */

static const char page_csp[] =
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'";
/* A browser shows a file that is opened alone in a page of its own making. */
static const char file_csp[] =
    "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'";

static void add(struct MHD_Response *r, const char *name, const char *value)
{
    (void)MHD_add_response_header(r, name, value);
}

const char *gh_cookie_name(const struct gh_desk *desk)
{
    return desk->secure ? "__Host-ghat" : "ghat";
}

void gh_reply_session(struct gh_req *q, const char *token, int64_t expires_ms)
{
    const struct gh_desk *d = q->desk;
    int64_t left_s = *token ? (expires_ms - q->tongue.now_ms) / 1000 : 0;
    free(q->reply.cookie);
    q->reply.cookie = gh_asprintf("%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%" PRId64 "%s",
                                  gh_cookie_name(d), token, GH_MAX(left_s, (int64_t)0),
                                  d->secure ? "; Secure" : "");
}

static bool accepts_gzip(const struct gh_req *q)
{
    const char *s = gh_header(q, "Accept-Encoding");
    return s && strstr(s, "gzip") && !strstr(s, "gzip;q=0");
}

/* The body as gzip; false where that fails. */
static bool zip(const struct gh_str *in, struct gh_str *out)
{
    z_stream z = {0};
    if (deflateInit2(&z, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t room = deflateBound(&z, in->len);
    GH_AUTO_FREE char *bytes = gh_alloc(room);
    z.next_in = (unsigned char *)in->data;
    z.avail_in = (unsigned)in->len;
    z.next_out = (unsigned char *)bytes;
    z.avail_out = (unsigned)room;
    bool ok = deflate(&z, Z_FINISH) == Z_STREAM_END;
    gh_str_add(out, bytes, z.total_out);
    deflateEnd(&z);
    return ok;
}

static struct MHD_Response *own_bytes(struct gh_str *body)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        body->len, body->data ? body->data : gh_strdup(""), MHD_RESPMEM_MUST_FREE);
    if (r)
        *body = (struct gh_str){0};
    return r;
}

static struct MHD_Response *page_response(struct gh_req *q)
{
    GH_AUTO_STR zipped = {0};
    struct gh_str *body = &q->reply.body;
    bool compress = body->len >= ZIP_FROM && accepts_gzip(q) && zip(body, &zipped);
    struct MHD_Response *r = own_bytes(compress ? &zipped : body);
    if (!r)
        return NULL;
    if (compress)
        add(r, "Content-Encoding", "gzip");
    add(r, "Vary", "Accept-Encoding, Cookie, Accept-Language");
    add(r, "Cache-Control", "no-store");
    add(r, "Content-Security-Policy", page_csp);
    if (q->reply.attachment) {
        char text[96];
        GH_FORMAT(text, "attachment; filename=\"%s\"", q->reply.attachment);
        add(r, "Content-Disposition", text);
    }
    if (q->reply.refresh) {
        add(r, "Refresh", "2");
        add(r, "Retry-After", "2");
    }
    return r;
}

static struct MHD_Response *fixed_response(struct gh_req *q)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(
        q->reply.n_fixed, (void *)q->reply.fixed, MHD_RESPMEM_PERSISTENT);
    if (!r)
        return NULL;
    if (q->reply.zipped)
        add(r, "Content-Encoding", "gzip");
    add(r, "Vary", "Accept-Encoding");
    add(r, "Cache-Control", "public, max-age=31536000, immutable");
    add(r, "Content-Security-Policy", page_csp);
    return r;
}

/* Those bytes of what is to be sent, which the response releases. */
static struct MHD_Response *part_response(struct gh_req *q, uint64_t from, uint64_t n)
{
    struct MHD_Response *r;
    if (q->reply.bundle) {
        gh_bundle_begin_at(q->reply.bundle, from);
        r = MHD_create_response_from_callback(n, GH_BUNDLE_BLOCK, gh_bundle_read, q->reply.bundle,
                                              gh_bundle_close);
        if (r)
            q->reply.bundle = NULL;
    } else {
        r = MHD_create_response_from_fd_at_offset64(n, q->reply.fd, from);
        if (r)
            q->reply.fd = -1;
    }
    return r;
}

/* A part, or all of a file. If-Range names the version that the browser has the beginning of. */
static struct MHD_Response *file_response(struct gh_req *q)
{
    char text[96];
    uint64_t from = 0, n = q->reply.size;
    const char *range = gh_header(q, "Range"), *only_if = gh_header(q, "If-Range");
    if (only_if && !gh_streq(only_if, q->reply.etag))
        range = NULL;
    enum gh_range which = gh_range_parse(range, q->reply.size, &from, &n);
    if (which == GH_RANGE_BEYOND)
        q->reply.status = 416;
    else if (which == GH_RANGE_PART)
        q->reply.status = 206;
    struct MHD_Response *r =
        which == GH_RANGE_BEYOND
            ? MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT)
            : part_response(q, from, n);
    if (!r)
        return NULL;
    add(r, "Accept-Ranges", "bytes");
    if (which == GH_RANGE_PART) {
        GH_FORMAT(text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, from, from + n - 1,
                  q->reply.size);
        add(r, "Content-Range", text);
    } else if (which == GH_RANGE_BEYOND) {
        GH_FORMAT(text, "bytes */%" PRIu64, q->reply.size);
        add(r, "Content-Range", text);
    }
    if (q->reply.attachment) {
        GH_FORMAT(text, "attachment; filename=\"%s\"", q->reply.attachment);
        add(r, "Content-Disposition", text);
    }
    add(r, "Cache-Control",
        q->reply.private_file ? "no-store" : "private, max-age=31536000, immutable");
    add(r, "Content-Security-Policy", file_csp);
    return r;
}

/* What follows is written as it happens; a proxy must pass it on as it comes. */
static struct MHD_Response *stream_response(struct gh_req *q)
{
    struct MHD_Response *r = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK, gh_live_read, q->reply.stream, gh_live_close);
    if (!r)
        return NULL;
    q->reply.stream = NULL; /* the response closes it */
    add(r, "Cache-Control", "no-store, no-transform");
    add(r, "X-Accel-Buffering", "no");
    add(r, "Content-Security-Policy", page_csp);
    return r;
}

static bool is_known(const struct gh_req *q)
{
    const char *have = gh_header(q, "If-None-Match");
    return have && q->reply.etag && strstr(have, q->reply.etag) && q->reply.status == 200;
}

static struct MHD_Response *response(struct gh_req *q)
{
    struct gh_reply *p = &q->reply;
    if (is_known(q)) {
        p->status = 304;
        p->type = NULL;
        return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    }
    if (p->stream)
        return stream_response(q);
    return p->fd >= 0 || p->bundle ? file_response(q)
           : p->fixed              ? fixed_response(q)
                                   : page_response(q);
}

int gh_reply_send(struct gh_req *q)
{
    struct gh_reply *p = &q->reply;
    struct MHD_Response *r = response(q);
    if (!r)
        return MHD_NO;
    if (p->type)
        add(r, "Content-Type", p->type);
    if (p->etag)
        add(r, "ETag", p->etag);
    if (p->location)
        add(r, "Location", p->location);
    if (p->cookie)
        add(r, "Set-Cookie", p->cookie);
    if (p->status == 405)
        add(r, "Allow", "GET, HEAD, POST");
    add(r, "X-Content-Type-Options", "nosniff");
    add(r, "Referrer-Policy", "no-referrer");
    add(r, "Cross-Origin-Resource-Policy", "same-origin");
    add(r, "Cross-Origin-Opener-Policy", "same-origin");
    int done = MHD_queue_response(q->conn, p->status, r);
    MHD_destroy_response(r);
    return done;
}
