/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat verify: the ledger and every file it names; or one outbox folder against its own SHA256SUMS, as the agency
 * would. */
#include "ctl/client.h"

#include "daemon/inspect.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/hash.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void say(const char *line, void *arg)
{
    json_t *list = arg;
    GH_AUTO_STR shown = {0};
    gh_str_display(&shown, line, strlen(line));
    if (list)
        json_array_append_new(list, json_string(gh_str_text(&shown)));
    else
        printf("%s\n", gh_str_text(&shown));
}

static int verify_ledger(struct gh_ctl *ctl, bool json, struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = NULL;
    struct gh_inspect_opts opts = {.now_ms = gh_now_ms()};
    struct gh_inspection sum;
    TRY(gh_conf_load(ctl->conf_path, &conf, NULL, err));
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", conf.state);
    TRY(gh_ledger_open_ro(path, &l, err));
    json_t *problems = json ? json_array() : NULL;
    int r = gh_inspect(l, &conf, &opts, say, problems, &sum, err);
    if (r < 0) {
        json_decref(problems);
        return r;
    }
    if (json) {
        json_t *o = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:o}", "ok", sum.problems == 0, "audit_rows",
                              (json_int_t)sum.audit_rows, "submissions", (json_int_t)sum.submissions, "files",
                              (json_int_t)sum.files, "bytes", (json_int_t)sum.bytes, "skipped", (json_int_t)sum.skipped,
                              "problems", problems);
        gh_print_json(o);
        json_decref(o);
    } else {
        if (sum.skipped)
            printf("%" PRIu64 " captions and replaced copies are not kept any more and were not checked\n",
                   sum.skipped);
        printf("%" PRId64 " audit rows, %" PRIu64 " submissions, %" PRIu64 " files (%.1f MB) checked: %s\n",
               sum.audit_rows, sum.submissions, sum.files, (double)sum.bytes / 1e6,
               sum.problems ? "NOT in order" : "all in order");
    }
    return sum.problems ? 1 : 0;
}

/* One "hash  name" line of SHA256SUMS. Returns false when it is not so. */
static bool line_holds(int dir, char *line)
{
    GH_AUTO_FD fd = -1;
    struct gh_err err = {0};
    char hex[GH_SHA_HEX];
    if (strlen(line) < 67 || line[64] != ' ' || line[65] != ' ') {
        printf("SHA256SUMS: a line makes no sense\n");
        return false;
    }
    line[64] = '\0';
    if (gh_open_beneath(dir, line + 66, O_RDONLY, &fd, &err) < 0 || gh_hash_fd(fd, hex, NULL, &err) < 0) {
        printf("%s\n", err.msg);
        return false;
    }
    if (strcmp(hex, line) != 0)
        printf("%s is not what it was when it was published\n", line + 66);
    return strcmp(hex, line) == 0;
}

static int verify_folder(const char *path, struct gh_err *err)
{
    GH_AUTO_FD dir = -1;
    GH_AUTO_FREE char *sums = NULL;
    size_t n, files = 0, bad = 0;
    char *rest;
    TRY(gh_open_dir(AT_FDCWD, path, &dir, err));
    if (gh_read_file(dir, "SHA256SUMS", 1u << 22, &sums, &n, err) < 0)
        return gh_fail_prefix(err, "%s is no folder of the outbox", path);
    for (char *line = strtok_r(sums, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        files++;
        bad += !line_holds(dir, line);
    }
    printf("%s: %zu files checked, %s\n", path, files, bad ? "NOT in order" : "all in order");
    return bad ? 1 : 0;
}

int gh_cmd_verify(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *args[64];
    bool json = false, ledger = false;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json}, {"--ledger", NULL, NULL, &ledger}};
    struct gh_err err = {0};
    int n = argc <= (int)GH_LEN(args) ? gh_options(argv[0], argc, argv, opts, GH_LEN(opts), args) : -1;
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0 && json)
        return gh_ctl_usage(argv[0], "--json is for the ledger");
    int result = GH_EXIT_OK;
    for (int i = 0; i < n; i++) {
        int r = verify_folder(args[i], &err);
        if (r < 0)
            gh_ctl_fail(argv[0], &err);
        if (r != 0)
            result = GH_EXIT_FAILED;
    }
    if (n == 0 || ledger) {
        int r = verify_ledger(ctl, json, &err);
        if (r < 0)
            gh_ctl_fail(argv[0], &err);
        if (r != 0)
            result = GH_EXIT_FAILED;
    }
    return result;
}
