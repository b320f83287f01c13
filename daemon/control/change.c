/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that change something: decisions, captions, choices, and what ghatd shall do now. Every
 * change names its actor in the audit. */
#include "daemon/control/control_int.h"

#include "daemon/control/item.h"
#include "daemon/control/person.h"
#include "daemon/control/view.h"
#include "daemon/publish/outbox.h"
#include "daemon/publish/publish.h"
#include "daemon/upkeep/sweep.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REASON_MAX 2000   /* bytes */
#define FREEZE_MAX 250    /* bytes of a reason that everybody reads */
#define CAPTION_MAX 32768 /* bytes */
#define ALT_MAX 4000      /* bytes */
#define AT_MAX_S 1e6      /* of a moment in a video, so that it fits in microseconds anywhere */

static struct gh_who caller(const struct gh_call *call)
{
    return (struct gh_who){.actor = call->actor};
}

int gh_answer_state(struct gh_call *call, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    enum gh_view view;
    TRY(gh_view_get(call, id, &item, &view, err));
    json_t *o = gh_item_json_short(&item, view);
    gh_answer(call, "id", json_integer(id));
    gh_answer(call, "state", json_incref(json_object_get(o, "state")));
    gh_answer(call, "placements", json_incref(json_object_get(o, "placements")));
    json_decref(o);
    return 0;
}

static const struct gh_rendition *rendition_of(const struct gh_item *item, int64_t id)
{
    for (size_t i = 0; i < item->n_renditions; i++)
        if (item->renditions[i].id == id)
            return &item->renditions[i];
    return NULL;
}

/* What the decision changed: each output by its file and placement, and its new state. */
static json_t *changed_json(const struct gh_item *before, const struct gh_item *after)
{
    json_t *list = json_array();
    for (size_t i = 0; i < after->n_renditions; i++) {
        const struct gh_rendition *r = &after->renditions[i], *was = rendition_of(before, r->id);
        const struct gh_file *f = gh_file_of(after, r->file);
        if (!was || !f || (was->state == r->state && was->decision == r->decision))
            continue;
        json_array_append_new(list, json_pack("{s:i, s:o, s:s, s:i, s:i, s:s}", "number",
                                              (int)gh_file_number(after, f->id), "name",
                                              gh_json_name(f->name, f->name_len), "placement",
                                              r->placement, "part", (int)r->part, "parts",
                                              (int)r->parts, "state", gh_ren_state_name(r->state)));
    }
    return list;
}

/* How long a decision can be undone: as configured; where nothing is, only if somebody asks. What
 * the authority calls urgent waits for nothing; a department that does so has an earlier turn, and
 * takes nobody's time to think better of it. */
static int64_t undo_ms(const struct gh_call *call, const struct gh_item *item, bool asked)
{
    uint64_t set = call->p->settings->conf.undo_ms;
    if (item->sub.urgent_by_authority || (set == GH_UNDO_UNSET && !asked))
        return 0;
    return set == GH_UNDO_UNSET ? GH_UNDO_MS : (int64_t)set;
}

/* When the last of these decisions goes out, if it can be undone until then. */
static void answer_out_at(struct gh_call *call, const struct gh_item *item, enum gh_verdict verdict)
{
    int64_t now = gh_now_ms(), at = 0;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        bool approval = r->decision != r->out;
        if (verdict == GH_APPROVE && approval)
            at = GH_MAX(at, GH_MAX(r->undo_ms > 0 ? now + r->undo_ms : 0, item->sub.embargo_ms));
        else if (verdict != GH_APPROVE && r->turned && r->turned_undo_ms > 0)
            at = GH_MAX(at, now + r->turned_undo_ms);
    }
    if (at > now)
        gh_answer(call, "out_at", gh_json_time(at));
}

/* Files of a placement that are approved or out. */
static unsigned count_approved(const struct gh_item *item, const char *placement)
{
    unsigned n = 0;
    for (size_t i = 0; i < item->n_renditions; i++) {
        enum gh_ren_state s = item->renditions[i].state;
        bool approved = s == GH_REN_APPROVED || s == GH_REN_PUBLISHING || s == GH_REN_PUBLISHED ||
                        s == GH_REN_COLLECTED;
        n += approved && gh_streq(item->renditions[i].placement, placement);
    }
    return n;
}

