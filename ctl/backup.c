/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat backup, ghat restore: an installation copied into a folder, read back, written back. They
 * work on files, so that ghatd need not run; while a backup is made, it may. */
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print.h"
#include "ctl/progress.h"

#include "daemon/backup/backup.h"
#include "daemon/backup/restore.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define KEEP_MAX 100000

/* ------------------------------------------------------------------------- who is told of it */

struct teller {
    struct gh_progress_bar *bar;
    json_t *problems; /* NULL: they are printed */
};

static void on_progress(double done, size_t ended, size_t n, void *arg)
{
    struct teller *t = arg;
    gh_bar_draw(t->bar, done, ended, n);
}

static void on_problem(const char *line, void *arg)
{
    struct teller *t = arg;
    gh_bar_clear(t->bar);
    if (t->problems)
        json_array_append_new(t->problems, gh_json_name(line, strlen(line)));
    else
        gh_print_line(stdout, "%s", line);
}

static void end_teller(struct teller *t)
{
    gh_bar_free(&t->bar);
    json_decref(t->problems);
}

#define GH_TELLER(t, json)                                                                         \
    GH_AUTO(end_teller) struct teller t = {gh_bar_new(), (json) ? json_array() : NULL};            \
    const struct gh_backup_watch watch = {on_progress, on_problem, &t}

/* Something failed: what was found before that is told with --json, too. */
static int tell_early(struct teller *t, int result)
{
    if (result >= 0 || !json_array_size(t->problems))
        return result;
    json_t *o = json_pack("{s:b, s:O}", "ok", false, "problems", t->problems);
    gh_print_json(o);
    json_decref(o);
    return result;
}

static double mb(uint64_t bytes)
{
    return (double)bytes / 1e6;
}

/* ---------------------------------------------------------------------------------------- backup
 */

static void tell_made(const char *folder, const struct gh_backup_sum *s, struct teller *t)
{
    GH_AUTO_FREE char *path = gh_asprintf("%s/backups/%s", folder, s->when);
    gh_bar_clear(t->bar);
    if (t->problems) {
        json_t *o = json_pack("{s:b, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:O}",
                              "ok", s->problems == 0, "path", path, "when", s->when, "files",
                              (json_int_t)s->files, "bytes", (json_int_t)s->bytes, "new",
                              (json_int_t)s->fresh, "new_bytes", (json_int_t)s->fresh_bytes,
                              "ledger_bytes", (json_int_t)s->ledger_bytes, "audit_rows",
                              (json_int_t)s->audit_rows, "removed", (json_int_t)s->removed,
                              "removed_objects", (json_int_t)s->removed_objects, "removed_bytes",
                              (json_int_t)s->removed_bytes, "problems", t->problems);
        gh_print_json(o);
        json_decref(o);
        return;
    }
    printf("%s: ledger of %.1f MB, %" PRId64 " audit rows, checked; %" PRIu64
           " files (%.1f MB), of which %" PRIu64 " are new (%.1f MB), read back\n",
           path, mb(s->ledger_bytes), s->audit_rows, s->files, mb(s->bytes), s->fresh,
           mb(s->fresh_bytes));
    if (s->removed || s->removed_objects)
        printf("removed: %" PRIu64 " old backups, and %" PRIu64
               " files that were in those alone (%.1f MB)\n",
               s->removed, s->removed_objects, mb(s->removed_bytes));
}

static int make(struct gh_ctl *ctl, const char *folder, unsigned keep, bool json,
                struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    struct gh_backup_sum sum;
    GH_TELLER(t, json);
    TRY(gh_conf_load(ctl->conf_path, &conf, NULL, err));
    TRY(tell_early(&t, gh_backup_make(&conf, folder, keep, &watch, &sum, err)));
    tell_made(folder, &sum, &t);
    return sum.problems ? 1 : 0;
}

static int verify(const char *folder, bool json, struct gh_err *err)
{
    struct gh_backup_sum s;
    GH_TELLER(t, json);
    TRY(tell_early(&t, gh_backup_check(folder, &watch, &s, err)));
    gh_bar_clear(t.bar);
    if (json) {
        json_t *o = json_pack("{s:b, s:I, s:I, s:I, s:O}", "ok", s.problems == 0, "backups",
                              (json_int_t)s.backups, "files", (json_int_t)s.files, "bytes",
                              (json_int_t)s.bytes, "problems", t.problems);
        gh_print_json(o);
        json_decref(o);
    } else {
        printf("%" PRIu64 " backups, %" PRIu64 " files of them (%.1f MB) and their ledgers read: "
               "%s\n",
               s.backups, s.files, mb(s.bytes), s.problems ? "NOT in order" : "all in order");
    }
    return s.problems ? 1 : 0;
}

