/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the agency says of what it collected: once, by whoever comes first, and it stays. */
#include "tests/unit/ledger_fix.h"

static const struct gh_who bela = {.actor = "user:bela (agency) by desk"};
static const struct gh_who dipu = {.actor = "user:dipu (agency) by desk"};

static int64_t out(struct fix *f, const char *name)
{
    int64_t id = staged(f, name);
    struct gh_err e;
    assert_int_equal(decide(f, GH_APPROVE, id, "fb.photo", NULL, &e), 0);
    publish(f, id);
    return id;
}

static struct gh_rendition *named(struct gh_item *item, const char *placement)
{
    for (size_t i = 0; i < item->n_renditions; i++)
        if (!strcmp(item->renditions[i].placement, placement))
            return &item->renditions[i];
    fail_msg("no %s", placement);
    return NULL;
}

static size_t outgoing(struct fix *f, int64_t since)
{
    int64_t ids[16];
    struct gh_err e;
    int n = gh_ledger_outgoing(f->l, since, 0, ids, 16, &e);
    assert_true(n >= 0);
    int unread = gh_ledger_unread(f->l, ids, 16, &e);
    assert_true(unread >= 0);
    return (size_t)n + (size_t)unread;
}

static void a_link_collects_once(void **state)
{
    struct fix *f = *state;
    struct gh_item item;
    unsigned changed = 9;
    int64_t id = out(f, "a.jpg"), other = out(f, "b.jpg");
    OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", "https://example.org/p/1", &changed, err));
    assert_int_equal(changed, 1);
    assert_string_equal(ren_state(f, id, "fb.photo"), "collected");
    OK(gh_ledger_get(f->l, id, &item, err));
    int64_t when = item.sub.posted_ms;
    assert_true(when > 0);
    assert_string_equal(named(&item, "fb.photo")->collected_by, bela.actor);
    assert_string_equal(gh_delivery_link(&item, "fb.photo"), "https://example.org/p/1");
    assert_null(gh_delivery_link(&item, "x.photo"));
    gh_item_free(&item);
    /* the same again, by somebody else: nothing new */
    OK(gh_ledger_posted(f->l, &dipu, id, "fb.photo", "https://example.org/p/1", &changed, err));
    assert_int_equal(changed, 0);
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.n_deliveries, 1);
    assert_string_equal(item.deliveries[0].actor, bela.actor);
    gh_item_free(&item);
    /* of another submission */
    REFUSED(GH_LIMIT,
            gh_ledger_posted(f->l, &bela, other, "fb.photo", "https://example.org/p/1", NULL, err));
    assert_string_equal(ren_state(f, other, "fb.photo"), "published");
    /* of what is not out */
    REFUSED(GH_LIMIT,
            gh_ledger_posted(f->l, &bela, id, "x.photo", "https://example.org/p/2", NULL, err));
    REFUSED(GH_LIMIT,
            gh_ledger_posted(f->l, &bela, id, "no.photo", "https://example.org/p/2", NULL, err));
    REFUSED(GH_USAGE,
            gh_ledger_posted(f->l, &bela, 99, "fb.photo", "https://example.org/p/2", NULL, err));
    /* no end of them */
    for (int i = 0; i < 19; i++) {
        char link[64];
        snprintf(link, sizeof(link), "http://example.org/q/%d", i);
        OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", link, NULL, err));
    }
    REFUSED(GH_LIMIT,
            gh_ledger_posted(f->l, &bela, id, "fb.photo", "https://example.org/last", NULL, err));
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.sub.posted_ms, when);
    gh_item_free(&item);
    chain_holds(f);
}

