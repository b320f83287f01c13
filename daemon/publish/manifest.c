/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.json, for the agency's people and programs, and the names of folders and files in the
 * outbox. The manifest is written last, so that everything it names is there. */
#include "daemon/publish/outbox.h"

#include "base/json.h"
#include "base/str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GH_MANIFEST_VERSION 1 /* raised when a field changes its meaning or goes */

bool gh_outbox_has(const struct gh_rendition *r)
{
    return r->state == GH_REN_PUBLISHING || r->state == GH_REN_PUBLISHED ||
           r->state == GH_REN_COLLECTED;
}

void gh_outbox_folder(const struct gh_submission *sub, char *ret, size_t size)
{
    snprintf(ret, size, "%s/%s-%" PRId64, sub->outbox_day, sub->department, sub->id);
}

void gh_outbox_path(const struct gh_item *item, const struct gh_rendition *r, char *ret,
                    size_t size)
{
    char place[16] = "";
    unsigned n = gh_file_place(item, r->file);
    const char *dot = r->stage ? strrchr(r->stage, '.') : NULL;
    if (n)
        GH_FORMAT(place, "-%02u", n);
    snprintf(ret, size, "%s/%s-%" PRId64 "-%s%s-%.8s%s", r->placement, item->sub.department,
             item->sub.id, r->placement, place, r->sha256, dot && !strchr(dot, '/') ? dot : "");
}

static json_t *officer_json(const struct gh_department *d)
{
    json_t *o = json_object();
    json_object_set_new(o, "name", gh_json_text(d ? d->officer.name : NULL));
    json_object_set_new(o, "designation", gh_json_text(d ? d->officer.designation : NULL));
    json_object_set_new(o, "mobile", gh_json_text(d ? d->officer.mobile : NULL));
    json_object_set_new(o, "email", gh_json_text(d ? d->officer.email : NULL));
    return o;
}

/* ---------------------------------------------------------------------------------- caption.txt */

static const char *caption_of(const struct gh_rendition *r)
{
    return r->out_caption ? r->out_caption : "";
}

/* The first output that is out under this caption. */
static size_t first_with(const struct gh_item *item, const char *caption)
{
    for (size_t i = 0; i < item->n_renditions; i++)
        if (gh_outbox_has(&item->renditions[i]) &&
            !strcmp(caption_of(&item->renditions[i]), caption))
            return i;
    return item->n_renditions;
}

/* "[A, B]", the placements of those that are out under this caption, each once. */
static void add_heading(const struct gh_item *item, const char *caption, struct gh_str *out)
{
    const char *last = "", *sep = "[";
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (!gh_outbox_has(r) || strcmp(caption_of(r), caption) != 0 || !strcmp(last, r->placement))
            continue;
        gh_str_printf(out, "%s%s", sep, r->placement);
        last = r->placement;
        sep = ", ";
    }
    gh_str_puts(out, "]\n");
}

static const char *alt_of(const struct gh_item *item, int64_t file)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (r->file == file && gh_outbox_has(r) && r->out_alt && *r->out_alt)
            return r->out_alt;
    }
    return "";
}

static void add_alts(const struct gh_item *item, struct gh_str *out)
{
    bool begun = false;
    for (size_t i = 0; i < item->n_files; i++) {
        const char *alt = alt_of(item, item->files[i].id);
        if (!*alt)
            continue;
        gh_str_puts(out, begun || !out->len ? "" : "\n\n");
        gh_str_puts(out, "[alt text: ");
        gh_str_display(out, item->files[i].name, item->files[i].name_len);
        gh_str_printf(out, "]\n%s\n", alt);
        begun = true;
    }
}

void gh_outbox_caption(const struct gh_item *item, struct gh_str *out)
{
    size_t first = item->n_renditions, groups = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (gh_outbox_has(&item->renditions[i]) &&
            first_with(item, caption_of(&item->renditions[i])) == i) {
            groups++;
            first = GH_MIN(first, i);
        }
    if (groups == 1)
        gh_str_puts(out, caption_of(&item->renditions[first]));
    for (size_t i = first; groups > 1 && i < item->n_renditions; i++) {
        const char *caption = caption_of(&item->renditions[i]);
        if (!gh_outbox_has(&item->renditions[i]) || first_with(item, caption) != i)
            continue;
        gh_str_puts(out, out->len ? "\n\n" : "");
        add_heading(item, caption, out);
        gh_str_puts(out, caption);
    }
    add_alts(item, out);
}

