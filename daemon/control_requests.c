/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of requests, and those that only read: status, list, show, log, a staged file, departments, profiles. */
#include "daemon/control_args.h"

#include "daemon/daemon.h"
#include "daemon/forecast.h"
#include "daemon/intake.h"
#include "daemon/item_json.h"
#include "daemon/outbox.h"
#include "daemon/work.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

#define LIST_MAX 500 /* items of one reply: a page */
#define LOG_MAX 2000

/* ---------------------------------------------------------------------------------------- arguments */

int gh_arg_id(const struct gh_call *call, const char *name, int64_t *ret, struct gh_err *err)
{
    const json_t *v = json_object_get(call->request, name);
    if (!json_is_integer(v) || json_integer_value(v) <= 0)
        return gh_fail(err, GH_USAGE, "\"%s\" must be a number above 0", name);
    *ret = json_integer_value(v);
    return 0;
}

int gh_arg_text(const struct gh_call *call, const char *name, size_t max, const char **ret, struct gh_err *err)
{
    const json_t *v = json_object_get(call->request, name);
    if (!v || json_is_null(v)) {
        *ret = NULL;
        return 0;
    }
    if (!json_is_string(v) || json_string_length(v) > max || strlen(json_string_value(v)) != json_string_length(v))
        return gh_fail(err, GH_USAGE, "\"%s\" must be a text of at most %zu bytes", name, max);
    *ret = json_string_value(v);
    return 0;
}

int gh_arg_bool(const struct gh_call *call, const char *name, bool def, bool *ret, struct gh_err *err)
{
    const json_t *v = json_object_get(call->request, name);
    if (v && !json_is_boolean(v))
        return gh_fail(err, GH_USAGE, "\"%s\" must be true or false", name);
    *ret = v ? json_is_true(v) : def;
    return 0;
}

int gh_arg_placements(const struct gh_call *call, const char **ret, size_t *ret_n, struct gh_err *err)
{
    const json_t *list = json_object_get(call->request, "placements");
    size_t n = json_array_size(list);
    if (!list || json_is_null(list)) {
        *ret_n = 0;
        return 0;
    }
    if (!json_is_array(list) || n == 0 || n > GH_ARG_PLACEMENTS)
        return gh_fail(err, GH_USAGE, "\"placements\" must be a list of 1 to %d names", GH_ARG_PLACEMENTS);
    for (size_t i = 0; i < n; i++) {
        ret[i] = json_string_value(json_array_get(list, i));
        if (!ret[i])
            return gh_fail(err, GH_USAGE, "\"placements\" must hold names only");
    }
    *ret_n = n;
    return 0;
}

void gh_answer(struct gh_call *call, const char *name, json_t *value)
{
    if (!value || json_object_set_new(call->reply, name, value) < 0)
        abort(); /* out of memory, or text of ours that is not UTF-8 */
}

/* ---------------------------------------------------------------------------------------- status */

static int64_t midnight(int64_t now_ms)
{
    time_t t = (time_t)(now_ms / 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000;
}

static json_t *disk(int dir)
{
    struct statvfs vfs;
    if (dir < 0 || fstatvfs(dir, &vfs) < 0)
        return json_null();
    return json_pack("{s:I, s:I}", "free", (json_int_t)((uint64_t)vfs.f_bavail * vfs.f_frsize), "size",
                     (json_int_t)((uint64_t)vfs.f_blocks * vfs.f_frsize));
}

static json_t *seconds(int64_t ms)
{
    return ms < 0 ? json_null() : json_real((double)ms / 1000);
}

static void add_running(const struct gh_progress_row *row, void *arg)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_integer(row->submission));
    json_object_set_new(o, "file", json_integer(row->file));
    json_object_set_new(o, "name", row->name ? gh_json_name(row->name, row->name_len) : json_null());
    json_object_set_new(o, "media", json_string(row->media == GH_VIDEO ? "video" : "photo"));
    json_object_set_new(o, "progress", json_real(row->permille / 1000.0));
    json_object_set_new(o, "left_seconds", seconds(row->left_ms));
    json_array_append_new(arg, o);
}

/* Files in work, of one submission or (0) of all. */
static json_t *running(const struct gh_daemon *d, int64_t submission)
{
    json_t *list = json_array();
    if (d->workshop)
        gh_work_progress(d->workshop, submission, add_running, list);
    return list;
}

static json_t *encoder_json(const struct gh_engine_encoder *e)
{
    json_t *j = json_pack("{s:s, s:b, s:I, s:I}", "asked", gh_encoder_name(e->asked), "given_up", e->given_up, "made",
                          (json_int_t)e->made, "fell_back", (json_int_t)e->fell_back);
    if (e->why[0]) {
        json_object_set_new(j, "why", json_string(e->why));
        json_object_set_new(j, "last", json_integer(e->fell_back_ms));
    }
    return j;
}