static void only_links_of_the_web(void **state)
{
    struct fix *f = *state;
    int64_t id = out(f, "a.jpg");
    char big[GH_LINK_MAX + 2];
    memset(big, 'a', sizeof(big));
    memcpy(big, "https://example.org/", 20);
    big[sizeof(big) - 1] = '\0';
    const char *const bad[] = {"",
                               "example.org/p/1",
                               "ftp://example.org/1",
                               "javascript:alert(1)",
                               "https://",
                               "https:///path",
                               "https://localhost/p",
                               "https://example.org/a b",
                               "https://example.org/\"onload=",
                               "https://facebook.com@example.org/",
                               "https://example.org/\n",
                               "https://example.org/\x7f",
                               "https://example.org/\xff",
                               " https://example.org/",
                               big,
                               NULL};
    for (size_t i = 0; i < GH_LEN(bad); i++)
        REFUSED(GH_LIMIT, gh_ledger_posted(f->l, &bela, id, "fb.photo", bad[i], NULL, err));
    assert_string_equal(ren_state(f, id, "fb.photo"), "published");
    static const char *const good[] = {"https://example.org", "HTTP://example.org/?a=1#b",
                                       "https://example.org/\u09aa\u09cb\u09b8\u09cd\u099f",
                                       "https://[2001:db8::1]/p", "https://example.org/@mayor"};
    for (size_t i = 0; i < GH_LEN(good); i++)
        OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", good[i], NULL, err));
    big[GH_LINK_MAX] = '\0';
    OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", big, NULL, err));
}

static void two_do_not_post_it_twice(void **state)
{
    struct fix *f = *state;
    struct gh_item item;
    struct gh_err e = {0};
    int64_t id = out(f, "a.jpg");
    OK(gh_ledger_take(f->l, &bela, id, "fb.photo", err));
    OK(gh_ledger_take(f->l, &bela, id, "fb.photo", err));
    assert_int_equal(gh_ledger_take(f->l, &dipu, id, "fb.photo", &e), -GH_LIMIT);
    assert_int_equal(e.code, EBUSY);
    assert_non_null(strstr(e.msg, "bela"));
    OK(gh_ledger_take_back(f->l, &dipu, id, "fb.photo", err)); /* not theirs: it stays */
    REFUSED(GH_LIMIT, gh_ledger_take(f->l, &dipu, id, "fb.photo", err));
    OK(gh_ledger_take_back(f->l, &bela, id, "fb.photo", err));
    OK(gh_ledger_take(f->l, &dipu, id, "fb.photo", err));
    /* a claim that is over is nobody's */
    struct gh_who later = bela;
    later.now_ms = gh_now_ms() + GH_TAKE_MS + 1;
    OK(gh_ledger_take(f->l, &later, id, "fb.photo", err));
    REFUSED(GH_LIMIT, gh_ledger_take(f->l, &bela, id, "x.photo", err));
    /* posted: nobody takes it any more, and the claim is gone */
    OK(gh_ledger_posted(f->l, &dipu, id, "fb.photo", "https://example.org/1", NULL, err));
    REFUSED(GH_LIMIT, gh_ledger_take(f->l, &dipu, id, "fb.photo", err));
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.n_takes, 0);
    gh_item_free(&item);
    chain_holds(f);
}

static bool count_refusal(int64_t submission, const struct gh_delivery *row, void *arg)
{
    assert_true(submission > 0 && *row->text);
    ++*(unsigned *)arg;
    return true;
}

static unsigned refusals(struct fix *f)
{
    unsigned n = 0;
    OK(gh_ledger_refusals(f->l, 50, count_refusal, &n, err));
    return n;
}

static void a_platform_refuses(void **state)
{
    struct fix *f = *state;
    struct gh_err e;
    int64_t id = out(f, "a.jpg");
    REFUSED(GH_LIMIT, gh_ledger_platform_refused(f->l, &bela, id, "fb.photo", "", err));
    REFUSED(GH_LIMIT, gh_ledger_platform_refused(f->l, &bela, id, "x.photo", "no", err));
    OK(gh_ledger_platform_refused(f->l, &bela, id, "fb.photo", "aspect ratio", err));
    assert_string_equal(ren_state(f, id, "fb.photo"), "collected");
    assert_int_equal(refusals(f), 1);
    /* it went through at last */
    OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", "https://example.org/1", NULL, err));
    assert_int_equal(refusals(f), 0);
    OK(gh_ledger_platform_refused(f->l, &bela, id, "fb.photo", "removed by moderation", err));
    assert_int_equal(refusals(f), 1);
    assert_int_equal(decide(f, GH_WITHDRAW, id, "fb.photo", "as the platform says", &e), 0);
    assert_int_equal(refusals(f), 0);
    chain_holds(f);
}

