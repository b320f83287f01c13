/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads all settings, at start, for --check and on SIGHUP, collects every problem, and decides
 * which values a reload keeps. Class: GH_CONFIG. */
#include "daemon/site/settings.h"

#include "base/log.h"
#include "base/str.h"
#include "daemon/engine/once.h"
#include "daemon/engine/paths.h"

#include <string.h>

void gh_settings_free(struct gh_settings *s)
{
    gh_conf_free(&s->conf);
    gh_departments_free(&s->departments);
    gh_reasons_free(&s->reasons);
    gh_sets_unref(&s->sets);
}

static void load_profiles(struct gh_settings *s, struct gh_problems *problems)
{
    struct gh_err err = {0};
    GH_AUTO_FREE char *override = gh_asprintf("%s/profiles", s->conf.dir);
    if (gh_profiles_load(s->conf.profiles, override, &s->sets->profiles, &err) < 0)
        gh_problem(problems, "%s", err.msg);
    else if (!s->sets->profiles.n)
        gh_problem(problems, "%s: there is no profile here ([paths] profiles)", s->conf.profiles);
}

/* Load the pixels of every department's logo and label, and set their ids. */
static void load_department_overlays(struct gh_settings *s, const struct gh_overlay_source *source,
                                     struct gh_problems *problems)
{
    struct gh_overlays *overlays = &s->sets->overlays;
    for (size_t i = 0; i < s->departments.n; i++) {
        struct gh_department *d = s->departments.list[i];
        struct gh_err err = {0};
        GH_AUTO_FREE char *path = d->logo ? gh_asprintf("%s/logos/%s", s->conf.dir, d->logo) : NULL;
        if (path && gh_overlays_add_logo(overlays, source, path, d->logo, &err) < 0)
            gh_problem(problems, "%s: %s", d->file, err.msg);
        else if (path)
            GH_COPY(d->logo_id, gh_overlay_names_find(&overlays->names, d->logo));
        if (d->label && gh_overlays_add_label(overlays, source, d->label, d->label_id, &err) < 0)
            gh_problem(problems, "%s: %s", d->file, err.msg);
    }
}

/* A file that has no path lies beside ghat.conf. */
static char *beside_conf(const struct gh_settings *s, const char *file)
{
    return strchr(file, '/') ? gh_strdup(file) : gh_asprintf("%s/%s", s->conf.dir, file);
}

static void load_hours(struct gh_settings *s, struct gh_problems *problems)
{
    struct gh_err err = {0};
    struct gh_department without_card = {0};
    GH_AUTO_FREE int64_t *holidays = NULL;
    size_t n = 0;
    GH_AUTO_FREE char *path = s->conf.holidays ? beside_conf(s, s->conf.holidays) : NULL;
    if (path && gh_read_holidays(s->conf.worker, path, &holidays, &n, &err) < 0)
        gh_problem(problems, "%s: [questions] holidays: %s", s->conf.file, err.msg);
    err = (struct gh_err){0};
    if (gh_department_set_hours(&without_card, &s->conf, NULL, 0, &err) < 0)
        gh_problem(problems, "%s", err.msg);
    for (size_t i = 0; i < s->departments.n && !err.cls; i++) {
        struct gh_err why = {0};
        if (gh_department_set_hours(s->departments.list[i], &s->conf, holidays, n, &why) < 0)
            gh_problem(problems, "%s", why.msg);
    }
    gh_calendar_free(&without_card.calendar);
}

/* Words in a list that name no placement are a mistake. */
static void check_list(const struct gh_profiles *profiles, const char *file, const char *key,
                       const char *list, struct gh_problems *problems)
{
    char word[64];
    if (list && gh_choose_unknown(profiles, list, word))
        gh_problem(problems, "%s: [placements] %s: there is no placement %s: see ghat placements",
                   file, key, word);
}

void gh_settings_check_placements(const struct gh_conf *conf, const struct gh_profiles *profiles,
                                  struct gh_problems *problems)
{
    check_list(profiles, conf->file, "make", conf->place_make, problems);
    check_list(profiles, conf->file, "also", conf->place_also, problems);
    check_list(profiles, conf->file, "not", conf->place_not, problems);
}

static void check_placements(const struct gh_settings *s, struct gh_problems *problems)
{
    const struct gh_profiles *profiles = &s->sets->profiles;
    gh_settings_check_placements(&s->conf, profiles, problems);
    for (size_t i = 0; i < s->departments.n; i++) {
        const struct gh_department *d = s->departments.list[i];
        check_list(profiles, d->file, "make", d->place_make, problems);
        check_list(profiles, d->file, "also", d->place_also, problems);
        check_list(profiles, d->file, "not", d->place_not, problems);
    }
}

