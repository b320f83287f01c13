/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of options a command drives the parsing; complaints go to stderr with the command's
 * usage line (gh_ctl_usage). Owns nothing. */
#include "ctl/options.h"

#include "base/str.h"
#include "ctl/ctl.h"

#include <ctype.h>
#include <string.h>

#define MOMENT_MAX_S 1e6

/* Take the option argv[*i], and its value. Returns 0, or -1 after having complained. */
static int take_option(int argc, char **argv, int *i, const struct gh_opt *opts, size_t n)
{
    const char *command = argv[0], *arg = argv[*i],
               *equals = gh_starts(arg, "--") ? strchr(arg, '=') : NULL;
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    for (size_t k = 0; k < n; k++) {
        const struct gh_opt *o = &opts[k];
        bool is = (strlen(o->name) == len && !strncmp(o->name, arg, len)) ||
                  (o->alias && strlen(o->alias) == len && !strncmp(o->alias, arg, len));
        if (!is)
            continue;
        if (o->flag) {
            if (equals)
                return gh_ctl_usage(command, "%.*s takes no value", (int)len, arg), -1;
            *o->flag = true;
        } else if (equals) {
            *o->value = equals + 1;
        } else if (*i + 1 < argc) {
            *o->value = argv[++*i];
        } else {
            return gh_ctl_usage(command, "%s needs a value", arg), -1;
        }
        return 0;
    }
    return gh_ctl_usage(command, "there is no option %s", arg), -1;
}

int gh_options(int argc, char **argv, const struct gh_opt *opts, size_t n_opts)
{
    int n = 0;
    bool more = true; /* no "--" yet */
    for (int i = 1; i < argc; i++) {
        if (more && !strcmp(argv[i], "--")) {
            more = false;
        } else if (more && argv[i][0] == '-' && argv[i][1]) {
            if (take_option(argc, argv, &i, opts, n_opts) < 0)
                return -1;
        } else {
            argv[++n] = argv[i];
        }
    }
    return n;
}

json_t *gh_split(const char *list)
{
    json_t *a = json_array();
    for (const char *s = list; *s;) {
        size_t n = strcspn(s, ",");
        if (n)
            json_array_append_new(a, json_stringn(s, n));
        s += n + (s[n] == ',');
    }
    if (json_array_size(a) == 0) {
        json_decref(a);
        return NULL;
    }
    return a;
}

json_t *gh_numbers(const char *list)
{
    size_t i;
    json_t *texts = gh_split(list), *v, *a = json_array();
    json_array_foreach (texts, i, v) {
        int64_t n = gh_parse_id(json_string_value(v));
        if (n)
            json_array_append_new(a, json_integer(n));
    }
    bool all = texts && json_array_size(a) == json_array_size(texts);
    json_decref(texts);
    if (all)
        return a;
    json_decref(a);
    return NULL;
}

int64_t gh_parse_id(const char *text)
{
    uint64_t id;
    return gh_parse_u64(text, INT64_MAX, &id) ? (int64_t)id : 0;
}

bool gh_parse_moment(const char *text, double *ret_s)
{
    double total = 0;
    for (int fields = 0; fields < 3; fields++) { /* hours, minutes, seconds */
        char *end;
        if (!isdigit((unsigned char)*text))
            return false;
        double v = strtod(text, &end);
        if (strspn(text, "0123456789.") != (size_t)(end - text) || (fields && v >= 60) ||
            v > MOMENT_MAX_S)
            return false;
        total = total * 60 + v;
        if (!*end) {
            *ret_s = total;
            return true;
        }
        if (*end != ':' || memchr(text, '.', (size_t)(end - text)))
            return false;
        text = end + 1;
    }
    return false;
}

int gh_options_id(int argc, char **argv, const struct gh_opt *opts, size_t n_opts, int64_t *ret_id)
{
    int n = gh_options(argc, argv, opts, n_opts);
    if (n < 0)
        return GH_EXIT_USAGE;
    *ret_id = n == 1 ? gh_parse_id(argv[1]) : 0;
    return *ret_id ? 0 : gh_ctl_usage(argv[0], "name one submission by its number");
}
