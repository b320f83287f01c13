/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logging in and out: links, passwords, waiting, second factors, sessions, deputies. */
#include "tests/unit/desk_fix.h"

#include "daemon/control/totp.h"

/* ------------------------------------------------------------------------------ logging in, out */

/* Whatever stands in a request, it is answered, and nobody is added. */
static void odd_requests_add_nobody(void **state)
{
    struct fix *f = *state;
    static const char *const args[] = {
        "\"name\":\"eve\"",
        "\"name\":\"eve\",\"roles\":[]",
        "\"name\":\"eve\",\"roles\":[7]",
        "\"name\":\"eve\",\"roles\":[null]",
        "\"name\":\"eve\",\"roles\":\"approver\"",
        "\"name\":\"eve\",\"roles\":[\"king\"]",
        "\"name\":\"eve\",\"roles\":[\"officer\"]",
        "\"name\":\"eve\",\"roles\":[\"officer\"],\"departments\":[\"nowhere\"]",
        "\"name\":\"eve\",\"roles\":[\"officer\"],\"departments\":[7]",
        "\"name\":\"../eve\",\"roles\":[\"viewer\"]",
        "\"name\":7,\"roles\":[\"viewer\"]",
        "\"name\":\"eve\",\"roles\":[\"viewer\"],\"language\":\"Bengali\"",
        "\"name\":\"eve\",\"roles\":[\"viewer\"],\"phone\":\"call me\"",
        "\"name\":\"eve\",\"roles\":[\"viewer\"],\"email\":\"a\\nb@c\"",
        "\"name\":\"eve\",\"roles\":[\"viewer\"],\"full\":\"a\\u202eb\"",
    };
    for (size_t i = 0; i < GH_LEN(args); i++) {
        GH_AUTO_FREE char *line = gh_asprintf("{\"request\":\"user-add\",%s}", args[i]);
        if (ok(say(f, false, line)))
            fail_msg("taken: %s", args[i]);
    }
    json_t *users = say(f, false, "{\"request\":\"users\"}");
    assert_int_equal(json_array_size(json_object_get(users, "users")), 0);
    json_decref(users);
    static const char *const lines[] = {
        "{\"request\":\"login\",\"name\":\"rina\"}",
        "{\"request\":\"login\",\"name\":\"rina\",\"proof\":7}",
        "{\"request\":\"login\",\"name\":\"rina\",\"proof\":\"xyz\"}",
        "{\"request\":\"login-begin\"}",
        "{\"request\":\"first-begin\",\"token\":[]}",
        "{\"request\":\"first\",\"token\":\"0\"}",
        "{\"request\":\"me\",\"session\":7}",
        "{\"request\":\"me\",\"session\":\"\"}",
    };
    for (size_t i = 0; i < GH_LEN(lines); i++)
        if (ok(say(f, true, lines[i])))
            fail_msg("taken: %s", lines[i]);
}