static int req_status(struct gh_call *call, struct gh_err *err)
{
    struct gh_daemon *d = call->d;
    struct gh_counts c;
    int64_t now = gh_now_ms();
    TRY(gh_ledger_counts(d->ledger, midnight(now), &c, err));
    json_t *subs = json_object(), *rens = json_object();
    for (unsigned i = 0; i < GH_SUB_STATES_N; i++)
        json_object_set_new(subs, gh_sub_state_name(i), json_integer((json_int_t)c.submissions[i]));
    for (unsigned i = 0; i < GH_REN_STATES_N; i++)
        json_object_set_new(rens, gh_ren_state_name(i), json_integer((json_int_t)c.renditions[i]));
    gh_answer(call, "version", json_string(GH_VERSION));
    gh_answer(call, "started", gh_json_time(d->started_ms));
    gh_answer(call, "uptime", json_integer((now - d->started_ms) / 1000));
    gh_answer(call, "submissions", subs);
    gh_answer(call, "renditions", rens);
    gh_answer(call, "files",
              json_pack("{s:I, s:I, s:I}", "due", (json_int_t)c.files_due, "running", (json_int_t)c.files_running,
                        "bad", (json_int_t)c.files_bad));
    gh_answer(call, "today",
              json_pack("{s:I, s:I, s:I}", "staged", (json_int_t)c.staged_today, "decided", (json_int_t)c.decided_today,
                        "collected", (json_int_t)c.collected_today));
    gh_answer(call, "median_seconds",
              json_pack("{s:o, s:o, s:o}", "drop_to_staged", seconds(c.drop_to_staged_ms), "staged_to_approved",
                        seconds(c.staged_to_approved_ms), "approved_to_collected",
                        seconds(c.approved_to_collected_ms)));
    gh_answer(call, "paused", *d->paused ? json_string(d->paused) : json_null());
    gh_answer(call, "clock", *d->clock ? json_string(d->clock) : json_null());
    gh_answer(call, "scanning", *d->scanning ? json_string(d->scanning) : json_null());
    gh_answer(call, "engine",
              json_pack("{s:b, s:I, s:I}", "healthy", d->engine && gh_engine_healthy(d->engine), "running",
                        (json_int_t)(d->engine ? gh_engine_running(d->engine) : 0), "waiting",
                        (json_int_t)(d->engine ? gh_engine_waiting(d->engine) : 0)));
    if (d->engine)
        gh_answer(call, "encoder", encoder_json(gh_engine_encoder(d->engine)));
    if (d->intake) {
        struct gh_intake_stats in = {0};
        gh_intake_stats(d->intake, &in);
        json_t *quiet = json_object();
        for (size_t i = 0; i < d->departments.n; i++) {
            const char *slug = d->departments.list[i]->slug;
            json_object_set_new(quiet, slug, json_real((double)gh_intake_quiet(d->intake, slug) / 1000));
        }
        gh_answer(call, "intake",
                  json_pack("{s:o, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "quiet_seconds", quiet,
                            "quiet_default", (double)d->conf.quiet_ms / 1000, "ignored", (json_int_t)in.ignored,
                            "departments", (json_int_t)in.departments, "offline", (json_int_t)in.offline, "waiting",
                            (json_int_t)in.waiting, "taking", (json_int_t)in.taking, "parked", (json_int_t)in.parked,
                            "watches", (json_int_t)in.watches, "offline_all", in.offline_all, "scanned",
                            gh_json_time(in.scanned_ms)));
    }
    struct gh_queue queue;
    gh_forecast_queue(d->forecast, &queue);
    gh_answer(call, "queue",
              json_pack("{s:I, s:I, s:o}", "photos", (json_int_t)queue.photos, "videos", (json_int_t)queue.videos,
                        "left_seconds", seconds(queue.left_ms)));
    gh_answer(call, "running", running(d, 0));
    gh_answer(call, "disk", disk(d->dirs.spool));
    gh_answer(call, "publishing", json_integer(gh_outbox_busy()));
    return 0;
}

/* ---------------------------------------------------------------------------------------- items */

struct listing {
    json_t *items;
    struct gh_forecast *forecast;
};

static bool append(const struct gh_item *item, void *arg)
{
    struct listing *l = arg;
    json_t *o = gh_item_json_short(item);
    json_object_set_new(o, "left_seconds", seconds(gh_forecast_left_ms(l->forecast, item)));
    json_array_append_new(l->items, o);
    return true;
}

static int req_list(struct gh_call *call, struct gh_err *err)
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
    json_t *items = json_array();
    struct listing l = {items, call->d->forecast};
    int r = gh_ledger_list(call->d->ledger, &filter, append, &l, err);
    if (r < 0) {
        json_decref(items);
        return r;
    }
    /* a full page: ask again after its last id */
    gh_answer(call, "more", json_boolean(json_array_size(items) == filter.limit));
    gh_answer(call, "items", items);
    return 0;
}

