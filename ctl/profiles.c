/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat profiles: the placements there are. ghat profiles check: whether all profiles are
 * well-formed, and which staged or approved outputs were made with an older text of theirs; this
 * second part asks ghatd, and is left out with a message where none runs.
 */
#include "base/config.h"
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"
#include "daemon/engine/paths.h"
#include "daemon/plan/profile.h"

#include <inttypes.h>
#include <stdio.h>

static int load_profiles(struct gh_ctl *ctl, struct gh_profiles *ret, struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    TRY(gh_conf_load(ctl->conf_path, &conf, NULL, err));
    return gh_installed_profiles(&conf, ret, err);
}

/* ------------------------------------------------------------------------------------- the list */

static char *sizes_of(const struct gh_profile *p)
{
    const struct gh_filter_use *fit = gh_profile_filter(p, "fit");
    static const char *const modes[] = {"inside ", "", "padded to "};
    GH_AUTO_STR out = {0};
    gh_str_puts(&out, modes[gh_filter_value(fit, "mode")->choice % 3]);
    const union gh_optval *v = gh_filter_value(fit, "sizes");
    for (uint32_t i = 0; i < v->sizes.n; i++)
        gh_str_printf(&out, "%s%ux%u", i ? "," : "", v->sizes.s[i].w, v->sizes.s[i].h);
    return gh_strdup(gh_str_text(&out));
}

static char *duration_of(const struct gh_profile *p)
{
    const struct gh_filter_use *trim = gh_profile_filter(p, "trim");
    if (!trim)
        return gh_strdup("-");
    double min = gh_filter_value(trim, "min")->number, max = gh_filter_value(trim, "max")->number;
    return max <= 0  ? gh_asprintf("from %g s", min)
           : min > 0 ? gh_asprintf("%g-%g s", min, max)
                     : gh_asprintf("up to %g s", max);
}

static void print_table(const struct gh_profiles *set)
{
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    static const char *const head[] = {"PLACEMENT", "KIND",    "SIZE", "BYTES",
                                       "LENGTH",    "CHECKED", "TITLE"};
    gh_table_row(&t, GH_LEN(head), head);
    for (size_t i = 0; i < set->n; i++) {
        const struct gh_profile *p = &set->list[i];
        GH_AUTO_FREE char *sizes = sizes_of(p), *length = duration_of(p);
        GH_AUTO_FREE char *bytes = gh_asprintf("%.4g MB", (double)p->limits.bytes_max / 1e6);
        const char *cells[] = {p->name, p->media == GH_VIDEO ? "video" : "photo",
                               sizes,   p->limits.bytes_max ? bytes : "-",
                               length,  p->checked,
                               p->title};
        gh_table_row(&t, GH_LEN(cells), cells);
    }
    gh_table_print(&t);
}

static void print_json(const struct gh_profiles *set)
{
    for (size_t i = 0; i < set->n; i++) {
        const struct gh_profile *p = &set->list[i];
        json_t *filters = json_array();
        for (size_t k = 0; k < p->n_chain; k++) {
            GH_AUTO_STR text = {0};
            gh_filter_print(&p->chain[k], &text);
            json_array_append_new(filters, json_string(gh_str_text(&text)));
        }
        json_t *o =
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:I, s:I, s:o}", "name",
                      p->name, "title", p->title, "platform", p->platform, "kind",
                      p->media == GH_VIDEO ? "video" : "photo", "checked", p->checked, "source",
                      p->source, "version", (json_int_t)p->version, "digest", p->digest, "file",
                      p->file, "bytes_max", (json_int_t)p->limits.bytes_max, "caption_max",
                      (json_int_t)p->caption_max, "filters", filters);
        gh_print_json(o);
        json_decref(o);
    }
}

/* ------------------------------------------------------------------------------------ the check */

static int print_outdated(json_t *answer, bool json)
{
    json_t *list = json_object_get(answer, "outdated"), *o;
    size_t i;
    json_array_foreach (list, i, o) {
        if (json)
            gh_print_json(o);
        else
            gh_print_line(
                stdout,
                "%" PRId64
                " %s (%s): made with another version of the profile; ghat rerender %" PRId64
                " -p %s "
                "makes it again",
                gh_j_int(o, "id"), gh_j_text(o, "placement"), gh_j_text(o, "state"),
                gh_j_int(o, "id"), gh_j_text(o, "placement"));
    }
    return json_array_size(list) ? GH_EXIT_FAILED : GH_EXIT_OK;
}

static int check_profiles(struct gh_ctl *ctl, const char *command, const struct gh_profiles *set,
                          bool json)
{
    struct gh_err err = {0};
    json_t *answer = NULL;
    if (!json)
        printf("%zu profiles, all well-formed\n", set->n);
    if (gh_ask(ctl, json_pack("{s:s}", "request", "profiles"), &answer, &err) < 0) {
        gh_print_line(stderr, "ghat %s: staged and approved outputs were not looked at: %s",
                      command, err.msg);
        return GH_EXIT_FAILED;
    }
    int r = print_outdated(answer, json);
    if (r == GH_EXIT_OK && !json)
        printf("every staged and approved output was made with the profiles as they are\n");
    json_decref(answer);
    return r;
}

int gh_cmd_profiles(struct gh_ctl *ctl, int argc, char **argv)
{
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 1 || (n == 1 && !gh_streq(argv[1], "check")))
        return gh_ctl_usage(argv[0], "%s: expected check or nothing", argv[n]);
    GH_AUTO(gh_profiles_free) struct gh_profiles set = {0};
    struct gh_err err = {0};
    if (load_profiles(ctl, &set, &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    if (n == 1)
        return check_profiles(ctl, argv[0], &set, json);
    json ? print_json(&set) : print_table(&set);
    return GH_EXIT_OK;
}