static void a_link_works_once_and_in_time(void **state)
{
    struct fix *f = *state;
    json_t *added = say(f, false,
                        "{\"request\":\"user-add\",\"name\":\"rina\",\"roles\":[\"approver\"],"
                        "\"language\":\"bn\"}");
    char token[GH_INVITE_HEX], proof[GH_SHA_HEX];
    assert_true(json_is_true(json_object_get(added, "ok")));
    GH_COPY(token, gh_j_text(added, "token"));
    json_decref(added);
    /* twice the same name */
    assert_false(
        ok(say(f, false, "{\"request\":\"user-add\",\"name\":\"rina\",\"roles\":[\"viewer\"]}")));
    json_t *one = ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", token)),
           *two = ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", token));
    assert_true(json_equal(one, two)); /* looking changes nothing */
    proof_of("words", gh_j_text(one, "salt"), proof);
    json_decref(one);
    json_decref(two);
    json_t *o = json_pack("{s:s, s:s, s:s}", "request", "first", "token", token, "proof", proof);
    assert_true(ok(ask(f, "", json_deep_copy(o))));
    refused(ask(f, "", o), "gone");
    refused(ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", token)), "gone");
    /* one whose time is over */
    struct gh_invite late = {.expires_ms = gh_now_ms() - 1};
    gh_hash_mem(token, strlen(token), late.token_sha);
    OK(gh_ledger_invite(f->d.ledger, NULL, "rina", &late, &err));
    refused(ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", token)), "gone");
}

static void names_and_passwords(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    json_t *in = login(f, "Rina", "secret words", "10.0.0.1", NULL); /* as phones write it */
    assert_true(json_is_true(json_object_get(in, "ok")));
    assert_int_equal(strlen(gh_j_text(in, "session")), 64);
    assert_string_equal(gh_j_text(json_object_get(in, "user"), "name"), "rina");
    json_decref(in);
    /* of somebody and of nobody: the same shape, stable, and the same refusal */
    json_t *known = begin(f, "rina"), *nobody = begin(f, "nobody"), *again = begin(f, "nobody"),
           *other = begin(f, "nobody2");
    assert_true(json_equal(nobody, again));
    assert_string_not_equal(gh_j_text(nobody, "salt"), gh_j_text(other, "salt"));
    assert_int_equal(strlen(gh_j_text(nobody, "salt")), strlen(gh_j_text(known, "salt")));
    assert_int_equal(gh_j_int(nobody, "ops"), gh_j_int(known, "ops"));
    assert_int_equal(gh_j_int(nobody, "mem"), gh_j_int(known, "mem"));
    json_decref(known);
    json_decref(nobody);
    json_decref(again);
    json_decref(other);
    json_t *a = login(f, "rina", "wrong", "10.0.0.2", NULL),
           *b = login(f, "nobody", "wrong", "10.0.0.2", NULL);
    assert_string_equal(gh_j_text(a, "why"), "wrong");
    assert_true(json_equal(a, b));
    json_decref(a);
    json_decref(b);
    /* odd names are nobody's */
    static const char *const odd[] = {"../etc", "রিনা", "rina'--", "-x"};
    for (size_t i = 0; i < GH_LEN(odd); i++)
        refused(login(f, odd[i], "wrong", "10.0.0.3", NULL), "wrong");
}

static void who_was_wrong_waits(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], bela[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "bela", GH_APPROVER, "", bela);
    assert_true(ok(login(f, "rina", "secret words", "10.0.0.9", NULL)));
    for (int i = 0; i < GH_FREE_BY_NAME + 1; i++)
        refused(login(f, "rina", "guess", "10.6.6.6", NULL), "wrong");
    json_t *no = login(f, "rina", "secret words", "10.6.6.7", NULL);
    assert_string_equal(gh_j_text(no, "why"), "wait");
    assert_true(gh_j_int(no, "wait_ms") > 0 && gh_j_int(no, "wait_ms") <= GH_THROTTLE_FIRST_MS);
    json_decref(no);
    no = begin(f, "rina"); /* told before the desk computes anything */
    assert_true(gh_j_int(no, "wait_ms") > 0);
    json_decref(no);
    /* strangers keep nobody out: not a session, nor a login from where one is */
    assert_true(ok(ask(f, rina, R1("me"))));
    json_t *own = ask(f, rina, R1("password-begin"));
    assert_true(json_is_true(json_object_get(own, "ok")));
    assert_int_equal(gh_j_int(own, "wait_ms"), 0);
    assert_int_equal(gh_j_int(own, "new_ops"), GH_ARGON_OPS);
    json_decref(own);
    assert_true(ok(login(f, "rina", "secret words", "10.0.0.9", NULL)));
    assert_true(ok(login(f, "bela", "secret words", "10.6.6.6", NULL)));
    /* an address that tries many names */
    for (int i = 0; i < GH_FREE_BY_ADDRESS + 1; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%d", i);
        json_decref(login(f, name, "guess", "10.6.6.8", NULL));
    }
    refused(login(f, "bela", "secret words", "10.6.6.8", NULL), "wait");
    assert_true(ok(login(f, "bela", "secret words", "10.6.6.6", NULL))); /* logged in there */
    for (int i = 0; i < GH_FREE_BY_ADDRESS + 1; i++) { /* no address is nobody's */
        char name[16];
        snprintf(name, sizeof(name), "m%d", i);
        json_decref(login(f, name, "guess", "", NULL));
    }
    assert_true(ok(login(f, "bela", "secret words", "", NULL)));
    assert_true(ok(login(f, "bela", "secret words", "10.6.6.9", NULL)));
}

static void waiting_doubles_up_to_a_quarter_of_an_hour(void **state)
{
    (void)state;
    struct gh_throttle *t = gh_throttle_new();
    int64_t now = 1000000;
    for (int i = 0; i < 3; i++)
        assert_false(gh_throttle_failed(t, "a", 3, now));
    assert_int_equal(gh_throttle_wait(t, "a", now), 0);
    assert_true(gh_throttle_failed(t, "a", 3, now));
    int64_t wait = GH_THROTTLE_FIRST_MS;
    for (int i = 0; i < 40; i++) {
        assert_int_equal(gh_throttle_wait(t, "a", now), GH_MIN(wait, GH_THROTTLE_MOST_MS));
        assert_int_equal(gh_throttle_wait(t, "a", now + GH_MIN(wait, GH_THROTTLE_MOST_MS)), 0);
        assert_false(gh_throttle_failed(t, "a", 3, now));
        wait = GH_MIN(wait * 2, GH_THROTTLE_MOST_MS);
    }
    assert_int_equal(gh_throttle_wait(t, "b", now), 0);
    /* a flood of other keys pushes out none that failed often */
    for (int i = 0; i < 20000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "f%d", i);
        gh_throttle_failed(t, key, 3, now + i);
    }
    assert_true(gh_throttle_wait(t, "a", now) > 0);
    gh_throttle_passed(t, "a");
    assert_int_equal(gh_throttle_wait(t, "a", now), 0);
    gh_throttle_free(&t);
}

