/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pixels of logos and labels, by id, and the runs of ghat-worker that make them. A run is
 * waited for: about 0.1 s, when settings are read, for what was not made before. Class: GH_CONFIG,
 * as what is wrong with the file or text.
 */
#include "daemon/engine/overlays.h"

#include "base/contract.h"
#include "base/file.h"
#include "base/ini.h"
#include "base/str.h"
#include "daemon/engine/once.h"
#include "daemon/plan/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define LOGO_BYTES (4u << 20)
/* Of profiles, in one job: the department's own logo and label need room, too. */
#define LOGOS_MAX (GH_JOB_MAX_OVERLAYS - 2)

/* Shared by every gh_overlays that lists it. */
struct gh_overlay_pixels {
    char id[GH_SHA_HEX];
    int fd;
    unsigned refs;
};

/* -------------------------------------------------------------------------------- pixels, by id */

static struct gh_overlay_pixels *pixels_of(const struct gh_overlays *overlays, const char *id)
{
    for (size_t i = 0; overlays && i < overlays->n_pixels; i++)
        if (gh_streq(overlays->pixels[i]->id, id))
            return overlays->pixels[i];
    return NULL;
}

static void list_pixels(struct gh_overlays *overlays, struct gh_overlay_pixels *pixels)
{
    overlays->pixels =
        gh_realloc(overlays->pixels, (overlays->n_pixels + 1) * sizeof(*overlays->pixels));
    overlays->pixels[overlays->n_pixels++] = pixels;
    pixels->refs++;
}

int gh_overlays_fd(const struct gh_overlays *overlays, const char *id)
{
    const struct gh_overlay_pixels *pixels = pixels_of(overlays, id);
    return pixels ? pixels->fd : -1;
}

void gh_overlays_free(struct gh_overlays *overlays)
{
    for (size_t i = 0; i < overlays->n_pixels; i++) {
        struct gh_overlay_pixels *pixels = overlays->pixels[i];
        if (--pixels->refs)
            continue;
        gh_close_fd(&pixels->fd);
        free(pixels);
    }
    free(overlays->pixels);
    gh_overlay_names_free(&overlays->names);
    *overlays = (struct gh_overlays){0};
}

/* True: overlays has the pixels of this id, or shares those of source->before from now on. */
static bool find_pixels(struct gh_overlays *overlays, const struct gh_overlay_source *source,
                        const char *id)
{
    if (pixels_of(overlays, id))
        return true;
    struct gh_overlay_pixels *before = pixels_of(source->before, id);
    if (before)
        list_pixels(overlays, before);
    return before != NULL;
}

/* -------------------------------------------------------------------------------------- one run */

/* Have the worker make pixels of what in_fd holds, and list them by this id. */
static int make_pixels(struct gh_overlays *overlays, const char *worker, const char *option,
                       int in_fd, const char *id, struct gh_err *err)
{
    GH_AUTO_FD out = memfd_create("ghat-overlay", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (out < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a descriptor");
    TRY(gh_run_once(worker, option, in_fd, out, err));
    if (fcntl(out, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot seal the pixels");
    struct gh_overlay_pixels *pixels = gh_alloc(sizeof(*pixels));
    GH_COPY(pixels->id, id);
    pixels->fd = gh_steal_fd(&out);
    list_pixels(overlays, pixels);
    return 0;
}

/* ----------------------------------------------------------------------------- logos and labels */

static int open_logo(const char *path, int *ret_fd, char ret_id[GH_SHA_HEX], struct gh_err *err)
{
    GH_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    GH_AUTO_FREE char *bytes = NULL;
    struct stat st;
    size_t n;
    if (fd < 0 || fstat(fd, &st) < 0)
        return gh_fail_errno(err, GH_CONFIG, "cannot be opened");
    if (!S_ISREG(st.st_mode))
        return gh_fail(err, GH_CONFIG, "is no regular file");
    TRY(gh_read_fd(fd, LOGO_BYTES, &bytes, &n, err));
    gh_hash_mem(bytes, n, ret_id);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return gh_fail_errno(err, GH_CONFIG, "cannot be read");
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}

int gh_overlays_add_logo(struct gh_overlays *overlays, const struct gh_overlay_source *source,
                         const char *path, const char *name, struct gh_err *err)
{
    char id[GH_SHA_HEX];
    GH_AUTO_FD fd = -1;
    if (gh_overlay_names_find(&overlays->names, name))
        return 0;
    int r = open_logo(path, &fd, id, err);
    if (r == 0 && !find_pixels(overlays, source, id))
        r = make_pixels(overlays, source->worker, "--logo", fd, id, err);
    if (r < 0) {
        err->cls = GH_CONFIG;
        return gh_fail_prefix(err, "the logo %s", path);
    }
    gh_overlay_names_add(&overlays->names, name, id);
    return 0;
}

void gh_overlays_add_named(struct gh_overlays *overlays, const struct gh_overlay_source *source,
                           const char *dir, const struct gh_profiles *profiles,
                           struct gh_problems *problems)
{
    size_t before = overlays->names.n;
    for (size_t i = 0; i < profiles->n; i++) {
        const struct gh_profile *profile = &profiles->list[i];
        const struct gh_filter_use *use = gh_profile_filter(profile, "watermark");
        const char *name = use ? gh_filter_value(use, "logo")->name : "";
        struct gh_err err = {0};
        GH_AUTO_FREE char *path = gh_asprintf("%s/logos/%s", dir, name);
        if (*name && gh_overlays_add_logo(overlays, source, path, name, &err) < 0)
            gh_problem(problems, "%s: watermark: %s", profile->file, err.msg);
    }
    size_t added = overlays->names.n - before;
    if (added > LOGOS_MAX)
        gh_problem(problems, "profiles name %zu different logos, at most %d are possible", added,
                   LOGOS_MAX);
}

int gh_overlays_add_label(struct gh_overlays *overlays, const struct gh_overlay_source *source,
                          const char *text, char ret_id[GH_SHA_HEX], struct gh_err *err)
{
    /* The picture of a text may change with the fonts; its identity does not, or an upgrade would
     * void approvals. */
    char id[GH_SHA_HEX];
    GH_AUTO_FREE char *named = gh_asprintf("label 1 %s", text);
    gh_hash_mem(named, strlen(named), id);
    if (!find_pixels(overlays, source, id)) {
        GH_AUTO_FD in = memfd_create("ghat-label", MFD_CLOEXEC);
        if (in < 0)
            return gh_fail_errno(err, GH_SYSTEM, "cannot make a descriptor");
        if (strlen(text) > GH_LABEL_MAX)
            return gh_fail(err, GH_CONFIG, "the label is longer than %d bytes", GH_LABEL_MAX);
        TRY(gh_write_all(in, text, strlen(text), err));
        if (lseek(in, 0, SEEK_SET) < 0)
            return gh_fail_errno(err, GH_SYSTEM, "cannot seek");
        if (make_pixels(overlays, source->worker, "--label", in, id, err) < 0)
            return gh_fail_prefix(err, "the label %s", text);
    }
    memcpy(ret_id, id, sizeof(id));
    return 0;
}
