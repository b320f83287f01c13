/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person adds to pictures on the command line: a logo, a label, the point that crops keep.
 * And the logos that profiles name, which only ghatd has read otherwise. */
#include "ctl/batch.h"

#include "daemon/engine/paths.h"

#include <string.h>

static int add_filter(struct gh_batch *w, const char *name, struct gh_err *err)
{
    return gh_filter_parse(gh_filter_find(name), "", &w->opts.extra[w->opts.n_extra++], err);
}

/* "0.3,0.25": shares of width and height from the upper left corner. */
static int parse_focal(const char *text, struct gh_focal *ret, struct gh_err *err)
{
    if (!gh_focal_parse(text, ret))
        return gh_fail(err, GH_USAGE,
                       "--focal %s: expected X,Y as shares of width and height, such as 0.5,0.3",
                       text);
    return 0;
}

int gh_batch_dress(struct gh_batch *w, const char *logo, const char *label, const char *focal,
                   struct gh_err *err)
{
    GH_AUTO_FREE char *worker = gh_find_worker(w->conf.worker);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    if (focal)
        TRY(parse_focal(focal, &w->opts.focal, err));
    struct gh_overlays *overlays = &w->sets->overlays;
    const struct gh_overlay_source source = {.worker = worker};
    gh_overlays_add_named(overlays, &source, w->conf.dir, &w->sets->profiles, &problems);
    TRY(gh_problems_fail(&problems, err));
    if (logo) {
        TRY(gh_overlays_add_logo(overlays, &source, logo, "--logo", err));
        GH_COPY(w->opts.logo, gh_overlay_names_find(&overlays->names, "--logo"));
        TRY(add_filter(w, "watermark", err));
    }
    if (label) {
        TRY(gh_overlays_add_label(overlays, &source, label, w->opts.label, err));
        TRY(add_filter(w, "label", err));
    }
    return 0;
}
