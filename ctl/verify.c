/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat verify: the ledger and every file it names; outbox folders against the SHA256SUMS in them,
 * as the agency can; the audit against what it was. */
#include "ctl/ctl.h"
#include "ctl/options.h"
#include "ctl/print.h"

#include "daemon/verify/inspect.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/hash.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HASH ((size_t)GH_SHA_HEX - 1) /* characters of a hash */
#define NAME_AT (HASH + 2)
#define SUMS_MAX (1u << 22) /* bytes of SHA256SUMS */

static void on_problem(const char *line, void *arg)
{
    json_t *list = arg;
    if (list)
        json_array_append_new(list, gh_json_name(line, strlen(line)));
    else
        gh_print_line(stdout, "%s", line);
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
    int r = gh_inspect(l, &conf, &opts, on_problem, problems, &sum, err);
    if (r < 0) {
        json_decref(problems);
        return r;
    }
    if (json) {
        json_t *o =
            json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:o}", "ok", sum.problems == 0, "audit_rows",
                      (json_int_t)sum.audit_rows, "submissions", (json_int_t)sum.submissions,
                      "files", (json_int_t)sum.files, "bytes", (json_int_t)sum.bytes, "skipped",
                      (json_int_t)sum.skipped, "problems", problems);
        gh_print_json(o);
        json_decref(o);
    } else {
        if (sum.skipped)
            printf("%" PRIu64
                   " captions and replaced copies are not kept any more and were not checked\n",
                   sum.skipped);
        printf("%" PRId64 " audit rows, %" PRIu64 " submissions, %" PRIu64
               " files (%.1f MB) checked: %s\n",
               sum.audit_rows, sum.submissions, sum.files, (double)sum.bytes / 1e6,
               sum.problems ? "NOT in order" : "all in order");
    }
    return sum.problems ? 1 : 0;
}

/* One line of SHA256SUMS, "<hash>  <name>". Returns false, and says why, when it does not hold. */
static bool line_holds(int dir, char *line)
{
    GH_AUTO_FD fd = -1;
    struct gh_err err = {0};
    char hex[GH_SHA_HEX];
    if (strlen(line) <= NAME_AT || line[HASH] != ' ' || line[HASH + 1] != ' ') {
        printf("SHA256SUMS: a line makes no sense\n");
        return false;
    }
    line[HASH] = '\0';
    if (gh_open_beneath(dir, line + NAME_AT, O_RDONLY, &fd, &err) < 0 ||
        gh_hash_fd(fd, hex, NULL, &err) < 0) {
        gh_print_line(stdout, "%s", err.msg);
        return false;
    }
    if (strcmp(hex, line) != 0)
        gh_print_line(stdout, "%s is not what it was when it was published", line + NAME_AT);
    return strcmp(hex, line) == 0;
}

static int verify_folder(const char *path, struct gh_err *err)
{
    GH_AUTO_FD dir = -1;
    GH_AUTO_FREE char *sums = NULL;
    size_t n, files = 0, bad = 0;
    char *rest;
    TRY(gh_open_dir(AT_FDCWD, path, &dir, err));
    if (gh_read_file(dir, "SHA256SUMS", SUMS_MAX, &sums, &n, err) < 0)
        return gh_fail_prefix(err, "%s is no folder of the outbox", path);
    for (char *line = strtok_r(sums, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        files++;
        bad += !line_holds(dir, line);
    }
    gh_print_line(stdout, "%s: %zu files checked, %s", path, files,
                  bad ? "NOT in order" : "all in order");
    return bad ? 1 : 0;
}

/* What an audit row is to be: from a manifest, or "12345:<hash>", or a hash alone. */
static int parse_head(const char *text, int64_t *ret_seq, char ret_hash[GH_SHA_HEX],
                      struct gh_err *err)
{
    const char *colon = strchr(text, ':'), *hash = colon ? colon + 1 : text;
    uint64_t seq = 0;
    if (strlen(hash) == HASH && strspn(hash, "0123456789abcdef") == HASH) {
        GH_AUTO_FREE char *number = gh_strndup(text, colon ? (size_t)(colon - text) : 0);
        if (colon && !gh_parse_u64(number, INT64_MAX, &seq))
            return gh_fail(err, GH_USAGE, "%s is no number of an audit row", number);
        *ret_seq = (int64_t)seq;
        gh_copy(ret_hash, GH_SHA_HEX, hash);
        return 0;
    }
    size_t n;
    GH_AUTO_FREE char *bytes = NULL;
    TRY(gh_read_file(AT_FDCWD, text, SUMS_MAX, &bytes, &n, err));
    json_t *manifest = json_loadb(bytes, n, 0, NULL);
    const json_t *audit = json_object_get(manifest, "audit");
    *ret_seq = gh_j_int(audit, "sequence");
    gh_copy(ret_hash, GH_SHA_HEX, gh_j_text(audit, "head"));
    json_decref(manifest);
    return strlen(ret_hash) == HASH ? 0
                                    : gh_fail(err, GH_USAGE,
                                              "%s is neither a manifest with an audit head nor a"
                                              " head (SEQUENCE:HASH, as ghatd's journal has it)",
                                              text);
}

/* Is what the audit was then still what it holds? */
static int verify_against(struct gh_ctl *ctl, const char *against, struct gh_err *err)
{
    int64_t seq = 0, last = 0;
    char hash[GH_SHA_HEX];
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO(gh_ledger_close) struct gh_ledger *l = NULL;
    TRY(parse_head(against, &seq, hash, err));
    TRY(gh_conf_load(ctl->conf_path, &conf, NULL, err));
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", conf.state);
    TRY(gh_ledger_open_ro(path, &l, err));
    TRY(gh_ledger_verify_chain(l, NULL, err));
    int holds = gh_ledger_holds(l, seq, hash, &last, err);
    TRY(holds);
    if (holds)
        gh_print_line(stdout,
                      "the audit holds what it held then (%.16s…): nothing before it was changed",
                      hash);
    else if (seq > last)
        gh_print_line(stdout,
                      "the audit ends at row %" PRId64 ", before row %" PRId64
                      " of that head: its end was cut off",
                      last, seq);
    else
        gh_print_line(stdout,
                      "the audit does not hold that head (%.16s…): what was recorded until"
                      " then was written anew",
                      hash);
    return holds ? 0 : 1;
}

int gh_cmd_verify(struct gh_ctl *ctl, int argc, char **argv)
{
    bool json = false, ledger = false;
    const char *against = NULL;
    const struct gh_opt opts[] = {{"--json", NULL, NULL, &json},
                                  {"--ledger", NULL, NULL, &ledger},
                                  {"--against", NULL, &against, NULL}};
    struct gh_err err = {0};
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0 && json)
        return gh_ctl_usage(argv[0], "--json is for the ledger");
    int result = GH_EXIT_OK;
    for (int i = 0; i < n; i++) {
        int r = verify_folder(argv[1 + i], &err);
        if (r < 0)
            gh_ctl_fail(argv[0], &err);
        if (r != 0)
            result = GH_EXIT_FAILED;
    }
    if (against) {
        int r = verify_against(ctl, against, &err);
        if (r < 0)
            gh_ctl_fail(argv[0], &err);
        if (r != 0)
            result = GH_EXIT_FAILED;
    }
    if ((n == 0 && !against) || ledger) {
        int r = verify_ledger(ctl, json, &err);
        if (r < 0)
            gh_ctl_fail(argv[0], &err);
        if (r != 0)
            result = GH_EXIT_FAILED;
    }
    return result;
}
