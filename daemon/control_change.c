/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that change something, and the answering of one request line. Every change names its actor in the audit. */
#include "daemon/control_args.h"

#include "daemon/daemon.h"
#include "daemon/item_json.h"
#include "daemon/space.h"
#include "daemon/sweep.h"
#include "daemon/trust.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REASON_MAX 2000
#define CAPTION_MAX 32768

static struct gh_who who(const struct gh_call *call)
{
    return (struct gh_who){.actor = call->actor};
}

/* What became of the submission, for the answer. */
static int answer_state(struct gh_call *call, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(call->d->ledger, id, &item, err));
    json_t *o = gh_item_json_short(&item);
    gh_answer(call, "id", json_integer(id));
    gh_answer(call, "state", json_incref(json_object_get(o, "state")));
    gh_answer(call, "placements", json_incref(json_object_get(o, "placements")));
    json_decref(o);
    return 0;
}

/* The verdict is the request's name. */
int gh_req_decide(struct gh_call *call, struct gh_err *err)
{
    const char *placements[GH_ARG_PLACEMENTS];
    struct gh_decision_req req = {.placements = placements};
    struct gh_who by = who(call);
    unsigned changed;
    if (!gh_verdict_parse(json_string_value(json_object_get(call->request, "request")), &req.verdict))
        return gh_fail(err, GH_BUG, "a request in the table is no verdict");
    TRY(gh_arg_id(call, "id", &req.submission, err));
    TRY(gh_arg_placements(call, placements, &req.n_placements, err));
    TRY(gh_arg_text(call, "reason", REASON_MAX, &req.reason, err));
    TRY(gh_arg_text(call, "set_hash", 64, &req.set_hash, err));
    TRY(gh_ledger_decide(call->d->ledger, &by, &req, &changed, err));
    gh_answer(call, "changed", json_integer(changed));
    return answer_state(call, req.submission, err);
}

int gh_req_caption(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    const char *caption;
    struct gh_who by = who(call);
    TRY(gh_arg_id(call, "id", &id, err));
    if (!json_object_get(call->request, "caption"))
        return gh_fail(err, GH_USAGE, "\"caption\" is missing");
    TRY(gh_arg_text(call, "caption", CAPTION_MAX, &caption, err));
    TRY(gh_ledger_set_caption(call->d->ledger, &by, id, caption, err));
    return answer_state(call, id, err);
}

int gh_req_urgent(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    bool urgent;
    struct gh_who by = who(call);
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_arg_bool(call, "urgent", true, &urgent, err));
    TRY(gh_ledger_set_urgent(call->d->ledger, &by, id, urgent, err));
    return answer_state(call, id, err);
}

/* Whether a choice for a file of this medium concerns a placement. */
typedef bool (*concerns_fn)(const struct gh_profile *profile, enum gh_media source);

static bool is_thumbnail(const struct gh_profile *p, enum gh_media source)
{
    return p->media == GH_PHOTO && source == GH_VIDEO;
}

static bool is_cropped(const struct gh_profile *p, enum gh_media source)
{
    (void)source;
    const struct gh_filter_use *fit = gh_profile_filter(p, "fit");
    return gh_profile_filter(p, "crop") || (fit && gh_fit_crops(fit));
}

static size_t concerned(const struct gh_daemon *d, const struct gh_item *item, concerns_fn concerns,
                        const char *ret[GH_ARG_PLACEMENTS])
{
    size_t n = 0;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        const struct gh_profile *p = gh_profiles_find(d->profiles, r->placement);
        enum gh_media source = GH_MEDIA_NONE;
        bool known = false;
        for (size_t k = 0; k < item->n_files; k++)
            if (item->files[k].id == r->file)
                source = (enum gh_media)item->files[k].media;
        for (size_t k = 0; k < n; k++)
            known = known || gh_streq(ret[k], r->placement);
        if (p && concerns(p, source) && !known && n < GH_ARG_PLACEMENTS)
            ret[n++] = r->placement;
    }
    return n;
}

/* Make again what a choice, which is kept already, concerns. */
static int make_again(struct gh_call *call, int64_t id, concerns_fn concerns, const char *why, struct gh_err *err)
{
    const char *placements[GH_ARG_PLACEMENTS];
    struct gh_who by = who(call);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_ledger_get(call->d->ledger, id, &item, err));
    struct gh_decision_req req = {.submission = id,
                                  .verdict = GH_RERENDER,
                                  .placements = placements,
                                  .n_placements = concerned(call->d, &item, concerns, placements),
                                  .reason = why};
    unsigned changed;
    if (!req.n_placements)
        return gh_fail(err, GH_LIMIT, "%" PRId64 " has no placement that this concerns", id);
    TRY(gh_ledger_decide(call->d->ledger, &by, &req, &changed, err));
    gh_answer(call, "changed", json_integer(changed));
    return answer_state(call, id, err);
}

