/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the agency may have, in every state there is, and what it says of it. */
#include "tests/unit/desk_fix.h"

#include <sqlite3.h>
#include <unistd.h>

/* Ask for a file as the desk does. Returns its bytes in ret, "" where it is refused. */
static void file_of(struct fix *f, const char *token, int64_t id, int64_t rendition,
                    const char *extra, char ret[16])
{
    int fd = -1;
    json_t *o = RID("file", id);
    const struct gh_peer desk = {.desk = true, .uid = 1, .login_uid = (uid_t)-1};
    json_object_set_new(o, "rendition", json_integer(rendition));
    json_object_set_new(o, "file", json_integer(rendition));
    json_object_set_new(o, "session", json_string(token));
    if (*extra)
        json_object_set_new(o, extra, json_true());
    GH_AUTO_FREE char *line = json_dumps(o, 0);
    json_decref(o);
    json_t *answer = gh_control_answer(&f->parts, &desk, line, strlen(line), NULL, &fd);
    ssize_t n = fd >= 0 ? pread(fd, ret, 15, 0) : 0;
    ret[GH_MAX(n, (ssize_t)0)] = '\0';
    assert_true((fd >= 0) == json_is_true(json_object_get(answer, "ok")));
    if (fd < 0)
        assert_string_equal(gh_j_text(answer, "why"), "gone");
    gh_close_fd(&fd);
    json_decref(answer);
}

static int64_t rendition_of(struct fix *f, int64_t id, const char *placement)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(f->d.ledger, id, &item, &err));
    for (size_t i = 0; i < item.n_renditions; i++)
        if (!strcmp(item.renditions[i].placement, placement))
            return item.renditions[i].id;
    fail_msg("no %s", placement);
    return 0;
}

/* Whatever a rendition is: the agency gets the outbox's bytes of what is out, and nothing else,
 * however it asks. */
static void only_what_is_out_in_every_state(void **state)
{
    struct fix *f = *state;
    char agency[GH_TOKEN_HEX], officer[GH_TOKEN_HEX], got[16];
    static const char *const ways[] = {"", "outbox", "original"};
    add_user(f, "agni", GH_AGENCY, "", agency);
    add_user(f, "omar", GH_OFFICER, ",roads,", officer);
    int64_t fb = rendition_of(f, f->out, "fb.photo");
    GH_AUTO_FREE char *path = gh_asprintf("%s/ledger.db", f->dir.path);
    sqlite3 *raw;
    for (int s = 0; s < GH_REN_STATES_N; s++)
        for (size_t w = 0; w < GH_LEN(ways); w++) {
            bool is_out = s == GH_REN_PUBLISHED || s == GH_REN_COLLECTED;
            GH_AUTO_FREE char *set = gh_asprintf("UPDATE rendition SET state = '%s' WHERE id = %d",
                                                 gh_ren_state_name(s), (int)fb);
            assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
            assert_int_equal(sqlite3_exec(raw, set, NULL, NULL, NULL), SQLITE_OK);
            sqlite3_close(raw);
            file_of(f, agency, f->out, fb, ways[w], got);
            assert_string_equal(got, is_out && w < 2 ? "outbox" : "");
            file_of(f, officer, f->out, fb, ways[w], got); /* of another department */
            assert_string_equal(got, "");
            file_of(f, agency, f->staged, rendition_of(f, f->staged, "fb.photo"), ways[w], got);
            assert_string_equal(got, "");
            file_of(f, agency, f->out, rendition_of(f, f->out, "x.photo"), ways[w], got);
            assert_string_equal(got, "");
            file_of(f, agency, f->staged, fb, ways[w], got); /* an item it does not belong to */
            assert_string_equal(got, "");
        }
}

static size_t n_outgoing(struct fix *f, const char *token)
{
    json_t *reply = ask(f, token, R1("outgoing"));
    assert_true(json_is_true(json_object_get(reply, "ok")));
    size_t n = json_array_size(json_object_get(reply, "items"));
    GH_AUTO_FREE char *text = json_dumps(reply, 0);
    assert_null(strstr(text, "x.photo")); /* staged: whoever looks */
    json_decref(reply);
    return n;
}

static json_t *about(const char *request, int64_t id, const char *placement, const char *field,
                     const char *text)
{
    json_t *o = json_pack("{s:s, s:I, s:s}", "request", request, "id", (json_int_t)id, "placement",
                          placement);
    if (field)
        json_object_set_new(o, field, json_string(text));
    return o;
}

