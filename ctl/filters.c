/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat filters: the table of filters with their options, as profiles write them. */
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/table.h"
#include "filters/filter.h"

#include <stdio.h>

static const char *const phases[GH_PHASES] = {"orient", "time",    "geometry", "colour",
                                              "detail", "overlay", "sound"};

static const char *media_of(const struct gh_filter *f)
{
    bool photo = f->media & 1u << GH_PHOTO, video = f->media & 1u << GH_VIDEO;
    return photo && video ? "photo, video" : photo ? "photo" : "video";
}

/* What may be written after the equals sign. */
static char *values_of(const struct gh_option *o)
{
    switch (o->type) {
    case GH_OPT_INT:
    case GH_OPT_NUMBER:
        return gh_asprintf("%g to %g", o->min, o->max);
    case GH_OPT_ENUM:
        return gh_strdup(o->choices);
    case GH_OPT_BOOL:
        return gh_strdup("no|yes");
    case GH_OPT_SIZES:
        return gh_strdup("WIDTHxHEIGHT,…");
    case GH_OPT_COLOUR:
        return gh_strdup("#rrggbb");
    case GH_OPT_NAME:
        return gh_strdup("NAME");
    }
    return gh_strdup("");
}

static void print_text(const struct gh_filter *f)
{
    printf("%s (%s; %s): %s\n", f->name, phases[f->phase], media_of(f), f->help);
    GH_AUTO(gh_table_free) struct gh_table t = {0};
    for (const struct gh_option *o = f->options; o && o->name; o++) {
        GH_AUTO_FREE char *name = gh_asprintf("  %s=", o->name), *values = values_of(o);
        GH_AUTO_FREE char *def =
            o->def ? gh_asprintf("default %s", o->def) : gh_strdup("must be given");
        const char *cells[] = {name, values, def, o->help};
        gh_table_row(&t, GH_LEN(cells), cells);
    }
    if (t.n)
        gh_table_print(&t);
}

static void print_json(const struct gh_filter *f)
{
    json_t *options = json_array();
    for (const struct gh_option *o = f->options; o && o->name; o++) {
        GH_AUTO_FREE char *values = values_of(o);
        json_array_append_new(options, json_pack("{s:s, s:s, s:s, s:s?}", "name", o->name, "help",
                                                 o->help, "values", values, "default", o->def));
    }
    json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:I, s:o}", "name", f->name, "help", f->help,
                             "phase", phases[f->phase], "media", media_of(f), "version",
                             (json_int_t)f->version, "options", options);
    gh_print_json(line);
    json_decref(line);
}

int gh_cmd_filters(struct gh_ctl *ctl, int argc, char **argv)
{
    (void)ctl;
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "%s: takes no arguments", argv[1]);
    for (size_t i = 0; gh_filters[i]; i++)
        json ? print_json(gh_filters[i]) : print_text(gh_filters[i]);
    return GH_EXIT_OK;
}
