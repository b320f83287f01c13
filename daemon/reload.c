/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading everything a person wrote: configuration, departments, profiles; at start, for --check, and again on SIGHUP.
 * All or nothing. */
#include "daemon/reload.h"

#include "base/log.h"
#include "base/str.h"
#include "daemon/intake.h"
#include "daemon/paths.h"
#include "daemon/work.h"

#include <string.h>

/* Jobs under way may still read them: all sets are kept until the end, for they are small and reloads are rare. */
static struct retired {
    struct gh_profiles *profiles;
    struct gh_overlays *overlays;
} * retired;
static size_t n_retired;

static void sets_free(struct retired *r)
{
    if (r->profiles)
        gh_profiles_free(r->profiles);
    if (r->overlays)
        gh_overlays_free(r->overlays);
    gh_free_ptr(&r->profiles);
    gh_free_ptr(&r->overlays);
}

void gh_daemon_adopt(struct gh_daemon *d, struct gh_settings *s)
{
    d->conf = s->conf;
    d->departments = s->departments;
    d->profiles = s->profiles;
    d->overlays = s->overlays;
    retired = gh_realloc(retired, (n_retired + 1) * sizeof(*retired));
    retired[n_retired++] = (struct retired){s->profiles, s->overlays};
    *s = (struct gh_settings){0};
}

void gh_settings_free(struct gh_settings *s)
{
    gh_conf_free(&s->conf);
    gh_departments_free(&s->departments);
    sets_free(&(struct retired){gh_steal(&s->profiles), gh_steal(&s->overlays)});
}

int gh_settings_load(const char *path, struct gh_settings *ret, struct gh_problems *problems, struct gh_err *err)
{
    GH_AUTO(gh_settings_free) struct gh_settings s = {0};
    GH_AUTO(gh_problems_free) struct gh_problems own = {0};
    if (!problems)
        problems = &own;
    TRY(gh_conf_load(path, &s.conf, problems, err));
    char *worker = gh_find_worker(s.conf.worker), *profiles = gh_find_profiles(s.conf.profiles);
    free(s.conf.worker);
    free(s.conf.profiles);
    s.conf.worker = worker;
    s.conf.profiles = profiles;
    gh_departments_load(&s.conf, &s.departments, problems);
    struct gh_profiles *set = gh_alloc(sizeof(*set));
    struct gh_err why = {0};
    GH_AUTO_FREE char *override = gh_asprintf("%s/profiles", s.conf.dir);
    if (gh_profiles_load(s.conf.profiles, override, set, &why) < 0) {
        gh_problem(problems, "%s", why.msg);
        free(set);
    } else {
        s.profiles = set;
        if (!set->n)
            gh_problem(problems, "%s: there is no profile here ([paths] profiles)", s.conf.profiles);
    }
    s.overlays = gh_alloc(sizeof(*s.overlays));
    if (s.profiles)
        gh_overlays_add_named(s.overlays, s.conf.worker, s.conf.dir, s.profiles->list, s.profiles->n, problems);
    gh_overlays_dress(s.overlays, s.conf.worker, s.conf.dir, &s.departments, problems);
    TRY(gh_problems_fail(problems, err));
    *ret = s;
    s = (struct gh_settings){0};
    return 0;
}

static bool same_limits(const struct gh_limits *a, const struct gh_limits *b)
{
    return a->jpeg_pixels == b->jpeg_pixels && a->photo_pixels == b->photo_pixels &&
           a->video_pixels == b->video_pixels && a->input_bytes == b->input_bytes &&
           a->output_bytes == b->output_bytes && a->duration_us == b->duration_us && a->frames == b->frames &&
           a->streams == b->streams && a->cpu_s == b->cpu_s && a->wall_s == b->wall_s &&
           a->memory_bytes == b->memory_bytes;
}

static bool same_text(const char *a, const char *b)
{
    return gh_streq(a ? a : "", b ? b : "");
}

/* What only a start can change keeps its value. */
static void keep_paths(struct gh_conf *new, struct gh_conf *old)
{
    char **mine[] = {&new->root,   &new->state,   &new->control,    &new->drop,  &new->staging,
                     &new->outbox, &new->archive, &new->quarantine, &new->spool, &new->worker};
    char **kept[] = {&old->root,   &old->state,   &old->control,    &old->drop,  &old->staging,
                     &old->outbox, &old->archive, &old->quarantine, &old->spool, &old->worker};
    for (size_t i = 0; i < GH_LEN(mine); i++) {
        if (gh_streq(*mine[i], *kept[i]))
            continue;
        gh_log(GH_LOG_WARNING, "restart-needed", "path=%s stays=%s", gh_log_quote(*mine[i]), gh_log_quote(*kept[i]));
        char *swap = *mine[i];
        *mine[i] = *kept[i];
        *kept[i] = swap;
    }
    bool slots = new->keep_ms != old->keep_ms || new->workers != old->workers ||
                 new->video_workers != old->video_workers || new->lanes != old->lanes || new->inotify != old->inotify ||
                 new->encoder != old->encoder || !same_text(new->encoder_device, old->encoder_device) ||
                 new->seccomp_only != old->seccomp_only || !same_limits(&new->limits, &old->limits);
    if (slots)
        gh_log(GH_LOG_WARNING, "restart-needed", "for=\"[workers], [limits], inotify\"");
}

int gh_daemon_reload(struct gh_daemon *d, struct gh_problems *problems, struct gh_err *err)
{
    struct gh_settings s;
    GH_AUTO_FREE char *path = d->conf.file ? gh_strdup(d->conf.file) : NULL;
    TRY(gh_settings_load(path, &s, problems, err));
    keep_paths(&s.conf, &d->conf);
    gh_conf_free(&d->conf);
    gh_departments_free(&d->departments);
    gh_daemon_adopt(d, &s);
    gh_log_init("ghatd", (enum gh_level)d->conf.log_level);
    if (d->intake)
        gh_intake_rescan(d->intake);
    if (d->workshop)
        gh_work_wake(d->workshop);
    return 0;
}

void gh_daemon_drop_settings(struct gh_daemon *d)
{
    gh_conf_free(&d->conf);
    gh_departments_free(&d->departments);
    for (size_t i = 0; i < n_retired; i++)
        sets_free(&retired[i]);
    gh_free_ptr(&retired);
    n_retired = 0;
    d->profiles = NULL;
    d->overlays = NULL;
}

const struct gh_department *gh_daemon_department(const struct gh_daemon *d, const char *slug)
{
    return gh_departments_find(&d->departments, slug);
}
