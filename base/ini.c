/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libinih, fed by a reader of lines: the reader counts them (Debian's build of the library hands
 * out no numbers), refuses what the library would silently cut, and takes away leading blanks,
 * which would make a line the continuation of the one before it. Class: GH_CONFIG.
 */
#include "base/ini.h"

#include "base/str.h"

#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define SECTION_MAX 48 /* bytes: libinih's MAX_SECTION without the NUL */
#define PROBLEM_MAX 600

void gh_problems_free(struct gh_problems *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->list[i]);
    free(p->list);
    *p = (struct gh_problems){0};
}

void gh_problem(struct gh_problems *p, const char *fmt, ...)
{
    char text[PROBLEM_MAX];
    va_list ap;
    va_start(ap, fmt);
    gh_vformat(text, sizeof(text), fmt, ap);
    va_end(ap);
    p->list = gh_realloc(p->list, (p->n + 1) * sizeof(*p->list));
    p->list[p->n++] = gh_strdup(text);
}

int gh_problems_fail(const struct gh_problems *p, struct gh_err *err)
{
    if (!p->n)
        return 0;
    if (p->n == 1)
        return gh_fail(err, GH_CONFIG, "%s", p->list[0]);
    return gh_fail(err, GH_CONFIG, "%s (and %zu more)", p->list[0], p->n - 1);
}

/* ---------------------------------------------------------------------------------------- lines */

struct reader {
    const char *at, *file;
    unsigned line;
    gh_ini_fn *fn;
    void *arg;
    struct gh_problems *problems;
};

/* Why libinih would not read this line as it is meant, or NULL. */
static const char *line_problem(const char *line, size_t n)
{
    if (n > GH_INI_LINE)
        return "the line is too long (at most 199 bytes)";
    if (line[0] == '[') {
        const char *end = memchr(line, ']', n);
        return !end                       ? "a section needs a closing ]"
               : end - line > SECTION_MAX ? "the section's name is too long"
                                          : NULL;
    }
    if (n && line[0] != ';' && line[0] != '#' && !memchr(line, '=', n) && !memchr(line, ':', n))
        return "expected [section] or key = value";
    if (n && line[0] == '=')
        return "a key is missing before =";
    return NULL;
}

static char *next_line(char *str, int num, void *stream)
{
    struct reader *r = stream;
    if (!*r->at)
        return NULL;
    const char *end = strchrnul(r->at, '\n'), *start = r->at;
    r->at = *end ? end + 1 : end;
    r->line++;
    if (r->line == 1 && gh_starts(start, "\xef\xbb\xbf"))
        start += 3;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
        end--;
    size_t n = (size_t)(end - start);
    const char *problem = line_problem(start, n);
    if (!problem && n >= (size_t)num)
        problem = "the line is too long";
    if (problem) {
        gh_problem(r->problems, "%s:%u: %s", r->file, r->line, problem);
        n = 0;
    }
    memcpy(str, start, n);
    str[n] = 0;
    return str;
}

static int on_key(void *user, const char *section, const char *name, const char *value)
{
    struct reader *r = user;
    struct gh_err err = {0};
    if (r->fn(r->arg, section, name, value ? value : "", r->line, &err) < 0)
        gh_problem(r->problems, "%s:%u: %s", r->file, r->line, err.msg);
    return 1;
}

void gh_ini_each(const char *text, const char *file, gh_ini_fn *fn, void *arg,
                 struct gh_problems *problems)
{
    struct reader r = {.at = text, .file = file, .fn = fn, .arg = arg, .problems = problems};
    if (ini_parse_stream(next_line, &r, on_key, &r) != 0)
        gh_problem(problems, "%s: cannot be read as an INI file", file);
}

/* --------------------------------------------------------------------------------------- values */

static int set_bool(const char *value, void *at, struct gh_err *err)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};
    for (size_t i = 0; i < GH_LEN(words); i++)
        if (gh_streq(value, words[i])) {
            *(bool *)at = i & 1;
            return 0;
        }
    return gh_fail(err, GH_CONFIG, "\"%s\" is neither yes nor no", value);
}

static int set_enum(const struct gh_ini_key *row, const char *value, void *at, struct gh_err *err)
{
    size_t len = strlen(value);
    uint32_t i = 0;
    for (const char *p = row->choices; len; i++) {
        const char *end = strchrnul(p, '|');
        if ((size_t)(end - p) == len && !memcmp(p, value, len)) {
            *(uint32_t *)at = i + (uint32_t)row->min;
            return 0;
        }
        if (!*end)
            break;
        p = end + 1;
    }
    return gh_fail(err, GH_CONFIG, "\"%s\" is not one of %s", value, row->choices);
}

static int set_string(const struct gh_ini_key *row, const char *value, char **at,
                      struct gh_err *err)
{
    if (!*value && row->min)
        return gh_fail(err, GH_CONFIG, "needs a value");
    if (!gh_utf8_valid(value, strlen(value)))
        return gh_fail(err, GH_CONFIG, "the value is not UTF-8");
    free(*at);
    *at = *value ? gh_strdup(value) : NULL;
    return 0;
}

