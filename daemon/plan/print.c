/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan for people (an aligned line a placement) and for scripts (one JSON object). */
#include "daemon/plan/plan_int.h"

#include "base/str.h"

#include <jansson.h>
#include <string.h>

static const char *const hows[] = {
    [GH_PLACE_ENCODE] = "encode",
    [GH_PLACE_MERGED] = "merged",
    [GH_PLACE_PASS] = "pass-through",
    [GH_PLACE_SKIP] = "skipped",
};

static void size_text(const struct gh_plan *plan, const struct gh_place *place, char *ret,
                      size_t size)
{
    if (!place->parts) {
        snprintf(ret, size, "-");
        return;
    }
    const struct gh_pic *p = &plan->encodes[place->encode[0]].pic;
    snprintf(ret, size, "%ux%u", p->canvas_w, p->canvas_h);
}

static void print_source(const struct gh_probe *p, struct gh_str *out)
{
    if (p->media == GH_PHOTO)
        gh_str_printf(out, "photo %s %ux%u %s", p->format, p->w, p->h,
                      gh_colour_name((enum gh_colour)p->colour));
    else
        gh_str_printf(out, "video %s %s %ux%u %.5g fps %.2f s %s, %u kbit/s, sound %s", p->format,
                      p->vcodec, p->w, p->h, gh_fps_value(p->fps_avg.den ? p->fps_avg : p->fps),
                      (double)p->duration_us / 1e6, gh_colour_name((enum gh_colour)p->colour),
                      p->vkbps, p->n_audio ? p->acodec : "none");
    if (p->orient != 1)
        gh_str_printf(out, ", turned (%u)", p->orient);
    gh_str_puts(out, "\n");
}

void gh_plan_print(const struct gh_plan *plan, const struct gh_probe *probe, struct gh_str *out)
{
    int name_w = 9;
    uint32_t served = 0;
    for (uint32_t i = 0; i < plan->n_places; i++) {
        name_w = GH_MAX(name_w, (int)strlen(plan->places[i].profile->name));
        served += plan->places[i].how != GH_PLACE_SKIP;
    }
    print_source(probe, out);
    for (uint32_t i = 0; i < plan->n_places; i++) {
        const struct gh_place *place = &plan->places[i];
        char size[24];
        size_text(plan, place, size, sizeof(size));
        gh_str_printf(out, "  %-*s  %-12s  %-9s  ", name_w, place->profile->name, hows[place->how],
                      size);
        if (place->parts > 1)
            gh_str_printf(out, "%u parts: ", place->parts);
        gh_str_printf(out, "%s\n", place->why);
    }
    gh_str_printf(out, "  %u placement%s from %u file%s made\n", served, served == 1 ? "" : "s",
                  plan->n_encodes, plan->n_encodes == 1 ? "" : "s");
}

static json_t *source_json(const struct gh_probe *p)
{
    json_t *o =
        json_pack("{s:s, s:s, s:I, s:I}", "media", p->media == GH_PHOTO ? "photo" : "video",
                  "format", p->format, "width", (json_int_t)p->w, "height", (json_int_t)p->h);
    if (o && p->media == GH_VIDEO)
        json_object_set_new(o, "seconds", json_real((double)p->duration_us / 1e6));
    return o;
}

static json_t *place_json(const struct gh_plan *plan, const struct gh_place *place)
{
    json_t *files = json_array();
    for (uint32_t k = 0; k < place->parts; k++)
        json_array_append_new(files, json_integer(place->encode[k]));
    json_t *o = json_pack("{s:s, s:s, s:s, s:o}", "placement", place->profile->name, "how",
                          hows[place->how], "why", place->why, "encodes", files);
    if (o && place->parts) {
        const struct gh_pic *p = &plan->encodes[place->encode[0]].pic;
        json_object_set_new(o, "width", json_integer(p->canvas_w));
        json_object_set_new(o, "height", json_integer(p->canvas_h));
    }
    return o;
}

json_t *gh_plan_json(const struct gh_plan *plan, const struct gh_probe *probe)
{
    json_t *places = json_array(), *encodes = json_array();
    for (uint32_t i = 0; i < plan->n_places; i++)
        json_array_append_new(places, place_json(plan, &plan->places[i]));
    for (uint32_t i = 0; i < plan->n_encodes; i++)
        json_array_append_new(encodes, gh_recipe_json(&plan->encodes[i]));
    return json_pack("{s:o, s:o, s:o, s:b}", "source", source_json(probe), "placements", places,
                     "encodes", encodes, "needs_full_probe", plan->need_full_probe != 0);
}
