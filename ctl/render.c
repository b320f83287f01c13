/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat render: every rendition of files, without a daemon. An output gets its name only when it is
 * verified, and replaces in one step what had that name; placements that share an encode are hard
 * links of one file.
 */
#include "base/file.h"
#include "ctl/batch.h"
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/progress.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_DIR "rendered"
#define JOBS_MAX 256

struct render {
    const char *dir;
    struct gh_progress_bar *bar;
    mode_t mode; /* of outputs */
};

static const struct render *render_of(const struct gh_batch *w)
{
    return w->arg;
}

static void print_fall_back(const struct gh_batch_file *f, const struct gh_output *o)
{
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, f->path, strlen(f->path));
    fprintf(stderr, "ghat render: %s: encoded in software: %s\n", gh_str_text(&shown),
            o->result.fell_back);
}

/* ---------------------------------------------------------------------------------------- names */

/* "<placement>/IMG_1.jpg" or "<placement>/clip-1of3.mp4", below the output folder. */
static void name_output(const struct gh_batch_file *f, const struct gh_place *place, uint32_t part,
                        struct gh_str *out)
{
    gh_str_printf(out, "%s/%s", place->profile->name, f->stem);
    if (place->parts > 1)
        gh_str_printf(out, "-%uof%u", part + 1, place->parts);
    gh_str_puts(out, place->profile->media == GH_VIDEO ? ".mp4" : ".jpg");
}

/* A link to the verified file, or, where the file system has no links, a copy. */
static int link_output(const struct gh_batch *w, int fd, const char *path, struct gh_err *err)
{
    GH_AUTO_FREE char *folder = gh_strndup(path, (size_t)(strchr(path, '/') - path));
    GH_AUTO_FD dir = -1;
    const char *name = strchr(path, '/') + 1;
    TRY(gh_mkdirs(w->out_dir, folder, 0777, err));
    TRY(gh_open_dir(w->out_dir, folder, &dir, err));
    if (fchmod(fd, render_of(w)->mode) < 0)
        return gh_fail_errno(err, GH_OK, "cannot set the mode of %s", path);
    struct gh_err why = {0};
    if (gh_link_fd_replace(fd, dir, name, &why) == 0)
        return 0;
    GH_AUTO_FD copy = -1;
    TRY(gh_tmpfile(dir, &copy, err));
    TRY(gh_copy_fd(fd, copy, NULL, err));
    if (fchmod(copy, render_of(w)->mode) < 0)
        return gh_fail_errno(err, GH_OK, "cannot set the mode of %s", path);
    return gh_link_fd_replace(copy, dir, name, err);
}

/* ---------------------------------------------------------------------------------------- lines */

static const char *const hows[] = {[GH_PLACE_ENCODE] = "encoded",
                                   [GH_PLACE_MERGED] = "shared",
                                   [GH_PLACE_PASS] = "passed through"};

static void print_output(const struct gh_batch_file *f, const struct gh_place *place,
                         const struct gh_output *o, const char *path)
{
    const char *dir = render_of(f->batch)->dir;
    GH_AUTO_FREE char *output = gh_asprintf("%s/%s", dir, path);
    GH_AUTO_STR shown = {0}, file = {0};
    gh_str_display(&shown, output, strlen(output));
    if (!f->batch->json) {
        char quality[24] = "";
        if (o->result.quality)
            GH_FORMAT(quality, "  quality %u", o->result.quality);
        gh_print_line(stdout, "%s  %ux%u  %" PRIu64 " bytes%s  %s%s%s", gh_str_text(&shown),
                      o->probe.w, o->probe.h, o->bytes, quality, hows[place->how],
                      o->result.msg[0] ? "  " : "", o->result.msg);
        return;
    }
    gh_str_display(&file, f->path, strlen(f->path));
    json_t *removed = json_array();
    for (unsigned b = 0; b < GH_META_BITS; b++)
        if (o->result.removed & 1u << b)
            json_array_append_new(removed, json_string(gh_meta_name(b)));
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:o}", "file",
                          gh_str_text(&file), "placement", place->profile->name, "output",
                          gh_str_text(&shown), "how", hows[place->how], "width",
                          (json_int_t)o->probe.w, "height", (json_int_t)o->probe.h, "bytes",
                          (json_int_t)o->bytes, "sha256", o->sha256, "removed", removed);
    if (o->probe.duration_us)
        json_object_set_new(j, "seconds", json_real((double)o->probe.duration_us / 1e6));
    if (o->result.quality)
        json_object_set_new(j, "quality", json_integer(o->result.quality));
    if (place->profile->media == GH_VIDEO && place->how != GH_PLACE_PASS)
        json_object_set_new(j, "encoder", json_string(gh_encoder_name(o->result.encoder)));
    if (*o->result.fell_back)
        json_object_set_new(j, "fell_back", json_string(o->result.fell_back));
    if (o->result.attempts)
        json_object_set_new(j, "encodes", json_integer(o->result.attempts));
    if (*o->result.msg)
        json_object_set_new(j, "note", json_string(o->result.msg));
    gh_print_json(j);
    json_decref(j);
}

static void print_skipped(const struct gh_batch_file *f, const struct gh_place *place,
                          const char *why)
{
    GH_AUTO_STR file = {0};
    gh_str_display(&file, f->path, strlen(f->path));
    if (!f->batch->json) {
        gh_print_line(stdout, "%s: %s skipped: %s", gh_str_text(&file), place->profile->name, why);
        return;
    }
    json_t *j = json_pack("{s:s, s:s, s:s}", "file", gh_str_text(&file), "placement",
                          place->profile->name, "skipped", why);
    gh_print_json(j);
    json_decref(j);
}

/* ---------------------------------------------------------------------------------------- hooks */

