/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A word names a profile when it is its name or one of its words, whatever the case. */
#include "daemon/plan/choose.h"

#include "base/str.h"
#include "base/text.h"

#include <string.h>

#define ALL "all"

/* Cut the next word out of a list with commas; false at its end. The words are the caller's. */
static bool next_word(const char **list, char **ret)
{
    const char *from = *list ? *list + strspn(*list, ", \t") : "";
    size_t n = strcspn(from, ",");
    if (!*from)
        return false;
    *list = from + n;
    while (n && strchr(" \t", from[n - 1]))
        n--;
    *ret = gh_text_fold(from, n);
    return true;
}

static bool has_word(const char *list, const char *word)
{
    char *own;
    bool found = false;
    while (!found && next_word(&list, &own)) {
        found = gh_streq(own, word);
        free(own);
    }
    return found;
}

static bool is_called(const struct gh_profile *profile, const char *word)
{
    return gh_streq(profile->name, word) || has_word(profile->words, word);
}

/* Whether a word of the list names the profile. */
static bool names(const char *list, const struct gh_profile *profile)
{
    char *word;
    bool found = false;
    while (!found && next_word(&list, &word)) {
        found = is_called(profile, word);
        free(word);
    }
    return found;
}

static unsigned narrowed(unsigned media, const struct gh_choosing *said,
                         const struct gh_profile *profile, enum gh_chosen_by who,
                         enum gh_chosen_by *by)
{
    unsigned before = media;
    if (said && said->make)
        media = names(said->make, profile)  ? profile->from
                : has_word(said->make, ALL) ? profile->unasked
                                            : 0;
    if (said && said->also && names(said->also, profile))
        media = profile->from;
    if (said && said->leave && names(said->leave, profile))
        media = 0;
    if (media != before)
        *by = who;
    return media;
}

unsigned gh_choose_one(const struct gh_profile *profile, const struct gh_choosing *conf,
                       const struct gh_choosing *department, const char *asked,
                       enum gh_chosen_by *ret_by)
{
    enum gh_chosen_by by = GH_CHOSEN_BY_PROFILE;
    const struct gh_choosing officer = {.make = asked};
    unsigned media = narrowed(profile->unasked, conf, profile, GH_CHOSEN_BY_CONF, &by);
    media = narrowed(media, department, profile, GH_CHOSEN_BY_DEPARTMENT, &by);
    media = narrowed(media, &officer, profile, GH_CHOSEN_BY_OFFICER, &by);
    if (ret_by)
        *ret_by = by;
    return media;
}

void gh_choose(const struct gh_profiles *profiles, const struct gh_choosing *conf,
               const struct gh_choosing *department, const char *asked, struct gh_chosen *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < profiles->n && ret->n < GH_PLAN_MAX_PLACES; i++) {
        unsigned media = gh_choose_one(&profiles->list[i], conf, department, asked, NULL);
        if (!media)
            continue;
        ret->name[ret->n] = profiles->list[i].name;
        ret->media[ret->n++] = media;
    }
}

bool gh_choose_unknown(const struct gh_profiles *profiles, const char *list, char word[64])
{
    char *own;
    while (next_word(&list, &own)) {
        bool known = gh_streq(own, ALL);
        for (size_t i = 0; i < profiles->n && !known; i++)
            known = is_called(&profiles->list[i], own);
        if (!known)
            gh_copy(word, 64, own);
        free(own);
        if (!known)
            return true;
    }
    return false;
}
