/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat probe: what files are, as the planner sees them. One JSON object says what is worth saying
 * of a file; the text is made of it. */
#include "ctl/batch.h"
#include "ctl/ctl.h"
#include "ctl/inorder.h"
#include "ctl/options.h"

#include <string.h>

static void set_field(json_t *o, const char *name, json_t *value)
{
    json_object_set_new(o, name, value);
}

static json_t *metadata(uint32_t bits)
{
    json_t *list = json_array();
    for (unsigned b = 0; b < GH_META_BITS; b++)
        if (bits & 1u << b)
            json_array_append_new(list, json_string(gh_meta_name(b)));
    return list;
}

static void add_video(json_t *o, const struct gh_probe *p)
{
    double fps = p->fps_avg.den ? (double)p->fps_avg.num / p->fps_avg.den
                 : p->fps.den   ? (double)p->fps.num / p->fps.den
                                : 0;
    set_field(o, "codec", json_string(p->vcodec));
    set_field(o, "profile", json_string(p->vprofile));
    set_field(o, "pixels", json_string(p->pix_fmt));
    set_field(o, "fps", json_real(fps));
    set_field(o, "variable_rate", json_boolean(p->vfr));
    set_field(o, "seconds", json_real((double)p->duration_us / 1e6));
    set_field(o, "kbps", json_integer(p->vkbps));
    set_field(o, "interlaced", json_boolean(p->interlaced));
    set_field(o, "full_range", json_boolean(p->full_range));
    set_field(o, "edit_list", json_boolean(p->edit_list));
    set_field(o, "sound", json_string(p->n_audio ? p->acodec : "none"));
    if (p->n_audio) {
        set_field(o, "channels", json_integer(p->achannels));
        set_field(o, "sample_rate", json_integer(p->arate));
    }
}

static json_t *describe(const struct gh_batch_file *f)
{
    const struct gh_probe *p = &f->probe;
    GH_AUTO_STR file = {0};
    gh_str_display(&file, f->path, strlen(f->path));
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:I}", "file", gh_str_text(&file),
                  "media", p->media == GH_PHOTO ? "photo" : "video", "format", p->format, "width",
                  (json_int_t)p->w, "height", (json_int_t)p->h, "orientation",
                  (json_int_t)p->orient, "bytes", (json_int_t)p->bytes, "colour",
                  gh_colour_name((enum gh_colour)p->colour), "depth", (json_int_t)p->depth);
    if (p->media == GH_VIDEO)
        add_video(o, p);
    if (p->pages > 1)
        set_field(o, "pages", json_integer(p->pages));
    if (p->has_alpha)
        set_field(o, "alpha", json_true());
    if (p->icc[0])
        set_field(o, "colour_profile", json_string(p->icc));
    if (p->taken[0])
        set_field(o, "taken", json_string(p->taken));
    if (p->text[0])
        set_field(o, "description", json_string(p->text));
    set_field(o, "metadata", metadata(p->meta));
    return o;
}

static void print_text(json_t *o, const struct gh_batch_file *f, struct gh_str *out)
{
    const char *key;
    json_t *value;
    gh_str_printf(out, "%s:", json_string_value(json_object_get(o, "file")));
    json_object_foreach (o, key, value) {
        if (gh_streq(key, "file") || gh_streq(key, "metadata") || json_is_false(value))
            continue;
        if (json_is_string(value)) {
            gh_str_printf(out, " %s=", key);
            gh_str_display(out, json_string_value(value), json_string_length(value));
        } else if (json_is_integer(value)) {
            gh_str_printf(out, " %s=%" JSON_INTEGER_FORMAT, key, json_integer_value(value));
        } else if (json_is_real(value)) {
            gh_str_printf(out, " %s=%.5g", key, json_real_value(value));
        } else {
            gh_str_printf(out, " %s", key);
        }
    }
    gh_str_puts(out, "; metadata: ");
    gh_meta_describe(f->probe.meta, out);
    gh_str_puts(out, "\n");
}

static void on_probe(struct gh_batch_file *f)
{
    json_t *o = describe(f);
    if (f->batch->json) {
        gh_inorder_json(f, o);
        return;
    }
    print_text(o, f, &f->text);
    json_decref(o);
}

static const struct gh_batch_hooks hooks = {.probe = on_probe, .end = gh_inorder_end};

int gh_cmd_probe(struct gh_ctl *ctl, int argc, char **argv)
{
    GH_AUTO(gh_batch_close) struct gh_batch w = {.out_dir = -1};
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &w.json}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n == 0)
        return gh_ctl_usage(argv[0], "name at least one photo or video");
    struct gh_err err = {0};
    if (gh_batch_open(&w, ctl, argv[0], &err) < 0 ||
        gh_batch_run(&w, GH_GOAL_PROBE, argv + 1, (size_t)n, &hooks, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    return gh_batch_status(&w);
}