/* What the agency cannot put into one post. */
static void answer_warnings(struct gh_call *call, const struct gh_item *item)
{
    json_t *list = json_array();
    const char *last = "";
    for (size_t i = 0; i < item->n_renditions; i++) {
        const char *placement = item->renditions[i].placement;
        const struct gh_profile *p =
            gh_profiles_find(&call->p->settings->sets->profiles, placement);
        unsigned n = gh_streq(placement, last) ? 0 : count_approved(item, placement);
        last = placement;
        if (p && p->limits.album_max && n > p->limits.album_max)
            json_array_append_new(list,
                                  json_sprintf("%u files are approved for %s; one post takes %u", n,
                                               placement, p->limits.album_max));
    }
    gh_answer(call, "warnings", list);
}

static int answer_changed(struct gh_call *call, const struct gh_item *before,
                          enum gh_verdict verdict, struct gh_err *err)
{
    char folder[128];
    GH_AUTO(gh_item_free) struct gh_item all = {0};
    GH_AUTO(gh_item_free) struct gh_item after = {0};
    if (call->p->publisher) { /* what goes out at once is on its way when the answer comes */
        TRY(gh_ledger_get(call->p->ledger, before->sub.id, &all, err));
        gh_publish(call->p->publisher, &all);
    }
    TRY(gh_view_get(call, before->sub.id, &after, NULL, err));
    answer_out_at(call, &after, verdict);
    if (verdict == GH_APPROVE)
        answer_warnings(call, &after);
    TRY(gh_answer_frozen(call, err));
    gh_answer(call, "outputs", changed_json(before, &after));
    if (*after.sub.outbox_day) {
        gh_outbox_folder(&after.sub, folder, sizeof(folder));
        gh_answer(call, "outbox", gh_json_text(folder));
    }
    return 0;
}

/* Whoever has sent something does not let it out. What was dropped into a folder has no sender. */
static int check_sender(struct gh_call *call, const struct gh_item *item, struct gh_err *err)
{
    if (!call->person || call->p->settings->conf.self_approval ||
        !gh_streq(call->person->user.name, item->sub.sender))
        return 0;
    return gh_refuse(call, err, "role", "you sent this yourself: somebody else approves it");
}

/* Placements and files that the asker does not see are not there. */
static int check_names(const struct gh_item *seen, const struct gh_decision_req *req,
                       struct gh_err *err)
{
    for (size_t k = 0; k < req->n_placements + req->n_files; k++) {
        bool there = false;
        for (size_t i = 0; i < seen->n_renditions; i++)
            there |= k < req->n_placements
                         ? gh_streq(seen->renditions[i].placement, req->placements[k])
                         : gh_file_number(seen, seen->renditions[i].file) ==
                               req->files[k - req->n_placements];
        if (there)
            continue;
        return gh_fail_code(err, GH_USAGE, ENOENT, "there is no such placement or file");
    }
    return 0;
}

static bool add_change(const char *text, void *arg)
{
    json_array_append_new(arg, gh_json_text(text));
    return true;
}

