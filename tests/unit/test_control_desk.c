/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desk's socket: what each role may ask for and see, and what a desk without people can do. */
#include "tests/unit/desk_fix.h"

#include "daemon/control/changes.h"

#include <sys/stat.h>

/* ---------------------------------------------------------------------------------------- roles */

/* What each role may ask for, written down a second time: the judge of the table. */
static const struct {
    const char *request;
    const char *who; /* A approver, G agency, O officer, D admin, V viewer, * without a session */
} may[] = {
    {"help", "AGODV"},
    {"health", "*"},
    {"metrics", "*"},
    {"page-times", "*"},
    {"status", "ADV"},
    {"list", "AGOV"},
    {"show", "AGOV"},
    {"log", "AODV"},
    {"file", "AGOV"},
    {"departments", "AGODV"},
    {"profiles", "AGODV"},
    {"reasons", "AGOV"},
    {"approve", "A"},
    {"freeze", "A"},
    {"thaw", "A"},
    {"undo", "A"},
    {"embargo", "A"},
    {"order", "A"},
    {"replaces", "A"},
    {"hold", "A"},
    {"release", "A"},
    {"reject", "A"},
    {"withdraw", "A"},
    {"collected", "AG"},
    {"recall", "AO"},
    {"ask-withdraw", "O"},
    {"stays", "A"},
    {"thumb", "A"},
    {"focal", "A"},
    {"retry", "A"},
    {"rerender", "A"},
    {"caption", "AO"},
    {"alt", "AO"},
    {"urgent", "A"},
    {"report", "AODV"},
    {"post-claim", ""},
    {"post-done", ""},
    {"notices", "D"},
    {"notices-retry", "D"},
    {"sweep", ""},
    {"clock", ""},
    {"reload", ""},
    {"department-confirm", ""},
    {"users", "D"},
    {"user-add", "D"},
    {"user-set", "D"},
    {"user-lock", "D"},
    {"user-reset", "D"},
    {"user-remove", "D"},
    {"displays", "D"},
    {"display-add", "D"},
    {"display-remove", "D"},
    {"wall", "*"},
    {"events", "AGOV"},
    {"event", "AGOV"},
    {"event-add", "AO"},
    {"event-change", "AO"},
    {"event-cancel", "AO"},
    {"feeds", "D"},
    {"feed-add", "D"},
    {"feed-remove", "D"},
    {"feed", "*"},
    {"login-begin", "*"},
    {"login", "*"},
    {"first-begin", "*"},
    {"first", "*"},
    {"logout", "AGODV"},
    {"me", "AGODV"},
    {"me-set", "AGODV"},
    {"session-end", "AGODV"},
    {"password-begin", "AGODV"},
    {"password", "AGODV"},
    {"totp-begin", "AGODV"},
    {"totp", "AGODV"},
    {"deputy", "A"},
    {"confirm", "AGODV"},
    {"questions", "AGOV"},
    {"question-counts", "AGOV"},
    {"question", "AGOV"},
    {"ask", "AG"},
    {"answer", "AO"},
    {"extend", "AO"},
    {"reopen", "AG"},
    {"close", "AG"},
    {"withdraw-question", "AG"},
    {"recompute", ""},
    {"changes", "AGODV"},
    {"queue", "AGOV"},
    {"outgoing", "AGV"},
    {"posted", "AG"},
    {"refused", "AG"},
    {"take", "AG"},
    {"acknowledge", "AG"},
    {"bundle-make", "AG"},
    {"bundles", "AG"},
    {"bundle", "AG"},
    {"bundle-file", "AG"},
    {"bundle-collected", "AG"},
};
static const struct {
    char letter;
    unsigned role;
} letters[] = {{'A', GH_APPROVER},
               {'G', GH_AGENCY},
               {'O', GH_OFFICER},
               {'D', GH_ADMINISTRATOR},
               {'V', GH_VIEWER}};

