/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The .conf files of departments: one table of keys; a folder without one gets a transliterated slug. Class: GH_CONFIG,
 * as problems. */
#include "daemon/department.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/media.h"
#include "base/str.h"
#include "base/text.h"
#include "daemon/overlays.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define CONF_MAX (256 * 1024)

/* What a .conf says; becomes a gh_department. */
struct card {
    char *folder, *slug, *title, *languages;
    uint32_t policy;
    bool allow_location;
    uint64_t quiet_ms;
    char *name, *designation, *mobile, *email;
    char *logo, *logo_options, *label, *label_options;
};

#define STR(section_, key_, field)                                                                                     \
    {                                                                                                                  \
        .section = section_, .key = key_, .type = GH_INI_STRING, .offset = offsetof(struct card, field), .min = 1      \
    }
static const struct gh_ini_key keys[] = {
    STR("department", "folder", folder),
    STR("department", "slug", slug),
    STR("department", "title", title),
    STR("department", "languages", languages),
    {.section = "policy",
     .key = "metadata",
     .type = GH_INI_ENUM,
     .offset = offsetof(struct card, policy),
     .choices = "strip|credit|keep|archive"},
    {.section = "policy",
     .key = "allow_location",
     .type = GH_INI_BOOL,
     .offset = offsetof(struct card, allow_location)},
    {.section = "intake",
     .key = "quiet",
     .type = GH_INI_DURATION,
     .offset = offsetof(struct card, quiet_ms),
     .min = 100,
     .max = 3600 * 1000},
    STR("officer", "name", name),
    STR("officer", "designation", designation),
    STR("officer", "mobile", mobile),
    STR("officer", "email", email),
    STR("overlay", "logo", logo),
    STR("overlay", "logo_options", logo_options),
    STR("overlay", "label", label),
    STR("overlay", "label_options", label_options),
};

static void card_free(struct card *c)
{
    for (size_t i = 0; i < GH_LEN(keys); i++)
        if (keys[i].type == GH_INI_STRING)
            gh_free_ptr((char *)c + keys[i].offset);
}

static void department_free(struct gh_department *d)
{
    free(d->folder);
    free(d->title);
    free(d->languages);
    free(d->file);
    free(d->officer.name);
    free(d->officer.designation);
    free(d->officer.mobile);
    free(d->officer.email);
    free(d->logo);
    free(d->label);
    free(d);
}

void gh_departments_free(struct gh_departments *set)
{
    for (size_t i = 0; i < set->n; i++)
        department_free(set->list[i]);
    free(set->list);
    *set = (struct gh_departments){0};
}

static void add(struct gh_departments *set, struct gh_department *d)
{
    set->list = gh_realloc(set->list, (set->n + 1) * sizeof(*set->list));
    set->list[set->n++] = d;
}

const struct gh_department *gh_departments_find(const struct gh_departments *set, const char *slug)
{
    for (size_t i = 0; i < set->n; i++)
        if (gh_streq(set->list[i]->slug, slug))
            return set->list[i];
    return NULL;
}