/* The verdict is the request's name. */
int gh_req_decide(struct gh_call *call, struct gh_err *err)
{
    enum gh_view view;
    const char *placements[GH_ARG_PLACEMENTS];
    GH_AUTO_FREE unsigned *files = NULL;
    GH_AUTO(gh_item_free) struct gh_item before = {0};
    struct gh_decision_req req = {.placements = placements};
    struct gh_who by = caller(call);
    unsigned changed;
    bool asked;
    if (!gh_verdict_parse(json_string_value(json_object_get(call->request, "request")),
                          &req.verdict))
        return gh_fail(err, GH_BUG, "a request in the table is no verdict");
    TRY(gh_arg_id(call, "id", &req.submission, err));
    TRY(gh_arg_placements(call, placements, &req.n_placements, err));
    TRY(gh_arg_files(call, &files, &req.n_files, err));
    req.files = files;
    TRY(gh_arg_handle(call, req.submission, &req.seen, err));
    TRY(gh_arg_text(call, "reason", REASON_MAX, &req.reason, err));
    TRY(gh_arg_text(call, "set_hash", GH_SHA_HEX - 1, &req.set_hash, err));
    TRY(gh_arg_bool(call, "whatever", false, &req.whatever, err));
    TRY(gh_view_get(call, req.submission, &before, &view, err));
    if (view == GH_VIEW_OUT)
        TRY(check_names(&before, &req, err));
    if (req.verdict == GH_APPROVE)
        TRY(check_sender(call, &before, err));
    if (call->person && req.whatever)
        return gh_fail(err, GH_USAGE, "over the desk an approval names what was seen");
    TRY(gh_arg_bool(call, "undo", call->person != NULL, &asked, err));
    req.undo_ms = undo_ms(call, &before, asked);
    int r = gh_ledger_decide(call->p->ledger, &by, &req, &changed, err);
    if (r < 0 && err->cls == GH_LIMIT && err->code == ESTALE) {
        call->changes = json_array();
        (void)!gh_ledger_changes(call->p->ledger, &req, add_change, call->changes, NULL);
    }
    TRY(r);
    gh_answer(call, "changed", json_integer(changed));
    TRY(answer_changed(call, &before, req.verdict, err));
    return gh_answer_state(call, req.submission, err);
}

static int check_sees(struct gh_call *call, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    return gh_view_get_whole(call, id, &item, err);
}

/* An officer words what is not approved yet: what is, an approver has read. */
static int check_words(struct gh_call *call, int64_t id, struct gh_err *err)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(check_sees(call, id, err));
    if (!call->person || (call->person->roles & GH_APPROVER))
        return 0;
    TRY(gh_ledger_get(call->p->ledger, id, &item, err)); /* with what only the inside knows */
    for (size_t i = 0; i < item.n_renditions; i++) {
        enum gh_ren_state s = item.renditions[i].state;
        if (s == GH_REN_APPROVED || s == GH_REN_PUBLISHING || s == GH_REN_PUBLISHED ||
            s == GH_REN_COLLECTED || s == GH_REN_WITHDRAWN)
            return gh_refuse(call, err, "state",
                             "it is being decided, or approved: only an approver changes its words"
                             " now");
    }
    return 0;
}

int gh_req_undo(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    unsigned n;
    struct gh_who by = caller(call);
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(check_sees(call, id, err));
    TRY(gh_ledger_undo(call->p->ledger, &by, id, &n, err));
    gh_answer(call, "changed", json_integer(n));
    return gh_answer_state(call, id, err);
}

int gh_req_freeze(struct gh_call *call, struct gh_err *err)
{
    const char *reason;
    GH_AUTO_FREE char *clean = NULL;
    struct gh_who by = caller(call);
    TRY(gh_arg_text(call, "reason", FREEZE_MAX, &reason, err));
    if (reason)
        TRY(gh_text_decode(reason, strlen(reason), &clean, err));
    TRY(gh_ledger_freeze(call->p->ledger, &by, clean, err));
    return gh_answer_frozen(call, err);
}

int gh_req_thaw(struct gh_call *call, struct gh_err *err)
{
    struct gh_who by = caller(call);
    TRY(gh_ledger_thaw(call->p->ledger, &by, err));
    if (call->p->publisher)
        gh_publisher_recover(call->p->publisher);
    return gh_answer_frozen(call, err);
}

static int check_placement(struct gh_call *call, const char *placement, struct gh_err *err)
{
    if (gh_profiles_find(&call->p->settings->sets->profiles, placement))
        return 0;
    return gh_fail(err, GH_LIMIT, "there is no placement %.*s (ghat profiles lists them)",
                   (int)gh_utf8_cut(placement, 64), placement);
}

