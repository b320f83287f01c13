/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipients are "role:agency", "officer:roads", "deputy:roads", "superior:roads", "user:rina";
 * "role:deputy" are those who stand in for an approver now. */
#include "daemon/notice/whom.h"

#include "base/address.h"
#include "base/log.h"
#include "base/str.h"

#include <ctype.h>
#include <string.h>

#define PHONE_DIGITS 6

/* ----------------------------------------------------------------------------------- who there is
 */

static bool keep_user(const struct gh_user *user, void *arg)
{
    struct gh_whom *w = arg;
    w->users = gh_realloc(w->users, (w->n + 1) * sizeof(*w->users));
    w->users[w->n++] = *user;
    return true;
}

int gh_whom_load(struct gh_whom *w, struct gh_err *err)
{
    return gh_ledger_users(w->ledger, w->clock.now_ms, keep_user, w, err);
}

void gh_whom_free(struct gh_whom *w)
{
    free(w->users);
    w->users = NULL;
    w->n = 0;
}

/* ------------------------------------------------------------------------------ one of them more
 */

struct list {
    struct gh_whom *w;
    const struct gh_notice *notice;
    const struct gh_post_kind *kind;
    bool hook, urgent;
    struct gh_letter_to *to;
    size_t n, max;
};

static bool is_phone(const char *text)
{
    size_t digits = 0;
    for (const char *c = text; c && *c; c++) {
        if (isdigit((unsigned char)*c))
            digits++;
        else if (!strchr(" -+()/.", *c))
            return false;
    }
    return digits >= PHONE_DIGITS && strlen(text) < 40;
}

static void put(struct list *l, const char *address, const char *language, bool digest)
{
    for (size_t i = 0; i < l->n; i++)
        if (!strcasecmp(l->to[i].address, address))
            return;
    if (l->n == l->max)
        return;
    struct gh_letter_to *to = &l->to[l->n++];
    *to = (struct gh_letter_to){
        .channel = l->hook ? "hook" : "mail", .address = address, .language = language};
    to->not_before_ms = gh_post_when(l->kind, &l->w->clock, l->urgent,
                                     !strcmp(l->notice->channel, "digest"), digest, &to->digest);
}

/* By phone when a template makes a message of it, by mail else; whoever has neither is not told. */
static void put_person(struct list *l, const char *email, const char *phone, const char *language,
                       bool digest)
{
    const char *address = l->hook ? phone : email;
    if (l->hook ? is_phone(phone) : gh_address_is_plain(email))
        put(l, address, language, digest);
    else if (address && *address)
        gh_log(GH_LOG_DEBUG, "address-refused", "kind=%s", l->notice->kind);
}

static void put_user(struct list *l, const struct gh_user *u)
{
    if (!u->locked_ms && !(u->mute & l->kind->mute))
        put_person(l, u->email, u->phone, u->language, u->digest);
}

static void put_card(struct list *l, const struct gh_department *d, const struct gh_person *p)
{
    const struct gh_words *words[GH_DEPARTMENT_LANGUAGES];
    gh_department_words(d, words);
    put_person(l, p->email, p->mobile, gh_words_language(words[0]), false);
}

/* ------------------------------------------------------------------------------------- by roles
 */

static void put_role(struct list *l, const char *name)
{
    bool deputies = !strcmp(name, "deputy");
    unsigned role = gh_role_parse(name);
    for (size_t i = 0; i < l->w->n; i++) {
        const struct gh_user *u = &l->w->users[i];
        if ((u->roles & role) || (*u->deputy_of && (deputies || role == GH_APPROVER)))
            put_user(l, u);
    }
}

static bool is_officer_of(const struct gh_user *u, const char *slug)
{
    GH_AUTO_FREE char *mark = gh_asprintf(",%s,", slug);
    return u->roles & GH_OFFICER && strstr(u->departments, mark);
}

/* People of the desk who are officers of that department; those have switches, and come first. */
static void put_officers(struct list *l, const char *slug)
{
    for (size_t i = 0; i < l->w->n; i++)
        if (is_officer_of(&l->w->users[i], slug))
            put_user(l, &l->w->users[i]);
}

/* The same phone, however it is written. */
static bool is_same_phone(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strcspn(a, "0123456789");
        b += strcspn(b, "0123456789");
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* Is whom the card names an officer of the department at the desk, who can be reached and has
 * switches of his own? */
static bool is_user(const struct list *l, const char *slug, const struct gh_person *p)
{
    for (size_t i = 0; i < l->w->n; i++) {
        const struct gh_user *u = &l->w->users[i];
        bool same = p->email && *u->email && !strcasecmp(u->email, p->email);
        if (u->locked_ms || !is_officer_of(u, slug))
            continue;
        if (l->hook ? is_phone(u->phone) &&
                          (same || is_same_phone(u->phone, p->mobile ? p->mobile : ""))
                    : same)
            return true;
    }
    return false;
}

static void put_department(struct list *l, const char *who, size_t n, const char *slug)
{
    const struct gh_department *d = gh_departments_find(&l->w->settings->departments, slug);
    bool officer = !strncmp(who, "officer", n);
    if (officer)
        put_officers(l, slug);
    if (!d)
        return;
    const struct gh_person *p = officer                      ? &d->officer
                                : !strncmp(who, "deputy", n) ? &d->deputy
                                                             : &d->superior;
    if (!officer || !is_user(l, slug, p))
        put_card(l, d, p);
}

static void put_one(struct list *l, const char *name)
{
    for (size_t i = 0; i < l->w->n; i++)
        if (!strcmp(l->w->users[i].name, name))
            put_user(l, &l->w->users[i]);
}

/* Does the configuration have a way for it? */
static bool has_way(const struct gh_conf *conf, bool hook)
{
    return hook ? conf->webhook != NULL : conf->smtp != NULL;
}

size_t gh_whom_of(const struct gh_notice *notice, void *arg, struct gh_letter_to *ret, size_t max)
{
    struct gh_whom *w = arg;
    struct gh_notice_about about;
    struct gh_err err = {0};
    const char *colon = strchr(notice->recipient, ':');
    struct list l = {.w = w,
                     .notice = notice,
                     .kind = gh_post_kind_of(notice->kind),
                     .hook = !strcmp(notice->channel, "hook"),
                     .to = ret,
                     .max = max};
    if (!colon || !has_way(&w->settings->conf, l.hook))
        return 0;
    if (gh_ledger_notice_about(w->ledger, notice, &about, &err) == 0)
        l.urgent = about.urgent;
    if (l.hook && !w->settings->conf.webhook_body)
        put(&l, "", "en", false);
    else if (gh_starts(notice->recipient, "role:"))
        put_role(&l, colon + 1);
    else if (gh_starts(notice->recipient, "user:"))
        put_one(&l, colon + 1);
    else
        put_department(&l, notice->recipient, (size_t)(colon - notice->recipient), colon + 1);
    return l.n;
}
