/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See item_json.h. */
#include "daemon/item_json.h"

#include "base/clock.h"
#include "base/str.h"

#include <jansson.h>
#include <string.h>

json_t *gh_json_name(const void *bytes, size_t n)
{
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, bytes, n);
    json_t *s = json_stringn(gh_str_text(&shown), shown.len);
    return s ? s : json_string("?");
}

json_t *gh_json_time(int64_t ms)
{
    char text[32];
    if (ms <= 0)
        return json_null();
    gh_time_iso(ms, text, sizeof(text));
    return json_string(text);
}

json_t *gh_json_removed(uint32_t bits)
{
    json_t *list = json_array();
    for (unsigned b = 0; b < 32 && gh_meta_title(b); b++)
        if (bits >> b & 1u)
            json_array_append_new(list, json_string(gh_meta_title(b)));
    return list;
}

/* Text from the ledger: UTF-8 as it was taken in; null for NULL. */
static json_t *text(const char *s)
{
    json_t *j = s ? json_string(s) : json_null();
    return j ? j : gh_json_name(s, strlen(s));
}

static json_t *parsed(const char *s)
{
    json_t *j = s ? json_loads(s, JSON_DECODE_ANY, NULL) : NULL;
    return j ? j : json_null();
}

enum gh_ren_state gh_placement_state(const struct gh_item *item, const char *placement)
{
    static const enum gh_ren_state order[] = {GH_REN_STAGED,    GH_REN_HELD,      GH_REN_RUNNING,   GH_REN_DUE,
                                              GH_REN_APPROVED,  GH_REN_PUBLISHED, GH_REN_COLLECTED, GH_REN_REJECTED,
                                              GH_REN_WITHDRAWN, GH_REN_FAILED,    GH_REN_SKIPPED};
    unsigned seen = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (!strcmp(item->renditions[i].placement, placement))
            seen |= 1u << item->renditions[i].state;
    for (size_t i = 0; i < GH_LEN(order); i++)
        if (seen >> order[i] & 1u)
            return order[i];
    return GH_REN_SKIPPED;
}

static json_t *files(const struct gh_item *item, bool all)
{
    static const char *const media[] = {"unknown", "photo", "video"};
    json_t *list = json_array();
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        json_t *o = json_object();
        json_object_set_new(o, "name", gh_json_name(f->name, f->name_len));
        json_object_set_new(o, "sha256", *f->sha256 ? json_string(f->sha256) : json_null());
        json_object_set_new(o, "role", json_string(f->role == GH_ROLE_CAPTION ? "caption" : "media"));
        if (all) {
            json_object_set_new(o, "file", json_integer(f->id));
            json_object_set_new(o, "bytes", json_integer((json_int_t)f->size));
            json_object_set_new(o, "work", json_string(gh_work_name(f->work)));
            json_object_set_new(o, "media", json_string(f->media <= GH_VIDEO ? media[f->media] : "?"));
            json_object_set_new(o, "source", json_string(f->source == GH_SOURCE_TAKEN ? "taken" : "present"));
            json_object_set_new(o, "found", gh_json_removed(f->found));
            json_object_set_new(o, "attempts", json_integer(f->attempts));
            json_object_set_new(o, "strikes", json_integer(f->strikes));
            json_object_set_new(o, "interrupted", json_integer(f->interrupted));
            json_object_set_new(o, "reason", text(f->reason));
            json_object_set_new(o, "probe", parsed(f->probe));
        }
        json_array_append_new(list, o);
    }
    return list;
}

json_t *gh_item_json_short(const struct gh_item *item)
{
    const struct gh_submission *s = &item->sub;
    json_t *o = json_object(), *placements = json_object();
    json_object_set_new(o, "id", json_integer(s->id));
    json_object_set_new(o, "department", json_string(s->department));
    json_object_set_new(o, "name", gh_json_name(s->name, s->name_len));
    json_object_set_new(o, "kind", json_string(s->kind == GH_KIND_FOLDER ? "folder" : "file"));
    json_object_set_new(o, "files", files(item, false));
    json_object_set_new(o, "state", json_string(gh_sub_state_name(s->state)));
    json_object_set_new(o, "dropped", gh_json_time(s->dropped_ms));
    json_object_set_new(o, "staged", gh_json_time(s->staged_ms));
    json_object_set_new(o, "approved", gh_json_time(s->approved_ms));
    json_object_set_new(o, "collected", gh_json_time(s->delivered_ms));
    json_object_set_new(o, "urgent", json_boolean(s->urgent));
    json_object_set_new(o, "reason", text(s->reason));
    json_object_set_new(o, "duplicate_of", s->duplicate_of ? json_integer(s->duplicate_of) : json_null());
    for (size_t i = 0; i < item->n_renditions; i++) {
        const char *placement = item->renditions[i].placement;
        if (!json_object_get(placements, placement))
            json_object_set_new(placements, placement,
                                json_string(gh_ren_state_name(gh_placement_state(item, placement))));
    }
    json_object_set_new(o, "placements", placements);
    return o;
}

