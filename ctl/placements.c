/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat placements: which of them are made, of which media, and who says so: the profile, ghat.conf,
 * or a department's card. Reads the same files as ghatd, and asks nobody. */
#include "base/config.h"
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"
#include "daemon/engine/paths.h"
#include "daemon/plan/choose.h"
#include "daemon/site/department.h"

#include <stdio.h>

struct read_files {
    struct gh_conf conf;
    struct gh_departments departments;
    struct gh_profiles profiles;
};

static void read_files_free(struct read_files *r)
{
    gh_profiles_free(&r->profiles);
    gh_departments_free(&r->departments);
    gh_conf_free(&r->conf);
}

static int read_all(const struct gh_ctl *ctl, struct read_files *ret, struct gh_err *err)
{
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    TRY(gh_conf_load(ctl->conf_path, &ret->conf, NULL, err));
    TRY(gh_installed_profiles(&ret->conf, &ret->profiles, err));
    gh_departments_load(&ret->conf, &ret->departments, &problems);
    return gh_problems_fail(&problems, err);
}

static const char *media_text(unsigned media)
{
    static const char *const texts[] = {"-", "photos", "videos", "photos and videos"};
    return texts[(media >> GH_PHOTO & 1) | (media >> GH_VIDEO & 1) << 1];
}

static const char *who_text(enum gh_chosen_by by, unsigned media)
{
    switch (by) {
    case GH_CHOSEN_BY_CONF:
        return "[placements] in ghat.conf";
    case GH_CHOSEN_BY_DEPARTMENT:
        return "[placements] in the department's card";
    default:
        return media ? "made by default" : "off by default";
    }
}

static void show(const struct read_files *r, const struct gh_department *department, bool json)
{
    struct gh_choosing conf = {r->conf.place_make, r->conf.place_also, r->conf.place_not},
                       own = {0};
    if (department)
        own = (struct gh_choosing){department->place_make, department->place_also,
                                   department->place_not};
    GH_AUTO(gh_table_free) struct gh_table table = {0};
    static const char *const head[] = {"PLACEMENT", "MADE OF", "WHY", "TITLE"};
    gh_table_row(&table, GH_LEN(head), head);
    for (size_t i = 0; i < r->profiles.n; i++) {
        const struct gh_profile *p = &r->profiles.list[i];
        enum gh_chosen_by by;
        unsigned media = gh_choose_one(p, &conf, &own, NULL, &by);
        const char *cells[] = {p->name, media_text(media), who_text(by, media), p->title};
        gh_table_row(&table, GH_LEN(cells), cells);
        if (!json)
            continue;
        json_t *o = json_pack("{s:s, s:b, s:b, s:s, s:s}", "placement", p->name, "photos",
                              (int)(media >> GH_PHOTO & 1), "videos", (int)(media >> GH_VIDEO & 1),
                              "why", who_text(by, media), "words", p->words);
        gh_print_json(o);
        json_decref(o);
    }
    if (!json)
        gh_table_print(&table);
}

int gh_cmd_placements(struct gh_ctl *ctl, int argc, char **argv)
{
    bool json = false;
    const char *slug = NULL;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json},
                                  {"--department", NULL, &slug, NULL}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "%s: no argument is expected", argv[1]);
    GH_AUTO(read_files_free) struct read_files files = {0};
    struct gh_err err = {0};
    if (read_all(ctl, &files, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    const struct gh_department *department =
        slug ? gh_departments_find(&files.departments, slug) : NULL;
    if (slug && !department) {
        gh_fail(&err, GH_USAGE, "no card has the slug %s: it is as for all", slug);
        return gh_ctl_fail(argv[0], &err);
    }
    show(&files, department, json);
    return GH_EXIT_OK;
}