static void every_request_and_every_role(void **state)
{
    struct fix *f = *state;
    size_t known = 0;
    for (const struct gh_request *r = gh_requests; r->name; r++) {
        const char *who = NULL;
        for (size_t i = 0; i < GH_LEN(may); i++)
            who = gh_streq(may[i].request, r->name) ? may[i].who : who;
        if (!who)
            fail_msg("the table has %s, and nothing here says who may", r->name);
        known++;
        /* without a session, with one that nobody has */
        char none[GH_TOKEN_HEX];
        gh_secret_draw(32, none);
        if (!strchr(who, '*')) {
            refused(ask(f, "", R1(r->name)), "session");
            refused(ask(f, none, R1(r->name)), "session");
        }
        for (size_t i = 0; i < GH_LEN(letters) && !strchr(who, '*'); i++) {
            char name[16], token[GH_TOKEN_HEX];
            snprintf(name, sizeof(name), "u%c%zu", letters[i].letter + 32, known);
            add_user(f, name, letters[i].role, ",roads,", token);
            json_t *answer = ask(f, token, R1(r->name));
            bool role = gh_streq(gh_j_text(answer, "why"), "role");
            json_decref(answer);
            if (role == (strchr(who, letters[i].letter) != NULL))
                fail_msg("%s: %s for the role %s", r->name, role ? "refused" : "let through",
                         gh_role_name(letters[i].role));
        }
    }
    assert_int_equal(known, GH_LEN(may));
}

/* The roles of the command's socket have no say here, nor has any name a peer gives itself. */
static void a_taken_over_desk_has_no_power(void **state)
{
    struct fix *f = *state;
    char viewer[GH_TOKEN_HEX];
    static const char *const changing[] = {"approve", "hold",     "reject",   "withdraw", "freeze",
                                           "thaw",    "caption",  "urgent",   "user-add", "sweep",
                                           "reload",  "user-set", "collected"};
    int64_t before = gh_ledger_seq(f->d.ledger);
    for (size_t i = 0; i < GH_LEN(changing); i++) {
        json_t *o = json_pack("{s:s, s:I, s:s, s:b, s:s, s:s, s:s}", "request", changing[i], "id",
                              (json_int_t)f->staged, "reason", "r", "whatever", 1, "caption", "c",
                              "name", "eve", "role", "approver");
        refused(ask(f, "", json_deep_copy(o)), "session");
        json_object_set_new(o, "as", json_string("rina"));
        json_t *answer = ask(f, "", o);
        assert_true(json_is_false(json_object_get(answer, "ok")));
        json_decref(answer);
    }
    assert_int_equal(gh_ledger_seq(f->d.ledger), before);
    add_user(f, "vela", GH_VIEWER, "", viewer);
    before = gh_ledger_seq(f->d.ledger);
    for (size_t i = 0; i < GH_LEN(changing); i++)
        refused(ask(f, viewer, RID(changing[i], f->staged)), "role");
    /* the digest that the ledger keeps is no token */
    char sha[GH_SHA_HEX];
    gh_hash_mem(viewer, strlen(viewer), sha);
    refused(ask(f, sha, R1("me")), "session");
    assert_int_equal(gh_ledger_seq(f->d.ledger), before);
    /* and a session is worth nothing at the command */
    GH_AUTO_FREE char *line = gh_asprintf("{\"request\":\"status\",\"session\":\"%s\"}", viewer);
    assert_false(ok(say(f, false, line)));
    assert_false(ok(say(f, false, "{\"request\":\"me\"}")));
    assert_false(ok(say(f, false, "{\"request\":\"login\",\"name\":\"vela\"}")));
}

static void the_audit_names_the_person(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], actor[160];
    add_user(f, "rina", GH_APPROVER | GH_VIEWER, "", rina);
    assert_true(ok(approve(f, rina, f->staged)));
    last_actor(f, actor);
    assert_string_equal(actor, "user:rina (approver) by desk");
    /* an approval at the desk can be undone, whatever the configuration says of the command */
    assert_true(ok(ask(f, rina, RID("undo", f->staged))));
    /* nothing is approved there without saying what was seen */
    assert_false(ok(ask(f, rina,
                        json_pack("{s:s, s:I, s:b}", "request", "approve", "id",
                                  (json_int_t)f->staged, "whatever", 1))));
    assert_false(ok(ask(f, rina, json_pack("{s:s, s:s}", "request", "help", "as", "bela"))));
}