/* Collected, taken, refused, posted, withdrawn, acknowledged: seen by each who has to know. */
static void from_collected_to_taken_down(void **state)
{
    struct fix *f = *state;
    char agency[GH_TOKEN_HEX], second[GH_TOKEN_HEX], rina[GH_TOKEN_HEX];
    add_user(f, "agni", GH_AGENCY, "", agency);
    add_user(f, "bela", GH_AGENCY, "", second);
    add_user(f, "rina", GH_APPROVER, "", rina);
    assert_int_equal(n_outgoing(f, agency), 1);
    assert_int_equal(n_outgoing(f, rina), 1);
    assert_true(ok(ask(f, agency, about("take", f->out, "fb.photo", NULL, NULL))));
    refused(ask(f, second, about("take", f->out, "fb.photo", NULL, NULL)), "taken");
    json_t *show = ask(f, second, RID("show", f->out));
    assert_string_equal(
        gh_j_text(
            json_object_get(json_object_get(json_object_get(show, "item"), "takes"), "fb.photo"),
            "by"),
        "agni");
    json_decref(show);
    assert_true(ok(ask(f, agency, about("refused", f->out, "fb.photo", "text", "too wide"))));
    json_t *queue = ask(f, rina, R1("queue"));
    json_t *no = json_array_get(json_object_get(queue, "platform_refused"), 0);
    assert_string_equal(gh_j_text(no, "text"), "too wide");
    assert_string_equal(gh_j_text(no, "by"), "agni");
    json_decref(queue);
    queue = ask(f, agency, R1("queue"));
    assert_null(json_object_get(queue, "platform_refused"));
    json_decref(queue);
    /* what is not seen does not exist; what is not out cannot be posted */
    refused(ask(f, agency, about("posted", f->staged, "fb.photo", "link", "https://e.org/1")),
            "gone");
    refused(ask(f, agency, about("take", f->staged, "fb.photo", NULL, NULL)), "gone");
    refused(ask(f, agency, RID("acknowledge", f->staged)), "gone");
    refused(ask(f, agency, about("posted", f->out, "x.photo", "link", "https://e.org/1")), "state");
    assert_false(ok(ask(f, agency, about("posted", f->out, "fb.photo", "link", "javascript:x"))));
    assert_false(ok(ask(f, agency, about("posted", f->out, "fb.photo", NULL, NULL))));
    assert_true(ok(ask(f, agency, about("posted", f->out, "fb.photo", "link", "https://e.org/1"))));
    show = ask(f, rina, RID("show", f->out));
    const json_t *item = json_object_get(show, "item");
    assert_string_equal(gh_j_text(json_object_get(item, "links"), "fb.photo"), "https://e.org/1");
    assert_true(json_is_string(json_object_get(json_object_get(item, "times"), "posted")));
    json_decref(show);
    const struct gh_decision_req gone = {
        .verdict = GH_WITHDRAW, .submission = f->out, .reason = "wrong bridge"};
    OK(gh_ledger_decide(f->d.ledger, NULL, &gone, NULL, &err));
    json_t *reply = ask(f, agency, R1("outgoing"));
    GH_AUTO_FREE char *text = json_dumps(reply, 0);
    assert_non_null(strstr(text, "wrong bridge"));
    json_decref(reply);
    refused(ask(f, agency, RID("acknowledge", f->out)), "taken");
    assert_true(ok(ask(f, agency,
                       json_pack("{s:s, s:I, s:b}", "request", "acknowledge", "id",
                                 (json_int_t)f->out, "removed", 1))));
    assert_int_equal(n_outgoing(f, agency), 0);
    /* the history has it all */
    json_t *log = ask(f, rina, RID("log", f->out));
    GH_AUTO_FREE char *rows = json_dumps(log, 0);
    static const char *const words[] = {"take", "refused", "posted", "removed", "acknowledge"};
    for (size_t i = 0; i < GH_LEN(words); i++) {
        GH_AUTO_FREE char *action = gh_asprintf("\"action\": \"%s\"", words[i]);
        if (!strstr(rows, action))
            fail_msg("the history lacks %s", words[i]);
    }
    json_decref(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_is_out_in_every_state, setup, teardown),
        cmocka_unit_test_setup_teardown(from_collected_to_taken_down, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
