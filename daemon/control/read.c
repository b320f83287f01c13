/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that only read: status, list, show, log, departments, profiles. */
#include "daemon/control/control_int.h"

#include "daemon/attempt/claims.h"
#include "daemon/attempt/forecast.h"
#include "daemon/control/item.h"
#include "daemon/control/view.h"
#include "daemon/intake/intake.h"
#include "daemon/publish/outbox.h"
#include "daemon/publish/publish.h"
#include "daemon/upkeep/clock_trust.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#define LIST_MAX 500 /* items of one reply: a page */
#define LOG_MAX 500  /* rows of a log in one reply: a page */
#define OUTDATED_MAX 2000
#define HOURS_DAYS 60 /* of closed and open days, with the hours of a department */

/* --------------------------------------------------------------------------------------- status */

static int64_t midnight(int64_t now_ms)
{
    time_t t = (time_t)(now_ms / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000;
}

static json_t *disk_json(int dir)
{
    struct statvfs vfs;
    if (dir < 0 || fstatvfs(dir, &vfs) < 0)
        return json_null();
    return json_pack("{s:I, s:I}", "free", (json_int_t)((uint64_t)vfs.f_bavail * vfs.f_frsize),
                     "size", (json_int_t)((uint64_t)vfs.f_blocks * vfs.f_frsize));
}

static json_t *seconds_json(int64_t ms)
{
    return ms < 0 ? json_null() : json_real((double)ms / 1000);
}

static void add_running(const struct gh_progress_row *row, void *arg)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(row->submission));
    json_object_set_new(o, "file", json_integer(row->file));
    json_object_set_new(o, "name",
                        row->name ? gh_json_name(row->name, row->name_len) : json_null());
    json_object_set_new(o, "media", json_string(row->media == GH_VIDEO ? "video" : "photo"));
    json_object_set_new(o, "progress", json_real(row->permille / 1000.0));
    json_object_set_new(o, "left_seconds", seconds_json(row->left_ms));
    json_array_append_new(arg, o);
}

/* The files being worked on, of one submission or (0) of all. */
static json_t *running_json(const struct gh_control_parts *p, int64_t submission)
{
    json_t *list = json_array();
    if (p->claims)
        gh_claims_progress(p->claims, submission, add_running, list);
    return list;
}

static json_t *encoder_json(const struct gh_engine_encoder *e)
{
    json_t *j =
        json_pack("{s:s, s:b, s:I, s:I}", "asked", gh_encoder_name(e->asked), "given_up",
                  e->given_up, "made", (json_int_t)e->made, "fell_back", (json_int_t)e->fell_back);
    if (e->why[0]) {
        json_object_set_new(j, "why", gh_json_text(e->why));
        json_object_set_new(j, "last", json_integer(e->fell_back_ms));
    }
    return j;
}

static json_t *text_or_null(const char *why)
{
    return gh_json_text(*why ? why : NULL);
}

static void answer_counts(struct gh_call *call, const struct gh_counts *c,
                          const struct gh_today *today)
{
    json_t *subs = json_object(), *rens = json_object();
    for (unsigned i = 0; i < GH_SUB_STATES_N; i++)
        json_object_set_new(subs, gh_sub_state_name(i),
                            json_integer((json_int_t)c->submissions[i]));
    for (unsigned i = 0; i < GH_REN_STATES_N; i++)
        json_object_set_new(rens, gh_ren_state_name(i), json_integer((json_int_t)c->renditions[i]));
    gh_answer(call, "submissions", subs);
    gh_answer(call, "renditions", rens);
    gh_answer(call, "files",
              json_pack("{s:I, s:I, s:I}", "due", (json_int_t)c->files_due, "running",
                        (json_int_t)c->files_running, "bad", (json_int_t)c->files_bad));
    gh_answer(call, "today",
              json_pack("{s:I, s:I, s:I}", "staged", (json_int_t)today->staged, "decided",
                        (json_int_t)today->decided, "collected", (json_int_t)today->collected));
    gh_answer(call, "median_seconds",
              json_pack("{s:o, s:o, s:o}", "drop_to_staged", seconds_json(c->drop_to_staged_ms),
                        "staged_to_approved", seconds_json(c->staged_to_approved_ms),
                        "approved_to_collected", seconds_json(c->approved_to_collected_ms)));
}