static void a_withdrawal_is_read_and_the_post_taken_down(void **state)
{
    struct fix *f = *state;
    struct gh_item item;
    struct gh_err e = {0};
    unsigned changed = 0;
    int64_t id = out(f, "a.jpg"), plain = out(f, "b.jpg");
    assert_int_equal(outgoing(f, INT64_MAX), 2);
    REFUSED(GH_LIMIT, gh_ledger_acknowledge(f->l, &bela, id, false, NULL, NULL, err));
    OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", "https://example.org/1", NULL, err));
    assert_int_equal(outgoing(f, INT64_MAX), 1); /* collected, and not since then */
    assert_int_equal(outgoing(f, 1), 2);
    assert_int_equal(decide(f, GH_WITHDRAW, id, "fb.photo", "wrong bridge", &e), 0);
    assert_int_equal(decide(f, GH_WITHDRAW, plain, "fb.photo", "wrong road", &e), 0);
    assert_int_equal(outgoing(f, INT64_MAX), 2);
    OK(gh_ledger_acknowledge(f->l, &bela, plain, false, NULL, &changed, err));
    assert_int_equal(changed, 1);
    OK(gh_ledger_acknowledge(f->l, &dipu, plain, false, NULL, &changed, err));
    assert_int_equal(changed, 0);
    /* what is public has to come down first */
    assert_int_equal(gh_ledger_acknowledge(f->l, &bela, id, false, NULL, &changed, &e), -GH_LIMIT);
    assert_int_equal(e.code, EBUSY);
    assert_int_equal(outgoing(f, INT64_MAX), 1);
    OK(gh_ledger_acknowledge(f->l, &bela, id, true, NULL, &changed, err));
    assert_int_equal(changed, 1);
    assert_int_equal(outgoing(f, INT64_MAX), 0);
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_null(gh_delivery_link(&item, "fb.photo"));
    assert_string_equal(named(&item, "fb.photo")->gone_by, bela.actor);
    gh_item_free(&item);
    /* it was posted all the same: it is on top again, until it is down */
    OK(gh_ledger_posted(f->l, &dipu, plain, "fb.photo", "https://example.org/2", NULL, err));
    assert_string_equal(ren_state(f, plain, "fb.photo"), "withdrawn");
    assert_int_equal(outgoing(f, INT64_MAX), 1);
    REFUSED(GH_LIMIT, gh_ledger_acknowledge(f->l, &bela, plain, false, NULL, NULL, err));
    OK(gh_ledger_acknowledge(f->l, &bela, plain, true, NULL, NULL, err));
    chain_holds(f);
}

static void handle(struct fix *f, int64_t id, char ret[static GH_GONE_HANDLE_MAX])
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(f->l, id, &item, err));
    gh_gone_handle(&item, ret);
}

/* Who has read of one withdrawal has not read of the next one, nor of a post that came since. */
static void only_what_was_shown_is_acknowledged(void **state)
{
    struct fix *f = *state;
    char seen[GH_GONE_HANDLE_MAX], later[GH_GONE_HANDLE_MAX];
    struct gh_err e;
    unsigned changed = 9;
    int64_t id = out(f, "a.jpg");
    assert_int_equal(decide(f, GH_APPROVE, id, "x.photo", NULL, &e), 0);
    publish(f, id);
    assert_int_equal(decide(f, GH_WITHDRAW, id, "fb.photo", "wrong bridge", &e), 0);
    handle(f, id, seen);
    assert_int_equal(decide(f, GH_WITHDRAW, id, "x.photo", "a child's face", &e), 0);
    assert_int_equal(gh_ledger_acknowledge(f->l, &bela, id, false, seen, &changed, &e), -GH_LIMIT);
    assert_int_equal(e.code, ESTALE);
    assert_int_equal(outgoing(f, INT64_MAX), 1);
    handle(f, id, later);
    /* bela has taken it down in her mind; dipu says that it stands somewhere */
    OK(gh_ledger_posted(f->l, &dipu, id, "x.photo", "https://example.org/3", NULL, err));
    assert_int_equal(gh_ledger_acknowledge(f->l, &bela, id, true, later, &changed, &e), -GH_LIMIT);
    assert_int_equal(e.code, ESTALE);
    handle(f, id, seen);
    OK(gh_ledger_acknowledge(f->l, &bela, id, true, seen, &changed, err));
    assert_int_equal(changed, 2);
    /* the other one, with the same page: known already, and no reason to look again */
    OK(gh_ledger_acknowledge(f->l, &dipu, id, true, seen, &changed, err));
    assert_int_equal(changed, 0);
}