/* RFC 6238, appendix B, SHA-1: the last six of eight digits. */
static void codes_are_those_of_rfc_6238(void **state)
{
    (void)state;
    static const char secret[] = "3132333435363738393031323334353637383930";
    static const struct {
        int64_t s;
        const char *code;
    } rows[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        int64_t step = rows[i].s / 30, ms = rows[i].s * 1000;
        assert_int_equal(gh_totp_step(secret, rows[i].code, 0, ms), step);
        assert_int_equal(gh_totp_step(secret, rows[i].code, step - 1, ms), step);
        assert_int_equal(gh_totp_step(secret, rows[i].code, step, ms), 0); /* taken once */
        assert_int_equal(gh_totp_step(secret, rows[i].code, 0, ms + 30000), step);
        assert_int_equal(gh_totp_step(secret, rows[i].code, 0, ms + 60000), 0);
        assert_int_equal(gh_totp_step(secret, "", 0, ms), 0);
        assert_int_equal(gh_totp_step(secret, "28708", 0, ms), 0);
    }
    GH_AUTO_FREE char *text = gh_totp_text(secret), *uri = gh_totp_uri(secret, "rina");
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    assert_string_equal(
        uri, "otpauth://totp/Ghat:rina?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ghat");
}

static int64_t code_now(const char *secret, char code[7])
{
    for (int n = 0; n < 1000000; n++) {
        snprintf(code, 7, "%06d", n);
        int64_t step = gh_totp_step(secret, code, 0, gh_now_ms());
        if (step)
            return step;
    }
    fail_msg("no code");
    return 0;
}

