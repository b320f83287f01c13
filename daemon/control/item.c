/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items as JSON, field by field. Texts of the ledger are UTF-8 as they were taken in; its probes
 * and checks are JSON already. */
#include "daemon/control/item.h"

#include "daemon/control/alike.h"
#include "daemon/publish/notes.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

#include <string.h>

static json_t *parsed_or_null(const char *s)
{
    json_t *j = s ? json_loads(s, JSON_DECODE_ANY, NULL) : NULL;
    return j ? j : json_null();
}

static json_t *number_or_null(int64_t n)
{
    return n ? json_integer(n) : json_null();
}

static bool is_wanted(const struct gh_item *item, const struct gh_file *f, enum gh_view view)
{
    bool wanted = view != GH_VIEW_OUT;
    for (size_t i = 0; i < item->n_renditions; i++)
        wanted |= item->renditions[i].file == f->id;
    return wanted;
}

/* What everybody sees of a file whose outputs are out. */
static json_t *file_out_json(const struct gh_item *item, const struct gh_file *f)
{
    return json_pack("{s:o, s:I, s:I, s:o}", "name", gh_json_name(f->name, f->name_len), "file",
                     (json_int_t)f->id, "number", (json_int_t)gh_file_number(item, f->id),
                     "alt_text", gh_json_text(f->alt));
}

static json_t *plain_json(const char *technical)
{
    return gh_json_text(technical ? gh_note_plain(technical) : NULL);
}

json_t *gh_item_plain(const struct gh_rendition *r)
{
    bool technical = r->state == GH_REN_SKIPPED || r->state == GH_REN_FAILED;
    return plain_json(technical ? r->reason : NULL);
}

static json_t *files_json(const struct gh_item *item, bool all, enum gh_view view)
{
    static const char *const media[] = {"unknown", "photo", "video"};
    json_t *list = json_array();
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        if (!is_wanted(item, f, view))
            continue;
        if (view == GH_VIEW_OUT) {
            json_array_append_new(list, file_out_json(item, f));
            continue;
        }
        json_t *o = json_object();
        json_object_set_new(o, "name", gh_json_name(f->name, f->name_len));
        json_object_set_new(o, "sha256", gh_json_text(*f->sha256 ? f->sha256 : NULL));
        json_object_set_new(o, "role",
                            json_string(f->role == GH_FILE_CAPTION ? "caption" : "media"));
        if (all) {
            json_object_set_new(o, "file", json_integer(f->id));
            json_object_set_new(o, "number", json_integer(gh_file_number(item, f->id)));
            json_object_set_new(o, "alt_text", gh_json_text(f->alt));
            json_object_set_new(o, "place", number_or_null(gh_file_place(item, f->id)));
            json_object_set_new(o, "bytes", json_integer((json_int_t)f->size));
            json_object_set_new(o, "work", json_string(gh_work_name(f->work)));
            json_object_set_new(o, "media",
                                json_string(f->media <= GH_VIDEO ? media[f->media] : "?"));
            json_object_set_new(o, "source",
                                json_string(f->source == GH_SOURCE_TAKEN ? "taken" : "present"));
            json_object_set_new(o, "found", gh_json_removed(f->found));
            json_object_set_new(o, "attempts", json_integer(f->attempts));
            json_object_set_new(o, "strikes", json_integer(f->strikes));
            json_object_set_new(o, "interrupted", json_integer(f->interrupted));
            json_object_set_new(o, "reason", gh_json_text(f->reason));
            json_object_set_new(o, "plain", plain_json(f->reason));
            json_object_set_new(o, "sharpness",
                                f->look.known ? json_integer(f->look.sharp) : json_null());
            json_t *probe = parsed_or_null(f->probe);
            json_object_set_new(o, "suggested_caption",
                                json_incref(json_object_get(probe, "text")));
            json_object_set_new(o, "probe", probe);
        }
        json_array_append_new(list, o);
    }
    return list;
}