static void what_was_said_stays(void **state)
{
    struct fix *f = *state;
    sqlite3 *raw;
    int64_t id = out(f, "a.jpg");
    OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", "https://example.org/1", NULL, err));
    assert_int_equal(sqlite3_open(f->path, &raw), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(raw, "DELETE FROM delivery", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(raw, "UPDATE delivery SET text = 'x'", NULL, NULL, NULL),
                         SQLITE_OK);
    sqlite3_close(raw);
}

static void the_report_counts_posts(void **state)
{
    struct fix *f = *state;
    GH_AUTO(gh_reports_free) struct gh_reports all = {0};
    static const int64_t ever[] = {0, INT64_MAX};
    const struct gh_report_ask ask = {.days = ever, .n_days = 1};
    int64_t id = out(f, "a.jpg");
    OK(gh_ledger_posted(f->l, &bela, id, "fb.photo", "https://example.org/1", NULL, err));
    OK(gh_ledger_report(f->l, &ask, &all, err));
    assert_int_equal(all.n, 1);
    assert_int_equal(all.list[0].n.posted, 1);
    assert_true(all.list[0].to_posted.median_ms >= 0);
}

static bool count_plea(const struct gh_plea *p, void *arg)
{
    assert_true(p->submission > 0 && !p->answered_ms);
    ++*(int *)arg;
    return true;
}

static int pleas(struct fix *f)
{
    int n = 0;
    OK(gh_ledger_pleas(f->l, 10, count_plea, &n, err));
    return n;
}

/* It waits until it is answered, or nothing is left to withdraw. */
static void a_department_asks_to_withdraw(void **state)
{
    static const struct gh_who omar = {.actor = "user:omar (officer) by desk"};
    struct fix *f = *state;
    struct gh_err e;
    struct gh_plea p = {0};
    int64_t id = out(f, "a.jpg"), other = out(f, "b.jpg"), inside = staged(f, "c.jpg");
    REFUSED(GH_LIMIT, gh_ledger_plead(f->l, &omar, id, NULL, err));
    REFUSED(GH_LIMIT, gh_ledger_plead(f->l, &omar, id, "", err));
    REFUSED(GH_LIMIT, gh_ledger_plead(f->l, &omar, inside, "wrong bridge", err));
    REFUSED(GH_LIMIT, gh_ledger_plead(f->l, &omar, 99, "wrong bridge", err));
    REFUSED(GH_LIMIT, gh_ledger_plea_answer(f->l, &omar, id, "it is right", err));
    OK(gh_ledger_plead(f->l, &omar, id, "wrong bridge", err));
    REFUSED(GH_LIMIT, gh_ledger_plead(f->l, &omar, id, "wrong bridge", err));
    OK(gh_ledger_plead(f->l, &omar, other, "wrong road", err));
    assert_int_equal(pleas(f), 2);
    OK(gh_ledger_plea_answer(f->l, &bela, id, "it is right", err));
    assert_int_equal(pleas(f), 1);
    assert_int_equal(gh_ledger_plea(f->l, id, &p, &e), 1);
    assert_string_equal(p.text, "wrong bridge");
    assert_string_equal(p.by, omar.actor);
    assert_string_equal(p.answer, "it is right");
    gh_plea_free(&p);
    OK(gh_ledger_plead(f->l, &omar, id, "it is not", err));
    assert_int_equal(pleas(f), 2);
    assert_int_equal(decide(f, GH_WITHDRAW, other, "fb.photo", "wrong road", &e), 0);
    assert_int_equal(pleas(f), 1);
    assert_int_equal(gh_ledger_plea(f->l, other, &p, &e), 0);
    assert_int_equal(decide(f, GH_APPROVE, other, "x.photo", NULL, &e), 0); /* out once more */
    publish(f, other);
    assert_int_equal(pleas(f), 1);
    OK(gh_ledger_plead(f->l, &omar, other, "again the wrong road", err));
    assert_int_equal(pleas(f), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_link_collects_once),
        T(only_links_of_the_web),
        T(two_do_not_post_it_twice),
        T(a_platform_refuses),
        T(a_withdrawal_is_read_and_the_post_taken_down),
        T(only_what_was_shown_is_acknowledged),
        T(what_was_said_stays),
        T(the_report_counts_posts),
        T(a_department_asks_to_withdraw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