struct gh_department *gh_departments_find_folder(const struct gh_departments *set, const char *folder)
{
    for (size_t i = 0; i < set->n; i++)
        if (gh_streq(set->list[i]->folder, folder))
            return set->list[i];
    /* A .conf typed on one system names a folder made on another: the same letters, composed differently. */
    GH_AUTO_FREE char *nfc = gh_text_nfc(folder, strlen(folder));
    for (size_t i = 0; nfc && i < set->n; i++) {
        GH_AUTO_FREE char *own = gh_text_nfc(set->list[i]->folder, strlen(set->list[i]->folder));
        if (own && gh_streq(own, nfc))
            return set->list[i];
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------------- .conf files */

static bool slug_ok(const char *slug)
{
    size_t n = strlen(slug);
    return n && n < GH_DEPARTMENT_SLUG && strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == n &&
           slug[0] != '-' && slug[n - 1] != '-';
}

static bool folder_ok(const char *folder)
{
    return *folder && *folder != '.' && !strchr(folder, '/') && strlen(folder) <= 255;
}

static void check_card(const struct card *c, const char *file, const struct gh_departments *set,
                       struct gh_problems *problems)
{
    if (!folder_ok(c->folder))
        gh_problem(problems, "%s: folder = %s must be the name of a folder in drop/, not starting with a dot", file,
                   c->folder);
    if (!slug_ok(c->slug))
        gh_problem(problems, "%s: slug = %s must be a-z, 0-9 and dashes, at most %d bytes", file, c->slug,
                   GH_DEPARTMENT_SLUG - 1);
    if (c->policy == GH_POLICY_ARCHIVE && !c->allow_location)
        gh_problem(problems,
                   "%s: metadata = archive publishes positions and serial numbers: it needs allow_location = yes",
                   file);
    if (strspn(c->languages, "abcdefghijklmnopqrstuvwxyz,") != strlen(c->languages))
        gh_problem(problems, "%s: languages = %s must be language codes with commas, like bn,en", file, c->languages);
    if (c->email && (!strchr(c->email, '@') || strpbrk(c->email, " \t,;<>")))
        gh_problem(problems, "%s: email = %s is no mail address", file, c->email);
    if (c->logo && (strchr(c->logo, '/') || c->logo[0] == '.' || strlen(c->logo) >= GH_OVERLAY_NAME))
        gh_problem(problems, "%s: logo = %s must be the name of a file in logos/ beside ghat.conf, at most %d bytes",
                   file, c->logo, GH_OVERLAY_NAME - 1);
    const struct gh_department *same = gh_departments_find(set, c->slug);
    if (same)
        gh_problem(problems, "%s: slug %s belongs to %s already", file, c->slug, same->file);
    same = gh_departments_find_folder(set, c->folder);
    if (same)
        gh_problem(problems, "%s: folder %s belongs to %s already", file, c->folder, same->file);
}

/* A filter that is on when its subject is given. */
static void add_overlay(struct gh_department *d, const char *filter, const char *subject, const char *options,
                        const char *file, struct gh_problems *problems)
{
    struct gh_err err = {0};
    if (!subject && options)
        gh_problem(problems, "%s: [overlay] has options for %s, but nothing to paint", file, filter);
    if (!subject)
        return;
    if (gh_filter_parse(gh_filter_find(filter), options ? options : "", &d->overlays[d->n_overlays], &err) < 0)
        gh_problem(problems, "%s: [overlay] %s: %s", file, filter, err.msg);
    else
        d->n_overlays++;
}

/* Read one .conf into the set, unless something is wrong with it. stem is its name without .conf. */
static void load_one(const char *text, const char *file, const char *stem, const struct gh_conf *conf,
                     struct gh_departments *set, struct gh_problems *problems)
{
    GH_AUTO(card_free) struct card c = {.policy = conf->policy};
    size_t before = problems->n;
    gh_ini_fill(text, file, keys, GH_LEN(keys), &c, problems);
    if (problems->n > before)
        return;
    if (!c.folder)
        c.folder = gh_strdup(stem);
    if (!c.slug) {
        char slug[GH_DEPARTMENT_SLUG];
        gh_slug(c.folder, slug, sizeof(slug));
        c.slug = gh_strdup(slug);
    }
    if (!c.title)
        c.title = gh_strdup(c.folder);
    if (!c.languages)
        c.languages = gh_strdup("bn,en");
    check_card(&c, file, set, problems);
    if (problems->n > before)
        return;
    struct gh_department *d = gh_alloc(sizeof(*d));
    GH_COPY(d->slug, c.slug);
    d->folder = gh_steal(&c.folder);
    d->title = gh_steal(&c.title);
    d->languages = gh_steal(&c.languages);
    d->policy = c.policy;
    d->quiet_ms = c.quiet_ms;
    d->officer.name = gh_steal(&c.name);
    d->officer.designation = gh_steal(&c.designation);
    d->officer.mobile = gh_steal(&c.mobile);
    d->officer.email = gh_steal(&c.email);
    d->file = gh_strdup(file);
    add_overlay(d, "watermark", c.logo, c.logo_options, file, problems);
    add_overlay(d, "label", c.label, c.label_options, file, problems);
    d->logo = gh_steal(&c.logo);
    d->label = gh_steal(&c.label);
    add(set, d);
}

static int conf_only(const struct dirent *e)
{
    return e->d_name[0] != '.' && gh_ends(e->d_name, ".conf");
}

void gh_departments_load(const struct gh_conf *conf, struct gh_departments *ret, struct gh_problems *problems)
{
    *ret = (struct gh_departments){0};
    GH_AUTO_FREE char *dir = gh_asprintf("%s/departments", conf->dir);
    struct dirent **list = NULL;
    int n = scandir(dir, &list, conf_only, alphasort); /* sorted: messages and slugs do not depend on the file system */
    if (n < 0 && errno != ENOENT)
        gh_problem(problems, "%s: %s", dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        GH_AUTO_FREE char *file = gh_asprintf("%s/%s", dir, list[i]->d_name);
        GH_AUTO_FREE char *stem = gh_strndup(list[i]->d_name, strlen(list[i]->d_name) - strlen(".conf"));
        GH_AUTO_FREE char *text = NULL;
        GH_AUTO_FD fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        size_t len = 0;
        struct gh_err err = {0};
        if (fd < 0)
            gh_problem(problems, "%s: %s", file, strerror(errno));
        else if (gh_read_fd(fd, CONF_MAX, &text, &len, &err) < 0)
            gh_problem(problems, "%s: %s", file, err.msg);
        else if (strlen(text) != len)
            gh_problem(problems, "%s: holds a NUL byte, it is no text", file);
        else
            load_one(text, file, stem, conf, ret, problems);
        free(list[i]);
    }
    free(list);
}

/* ------------------------------------------------------------------------------------------- folders without one */

struct gh_department *gh_departments_add_folder(struct gh_departments *set, const struct gh_conf *conf,
                                                const char *folder, const char *slug)
{
    struct gh_department *d = gh_alloc(sizeof(*d));
    if (slug && slug_ok(slug) && !gh_departments_find(set, slug)) {
        GH_COPY(d->slug, slug);
    } else {
        char plain[40], hex[GH_SHA_HEX];
        gh_slug(folder, plain, sizeof(plain));
        GH_COPY(d->slug, plain);
        gh_hash_mem(folder, strlen(folder), hex);
        for (int digits = 4; gh_departments_find(set, d->slug) && digits <= 20; digits += 4)
            snprintf(d->slug, sizeof(d->slug), "%s-%.*s", plain, digits, hex);
    }
    d->folder = gh_strdup(folder);
    GH_AUTO_STR title = {0};
    gh_str_display(&title, folder, strlen(folder));
    d->title = gh_strdup(gh_str_text(&title));
    d->languages = gh_strdup("bn,en");
    d->policy = conf->policy;
    add(set, d);
    return d;
}
