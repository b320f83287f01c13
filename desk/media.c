/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of outputs, by descriptor from ghatd and from there to the browser without being read
 * here; and which of them shows an item on a card. */
#include "desk/media.h"

#include "desk/route.h"

#include "base/json.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define SHORT_HASH 16
#define STILLS 6        /* as ghatd makes them */
#define CARD_PIXELS 480 /* of the shorter side of a picture that fills a phone's width */

static int64_t number_of(const json_t *r)
{
    int64_t id = gh_j_int(r, "id");
    return id ? id : gh_j_int(r, "rendition");
}

json_t *gh_media_address(int64_t item, const json_t *r)
{
    char text[GH_PATH_BYTES];
    const char *hash = gh_j_text(r, "sha256");
    if (strlen(hash) < SHORT_HASH)
        return json_null();
    GH_FORMAT(text, "/r/%" PRId64 "/%" PRId64 "/%.*s", item, number_of(r), SHORT_HASH, hash);
    return json_string(text);
}

json_t *gh_media_preview(char of, int64_t item, int64_t id, const char *sha256, unsigned edge)
{
    char text[GH_PATH_BYTES];
    if (strlen(sha256) < SHORT_HASH)
        return json_null();
    GH_FORMAT(text, "/%c/%" PRId64 "/%" PRId64 "/%.*s-%u.jpg", of, item, id, SHORT_HASH, sha256,
              edge);
    return json_string(text);
}

json_t *gh_media_original(int64_t item, const json_t *file)
{
    char text[GH_PATH_BYTES];
    const char *hash = gh_j_text(file, "sha256");
    if (strlen(hash) < SHORT_HASH)
        return json_null();
    GH_FORMAT(text, "/o/%" PRId64 "/%" PRId64 "/%.*s/bytes", item, gh_j_int(file, "file"),
              SHORT_HASH, hash);
    return json_string(text);
}

bool gh_media_moves(const json_t *r)
{
    return gh_streq(gh_j_text(r, "media"), "video") ||
           json_number_value(json_object_get(r, "duration")) > 0;
}

/* Lower is better. */
static double cost_of(const json_t *r)
{
    int64_t w = gh_j_int(r, "width"), h = gh_j_int(r, "height");
    double cost = (double)gh_j_int(r, "bytes");
    if (gh_media_moves(r))
        cost += 1e12;
    if (GH_MIN(w, h) < CARD_PIXELS)
        cost += 1e9;
    return cost;
}

static json_t *picture_of(int64_t item, const json_t *best)
{
    if (!best)
        return json_null();
    return json_pack("{s:o, s:o, s:I, s:I, s:b}", "src", gh_media_address(item, best), "preview",
                     gh_media_preview('p', item, number_of(best), gh_j_text(best, "sha256"), 360),
                     "width", (json_int_t)gh_j_int(best, "width"), "height",
                     (json_int_t)gh_j_int(best, "height"), "video", gh_media_moves(best));
}

json_t *gh_media_picture(int64_t item, const json_t *renditions)
{
    const json_t *best = NULL, *r;
    size_t i;
    json_array_foreach ((json_t *)renditions, i, r)
        if (*gh_j_text(r, "sha256") && gh_j_int(r, "width") &&
            (!best || cost_of(r) < cost_of(best)))
            best = r;
    return picture_of(item, best);
}

static const json_t *smallest_video(const json_t *renditions)
{
    const json_t *best = NULL, *r;
    size_t i;
    json_array_foreach ((json_t *)renditions, i, r)
        if (strlen(gh_j_text(r, "sha256")) >= SHORT_HASH && gh_media_moves(r) &&
            (!best || gh_j_int(r, "bytes") < gh_j_int(best, "bytes")))
            best = r;
    return best;
}

json_t *gh_media_film(int64_t item, const json_t *renditions)
{
    return picture_of(item, smallest_video(renditions));
}

json_t *gh_media_stills(int64_t item, const json_t *renditions)
{
    const json_t *best = smallest_video(renditions);
    if (!best)
        return json_null();
    double length = json_number_value(json_object_get(best, "duration"));
    json_t *list = json_array();
    for (int still = 1; still <= STILLS; still++) {
        char src[GH_PATH_BYTES], at[32];
        double s = length * (2 * still - 1) / (2 * STILLS);
        GH_FORMAT(src, "/p/%" PRId64 "/%" PRId64 "/%.*s-160-%d.jpg", item, number_of(best),
                  SHORT_HASH, gh_j_text(best, "sha256"), still);
        GH_FORMAT(at, "%.3f", s);
        json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "src", src, "at", at, "at_ms",
                                              (json_int_t)(s * 1000)));
    }
    return list;
}

