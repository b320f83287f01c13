/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the languages of the process: the catalogues that are built in, checked once by whoever asks
 * first. One that is damaged, which its test would have found, counts as not there. */
#include "base/words.h"

#include "base/str.h"
#include "base/words_int.h"

#include <pthread.h>
#include <string.h>

#define LANGUAGES_MAX 32
#define CODE 16 /* bytes of a language's code */

struct gh_words {
    char language[CODE];
    struct gh_mo mo; /* without bytes: English, whose words are their msgids */
};

static struct gh_words languages[LANGUAGES_MAX] = {{.language = "en"}};
static size_t n_languages = 1;
static pthread_once_t opened = PTHREAD_ONCE_INIT;

static void open_all(void)
{
    for (const struct gh_words_built *b = gh_words_built; b->language; b++) {
        struct gh_words w = {0};
        if (n_languages == LANGUAGES_MAX || gh_mo_open(b->mo, b->n, &w.mo, NULL) < 0)
            continue;
        GH_COPY(w.language, b->language);
        languages[n_languages++] = w;
    }
}

const struct gh_words *gh_words_at(size_t i)
{
    pthread_once(&opened, open_all);
    return i < n_languages ? &languages[i] : NULL;
}

const struct gh_words *gh_words_of(const char *language)
{
    size_t n = strcspn(language, "-_.@");
    const struct gh_words *w;
    for (size_t i = 0; (w = gh_words_at(i)); i++)
        if (strlen(w->language) == n && strncmp(w->language, language, n) == 0)
            return w;
    return gh_words_at(0);
}

const char *gh_words_language(const struct gh_words *w)
{
    return w->language;
}

const char *gh_word(const struct gh_words *w, const char *context, const char *msgid)
{
    const char *text = gh_mo_find(&w->mo, context, msgid, 0);
    return text ? text : msgid;
}

const char *gh_word_n(const struct gh_words *w, const char *context, const char *one,
                      const char *many, uint64_t n)
{
    const char *text = gh_mo_find(&w->mo, context, one, gh_plural_of(&w->mo.plural, n));
    return text ? text : n == 1 ? one : many;
}

void gh_words_fill(struct gh_str *out, const char *pattern, const char *const *args, size_t n)
{
    size_t next = 0;
    for (const char *p = pattern; *p;) {
        size_t plain = strcspn(p, "%");
        size_t which = n;
        gh_str_add(out, p, plain);
        p += plain;
        if (p[0] == '%' && p[1] == 's') {
            which = next++;
            p += 2;
        } else if (p[0] == '%' && p[1] >= '1' && p[1] <= '9' && p[2] == '$' && p[3] == 's') {
            which = (size_t)(p[1] - '1');
            p += 4;
        } else if (p[0] == '%') {
            gh_str_add(out, "%", 1);
            p += p[1] == '%' ? 2 : 1;
        }
        if (which < n && args[which])
            gh_str_puts(out, args[which]);
    }
}