json_t *gh_item_json_short(const struct gh_item *item, enum gh_view view)
{
    const struct gh_submission *s = &item->sub;
    json_t *o = json_object(), *placements = json_object();
    json_object_set_new(o, "id", json_integer(s->id));
    json_object_set_new(o, "department", gh_json_text(s->department));
    json_object_set_new(o, "name", gh_json_name(s->name, s->name_len));
    json_object_set_new(o, "kind", json_string(s->kind == GH_KIND_FOLDER ? "folder" : "file"));
    json_object_set_new(o, "files", files_json(item, false, view));
    json_object_set_new(o, "state", json_string(gh_sub_state_name(s->state)));
    json_object_set_new(o, "dropped", gh_json_time(s->dropped_ms));
    json_object_set_new(o, "staged", gh_json_time(s->staged_ms));
    json_object_set_new(o, "approved", gh_json_time(s->approved_ms));
    json_object_set_new(o, "collected", gh_json_time(s->delivered_ms));
    json_object_set_new(o, "posted", gh_json_time(s->posted_ms));
    json_object_set_new(o, "urgent", json_boolean(s->urgent));
    json_object_set_new(o, "sender", gh_json_text(s->sender));
    json_object_set_new(o, "reason", gh_json_text(s->reason));
    json_object_set_new(o, "duplicate_of", number_or_null(s->duplicate_of));
    json_object_set_new(o, "question", number_or_null(s->question));
    json_object_set_new(o, "event", number_or_null(s->event));
    json_object_set_new(o, "returned", gh_json_time(s->returned_ms));
    json_object_set_new(o, "embargo", gh_json_time(s->embargo_ms));
    json_object_set_new(o, "replaces", number_or_null(s->replaces));
    json_object_set_new(o, "replaced_by", number_or_null(s->replaced_by));
    for (size_t i = 0; i < item->n_renditions; i++) {
        const char *placement = item->renditions[i].placement;
        if (!json_object_get(placements, placement))
            json_object_set_new(
                placements, placement,
                json_string(gh_ren_state_name(gh_placement_state(item, placement))));
    }
    json_object_set_new(o, "placements", placements);
    return o;
}

static json_t *captions_json(const struct gh_item *item)
{
    json_t *o = json_object();
    for (size_t i = 0; i < item->n_captions; i++)
        json_object_set_new(o, item->captions[i].placement, gh_json_text(item->captions[i].text));
    return o;
}

/* The frame that the output shows, on its upright original; null where nobody kept it. */
static json_t *crop_json(const struct gh_rendition *r)
{
    if (!r->src_w)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "x", (json_int_t)r->crop.x, "y",
                     (json_int_t)r->crop.y, "width", (json_int_t)r->crop.w, "height",
                     (json_int_t)r->crop.h, "source_width", (json_int_t)r->src_w, "source_height",
                     (json_int_t)r->src_h);
}

static json_t *who_json(const char *actor)
{
    GH_AUTO_FREE char *who = actor ? gh_view_who(actor) : NULL;
    return gh_json_text(who);
}

static json_t *rendition_json(const struct gh_item *item, const struct gh_rendition *r,
                              enum gh_view view)
{
    json_t *o = json_object();
    const struct gh_file *f = gh_file_of(item, r->file);
    bool same = !r->decision || gh_streq(gh_caption_for(item, r->placement), r->approved_caption);
    json_object_set_new(o, "rendition", json_integer(r->id));
    json_object_set_new(o, "file", json_integer(r->file));
    json_object_set_new(o, "number", json_integer(gh_file_number(item, r->file)));
    json_object_set_new(o, "file_name", f ? gh_json_name(f->name, f->name_len) : json_null());
    /* the caption it was approved with, where that is not the one it would be approved with now */
    json_object_set_new(o, "approved_as", gh_json_text(same ? NULL : r->approved_caption));
    json_object_set_new(o, "placement", gh_json_text(r->placement));
    json_object_set_new(o, "part", json_integer(r->part));
    json_object_set_new(o, "parts", json_integer(r->parts));
    json_object_set_new(o, "state", json_string(gh_ren_state_name(r->state)));
    json_object_set_new(o, "how", gh_json_text(r->how));
    json_object_set_new(o, "profile", gh_json_text(r->profile));
    json_object_set_new(o, "sha256", gh_json_text(*r->sha256 ? r->sha256 : NULL));
    gh_json_set_output(o, &(struct gh_json_output){.bytes = r->bytes,
                                                   .w = r->w,
                                                   .h = r->h,
                                                   .duration_us = r->duration_us,
                                                   .removed = r->removed});
    json_object_set_new(o, "crop", crop_json(r));
    json_object_set_new(o, "checks", parsed_or_null(r->checks));
    json_object_set_new(o, "reason", gh_json_text(r->reason));
    json_object_set_new(o, "plain", gh_item_plain(r));
    json_object_set_new(o, "note", gh_json_text(r->note));
    json_object_set_new(o, "stage", gh_json_text(view == GH_VIEW_OUT ? NULL : r->stage));
    json_object_set_new(o, "decided_by", gh_json_text(r->decided_by));
    json_object_set_new(o, "staged", gh_json_time(r->staged_ms));
    json_object_set_new(o, "decided", gh_json_time(r->decided_ms));
    json_object_set_new(o, "approved", gh_json_time(r->approved_ms));
    json_object_set_new(o, "published", gh_json_time(r->published_ms));
    json_object_set_new(o, "collected", gh_json_time(r->collected_ms));
    json_object_set_new(o, "collected_by", who_json(r->collected_by));
    json_object_set_new(o, "acknowledged", gh_json_time(r->gone_ms));
    json_object_set_new(o, "acknowledged_by", who_json(r->gone_by));
    return o;
}

