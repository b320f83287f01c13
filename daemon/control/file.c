/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The request file: an output as a descriptor, so that the desk shows exactly the bytes that an
 * approval names; an original; or a preview of either. A preview that has yet to be made is refused
 * as "making", and asked for again.
 */
#include "daemon/control/view.h"

#include "daemon/preview/preview.h"
#include "daemon/publish/outbox.h"

#include "base/file.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* What is asked for: bytes at a place below one of Ghat's directories. */
struct wanted {
    const char *sha256;
    int dir;
    const char *path; /* may be in room */
    char room[400];
    uint64_t bytes;
    int64_t duration_us; /* of a video, where it is known */
    const char *extension;
};

static int no_such(struct gh_err *err, int64_t submission, const char *what, int64_t id)
{
    return gh_fail_code(err, GH_USAGE, ENOENT, "submission %" PRId64 " has no %s %" PRId64,
                        submission, what, id);
}

/* GH_LIMIT: there is no file. */
static int find_output(struct gh_call *call, const struct gh_item *item, int64_t id,
                       struct wanted *ret, struct gh_err *err)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (r->id != id)
            continue;
        if (!r->stage || r->state == GH_REN_DUE || r->state == GH_REN_RUNNING)
            return gh_fail(err, GH_LIMIT, "%s of submission %" PRId64 " is %s: there is no file",
                           r->placement, item->sub.id, gh_ren_state_name(r->state));
        const char *dot = strrchr(r->stage, '.');
        *ret = (struct wanted){.sha256 = r->sha256,
                               .dir = call->p->dirs->staging,
                               .path = r->stage,
                               .bytes = r->bytes,
                               .duration_us = r->duration_us,
                               .extension = dot && !strchr(dot, '/') ? dot + 1 : ""};
        gh_answer(call, "placement", gh_json_text(r->placement));
        return 0;
    }
    return no_such(err, item->sub.id, "rendition", id);
}

/* The agency gets what lies in the outbox, or nothing: withdrawn is gone, whoever has the address.
 */
static int find_out(struct gh_call *call, const struct gh_item *item, int64_t id,
                    struct wanted *ret, struct gh_err *err)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        char folder[128], path[256];
        if (r->id != id || !gh_delivery_is_out(r))
            continue;
        gh_outbox_folder(&item->sub, folder, sizeof(folder));
        gh_outbox_path(item, r, path, sizeof(path));
        const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
        *ret = (struct wanted){.sha256 = r->sha256,
                               .dir = call->p->dirs->outbox,
                               .bytes = r->bytes,
                               .duration_us = r->duration_us};
        GH_FORMAT(ret->room, "%s/%s", folder, path);
        ret->path = ret->room;
        ret->extension =
            ret->room + strlen(ret->room) - (dot && slash && dot > slash ? strlen(dot + 1) : 0);
        gh_answer(call, "placement", gh_json_text(r->placement));
        gh_answer(call, "file_name", gh_json_text(slash ? slash + 1 : path));
        return 0;
    }
    return no_such(err, item->sub.id, "rendition", id);
}

static int find_original(struct gh_call *call, const struct gh_item *item, int64_t id,
                         struct wanted *ret, struct gh_err *err)
{
    const struct gh_file *f = gh_file_of(item, id);
    if (!f || f->role != GH_FILE_MEDIA)
        return no_such(err, item->sub.id, "photo or video", id);
    if (!*f->sha256 || item->sub.retired & GH_KEPT_ORIGINALS)
        return gh_fail(err, GH_LIMIT, "the original of file %" PRId64 " is not kept any more", id);
    json_t *probe = f->probe ? json_loads(f->probe, 0, NULL) : NULL;
    const char *dot = strrchr(f->name, '.');
    *ret = (struct wanted){.sha256 = f->sha256,
                           .dir = call->p->dirs->spool,
                           .path = f->sha256,
                           .bytes = f->size,
                           .duration_us = json_integer_value(json_object_get(probe, "duration_us")),
                           .extension = dot && !strchr(dot, '/') ? dot + 1 : ""};
    json_decref(probe);
    gh_answer(call, "name", gh_json_name(f->name, f->name_len));
    return 0;
}

/* Who sees only what is out sees no original. */
static int find_wanted(struct gh_call *call, const struct gh_item *item, enum gh_view view,
                       struct wanted *ret, struct gh_err *err)
{
    int64_t id;
    bool original, out;
    TRY(gh_arg_bool(call, "original", false, &original, err));
    TRY(gh_arg_id(call, original ? "file" : "rendition", &id, err));
    if (original && view != GH_VIEW_ALL)
        return no_such(err, item->sub.id, "photo or video", id);
    TRY(gh_arg_bool(call, "outbox", view != GH_VIEW_ALL, &out, err));
    if (original)
        return find_original(call, item, id, ret, err);
    return out || view != GH_VIEW_ALL ? find_out(call, item, id, ret, err)
                                      : find_output(call, item, id, ret, err);
}

static int answer_preview(struct gh_call *call, const struct wanted *w, struct gh_err *err)
{
    int64_t edge, still = 0;
    enum gh_preview which;
    struct stat st;
    TRY(gh_arg_id(call, "preview", &edge, err));
    if (json_object_get(call->request, "still"))
        TRY(gh_arg_id(call, "still", &still, err));
    if (!gh_preview_parse(edge, still, &which))
        return gh_fail(err, GH_USAGE,
                       "\"preview\" must be 360 or 1600, or 160 with a \"still\" from 1 to %d",
                       GH_PREVIEW_STILLS);
    if (!call->p->previews)
        return gh_fail(err, GH_LIMIT, "no previews are made here");
    int made =
        gh_previews_get(call->p->previews, w->sha256, w->dir, w->path, which, &call->fd, err);
    TRY(made);
    if (!made) {
        call->why = "making";
        return gh_fail(err, GH_AGAIN, "the preview is being made");
    }
    if (fstat(call->fd, &st) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "a preview");
    gh_answer(call, "bytes", json_integer((json_int_t)st.st_size));
    gh_answer(call, "extension", json_string("jpg"));
    gh_answer(call, "preview", json_integer(edge));
    if (which >= GH_PREVIEW_STILL)
        gh_answer(call, "at_seconds",
                  json_real((double)gh_preview_moment_us(which, w->duration_us) / 1e6));
    return 0;
}

/* What was deleted after its time is not there any more. */
static int open_wanted(struct gh_call *call, const struct wanted *w, int64_t submission,
                       struct gh_err *err)
{
    struct gh_err why = {0};
    if (gh_open_beneath(w->dir, w->path, O_RDONLY, &call->fd, &why) == 0)
        return 0;
    if (why.code == ENOENT && w->dir == call->p->dirs->outbox)
        return gh_fail_code(err, GH_USAGE, ENOENT, "the outbox has it no more: submission %" PRId64,
                            submission);
    *err = why;
    return -(int)why.cls;
}

int gh_req_file(struct gh_call *call, struct gh_err *err)
{
    int64_t submission;
    enum gh_view view;
    struct wanted w = {.dir = -1};
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", &submission, err));
    TRY(gh_view_get(call, submission, &item, &view, err));
    TRY(find_wanted(call, &item, view, &w, err));
    gh_answer(call, "sha256", json_string(w.sha256));
    if (json_object_get(call->request, "preview"))
        return answer_preview(call, &w, err);
    TRY(open_wanted(call, &w, submission, err));
    gh_answer(call, "bytes", json_integer((json_int_t)w.bytes));
    gh_answer(call, "extension", gh_json_text(w.extension));
    return 0;
}