static json_t *rendition(const struct gh_rendition *r)
{
    json_t *o = json_object();
    json_object_set_new(o, "rendition", json_integer(r->id));
    json_object_set_new(o, "file", json_integer(r->file));
    json_object_set_new(o, "placement", json_string(r->placement));
    json_object_set_new(o, "part", json_integer(r->part));
    json_object_set_new(o, "parts", json_integer(r->parts));
    json_object_set_new(o, "state", json_string(gh_ren_state_name(r->state)));
    json_object_set_new(o, "how", json_string(r->how));
    json_object_set_new(o, "profile", json_string(r->profile));
    json_object_set_new(o, "sha256", *r->sha256 ? json_string(r->sha256) : json_null());
    json_object_set_new(o, "bytes", json_integer((json_int_t)r->bytes));
    json_object_set_new(o, "width", json_integer(r->w));
    json_object_set_new(o, "height", json_integer(r->h));
    json_object_set_new(o, "duration", r->duration_us ? json_real((double)r->duration_us / 1e6) : json_null());
    json_object_set_new(o, "removed", gh_json_removed(r->removed));
    json_object_set_new(o, "checks", parsed(r->checks));
    json_object_set_new(o, "reason", text(r->reason));
    json_object_set_new(o, "note", text(r->note));
    json_object_set_new(o, "stage", text(r->stage));
    json_object_set_new(o, "decided_by", text(r->decided_by));
    json_object_set_new(o, "staged", gh_json_time(r->staged_ms));
    json_object_set_new(o, "decided", gh_json_time(r->decided_ms));
    json_object_set_new(o, "approved", gh_json_time(r->approved_ms));
    json_object_set_new(o, "published", gh_json_time(r->published_ms));
    json_object_set_new(o, "collected", gh_json_time(r->collected_ms));
    return o;
}

json_t *gh_item_json(const struct gh_item *item)
{
    const struct gh_submission *s = &item->sub;
    json_t *o = gh_item_json_short(item), *list = json_array(), *times = json_object();
    const struct {
        const char *name;
        int64_t ms;
    } stamps[] = {
        {"dropped", s->dropped_ms},   {"received", s->received_ms}, {"staged", s->staged_ms},
        {"approved", s->approved_ms}, {"decided", s->decided_ms},   {"collected", s->delivered_ms},
    };
    for (size_t i = 0; i < GH_LEN(stamps); i++)
        json_object_set_new(times, stamps[i].name, gh_json_time(stamps[i].ms));
    json_object_set_new(o, "times", times);
    json_object_set_new(o, "files", files(item, true));
    json_object_set_new(o, "caption", text(s->caption));
    json_object_set_new(o, "approved_caption", text(s->approved_caption));
    json_object_set_new(o, "revision", json_integer(s->revision));
    json_object_set_new(o, "approved_revision", json_integer(s->approved_revision));
    json_object_set_new(o, "approved_by", text(s->approved_by));
    json_object_set_new(o, "outbox_day", *s->outbox_day ? json_string(s->outbox_day) : json_null());
    json_t *retired = json_array();
    for (unsigned what = 1; what <= GH_KEPT_QUARANTINE; what <<= 1)
        if (s->retired & what)
            json_array_append_new(retired, json_string(gh_kept_name((enum gh_kept)what)));
    json_object_set_new(o, "retired", retired);
    json_object_set_new(o, "published_all", json_boolean(s->manifest == s->manifest_done));
    for (size_t i = 0; i < item->n_renditions; i++)
        json_array_append_new(list, rendition(&item->renditions[i]));
    json_object_set_new(o, "renditions", list);
    return o;
}
