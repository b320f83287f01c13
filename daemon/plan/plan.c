/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The planner. For every placement the filters describe the picture, the targets say how it is
 * encoded; equal recipes share an encode. Which others may share one is decided by share.c (photos)
 * and merge.c (videos). Classes: GH_USAGE (unknown placement), GH_INPUT, GH_LIMIT.
 */
#include "daemon/plan/plan_int.h"

#include "base/str.h"

#include <stdarg.h>
#include <string.h>

void gh_place_skip(struct gh_place *place, const char *fmt, ...)
{
    char text[sizeof(place->why)];
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(text, sizeof(text), fmt, ap);
    va_end(ap);
    place->how = GH_PLACE_SKIP;
    place->parts = 0;
    GH_COPY(place->why, text);
}

int gh_plan_encode(struct gh_plan *plan, const struct gh_recipe *recipe, bool *ret_added)
{
    *ret_added = false;
    for (uint32_t i = 0; i < plan->n_encodes; i++)
        if (gh_recipe_equal(&plan->encodes[i], recipe))
            return (int)i;
    if (plan->n_encodes == GH_JOB_MAX_ENCODES)
        return -1;
    plan->encodes[plan->n_encodes] = *recipe;
    *ret_added = true;
    return (int)plan->n_encodes++;
}

/* ----------------------------------------------------------------------------------- one recipe */

/* Run the chain for one part. Classes: what filters return. */
static int describe_picture(const struct gh_planning *pl, const struct gh_profile *profile,
                            uint32_t part, struct gh_pic *ret, struct gh_err *err)
{
    struct gh_pic pic = gh_pic_of(pl->probe, profile->media);
    pic.part = part + 1;
    if (pl->opts->focal.has) {
        pic.crop_how = GH_CROP_FOCAL;
        pic.focal_x = GH_MIN(pl->opts->focal.x, GH_FOCAL_WHOLE);
        pic.focal_y = GH_MIN(pl->opts->focal.y, GH_FOCAL_WHOLE);
    }
    gh_plan_overlay_ids(pl->opts, &pic);
    for (size_t i = 0; i < profile->n_chain; i++)
        TRY(profile->chain[i].filter->apply(&pic, &profile->chain[i], pl->probe, err));
    TRY(gh_plan_overlays(pl, profile, &pic, err));
    if (pic.crop.w == pic.src_w && pic.crop.h == pic.src_h)
        pic.crop_how = GH_CROP_NONE;
    if (pic.crop_how != GH_CROP_FOCAL) /* so that equal pictures are equal recipes */
        pic.focal_x = pic.focal_y = 0;
    *ret = pic;
    return 0;
}

static void set_credit(const struct gh_planning *pl, struct gh_recipe *r)
{
    r->policy = pl->opts->policy;
    bool written =
        r->media == GH_PHOTO && (r->policy == GH_POLICY_CREDIT || r->policy == GH_POLICY_KEEP);
    if (written && pl->opts->artist)
        GH_COPY(r->artist, pl->opts->artist);
    if (written && pl->opts->copyright)
        GH_COPY(r->copyright, pl->opts->copyright);
}

static int make_recipe(const struct gh_planning *pl, const struct gh_profile *profile,
                       uint32_t part, struct gh_recipe *ret, struct gh_err *err)
{
    struct gh_recipe r;
    memset(&r, 0, sizeof(r));
    r.media = profile->media;
    r.how = GH_HOW_ENCODE;
    r.bytes_max = profile->limits.bytes_max;
    TRY(describe_picture(pl, profile, part, &r.pic, err));
    set_credit(pl, &r);
    const struct gh_profile_target *t = &profile->target;
    if (r.media == GH_VIDEO) {
        TRY(gh_plan_video_own(pl->probe, profile, &r, err));
    } else {
        r.photo = (struct gh_photo_out){t->quality, t->quality_min, t->progressive, t->subsampling,
                                        t->shrink_min};
        if (pl->probe->media == GH_VIDEO)
            r.pic.start_us = pl->opts->thumb_at_us;
        if (r.photo.shrink_min >= GH_MAX(r.pic.canvas_w, r.pic.canvas_h))
            r.photo.shrink_min = 0;
    }
    char broken[160];
    if (gh_recipe_breaks(&r, profile, pl->probe, broken, sizeof(broken)))
        return gh_fail(err, GH_SKIP, "cannot be brought within the limits (%s)", broken);
    *ret = r;
    return 0;
}

/* --------------------------------------------------------------------------------------- photos */

