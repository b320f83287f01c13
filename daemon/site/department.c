/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads and checks the departments' cards, by one table of keys, and gives folders without a card
 * their slugs. Class: GH_CONFIG, as problems. */
#include "daemon/site/department.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/media.h"
#include "base/str.h"
#include "base/text.h"
#include "base/words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define CARD_MAX_BYTES (256 * 1024)
#define FOLDER_MAX 255 /* bytes of a file name */
#define LANGUAGES "bn,en"

/* What a card says; becomes a gh_department. */
struct card {
    char *folder, *slug, *title, *languages;
    uint32_t policy;
    bool allow_location;
    uint64_t quiet_ms;
    char *name, *designation, *mobile, *email;
    char *deputy_name, *deputy_designation, *deputy_mobile, *deputy_email;
    char *superior_name, *superior_designation, *superior_mobile, *superior_email;
    char *duty, *office, *closed, *open;
    char *logo, *logo_options, *label, *label_options;
    char *make, *also, *leave;
};

#define STR(section_, key_, field)                                                                 \
    {                                                                                              \
        .section = section_, .key = key_, .type = GH_INI_STRING,                                   \
        .offset = offsetof(struct card, field), .min = 1                                           \
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
    STR("deputy", "name", deputy_name),
    STR("deputy", "designation", deputy_designation),
    STR("deputy", "mobile", deputy_mobile),
    STR("deputy", "email", deputy_email),
    STR("superior", "name", superior_name),
    STR("superior", "designation", superior_designation),
    STR("superior", "mobile", superior_mobile),
    STR("superior", "email", superior_email),
    STR("questions", "duty", duty),
    STR("questions", "office", office),
    STR("questions", "closed", closed),
    STR("questions", "open", open),
    STR("overlay", "logo", logo),
    STR("overlay", "logo_options", logo_options),
    STR("overlay", "label", label),
    STR("overlay", "label_options", label_options),
    STR("placements", "make", make),
    STR("placements", "also", also),
    STR("placements", "not", leave),
};

static void card_free(struct card *c)
{
    for (size_t i = 0; i < GH_LEN(keys); i++)
        if (keys[i].type == GH_INI_STRING)
            gh_free_ptr((char *)c + keys[i].offset);
}

static void person_free(struct gh_person *p)
{
    free(p->name);
    free(p->designation);
    free(p->mobile);
    free(p->email);
}

static void department_free(struct gh_department *d)
{
    free(d->folder);
    free(d->title);
    free(d->languages);
    free(d->file);
    person_free(&d->officer);
    person_free(&d->deputy);
    person_free(&d->superior);
    free(d->duty);
    free(d->office);
    free(d->closed);
    free(d->open);
    gh_calendar_free(&d->calendar);
    free(d->logo);
    free(d->label);
    free(d->place_make);
    free(d->place_also);
    free(d->place_not);
    free(d);
}

void gh_departments_free(struct gh_departments *set)
{
    for (size_t i = 0; i < set->n; i++)
        department_free(set->list[i]);
    free(set->list);
    *set = (struct gh_departments){0};
}

static void add_department(struct gh_departments *set, struct gh_department *d)
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

