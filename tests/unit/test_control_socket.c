/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket: roles, every request of the table, hostile and slow peers, descriptors handed
 * over. */
#include "tests/unit/test.h"

#include "daemon/control/peer.h"

#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

static int no_reload(void *arg, struct gh_problems *problems, struct gh_err *err)
{
    (void)arg;
    (void)problems;
    return gh_fail(err, GH_CONFIG, "no reload here");
}

static struct gh_err err;

struct fix {
    char dir[64];
    struct gh_daemon d; /* parts of one */
    struct gh_control_parts parts;
    int64_t id;
    pid_t server;
    uid_t login; /* of who asks */
};

/* A ledger with one staged submission. */
static void fill(struct fix *f)
{
    struct gh_new_file file = {
        .name = "a.jpg", .name_len = 5, .size = 8, .role = GH_FILE_MEDIA, .guess = GH_PHOTO};
    gh_hash_mem("original", 8, file.sha256);
    struct gh_new_sub sub = {.department = "roads",
                             .name = "a.jpg",
                             .name_len = 5,
                             .state = GH_SUB_RECEIVED,
                             .caption = "words",
                             .dropped_ms = 5,
                             .files = &file,
                             .n_files = 1};
    OK(gh_ledger_add(f->d.ledger, NULL, &sub, &f->id, NULL, &err));
    struct gh_claim c;
    struct gh_err e;
    char hex[GH_SHA_HEX];
    gh_hash_mem("pixels", 6, hex);
    assert_int_equal(gh_ledger_claim(f->d.ledger, NULL, 7, 0, &c, NULL, &e), 1);
    struct gh_plan_row row = {
        .placement = "fb.photo", .part = 1, .parts = 1, .recipe = "r", .profile = "p"};
    struct gh_staged out = {.placement = "fb.photo",
                            .part = 1,
                            .sha256 = hex,
                            .bytes = 6,
                            .checks_json = "[]",
                            .stage = "out.jpg"};
    OK(gh_ledger_plan(f->d.ledger, NULL, c.file, c.token, &row, 1, &err));
    OK(gh_ledger_staged(f->d.ledger, NULL, c.file, c.token, &out, &err));
    OK(gh_ledger_attempt_end(f->d.ledger, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL,
                             &err));
    OK(gh_write_file(f->d.dirs.staging, "out.jpg", "pixels", 6, 0640, &err));
}

/* A control socket with a ledger and nobody who works. */
static struct gh_control_parts parts_of(struct gh_daemon *d)
{
    d->space = (struct gh_space){.settings = &d->settings, .dirs = &d->dirs};
    d->clock.ledger = d->ledger;
    return (struct gh_control_parts){.loop = d->loop,
                                     .ledger = d->ledger,
                                     .settings = &d->settings,
                                     .dirs = &d->dirs,
                                     .space = &d->space,
                                     .clock = &d->clock,
                                     .started_ms = gh_now_ms(),
                                     .reload = no_reload};
}

static int setup(void **state)
{
    struct fix *f = gh_alloc(sizeof(*f));
    f->login = GH_NO_UID;
    strcpy(f->dir, "/tmp/ghat-control-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(chmod(f->dir, 0755), 0);
    gh_conf_default(&f->d.settings.conf);
    free(f->d.settings.conf.control);
    f->d.settings.conf.control = gh_asprintf("%s/control.sock", f->dir);
    memset(&f->d.dirs, 0xff, sizeof(f->d.dirs)); /* all -1 */
    OK(gh_open_dir(AT_FDCWD, f->dir, &f->d.dirs.staging, &err));
    f->d.settings.sets = gh_sets_new();
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir);
    OK(gh_ledger_create(path, 0, &err));
    OK(gh_ledger_open(path, &f->d.ledger, &err));
    fill(f);
    f->parts = parts_of(&f->d);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fix *f = *state;
    if (f->server) {
        kill(f->server, SIGKILL);
        waitpid(f->server, NULL, 0);
    }
    gh_ledger_close(&f->d.ledger);
    gh_close_fd(&f->d.dirs.staging);
    gh_settings_free(&f->d.settings);
    int r = gh_remove_tree(AT_FDCWD, f->dir, &err);
    free(f);
    return r;
}

