/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passing through: the source's own bitstream in a clean container, where it is within every hard
 * limit of a placement. What the limits cannot say (edit lists, damage, several languages of AAC)
 * is a table here. What only a whole decode tells is left to a probe of depth GH_PROBE_FULL,
 * or to the render.
 */
#include "daemon/plan/plan_int.h"

#include "base/str.h"

#include <string.h>

static bool is_mov(const struct gh_probe *p)
{
    return gh_streq(p->format, "mov");
}

static bool is_upright(const struct gh_probe *p)
{
    return p->orient == 1 && p->w == p->stored_w && p->h == p->stored_h;
}

static bool keeps_edits(const struct gh_probe *p)
{
    return !p->edit_trims;
}

static bool has_picture(const struct gh_probe *p)
{
    return p->n_video >= 1;
}

static bool has_length(const struct gh_probe *p)
{
    return p->duration_us > 0;
}

static bool starts_with_picture(const struct gh_probe *p)
{
    return !p->lead_us;
}

static bool is_whole(const struct gh_probe *p)
{
    return !p->damaged && !p->truncated;
}

static bool is_sdr(const struct gh_probe *p)
{
    return p->colour == GH_COLOUR_BT709 || p->colour == GH_COLOUR_UNKNOWN;
}

static bool is_one_size(const struct gh_probe *p)
{
    return !p->resized;
}

static bool is_closed(const struct gh_probe *p)
{
    return !p->open_gop;
}

/* What no platform's limit says, but a passed bitstream must satisfy. */
static const struct {
    bool (*holds)(const struct gh_probe *p);
    const char *else_why;
} conditions[] = {
    {has_picture, "it has no video stream"},
    {has_length, "its length is not known"},
    {is_mov, "its container is not MP4"},
    {is_upright, "it must be turned upright"},
    {is_sdr, "its colours must be converted"},
    {starts_with_picture, "its sound begins before its picture"},
    {keeps_edits, "its edit list hides frames"},
    {is_whole, "it does not decode cleanly"},
    {is_closed, "its GOPs are open"},
    {is_one_size, "its pictures change their size"},
};

struct gh_recipe gh_plan_pass_recipe(const struct gh_probe *probe, enum gh_policy policy)
{
    struct gh_recipe r;
    memset(&r, 0, sizeof(r));
    r.media = GH_VIDEO;
    r.how = GH_HOW_PASS;
    r.policy = policy;
    r.pic = gh_pic_of(probe, GH_VIDEO);
    /* The canvas is the source's: one of odd size fails "pixels-square" before this is used. */
    r.pic.fps = probe->fps;
    r.audio.mode = probe->n_audio ? GH_AUDIO_COPY : GH_AUDIO_NONE;
    return r;
}

bool gh_plan_passes(const struct gh_probe *probe, const struct gh_profile *profile, bool *ret_more,
                    char *ret_why, size_t size)
{
    for (size_t i = 0; i < GH_LEN(conditions); i++)
        if (!conditions[i].holds(probe)) {
            gh_format(ret_why, size, "%s", conditions[i].else_why);
            return false;
        }
    struct gh_recipe r = gh_plan_pass_recipe(probe, GH_POLICY_STRIP);
    if (gh_recipe_breaks(&r, profile, probe, ret_why, size))
        return false;
    *ret_more = probe->checked < GH_PROBE_FULL;
    return true;
}