struct gh_department *gh_departments_find_folder(const struct gh_departments *set,
                                                 const char *folder)
{
    for (size_t i = 0; i < set->n; i++)
        if (gh_streq(set->list[i]->folder, folder))
            return set->list[i];
    /* A card written on one system may name a folder made on another, with the same letters
     * composed differently. */
    GH_AUTO_FREE char *nfc = gh_text_nfc(folder, strlen(folder));
    for (size_t i = 0; nfc && i < set->n; i++) {
        GH_AUTO_FREE char *own = gh_text_nfc(set->list[i]->folder, strlen(set->list[i]->folder));
        if (own && gh_streq(own, nfc))
            return set->list[i];
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------- cards */

static bool slug_ok(const char *slug)
{
    size_t n = strlen(slug);
    return n && n < GH_DEPARTMENT_SLUG &&
           strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == n && slug[0] != '-' &&
           slug[n - 1] != '-';
}

static bool folder_ok(const char *folder)
{
    return *folder && *folder != '.' && !strchr(folder, '/') && strlen(folder) <= FOLDER_MAX;
}

/* Take the first code off a list; false: it was empty. */
static bool next_language(const char **list, char ret[16])
{
    size_t n = strcspn(*list, ",");
    if (!**list)
        return false;
    gh_format(ret, 16, "%.*s", (int)n, *list);
    *list += n + ((*list)[n] == ',');
    return true;
}

void gh_department_check_languages(const char *languages, const char *file,
                                   struct gh_problems *problems)
{
    GH_AUTO_STR known = {0};
    const struct gh_words *w, *seen[GH_DEPARTMENT_LANGUAGES];
    const char *list = languages;
    char code[16];
    size_t n = 0;
    if (strspn(list, "abcdefghijklmnopqrstuvwxyz,") != strlen(list) || !*list) {
        gh_problem(problems, "%s: languages = %s must be language codes with commas, like bn,en",
                   file, list);
        return;
    }
    for (size_t i = 0; (w = gh_words_at(i)); i++)
        gh_str_printf(&known, "%s%s", i ? ", " : "", gh_words_language(w));
    while (next_language(&list, code)) {
        bool twice = false;
        w = gh_words_of(code);
        if (!gh_streq(gh_words_language(w), code))
            gh_problem(problems, "%s: languages = %s: there are no words of \"%s\", only of %s",
                       file, languages, code, gh_str_text(&known));
        for (size_t i = 0; i < n; i++)
            twice = twice || seen[i] == w;
        if (twice || n == GH_DEPARTMENT_LANGUAGES) {
            gh_problem(problems, "%s: languages = %s: each once, and %d at most", file, languages,
                       GH_DEPARTMENT_LANGUAGES);
            return;
        }
        seen[n++] = w;
    }
}

size_t gh_department_words(const struct gh_department *d,
                           const struct gh_words *ret[GH_DEPARTMENT_LANGUAGES])
{
    const char *list = d ? d->languages : LANGUAGES;
    char code[16];
    size_t n = 0;
    while (n < GH_DEPARTMENT_LANGUAGES && next_language(&list, code))
        ret[n++] = gh_words_of(code);
    return n;
}

static void check_card(const struct card *c, const char *file, const struct gh_departments *set,
                       struct gh_problems *problems)
{
    if (!folder_ok(c->folder))
        gh_problem(problems,
                   "%s: folder = %s must be the name of a folder in drop/, not starting with a dot",
                   file, c->folder);
    if (!slug_ok(c->slug))
        gh_problem(problems, "%s: slug = %s must be a-z, 0-9 and dashes, at most %d bytes", file,
                   c->slug, GH_DEPARTMENT_SLUG - 1);
    if (c->policy == GH_POLICY_ARCHIVE && !c->allow_location)
        gh_problem(problems,
                   "%s: metadata = archive publishes positions and serial numbers: it needs "
                   "allow_location = yes",
                   file);
    gh_department_check_languages(c->languages, file, problems);
    const char *const addresses[] = {c->email, c->deputy_email, c->superior_email};
    for (size_t i = 0; i < GH_LEN(addresses); i++)
        if (addresses[i] && (!strchr(addresses[i], '@') || strpbrk(addresses[i], " \t,;<>")))
            gh_problem(problems, "%s: email = %s is no mail address", file, addresses[i]);
    if (c->duty && c->office)
        gh_problem(problems,
                   "%s: [questions] has duty, which counts holidays, and office, which does not: "
                   "give one of them",
                   file);
    if (c->logo &&
        (strchr(c->logo, '/') || c->logo[0] == '.' || strlen(c->logo) >= GH_OVERLAY_NAME))
        gh_problem(
            problems,
            "%s: logo = %s must be the name of a file in logos/ beside ghat.conf, at most %d bytes",
            file, c->logo, GH_OVERLAY_NAME - 1);
    const struct gh_department *same = gh_departments_find(set, c->slug);
    if (same)
        gh_problem(problems, "%s: slug %s belongs to %s already", file, c->slug, same->file);
    same = gh_departments_find_folder(set, c->folder);
    if (same)
        gh_problem(problems, "%s: folder %s belongs to %s already", file, c->folder, same->file);
}

/* Add a filter to the department if its subject, a logo or a text, is given. */
static void add_overlay(struct gh_department *d, const char *filter, const char *subject,
                        const char *options, const char *file, struct gh_problems *problems)
{
    struct gh_err err = {0};
    if (!subject && options)
        gh_problem(problems, "%s: [overlay] has options for %s, but nothing to paint", file,
                   filter);
    if (!subject)
        return;
    if (gh_filter_parse(gh_filter_find(filter), options ? options : "", &d->overlays[d->n_overlays],
                        &err) < 0)
        gh_problem(problems, "%s: [overlay] %s: %s", file, filter, err.msg);
    else
        d->n_overlays++;
}

void gh_departments_add_card(struct gh_departments *set, const struct gh_conf *conf,
                             const char *text, const char *file, const char *stem,
                             struct gh_problems *problems)
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
        c.languages = gh_strdup(LANGUAGES);
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
    d->officer = (struct gh_person){gh_steal(&c.name), gh_steal(&c.designation),
                                    gh_steal(&c.mobile), gh_steal(&c.email)};
    d->deputy = (struct gh_person){gh_steal(&c.deputy_name), gh_steal(&c.deputy_designation),
                                   gh_steal(&c.deputy_mobile), gh_steal(&c.deputy_email)};
    d->superior = (struct gh_person){gh_steal(&c.superior_name), gh_steal(&c.superior_designation),
                                     gh_steal(&c.superior_mobile), gh_steal(&c.superior_email)};
    d->duty = gh_steal(&c.duty);
    d->office = gh_steal(&c.office);
    d->closed = gh_steal(&c.closed);
    d->open = gh_steal(&c.open);
    d->file = gh_strdup(file);
    add_overlay(d, "watermark", c.logo, c.logo_options, file, problems);
    add_overlay(d, "label", c.label, c.label_options, file, problems);
    d->logo = gh_steal(&c.logo);
    d->label = gh_steal(&c.label);
    d->place_make = gh_steal(&c.make);
    d->place_also = gh_steal(&c.also);
    d->place_not = gh_steal(&c.leave);
    add_department(set, d);
}

static int is_conf(const struct dirent *e)
{
    return e->d_name[0] != '.' && gh_ends(e->d_name, ".conf");
}

void gh_departments_load(const struct gh_conf *conf, struct gh_departments *ret,
                         struct gh_problems *problems)
{
    *ret = (struct gh_departments){0};
    GH_AUTO_FREE char *dir = gh_asprintf("%s/departments", conf->dir);
    struct dirent **list = NULL;
    /* sorted, so that messages and slugs do not depend on the file system */
    int n = scandir(dir, &list, is_conf, alphasort);
    if (n < 0 && errno != ENOENT)
        gh_problem(problems, "%s: %s", dir, strerror(errno));
    for (int i = 0; i < n; i++) {
        GH_AUTO_FREE char *file = gh_asprintf("%s/%s", dir, list[i]->d_name);
        GH_AUTO_FREE char *stem =
            gh_strndup(list[i]->d_name, strlen(list[i]->d_name) - strlen(".conf"));
        GH_AUTO_FREE char *text = NULL;
        GH_AUTO_FD fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        size_t len = 0;
        struct gh_err err = {0};
        if (fd < 0)
            gh_problem(problems, "%s: %s", file, strerror(errno));
        else if (gh_read_fd(fd, CARD_MAX_BYTES, &text, &len, &err) < 0)
            gh_problem(problems, "%s: %s", file, err.msg);
        else if (strlen(text) != len)
            gh_problem(problems, "%s: holds a NUL byte, it is no text", file);
        else
            gh_departments_add_card(ret, conf, text, file, stem, problems);
        free(list[i]);
    }
    free(list);
}

/* ----------------------------------------------------------------------- folders without a card */

struct gh_department *gh_departments_add_folder(struct gh_departments *set,
                                                const struct gh_conf *conf, const char *folder,
                                                const char *slug)
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
    d->languages = gh_strdup(LANGUAGES);
    d->policy = conf->policy;
    (void)!gh_department_set_hours(d, conf, NULL, 0, NULL); /* it was read with ghat.conf */
    add_department(set, d);
    return d;
}
