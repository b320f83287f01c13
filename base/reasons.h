/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reasons that are given often when something is held, rejected or withdrawn: one tap on the desk.
 * The ledger keeps them in English, a line each before what was written by hand, and everybody
 * reads them in his own language, with what to do. Some come with Ghat; a site adds its own in
 * reasons.ini beside ghat.conf, with its own words in each language.
 */
#ifndef GH_BASE_REASONS_H
#define GH_BASE_REASONS_H

#include "base/ini.h"
#include "base/words.h"

#include <stdbool.h>

#define GH_REASONS_OWN 24     /* of a site, at most */
#define GH_REASON_LABEL 120   /* bytes of what is wrong, in each language, … */
#define GH_REASON_TODO 180    /* … and of what to do */
#define GH_REASON_KEY 24      /* bytes of its short name */
#define GH_REASON_LANGUAGES 8 /* as gh_words_at counts them */

/* One of a site; texts by language, 0: English; NULL where there are none. */
struct gh_own_reason {
    char *key;
    char *label[GH_REASON_LANGUAGES], *todo[GH_REASON_LANGUAGES];
    bool withdrawn; /* not offered any more; still in the words of what was decided with it */
};
/* What a site says about reasons. Zero-initialised: those that come with Ghat. */
struct gh_reasons {
    struct gh_own_reason *list;
    size_t n;
    bool own_only; /* those that come with Ghat are not offered */
};
void gh_reasons_free(struct gh_reasons *r);
/** *ret is empty, and to be freed. */
void gh_reasons_copy(const struct gh_reasons *r, struct gh_reasons *ret);
/** Read the text of a reasons.ini over *ret, which is empty. file: for messages. */
void gh_reasons_parse(const char *text, const char *file, struct gh_reasons *ret,
                      struct gh_problems *problems);
/** Read reasons.ini in the folder dir; where there is none, *ret is empty. */
void gh_reasons_load(const char *dir, struct gh_reasons *ret, struct gh_problems *problems);

/* One reason in a language. Borrowed from the reasons and the words. */
struct gh_reason {
    const char *key;   /* short name, for the command line */
    const char *value; /* English: as the ledger keeps it */
    const char *label; /* what is wrong */
    const char *todo;  /* what the officer is asked to do; "": nothing is said */
    bool offered;
};
/** One after another, those that come with Ghat first; own may be NULL. False after the last. */
bool gh_reason_at(const struct gh_reasons *own, size_t i, const struct gh_words *w,
                  struct gh_reason *ret);
/** The words of a line of the ledger; false: it is none of the reasons. */
typedef bool gh_reason_fn(void *arg, const char *line, size_t n, struct gh_reason *ret);
/** Append a reason of the ledger as find says it, line after line with between in the place of line
 * ends. Lines it does not know are shown as they are, with control characters made visible. */
void gh_reason_say_by(struct gh_str *out, const struct gh_words *w, gh_reason_fn *find, void *arg,
                      const char *reason, const char *between);
/** The same by the reasons themselves; own may be NULL. */
void gh_reason_say(struct gh_str *out, const struct gh_words *w, const struct gh_reasons *own,
                   const char *reason, const char *between);

#endif