static int req_show(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    const char *placements[GH_ARG_PLACEMENTS];
    size_t n;
    char hash[GH_SHA_HEX];
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_arg_placements(call, placements, &n, err));
    TRY(gh_ledger_get(call->d->ledger, id, &item, err));
    int outputs = gh_ledger_set_hash(call->d->ledger, id, placements, n, hash, err);
    TRY(outputs);
    const struct gh_department *dep = gh_daemon_department(call->d, item.sub.department);
    json_t *o = gh_item_json(&item);
    json_object_set_new(o, "department_title", dep && dep->title ? json_string(dep->title) : json_null());
    if (*item.sub.outbox_day) {
        char folder[128];
        gh_outbox_folder(&item.sub, folder, sizeof(folder));
        json_object_set_new(o, "outbox", json_string(folder));
    }
    json_object_set_new(o, "left_seconds", seconds(gh_forecast_left_ms(call->d->forecast, &item)));
    json_object_set_new(o, "running", running(call->d, id));
    gh_answer(call, "item", o);
    gh_answer(call, "set_hash", outputs ? json_string(hash) : json_null());
    return 0;
}

static bool append_log(const struct gh_audit_row *row, void *arg)
{
    json_t *list = arg;
    json_t *o = json_pack("{s:I, s:o, s:I, s:s, s:s, s:s, s:s, s:s}", "seq", (json_int_t)row->seq, "time",
                          gh_json_time(row->time_ms), "submission", (json_int_t)row->submission, "actor", row->actor,
                          "subject", row->subject, "action", row->action, "detail", row->detail, "hash", row->hash);
    if (o)
        json_array_append_new(list, o);
    return json_array_size(list) < LOG_MAX;
}

static int req_log(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_ledger_get(call->d->ledger, id, &item, err));
    json_t *rows = json_array();
    int r = gh_ledger_log(call->d->ledger, id, append_log, rows, err);
    if (r < 0) {
        json_decref(rows);
        return r;
    }
    gh_answer(call, "rows", rows);
    return 0;
}

/* A staged (or later) output as a descriptor: the desk shows exactly the bytes an approval names. */
static int req_file(struct gh_call *call, struct gh_err *err)
{
    int64_t id;
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(gh_arg_id(call, "rendition", &id, err));
    int64_t submission;
    TRY(gh_arg_id(call, "id", &submission, err));
    TRY(gh_ledger_get(call->d->ledger, submission, &item, err));
    for (size_t i = 0; i < item.n_renditions; i++) {
        const struct gh_rendition *r = &item.renditions[i];
        if (r->id != id)
            continue;
        if (!r->stage || r->state == GH_REN_DUE || r->state == GH_REN_RUNNING)
            return gh_fail(err, GH_LIMIT, "%s of submission %" PRId64 " is %s: there is no file", r->placement,
                           submission, gh_ren_state_name(r->state));
        TRY(gh_open_beneath(call->d->dirs.staging, r->stage, O_RDONLY, &call->fd, err));
        gh_answer(call, "sha256", json_string(r->sha256));
        gh_answer(call, "bytes", json_integer((json_int_t)r->bytes));
        gh_answer(call, "placement", json_string(r->placement));
        const char *dot = strrchr(r->stage, '.');
        gh_answer(call, "extension", json_string(dot && !strchr(dot, '/') ? dot + 1 : ""));
        return 0;
    }
    return gh_fail(err, GH_USAGE, "submission %" PRId64 " has no rendition %" PRId64, submission, id);
}

/* ---------------------------------------------------------------------------------------- departments, profiles */

static json_t *maybe(const char *s)
{
    json_t *j = s ? json_string(s) : NULL;
    return j ? j : json_null();
}

static int req_departments(struct gh_call *call, struct gh_err *err)
{
    (void)err;
    json_t *list = json_array();
    const struct gh_departments *set = &call->d->departments;
    for (size_t i = 0; i < set->n; i++) {
        const struct gh_department *dep = set->list[i];
        json_t *o = json_object();
        json_object_set_new(o, "slug", json_string(dep->slug));
        json_object_set_new(o, "folder", gh_json_name(dep->folder, strlen(dep->folder)));
        json_object_set_new(o, "title", maybe(dep->title));
        json_object_set_new(o, "languages", maybe(dep->languages));
        json_object_set_new(o, "policy", json_string(gh_policy_name((enum gh_policy)dep->policy)));
        if (call->d->intake)
            json_object_set_new(o, "quiet_seconds",
                                json_real((double)gh_intake_quiet(call->d->intake, dep->slug) / 1000));
        json_object_set_new(o, "conf", maybe(dep->file));
        json_object_set_new(o, "nodal_officer",
                            json_pack("{s:o, s:o, s:o, s:o}", "name", maybe(dep->officer.name), "designation",
                                      maybe(dep->officer.designation), "mobile", maybe(dep->officer.mobile), "email",
                                      maybe(dep->officer.email)));
        json_array_append_new(list, o);
    }
    gh_answer(call, "departments", list);
    return 0;
}

