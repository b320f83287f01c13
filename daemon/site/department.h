/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Departments: each folder below drop/ is one, and departments/<any>.conf may be its card. Its slug
 * names it in the ledger and in every path that leaves Ghat, and never changes: it comes from the
 * card, else it is transliterated from the folder's name. Class: GH_CONFIG, in a list of problems.
 */
#ifndef GH_DAEMON_SITE_DEPARTMENT_H
#define GH_DAEMON_SITE_DEPARTMENT_H

#include "base/config.h"
#include "base/hash.h"
#include "daemon/calendar/calendar.h"
#include "daemon/plan/plan.h"

#define GH_DEPARTMENT_SLUG 64
#define GH_DEPARTMENT_LANGUAGES 8

/* NULL when not set. */
struct gh_person {
    char *name, *designation, *mobile, *email;
};

struct gh_department {
    char slug[GH_DEPARTMENT_SLUG];
    char *folder;              /* its name below drop/, any bytes but / and NUL */
    char *title;               /* for people, UTF-8 */
    char *languages;           /* of its notes: codes with commas, like "bn,en", each once */
    uint32_t policy;           /* enum gh_policy */
    struct gh_person officer;  /* the nodal one: answers questions */
    struct gh_person deputy;   /* while the officer is away, and when something is overdue */
    struct gh_person superior; /* is told what is overdue */

    /* [questions]: when its people are there; all may be NULL */
    char *duty;   /* on holidays, too */
    char *office; /* not on holidays */
    char *closed, *open;
    struct gh_calendar calendar; /* what follows from them, and from ghat.conf */
    char *file;                  /* path of its card; NULL: none */
    uint64_t quiet_ms;           /* its quiet time from the card; 0: the general one */

    /* [placements]: as in ghat.conf, after it; NULL when not set */
    char *place_make, *place_also, *place_not;

    /* [overlay]: painted over its pictures where a profile has no such filter itself */
    char *logo;  /* name of a file in logos/ beside ghat.conf; NULL: none */
    char *label; /* UTF-8 text; NULL: none */
    struct gh_filter_use overlays[GH_PLAN_EXTRA];
    size_t n_overlays;
    char logo_id[GH_SHA_HEX], label_id[GH_SHA_HEX]; /* "" until settings.c set them */
};

struct gh_departments {
    struct gh_department **list; /* pointers stay valid until gh_departments_free */
    size_t n;
};

/** Read one card into the set, unless something is wrong with it. file: its path, for messages;
 * stem: its name without ".conf". */
void gh_departments_add_card(struct gh_departments *set, const struct gh_conf *conf,
                             const char *text, const char *file, const char *stem,
                             struct gh_problems *problems);
/** Read every *.conf of conf->dir/departments, which need not exist. *ret gets the departments
 * without a problem, and is the caller's to free. */
void gh_departments_load(const struct gh_conf *conf, struct gh_departments *ret,
                         struct gh_problems *problems);
void gh_departments_free(struct gh_departments *set);
/** The department with that slug, borrowed; NULL: there is none. */
const struct gh_department *gh_departments_find(const struct gh_departments *set, const char *slug);
/** Every language of the list has words, and is in it once; else it is a problem of that file. */
void gh_department_check_languages(const char *languages, const char *file,
                                   struct gh_problems *problems);
struct gh_words;
/** The languages of its notes, in their order, at least one. d may be NULL: those of a department
 * without a card. Returns how many. */
size_t gh_department_words(const struct gh_department *d,
                           const struct gh_words *ret[GH_DEPARTMENT_LANGUAGES]);
/** The department of that folder, borrowed; NULL: there is none. Equal letters that are composed
 * differently are the same folder. */
struct gh_department *gh_departments_find_folder(const struct gh_departments *set,
                                                 const char *folder);
/**
 * Add the department of a folder without a card; the set owns it. slug: the one it had before, from
 * the ledger. Where that is NULL, not valid or in use, it gets one that no other department has.
 */
struct gh_department *gh_departments_add_folder(struct gh_departments *set,
                                                const struct gh_conf *conf, const char *folder,
                                                const char *slug);

/**
 * Set the calendar of a department by its card and ghat.conf. holidays: n civil days on which
 * offices are closed. GH_CONFIG, naming the key that cannot be read.
 */
GH_MUST_USE int gh_department_set_hours(struct gh_department *d, const struct gh_conf *conf,
                                        const int64_t *holidays, size_t n, struct gh_err *err);

/** The next moment of [questions] duty of ghat.conf, from now_ms on; now_ms where there is none:
 * when notices that can wait go out. */
int64_t gh_duty_opening(const struct gh_conf *conf, int64_t now_ms);

#endif