static void answer_engine(struct gh_call *call)
{
    struct gh_engine *e = call->p->engine;
    gh_answer(call, "engine",
              json_pack("{s:b, s:I, s:I}", "healthy", e && gh_engine_healthy(e), "running",
                        (json_int_t)(e ? gh_engine_running(e) : 0), "waiting",
                        (json_int_t)(e ? gh_engine_waiting(e) : 0)));
    if (e)
        gh_answer(call, "encoder", encoder_json(gh_engine_encoder(e)));
}

static json_t *quiet_json(const struct gh_control_parts *p)
{
    json_t *quiet = json_object();
    for (size_t i = 0; i < p->settings->departments.n; i++) {
        const char *slug = p->settings->departments.list[i]->slug;
        json_object_set_new(quiet, slug, seconds_json(gh_quiet_ms(p->quiet, slug)));
    }
    return quiet;
}

static struct gh_intake_folder folder_of(const struct gh_control_parts *p,
                                         const struct gh_department *d)
{
    struct gh_intake_folder is = {0};
    if (p->intake)
        gh_intake_folder(p->intake, d->folder, &is);
    return is;
}

static void add_folder(const struct gh_control_parts *p, const struct gh_department *d,
                       const char *why, json_t *list)
{
    if (!why)
        return;
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", p->settings->conf.drop, d->folder);
    json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "department", gh_json_text(d->slug),
                                          "folder", gh_json_name(path, strlen(path)), "reason",
                                          gh_json_text(why)));
}

/* Departments whose folders are not known, or known by something that people can lose. */
static void add_folders(const struct gh_control_parts *p, json_t *o)
{
    json_t *unconfirmed = json_array(), *unmarked = json_array(), *by_file = json_array(),
           *unreadable = json_array();
    const struct gh_departments *set = &p->settings->departments;
    for (size_t i = 0; i < set->n; i++) {
        struct gh_intake_folder is = folder_of(p, set->list[i]);
        add_folder(p, set->list[i], is.unconfirmed, unconfirmed);
        add_folder(p, set->list[i], is.unmarked, unmarked);
        add_folder(p, set->list[i], is.unreadable, unreadable);
        if (is.by_file)
            json_array_append_new(by_file, gh_json_text(set->list[i]->slug));
    }
    json_object_set_new(o, "unconfirmed", unconfirmed);
    json_object_set_new(o, "unmarked", unmarked);
    json_object_set_new(o, "unreadable", unreadable);
    json_object_set_new(o, "by_file", by_file);
}

static json_t *intake_json(const struct gh_control_parts *p, const struct gh_intake_stats *in)
{
    json_t *o = json_object();
    json_object_set_new(o, "quiet_seconds", quiet_json(p));
    json_object_set_new(o, "quiet_default", seconds_json((int64_t)p->settings->conf.quiet_ms));
    json_object_set_new(o, "ignored", json_integer((json_int_t)in->ignored));
    json_object_set_new(o, "departments", json_integer((json_int_t)in->departments));
    json_object_set_new(o, "offline", json_integer((json_int_t)in->offline));
    json_object_set_new(o, "waiting", json_integer((json_int_t)in->waiting));
    json_object_set_new(o, "taking", json_integer((json_int_t)in->taking));
    json_object_set_new(o, "parked", json_integer((json_int_t)in->parked));
    json_object_set_new(o, "watches", json_integer((json_int_t)in->watches));
    add_folders(p, o);
    json_object_set_new(o, "offline_all", json_boolean(in->offline_all));
    json_object_set_new(o, "scanned", gh_json_time(in->scanned_ms));
    return o;
}

int gh_answer_frozen(struct gh_call *call, struct gh_err *err)
{
    struct gh_frozen is;
    int frozen = gh_ledger_frozen(call->p->ledger, &is, err);
    TRY(frozen);
    gh_answer(call, "frozen",
              frozen ? json_pack("{s:o, s:o, s:o}", "since", gh_json_time(is.since_ms), "by",
                                 gh_json_text(is.by), "reason", gh_json_text(is.reason))
                     : json_null());
    return 0;
}