static int list(const char *folder, bool json, struct gh_err *err)
{
    struct gh_objects o = GH_OBJECTS_CLOSED;
    GH_AUTO(gh_backup_names_free) struct gh_backup_names names = {0};
    int bad = 0, r = gh_objects_open_ro(folder, &o, err);
    if (r == 0)
        r = gh_backup_names(&o, true, &names, err);
    for (size_t i = 0; r == 0 && i < names.n; i++) {
        GH_AUTO(gh_backup_free) struct gh_backup b = {0};
        struct gh_err why = {0};
        char made[GH_TIME_ISO];
        if (gh_backup_read(&o, names.list[i], &b, &why) < 0) {
            gh_print_line(json ? stderr : stdout, "%s", why.msg);
            bad = 1;
            continue;
        }
        gh_time_iso(b.made_ms, made, sizeof(made));
        if (json) {
            json_t *row = json_pack("{s:s, s:s, s:I, s:I}", "when", b.when, "made", made, "files",
                                    (json_int_t)b.n, "bytes", (json_int_t)b.bytes);
            gh_print_json(row);
            json_decref(row);
        } else {
            printf("%s  %zu files, %.1f MB\n", b.when, b.n, mb(b.bytes));
        }
    }
    gh_objects_close(&o);
    return r < 0 ? r : bad;
}

int gh_cmd_backup(struct gh_ctl *ctl, int argc, char **argv)
{
    bool json = false, check = false, show = false;
    const char *keep_text = NULL;
    uint64_t keep = 0;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json},
                                  {"--verify", NULL, NULL, &check},
                                  {"--list", NULL, NULL, &show},
                                  {"--keep", NULL, &keep_text, NULL}};
    struct gh_err err = {0};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n != 1)
        return gh_ctl_usage(argv[0], "name one folder for backups");
    if (keep_text && (!gh_parse_u64(keep_text, KEEP_MAX, &keep) || keep == 0))
        return gh_ctl_usage(argv[0], "--keep %s: how many backups stay, at least 1", keep_text);
    if (check + show + (keep > 0) > 1)
        return gh_ctl_usage(argv[0], "--verify, --list and --keep are for themselves");
    int r = check  ? verify(argv[1], json, &err)
            : show ? list(argv[1], json, &err)
                   : make(ctl, argv[1], (unsigned)keep, json, &err);
    return r < 0 ? gh_ctl_fail(argv[0], &err) : r ? GH_EXIT_FAILED : GH_EXIT_OK;
}

/* --------------------------------------------------------------------------------------- restore
 */

static void tell_restored(const struct gh_restore_sum *s, bool ledger, struct teller *t)
{
    gh_bar_clear(t->bar);
    if (t->problems) {
        json_t *o = json_pack("{s:b, s:s, s:I, s:I, s:I, s:s?, s:O}", "ok", s->problems == 0,
                              "when", s->when, "files", (json_int_t)s->files, "bytes",
                              (json_int_t)s->bytes, "configured", (json_int_t)s->configured,
                              "aside", *s->aside ? s->aside : NULL, "problems", t->problems);
        gh_print_json(o);
        json_decref(o);
        return;
    }
    if (ledger)
        printf("the ledger is that of %s\n", s->when);
    else
        printf("the installation is that of %s: %" PRIu64 " files (%.1f MB) checked, %" PRIu64
               " of the configuration\n",
               s->when, s->files, mb(s->bytes), s->configured);
    if (*s->aside)
        printf("what was there ends with %s now, and can be removed when all is well\n", s->aside);
    printf("next: start ghatd, which lets nothing out; ghat verify; ghat list; then ghat thaw\n");
}

int gh_cmd_restore(struct gh_ctl *ctl, int argc, char **argv)
{
    struct gh_restore_opts o = {.conf = ctl->conf_path};
    struct gh_restore_sum sum;
    bool json = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json},
                                  {"--ledger", NULL, NULL, &o.ledger},
                                  {"--force", NULL, NULL, &o.force}};
    struct gh_err err = {0};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n < 1 || n > 2)
        return gh_ctl_usage(argv[0], "name the folder of backups, and which one");
    o.folder = argv[1];
    o.when = n > 1 ? argv[2] : NULL;
    umask(0002); /* modes are given explicitly, as by ghatd */
    GH_TELLER(t, json);
    int r = tell_early(&t, gh_backup_restore(&o, &watch, &sum, &err));
    if (r == 0)
        tell_restored(&sum, o.ledger, &t);
    gh_bar_clear(t.bar);
    if (r < 0)
        return gh_ctl_fail(argv[0], &err);
    return sum.problems ? GH_EXIT_FAILED : GH_EXIT_OK;
}