void gh_settings_choose(const struct gh_settings *s, const struct gh_department *department,
                        const char *asked, struct gh_chosen *ret)
{
    const struct gh_conf *c = &s->conf;
    struct gh_choosing all = {c->place_make, c->place_also, c->place_not}, own = {0};
    if (department)
        own = (struct gh_choosing){department->place_make, department->place_also,
                                   department->place_not};
    gh_choose(&s->sets->profiles, &all, &own, asked, ret);
}

bool gh_settings_known(const struct gh_settings *s, const char *list)
{
    char word[64];
    return list[strspn(list, " \t,")] && !gh_choose_unknown(&s->sets->profiles, list, word);
}

int gh_settings_load(const char *path, const struct gh_sets *before, struct gh_settings *ret,
                     struct gh_problems *problems, struct gh_err *err)
{
    GH_AUTO(gh_settings_free) struct gh_settings s = {.sets = gh_sets_new()};
    GH_AUTO(gh_problems_free) struct gh_problems own = {0};
    if (!problems)
        problems = &own;
    TRY(gh_conf_load(path, &s.conf, problems, err));
    char *worker = gh_find_worker(s.conf.worker), *profiles = gh_find_profiles(s.conf.profiles);
    free(s.conf.worker);
    free(s.conf.profiles);
    s.conf.worker = worker;
    s.conf.profiles = profiles;
    const struct gh_overlay_source source = {.worker = worker,
                                             .before = before ? &before->overlays : NULL};
    gh_departments_load(&s.conf, &s.departments, problems);
    load_hours(&s, problems);
    gh_reasons_load(s.conf.dir, &s.reasons, problems);
    size_t before_profiles = problems->n;
    load_profiles(&s, problems);
    if (problems->n == before_profiles)
        check_placements(&s, problems);
    gh_overlays_add_named(&s.sets->overlays, &source, s.conf.dir, &s.sets->profiles, problems);
    load_department_overlays(&s, &source, problems);
    TRY(gh_problems_fail(problems, err));
    *ret = s;
    s = (struct gh_settings){0};
    return 0;
}

static bool same_text(const char *a, const char *b)
{
    return gh_streq(a ? a : "", b ? b : "");
}

/* Paths can be changed by a start only: new gets those of old. All that needs a restart is logged.
 */
static void keep_paths(struct gh_conf *new, struct gh_conf *old)
{
    char **mine[] = {&new->root,   &new->state,   &new->control,    &new->drop,  &new->staging,
                     &new->outbox, &new->archive, &new->quarantine, &new->spool, &new->worker};
    char **kept[] = {&old->root,   &old->state,   &old->control,    &old->drop,  &old->staging,
                     &old->outbox, &old->archive, &old->quarantine, &old->spool, &old->worker};
    for (size_t i = 0; i < GH_LEN(mine); i++) {
        if (gh_streq(*mine[i], *kept[i]))
            continue;
        gh_log(GH_LOG_WARNING, "restart-needed", "path=%s stays=%s", gh_log_quote(*mine[i]),
               gh_log_quote(*kept[i]));
        char *swap = *mine[i];
        *mine[i] = *kept[i];
        *kept[i] = swap;
    }
    bool slots = new->keep_ms != old->keep_ms || new->workers != old->workers ||
                 new->video_workers != old->video_workers || new->lanes != old->lanes ||
                 new->inotify != old->inotify || new->encoder != old->encoder ||
                 !same_text(new->encoder_device, old->encoder_device) ||
                 new->seccomp_only != old->seccomp_only ||
                 !same_text(new->timezone, old->timezone) ||
                 memcmp(&new->limits, &old->limits, sizeof(new->limits)) != 0;
    if (slots)
        gh_log(GH_LOG_WARNING, "restart-needed", "for=\"[workers], [limits], inotify, timezone\"");
}

int gh_settings_reload(struct gh_settings *now, struct gh_problems *problems, struct gh_err *err)
{
    struct gh_settings read = {0};
    GH_AUTO_FREE char *path = now->conf.file ? gh_strdup(now->conf.file) : NULL;
    TRY(gh_settings_load(path, now->sets, &read, problems, err));
    keep_paths(&read.conf, &now->conf);
    gh_settings_free(now);
    *now = read;
    return 0;
}