static int set_chars(const struct gh_ini_key *row, const char *value, char *at, struct gh_err *err)
{
    if (!gh_utf8_valid(value, strlen(value)))
        return gh_fail(err, GH_CONFIG, "the value is not UTF-8");
    if (strlen(value) >= row->size)
        return gh_fail(err, GH_CONFIG, "the value is too long (at most %zu bytes)", row->size - 1);
    memcpy(at, value, strlen(value) + 1);
    return 0;
}

static int parse_number(const struct gh_ini_key *row, const char *value, uint64_t *ret,
                        struct gh_err *err)
{
    uint64_t v;
    if (row->choices && gh_streq(value, row->choices)) {
        *ret = 0;
        return 0;
    }
    switch (row->type) {
    case GH_INI_SIZE:
        if (!gh_parse_size(value, &v))
            return gh_fail(err, GH_CONFIG, "\"%s\" is not a size (like 250M or 2Gi)", value);
        break;
    case GH_INI_DURATION:
    case GH_INI_SECONDS:
    case GH_INI_MICROS:
        if (!gh_parse_duration(value, &v))
            return gh_fail(err, GH_CONFIG, "\"%s\" is not a duration (like 3s, 500ms or 2h)%s%s",
                           value, row->choices ? " or " : "", row->choices ? row->choices : "");
        break;
    default:
        if (!gh_parse_u64(value, row->type == GH_INI_U32 ? UINT32_MAX : UINT64_MAX, &v))
            return gh_fail(err, GH_CONFIG, "\"%s\" is not a number%s%s", value,
                           row->choices ? " or " : "", row->choices ? row->choices : "");
    }
    if (v < row->min || (row->max && v > row->max)) {
        const char *unit = row->type == GH_INI_SIZE  ? " bytes"
                           : row->type <= GH_INI_U64 ? ""
                                                     : " ms";
        if (!row->max)
            return gh_fail(err, GH_CONFIG, "%s is too small (at least %" PRIu64 "%s)", value,
                           row->min, unit);
        return gh_fail(err, GH_CONFIG, "%s is out of range (%" PRIu64 " to %" PRIu64 "%s)", value,
                       row->min, row->max, unit);
    }
    *ret = v;
    return 0;
}

static int set_number(const struct gh_ini_key *row, const char *value, void *at, struct gh_err *err)
{
    uint64_t v = 0;
    TRY(parse_number(row, value, &v, err));
    if (row->type == GH_INI_U32)
        *(uint32_t *)at = (uint32_t)v;
    else if (row->type == GH_INI_SECONDS)
        *(uint32_t *)at = (uint32_t)GH_MIN((v + 999) / 1000, UINT32_MAX);
    else if (row->type == GH_INI_MICROS)
        *(int64_t *)at = (int64_t)GH_MIN(v, (uint64_t)INT64_MAX / 1000) * 1000;
    else
        *(uint64_t *)at = v;
    return 0;
}

int gh_ini_value(const struct gh_ini_key *row, const char *value, void *base, struct gh_err *err)
{
    void *at = (char *)base + row->offset;
    switch (row->type) {
    case GH_INI_STRING:
        return set_string(row, value, at, err);
    case GH_INI_CHARS:
        return set_chars(row, value, at, err);
    case GH_INI_BOOL:
        return set_bool(value, at, err);
    case GH_INI_ENUM:
        return set_enum(row, value, at, err);
    default:
        return set_number(row, value, at, err);
    }
}

/* --------------------------------------------------------------------------------------- tables */

/* A table being read into a structure. */
struct filling {
    const struct gh_ini_key *rows;
    size_t n;
    void *base;
    unsigned *seen; /* for each row, the line on which it was given; 0: not yet */
};

static int fill_key(void *arg, const char *section, const char *key, const char *value,
                    unsigned line, struct gh_err *err)
{
    struct filling *f = arg;
    bool known = false;
    for (size_t i = 0; i < f->n; i++) {
        const struct gh_ini_key *row = &f->rows[i];
        if (!gh_streq(row->section, section))
            continue;
        known = true;
        if (!gh_streq(row->key, key))
            continue;
        if (f->seen[i])
            return gh_fail(err, GH_CONFIG, "%s was given already on line %u", key, f->seen[i]);
        f->seen[i] = line;
        if (gh_ini_value(row, value, f->base, err) < 0)
            return gh_fail_prefix(err, "%s", key);
        return 0;
    }
    if (!*section)
        return gh_fail(err, GH_CONFIG, "%s stands before the first [section]", key);
    return known ? gh_fail(err, GH_CONFIG, "unknown key %s in [%s]", key, section)
                 : gh_fail(err, GH_CONFIG, "unknown section [%s]", section);
}

void gh_ini_fill(const char *text, const char *file, const struct gh_ini_key *rows, size_t n,
                 void *base, struct gh_problems *problems)
{
    GH_AUTO_FREE unsigned *seen = gh_alloc((n + 1) * sizeof(*seen));
    struct filling f = {.rows = rows, .n = n, .base = base, .seen = seen};
    gh_ini_each(text, file, fill_key, &f, problems);
}