static void approvers_have_a_second_factor_where_it_is_wanted(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], code[7];
    add_user(f, "rina", GH_APPROVER, "", rina);
    f->d.settings.conf.second_factor = 1;
    /* she looks after the account first, and decides nothing before */
    refused(approve(f, rina, f->staged), "role");
    assert_true(ok(ask(f, rina, R1("me"))));
    json_t *new = ask(f, rina, R1("totp-begin"));
    assert_true(json_is_true(json_object_get(new, "ok")));
    json_decref(new);
    struct gh_user user;
    OK(gh_ledger_user(f->d.ledger, "rina", gh_now_ms(), &user, &err));
    refused(ask(f, rina, json_pack("{s:s, s:s}", "request", "totp", "code", "000000x")), "code");
    code_now(user.totp_new, code);
    assert_true(ok(ask(f, rina, json_pack("{s:s, s:s}", "request", "totp", "code", code))));
    assert_true(ok(approve(f, rina, f->staged)));
    refused(login(f, "rina", "secret words", "10.0.0.1", NULL), "code");
    refused(login(f, "rina", "secret words", "10.0.0.1", code), "code"); /* taken already */
    /* the code alone is worth nothing */
    refused(login(f, "rina", "guess", "10.0.0.1", code), "wrong");
    OK(gh_ledger_user(f->d.ledger, "rina", gh_now_ms(), &user, &err));
    user.totp_step -= 3;
    OK(gh_ledger_set_totp(f->d.ledger, NULL, &user, &err));
    code_now(user.totp, code);
    assert_true(ok(login(f, "rina", "secret words", "10.0.0.1", code)));
    refused(login(f, "rina", "secret words", "10.0.0.1", code), "code");
    /* the first login sets it up */
    json_t *added =
        say(f, false, "{\"request\":\"user-add\",\"name\":\"bela\",\"roles\":[\"approver\"]}");
    GH_AUTO_FREE char *token = gh_strdup(gh_j_text(added, "token"));
    json_decref(added);
    json_t *first = ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", token));
    assert_true(json_is_true(json_object_get(first, "second")));
    assert_non_null(strstr(gh_j_text(json_object_get(first, "totp"), "uri"), "otpauth://totp/"));
    char proof[GH_SHA_HEX];
    proof_of("words", gh_j_text(first, "salt"), proof);
    json_decref(first);
    refused(ask(f, "",
                json_pack("{s:s, s:s, s:s}", "request", "first", "token", token, "proof", proof)),
            "code");
}

/* Whoever holds a link guesses codes no faster than passwords. */
static void codes_of_a_first_login_wait_too(void **state)
{
    struct fix *f = *state;
    f->d.settings.conf.second_factor = 1;
    json_t *added =
        say(f, false, "{\"request\":\"user-add\",\"name\":\"bela\",\"roles\":[\"approver\"]}");
    GH_AUTO_FREE char *token = gh_strdup(gh_j_text(added, "token"));
    json_decref(added);
    char proof[GH_SHA_HEX];
    json_t *first = ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", token));
    proof_of("words", gh_j_text(first, "salt"), proof);
    json_decref(first);
    json_t *wrong = json_pack("{s:s, s:s, s:s, s:s}", "request", "first", "token", token, "proof",
                              proof, "code", "00000x");
    for (int i = 0; i < GH_FREE_BY_NAME + 1; i++)
        refused(ask(f, "", json_deep_copy(wrong)), "code");
    json_t *no = ask(f, "", wrong);
    assert_true(gh_j_int(no, "wait_ms") > 0);
    refused(no, "wait");
}

/* A person's own settings are those alone, whatever else a caller has in hand. */
static void own_settings_leave_roles_alone(void **state)
{
    struct fix *f = *state;
    char anjali[GH_TOKEN_HEX];
    add_user(f, "anjali", GH_OFFICER, "water", anjali);
    struct gh_user user;
    OK(gh_ledger_user(f->d.ledger, "anjali", gh_now_ms(), &user, &err));
    user.roles = GH_ROLES_ALL;
    GH_COPY(user.departments, "water,roads");
    GH_COPY(user.full, "Somebody else");
    GH_COPY(user.phone, "+91 33 1");
    OK(gh_ledger_user_reach(f->d.ledger, NULL, &user, &err));
    OK(gh_ledger_user(f->d.ledger, "anjali", gh_now_ms(), &user, &err));
    assert_int_equal(user.roles, GH_OFFICER);
    assert_null(strstr(user.departments, "roads"));
    assert_string_equal(user.full, "");
    assert_string_equal(user.phone, "+91 33 1");
    assert_true(ok(ask(f, anjali, json_pack("{s:s, s:s}", "request", "me-set", "language", "hi"))));
    OK(gh_ledger_user(f->d.ledger, "anjali", gh_now_ms(), &user, &err));
    assert_int_equal(user.roles, GH_OFFICER);
    assert_string_equal(user.language, "hi");
}

