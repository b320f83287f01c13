/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the desk's socket share: a ledger with an item that is staged and one of which
 * something is out, people, and asking as a desk does. */
#ifndef GH_TESTS_DESK_FIX_H
#define GH_TESTS_DESK_FIX_H

#include "tests/unit/test.h"

#include "daemon/control/person.h"
#include "daemon/control/throttle.h"

#include "daemon/daemon.h"
#include "daemon/publish/outbox.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/secret.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

static struct gh_err err;

struct fix {
    struct test_dir dir;
    struct gh_daemon d; /* parts of one */
    struct gh_control_parts parts;
    int64_t staged, out; /* of roads, of water */
    bool urgent;         /* what is dropped: so its department says */
    char token[8][GH_TOKEN_HEX];
};

/* -------------------------------------------------------------------------------------- a house */

static inline void stage_one(struct fix *f, int64_t file, const char *placement, const char *bytes)
{
    struct gh_claim c;
    char hex[GH_SHA_HEX];
    (void)file;
    gh_hash_mem(bytes, strlen(bytes), hex);
    assert_int_equal(gh_ledger_claim(f->d.ledger, NULL, 7, 0, &c, NULL, &err), 1);
    const struct gh_plan_row rows[] = {
        {.placement = placement, .part = 1, .parts = 1, .recipe = bytes, .profile = "p"},
        {.placement = "x.photo", .part = 1, .parts = 1, .recipe = "x", .profile = "p"}};
    OK(gh_ledger_plan(f->d.ledger, NULL, c.file, c.token, rows, 2, &err));
    for (int i = 0; i < 2; i++) {
        const struct gh_staged out = {.placement = rows[i].placement,
                                      .part = 1,
                                      .sha256 = hex,
                                      .bytes = 6,
                                      .checks_json = "[]",
                                      .stage = "out.jpg"};
        OK(gh_ledger_staged(f->d.ledger, NULL, c.file, c.token, &out, &err));
    }
    OK(gh_ledger_attempt_end(f->d.ledger, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL,
                             &err));
    gh_claim_free(&c);
}

static inline int64_t drop(struct fix *f, const char *department, const char *name,
                           const char *sender)
{
    int64_t id;
    struct gh_new_file file = {.name = name,
                               .name_len = strlen(name),
                               .size = 8,
                               .role = GH_FILE_MEDIA,
                               .guess = GH_PHOTO};
    gh_hash_mem(name, strlen(name), file.sha256);
    struct gh_new_sub sub = {.department = department,
                             .name = name,
                             .name_len = strlen(name),
                             .state = GH_SUB_RECEIVED,
                             .caption = "words",
                             .dropped_ms = 5,
                             .sender = sender,
                             .urgent = f->urgent,
                             .files = &file,
                             .n_files = 1};
    OK(gh_ledger_add(f->d.ledger, NULL, &sub, &id, NULL, &err));
    stage_one(f, 0, "fb.photo", name);
    return id;
}

/* The file in the outbox, other bytes than those in staging. */
static inline void lay_out(struct fix *f, const struct gh_item *item, const struct gh_rendition *r)
{
    char folder[128], file[256];
    gh_outbox_folder(&item->sub, folder, sizeof(folder));
    gh_outbox_path(item, r, file, sizeof(file));
    GH_AUTO_FREE char *path = gh_asprintf("%s/%s", folder, file), *dir = gh_strdup(path);
    *strrchr(dir, '/') = '\0';
    OK(gh_mkdirs(f->d.dirs.outbox, dir, 0750, &err));
    OK(gh_write_file(f->d.dirs.outbox, path, "outbox", 6, 0640, &err));
}

/* One placement of it goes out; the other one stays staged. */
static inline void let_out(struct fix *f, int64_t id)
{
    static const char *const fb[] = {"fb.photo"};
    const struct gh_decision_req req = {.verdict = GH_APPROVE,
                                        .submission = id,
                                        .placements = fb,
                                        .n_placements = 1,
                                        .whatever = true};
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_decide(f->d.ledger, NULL, &req, NULL, &err));
    OK(gh_ledger_get(f->d.ledger, id, &item, &err));
    OK(gh_ledger_publishing(f->d.ledger, NULL, id, item.renditions[0].decision, &err));
    gh_item_free(&item);
    OK(gh_ledger_get(f->d.ledger, id, &item, &err));
    OK(gh_ledger_published(f->d.ledger, NULL, &item, &err));
    gh_item_free(&item);
    OK(gh_ledger_get(f->d.ledger, id, &item, &err));
    for (size_t i = 0; i < item.n_renditions; i++)
        if (item.renditions[i].state == GH_REN_PUBLISHED)
            lay_out(f, &item, &item.renditions[i]);
}