static void what_changed_is_said(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], omar[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "omar", GH_OFFICER, ",roads,", omar);
    json_t *seen = ask(f, rina, RID("show", f->staged));
    assert_true(ok(ask(f, omar,
                       json_pack("{s:s, s:I, s:s}", "request", "caption", "id",
                                 (json_int_t)f->staged, "caption", "other words"))));
    json_t *o = RID("approve", f->staged);
    json_object_set(o, "handle", json_object_get(seen, "handle"));
    json_decref(seen);
    json_t *no = ask(f, rina, o);
    assert_string_equal(gh_j_text(no, "why"), "changed");
    assert_int_equal(json_array_size(json_object_get(no, "changes")), 2);
    json_decref(no);
    assert_true(ok(approve(f, rina, f->staged)));
    /* what is approved, an officer words no more */
    refused(ask(f, omar,
                json_pack("{s:s, s:I, s:s}", "request", "caption", "id", (json_int_t)f->staged,
                          "caption", "third words")),
            "state");
    assert_true(ok(ask(f, rina, RID("undo", f->staged))));
    assert_true(ok(ask(f, omar, RID("recall", f->staged))));
    refused(approve(f, rina, f->staged), "state");
}

/* ----------------------------------------------------------------------------------- visibility */

static size_t n_found(struct fix *f, const char *token, const char *text)
{
    json_t *reply = ask(
        f, token, json_pack("{s:s, s:s, s:s}", "request", "queue", "state", "all", "text", text));
    assert_true(json_is_true(json_object_get(reply, "ok")));
    size_t n = json_array_size(json_object_get(reply, "items"));
    json_decref(reply);
    return n;
}

/* What is the approver's alone stays so beside a question, and a question that is not there is told
 * as all that is not there. */
static void the_agency_asks_and_holds_nothing(void **state)
{
    struct fix *f = *state;
    char agency[GH_TOKEN_HEX];
    add_user(f, "agni", GH_AGENCY, "", agency);
    static const char *const flags[] = {"hold", "urgent"};
    for (size_t i = 0; i < GH_LEN(flags); i++)
        refused(ask(f, agency,
                    json_pack("{s:s, s:I, s:s, s:b}", "request", "ask", "id", (json_int_t)f->out,
                              "text", "Who?", flags[i], 1)),
                "role");
    refused(ask(f, agency, json_pack("{s:s, s:i}", "request", "question", "question", 999)),
            "gone");
}