/* A server of its own process, as ghatd is; it ends with us. */
static void serve(struct fix *f)
{
    gh_ledger_close(&f->d.ledger);
    f->server = fork();
    if (f->server == 0) {
        struct gh_err e;
        GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        if (gh_ledger_open(path, &f->d.ledger, &e) < 0 || gh_loop_new(&f->d.loop, &e) < 0)
            _exit(3);
        f->parts = parts_of(&f->d);
        if (gh_control_open(&f->parts, &f->d.control, &e) < 0)
            _exit(3);
        _exit(gh_loop_run(f->d.loop));
    }
}

static int dial(struct fix *f)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    GH_COPY(addr.sun_path, f->d.settings.conf.control);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int i = 0; i < 3000; i++) { /* it starts beside us */
        if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
            return fd;
        struct timespec ts = {.tv_nsec = 10000000};
        nanosleep(&ts, NULL);
    }
    fail_msg("no server");
    return -1;
}

/* One line; ret_fd may be NULL. NULL at the end of the stream. */
static json_t *hear(int sock, int *ret_fd)
{
    GH_AUTO_STR line = {0};
    while (!line.len || line.data[line.len - 1] != '\n') {
        /* one at a time: what follows is the next answer */
        char byte, control[CMSG_SPACE(sizeof(int))];
        struct iovec iov = {&byte, 1};
        struct msghdr msg = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
        ssize_t n = recvmsg(sock, &msg, 0);
        if (n <= 0)
            return NULL;
        if (CMSG_FIRSTHDR(&msg) && ret_fd)
            memcpy(ret_fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
        gh_str_add(&line, &byte, (size_t)n);
    }
    return json_loadb(line.data, line.len, 0, NULL);
}

static void tell(int sock, const char *text)
{
    assert_int_equal(send(sock, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static bool ok(json_t *answer)
{
    assert_non_null(answer);
    bool yes = json_is_true(json_object_get(answer, "ok"));
    if (!yes) { /* a refusal says why and of which class */
        assert_true(json_string_length(json_object_get(answer, "error")) > 0);
        assert_true(json_string_length(json_object_get(answer, "class")) > 0);
    }
    json_decref(answer);
    return yes;
}

static json_t *ask_as(struct fix *f, enum gh_control_role role, const char *line)
{
    int fd = -1;
    const struct gh_peer peer = {.role = role, .uid = 1234, .login_uid = f->login};
    json_t *answer = gh_control_answer(&f->parts, &peer, line, strlen(line), NULL, &fd);
    gh_close_fd(&fd);
    return answer;
}

#define ASK(line) ok(ask_as(f, GH_ROLE_ADMIN, line))

static void every_request_answers_and_roles_hold(void **state)
{
    struct fix *f = *state;
    for (const struct gh_request *r = gh_requests; r->name; r++) {
        GH_AUTO_FREE char *line = gh_asprintf("{\"request\":\"%s\"}", r->name);
        assert_false(ok(ask_as(f, GH_ROLE_NOBODY, line)));
        if (r->role == GH_ROLE_ADMIN)
            assert_false(ok(ask_as(f, GH_ROLE_DESK, line)));
        /* without arguments: an answer or a refusal, never a crash */
        json_t *answer = ask_as(f, GH_ROLE_ADMIN, line);
        assert_non_null(json_object_get(answer, "ok"));
        json_decref(answer);
    }
}

static void hostile_requests_are_refused(void **state)
{
    struct fix *f = *state;
    static const char *const lines[] = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "\"list\"",
        "{\"request\":7}",
        "{\"request\":\"nonsense\"}",
        "{\"request\":\"show\"}",
        "{\"request\":\"show\",\"id\":\"1\"}",
        "{\"request\":\"show\",\"id\":-1}",
        "{\"request\":\"show\",\"id\":99}",
        "{\"request\":\"show\",\"id\":1.5}",
        "{\"request\":\"show\",\"id\":99999999999999999999}",
        "{\"request\":\"log\",\"id\":0}",
        "{\"request\":\"show\",\"id\":1,\"id\":2}",
        "{\"request\":\"list\",\"state\":\"nonsense\"}",
        "{\"request\":\"list\",\"state\":[]}",
        "{\"request\":\"approve\",\"id\":1}",
        "{\"request\":\"approve\",\"id\":1,\"set_hash\":\"00\"}",
        "{\"request\":\"approve\",\"id\":1,\"placements\":[]}",
        "{\"request\":\"approve\",\"id\":1,\"placements\":[1]}",
        "{\"request\":\"approve\",\"id\":1,\"placements\":\"fb.photo\"}",
        "{\"request\":\"hold\",\"id\":1,\"placements\":[\"none\"]}",
        "{\"request\":\"reject\",\"id\":1}",
        "{\"request\":\"reject\",\"id\":1,\"reason\":\"\"}",
        "{\"request\":\"withdraw\",\"id\":1,\"reason\":\"x\"}",
        "{\"request\":\"caption\",\"id\":1}",
        "{\"request\":\"caption\",\"id\":1,\"caption\":5}",
        "{\"request\":\"urgent\",\"id\":1,\"urgent\":1}",
        "{\"request\":\"file\",\"id\":1,\"rendition\":7}",
        "{\"request\":\"file\",\"id\":1,\"rendition\":1,\"preview\":0}",
        "{\"request\":\"file\",\"id\":1,\"rendition\":1,\"preview\":\"360\"}",
        "{\"request\":\"file\",\"id\":1,\"rendition\":1,\"preview\":4294967656}",
        "{\"request\":\"file\",\"id\":1,\"rendition\":1,\"preview\":160,\"still\":7}",
        "{\"request\":\"file\",\"id\":1,\"file\":1}",
        "{\"request\":\"file\",\"id\":1,\"file\":2,\"original\":true}",
        "{\"request\":\"file\",\"id\":1,\"file\":1,\"original\":1}",
        "{\"request\":\"changes\",\"after\":7}",
        "{\"request\":\"caption\",\"id\":1,\"caption\":\"a\\u0000b\"}",
        "{\"request\":\"show\",\"id\":1,\"as\":7}",
        "{\"request\":\"\xff\"}",
        "{\"request\":\"%s%n\"}",
    };
    for (size_t i = 0; i < GH_LEN(lines); i++)
        if (ASK(lines[i]))
            fail_msg("taken: %s", lines[i]);
    /* deep nesting and raw bytes */
    GH_AUTO_STR deep = {0};
    for (int i = 0; i < 30000; i++)
        gh_str_puts(&deep, "[");
    assert_false(ASK(deep.data));
    struct gh_item item;
    OK(gh_ledger_get(f->d.ledger, f->id, &item, &err));
    assert_int_equal(item.renditions[0].state, GH_REN_STAGED); /* nothing of it did anything */
    assert_string_equal(item.sub.caption, "words");
    gh_item_free(&item);
}

static void a_decision_is_made_by_name(void **state)
{
    struct fix *f = *state;
    json_t *seen = ask_as(f, GH_ROLE_DESK, "{\"request\":\"show\",\"id\":1}");
    GH_AUTO_FREE char *line =
        gh_asprintf("{\"request\":\"approve\",\"id\":1,\"as\":\"রিনা\\n\",\"set_hash\":\"%s\"}",
                    json_string_value(json_object_get(seen, "set_hash")));
    json_decref(seen);
    assert_true(ASK(line));
    assert_true(ASK(line)); /* again: a lost answer */
    json_t *log = ask_as(f, GH_ROLE_DESK, "{\"request\":\"log\",\"id\":1}"), *row;
    size_t i, found = 0;
    json_array_foreach (json_object_get(log, "rows"), i, row)
        if (gh_streq(json_string_value(json_object_get(row, "action")), "approve")) {
            const char *actor = json_string_value(json_object_get(row, "actor"));
            assert_string_equal(actor, "uid:1234 as \"রিনা<U+000A>\"");
            found++;
        }
    assert_int_equal(found, 1);
    json_decref(log);
}

static unsigned decisions(struct fix *f)
{
    json_t *log = ask_as(f, GH_ROLE_DESK, "{\"request\":\"log\",\"id\":1}"), *row;
    size_t i;
    unsigned n = 0;
    json_array_foreach (json_object_get(log, "rows"), i, row)
        n += gh_streq(json_string_value(json_object_get(row, "action")), "focal") ||
             gh_streq(json_string_value(json_object_get(row, "action")), "thumb");
    json_decref(log);
    return n;
}

/* What is refused leaves nothing behind: no choice that a later attempt would obey. */
static void a_choice_that_is_refused_is_not_kept(void **state)
{
    struct fix *f = *state;
    static const struct {
        const char *line;
        int64_t id;
    } rows[] = {
        {"{\"request\":\"thumb\",\"id\":99,\"at\":3}", 99},
        {"{\"request\":\"focal\",\"id\":99,\"at\":\"0.5,0.5\"}", 99},
        {"{\"request\":\"thumb\",\"id\":1,\"at\":3}", 1},           /* it has no thumbnail */
        {"{\"request\":\"focal\",\"id\":1,\"at\":\"0.5,0.5\"}", 1}, /* and no crop */
    };
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        int64_t us = 0;
        struct gh_focal focal;
        assert_false(ASK(rows[i].line));
        OK(gh_ledger_thumb(f->d.ledger, rows[i].id, &us, &err));
        OK(gh_ledger_focal(f->d.ledger, rows[i].id, &focal, &err));
        assert_int_equal(us, -1);
        assert_false(focal.has);
    }
    assert_int_equal(decisions(f), 0);
}

/* Every row comes, in pages; a byte that is no text is shown as one. */
static void a_log_is_whole_whatever_its_length_and_bytes(void **state)
{
    struct fix *f = *state;
    int64_t rows = 0, want = 0, after = 0;
    OK(gh_ledger_begin(f->d.ledger, &err));
    for (int i = 0; i < 2100; i++)
        OK(gh_ledger_note(f->d.ledger, NULL, f->id, "noted",
                          i % 700 == 5 ? "odd: \xff\xfe \xe0\xa6" : "words", &err));
    OK(gh_ledger_commit(f->d.ledger, &err));
    OK(gh_ledger_verify_chain(f->d.ledger, &want, &err));
    size_t pages = 0, odd = 0;
    for (bool more = true; more; pages++) {
        GH_AUTO_FREE char *line =
            after ? gh_asprintf("{\"request\":\"log\",\"id\":1,\"after\":%" PRId64 "}", after)
                  : gh_strdup("{\"request\":\"log\",\"id\":1}");
        json_t *log = ask_as(f, GH_ROLE_DESK, line), *row;
        size_t i;
        assert_true(json_is_true(json_object_get(log, "ok")));
        json_array_foreach (json_object_get(log, "rows"), i, row) {
            assert_int_equal(json_integer_value(json_object_get(row, "seq")), after + 1);
            after++;
            rows++;
            odd += strstr(json_string_value(json_object_get(row, "detail")), "odd:") != NULL;
        }
        more = json_is_true(json_object_get(log, "more"));
        json_decref(log);
    }
    assert_int_equal(rows, want);
    assert_int_equal(odd, 3);
    assert_true(pages > 1);
    json_t *one = ask_as(f, GH_ROLE_DESK, "{\"request\":\"log\",\"id\":1,\"limit\":1}");
    assert_int_equal(json_array_size(json_object_get(one, "rows")), 1);
    assert_true(json_is_true(json_object_get(one, "more")));
    json_decref(one);
}

/* A path of many three-byte characters behind 0 to 2 bytes, so that one of the three is cut inside
 * a character wherever the text's room ends. */
static void a_text_that_had_to_be_cut_is_answered(void **state)
{
    struct fix *f = *state;
    struct gh_conf *conf = &f->d.settings.conf;
    for (int shift = 0; shift < 3; shift++) {
        GH_AUTO_STR path = {0};
        gh_str_printf(&path, "/%.*s", shift, "aa");
        for (int i = 0; i < 90; i++)
            gh_str_puts(&path, "ঘাট");
        free(conf->spool);
        conf->spool = gh_strdup(path.data);
        gh_space_full(&f->d.space);
        json_t *answer = ask_as(f, GH_ROLE_DESK, "{\"request\":\"status\"}");
        const char *paused = json_string_value(json_object_get(answer, "paused"));
        assert_non_null(paused);
        assert_non_null(strstr(paused, "disk full"));
        assert_non_null(strstr(paused, "ঘাট"));
        assert_null(strstr(paused, "\xef\xbf\xbd")); /* cut, not damaged */
        assert_true(ok(answer));
    }
}

/* Whatever bytes a text of a reply holds, the reply is made. */
static void a_text_that_is_not_utf8_is_answered(void **state)
{
    struct fix *f = *state;
    GH_COPY(f->d.space.paused, "disk full: \xe0\xa6");
    GH_COPY(f->d.clock.doubt, "\xff");
    json_t *answer = ask_as(f, GH_ROLE_DESK, "{\"request\":\"status\"}");
    assert_string_equal(json_string_value(json_object_get(answer, "paused")),
                        "disk full: \xef\xbf\xbd\xef\xbf\xbd");
    assert_string_equal(json_string_value(json_object_get(answer, "clock")), "\xef\xbf\xbd");
    assert_true(ok(answer));
}

/* An unknown request is named in the refusal, cut on a character. */
static void a_long_name_is_cut_on_a_character(void **state)
{
    struct fix *f = *state;
    for (int shift = 0; shift < 3; shift++) {
        GH_AUTO_FREE char *line =
            gh_asprintf("{\"request\":\"%.*sঘাটঘাটঘাটঘাটঘাটঘাটঘাট\"}", shift, "aa");
        json_t *answer = ask_as(f, GH_ROLE_DESK, line);
        assert_null(strstr(json_string_value(json_object_get(answer, "error")), "\xef\xbf\xbd"));
        assert_false(ok(answer));
    }
}

/* Whoever looks may look, and decides nothing. */
static void the_desk_only_looks(void **state)
{
    struct fix *f = *state;
    static const char *const deciding[] = {"approve",  "hold",      "release", "reject",
                                           "withdraw", "retry",     "thumb",   "focal",
                                           "rerender", "collected", "caption", "urgent"};
    for (size_t i = 0; i < GH_LEN(deciding); i++) {
        GH_AUTO_FREE char *line = gh_asprintf(
            "{\"request\":\"%s\",\"id\":1,\"reason\":\"r\",\"caption\":\"c\"}", deciding[i]);
        json_t *answer = ask_as(f, GH_ROLE_DESK, line);
        assert_string_equal(json_string_value(json_object_get(answer, "class")), "usage");
        assert_non_null(
            strstr(json_string_value(json_object_get(answer, "error")), "an administrator may"));
        json_decref(answer);
    }
    static const char *const looking[] = {"status", "list", "departments", "profiles", "report"};
    for (size_t i = 0; i < GH_LEN(looking); i++) {
        GH_AUTO_FREE char *line = gh_asprintf("{\"request\":\"%s\"}", looking[i]);
        assert_true(ok(ask_as(f, GH_ROLE_DESK, line)));
    }
    assert_true(ok(ask_as(f, GH_ROLE_DESK, "{\"request\":\"show\",\"id\":1}")));
}

/* The actor of the last change in the audit. */
static void last_actor(struct fix *f, char *ret, size_t size)
{
    json_t *log = ask_as(f, GH_ROLE_DESK, "{\"request\":\"log\",\"id\":1}"), *row;
    size_t i;
    json_array_foreach (json_object_get(log, "rows"), i, row)
        gh_copy(ret, size, gh_j_text(row, "actor"));
    json_decref(log);
}

/* Whatever name a peer gives itself, its uid comes first and is whole, the row can be read, and the
 * name does not look like something ghatd says. */
static void the_uid_stays_in_the_audit(void **state)
{
    struct fix *f = *state;
    static const struct {
        const char *as;
        unsigned times;
        uid_t login;
        const char *begins, *ends;
    } cases[] = {
        {"rina", 1, (uid_t)-1, "uid:1234 as \"rina\"", "rina\""},
        {"rina", 1, 1234, "uid:1234 as \"rina\"", "rina\""},
        {"rina", 1, 1000, "uid:1234 (login uid:1000) as \"rina\"", "rina\""},
        {"\\n", 60, 4294967294, "uid:1234 (login uid:4294967294) as \"<U+000A>", "\""},
        {"\xe2\x80\xae", 80, (uid_t)-1, "uid:1234 as \"<U+202E>", "\""},
        {"\xe0\xa6\x95", 85, (uid_t)-1, "uid:1234 as \"\xe0\xa6\x95", "\xe0\xa6\x95\""},
        {"x\xe0\xa6\x95", 60, (uid_t)-1, "uid:1234 as \"x\xe0\xa6\x95", "\""},
        {"x\\\" (login uid:0", 1, (uid_t)-1, "uid:1234 as \"x' (login uid:0\"", "\""},
        {"", 1, (uid_t)-1, "uid:1234", "uid:1234"},
    };
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        GH_AUTO_STR line = {0};
        char actor[256] = "";
        gh_str_printf(&line, "{\"request\":\"caption\",\"id\":1,\"caption\":\"new %zu\",\"as\":\"",
                      i);
        for (unsigned k = 0; k < cases[i].times; k++)
            gh_str_puts(&line, cases[i].as);
        gh_str_puts(&line, "\"}");
        f->login = cases[i].login;
        assert_true(ASK(line.data));
        last_actor(f, actor, sizeof(actor));
        assert_true(gh_starts(actor, cases[i].begins));
        assert_true(gh_ends(actor, cases[i].ends));
        assert_true(gh_utf8_valid(actor, strlen(actor)));
    }
}

/* Only the process of that user is believed, and nothing that cannot be read. */
static void the_login_uid_is_read(void **state)
{
    (void)state;
    char dir[] = "/tmp/ghat-proc-XXXXXX", file[64];
    static const struct {
        const char *text;
        uid_t want;
    } cases[] = {{"1000", 1000},   {"1000\n", 1000}, {"4294967295", GH_NO_UID},
                 {"x", GH_NO_UID}, {"", GH_NO_UID},  {"99999999999", GH_NO_UID}};
    assert_non_null(mkdtemp(dir));
    GH_AUTO_FREE char *own = gh_asprintf("%s/77", dir);
    assert_int_equal(gh_login_uid(dir, 77, getuid()), GH_NO_UID);
    assert_int_equal(mkdir(own, 0700), 0);
    assert_int_equal(gh_login_uid(dir, 77, getuid()), GH_NO_UID);
    snprintf(file, sizeof(file), "%s/loginuid", own);
    for (size_t i = 0; i < GH_LEN(cases); i++) {
        FILE *out = fopen(file, "w");
        assert_non_null(out);
        fputs(cases[i].text, out);
        assert_int_equal(fclose(out), 0);
        assert_int_equal(gh_login_uid(dir, 77, getuid()), cases[i].want);
        assert_int_equal(gh_login_uid(dir, 77, getuid() + 1), GH_NO_UID);
    }
    unlink(file);
    rmdir(own);
    rmdir(dir);
    (void)gh_login_uid("/proc", getpid(), getuid()); /* what this machine has */
}

static void the_socket_serves_one_after_another(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD a = dial(f);
    tell(a, "{\"request\":\"status\"}\n{\"request\":\"list\"}\n{\"requ");
    assert_true(ok(hear(a, NULL)));
    json_t *list = hear(a, NULL);
    assert_int_equal(json_array_size(json_object_get(list, "items")), 1);
    json_decref(list);
    GH_AUTO_FD b = dial(f); /* the half request of a does not hold b up */
    tell(b, "{\"request\":\"show\",\"id\":1}\n");
    json_t *show = hear(b, NULL), *item = json_object_get(show, "item");
    assert_string_equal(json_string_value(json_object_get(item, "state")), "staged");
    GH_AUTO_FREE char *line =
        gh_asprintf("{\"request\":\"file\",\"id\":1,\"rendition\":%" PRId64 "}\n",
                    (int64_t)json_integer_value(json_object_get(
                        json_array_get(json_object_get(item, "renditions"), 0), "rendition")));
    json_decref(show);
    tell(a, "est\":\"nonsense\"}\n");
    assert_false(ok(hear(a, NULL)));
    GH_AUTO_FD file = -1;
    tell(b, line);
    assert_true(ok(hear(b, &file)));
    char bytes[16] = "";
    assert_int_equal(read(file, bytes, sizeof(bytes)), 6);
    assert_string_equal(bytes, "pixels");
    assert_int_equal(fcntl(file, F_GETFL) & O_ACCMODE, O_RDONLY);
}

static void too_long_and_too_many_are_turned_away(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD a = dial(f);
    GH_AUTO_FREE char *big = gh_alloc(GH_CONTROL_REQUEST_MAX + 100);
    memset(big, ' ', GH_CONTROL_REQUEST_MAX + 50);
    (void)!send(a, big, strlen(big), MSG_NOSIGNAL);
    json_t *no = hear(a, NULL);
    if (no) /* or the connection is reset before we can read it */
        assert_false(ok(no));
    assert_null(hear(a, NULL));
    int many[GH_CONTROL_CONNECTIONS + 8];
    unsigned refused = 0;
    for (size_t i = 0; i < GH_LEN(many); i++)
        many[i] = dial(f);
    for (size_t i = 0; i < GH_LEN(many); i++) {
        (void)!send(many[i], "{\"request\":\"help\"}\n", 19, MSG_NOSIGNAL);
        json_t *answer = hear(many[i], NULL);
        refused += answer ? !ok(answer) : 1;
    }
    assert_int_equal(refused, 8);
    for (size_t i = 0; i < GH_LEN(many); i++)
        close(many[i]);
    GH_AUTO_FD b = dial(f);
    tell(b, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(b, NULL)));
}