/* ------------------------------------------------------------------------------------------ bytes
 */

static const char *type_of(const char *extension)
{
    static const char *const types[][2] = {{"jpg", "image/jpeg"},
                                           {"png", "image/png"},
                                           {"webp", "image/webp"},
                                           {"gif", "image/gif"},
                                           {"mp4", "video/mp4"}};
    for (size_t i = 0; i < GH_LEN(types); i++)
        if (gh_streq(types[i][0], extension))
            return types[i][1];
    return NULL;
}

/* Of originals: what a browser's player may be able to show. Everything else is saved only. */
static const char *film_type(const char *extension)
{
    static const char *const types[][2] = {{"mp4", "video/mp4"},
                                           {"m4v", "video/mp4"},
                                           {"mov", "video/mp4"},
                                           {"webm", "video/webm"},
                                           {"mkv", "video/x-matroska"}};
    for (size_t i = 0; i < GH_LEN(types); i++)
        if (!strcasecmp(types[i][0], extension))
            return types[i][1];
    return NULL;
}

#define PLAIN "abcdefghijklmnopqrstuvwxyz0123456789"
#define EXTENSION_MAX 5

/* "12-fb-photo-7f3a9c21.jpg": of our own numbers and hashes, no byte of a user's but an extension
 * of plain letters. */
static char *save_name(const struct gh_req *q, const char *of, const json_t *reply)
{
    char what[32], extension[EXTENSION_MAX + 1] = "bin";
    const char *own = gh_j_text(reply, "extension");
    gh_copy(what, sizeof(what), of);
    for (char *p = what; *p; p++)
        if (!strchr(PLAIN, *p))
            *p = '-';
    if (*own && strlen(own) <= EXTENSION_MAX) {
        GH_COPY(extension, own);
        for (char *p = extension; *p; p++)
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
        if (extension[strspn(extension, PLAIN)])
            GH_COPY(extension, "bin");
    }
    return gh_asprintf("%s-%s-%.8s.%s", q->arg[0], what, gh_j_text(reply, "sha256"), extension);
}

static bool is_hash_of(const char *address, const json_t *reply)
{
    return strlen(address) == SHORT_HASH &&
           !strncmp(gh_j_text(reply, "sha256"), address, SHORT_HASH);
}

static void take_bytes(struct gh_req *q, const json_t *reply, int *fd)
{
    q->reply.status = 200;
    q->reply.fd = gh_steal_fd(fd);
    q->reply.size = (uint64_t)gh_j_int(reply, "bytes");
    q->reply.etag = gh_asprintf("\"%s\"", gh_j_text(reply, "sha256"));
}

/* What came, as it came. A film is played beside what was made of it; nothing else that strangers
 * sent is opened in a browser. */
int gh_page_original(struct gh_req *q, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    json_t *reply = NULL;
    TRY(gh_desk_ask(q, "file",
                    json_pack("{s:I, s:I, s:b}", "id", (json_int_t)gh_arg(q, 0), "file",
                              (json_int_t)gh_arg(q, 1), "original", 1),
                    &reply, &fd, err));
    if (fd < 0 || !is_hash_of(q->arg[2], reply)) {
        gh_page_error(q, 404);
    } else {
        const char *type = film_type(gh_j_text(reply, "extension"));
        take_bytes(q, reply, &fd);
        q->reply.type = type ? type : "application/octet-stream";
        if (!type || gh_form_has(&q->query, "dl"))
            q->reply.attachment = save_name(q, "original", reply);
    }
    json_decref(reply);
    return 0;
}

int gh_page_media(struct gh_req *q, struct gh_err *err)
{
    GH_AUTO_FD fd = -1;
    json_t *reply = NULL;
    TRY(gh_desk_ask(q, "file",
                    json_pack("{s:I, s:I}", "id", (json_int_t)gh_arg(q, 0), "rendition",
                              (json_int_t)gh_arg(q, 1)),
                    &reply, &fd, err));
    const char *type = type_of(gh_j_text(reply, "extension"));
    if (fd < 0 || !type || !is_hash_of(q->arg[2], reply)) {
        gh_page_error(q, 404); /* other bytes by now: not what this address promised */
    } else {
        take_bytes(q, reply, &fd);
        q->reply.type = type;
        q->reply.private_file = !(q->roles & (GH_APPROVER | GH_VIEWER | GH_OFFICER));
        if (gh_form_has(&q->query, "dl"))
            q->reply.attachment = save_name(q, gh_j_text(reply, "placement"), reply);
    }
    json_decref(reply);
    return 0;
}