int gh_req_thumb(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    const json_t *at = json_object_get(call->request, "at");
    double seconds = json_is_number(at) ? json_number_value(at) : -1;
    char why[64] = "thumbnail chosen again";
    TRY(gh_arg_id(call, "id", &id, err));
    if (at && !json_is_null(at) && !(seconds >= 0 && seconds < 1e6))
        return gh_fail(err, GH_USAGE, "\"at\" must be seconds from the video's beginning, or null to choose");
    if (seconds >= 0)
        snprintf(why, sizeof(why), "thumbnail at %.3f s", seconds);
    TRY(gh_ledger_set_thumb(call->d->ledger, id, seconds < 0 ? -1 : (int64_t)(seconds * 1e6), err));
    return make_again(call, id, is_thumbnail, why, err);
}

int gh_req_focal(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    const json_t *at = json_object_get(call->request, "at");
    const char *point = json_string_value(at);
    uint32_t x = 0, y = 0;
    char why[64] = "crops chosen again";
    TRY(gh_arg_id(call, "id", &id, err));
    if (at && !json_is_null(at) && !(point && gh_focal_parse(point, &x, &y)))
        return gh_fail(err, GH_USAGE, "\"at\" must be \"X,Y\", shares of width and height, or null to choose");
    if (point)
        snprintf(why, sizeof(why), "crops keep %.4f,%.4f", x / 10000.0, y / 10000.0);
    TRY(gh_ledger_set_focal(call->d->ledger, id, point != NULL, x, y, err));
    return make_again(call, id, is_cropped, why, err);
}

int gh_req_sweep(struct gh_call *call, struct gh_err *err)
{
    (void)err;
    if (call->d->sweep)
        gh_sweep_now(call->d->sweep);
    return 0;
}

/* The clock is right, whatever it did. */
int gh_req_clock(struct gh_call *call, struct gh_err *err)
{
    struct gh_who by = who(call);
    return gh_trust_confirm(call->d, &by, err);
}

int gh_req_reload(struct gh_call *call, struct gh_err *err)
{
    struct gh_problems problems = {0};
    int r = gh_daemon_reload(call->d, &problems, err);
    json_t *list = json_array();
    for (size_t i = 0; i < problems.n; i++)
        json_array_append_new(list, gh_json_name(problems.list[i], strlen(problems.list[i])));
    gh_problems_free(&problems);
    gh_answer(call, "problems", list);
    return r;
}

/* ---------------------------------------------------------------------------------------- one line, one answer */

static int answer(struct gh_call *call, struct gh_err *err)
{
    const char *name = json_string_value(json_object_get(call->request, "request")), *as;
    if (!name)
        return gh_fail(err, GH_USAGE, "a request is a JSON object with a \"request\" (ask \"help\")");
    TRY(gh_arg_text(call, "as", 64, &as, err));
    GH_AUTO_STR shown = {0};
    if (as)
        gh_str_display(&shown, as, strlen(as));
    if (shown.len)
        snprintf(call->actor, sizeof(call->actor), "%s (uid:%u)", gh_str_text(&shown), call->uid);
    else
        snprintf(call->actor, sizeof(call->actor), "uid:%u", call->uid);
    for (const struct gh_request *r = gh_requests; r->name; r++) {
        if (strcmp(r->name, name) != 0)
            continue;
        if (call->role < r->role)
            return gh_fail(err, GH_USAGE, "you may not ask for %s; an administrator may", name);
        int done = r->handle(call, err);
        if (done < 0 && err->cls == GH_AGAIN && err->code == ENOSPC && gh_space_drop_ballast(call->d)) {
            *err = (struct gh_err){0};
            done = r->handle(call, err);
        }
        return done;
    }
    return gh_fail(err, GH_USAGE, "there is no request %.40s (ask \"help\")",
                   gh_utf8_valid(name, strlen(name)) ? name : "");
}

json_t *gh_control_answer(struct gh_daemon *d, enum gh_control_role role, uid_t uid, const char *line, size_t len,
                          int *ret_fd)
{
    struct gh_err err = {0};
    json_error_t why;
    json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
    struct gh_call call = {.d = d, .request = request, .reply = json_object(), .role = role, .uid = uid, .fd = -1};
    int r = json_is_object(request) ? answer(&call, &err)
                                    : gh_fail(&err, GH_USAGE, "a request is one JSON object on one line");
    json_object_set_new(call.reply, "ok", json_boolean(r >= 0));
    if (r < 0) {
        json_object_set_new(call.reply, "class", json_string(gh_class_name(err.cls)));
        json_object_set_new(call.reply, "error", gh_json_name(err.msg, strlen(err.msg)));
        gh_close_fd(&call.fd);
    }
    json_decref(request);
    *ret_fd = call.fd;
    return call.reply;
}