int gh_req_status(struct gh_call *call, struct gh_err *err)
{
    const struct gh_control_parts *p = call->p;
    struct gh_counts counts;
    struct gh_today today;
    struct gh_intake_stats in = {.scanning = ""};
    struct gh_queue queue;
    int64_t now = gh_now_ms();
    TRY(gh_ledger_counts(p->ledger, &counts, err));
    TRY(gh_ledger_today(p->ledger, midnight(now), &today, err));
    gh_answer(call, "version", json_string(GH_VERSION));
    gh_answer(call, "started", gh_json_time(p->started_ms));
    gh_answer(call, "items_read", json_integer((json_int_t)gh_ledger_items_read(p->ledger)));
    gh_answer(call, "uptime", json_integer((now - p->started_ms) / 1000));
    answer_counts(call, &counts, &today);
    if (p->intake)
        gh_intake_stats(p->intake, &in);
    const char *paused = p->space->paused;
    gh_answer(call, "paused", text_or_null(*paused ? paused : gh_ledger_pause(p->ledger)));
    TRY(gh_answer_frozen(call, err));
    gh_answer(call, "clock", text_or_null(p->clock->doubt));
    gh_answer(call, "scanning", text_or_null(in.scanning));
    answer_engine(call);
    if (p->intake)
        gh_answer(call, "intake", intake_json(p, &in));
    gh_forecast_queue(p->forecast, &queue);
    gh_answer(call, "queue",
              json_pack("{s:I, s:I, s:o}", "photos", (json_int_t)queue.photos, "videos",
                        (json_int_t)queue.videos, "left_seconds", seconds_json(queue.left_ms)));
    gh_answer(call, "running", running_json(p, 0));
    gh_answer(call, "disk", disk_json(p->dirs->spool));
    gh_answer(call, "publishing", json_integer(p->publisher ? gh_publisher_busy(p->publisher) : 0));
    TRY(gh_answer_post(call, err));
    return gh_answer_refusals(call, err);
}

/* ---------------------------------------------------------------------------------------- items */

struct listing {
    json_t *items;
    const struct gh_call *call;
    unsigned n; /* seen so far, shown or not */
};

static bool append_item(const struct gh_item *item, void *arg)
{
    struct listing *l = arg;
    enum gh_view view;
    GH_AUTO(gh_item_free) struct gh_item part = {0};
    l->n++;
    if (!gh_view_is_whole(l->call)) { /* a brief item knows nothing of its decisions */
        if (gh_view_get(l->call, item->sub.id, &part, &view, NULL) < 0)
            return true;
        item = &part;
    } else {
        view = GH_VIEW_ALL;
    }
    json_t *o = gh_item_json_short(item, view);
    json_object_set_new(o, "left_seconds",
                        seconds_json(gh_forecast_left_ms(l->call->p->forecast, item)));
    json_array_append_new(l->items, o);
    return true;
}

int gh_req_list(struct gh_call *call, struct gh_err *err)
{
    struct gh_list_filter filter = {.limit = LIST_MAX, .brief = true};
    int64_t limit = LIST_MAX;
    TRY(gh_arg_text(call, "state", 64, &filter.state, err));
    TRY(gh_arg_text(call, "department", 256, &filter.department, err));
    if (json_object_get(call->request, "after"))
        TRY(gh_arg_id(call, "after", &filter.after, err));
    if (json_object_get(call->request, "before"))
        TRY(gh_arg_id(call, "before", &filter.before, err));
    if (json_object_get(call->request, "limit"))
        TRY(gh_arg_id(call, "limit", &limit, err));
    TRY(gh_arg_bool(call, "newest", false, &filter.newest, err));
    filter.limit = (unsigned)GH_MIN(limit, (int64_t)LIST_MAX);
    gh_view_limit(call, &filter);
    json_t *items = json_array();
    struct listing l = {items, call, 0};
    int r = gh_ledger_list(call->p->ledger, &filter, append_item, &l, err);
    if (r < 0) {
        json_decref(items);
        return r;
    }
    /* where the page is full, the peer asks again with the last id as "after" */
    gh_answer(call, "more", json_boolean(l.n == filter.limit));
    gh_answer(call, "items", items);
    return 0;
}

/* The handle of what is shown. A ledger that takes nothing now can still be looked at. */
static int answer_handle(struct gh_call *call, const struct gh_item *item, struct gh_err *err)
{
    char handle[GH_HANDLE], whole[GH_HANDLE + 24];
    struct gh_err why = {0};
    int r = gh_ledger_see(call->p->ledger, NULL, item, handle, &why);
    if (r < 0 && why.cls != GH_AGAIN) {
        *err = why;
        return r;
    }
    if (r > 0)
        GH_FORMAT(whole, "%" PRId64 "@%s", item->sub.id, handle);
    gh_answer(call, "handle", r > 0 ? json_string(whole) : json_null());
    return 0;
}