static void each_sees_what_is_theirs(void **state)
{
    struct fix *f = *state;
    char agency[GH_TOKEN_HEX], roads[GH_TOKEN_HEX], both[GH_TOKEN_HEX], viewer[GH_TOKEN_HEX];
    add_user(f, "agni", GH_AGENCY, "", agency);
    add_user(f, "omar", GH_OFFICER, ",roads,", roads);
    add_user(f, "bina", GH_OFFICER | GH_AGENCY, ",roads,", both);
    add_user(f, "vela", GH_VIEWER, "", viewer);
    static const char *const looking[] = {"show", "log", "file"};
    const struct {
        const char *token;
        bool staged, out;
        size_t n;
    } rows[] = {{agency, false, true, 1},
                {roads, true, false, 1},
                {both, true, true, 2},
                {viewer, true, true, 2}};
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        assert_true(ok(ask(f, rows[i].token, RID("show", f->staged))) == rows[i].staged);
        assert_true(ok(ask(f, rows[i].token, RID("show", f->out))) == rows[i].out);
        json_t *list = ask(f, rows[i].token, R1("list"));
        assert_int_equal(json_array_size(json_object_get(list, "items")), rows[i].n);
        json_decref(list);
    }
    /* not there and not for you: told alike */
    for (size_t i = 0; i < GH_LEN(looking); i++) {
        json_t *a = json_pack("{s:s, s:I, s:i}", "request", looking[i], "id", (json_int_t)f->out,
                              "rendition", 1);
        json_t *b = json_pack("{s:s, s:I, s:i}", "request", looking[i], "id", (json_int_t)999,
                              "rendition", 1);
        a = ask(f, roads, a);
        b = ask(f, roads, b);
        assert_string_equal(gh_j_text(a, "why"), "gone");
        assert_true(json_equal(a, b));
        json_decref(a);
        json_decref(b);
    }
    /* the agency sees no state, word or output that is not out, and none of the original */
    json_t *show = ask(f, agency, RID("show", f->out)), *item = json_object_get(show, "item");
    GH_AUTO_FREE char *text = json_dumps(show, 0);
    assert_int_equal(json_array_size(json_object_get(item, "renditions")), 1);
    assert_null(strstr(text, "x.photo"));
    assert_true(json_is_null(json_object_get(show, "set_hash")));
    assert_string_equal(gh_j_text(item, "caption"), "words");
    assert_string_equal(gh_j_text(item, "state"), "decided");
    json_t *file = json_array_get(json_object_get(item, "files"), 0);
    assert_null(json_object_get(file, "sha256"));
    assert_null(json_object_get(file, "probe"));
    json_decref(show);
    OK(gh_ledger_set_caption(f->d.ledger, NULL, f->out, "words that nobody let out", &err));
    show = ask(f, agency, RID("show", f->out));
    assert_string_equal(gh_j_text(json_object_get(show, "item"), "caption"), "words");
    json_decref(show);
    /* nor does it find the item by them, as whoever sees all of it does */
    assert_int_equal(n_found(f, agency, "nobody let out"), 0);
    assert_int_equal(n_found(f, both, "nobody let out"), 0);
    assert_int_equal(n_found(f, viewer, "nobody let out"), 1);
    /* an officer who is of the agency, too, is that of the own department only */
    refused(ask(f, both, RID("log", f->out)), "gone");
    refused(ask(f, both, RID("recall", f->out)), "gone");
    refused(ask(f, both,
                json_pack("{s:s, s:I, s:s}", "request", "caption", "id", (json_int_t)f->out,
                          "caption", "x")),
            "gone");
    assert_true(ok(ask(f, both, RID("log", f->staged))));
    assert_true(
        json_array_size(json_object_get(
            show = ask(f, agency, json_pack("{s:s, s:s}", "request", "list", "state", "staged")),
            "items")) == 0);
    json_decref(show);
    /* nor that something will take its place */
    int64_t newer = drop(f, "water", "c.jpg", NULL);
    OK(gh_ledger_replaces(f->d.ledger, NULL, newer, f->out, &err));
    show = ask(f, agency, RID("show", f->out));
    item = json_object_get(show, "item");
    assert_true(json_is_null(json_object_get(item, "replaced_by")));
    json_decref(show);
    refused(ask(f, agency, RID("show", newer)), "gone");
    /* it cannot collect what it does not see */
    refused(ask(f, agency,
                json_pack("{s:s, s:I, s:[s]}", "request", "collected", "id", (json_int_t)f->out,
                          "placements", "x.photo")),
            "gone");
    refused(ask(f, agency, RID("collected", f->staged)), "gone");
    assert_true(ok(ask(f, agency, RID("collected", f->out))));
}

/* The numbers in the queue for that request, in order. */
static void queue_is(struct fix *f, const char *token, json_t *o, const char *want)
{
    GH_AUTO_STR got = {0};
    json_object_set_new(o, "request", json_string("queue"));
    json_t *q = ask(f, token, o), *item;
    size_t i;
    json_array_foreach (json_object_get(q, "items"), i, item)
        gh_str_printf(&got, "%" PRId64 " ", gh_j_int(item, "id"));
    if (!gh_streq(gh_str_text(&got), want))
        fail_msg("queue: %s, should be %s (%s)", gh_str_text(&got), want, gh_j_text(q, "error"));
    json_decref(q);
}

