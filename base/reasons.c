/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reasons that come with Ghat, a site's own beside them, and lines that are looked up in both.
 */
#include "base/reasons.h"

#include "base/str.h"

#include <string.h>

static const struct {
    const char *key, *label, *todo;
} shipped[] = {
    {"unclear", GH_WC("reason", "Picture is not clear"),
     GH_WC("todo", "Please send a sharper one.")},
    {"caption", GH_WC("reason", "Mistake in the caption"),
     GH_WC("todo", "Please send a corrected caption.")},
    {"consent", GH_WC("reason", "No consent of a child or person shown"),
     GH_WC("todo", "Please send one without them, or their consent.")},
    {"place", GH_WC("reason", "Sensitive place"),
     GH_WC("todo", "Please send one that does not show it.")},
    {"published", GH_WC("reason", "Published before"), GH_WC("todo", "Nothing to do.")},
    {"early", GH_WC("reason", "Not before the announcement"),
     GH_WC("todo", "Please send it again after the announcement.")},
    {"elsewhere", GH_WC("reason", "Another department's matter"),
     GH_WC("todo", "Please give it to that department.")},
};

static size_t language_of(const struct gh_words *w)
{
    const struct gh_words *at;
    for (size_t i = 0; i < GH_REASON_LANGUAGES && (at = gh_words_at(i)); i++)
        if (at == w)
            return i;
    return 0;
}

bool gh_reason_at(const struct gh_reasons *own, size_t i, const struct gh_words *w,
                  struct gh_reason *ret)
{
    if (i < GH_LEN(shipped)) {
        *ret = (struct gh_reason){shipped[i].key, shipped[i].label,
                                  gh_word(w, "reason", shipped[i].label),
                                  gh_word(w, "todo", shipped[i].todo), !own || !own->own_only};
        return true;
    }
    if (!own || i - GH_LEN(shipped) >= own->n)
        return false;
    const struct gh_own_reason *r = &own->list[i - GH_LEN(shipped)];
    size_t k = language_of(w);
    const char *todo = r->todo[k] ? r->todo[k] : r->todo[0];
    *ret = (struct gh_reason){r->key, r->label[0], r->label[k] ? r->label[k] : r->label[0],
                              todo ? todo : "", !r->withdrawn};
    return true;
}

void gh_reason_say_by(struct gh_str *out, const struct gh_words *w, gh_reason_fn *find, void *arg,
                      const char *reason, const char *between)
{
    for (bool first = true; *reason; first = false) {
        size_t n = strcspn(reason, "\n");
        struct gh_reason r;
        gh_str_puts(out, first ? "" : between);
        if (!find(arg, reason, n, &r))
            gh_str_display(out, reason, n);
        else if (*r.todo)
            GH_FILL(out, gh_word(w, "reason, what to do", "%1$s. %2$s"), r.label, r.todo);
        else
            gh_str_puts(out, r.label);
        reason += n + (reason[n] == '\n');
    }
}

struct lookup {
    const struct gh_reasons *own;
    const struct gh_words *words;
};

static bool find_line(void *arg, const char *line, size_t n, struct gh_reason *ret)
{
    const struct lookup *l = arg;
    for (size_t i = 0; gh_reason_at(l->own, i, l->words, ret); i++)
        if (strlen(ret->value) == n && memcmp(ret->value, line, n) == 0)
            return true;
    return false;
}

void gh_reason_say(struct gh_str *out, const struct gh_words *w, const struct gh_reasons *own,
                   const char *reason, const char *between)
{
    struct lookup l = {own, w};
    gh_reason_say_by(out, w, find_line, &l, reason, between);
}