static void sessions_end(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], second[GH_TOKEN_HEX], sha[GH_SHA_HEX];
    struct gh_session s;
    struct gh_user user;
    int64_t now = gh_now_ms();
    add_user(f, "rina", GH_APPROVER, "", rina);
    json_t *in = login(f, "rina", "secret words", "10.0.0.1", NULL);
    GH_COPY(second, gh_j_text(in, "session"));
    json_decref(in);
    /* by their times: idle, and at the latest after 30 days */
    gh_hash_mem(rina, 64, sha);
    OK(gh_ledger_session(f->d.ledger, sha, now + GH_SESSION_IDLE_MS, &s, &user, &err));
    FAILS(GH_USAGE,
          gh_ledger_session(f->d.ledger, sha, now + GH_SESSION_IDLE_MS + 2 * GH_SEEN_WRITTEN_MS, &s,
                            &user, &err));
    for (int64_t t = now; t < now + GH_SESSION_MOST_MS; t += GH_SESSION_IDLE_MS)
        OK(gh_ledger_session_seen(f->d.ledger, s.id, t, &err));
    FAILS(GH_USAGE,
          gh_ledger_session(f->d.ledger, sha, now + GH_SESSION_MOST_MS + 60000, &s, &user, &err));
    OK(gh_ledger_session_seen(f->d.ledger, s.id, now, &err));
    /* that it is used is written down now and then, not at each request */
    const int64_t ages[] = {GH_SEEN_WRITTEN_MS - 60000, GH_SEEN_WRITTEN_MS + 60000};
    for (size_t i = 0; i < GH_LEN(ages); i++) {
        OK(gh_ledger_session_seen(f->d.ledger, s.id, now - ages[i], &err));
        assert_true(ok(ask(f, rina, R1("me"))));
        OK(gh_ledger_session(f->d.ledger, sha, now, &s, &user, &err));
        assert_true((s.seen_ms >= now) == (i == 1));
    }
    /* the list, and one of it */
    json_t *mine = ask(f, rina, R1("me")), *one;
    assert_int_equal(json_array_size(json_object_get(mine, "sessions")), 2);
    one = json_array_get(json_object_get(mine, "sessions"), 0);
    assert_string_equal(gh_j_text(one, "device"), "a phone");
    assert_true(ok(ask(f, rina, RID("session-end", gh_j_int(one, "id")))));
    json_decref(mine);
    refused(ask(f, second, R1("me")), "session");
    /* nobody ends another's */
    char bela[GH_TOKEN_HEX];
    add_user(f, "bela", GH_APPROVER, "", bela);
    refused(ask(f, bela, RID("session-end", s.id)), "gone");
    /* a new password ends every other one */
    in = login(f, "rina", "secret words", "10.0.0.1", NULL);
    GH_COPY(second, gh_j_text(in, "session"));
    json_decref(in);
    char old[GH_SHA_HEX], new[GH_SHA_HEX], salt[GH_SALT_HEX];
    gh_secret_draw(16, salt);
    in = begin(f, "rina");
    proof_of("secret words", gh_j_text(in, "salt"), old);
    json_decref(in);
    proof_of("other words", salt, new);
    refused(ask(f, rina,
                json_pack("{s:s, s:s, s:s, s:s}", "request", "password", "proof_old", new, "salt",
                          salt, "proof", new)),
            "wrong");
    assert_true(ok(ask(f, rina,
                       json_pack("{s:s, s:s, s:s, s:s}", "request", "password", "proof_old", old,
                                 "salt", salt, "proof", new))));
    refused(ask(f, second, R1("me")), "session");
    refused(login(f, "rina", "secret words", "10.0.0.1", NULL), "wrong");
    assert_true(ok(login(f, "rina", "other words", "10.0.0.1", NULL)));
    assert_true(ok(ask(f, rina, R1("logout"))));
    refused(ask(f, rina, R1("me")), "session");
    /* never more than so many */
    for (int i = 0; i < GH_SESSIONS_EACH + 5; i++)
        assert_true(ok(login(f, "rina", "other words", "10.0.0.1", NULL)));
    in = login(f, "rina", "other words", "10.0.0.1", NULL);
    mine = ask(f, gh_j_text(in, "session"), R1("me"));
    assert_int_equal(json_array_size(json_object_get(mine, "sessions")), GH_SESSIONS_EACH);
    json_decref(mine);
    json_decref(in);
}

