/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.json: what lies in an outbox folder, for the agency's people and programs. It is written last: what it names
 * is there. */
#include "daemon/item_json.h"
#include "daemon/outbox.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define GH_MANIFEST_VERSION 1

bool gh_outbox_has(const struct gh_rendition *r)
{
    return r->state == GH_REN_APPROVED || r->state == GH_REN_PUBLISHED || r->state == GH_REN_COLLECTED;
}

void gh_outbox_folder(const struct gh_submission *sub, char *ret, size_t size)
{
    snprintf(ret, size, "%s/%s-%lld", sub->outbox_day, sub->department, (long long)sub->id);
}

void gh_outbox_path(const struct gh_submission *sub, const struct gh_rendition *r, char *ret, size_t size)
{
    const char *dot = r->stage ? strrchr(r->stage, '.') : NULL;
    snprintf(ret, size, "%s/%s-%lld-%s-%.8s%s", r->placement, sub->department, (long long)sub->id, r->placement,
             r->sha256, dot && !strchr(dot, '/') ? dot : "");
}

static json_t *maybe(const char *s)
{
    json_t *j = s ? json_string(s) : NULL;
    return j ? j : json_null();
}

static json_t *officer(const struct gh_department *d)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", maybe(d ? d->officer.name : NULL));
    json_object_set_new(o, "designation", maybe(d ? d->officer.designation : NULL));
    json_object_set_new(o, "mobile", maybe(d ? d->officer.mobile : NULL));
    json_object_set_new(o, "email", maybe(d ? d->officer.email : NULL));
    return o;
}

static const struct gh_file *file_of(const struct gh_item *item, int64_t id)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].id == id)
            return &item->files[i];
    return NULL;
}

/* What is said about a file in the outbox and about one taken away alike. */
static json_t *entry(const struct gh_item *item, const struct gh_rendition *r)
{
    char path[256];
    json_t *o = json_object();
    const struct gh_file *f = file_of(item, r->file);
    gh_outbox_path(&item->sub, r, path, sizeof(path));
    json_object_set_new(o, "path", json_string(path));
    json_object_set_new(o, "placement", json_string(r->placement));
    json_object_set_new(o, "part", json_integer(r->part));
    json_object_set_new(o, "parts", json_integer(r->parts));
    json_object_set_new(o, "sha256", json_string(r->sha256));
    json_object_set_new(o, "original_name", f ? gh_json_name(f->name, f->name_len) : json_null());
    json_object_set_new(o, "original_sha256", f ? json_string(f->sha256) : json_null());
    return o;
}

static json_t *file_entry(const struct gh_item *item, const struct gh_rendition *r, const struct gh_profiles *profiles)
{
    json_t *o = entry(item, r), *profile = json_object();
    const struct gh_profile *p = profiles ? gh_profiles_find(profiles, r->placement) : NULL;
    json_object_set_new(o, "bytes", json_integer((json_int_t)r->bytes));
    json_object_set_new(o, "width", json_integer(r->w));
    json_object_set_new(o, "height", json_integer(r->h));
    json_object_set_new(o, "duration", r->duration_us ? json_real((double)r->duration_us / 1e6) : json_null());
    json_object_set_new(o, "removed", gh_json_removed(r->removed));
    json_object_set_new(profile, "name", json_string(r->placement));
    json_object_set_new(profile, "digest", json_string(r->profile));
    /* the version only where the profile is still the one it was made with */
    json_object_set_new(profile, "version",
                        p && !strcmp(p->digest, r->profile) ? json_integer(p->version) : json_null());
    json_object_set_new(o, "profile", profile);
    json_object_set_new(o, "staged", gh_json_time(r->staged_ms));
    json_object_set_new(o, "approved", gh_json_time(r->approved_ms));
    json_object_set_new(o, "approved_by", maybe(r->decided_by));
    return o;
}

json_t *gh_manifest(const struct gh_item *item, const struct gh_department *department,
                    const struct gh_profiles *profiles, int64_t now_ms)
{
    const struct gh_submission *s = &item->sub;
    json_t *o = json_object(), *dept = json_object(), *times = json_object(), *files = json_array(),
           *gone = json_array();
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (gh_outbox_has(r))
            json_array_append_new(files, file_entry(item, r, profiles));
        if (r->state != GH_REN_WITHDRAWN)
            continue;
        json_t *w = entry(item, r);
        json_object_set_new(w, "reason", maybe(r->reason));
        json_object_set_new(w, "withdrawn", gh_json_time(r->decided_ms));
        json_object_set_new(w, "withdrawn_by", maybe(r->decided_by));
        json_array_append_new(gone, w);
    }
    json_object_set_new(dept, "slug", json_string(s->department));
    json_object_set_new(dept, "title", maybe(department ? department->title : s->department));
    json_object_set_new(times, "dropped", gh_json_time(s->dropped_ms));
    json_object_set_new(times, "received", gh_json_time(s->received_ms));
    json_object_set_new(times, "staged", gh_json_time(s->staged_ms));
    json_object_set_new(times, "approved", gh_json_time(s->approved_ms));
    json_object_set_new(times, "written", gh_json_time(now_ms));
    json_object_set_new(o, "manifest", json_integer(GH_MANIFEST_VERSION));
    json_object_set_new(o, "sequence", json_integer(s->manifest));
    json_object_set_new(o, "id", json_integer(s->id));
    json_object_set_new(o, "department", dept);
    json_object_set_new(o, "nodal_officer", officer(department));
    json_object_set_new(o, "original_name", gh_json_name(s->name, s->name_len));
    json_object_set_new(o, "caption", json_array_size(files) ? maybe(s->approved_caption) : json_null());
    json_object_set_new(o, "urgent", json_boolean(s->urgent));
    json_object_set_new(o, "times", times);
    json_object_set_new(o, "approved_by", maybe(s->approved_by));
    json_object_set_new(o, "files", files);
    json_object_set_new(o, "withdrawn", gone);
    return o;
}
