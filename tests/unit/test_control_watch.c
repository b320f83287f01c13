/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those who only watch: what changes, told to each by role, and screens on a wall. */
#include "tests/unit/desk_fix.h"

#include "daemon/control/changes.h"

/* What changed after a place is told: to whom it is shown, with where it stands for those who see
 * all of it. That something changed, and nothing more, is told to a desk without people. */
static void what_changes_is_told_by_role(void **state)
{
    struct fix *f = *state;
    static struct gh_changes ring;
    char rina[GH_TOKEN_HEX], omar[GH_TOKEN_HEX], gita[GH_TOKEN_HEX];
    const char *const who[] = {rina, omar, gita};
    const unsigned n[] = {2, 1, 1};
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "omar", GH_OFFICER, ",roads,", omar);
    add_user(f, "gita", GH_AGENCY, "", gita);
    gh_changes_init(&ring);
    f->parts.changes = &ring;
    json_t *me = ask(f, rina, R1("me")), *health = ask(f, "", R1("health"));
    GH_AUTO_FREE char *place = gh_strdup(gh_j_text(me, "place"));
    assert_true(*place != 0);
    assert_string_equal(gh_j_text(health, "place"), place);
    json_decref(health);
    json_decref(me);
    gh_changes_add(&ring, f->staged); /* of roads */
    gh_changes_add(&ring, f->out);    /* of water, a part of it is out */
    gh_changes_add(&ring, 4711);      /* of nobody */
    for (size_t i = 0; i < GH_LEN(who); i++) {
        json_t *answer =
            ask(f, who[i], json_pack("{s:s, s:s}", "request", "changes", "after", place));
        json_t *list = json_object_get(answer, "changes"), *first = json_array_get(list, 0);
        assert_true(json_is_true(json_object_get(answer, "ok")));
        assert_int_equal(json_array_size(list), n[i] + (i == 0)); /* who sees all is told as is */
        assert_int_equal(gh_j_int(first, "id"), i == 2 ? f->out : f->staged);
        assert_string_equal(gh_j_text(first, "state"), i == 2 ? "" : "staged");
        assert_true((gh_j_int(first, "staged_ms") > 0) == (i != 2));
        json_decref(answer);
    }
    health = ask(f, "", R1("health"));
    assert_string_not_equal(gh_j_text(health, "place"), place);
    json_decref(health);
    refused(ask(f, "", json_pack("{s:s, s:s}", "request", "changes", "after", place)), "session");
    f->parts.changes = NULL;
}

/* A screen's link opens figures and nothing else, until it is taken back; the ledger keeps no
 * token.
 */
static void a_wall_shows_figures_by_its_link(void **state)
{
    struct fix *f = *state;
    static const char *const names[] = {"ok", "frozen", "waiting", "oldest_ms", "today"};
    json_t *made = say(f, false, "{\"request\":\"display-add\",\"name\":\"lobby\"}"), *v;
    GH_AUTO_FREE char *token = gh_strdup(gh_j_text(made, "token")), *kept = NULL;
    const char *key;
    size_t n = 0;
    assert_int_equal(strlen(token), 32);
    json_decref(made);
    assert_false(ok(say(f, false, "{\"request\":\"display-add\",\"name\":\"lobby\"}")));
    assert_false(ok(say(f, false, "{\"request\":\"display-add\",\"name\":\"a b\"}")));
    assert_int_equal(gh_ledger_setting(f->d.ledger, "displays", &kept, &err), 0);
    assert_null(strstr(kept, token));
    json_t *wall = ask(f, "", json_pack("{s:s, s:s}", "request", "wall", "token", token));
    json_object_foreach (wall, key, v) {
        bool known = false;
        for (size_t i = 0; i < GH_LEN(names); i++)
            known |= gh_streq(key, names[i]);
        assert_true(known);
        n++;
    }
    assert_int_equal(n, GH_LEN(names));
    assert_int_equal(gh_j_int(wall, "waiting"), 2); /* of one, a part is out */
    assert_true(gh_j_int(wall, "oldest_ms") > 0);
    json_decref(wall);
    /* worth nothing elsewhere, nor is what the ledger keeps */
    refused(ask(f, token, R1("queue")), "session");
    refused(ask(f, "", json_pack("{s:s, s:s}", "request", "first-begin", "token", token)), "gone");
    char sha[GH_SHA_HEX], other[GH_INVITE_HEX];
    gh_hash_mem(token, strlen(token), sha);
    assert_non_null(strstr(kept, sha));
    sha[32] = 0;
    gh_secret_draw(16, other);
    refused(ask(f, "", json_pack("{s:s, s:s}", "request", "wall", "token", sha)), "gone");
    refused(ask(f, "", json_pack("{s:s, s:s}", "request", "wall", "token", other)), "gone");
    for (int i = 1; i < 16; i++) { /* bounded */
        GH_AUTO_FREE char *line =
            gh_asprintf("{\"request\":\"display-add\",\"name\":\"wall%d\"}", i);
        assert_true(ok(say(f, false, line)));
    }
    assert_false(ok(say(f, false, "{\"request\":\"display-add\",\"name\":\"one.more\"}")));
    assert_true(ok(say(f, false, "{\"request\":\"display-remove\",\"name\":\"lobby\"}")));
    assert_false(ok(say(f, false, "{\"request\":\"display-remove\",\"name\":\"lobby\"}")));
    refused(ask(f, "", json_pack("{s:s, s:s}", "request", "wall", "token", token)), "gone");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_changes_is_told_by_role),
        T(a_wall_shows_figures_by_its_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
