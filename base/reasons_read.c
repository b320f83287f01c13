/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reasons.ini: a section a reason, by its short name, with label and todo in English and, with the
 * code of a language behind a dot, in the others. */
#include "base/reasons.h"

#include "base/file.h"
#include "base/str.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FILE_MAX ((size_t)64 << 10)
#define SHIPPED "shipped" /* the section about those that come with Ghat */

void gh_reasons_free(struct gh_reasons *r)
{
    for (size_t i = 0; i < r->n; i++) {
        free(r->list[i].key);
        for (size_t k = 0; k < GH_REASON_LANGUAGES; k++) {
            free(r->list[i].label[k]);
            free(r->list[i].todo[k]);
        }
    }
    free(r->list);
    *r = (struct gh_reasons){0};
}

static char *copy_of(const char *text)
{
    return text ? gh_strdup(text) : NULL;
}

void gh_reasons_copy(const struct gh_reasons *r, struct gh_reasons *ret)
{
    *ret = (struct gh_reasons){.n = r->n, .own_only = r->own_only};
    if (!r->n)
        return;
    ret->list = gh_alloc(r->n * sizeof(*ret->list));
    for (size_t i = 0; i < r->n; i++) {
        const struct gh_own_reason *from = &r->list[i];
        struct gh_own_reason *to = &ret->list[i];
        *to = (struct gh_own_reason){.key = copy_of(from->key), .withdrawn = from->withdrawn};
        for (size_t k = 0; k < GH_REASON_LANGUAGES; k++) {
            to->label[k] = copy_of(from->label[k]);
            to->todo[k] = copy_of(from->todo[k]);
        }
    }
}

/* ----------------------------------------------------------------------------------- one setting
 */

static int set_flag(const char *value, bool *ret, struct gh_err *err)
{
    static const struct gh_ini_key row = {.type = GH_INI_BOOL};
    return gh_ini_value(&row, value, ret, err);
}

static int find_language(const char *code, size_t *ret, struct gh_err *err)
{
    const struct gh_words *w;
    for (size_t i = 0; i < GH_REASON_LANGUAGES && (w = gh_words_at(i)); i++)
        if (gh_streq(gh_words_language(w), code)) {
            *ret = i;
            return 0;
        }
    return gh_fail(err, GH_CONFIG, "there are no pages in a language \"%.20s\"", code);
}

static int set_text(char **at, const char *value, size_t max, struct gh_err *err)
{
    size_t n = strlen(value);
    if (*at)
        return gh_fail(err, GH_CONFIG, "given twice");
    if (!n)
        return gh_fail(err, GH_CONFIG, "is empty");
    if (n > max)
        return gh_fail(err, GH_CONFIG, "is longer than %zu bytes", max);
    if (!gh_text_is_clean(value, n) || strpbrk(value, "\t\n"))
        return gh_fail(err, GH_CONFIG, "has characters that cannot be shown");
    *at = gh_strdup(value);
    return 0;
}

static int find_reason(struct gh_reasons *r, const char *key, struct gh_own_reason **ret,
                       struct gh_err *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    struct gh_reason known;
    for (size_t i = 0; i < r->n; i++)
        if (gh_streq(r->list[i].key, key)) {
            *ret = &r->list[i];
            return 0;
        }
    if (!*key || strlen(key) > GH_REASON_KEY || key[strspn(key, allowed)])
        return gh_fail(err, GH_CONFIG,
                       "[%.48s] is no short name: small letters, digits and -, at most %d", key,
                       GH_REASON_KEY);
    for (size_t i = 0; gh_reason_at(NULL, i, gh_words_at(0), &known); i++)
        if (gh_streq(known.key, key))
            return gh_fail(err, GH_CONFIG, "[%s] comes with Ghat: take another name", key);
    if (r->n == GH_REASONS_OWN)
        return gh_fail(err, GH_CONFIG, "[%s] is one too many: at most %d", key, GH_REASONS_OWN);
    r->list = gh_realloc(r->list, (r->n + 1) * sizeof(*r->list));
    *ret = &r->list[r->n++];
    **ret = (struct gh_own_reason){.key = gh_strdup(key)};
    return 0;
}

static int set_shipped(struct gh_reasons *r, const char *key, const char *value, struct gh_err *err)
{
    bool offer;
    if (!gh_streq(key, "offer"))
        return gh_fail(err, GH_CONFIG, "unknown key %.48s: expected offer", key);
    TRY(set_flag(value, &offer, err));
    r->own_only = !offer;
    return 0;
}

static int on_key(void *arg, const char *section, const char *key, const char *value, unsigned line,
                  struct gh_err *err)
{
    struct gh_reasons *r = arg;
    struct gh_own_reason *own = NULL;
    struct gh_err why = {0};
    size_t language = 0, n = strcspn(key, ".");
    (void)line;
    if (gh_streq(section, SHIPPED))
        return set_shipped(r, key, value, err);
    TRY(find_reason(r, section, &own, err));
    if (gh_streq(key, "offer")) {
        bool offer;
        TRY(set_flag(value, &offer, err));
        own->withdrawn = !offer;
        return 0;
    }
    bool label = n == 5 && !strncmp(key, "label", n), todo = n == 4 && !strncmp(key, "todo", n);
    if (!label && !todo)
        return gh_fail(err, GH_CONFIG, "unknown key %.48s: expected label, todo or offer", key);
    if (key[n])
        TRY(find_language(key + n + 1, &language, err));
    if (set_text(label ? &own->label[language] : &own->todo[language], value,
                 label ? GH_REASON_LABEL : GH_REASON_TODO, &why) < 0)
        return gh_fail(err, GH_CONFIG, "[%s] %s %s", section, key, why.msg);
    return 0;
}

/* ------------------------------------------------------------------------------------- the whole
 */

/* A line of the ledger must lead to one reason. */
static void check_label(const struct gh_reasons *r, size_t at, const char *file,
                        struct gh_problems *problems)
{
    const struct gh_own_reason *own = &r->list[at];
    struct gh_reason other;
    if (!own->label[0]) {
        gh_problem(problems, "%s: [%s] has no label: say in English what is wrong", file, own->key);
        return;
    }
    for (size_t i = 0; gh_reason_at(r, i, gh_words_at(0), &other); i++)
        if (other.key != own->key && other.value && gh_streq(other.value, own->label[0]))
            gh_problem(problems, "%s: [%s] has the label of [%s]: each needs its own", file,
                       own->key, other.key);
}

void gh_reasons_parse(const char *text, const char *file, struct gh_reasons *ret,
                      struct gh_problems *problems)
{
    gh_ini_each(text, file, on_key, ret, problems);
    for (size_t i = 0; i < ret->n; i++)
        check_label(ret, i, file, problems);
}

void gh_reasons_load(const char *dir, struct gh_reasons *ret, struct gh_problems *problems)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *path = gh_asprintf("%s/reasons.ini", dir);
    GH_AUTO_FREE char *text = NULL;
    size_t n;
    if (gh_read_file(AT_FDCWD, path, FILE_MAX, &text, &n, &err) < 0) {
        if (err.code != ENOENT)
            gh_problem(problems, "%s", err.msg);
    } else if (!gh_utf8_valid(text, n) || strlen(text) != n) {
        gh_problem(problems, "%s: is no text in UTF-8", path);
    } else {
        gh_reasons_parse(text, path, ret, problems);
    }
}
