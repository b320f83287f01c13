/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control requests of an administrator over a small ledger: every line gets an answer that says ok
 * or why not, and the ledger stays sound. */
#include "daemon/control/control.h"
#include "daemon/daemon.h"

#include "base/file.h"
#include "base/str.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int no_reload(void *arg, struct gh_problems *problems, struct gh_err *err)
{
    (void)arg;
    (void)problems;
    return gh_fail(err, GH_CONFIG, "no reload here");
}

static struct gh_control_parts parts;
static struct gh_daemon d;
static char dir[] = "/tmp/ghat-fuzz-control-XXXXXX";

static void clean(void)
{
    struct gh_err err;
    gh_ledger_close(&d.ledger);
    (void)!gh_remove_tree(AT_FDCWD, dir, &err);
}

/* One submission with two staged placements and one that failed. */
static void fill(void)
{
    static const char *const places[] = {"aa.photo", "bb.photo", "cc.photo"};
    struct gh_err err;
    struct gh_new_file file = {
        .name = "a.jpg", .name_len = 5, .size = 8, .role = GH_FILE_MEDIA, .guess = GH_PHOTO};
    struct gh_new_sub sub = {.department = "roads",
                             .name = "a.jpg",
                             .name_len = 5,
                             .state = GH_SUB_RECEIVED,
                             .files = &file,
                             .n_files = 1};
    struct gh_plan_row rows[3] = {0};
    struct gh_claim c;
    char hex[GH_SHA_HEX];
    int64_t id;
    gh_hash_mem("x", 1, hex);
    gh_hash_mem("x", 1, file.sha256);
    bool ok = gh_ledger_add(d.ledger, NULL, &sub, &id, NULL, &err) == 0 &&
              gh_ledger_claim(d.ledger, NULL, 7, 0, &c, NULL, &err) == 1;
    for (size_t i = 0; i < GH_LEN(rows); i++)
        rows[i] = (struct gh_plan_row){
            .placement = places[i], .part = 1, .parts = 1, .recipe = "r", .profile = "p"};
    ok = ok && gh_ledger_plan(d.ledger, NULL, c.file, c.token, rows, GH_LEN(rows), &err) == 0;
    for (size_t i = 0; ok && i < 2; i++) {
        struct gh_staged out = {
            .placement = places[i], .part = 1, .sha256 = hex, .stage = "1/x.jpg"};
        ok = gh_ledger_staged(d.ledger, NULL, c.file, c.token, &out, &err) == 0;
    }
    if (!ok || gh_ledger_attempt_end(d.ledger, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0,
                                     NULL, &err) < 0)
        __builtin_trap();
}

static void start(void)
{
    struct gh_err err;
    if (d.ledger)
        return;
    if (!mkdtemp(dir))
        __builtin_trap();
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", dir);
    memset(&d.dirs, 0xff, sizeof(d.dirs));
    d.settings.sets = gh_sets_new();
    if (gh_ledger_create(path, 0, &err) < 0 || gh_ledger_open(path, &d.ledger, &err) < 0)
        __builtin_trap();
    d.space = (struct gh_space){.settings = &d.settings, .dirs = &d.dirs};
    parts = (struct gh_control_parts){.ledger = d.ledger,
                                      .settings = &d.settings,
                                      .dirs = &d.dirs,
                                      .space = &d.space,
                                      .clock = &d.clock,
                                      .reload = no_reload};
    fill();
    atexit(clean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = -1;
    struct gh_err err;
    if (size > GH_CONTROL_REQUEST_MAX)
        return 0;
    start();
    if (gh_ledger_begin(d.ledger, &err) < 0) /* each input sees the same ledger */
        __builtin_trap();
    static const struct gh_peer peer = {.role = GH_ROLE_ADMIN, .uid = 1000, .login_uid = 1001};
    json_t *answer = gh_control_answer(&parts, &peer, (const char *)data, size, NULL, &fd);
    const json_t *ok = json_object_get(answer, "ok");
    if (!json_is_boolean(ok) ||
        (json_is_false(ok) && json_string_length(json_object_get(answer, "error")) == 0))
        __builtin_trap();
    json_decref(answer);
    gh_close_fd(&fd);
    if (gh_ledger_verify_chain(d.ledger, NULL, &err) < 0)
        __builtin_trap();
    gh_ledger_rollback(d.ledger);
    return 0;
}
