/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Previews. One that is being made is answered with 503: the page asks again. */
#include "desk/media.h"
#include "desk/route.h"

#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHORT_HASH 16

/* "<16 hex>-360.jpg", "<16 hex>-160-2.jpg": false when it is none. */
static bool parse_name(const char *name, char ret_hash[SHORT_HASH + 1], unsigned *ret_edge,
                       unsigned *ret_still)
{
    char should[48];
    *ret_still = 0;
    if (strspn(name, "0123456789abcdef") != SHORT_HASH ||
        sscanf(name + SHORT_HASH, "-%4u-%1u", ret_edge, ret_still) < 1)
        return false;
    gh_copy(ret_hash, SHORT_HASH + 1, "");
    memcpy(ret_hash, name, SHORT_HASH);
    ret_hash[SHORT_HASH] = '\0';
    if (*ret_still)
        GH_FORMAT(should, "%s-%u-%u.jpg", ret_hash, *ret_edge, *ret_still);
    else
        GH_FORMAT(should, "%s-%u.jpg", ret_hash, *ret_edge);
    return gh_streq(name, should);
}

static int refused(struct gh_req *q, const struct gh_err *err)
{
    if (q->away)
        return -(int)err->cls;
    bool making = err->cls == GH_AGAIN;
    q->reply.status = making ? 503 : 404;
    q->reply.type = "text/plain; charset=utf-8";
    q->reply.refresh = making;
    gh_str_puts(&q->reply.body, making ? "being made\n" : "there is none\n");
    return 0;
}

int gh_page_preview(struct gh_req *q, struct gh_err *err)
{
    char hash[SHORT_HASH + 1];
    unsigned edge, still;
    bool original = q->path[1] == 'o';
    GH_AUTO_FD fd = -1;
    json_t *reply = NULL;
    if (!parse_name(q->arg[2], hash, &edge, &still)) {
        gh_page_error(q, 404);
        return 0;
    }
    json_t *ask =
        json_pack("{s:I, s:I, s:i}", "id", (json_int_t)gh_arg(q, 0),
                  original ? "file" : "rendition", (json_int_t)gh_arg(q, 1), "preview", (int)edge);
    if (original)
        json_object_set_new(ask, "original", json_true());
    if (still)
        json_object_set_new(ask, "still", json_integer(still));
    if (gh_desk_ask(q, "file", ask, &reply, &fd, err) < 0)
        return refused(q, err);
    const char *whole = gh_j_text(reply, "sha256");
    if (fd < 0 || strncmp(whole, hash, SHORT_HASH) != 0) {
        gh_page_error(q, 404); /* of other bytes by now */
    } else {
        q->reply.status = 200;
        q->reply.type = "image/jpeg";
        q->reply.fd = gh_steal_fd(&fd);
        q->reply.size = (uint64_t)gh_j_int(reply, "bytes");
        q->reply.etag = gh_asprintf("\"%s\"", q->arg[2]);
        q->reply.private_file = !(q->roles & (GH_APPROVER | GH_VIEWER | GH_OFFICER));
    }
    json_decref(reply);
    return 0;
}