/* How long the caption of each placement is, as its platform counts, and how long it may be. */
static json_t *lengths_json(const struct gh_call *call, const struct gh_item *item)
{
    json_t *o = json_object();
    for (size_t i = 0; i < item->n_renditions; i++) {
        const char *placement = item->renditions[i].placement;
        const struct gh_profile *p =
            gh_profiles_find(&call->p->settings->sets->profiles, placement);
        if (!p || json_object_get(o, placement))
            continue;
        enum gh_count how = (enum gh_count)p->caption_count;
        json_object_set_new(
            o, placement,
            json_pack("{s:I, s:s, s:I}", "caption_max", (json_int_t)p->caption_max, "caption_count",
                      gh_count_name(how), "caption_len",
                      (json_int_t)gh_count_text(gh_caption_for(item, placement), how)));
    }
    return o;
}

int gh_req_show(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    const char *placements[GH_ARG_PLACEMENTS];
    size_t n;
    char hash[GH_SHA_HEX];
    enum gh_view view;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_arg_placements(call, placements, &n, err));
    TRY(gh_view_get(call, id, &item, &view, err));
    /* for whoever decides: to others it would tell what is left to approve */
    int outputs = gh_view_is_whole(call)
                      ? gh_ledger_set_hash(call->p->ledger, id, placements, n, hash, err)
                      : 0;
    TRY(outputs);
    const struct gh_department *dep =
        gh_departments_find(&call->p->settings->departments, item.sub.department);
    json_t *o = gh_item_json(&item, view);
    json_object_set_new(o, "lengths", lengths_json(call, &item));
    json_object_set_new(o, "department_title", gh_json_text(dep ? dep->title : NULL));
    if (item.sub.event) {
        GH_AUTO(gh_event_free) struct gh_event event = {0};
        TRY(gh_ledger_event(call->p->ledger, item.sub.event, &event, err));
        json_object_set_new(o, "event_title", gh_json_text(event.title));
    }
    if (*item.sub.outbox_day) {
        char folder[128];
        gh_outbox_folder(&item.sub, folder, sizeof(folder));
        json_object_set_new(o, "outbox", gh_json_text(folder));
    }
    json_object_set_new(o, "left_seconds",
                        seconds_json(gh_forecast_left_ms(call->p->forecast, &item)));
    json_object_set_new(o, "running",
                        view == GH_VIEW_OUT ? json_array() : running_json(call->p, id));
    gh_answer(call, "item", o);
    TRY(answer_handle(call, &item, err));
    gh_answer(call, "set_hash", outputs ? json_string(hash) : json_null());
    return view == GH_VIEW_OUT ? 0 : gh_answer_plea(call, id, err);
}

static bool append_log(const struct gh_audit_row *row, void *arg)
{
    json_t *list = arg, *o = json_object();
    json_object_set_new(o, "seq", json_integer(row->seq));
    json_object_set_new(o, "time", gh_json_time(row->time_ms));
    json_object_set_new(o, "submission", json_integer(row->submission));
    json_object_set_new(o, "actor", gh_json_text(row->actor));
    json_object_set_new(o, "subject", gh_json_text(row->subject));
    json_object_set_new(o, "action", gh_json_text(row->action));
    json_object_set_new(o, "detail", gh_json_text(row->detail));
    json_object_set_new(o, "hash", gh_json_text(row->hash));
    json_array_append_new(list, o);
    return true;
}

int gh_req_log(struct gh_call *call, struct gh_err *err)
{
    int64_t id, after = 0, limit = LOG_MAX;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", &id, err));
    if (json_object_get(call->request, "after"))
        TRY(gh_arg_id(call, "after", &after, err));
    if (json_object_get(call->request, "limit"))
        TRY(gh_arg_id(call, "limit", &limit, err));
    TRY(gh_view_get_whole(call, id, &item, err));
    json_t *rows = json_array();
    int more = (gh_view_is_whole(call) ? gh_ledger_log : gh_ledger_log_outside)(
        call->p->ledger, id, after, (unsigned)GH_MIN(limit, (int64_t)LOG_MAX), append_log, rows,
        err);
    if (more < 0) {
        json_decref(rows);
        return more;
    }
    /* a full page: ask again after its last seq */
    gh_answer(call, "more", json_boolean(more));
    gh_answer(call, "rows", rows);
    return 0;
}

/* ------------------------------------------------------------------------ departments, profiles */