static inline int setup(void **state)
{
    struct fix *f = gh_alloc(sizeof(*f));
    f->dir = test_dir_new();
    gh_conf_default(&f->d.settings.conf);
    memset(&f->d.dirs, 0xff, sizeof(f->d.dirs)); /* all -1 */
    OK(gh_open_dir(AT_FDCWD, f->dir.path, &f->d.dirs.staging, &err));
    OK(gh_write_file(f->dir.fd, "out.jpg", "pixels", 6, 0640, &err));
    assert_int_equal(mkdirat(f->dir.fd, "outbox", 0750), 0);
    OK(gh_open_dir(f->dir.fd, "outbox", &f->d.dirs.outbox, &err));
    f->d.settings.sets = gh_sets_new();
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir.path);
    OK(gh_ledger_create(path, 0, &err));
    OK(gh_ledger_open(path, &f->d.ledger, &err));
    f->d.space = (struct gh_space){.settings = &f->d.settings, .dirs = &f->d.dirs};
    f->d.clock.ledger = f->d.ledger;
    f->d.throttle = gh_throttle_new();
    f->parts = (struct gh_control_parts){.ledger = f->d.ledger,
                                         .settings = &f->d.settings,
                                         .dirs = &f->d.dirs,
                                         .space = &f->d.space,
                                         .clock = &f->d.clock,
                                         .throttle = f->d.throttle,
                                         .started_ms = gh_now_ms()};
    f->staged = drop(f, "roads", "a.jpg", NULL);
    f->out = drop(f, "water", "b.jpg", NULL);
    let_out(f, f->out);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fix *f = *state;
    gh_ledger_close(&f->d.ledger);
    gh_close_fd(&f->d.dirs.staging);
    gh_close_fd(&f->d.dirs.outbox);
    gh_throttle_free(&f->d.throttle);
    gh_settings_free(&f->d.settings);
    test_dir_free(&f->dir);
    free(f);
    return 0;
}

/* --------------------------------------------------------------------------------------- asking */

static inline json_t *say(struct fix *f, bool desk, const char *line)
{
    int fd = -1;
    const struct gh_peer peer = {
        .role = GH_ROLE_ADMIN, .uid = 0, .login_uid = (uid_t)-1, .desk = desk};
    json_t *answer = gh_control_answer(&f->parts, &peer, line, strlen(line), NULL, &fd);
    gh_close_fd(&fd);
    return answer;
}

/* With the session of token put in, "" none; o's reference is taken. */
static inline json_t *ask(struct fix *f, const char *token, json_t *o)
{
    assert_non_null(o);
    if (*token)
        json_object_set_new(o, "session", json_string(token));
    GH_AUTO_FREE char *line = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    return say(f, true, line);
}

static inline bool ok(json_t *answer)
{
    bool yes = json_is_true(json_object_get(answer, "ok"));
    json_decref(answer);
    return yes;
}

/* Asserts a refusal with this code for programs. */
static inline void refused(json_t *answer, const char *why)
{
    assert_true(json_is_false(json_object_get(answer, "ok")));
    assert_string_equal(gh_j_text(answer, "why"), why);
    assert_true(*gh_j_text(answer, "error") != 0);
    json_decref(answer);
}

#define R1(name) json_pack("{s:s}", "request", name)
#define RID(name, id) json_pack("{s:s, s:I}", "request", name, "id", (json_int_t)(id))

/* What a desk computes of a password: here its SHA-256, 64 hex digits as well. */
static inline void proof_of(const char *password, const char *salt, char ret[GH_SHA_HEX])
{
    GH_AUTO_FREE char *text = gh_asprintf("%s%s", salt, password);
    gh_hash_mem(text, strlen(text), ret);
}

static inline json_t *begin(struct fix *f, const char *name)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s}", "request", "login-begin", "name", name, "address", "10.0.0.1");
    json_t *answer = ask(f, "", o);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    return answer;
}

static inline json_t *login(struct fix *f, const char *name, const char *password,
                            const char *address, const char *code)
{
    char proof[GH_SHA_HEX];
    json_t *how = begin(f, name);
    proof_of(password, gh_j_text(how, "salt"), proof);
    json_decref(how);
    return ask(f, "",
               json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:b}", "request", "login", "name", name,
                         "proof", proof, "device", "a phone", "address", address, "code", code,
                         "trusted", 0));
}

/* Add a user and log in for the first time; token: GH_TOKEN_HEX bytes. */
static inline void add_user(struct fix *f, const char *name, unsigned roles,
                            const char *departments, char *token)
{
    char proof[GH_SHA_HEX], secret[GH_INVITE_HEX] = "", sha[GH_SHA_HEX];
    struct gh_user user = {.language = "bn", .roles = roles};
    struct gh_invite invite = {.expires_ms = gh_now_ms() + 1000};
    GH_COPY(user.name, name);
    GH_COPY(user.departments, departments);
    gh_secret_draw(16, secret);
    gh_hash_mem(secret, 32, sha);
    GH_COPY(invite.token_sha, sha);
    gh_secret_draw(16, invite.salt);
    gh_secret_draw(20, invite.totp);
    OK(gh_ledger_user_add(f->d.ledger, NULL, &user, &err));
    OK(gh_ledger_invite(f->d.ledger, NULL, name, &invite, &err));
    json_t *first = ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", secret));
    assert_string_equal(gh_j_text(first, "name"), name);
    proof_of("secret words", gh_j_text(first, "salt"), proof);
    json_decref(first);
    json_t *in = ask(
        f, "", json_pack("{s:s, s:s, s:s}", "request", "first", "token", secret, "proof", proof));
    assert_true(json_is_true(json_object_get(in, "ok")));
    gh_copy(token, GH_TOKEN_HEX, gh_j_text(in, "session"));
    json_decref(in);
}

/* The actor of the newest row of the audit. */
static inline bool keep_actor(const struct gh_audit_row *row, void *arg)
{
    gh_copy(arg, 160, row->actor);
    return true;
}
static inline void last_actor(struct fix *f, char actor[160])
{
    OK(gh_ledger_log(f->d.ledger, 0, 0, 0, keep_actor, actor, &err));
}

static inline json_t *approve(struct fix *f, const char *token, int64_t id)
{
    json_t *seen = ask(f, token, RID("show", id));
    json_t *o = RID("approve", id);
    json_object_set(o, "handle", json_object_get(seen, "handle"));
    json_decref(seen);
    return ask(f, token, o);
}

#endif
