/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of filters, and what all of them use: reading options, printing them, describing the
 * source. Class: GH_CONFIG. */
#include "filters/filter.h"

#include "base/str.h"
#include "filters/geometry.h"

#include <math.h>
#include <string.h>

#define X(name) extern const struct gh_filter gh_filter_##name;
#include "filters/list.h"
#undef X

const struct gh_filter *const gh_filters[] = {
#define X(name) &gh_filter_##name,
#include "filters/list.h"
#undef X
    NULL,
};

const struct gh_filter *gh_filter_find(const char *name)
{
    for (size_t i = 0; gh_filters[i]; i++)
        if (gh_streq(gh_filters[i]->name, name))
            return gh_filters[i];
    return NULL;
}

/* -------------------------------------------------------------------------------------- options */

static int parse_number(const struct gh_option *opt, const char *text, union gh_optval *ret,
                        struct gh_err *err)
{
    char *end;
    double v = strtod(text, &end);
    if (!*text || *end || !isfinite(v) || strpbrk(text, "xXnN") ||
        (opt->type == GH_OPT_INT && v != floor(v)))
        return gh_fail(err, GH_CONFIG, "%s=%s is not a%s number", opt->name, text,
                       opt->type == GH_OPT_INT ? " whole" : "");
    if (v < opt->min || v > opt->max)
        return gh_fail(err, GH_CONFIG, "%s=%s must be between %g and %g", opt->name, text, opt->min,
                       opt->max);
    ret->number = v;
    return 0;
}

static int parse_enum(const struct gh_option *opt, const char *text, const char *choices,
                      union gh_optval *ret, struct gh_err *err)
{
    size_t len = strlen(text);
    const char *at = choices;
    for (uint32_t i = 0; len; i++) {
        size_t n = strcspn(at, "|");
        if (n == len && !memcmp(at, text, n)) {
            ret->choice = i;
            return 0;
        }
        if (!at[n])
            break;
        at += n + 1;
    }
    return gh_fail(err, GH_CONFIG, "%s=%s must be one of %s", opt->name, text, choices);
}

static int parse_colour(const struct gh_option *opt, const char *text, union gh_optval *ret,
                        struct gh_err *err)
{
    if (strlen(text) != 7 || text[0] != '#' || strspn(text + 1, "0123456789abcdefABCDEF") != 6)
        return gh_fail(err, GH_CONFIG, "%s=%s is not a colour (write it as #rrggbb)", opt->name,
                       text);
    ret->rgb = (uint32_t)strtoul(text + 1, NULL, 16);
    return 0;
}

static int parse_sizes(const struct gh_option *opt, const char *text, union gh_optval *ret,
                       struct gh_err *err)
{
    union gh_optval val = {.sizes.n = 0};
    GH_AUTO_FREE char *copy = gh_strdup(text);
    char *save = NULL;
    size_t commas = 0;
    for (const char *c = text; *c; c++)
        commas += *c == ',';
    for (char *item = strtok_r(copy, ",", &save); item; item = strtok_r(NULL, ",", &save)) {
        uint64_t w = 0, h = 0;
        char *x = strchr(item, 'x');
        if (x)
            *x = 0;
        if (!x || !gh_parse_u64(item, (uint64_t)opt->max, &w) ||
            !gh_parse_u64(x + 1, (uint64_t)opt->max, &h) || w < opt->min || h < opt->min)
            return gh_fail(err, GH_CONFIG, "%s=%s: every size is WIDTHxHEIGHT, each %g to %g",
                           opt->name, text, opt->min, opt->max);
        if (val.sizes.n == GH_OPT_SIZES_MAX)
            return gh_fail(err, GH_CONFIG, "%s=%s: at most %d sizes", opt->name, text,
                           GH_OPT_SIZES_MAX);
        val.sizes.s[val.sizes.n].w = (uint32_t)w;
        val.sizes.s[val.sizes.n++].h = (uint32_t)h;
    }
    if (!val.sizes.n || val.sizes.n != commas + 1)
        return gh_fail(err, GH_CONFIG, "%s=%s: expected sizes like 1080x1350,1080x1080", opt->name,
                       text);
    *ret = val;
    return 0;
}

static int parse_name(const struct gh_option *opt, const char *text, union gh_optval *ret,
                      struct gh_err *err)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (strlen(text) >= sizeof(ret->name) || strspn(text, letters) != strlen(text) || *text == '.')
        return gh_fail(
            err, GH_CONFIG,
            "%s=%s is not the name of a file (letters, digits, dots, dashes; at most %zu bytes)",
            opt->name, text, sizeof(ret->name) - 1);
    GH_COPY(ret->name, text);
    return 0;
}

static int parse_option(const struct gh_option *opt, const char *text, union gh_optval *ret,
                        struct gh_err *err)
{
    switch (opt->type) {
    case GH_OPT_INT:
    case GH_OPT_NUMBER:
        return parse_number(opt, text, ret, err);
    case GH_OPT_ENUM:
        return parse_enum(opt, text, opt->choices, ret, err);
    case GH_OPT_BOOL:
        return parse_enum(opt, text, "no|yes", ret, err);
    case GH_OPT_SIZES:
        return parse_sizes(opt, text, ret, err);
    case GH_OPT_COLOUR:
        return parse_colour(opt, text, ret, err);
    case GH_OPT_NAME:
        return parse_name(opt, text, ret, err);
    }
    return gh_fail(err, GH_BUG, "option %s has no type", opt->name);
}