static void on_progress(struct gh_batch *w)
{
    double done = 0;
    for (size_t i = 0; i < w->n; i++)
        done += w->files[i].permille;
    gh_bar_draw(render_of(w)->bar, done / 1000 / (double)w->n, w->ended, w->n);
}

static void on_plan(struct gh_batch_file *f, const struct gh_plan *plan)
{
    gh_bar_clear(render_of(f->batch)->bar);
    for (uint32_t i = 0; i < plan->n_places; i++)
        if (plan->places[i].how == GH_PLACE_SKIP && !(f->skips_told & 1ull << i)) {
            print_skipped(f, &plan->places[i], plan->places[i].why);
            f->skips_told |= 1ull << i;
        }
}

static void finish_place(struct gh_batch_file *f, const struct gh_place *place,
                         const struct gh_recipe *recipe, uint32_t part, const struct gh_output *o)
{
    GH_AUTO_STR path = {0};
    struct gh_err err = {0};
    if (o->fd < 0) {
        if (o->err.cls == GH_SKIP)
            print_skipped(f, place, o->err.msg);
        else
            gh_batch_complain(f, place->profile->name, &o->err);
        return;
    }
    name_output(f, place, part, &path);
    if (gh_output_fits(&o->probe, place->profile, recipe, &err) < 0)
        gh_batch_complain(f, place->profile->name, &err);
    else if (link_output(f->batch, o->fd, gh_str_text(&path), &err) < 0)
        gh_batch_complain(f, place->profile->name, &err);
    else
        print_output(f, place, o, gh_str_text(&path));
}

static void on_output(struct gh_batch_file *f, const struct gh_plan *plan, struct gh_output *o)
{
    gh_bar_clear(render_of(f->batch)->bar);
    if (o->result.fell_back[0] && !f->fell_back)
        print_fall_back(f, o);
    f->fell_back = f->fell_back || o->result.fell_back[0];
    for (uint32_t i = 0; i < plan->n_places; i++)
        for (uint32_t k = 0; k < plan->places[i].parts; k++)
            if (plan->places[i].encode[k] == o->encode)
                finish_place(f, &plan->places[i], &plan->encodes[o->encode], k, o);
    fflush(stdout);
}

static const struct gh_batch_hooks hooks = {
    .plan = on_plan, .output = on_output, .progress = on_progress};

/* ---------------------------------------------------------------------------------- the command */

static int open_out(struct gh_batch *w, const char *dir, struct gh_err *err)
{
    TRY(gh_mkdirs(AT_FDCWD, dir, 0777, err));
    /* A path the user chose: symbolic links in it are wanted. */
    w->out_dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->out_dir < 0)
        return gh_fail_errno(err, GH_OK, "cannot open the folder %s", dir);
    return 0;
}

/* What the options say; NULL where they do not. */
struct wish {
    const char *places, *dir, *logo, *label, *focal;
};

static int render_files(struct gh_batch *w, const struct wish *wish, char *const *files, size_t n,
                        struct gh_err *err)
{
    if (wish->places)
        TRY(gh_batch_names(w, wish->places, err));
    TRY(gh_batch_dress(w, wish->logo, wish->label, wish->focal, err));
    TRY(open_out(w, wish->dir, err));
    return gh_batch_run(w, GH_GOAL_RENDER, files, n, &hooks, err);
}

int gh_cmd_render(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *policy = NULL, *jobs = NULL, *thumb = NULL;
    struct wish wish = {.dir = DEFAULT_DIR};
    GH_AUTO(gh_batch_close) struct gh_batch w = {.out_dir = -1};
    const struct gh_opt opts[] = {
        {"-p", "--placements", &wish.places, NULL}, {"-m", "--metadata", &policy, NULL},
        {"-o", "--out", &wish.dir, NULL},           {"--logo", NULL, &wish.logo, NULL},
        {"--label", NULL, &wish.label, NULL},       {"--focal", NULL, &wish.focal, NULL},
        {"--thumb-at", NULL, &thumb, NULL},         {"-j", "--jobs", &jobs, NULL},
        {"--encoder", NULL, &w.encoder, NULL},      {"--json", NULL, NULL, &w.json}};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    uint64_t number = 0;
    double thumb_at = -1;
    if (thumb && !gh_parse_moment(thumb, &thumb_at))
        return gh_ctl_usage(argv[0], "--thumb-at %s: expected a moment like 12.5 or 1:02.5", thumb);
    enum gh_policy chosen = GH_POLICY_CREDIT;
    if (jobs && (!gh_parse_u64(jobs, JOBS_MAX, &number) || !number))
        return gh_ctl_usage(argv[0], "-j %s: expected a number from 1 to %d", jobs, JOBS_MAX);
    if (policy && !gh_policy_parse(policy, &chosen))
        return gh_ctl_usage(argv[0], "-m %s: expected strip, credit, keep or archive", policy);
    if (n == 0)
        return gh_ctl_usage(argv[0], "name at least one photo or video");
    struct gh_err err = {0};
    mode_t mask = umask(0);
    umask(mask);
    struct render r = {.dir = wish.dir, .mode = 0666 & ~mask};
    if (gh_batch_open(&w, ctl, argv[0], &err) < 0)
        return gh_ctl_fail(argv[0], &err);
    w.arg = &r;
    w.jobs = (unsigned)number;
    if (policy)
        w.policy = chosen;
    if (thumb)
        w.opts.thumb_at_us = (int64_t)(thumb_at * 1e6);
    r.bar = w.json ? NULL : gh_bar_new();
    int failed = render_files(&w, &wish, argv + 1, (size_t)n, &err);
    gh_bar_free(&r.bar);
    return failed < 0 ? gh_ctl_fail(argv[0], &err) : gh_batch_status(&w);
}