static void the_queue_is_in_order_searched_and_paged(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], omar[GH_TOKEN_HEX], agni[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "omar", GH_OFFICER, ",roads,", omar);
    add_user(f, "agni", GH_AGENCY, "", agni);
    drop(f, "roads", "100% done_.jpg", NULL); /* 3 */
    drop(f, "water", "সেতু.jpg", NULL);        /* 4 */
    OK(gh_ledger_set_caption(f->d.ledger, NULL, 4, "উদ্বোধন of the bridge", &err));
    OK(gh_ledger_set_urgent(f->d.ledger, NULL, 3, true, &err));
    queue_is(f, rina, json_object(), "3 1 2 4 ");
    queue_is(f, rina, json_pack("{s:i}", "limit", 2), "3 1 ");
    queue_is(f, rina, json_pack("{s:i, s:i}", "limit", 2, "before", 1), "2 4 ");
    queue_is(f, rina, json_pack("{s:i}", "before", 4), "");
    queue_is(f, rina, json_pack("{s:s}", "department", "roads"), "3 1 ");
    queue_is(f, rina, json_pack("{s:s}", "text", "উদ্বোধন"), "4 ");
    queue_is(f, rina, json_pack("{s:s}", "text", "সেতু"), "4 ");
    queue_is(f, rina, json_pack("{s:s}", "text", "#2"), "2 ");
    queue_is(f, rina, json_pack("{s:s}", "text", "100% done_"), "3 ");
    queue_is(f, rina, json_pack("{s:s}", "text", "100_"), "");
    queue_is(f, rina, json_pack("{s:s}", "text", "%"), "3 ");
    queue_is(f, rina, json_pack("{s:s}", "text", "'; DROP TABLE person"), "");
    queue_is(f, rina, json_pack("{s:s}", "from", "2020-01-01"), "");
    queue_is(f, rina, json_pack("{s:s, s:s}", "from", "1969-12-30", "to", "1970-01-02"),
             "3 1 2 4 ");
    queue_is(f, rina, json_pack("{s:s}", "state", "all"), "4 3 2 1 ");
    queue_is(f, rina, json_pack("{s:s, s:i}", "state", "all", "before", 3), "2 1 ");
    queue_is(f, rina, json_pack("{s:s}", "state", "held"), "");
    queue_is(f, rina, json_pack("{s:s}", "state", "published"), "");
    queue_is(f, omar, json_object(), "3 1 ");
    queue_is(f, omar, json_pack("{s:s}", "text", "#4"), "");
    queue_is(f, agni, json_object(), "");
    queue_is(f, agni, json_pack("{s:s}", "state", "all"), "2 ");
    json_t *q = ask(f, omar, R1("queue"));
    assert_int_equal(gh_j_int(q, "waiting"), 2);
    assert_int_equal(json_object_size(json_object_get(q, "counts")), 1);
    assert_int_equal(gh_j_int(json_object_get(q, "counts"), "roads"), 2);
    assert_int_equal(gh_j_int(q, "oldest_ms"), 5);
    json_t *card = json_array_get(json_object_get(q, "items"), 0);
    assert_int_equal(json_array_size(json_object_get(card, "renditions")), 2);
    assert_int_equal(gh_j_int(card, "n_files"), 1);
    json_decref(q);
    q = ask(f, agni, json_pack("{s:s, s:s}", "request", "queue", "state", "all"));
    assert_int_equal(gh_j_int(q, "waiting"), 1);
    json_decref(q);
}