static int unknown_option(const struct gh_filter *filter, const char *word, struct gh_err *err)
{
    GH_AUTO_STR known = {0};
    for (const struct gh_option *o = filter->options; o && o->name; o++)
        gh_str_printf(&known, " %s", o->name);
    return gh_fail(err, GH_CONFIG, "%s has no option %s (it takes%s)", filter->name, word,
                   known.len ? gh_str_text(&known) : " none");
}

static int parse_word(const struct gh_filter *filter, char *word, struct gh_filter_use *use,
                      uint32_t *given, struct gh_err *err)
{
    char *eq = strchr(word, '=');
    if (!eq)
        return gh_fail(err, GH_CONFIG, "%s: \"%s\" is not option=value", filter->name, word);
    *eq = 0;
    size_t i = 0;
    for (const struct gh_option *o = filter->options; o && o->name && !gh_streq(o->name, word); o++)
        i++;
    if (!filter->options || !filter->options[i].name)
        return unknown_option(filter, word, err);
    if (*given & 1u << i)
        return gh_fail(err, GH_CONFIG, "%s: %s is given twice", filter->name, word);
    *given |= 1u << i;
    if (parse_option(&filter->options[i], eq + 1, &use->val[i], err) < 0)
        return gh_fail_prefix(err, "%s", filter->name);
    return 0;
}

int gh_filter_parse(const struct gh_filter *filter, const char *text, struct gh_filter_use *ret,
                    struct gh_err *err)
{
    struct gh_filter_use use;
    memset(&use, 0, sizeof(use)); /* unused bytes of unions too, so that uses can be compared */
    use.filter = filter;
    uint32_t given = 0;
    GH_AUTO_FREE char *copy = gh_strdup(text);
    char *save = NULL;
    for (char *word = strtok_r(copy, " \t", &save); word; word = strtok_r(NULL, " \t", &save))
        TRY(parse_word(filter, word, &use, &given, err));
    for (size_t i = 0; filter->options && filter->options[i].name; i++) {
        const struct gh_option *opt = &filter->options[i];
        if (given & 1u << i)
            continue;
        if (!opt->def)
            return gh_fail(err, GH_CONFIG, "%s needs %s=… (%s)", filter->name, opt->name,
                           opt->help);
        TRY(parse_option(opt, opt->def, &use.val[i], err));
    }
    *ret = use;
    return 0;
}

const union gh_optval *gh_filter_value(const struct gh_filter_use *use, const char *option)
{
    for (size_t i = 0; use->filter->options && use->filter->options[i].name; i++)
        if (gh_streq(use->filter->options[i].name, option))
            return &use->val[i];
    return NULL;
}

static void print_choice(const char *choices, uint32_t choice, struct gh_str *out)
{
    while (choice--)
        choices += strcspn(choices, "|") + 1;
    gh_str_add(out, choices, strcspn(choices, "|"));
}

void gh_filter_print(const struct gh_filter_use *use, struct gh_str *out)
{
    gh_str_puts(out, use->filter->name);
    for (size_t i = 0; use->filter->options && use->filter->options[i].name; i++) {
        const struct gh_option *opt = &use->filter->options[i];
        const union gh_optval *v = &use->val[i];
        gh_str_printf(out, " %s=", opt->name);
        if (opt->type == GH_OPT_INT || opt->type == GH_OPT_NUMBER)
            gh_str_printf(out, "%.10g", v->number);
        else if (opt->type == GH_OPT_COLOUR)
            gh_str_printf(out, "#%06x", v->rgb);
        else if (opt->type == GH_OPT_NAME)
            gh_str_puts(out, v->name);
        else if (opt->type == GH_OPT_SIZES)
            for (uint32_t n = 0; n < v->sizes.n; n++)
                gh_str_printf(out, "%s%ux%u", n ? "," : "", v->sizes.s[n].w, v->sizes.s[n].h);
        else
            print_choice(opt->type == GH_OPT_BOOL ? "no|yes" : opt->choices, v->choice, out);
    }
}

/* ----------------------------------------------------------------------------------- the source */

struct gh_pic gh_pic_of(const struct gh_probe *probe, enum gh_media output)
{
    struct gh_pic pic;
    memset(&pic, 0, sizeof(pic));
    /* probe.w and h are those of the upright picture, src_w and src_h those of the stored one */
    bool turned = probe->orient >= 5;
    pic.media = probe->media;
    pic.align = output == GH_VIDEO ? 2 : 1;
    pic.orient = 1;
    pic.src_w = turned ? probe->h : probe->w;
    pic.src_h = turned ? probe->w : probe->h;
    gh_pic_whole(&pic);
    pic.src_colour = probe->colour;
    pic.colour = probe->colour;
    pic.part = pic.parts = 1;
    if (output == GH_VIDEO) {
        pic.fps = gh_fps_of(probe);
        pic.duration_us = probe->duration_us;
    }
    return pic;
}