struct outdated {
    struct gh_call *call;
    const struct gh_profile *now; /* of the placement looked at; NULL: the profile is gone */
    json_t *list;
    struct gh_err *err;
    int failed;
};

static bool append_outdated(const struct gh_made_row *made, void *arg)
{
    struct outdated *o = arg;
    json_array_append_new(o->list, json_pack("{s:I, s:s, s:s, s:s, s:s?}", "id", (json_int_t)made->submission,
                                             "placement", made->placement, "state", gh_ren_state_name(made->state),
                                             "made_with", made->profile, "now", o->now ? o->now->digest : NULL));
    return json_array_size(o->list) < LOG_MAX;
}

static bool compare(const struct gh_made_row *made, void *arg)
{
    struct outdated *o = arg;
    o->now = gh_profiles_find(o->call->d->profiles, made->placement);
    if (o->now && !strcmp(o->now->digest, made->profile))
        return true;
    o->failed = gh_ledger_made_with(o->call->d->ledger, made->placement, made->profile, append_outdated, o, o->err);
    return o->failed == 0 && json_array_size(o->list) < LOG_MAX;
}

/* Which staged and approved outputs were made with another text of their profile. */
static int req_profiles(struct gh_call *call, struct gh_err *err)
{
    json_t *list = json_array();
    const struct gh_profiles *set = call->d->profiles;
    for (size_t i = 0; i < set->n; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:I}", "name", set->list[i].name, "title", set->list[i].title,
                                        "digest", set->list[i].digest, "version", (json_int_t)set->list[i].version));
    gh_answer(call, "profiles", list);
    struct outdated o = {.call = call, .list = json_array(), .err = err};
    int r = gh_ledger_made(call->d->ledger, compare, &o, err);
    gh_answer(call, "outdated", o.list);
    return o.failed ? o.failed : r;
}

/* ---------------------------------------------------------------------------------------- the table */

static int req_help(struct gh_call *call, struct gh_err *err)
{
    (void)err;
    json_t *list = json_array();
    for (const struct gh_request *r = gh_requests; r->name; r++)
        if (call->role >= r->role)
            json_array_append_new(list, json_pack("{s:s, s:s}", "request", r->name, "args", r->args));
    gh_answer(call, "requests", list);
    return 0;
}

const struct gh_request gh_requests[] = {
    {"help", GH_ROLE_DESK, req_help, ""},
    {"status", GH_ROLE_DESK, req_status, ""},
    {"list", GH_ROLE_DESK, req_list, "[state] [department] [after] [before] [limit] [newest]"},
    {"show", GH_ROLE_DESK, req_show, "id [placements]"},
    {"log", GH_ROLE_DESK, req_log, "id"},
    {"file", GH_ROLE_DESK, req_file, "id rendition"},
    {"departments", GH_ROLE_DESK, req_departments, ""},
    {"profiles", GH_ROLE_DESK, req_profiles, ""},
    {"approve", GH_ROLE_DESK, gh_req_decide, "id set_hash [placements] [as]"},
    {"hold", GH_ROLE_DESK, gh_req_decide, "id [placements] [reason] [as]"},
    {"release", GH_ROLE_DESK, gh_req_decide, "id [placements] [as]"},
    {"reject", GH_ROLE_DESK, gh_req_decide, "id reason [placements] [as]"},
    {"withdraw", GH_ROLE_DESK, gh_req_decide, "id reason [placements] [as]"},
    {"collected", GH_ROLE_DESK, gh_req_decide, "id [placements] [as]"},
    {"thumb", GH_ROLE_DESK, gh_req_thumb, "id at [as]"},
    {"focal", GH_ROLE_DESK, gh_req_focal, "id at [as]"},
    {"retry", GH_ROLE_DESK, gh_req_decide, "id [placements] [as]"},
    {"rerender", GH_ROLE_DESK, gh_req_decide, "id [placements] [as]"},
    {"caption", GH_ROLE_DESK, gh_req_caption, "id caption [as]"},
    {"urgent", GH_ROLE_DESK, gh_req_urgent, "id [urgent] [as]"},
    {"report", GH_ROLE_DESK, gh_req_report, "[day]"},
    {"sweep", GH_ROLE_ADMIN, gh_req_sweep, ""},
    {"clock", GH_ROLE_ADMIN, gh_req_clock, ""},
    {"reload", GH_ROLE_ADMIN, gh_req_reload, ""},
    {NULL, GH_ROLE_ADMIN, NULL, NULL},
};