/* All that a person is told of one item, but for the handle, which is drawn at random. */
static json_t *told(struct fix *f, const char *token, int64_t id)
{
    static const char *const states[] = {"staged",     "held",      "rejected", "approved",
                                         "publishing", "published", "decided"};
    json_t *all = json_array();
    json_t *show = ask(f, token, RID("show", id));
    assert_true(json_is_true(json_object_get(show, "ok")));
    json_object_del(show, "handle");
    json_array_append_new(all, show);
    json_array_append_new(all, ask(f, token, RID("log", id)));
    json_array_append_new(all, ask(f, token, R1("list")));
    for (size_t i = 0; i < GH_LEN(states); i++) {
        json_array_append_new(
            all, ask(f, token, json_pack("{s:s, s:s}", "request", "list", "state", states[i])));
        json_array_append_new(
            all, ask(f, token, json_pack("{s:s, s:s}", "request", "queue", "state", states[i])));
    }
    return all;
}

static void is_told_the_same(struct fix *f, const char *token, int64_t id, const json_t *before,
                             const char *after)
{
    json_t *now = told(f, token, id);
    for (size_t i = 0; i < json_array_size(now); i++) {
        GH_AUTO_FREE char *was = json_dumps(json_array_get(before, i), JSON_SORT_KEYS);
        GH_AUTO_FREE char *is = json_dumps(json_array_get(now, i), JSON_SORT_KEYS);
        if (!gh_streq(was, is))
            fail_msg("after %s, answer %zu is\n%.900s\nand was\n%.900s", after, i, is, was);
    }
    json_decref(now);
}

static json_t *with_reason(const char *request, int64_t id)
{
    return json_pack("{s:s, s:I, s:s, s:[s]}", "request", request, "id", (json_int_t)id, "reason",
                     "not this one", "placements", "fb.photo");
}

/* What everybody else is told of the rendition for Facebook. */
static void state_is(struct fix *f, const char *token, int64_t id, const char *want)
{
    json_t *show = ask(f, token, RID("show", id));
    json_t *places = json_object_get(json_object_get(show, "item"), "placements");
    assert_string_equal(gh_j_text(places, "fb.photo"), want);
    json_decref(show);
}

/* The state that the stream of changes tells. */
static void change_is(struct fix *f, const char *token, int64_t id, const char *want)
{
    static struct gh_changes ring;
    char place[GH_PLACE_BYTES];
    gh_changes_init(&ring);
    gh_changes_place(&ring, place);
    gh_changes_add(&ring, id);
    f->parts.changes = &ring;
    json_t *said = ask(f, token, json_pack("{s:s, s:s}", "request", "changes", "after", place));
    json_t *first = json_array_get(json_object_get(said, "changes"), 0);
    assert_string_equal(gh_j_text(first, "state"), want);
    json_decref(said);
    f->parts.changes = NULL;
}

/* To its department a decision is made when the outside may know of it: not while it can be undone,
 * and never when it was. */
static void a_department_is_told_when_it_is_out(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], vela[GH_TOKEN_HEX], omar[GH_TOKEN_HEX], both[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    add_user(f, "vela", GH_VIEWER, "", vela);
    add_user(f, "omar", GH_OFFICER, ",roads,water,", omar);
    add_user(f, "bina", GH_OFFICER | GH_AGENCY, ",roads,", both);
    json_t *before = told(f, omar, f->staged), *agency = told(f, both, f->staged);
    const struct {
        json_t *ask;
        const char *is;
    } rows[] = {{with_reason("hold", f->staged), "held"},
                {with_reason("reject", f->staged), "rejected"},
                {NULL, "approved"}};
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        assert_true(ok(rows[i].ask ? ask(f, rina, rows[i].ask) : approve(f, rina, f->staged)));
        state_is(f, vela, f->staged, rows[i].is);
        is_told_the_same(f, omar, f->staged, before, rows[i].is);
        is_told_the_same(f, both, f->staged, agency, rows[i].is);
        change_is(f, omar, f->staged, "staged");
        assert_true(ok(ask(f, rina, RID("undo", f->staged))));
        state_is(f, vela, f->staged, "staged");
        is_told_the_same(f, omar, f->staged, before, "undo");
    }
    json_decref(before);
    json_decref(agency);

    /* other words for what is out */
    OK(gh_ledger_set_caption(f->d.ledger, NULL, f->out, "better words", &err));
    before = told(f, omar, f->out);
    assert_true(ok(approve(f, rina, f->out)));
    is_told_the_same(f, omar, f->out, before, "approval of other words");
    json_decref(before);

    /* and out it is told, with what was said */
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    assert_true(ok(approve(f, rina, f->staged)));
    OK(gh_ledger_get(f->d.ledger, f->staged, &item, &err));
    OK(gh_ledger_publishing(f->d.ledger, NULL, f->staged, item.renditions[0].decision, &err));
    state_is(f, omar, f->staged, "publishing");
    change_is(f, omar, f->staged, "decided");
    json_t *log = ask(f, omar, RID("log", f->staged)), *row;
    size_t i, approvals = 0, undone = 0;
    json_array_foreach (json_object_get(log, "rows"), i, row) {
        approvals += gh_streq(gh_j_text(row, "action"), "approve");
        undone += gh_streq(gh_j_text(row, "action"), "undo");
    }
    assert_int_equal(approvals, 1);
    assert_int_equal(undone, 0);
    json_decref(log);
}

