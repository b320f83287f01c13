/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person adds to pictures on the command line: a logo, a label, the point a crop keeps. And the logos profiles
 * name, which are read here since there is no ghatd. */
#include "ctl/work.h"

#include "daemon/overlays.h"
#include "daemon/paths.h"

#include <string.h>

static int add_filter(struct gh_work *w, const char *name, struct gh_err *err)
{
    return gh_filter_parse(gh_filter_find(name), "", &w->opts.extra[w->opts.n_extra++], err);
}

/* "0.3,0.25": shares of width and height from the upper left corner. */
static int parse_focal(const char *text, struct gh_plan_opts *ret, struct gh_err *err)
{
    if (!gh_focal_parse(text, &ret->focal_x, &ret->focal_y))
        return gh_fail(err, GH_USAGE, "--focal %s: expected X,Y as shares of width and height, such as 0.5,0.3", text);
    ret->has_focal = 1;
    return 0;
}

int gh_work_dress(struct gh_work *w, const char *logo, const char *label, const char *focal, struct gh_err *err)
{
    GH_AUTO_FREE char *worker = gh_find_worker(w->conf.worker);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    if (focal)
        TRY(parse_focal(focal, &w->opts, err));
    gh_overlays_add_named(&w->overlays, worker, w->conf.dir, w->profiles.list, w->profiles.n, &problems);
    TRY(gh_problems_fail(&problems, err));
    w->opts.overlays = &w->overlays;
    if (logo) {
        TRY(gh_overlays_add_file(&w->overlays, worker, logo, "--logo", err));
        GH_COPY(w->opts.logo, gh_overlays_find(&w->overlays, "--logo"));
        TRY(add_filter(w, "watermark", err));
    }
    if (label) {
        TRY(gh_overlay_label(worker, label, w->opts.label, err));
        TRY(add_filter(w, "label", err));
    }
    return 0;
}