static void a_lock_ends_everything_at_once(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], bela[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "bela", GH_VIEWER, "", bela);
    assert_true(ok(ask(f, rina,
                       json_pack("{s:s, s:s, s:I}", "request", "deputy", "name", "bela", "until_ms",
                                 (json_int_t)(gh_now_ms() + 86400000)))));
    assert_true(ok(ask(f, bela, RID("hold", f->staged))));
    assert_true(ok(say(f, false, "{\"request\":\"user-lock\",\"name\":\"rina\"}")));
    refused(ask(f, rina, R1("me")), "session");
    refused(login(f, "rina", "secret words", "10.0.0.1", NULL), "wrong");
    refused(ask(f, bela, RID("release", f->staged)), "role"); /* she stood in for rina */
    assert_false(ok(say(f, false, "{\"request\":\"user-reset\",\"name\":\"rina\"}")));
    assert_true(ok(say(f, false, "{\"request\":\"user-lock\",\"name\":\"rina\",\"lock\":false}")));
    refused(ask(f, rina, R1("me")), "session"); /* what ended stays so */
    assert_true(ok(login(f, "rina", "secret words", "10.0.0.4", NULL)));
    /* a role that is taken away is gone with the next request */
    assert_true(ok(say(f, false,
                       "{\"request\":\"user-set\",\"name\":\"bela\",\"roles\":"
                       "[\"agency\"]}")));
    refused(ask(f, bela, R1("status")), "role");
    assert_true(ok(say(f, false, "{\"request\":\"user-remove\",\"name\":\"bela\"}")));
    refused(ask(f, bela, R1("me")), "session");
}

static void a_deputy_decides_until_the_end(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], mita[GH_TOKEN_HEX], actor[160];
    int64_t now = gh_now_ms();
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "mita", GH_OFFICER, ",roads,", mita);
    refused(ask(f, mita,
                json_pack("{s:s, s:s, s:I}", "request", "deputy", "name", "rina", "until_ms",
                          (json_int_t)(now + 1000))),
            "role");
    const int64_t bad[] = {now - 1, now + (int64_t)367 * 86400000};
    for (size_t i = 0; i < GH_LEN(bad); i++)
        assert_false(ok(ask(f, rina,
                            json_pack("{s:s, s:s, s:I}", "request", "deputy", "name", "mita",
                                      "until_ms", (json_int_t)bad[i]))));
    assert_false(ok(ask(f, rina,
                        json_pack("{s:s, s:s, s:I}", "request", "deputy", "name", "rina",
                                  "until_ms", (json_int_t)(now + 100000)))));
    assert_true(ok(ask(f, rina,
                       json_pack("{s:s, s:s, s:I}", "request", "deputy", "name", "mita", "until_ms",
                                 (json_int_t)(now + 100000)))));
    assert_true(ok(approve(f, mita, f->staged)));
    last_actor(f, actor);
    assert_string_equal(actor, "user:mita (approver, deputy of rina) by desk");
    /* a deputy names none */
    refused(ask(f, mita,
                json_pack("{s:s, s:s, s:I}", "request", "deputy", "name", "mita", "until_ms",
                          (json_int_t)(now + 1000))),
            "role");
    struct gh_user user;
    OK(gh_ledger_user(f->d.ledger, "mita", now + 100001, &user, &err));
    assert_string_equal(user.deputy_of, "");
    assert_true(ok(ask(f, rina, json_pack("{s:s, s:n}", "request", "deputy", "name"))));
    refused(ask(f, mita, RID("undo", f->staged)), "role");
}