json_t *gh_person_json(const struct gh_person *p)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "name", gh_json_text(p->name), "designation",
                     gh_json_text(p->designation), "mobile", gh_json_text(p->mobile), "email",
                     gh_json_text(p->email));
}

int gh_req_departments(struct gh_call *call, struct gh_err *err)
{
    (void)err;
    json_t *list = json_array();
    const struct gh_departments *set = &call->p->settings->departments;
    for (size_t i = 0; i < set->n; i++) {
        const struct gh_department *dep = set->list[i];
        if (gh_view_of(call, dep->slug) == GH_VIEW_NONE)
            continue;
        json_t *o = json_object();
        json_object_set_new(o, "slug", gh_json_text(dep->slug));
        json_object_set_new(o, "folder", gh_json_name(dep->folder, strlen(dep->folder)));
        json_object_set_new(o, "title", gh_json_text(dep->title));
        json_object_set_new(o, "own", json_boolean(gh_view_owns(call, dep->slug)));
        json_object_set_new(o, "languages", gh_json_text(dep->languages));
        json_object_set_new(o, "policy", json_string(gh_policy_name((enum gh_policy)dep->policy)));
        if (call->p->quiet)
            json_object_set_new(o, "quiet_seconds",
                                json_real((double)gh_quiet_ms(call->p->quiet, dep->slug) / 1000));
        json_object_set_new(o, "conf", gh_json_text(dep->file));
        struct gh_intake_folder is = folder_of(call->p, dep);
        json_object_set_new(o, "unconfirmed", gh_json_text(is.unconfirmed));
        json_object_set_new(o, "unmarked", gh_json_text(is.unmarked));
        json_object_set_new(o, "unreadable", gh_json_text(is.unreadable));
        json_object_set_new(o, "by_file", json_boolean(is.by_file));
        json_object_set_new(o, "nodal_officer", gh_person_json(&dep->officer));
        json_object_set_new(o, "deputy", gh_person_json(&dep->deputy));
        json_object_set_new(o, "superior", gh_person_json(&dep->superior));
        GH_AUTO_STR hours = {0};
        gh_calendar_text(&dep->calendar, gh_now_ms(), HOURS_DAYS, &hours);
        json_object_set_new(o, "hours", gh_json_text(gh_str_text(&hours)));
        json_array_append_new(list, o);
    }
    gh_answer(call, "departments", list);
    return 0;
}

struct outdated {
    struct gh_call *call;
    const struct gh_profile *now; /* the profile as it is; NULL: there is none any more */
    json_t *list;
    struct gh_err *err;
    int failed;
};

static bool append_outdated(const struct gh_made_row *made, void *arg)
{
    struct outdated *o = arg;
    json_array_append_new(
        o->list, json_pack("{s:I, s:o, s:s, s:o, s:o}", "id", (json_int_t)made->submission,
                           "placement", gh_json_text(made->placement), "state",
                           gh_ren_state_name(made->state), "made_with", gh_json_text(made->profile),
                           "now", gh_json_text(o->now ? o->now->digest : NULL)));
    return json_array_size(o->list) < OUTDATED_MAX;
}

static bool compare_profile(const struct gh_made_row *made, void *arg)
{
    struct outdated *o = arg;
    o->now = gh_profiles_find(&o->call->p->settings->sets->profiles, made->placement);
    if (o->now && !strcmp(o->now->digest, made->profile))
        return true;
    o->failed = gh_ledger_made_with(o->call->p->ledger, made->placement, made->profile,
                                    append_outdated, o, o->err);
    return o->failed == 0 && json_array_size(o->list) < OUTDATED_MAX;
}

/* The profiles, and which staged and approved outputs were made with another version of theirs. */
int gh_req_profiles(struct gh_call *call, struct gh_err *err)
{
    json_t *list = json_array();
    const struct gh_profiles *set = &call->p->settings->sets->profiles;
    for (size_t i = 0; i < set->n; i++)
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:s, s:I}", "name", gh_json_text(set->list[i].name),
                            "title", gh_json_text(set->list[i].title), "digest",
                            set->list[i].digest, "version", (json_int_t)set->list[i].version));
    gh_answer(call, "profiles", list);
    if (!gh_view_is_whole(call))
        return 0;
    struct outdated o = {.call = call, .list = json_array(), .err = err};
    int r = gh_ledger_made(call->p->ledger, compare_profile, &o, err);
    gh_answer(call, "outdated", o.list);
    return o.failed ? o.failed : r;
}