/* The common caption, or that of one placement. */
int gh_req_caption(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    const char *caption, *placement;
    GH_AUTO_FREE char *clean = NULL;
    struct gh_who by = caller(call);
    TRY(gh_arg_id(call, "id", &id, err));
    if (!json_object_get(call->request, "caption"))
        return gh_fail(err, GH_USAGE, "\"caption\" is missing");
    TRY(gh_arg_text(call, "caption", CAPTION_MAX, &caption, err));
    TRY(gh_arg_text(call, "placement", REASON_MAX, &placement, err));
    if (caption)
        TRY(gh_text_decode(caption, strlen(caption), &clean, err)); /* as one that is dropped */
    if (placement)
        TRY(check_placement(call, placement, err));
    TRY(check_words(call, id, err));
    if (placement)
        TRY(gh_ledger_set_caption_of(call->p->ledger, &by, id, placement, clean, err));
    else
        TRY(gh_ledger_set_caption(call->p->ledger, &by, id, clean, err));
    return gh_answer_state(call, id, err);
}

int gh_req_alt(struct gh_call *call, struct gh_err *err)
{
    int64_t id, number;
    const char *text;
    GH_AUTO_FREE char *clean = NULL;
    struct gh_who by = caller(call);
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_arg_id(call, "file", &number, err));
    if (!json_object_get(call->request, "text"))
        return gh_fail(err, GH_USAGE, "\"text\" is missing");
    TRY(gh_arg_text(call, "text", ALT_MAX, &text, err));
    if (text)
        TRY(gh_text_decode(text, strlen(text), &clean, err));
    TRY(check_words(call, id, err));
    TRY(gh_ledger_set_alt(call->p->ledger, &by, id, (unsigned)GH_MIN(number, (int64_t)INT32_MAX),
                          clean, err));
    return gh_answer_state(call, id, err);
}

/* The department takes it back, before it is approved. */
int gh_req_recall(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    struct gh_who by = caller(call);
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(check_sees(call, id, err));
    TRY(gh_ledger_cancel(call->p->ledger, &by, id, err));
    return gh_answer_state(call, id, err);
}

int gh_req_urgent(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    bool urgent;
    struct gh_who by = caller(call);
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_arg_bool(call, "urgent", true, &urgent, err));
    TRY(check_sees(call, id, err));
    TRY(gh_ledger_set_urgent(call->p->ledger, &by, id, urgent, err));
    return gh_answer_state(call, id, err);
}

/* Does a choice for a file of this medium concern the placement of this profile? */
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

/* Placements of the item that the choice concerns, each once. Borrowed from item. */
static size_t concerned_placements(const struct gh_profiles *profiles, const struct gh_item *item,
                                   concerns_fn concerns, const char *ret[GH_ARG_PLACEMENTS])
{
    size_t n = 0;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        const struct gh_profile *p = gh_profiles_find(profiles, r->placement);
        enum gh_media source = GH_MEDIA_NONE;
        bool known = false;
        for (size_t k = 0; k < item->n_files; k++)
            if (item->files[k].id == r->file)
                source = (enum gh_media)item->files[k].media;
        for (size_t k = 0; k < n; k++)
            known = known || gh_streq(ret[k], r->placement);
        if (r->state == GH_REN_SKIPPED || r->state == GH_REN_FAILED)
            continue; /* there is nothing to make again */
        if (p && concerns(p, source) && !known && n < GH_ARG_PLACEMENTS)
            ret[n++] = r->placement;
    }
    return n;
}

/* What a choice concerns is made again: the decision that goes with it. placements must outlive it.
 */
static int decision_of(struct gh_call *call, concerns_fn concerns, const char **placements,
                       struct gh_item *item, struct gh_decision_req *ret, struct gh_err *err)
{
    int64_t id;
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_view_get_whole(call, id, item, err));
    *ret = (struct gh_decision_req){
        .submission = id,
        .verdict = GH_RERENDER,
        .placements = placements,
        .n_placements =
            concerned_placements(&call->p->settings->sets->profiles, item, concerns, placements)};
    return 0;
}