static void some_things_want_the_password_again(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], proof[GH_SHA_HEX], wrong[GH_SHA_HEX];
    add_user(f, "rina", GH_APPROVER | GH_ADMINISTRATOR, "", rina);
    char sha[GH_SHA_HEX];
    struct gh_session s;
    struct gh_user user;
    gh_hash_mem(rina, 64, sha);
    OK(gh_ledger_session(f->d.ledger, sha, gh_now_ms(), &s, &user, &err));
    OK(gh_ledger_session_confirmed(f->d.ledger, s.id, gh_now_ms() - GH_CONFIRMED_MS - 1000, &err));
    static const char *const asks[] = {"withdraw",   "user-add",    "user-lock",
                                       "user-reset", "user-remove", "user-set",
                                       "totp-begin", "totp",        "deputy"};
    for (size_t i = 0; i < GH_LEN(asks); i++)
        refused(ask(f, rina, RID(asks[i], f->out)), "confirm");
    json_t *how = begin(f, "rina");
    proof_of("secret words", gh_j_text(how, "salt"), proof);
    proof_of("guess", gh_j_text(how, "salt"), wrong);
    json_decref(how);
    refused(ask(f, rina, json_pack("{s:s, s:s}", "request", "confirm", "proof", wrong)), "wrong");
    refused(ask(f, rina, RID("withdraw", f->out)), "confirm");
    assert_true(ok(ask(f, rina, json_pack("{s:s, s:s}", "request", "confirm", "proof", proof))));
    assert_true(ok(ask(f, rina,
                       json_pack("{s:s, s:I, s:s}", "request", "withdraw", "id", (json_int_t)f->out,
                                 "reason", "wrong date"))));
    /* guesses in a session that somebody found open wait, too */
    for (int i = 0; i < GH_FREE_BY_NAME + 1; i++)
        refused(ask(f, rina, json_pack("{s:s, s:s}", "request", "confirm", "proof", wrong)),
                "wrong");
    refused(ask(f, rina, json_pack("{s:s, s:s}", "request", "confirm", "proof", proof)), "wait");
}

/* Whatever is kept or said of secrets: none can be read in the audit, nor a token in the ledger. */
static bool has_secret(const struct gh_audit_row *row, void *arg)
{
    const char *const *secrets = arg;
    for (size_t i = 0; secrets[i]; i++)
        if (strstr(row->detail, secrets[i]) || strstr(row->actor, secrets[i]))
            fail_msg("the audit says %s", secrets[i]);
    return true;
}

static void no_secret_is_written_down(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], sha[GH_SHA_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    json_t *added = say(f, false, "{\"request\":\"user-reset\",\"name\":\"rina\"}");
    GH_AUTO_FREE char *link = gh_strdup(gh_j_text(added, "token"));
    json_decref(added);
    struct gh_user user;
    OK(gh_ledger_user(f->d.ledger, "rina", gh_now_ms(), &user, &err));
    gh_hash_mem(rina, 64, sha);
    const char *secrets[] = {rina, sha, link, "secret words", NULL};
    OK(gh_ledger_log(f->d.ledger, 0, 0, 0, has_secret, secrets, &err));
    assert_string_equal(user.salt, ""); /* a reset forgets the password */
    GH_AUTO_FREE char *bytes = NULL;
    size_t n;
    OK(gh_read_file(f->dir.fd, "ledger.db", 64 << 20, &bytes, &n, &err));
    assert_null(memmem(bytes, n, rina, 64));
    assert_null(memmem(bytes, n, link, 32));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(odd_requests_add_nobody),
        T(a_link_works_once_and_in_time),
        T(names_and_passwords),
        T(who_was_wrong_waits),
        T(waiting_doubles_up_to_a_quarter_of_an_hour),
        T(codes_are_those_of_rfc_6238),
        T(approvers_have_a_second_factor_where_it_is_wanted),
        T(codes_of_a_first_login_wait_too),
        T(own_settings_leave_roles_alone),
        T(sessions_end),
        T(a_lock_ends_everything_at_once),
        T(a_deputy_decides_until_the_end),
        T(some_things_want_the_password_again),
        T(no_secret_is_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
