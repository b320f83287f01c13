/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One key of an INI text set as a person would: in place of the line that has it, or shows it
 * behind a ";"; else below the head of its section; else in a section of its own at the end. */
#include "base/ini.h"

#include "base/str.h"

#include <string.h>

/* Is the line (without its end) "key = …", maybe behind a ";"? */
static bool is_key(const char *line, size_t n, const char *key)
{
    size_t at = n && *line == ';', k = strlen(key);
    if (n < at + k || strncmp(line + at, key, k) != 0)
        return false;
    for (at += k; at < n && line[at] == ' ';)
        at++;
    return at < n && line[at] == '=';
}

static bool is_head(const char *line, size_t n, const char *section)
{
    size_t k = strlen(section);
    return n == k + 2 && *line == '[' && !strncmp(line + 1, section, k) && line[k + 1] == ']';
}

char *gh_ini_set(const char *text, const char *section, const char *key, const char *value)
{
    GH_AUTO_STR out = {0};
    const char *end = text, *place = NULL, *rest = NULL; /* the first line that has or shows it */
    bool inside = false, set = false;
    for (const char *line = text; *line; line = end) {
        size_t n = strcspn(line, "\n");
        end = line + n + (line[n] == '\n');
        if (*line == '[')
            inside = is_head(line, n, section);
        if (!inside)
            continue;
        bool has = is_key(line, n, key), real = has && *line != ';';
        if (*line == '[' ? !place : has && !set) {
            place = has ? line : end; /* below the head, until a better one is found */
            rest = end;
            set = real;
        }
        if (real)
            break;
    }
    gh_str_add(&out, text, place ? (size_t)(place - text) : strlen(text));
    if (!place)
        gh_str_printf(&out, "%s[%s]\n", out.len ? "\n" : "", section);
    gh_str_printf(&out, "%s = %s\n%s", key, value, place ? rest : "");
    return gh_strdup(gh_str_text(&out));
}