static void urgent_by(struct fix *f, const char *token, int64_t id, bool at_once)
{
    json_t *answer = approve(f, token, id);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    assert_true(json_is_string(json_object_get(answer, "out_at")) != at_once);
    json_decref(answer);
}

/* A department that calls something urgent has an earlier turn, and nobody's minute. */
static void only_the_authority_hurries_itself(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER, "", rina);
    f->urgent = true;
    int64_t theirs = drop(f, "roads", "!now.jpg", NULL);
    f->urgent = false;
    int64_t ours = drop(f, "roads", "later.jpg", NULL);
    OK(gh_ledger_set_urgent(f->d.ledger, NULL, ours, true, &err));
    urgent_by(f, rina, theirs, false);
    urgent_by(f, rina, ours, true);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(f->d.ledger, theirs, &item, &err));
    assert_true(item.sub.urgent && !item.sub.urgent_by_authority);
    assert_int_equal(item.renditions[0].undo_ms, 60000);
    gh_item_free(&item);
    OK(gh_ledger_get(f->d.ledger, ours, &item, &err));
    assert_true(item.sub.urgent && item.sub.urgent_by_authority);
    assert_int_equal(item.renditions[0].undo_ms, 0);
}

static void questions_are_the_departments(void **state)
{
    struct fix *f = *state;
    char roads[GH_TOKEN_HEX], water[GH_TOKEN_HEX], agni[GH_TOKEN_HEX];
    add_user(f, "omar", GH_OFFICER, ",roads,", roads);
    add_user(f, "wali", GH_OFFICER, ",water,", water);
    add_user(f, "agni", GH_AGENCY, "", agni);
    json_t *o = json_pack("{s:s, s:I, s:b, s:s}", "request", "ask", "id", (json_int_t)f->staged,
                          "urgent", 1, "text", "Which bridge?");
    refused(ask(f, roads, json_deep_copy(o)), "role");
    refused(ask(f, agni, json_deep_copy(o)), "gone"); /* not out: it does not know of it */
    GH_AUTO_FREE char *line = json_dumps(o, 0);
    json_decref(o);
    static const char card[] = "[department]\nfolder = Roads\nslug = roads\n";
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    free(f->d.settings.conf.dir);
    f->d.settings.conf.dir = gh_strdup(f->dir.path);
    assert_int_equal(mkdirat(f->dir.fd, "departments", 0755), 0);
    OK(gh_write_file(f->dir.fd, "departments/roads.conf", card, strlen(card), 0644, &err));
    gh_departments_load(&f->d.settings.conf, &f->d.settings.departments, &problems);
    assert_int_equal(problems.n, 0);
    json_t *asked = say(f, false, line);
    assert_string_equal(gh_j_text(asked, "error"), "");
    json_decref(asked);
    const struct {
        const char *token;
        size_t n;
    } rows[] = {{roads, 1}, {water, 0}, {agni, 1}};
    for (size_t i = 0; i < GH_LEN(rows); i++) {
        json_t *list = ask(f, rows[i].token, R1("questions"));
        assert_int_equal(json_array_size(json_object_get(list, "questions")), rows[i].n);
        json_decref(list);
        list = ask(f, rows[i].token, R1("question-counts"));
        assert_int_equal(gh_j_int(list, "open"), rows[i].n);
        assert_int_equal(gh_j_int(list, "answered"), 0);
        json_decref(list);
    }
    o = json_pack("{s:s, s:i, s:s}", "request", "answer", "question", 1, "text", "The new one.");
    refused(ask(f, water, json_deep_copy(o)), "gone");
    refused(ask(f, agni, json_deep_copy(o)), "role");
    assert_true(ok(ask(f, roads, o)));
    char actor[160];
    last_actor(f, actor);
    assert_string_equal(actor, "user:omar (officer) by desk");
    /* an answer is news for those who asked */
    json_t *counts = ask(f, agni, R1("question-counts"));
    assert_int_equal(gh_j_int(counts, "answered"), 1);
    assert_int_equal(gh_j_int(counts, "open"), 0);
    json_decref(counts);
    counts = ask(f, roads, R1("question-counts"));
    assert_int_equal(gh_j_int(counts, "answered"), 0);
    json_decref(counts);
    static const char *const wrong[] = {"",   "x",   "1",    ".",     ".0",
                                        "1.", "1.x", "-1.2", "1.2.3", " 1.2"};
    for (size_t i = 0; i < GH_LEN(wrong); i++)
        assert_false(
            ok(ask(f, agni, json_pack("{s:s, s:s}", "request", "questions", "after", wrong[i]))));
    assert_true(ok(ask(
        f, agni, json_pack("{s:s, s:s, s:i}", "request", "questions", "after", ".7", "limit", 1))));
}