static void a_peer_that_leaves_or_will_not_read_harms_nobody(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD lazy = dial(f);
    for (int i = 0; i < 20000; i++) /* never reads: at some point the server stops reading, too */
        if (send(lazy, "{\"request\":\"help\"}\n", 19, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            break;
    for (int i = 0; i < 50; i++) {
        GH_AUTO_FD gone = dial(f);
        (void)!send(gone, "{\"request\":\"list\"}\n", i % 20, MSG_NOSIGNAL);
    }
    GH_AUTO_FD b = dial(f);
    tell(b, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(b, NULL)));
    assert_int_equal(waitpid(f->server, NULL, WNOHANG), 0);
}

static void strangers_are_refused(void **state)
{
    struct fix *f = *state;
    if (geteuid() != 0)
        skip();
    serve(f);
    close(dial(f)); /* it is up */
    /* whatever the mode lets in, credentials decide */
    assert_int_equal(chmod(f->d.settings.conf.control, 0666), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (setgid(65534) < 0 || setuid(65534) < 0)
            _exit(2);
        int fd = dial(f);
        (void)!send(fd, "{\"request\":\"list\"}\n", 19, MSG_NOSIGNAL);
        json_t *answer = hear(fd, NULL);
        _exit(answer && json_is_false(json_object_get(answer, "ok")) &&
                      !json_object_get(answer, "items")
                  ? 0
                  : 1);
    }
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_second_ghatd_does_not_take_the_socket(void **state)
{
    struct fix *f = *state;
    serve(f);
    GH_AUTO_FD a = dial(f);
    struct gh_control_parts other = f->parts;
    struct gh_control *c = NULL;
    struct gh_err e = {0};
    OK(gh_loop_new(&other.loop, &err));
    assert_int_equal(gh_control_open(&other, &c, &e), -GH_CONFIG);
    gh_loop_free(&other.loop);
    tell(a, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(a, NULL)));
    /* one that died leaves its socket behind: that is taken over */
    kill(f->server, SIGKILL);
    waitpid(f->server, NULL, 0);
    serve(f);
    GH_AUTO_FD b = dial(f);
    tell(b, "{\"request\":\"status\"}\n");
    assert_true(ok(hear(b, NULL)));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_request_answers_and_roles_hold),
        T(hostile_requests_are_refused),
        T(a_decision_is_made_by_name),
        T(a_choice_that_is_refused_is_not_kept),
        T(a_log_is_whole_whatever_its_length_and_bytes),
        T(a_text_that_had_to_be_cut_is_answered),
        T(a_text_that_is_not_utf8_is_answered),
        T(a_long_name_is_cut_on_a_character),
        T(the_uid_stays_in_the_audit),
        T(the_desk_only_looks),
        T(the_login_uid_is_read),
        T(the_socket_serves_one_after_another),
        T(too_long_and_too_many_are_turned_away),
        T(a_peer_that_leaves_or_will_not_read_harms_nobody),
        T(strangers_are_refused),
        T(a_second_ghatd_does_not_take_the_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