static void describe_photo(const struct gh_recipe *r, const struct gh_probe *probe, char *ret,
                           size_t size)
{
    const struct gh_pic *p = &r->pic;
    static const char *const crops[] = {"", "cropped to its middle",
                                        "cropped to what catches the eye",
                                        "cropped around the point set"};
    const char *shape = p->pad == GH_PAD_BLUR      ? "padded with its own blur"
                        : p->pad == GH_PAD_COLOUR  ? "padded with a colour"
                        : p->crop_how              ? crops[GH_MIN(p->crop_how, 3u)]
                        : p->content_w < p->crop.w ? "made smaller"
                        : p->content_w > p->crop.w ? "enlarged"
                                                   : "in its own size";
    snprintf(ret, size, "%s%s, JPEG quality %u down to %u",
             probe->media == GH_VIDEO ? "a good frame, " : "", shape, r->photo.quality,
             r->photo.quality_min);
}

static void place_photo(const struct gh_planning *pl, uint32_t index)
{
    struct gh_place *place = &pl->plan->places[index];
    struct gh_recipe r;
    struct gh_err err = {0};
    if (make_recipe(pl, place->profile, 0, &r, &err) < 0) {
        gh_place_skip(place, "%s", err.msg);
        return;
    }
    bool added = false;
    int e = gh_plan_share(pl, index, &r);
    if (e < 0)
        e = gh_plan_encode(pl->plan, &r, &added);
    if (e < 0) {
        gh_place_skip(place, "too many outputs for one job: ask for fewer placements");
        return;
    }
    place->parts = 1;
    place->encode[0] = (uint32_t)e;
    place->how = added ? GH_PLACE_ENCODE : GH_PLACE_MERGED;
}

static void describe_photos(const struct gh_planning *pl)
{
    for (uint32_t i = 0; i < pl->plan->n_places; i++) {
        struct gh_place *place = &pl->plan->places[i];
        if (place->how == GH_PLACE_ENCODE && place->profile->media == GH_PHOTO && place->parts)
            describe_photo(&pl->plan->encodes[place->encode[0]], pl->probe, place->why,
                           sizeof(place->why));
    }
    gh_plan_share_tell(pl);
}

/* --------------------------------------------------------------------------------------- videos */

struct wants {
    struct gh_want *list;
    size_t n;
};

static void wants_free(struct wants *w)
{
    free(w->list);
}

static void add_want(struct wants *w, uint32_t place, uint32_t part, const struct gh_recipe *r)
{
    w->list = gh_realloc(w->list, (w->n + 1) * sizeof(*w->list));
    w->list[w->n++] = (struct gh_want){place, part, *r};
}

/* Whether a logo or a label belongs on what is made for this profile. */
static bool is_marked(const struct gh_planning *pl, const struct gh_profile *profile)
{
    struct gh_pic pic;
    return describe_picture(pl, profile, 0, &pic, NULL) == 0 &&
           (pic.watermark.corner || pic.label.corner);
}

/* True: the placement gets the source's own bitstream. Else place->why says why not, for the line
 * about its encode. */
static bool place_pass(const struct gh_planning *pl, uint32_t index, int *pass)
{
    struct gh_place *place = &pl->plan->places[index];
    bool more = false;
    char why_not[120] = "";
    if (gh_plan_is_apart(pl, index)) {
        GH_FORMAT(place->why, "its packets could not be put into a file that is small enough");
        return false;
    }
    if (is_marked(pl, place->profile)) {
        GH_FORMAT(place->why, "a logo or a label is painted on it");
        return false;
    }
    if (!gh_plan_passes(pl->probe, place->profile, &more, why_not, sizeof(why_not))) {
        GH_FORMAT(place->why, "%s", why_not);
        return false;
    }
    pl->plan->need_full_probe |= more;
    if (*pass < 0) {
        struct gh_recipe r = gh_plan_pass_recipe(pl->probe, pl->opts->policy);
        bool added;
        *pass = gh_plan_encode(pl->plan, &r, &added);
    }
    if (*pass < 0)
        return false;
    struct gh_recipe *shared = &pl->plan->encodes[*pass];
    uint64_t max = place->profile->limits.bytes_max;
    if (max && (!shared->bytes_max || max < shared->bytes_max))
        shared->bytes_max = max;
    place->how = GH_PLACE_PASS;
    place->parts = 1;
    place->encode[0] = (uint32_t)*pass;
    pl->plan->combined |= 1ull << *pass;
    GH_FORMAT(place->why, "the source is within every limit: only its container is rewritten%s",
              pl->probe->checked < GH_PROBE_PACKETS ? " (once it has been decoded whole)" : "");
    return true;
}