static void an_officer_words_only_the_own(void **state)
{
    struct fix *f = *state;
    char omar[GH_TOKEN_HEX];
    add_user(f, "omar", GH_OFFICER, ",roads,", omar);
    json_t *o = json_pack("{s:s, s:I, s:s, s:s, s:i}", "request", "caption", "id",
                          (json_int_t)f->out, "caption", "c", "text", "t", "file", 1);
    refused(ask(f, omar, json_deep_copy(o)), "gone");
    json_object_set_new(o, "request", json_string("alt"));
    refused(ask(f, omar, json_deep_copy(o)), "gone");
    json_object_set_new(o, "request", json_string("recall"));
    refused(ask(f, omar, o), "gone");
}

static void who_sent_it_does_not_approve_it(void **state)
{
    struct fix *f = *state;
    char rina[GH_TOKEN_HEX], bela[GH_TOKEN_HEX];
    add_user(f, "rina", GH_APPROVER | GH_OFFICER, ",roads,", rina);
    add_user(f, "bela", GH_APPROVER, "", bela);
    int64_t sent = drop(f, "roads", "own.jpg", "rina");
    json_t *show = ask(f, bela, RID("show", sent));
    assert_string_equal(gh_j_text(json_object_get(show, "item"), "sender"), "rina");
    json_decref(show);
    refused(approve(f, rina, sent), "role");
    assert_true(ok(ask(f, rina, RID("hold", sent))));
    assert_true(ok(approve(f, rina, f->staged))); /* dropped: nobody sent it */
    assert_true(ok(approve(f, bela, sent)));
    assert_true(ok(ask(f, bela, RID("undo", sent))));
    f->d.settings.conf.self_approval = true;
    assert_true(ok(approve(f, rina, sent)));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(every_request_and_every_role),
        T(a_taken_over_desk_has_no_power),
        T(the_audit_names_the_person),
        T(what_changed_is_said),
        T(each_sees_what_is_theirs),
        T(the_agency_asks_and_holds_nothing),
        T(the_queue_is_in_order_searched_and_paged),
        T(a_department_is_told_when_it_is_out),
        T(only_the_authority_hurries_itself),
        T(questions_are_the_departments),
        T(an_officer_words_only_the_own),
        T(who_sent_it_does_not_approve_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