/* -------------------------------------------------------------------------------- manifest.json */

/* The fields that a published file and a withdrawn one have in common. */
static json_t *entry_json(const struct gh_item *item, const struct gh_rendition *r)
{
    char path[256];
    json_t *o = json_object();
    const struct gh_file *f = gh_file_of(item, r->file);
    unsigned place = gh_file_place(item, r->file);
    gh_outbox_path(item, r, path, sizeof(path));
    json_object_set_new(o, "path", gh_json_text(path));
    json_object_set_new(o, "position", place ? json_integer(place) : json_null());
    json_object_set_new(o, "placement", gh_json_text(r->placement));
    json_object_set_new(o, "part", json_integer(r->part));
    json_object_set_new(o, "parts", json_integer(r->parts));
    json_object_set_new(o, "sha256", json_string(r->sha256));
    json_object_set_new(o, "original_name", f ? gh_json_name(f->name, f->name_len) : json_null());
    json_object_set_new(o, "original_sha256", f ? json_string(f->sha256) : json_null());
    return o;
}

static json_t *file_json(const struct gh_item *item, const struct gh_rendition *r,
                         const struct gh_profiles *profiles)
{
    json_t *o = entry_json(item, r), *profile = json_object();
    const struct gh_profile *p = profiles ? gh_profiles_find(profiles, r->placement) : NULL;
    gh_json_set_output(o, &(struct gh_json_output){.bytes = r->bytes,
                                                   .w = r->w,
                                                   .h = r->h,
                                                   .duration_us = r->duration_us,
                                                   .removed = r->removed});
    json_object_set_new(profile, "name", gh_json_text(r->placement));
    json_object_set_new(profile, "digest", gh_json_text(r->profile));
    /* The digest names the profile exactly; its version is known only while it is the same one. */
    json_object_set_new(profile, "version",
                        p && !strcmp(p->digest, r->profile) ? json_integer(p->version)
                                                            : json_null());
    json_object_set_new(o, "profile", profile);
    json_object_set_new(o, "caption",
                        gh_json_text(r->out_caption && *r->out_caption ? r->out_caption : NULL));
    json_object_set_new(o, "alt_text", gh_json_text(r->out_alt && *r->out_alt ? r->out_alt : NULL));
    json_object_set_new(o, "staged", gh_json_time(r->staged_ms));
    json_object_set_new(o, "approved", gh_json_time(r->approved_ms));
    json_object_set_new(o, "approved_by", gh_json_text(r->decided_by));
    return o;
}

/* The output that the newest of the approvals covers that are out; NULL: nothing is. */
static const struct gh_rendition *newest_out(const struct gh_item *item)
{
    const struct gh_rendition *newest = NULL;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (gh_outbox_has(&item->renditions[i]) &&
            (!newest || item->renditions[i].out > newest->out))
            newest = &item->renditions[i];
    return newest;
}

/* Another item of a correction, and the files of it that were out. */
static json_t *other_json(const struct gh_item *other)
{
    char folder[128];
    if (!other || !*other->sub.outbox_day)
        return json_null();
    const struct gh_rendition *said = NULL;
    json_t *o = json_object(), *files = json_array();
    for (size_t i = 0; i < other->n_renditions; i++) {
        const struct gh_rendition *r = &other->renditions[i];
        if (!r->publishing_ms)
            continue;
        json_t *f = entry_json(other, r);
        json_object_set_new(f, "caption", gh_json_text(r->out_caption));
        json_array_append_new(files, f);
        said = !said || r->out > said->out ? r : said;
    }
    gh_outbox_folder(&other->sub, folder, sizeof(folder));
    json_object_set_new(o, "id", json_integer(other->sub.id));
    json_object_set_new(o, "folder", gh_json_text(folder));
    json_object_set_new(o, "caption", gh_json_text(said ? said->out_common : NULL));
    json_object_set_new(o, "files", files);
    return o;
}