int gh_req_thumb(struct gh_call *call, struct gh_err *err)
{
    const char *placements[GH_ARG_PLACEMENTS];
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_decision_req again;
    struct gh_who by = caller(call);
    unsigned changed;
    const json_t *at = json_object_get(call->request, "at");
    double seconds = json_is_number(at) ? json_number_value(at) : -1;
    char why[64] = "thumbnail chosen again";
    if (at && !json_is_null(at) && !(seconds >= 0 && seconds < AT_MAX_S))
        return gh_fail(err, GH_USAGE,
                       "\"at\" must be seconds from the video's beginning, or null to choose");
    if (seconds >= 0)
        snprintf(why, sizeof(why), "thumbnail at %.3f s", seconds);
    TRY(decision_of(call, is_thumbnail, placements, &item, &again, err));
    again.reason = why;
    TRY(gh_ledger_choose_thumb(call->p->ledger, &by, seconds < 0 ? -1 : (int64_t)(seconds * 1e6),
                               &again, &changed, err));
    gh_answer(call, "changed", json_integer(changed));
    return gh_answer_state(call, again.submission, err);
}

/* As a request takes it. */
static json_t *focal_json(const struct gh_focal *f)
{
    char text[24];
    if (!f->has)
        return json_null();
    GH_FORMAT(text, "%.4f,%.4f", (double)f->x / GH_FOCAL_WHOLE, (double)f->y / GH_FOCAL_WHOLE);
    return json_string(text);
}

int gh_req_focal(struct gh_call *call, struct gh_err *err)
{
    const char *placements[GH_ARG_PLACEMENTS];
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    struct gh_decision_req again;
    struct gh_focal focal = {0}, before;
    struct gh_who by = caller(call);
    unsigned changed;
    const json_t *at = json_object_get(call->request, "at");
    const char *point = json_string_value(at);
    char why[64] = "crops chosen again";
    if (at && !json_is_null(at) && !(point && gh_focal_parse(point, &focal)))
        return gh_fail(err, GH_USAGE,
                       "\"at\" must be \"X,Y\", shares of width and height, or null to choose");
    if (focal.has)
        snprintf(why, sizeof(why), "crops keep %.4f,%.4f", (double)focal.x / GH_FOCAL_WHOLE,
                 (double)focal.y / GH_FOCAL_WHOLE);
    TRY(decision_of(call, is_cropped, placements, &item, &again, err));
    again.reason = why;
    TRY(gh_ledger_focal(call->p->ledger, again.submission, &before, err));
    TRY(gh_ledger_choose_focal(call->p->ledger, &by, &focal, &again, &changed, err));
    gh_answer(call, "changed", json_integer(changed));
    gh_answer(call, "was", focal_json(&before));
    return gh_answer_state(call, again.submission, err);
}

int gh_req_sweep(struct gh_call *call, struct gh_err *err)
{
    (void)err;
    if (call->p->sweep)
        gh_sweep_now(call->p->sweep);
    return 0;
}

/* A person says that the clock is right. */
int gh_req_clock(struct gh_call *call, struct gh_err *err)
{
    struct gh_who by = caller(call);
    TRY(gh_clock_trust_confirm(call->p->clock, &by, err));
    if (call->p->publisher)
        gh_publisher_clock_is_right(call->p->publisher);
    return 0;
}

int gh_req_department_confirm(struct gh_call *call, struct gh_err *err)
{
    struct gh_who by = caller(call);
    const char *name;
    TRY(gh_arg_text(call, "department", 256, &name, err));
    const struct gh_departments *set = &call->p->settings->departments;
    const struct gh_department *d = name ? gh_departments_find(set, name) : NULL;
    if (!d && name)
        d = gh_departments_find_folder(set, name);
    if (!d)
        return gh_fail(err, GH_USAGE, "there is no department %s (ghat department list shows them)",
                       name ? name : "");
    if (!call->p->intake)
        return gh_fail(err, GH_AGAIN, "intake does not run: try again in a moment");
    return gh_intake_confirm(call->p->intake, &by, d->folder, err);
}

int gh_req_reload(struct gh_call *call, struct gh_err *err)
{
    struct gh_problems problems = {0};
    int r = call->p->reload(call->p->reload_arg, &problems, err);
    json_t *list = json_array();
    for (size_t i = 0; i < problems.n; i++)
        json_array_append_new(list, gh_json_name(problems.list[i], strlen(problems.list[i])));
    gh_problems_free(&problems);
    gh_answer(call, "problems", list);
    return r;
}