static void place_video(const struct gh_planning *pl, uint32_t index, struct wants *wants,
                        int *pass)
{
    struct gh_place *place = &pl->plan->places[index];
    if (place->profile->target.passthrough && place_pass(pl, index, pass))
        return;
    struct gh_recipe r;
    struct gh_err err = {0};
    uint32_t parts = 1;
    size_t before = wants->n;
    for (uint32_t part = 0; part < parts; part++) {
        if (make_recipe(pl, place->profile, part, &r, &err) < 0) {
            wants->n = before;
            gh_place_skip(place, "%s", err.msg);
            return;
        }
        parts = r.pic.parts ? r.pic.parts : 1;
        if (parts > GH_PLAN_MAX_PARTS) {
            gh_place_skip(place, "would make %u parts, at most %d: cut the clip", parts,
                          GH_PLAN_MAX_PARTS);
            return;
        }
        add_want(wants, index, part, &r);
    }
    place->parts = parts;
}

/* ------------------------------------------------------------------------------------- the plan */

static void add_place(const struct gh_planning *pl, const struct gh_profile *profile,
                      struct wants *wants, int *pass)
{
    uint32_t index = pl->plan->n_places++;
    struct gh_place *place = &pl->plan->places[index];
    place->profile = profile;
    if (!(profile->from & 1u << pl->probe->media))
        gh_place_skip(place, "makes %s, and this is a %s",
                      profile->media == GH_VIDEO ? "videos" : "photos",
                      pl->probe->media == GH_VIDEO ? "video" : "photo");
    else if (profile->media == GH_PHOTO)
        place_photo(pl, index);
    else
        place_video(pl, index, wants, pass);
}

static bool is_planned(const struct gh_plan *plan, const struct gh_profile *profile)
{
    for (uint32_t i = 0; i < plan->n_places; i++)
        if (plan->places[i].profile == profile)
            return true;
    return false;
}

static int add_places(const struct gh_planning *pl, const struct gh_profiles *profiles,
                      struct wants *wants, struct gh_err *err)
{
    const struct gh_plan_opts *opts = pl->opts;
    size_t n = opts->names ? opts->n_names : profiles->n;
    int pass = -1;
    for (size_t i = 0; i < n; i++) {
        const struct gh_profile *p =
            opts->names ? gh_profiles_find(profiles, opts->names[i]) : &profiles->list[i];
        if (!p)
            return gh_fail(err, GH_USAGE, "there is no placement %s: see ghat profiles",
                           opts->names[i]);
        if (opts->names ? opts->media && !(opts->media[i] & 1u << pl->probe->media)
                        : !p->unasked || !(p->from & 1u << pl->probe->media))
            continue;
        if (is_planned(pl->plan, p))
            continue;
        if (pl->plan->n_places == GH_PLAN_MAX_PLACES)
            return gh_fail(err, GH_LIMIT, "more than %d placements at once: name fewer with -p",
                           GH_PLAN_MAX_PLACES);
        add_place(pl, p, wants, &pass);
    }
    return 0;
}

/* A damaged video is cut off when so much of it is missing, and such a share of it all. */
#define CUT_OFF_US 1000000
#define CUT_OFF_SHARE 20

/*
 * A video that was copied in part, but has its index at the start, looks whole until it is read to
 * its end. Then its length is that of the part, and a plan would be made for that length.
 */
static int refuse_cut_off(const struct gh_probe *p, struct gh_err *err)
{
    int64_t end = GH_MAX(p->duration_us, p->aduration_us), missing = p->container_us - end;
    if (p->media != GH_VIDEO || p->checked < GH_PROBE_PACKETS || !p->damaged ||
        missing < CUT_OFF_US || missing < p->container_us / CUT_OFF_SHARE)
        return 0;
    return gh_fail(err, GH_INPUT, "the video is cut off: it ends after %.1f of %.1f s",
                   (double)end / 1e6, (double)p->container_us / 1e6);
}

int gh_plan_make(const struct gh_probe *probe, const struct gh_profiles *profiles,
                 const struct gh_plan_opts *opts, struct gh_plan *ret, struct gh_err *err)
{
    GH_AUTO_FREE struct gh_plan *plan = gh_alloc(sizeof(*plan));
    GH_AUTO(wants_free) struct wants wants = {0};
    struct gh_planning pl = {probe, opts, plan};
    if (probe->media != GH_PHOTO && probe->media != GH_VIDEO)
        return gh_fail(err, GH_INPUT, "neither a photo nor a video");
    TRY(refuse_cut_off(probe, err));
    TRY(add_places(&pl, profiles, &wants, err));
    if (opts->media && !plan->n_places)
        return gh_fail(err, GH_LIMIT, "nothing is made of a %s here: no placement is chosen for it",
                       probe->media == GH_VIDEO ? "video" : "photo");
    describe_photos(&pl);
    gh_plan_merge(&pl, wants.list, wants.n);
    *ret = *plan;
    return 0;
}
