/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat plan: what would be made of files, and why. It decodes where the plan depends on it, and
 * encodes nothing. Answers come in the order of the command line. */
#include "ctl/batch.h"
#include "ctl/ctl.h"
#include "ctl/inorder.h"
#include "ctl/options.h"

#include <string.h>

static void on_plan(struct gh_batch_file *f, const struct gh_plan *plan)
{
    GH_AUTO_STR file = {0};
    gh_str_display(&file, f->path, strlen(f->path));
    if (!f->batch->json) {
        gh_str_printf(&f->text, "%s: ", gh_str_text(&file));
        gh_plan_print(plan, &f->probe, &f->text);
        return;
    }
    json_t *o = gh_plan_json(plan, &f->probe);
    json_object_set_new(o, "file", json_string(gh_str_text(&file)));
    gh_inorder_json(f, o);
}

static const struct gh_batch_hooks hooks = {.plan = on_plan, .end = gh_inorder_end};

int gh_cmd_plan(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *places = NULL, *policy = NULL, *focal = NULL;
    GH_AUTO(gh_batch_close) struct gh_batch w = {.out_dir = -1};
    const struct gh_opt opts[] = {
        {"-p", "--placements", &places, NULL},
        {"-m", "--metadata", &policy, NULL},
        {"--focal", NULL, &focal, NULL},
        {"--json", NULL, NULL, &w.json},
    };
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    enum gh_policy chosen = GH_POLICY_CREDIT;
    if (n < 0)
        return GH_EXIT_USAGE;
    if (policy && !gh_policy_parse(policy, &chosen))
        return gh_ctl_usage(argv[0], "-m %s: expected strip, credit, keep or archive", policy);
    if (n == 0)
        return gh_ctl_usage(argv[0], "name at least one photo or video");
    struct gh_err err = {0};
    if (gh_batch_open(&w, ctl, argv[0], &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    if (policy)
        w.policy = chosen;
    if ((places && gh_batch_names(&w, places, &err) < 0) ||
        gh_batch_dress(&w, NULL, NULL, focal, &err) < 0 ||
        gh_batch_run(&w, GH_GOAL_PLAN, argv + 1, (size_t)n, &hooks, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    return gh_batch_status(&w);
}