/* What the agency said, in order. */
static json_t *deliveries_json(const struct gh_item *item)
{
    json_t *list = json_array();
    for (size_t i = 0; i < item->n_deliveries; i++) {
        const struct gh_delivery *d = &item->deliveries[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:o}", "placement",
                                              d->placement, "said", gh_said_name(d->said), "time",
                                              gh_json_time(d->time_ms), "by", who_json(d->actor),
                                              "text", gh_json_text(d->text)));
    }
    return list;
}

/* By placement: who posts it now, and until when. */
static json_t *takes_json(const struct gh_item *item)
{
    json_t *o = json_object();
    int64_t now = gh_now_ms();
    for (size_t i = 0; i < item->n_takes; i++) {
        const struct gh_take *t = gh_delivery_take(item, item->takes[i].placement, now);
        if (t)
            json_object_set_new(o, t->placement,
                                json_pack("{s:o, s:o}", "by", who_json(t->actor), "until",
                                          gh_json_time(t->until_ms)));
    }
    return o;
}

/* Every post that stands: an album may be in several. */
static json_t *posts_json(const struct gh_item *item)
{
    json_t *list = json_array();
    for (size_t i = 0; i < item->n_deliveries; i++)
        if (gh_delivery_stands(item, i))
            json_array_append_new(list, json_pack("{s:s, s:o}", "placement",
                                                  item->deliveries[i].placement, "link",
                                                  gh_json_text(item->deliveries[i].text)));
    return list;
}

/* By placement: the last link under which it can be read. */
static json_t *links_json(const struct gh_item *item)
{
    json_t *o = json_object();
    for (size_t i = 0; i < item->n_deliveries; i++) {
        const char *placement = item->deliveries[i].placement;
        const char *link = gh_delivery_link(item, placement);
        if (link)
            json_object_set_new(o, placement, gh_json_text(link));
    }
    return o;
}

json_t *gh_item_json(const struct gh_item *item, enum gh_view view)
{
    const struct gh_submission *s = &item->sub;
    json_t *o = gh_item_json_short(item, view), *list = json_array(), *times = json_object();
    const struct {
        const char *name;
        int64_t ms;
    } stamps[] = {
        {"dropped", s->dropped_ms},     {"received", s->received_ms}, {"captioned", s->caption_ms},
        {"staged", s->staged_ms},       {"approved", s->approved_ms}, {"decided", s->decided_ms},
        {"collected", s->delivered_ms}, {"posted", s->posted_ms},
    };
    for (size_t i = 0; i < GH_LEN(stamps); i++)
        json_object_set_new(times, stamps[i].name, gh_json_time(stamps[i].ms));
    json_object_set_new(o, "times", times);
    json_object_set_new(o, "files", files_json(item, true, view));
    if (view == GH_VIEW_ALL)
        json_object_set_new(o, "alike", gh_alike_json(item));
    json_object_set_new(o, "caption", gh_json_text(s->caption));
    json_object_set_new(o, "captions", captions_json(item));
    json_object_set_new(o, "approved_caption", gh_json_text(s->approved_caption));
    json_object_set_new(o, "revision", json_integer(s->revision));
    json_object_set_new(o, "approved_revision", json_integer(s->approved_revision));
    json_object_set_new(o, "approved_by", gh_json_text(s->approved_by));
    json_object_set_new(o, "outbox_day", gh_json_text(*s->outbox_day ? s->outbox_day : NULL));
    char gone[GH_GONE_HANDLE_MAX];
    json_t *retired = json_array();
    for (unsigned what = 1; what <= GH_KEPT_QUARANTINE; what <<= 1)
        if (s->retired & what)
            json_array_append_new(retired, json_string(gh_kept_name((enum gh_kept)what)));
    json_object_set_new(o, "retired", retired);
    json_object_set_new(o, "published_all", json_boolean(s->manifest == s->manifest_done));
    for (size_t i = 0; i < item->n_renditions; i++)
        json_array_append_new(list, rendition_json(item, &item->renditions[i], view));
    json_object_set_new(o, "renditions", list);
    json_object_set_new(o, "deliveries", deliveries_json(item));
    json_object_set_new(o, "links", links_json(item));
    json_object_set_new(o, "posts", posts_json(item));
    json_object_set_new(o, "takes", takes_json(item));
    gh_gone_handle(item, gone);
    json_object_set_new(o, "gone_handle", json_string(gone));
    return o;
}