json_t *gh_manifest(const struct gh_item *item, const struct gh_manifest_about *about)
{
    const struct gh_department *department = about->department;
    const struct gh_profiles *profiles = about->profiles;
    int64_t now_ms = about->now_ms;
    const struct gh_submission *s = &item->sub;
    const struct gh_rendition *newest = newest_out(item);
    json_t *o = json_object(), *dept = json_object(), *times = json_object(), *files = json_array(),
           *gone = json_array();
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (gh_outbox_has(r))
            json_array_append_new(files, file_json(item, r, profiles));
        if (r->state != GH_REN_WITHDRAWN || !r->publishing_ms)
            continue; /* one that was never out is nobody's business */
        json_t *w = entry_json(item, r);
        json_object_set_new(w, "reason", gh_json_text(r->reason));
        json_object_set_new(w, "withdrawn", gh_json_time(r->decided_ms));
        json_object_set_new(w, "withdrawn_by", gh_json_text(r->decided_by));
        json_array_append_new(gone, w);
    }
    json_object_set_new(dept, "slug", gh_json_text(s->department));
    json_object_set_new(dept, "title",
                        gh_json_text(department ? department->title : s->department));
    json_object_set_new(times, "dropped", gh_json_time(s->dropped_ms));
    json_object_set_new(times, "received", gh_json_time(s->received_ms));
    json_object_set_new(times, "staged", gh_json_time(s->staged_ms));
    json_object_set_new(times, "approved", gh_json_time(s->approved_ms));
    json_object_set_new(times, "written", gh_json_time(now_ms));
    json_object_set_new(o, "manifest", json_integer(GH_MANIFEST_VERSION));
    json_object_set_new(o, "sequence", json_integer(s->manifest));
    json_object_set_new(o, "audit",
                        about->audit_head
                            ? json_pack("{s:I, s:s}", "sequence", (json_int_t)about->audit_seq,
                                        "head", about->audit_head)
                            : json_null());
    json_object_set_new(o, "id", json_integer(s->id));
    json_object_set_new(o, "department", dept);
    json_object_set_new(o, "nodal_officer", officer_json(department));
    json_object_set_new(o, "original_name", gh_json_name(s->name, s->name_len));
    json_object_set_new(o, "caption", gh_json_text(newest ? newest->out_common : NULL));
    json_object_set_new(o, "urgent", json_boolean(s->urgent));
    json_object_set_new(o, "times", times);
    json_object_set_new(o, "approved_by", gh_json_text(newest ? newest->out_by : s->approved_by));
    json_object_set_new(o, "replaces", other_json(about->old));
    json_object_set_new(o, "replaced_by", other_json(about->successor));
    json_object_set_new(o, "files", files);
    json_object_set_new(o, "withdrawn", gone);
    return o;
}

/* ----------------------------------------------------------------- one that is written no more */

static const char *path_of(const json_t *entry)
{
    const char *path = json_string_value(json_object_get(entry, "path"));
    return path ? path : "";
}

static bool names(const json_t *list, const char *path)
{
    size_t i;
    json_t *o;
    json_array_foreach (list, i, o)
        if (!strcmp(path_of(o), path))
            return true;
    return false;
}

static bool drop_missing(json_t *files, int folder)
{
    bool changed = false;
    for (size_t i = json_array_size(files); i-- > 0;) {
        const char *path = path_of(json_array_get(files, i));
        if (faccessat(folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        (void)json_array_remove(files, i);
        changed = true;
    }
    return changed;
}

static bool add_withdrawn(json_t *gone, const char *newer)
{
    size_t i;
    json_t *o, *from = newer ? json_loads(newer, 0, NULL) : NULL;
    bool changed = false;
    json_array_foreach (json_object_get(from, "withdrawn"), i, o)
        if (!names(gone, path_of(o)))
            changed |= json_array_append(gone, o) == 0;
    json_decref(from);
    return changed;
}

char *gh_manifest_trim(const char *text, size_t n, int folder, const char *newer)
{
    char *ret = NULL;
    json_t *o = json_loadb(text, n, 0, NULL), *files = json_object_get(o, "files"),
           *gone = json_object_get(o, "withdrawn");
    if (json_is_array(files) && json_is_array(gone) &&
        (int)drop_missing(files, folder) + (int)add_withdrawn(gone, newer) > 0)
        ret = json_dumps(o, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(o);
    return ret;
}
