/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions in random sequences, by what was shown or by what is there, on all or on some, against
 * a small reference: it knows no SQL and no hashes, only what people saw and what they said. */
#include "tests/unit/ledger_fix.h"

#include <inttypes.h>

#define FILES 3
#define PLACES 2
#define N (FILES * PLACES)
#define LOOKS 8
#define STEPS 2500
#define ROUNDS 3

#define S(id) (1u << GH_REN_##id)
#define OUT (S(APPROVED) | S(PUBLISHING) | S(PUBLISHED) | S(COLLECTED))

/* One rendition as somebody sees it; words and bytes are numbers that never come again. */
struct seen {
    enum gh_ren_state state;
    bool there;
    unsigned bytes, caption, alt;
};

/* A hold or a rejection that nobody outside has seen. */
struct turn {
    enum gh_ren_state to;
    bool covers[N];
    unsigned bytes[N];
};
#define TURNS 64

struct model {
    enum gh_ren_state state[N];
    unsigned bytes[N];
    bool decided[N]; /* these bytes, with these words */
    unsigned said_caption[N], said_alt[N];
    bool pending[N]; /* in an approval that can still be undone … */
    bool out[N];     /* … and what the outside sees meanwhile */
    unsigned out_caption[N], out_alt[N];
    unsigned common, own[PLACES], alt[FILES];
    unsigned last; /* number given */
    struct turn turns[TURNS];
    unsigned n_turns;
    bool frozen, embargo, was_out;
    unsigned order; /* which of orders[] */
    int64_t old;    /* another submission, all of it out before … */
    bool replaces;  /* … which this one takes the place of, when it goes out … */
    bool old_gone;  /* … and has */
    struct {
        char handle[GH_HANDLE];
        struct seen r[N];
        unsigned order;
        bool replaces;
    } looks[LOOKS];
    unsigned n_looks;
};

static uint32_t dice = 1;

static unsigned roll(unsigned n)
{
    dice ^= dice << 13;
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % n;
}

static unsigned caption_now(const struct model *m, unsigned r)
{
    return m->own[r % PLACES] ? m->own[r % PLACES] : m->common;
}

static struct seen now(const struct model *m, unsigned r)
{
    return (struct seen){.state = m->state[r],
                         .there = m->state[r] != GH_REN_DUE,
                         .bytes = m->bytes[r],
                         .caption = caption_now(m, r),
                         .alt = m->alt[r / PLACES]};
}

/* --------------------------------------------------------------------------- what should come out
 */

static const struct {
    unsigned from, named, done;
    enum gh_ren_state to;
} law[GH_VERDICTS] = {
    [GH_APPROVE] = {S(STAGED), S(HELD), OUT, GH_REN_APPROVED},
    [GH_HOLD] = {S(STAGED), 0, S(HELD), GH_REN_HELD},
    [GH_RELEASE] = {S(HELD), 0, S(STAGED), GH_REN_STAGED},
    [GH_REJECT] = {S(STAGED) | S(HELD), 0, S(REJECTED), GH_REN_REJECTED},
    [GH_WITHDRAW] = {OUT, 0, S(WITHDRAWN), GH_REN_WITHDRAWN},
    [GH_COLLECT] = {S(PUBLISHED), 0, S(COLLECTED), GH_REN_COLLECTED},
    [GH_RERENDER] = {S(STAGED) | S(HELD) | S(REJECTED), 0, S(DUE), GH_REN_DUE},
};

struct wish {
    enum gh_verdict verdict;
    const struct seen *look; /* NULL: whatever is there */
    unsigned order;          /* that was seen */
    bool replaces;           /* that was, too */
    unsigned places, files;  /* bits; 0: all */
};

static bool meant(const struct wish *w, unsigned r)
{
    return (!w->places || (w->places >> r % PLACES & 1u)) &&
           (!w->files || (w->files >> r / PLACES & 1u)) && (!w->look || w->look[r].there);
}

/* Which take it; false: it must be refused. */
static bool judge(const struct model *m, const struct wish *w, bool take[N])
{
    bool approve = w->verdict == GH_APPROVE, done[N] = {0}, any = false, some_done = false;
    unsigned from = law[w->verdict].from;
    for (int round = 0; round < 2 && !any; round++, from |= law[w->verdict].named) {
        unsigned of = from | (w->places || w->files ? law[w->verdict].named : 0);
        for (unsigned r = 0; r < N; r++) {
            done[r] = meant(w, r) && (law[w->verdict].done >> m->state[r] & 1u);
            some_done |= done[r];
            unsigned state = approve && w->look ? w->look[r].state : m->state[r];
            take[r] = meant(w, r) && !done[r] && (of >> state & 1u);
            any |= take[r];
        }
    }
    for (unsigned r = 0; r < N; r++)
        if (approve && done[r] &&
            (!m->decided[r] || m->said_caption[r] != caption_now(m, r) ||
             m->said_alt[r] != m->alt[r / PLACES]))
            take[r] = any = true;
    for (unsigned bit = 0; bit < PLACES + FILES; bit++) { /* each one named must be good for it */
        bool good = false;
        if (bit < PLACES ? !(w->places >> bit & 1u) : !(w->files >> (bit - PLACES) & 1u))
            continue;
        for (unsigned r = 0; r < N; r++)
            good |= (bit < PLACES ? r % PLACES == bit : r / PLACES == bit - PLACES) &&
                    (take[r] || done[r]);
        if (!good)
            return false;
    }
    if (approve && w->look && any && (w->order != m->order || w->replaces != m->replaces))
        return false;
    for (unsigned r = 0; w->look && r < N; r++) { /* and as it was seen */
        struct seen is = now(m, r);
        if (take[r] && (is.bytes != w->look[r].bytes ||
                        (approve && (is.caption != w->look[r].caption || is.alt != w->look[r].alt ||
                                     (is.state != w->look[r].state && !done[r])))))
            return false;
    }
    return any || some_done;
}

/* The hold or rejection that a rendition is in and that can be undone; -1 none. */
static int turn_of(const struct model *m, unsigned r)
{
    for (unsigned t = m->n_turns; t-- > 0;)
        if (m->turns[t].covers[r])
            return m->turns[t].to == m->state[r] && m->turns[t].bytes[r] == m->bytes[r] ? (int)t
                                                                                        : -1;
    return -1;
}

/* Turns that no rendition is in any more. */
static void tidy(struct model *m)
{
    unsigned n = 0;
    bool alive[TURNS] = {0};
    for (unsigned r = 0; r < N; r++)
        if (turn_of(m, r) >= 0)
            alive[turn_of(m, r)] = true;
    for (unsigned t = 0; t < m->n_turns; t++)
        if (alive[t])
            m->turns[n++] = m->turns[t];
    m->n_turns = n;
}

static void take_turn(struct model *m, enum gh_ren_state to, const bool take[N])
{
    struct turn *t = &m->turns[m->n_turns++];
    assert_true(m->n_turns <= TURNS);
    *t = (struct turn){.to = to};
    memcpy(t->covers, take, sizeof(t->covers));
    memcpy(t->bytes, m->bytes, sizeof(t->bytes));
}

static void carry_out(struct model *m, const struct wish *w, const bool take[N])
{
    for (unsigned r = 0; r < N; r++) {
        if (!take[r])
            continue;
        if (w->verdict != GH_APPROVE || !(OUT >> m->state[r] & 1u))
            m->state[r] = law[w->verdict].to;
        if (w->verdict == GH_APPROVE) {
            m->decided[r] = m->pending[r] = true;
            m->said_caption[r] = caption_now(m, r);
            m->said_alt[r] = m->alt[r / PLACES];
        }
    }
    bool any = false;
    for (unsigned r = 0; r < N; r++)
        any |= take[r];
    if (any && (w->verdict == GH_HOLD || w->verdict == GH_REJECT))
        take_turn(m, law[w->verdict].to, take);
    if (any)
        tidy(m);
}

/* ----------------------------------------------------------------------------------- what is done
 */

static unsigned index_of(const struct gh_item *item, const struct gh_rendition *r)
{
    return (gh_file_number(item, r->file) - 1) * PLACES + !strcmp(r->placement, two[1]);
}

static void text_of(unsigned number, char ret[16])
{
    snprintf(ret, 16, "%.0u", number); /* "" for 0 */
}

static void compare(struct fix *f, const struct model *m, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(f->l, id, &item, err));
    assert_int_equal(item.n_renditions, N);
    for (unsigned i = 0; i < N; i++) {
        const struct gh_rendition *r = &item.renditions[i];
        unsigned k = index_of(&item, r);
        char caption[16], alt[16];
        assert_string_equal(gh_ren_state_name(r->state), gh_ren_state_name(m->state[k]));
        assert_int_equal(r->turned > 0, turn_of(m, k) >= 0);
        if (!(OUT >> r->state & 1u))
            continue;
        text_of(m->said_caption[k], caption);
        text_of(m->said_alt[k], alt);
        assert_true(r->decision > 0);
        assert_string_equal(r->approved_caption, caption);
        assert_string_equal(r->approved_alt, alt);
        assert_int_equal(r->out > 0, m->out[k]);
        if (!m->out[k])
            continue;
        text_of(m->out_caption[k], caption);
        text_of(m->out_alt[k], alt);
        assert_string_equal(r->out_caption, caption);
        assert_string_equal(r->out_alt, alt);
    }
}

static void look(struct fix *f, struct model *m, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    unsigned at = m->n_looks++ % LOOKS;
    bool any = false;
    for (unsigned r = 0; r < N; r++)
        any |= m->state[r] != GH_REN_DUE;
    OK(gh_ledger_get(f->l, id, &item, err));
    struct gh_err e;
    assert_int_equal(gh_ledger_see(f->l, NULL, &item, m->looks[at].handle, &e), any);
    if (!any) {
        m->n_looks--;
        return;
    }
    for (unsigned r = 0; r < N; r++)
        m->looks[at].r[r] = now(m, r);
    m->looks[at].order = m->order;
    m->looks[at].replaces = m->replaces;
}

static void say(struct fix *f, struct model *m, int64_t id)
{
    static const enum gh_verdict said[] = {GH_APPROVE, GH_APPROVE,  GH_APPROVE,
                                           GH_HOLD,    GH_RELEASE,  GH_REJECT,
                                           GH_COLLECT, GH_WITHDRAW, GH_RERENDER};
    unsigned at = m->n_looks ? roll(GH_MIN(m->n_looks, (unsigned)LOOKS)) : 0;
    bool take[N] = {0}, blind = !m->n_looks || roll(4) == 0;
    struct wish w = {.verdict = said[roll(GH_LEN(said))],
                     .look = blind ? NULL : m->looks[at].r,
                     .order = m->looks[at].order,
                     .replaces = m->looks[at].replaces,
                     .places = roll(2) ? 0 : roll(1u << PLACES),
                     .files = roll(2) ? 0 : roll(1u << FILES)};
    if (w.verdict == GH_WITHDRAW && roll(4))
        return; /* it is the end of a rendition */
    const char *places[PLACES];
    unsigned files[FILES], changed = 0, should = 0;
    struct gh_decision_req req = {.verdict = w.verdict,
                                  .submission = id,
                                  .placements = places,
                                  .files = files,
                                  .reason = "because",
                                  .undo_ms = 60000,
                                  .whatever = blind,
                                  .seen = blind ? NULL : m->looks[at].handle};
    for (unsigned p = 0; p < PLACES; p++)
        if (w.places >> p & 1u)
            places[req.n_placements++] = two[p];
    for (unsigned k = 0; k < FILES; k++)
        if (w.files >> k & 1u)
            files[req.n_files++] = k + 1;
    struct gh_err e = {0};
    bool yes = judge(m, &w, take);
    int r = gh_ledger_decide(f->l, NULL, &req, &changed, &e);
    if (r != (yes ? 0 : -GH_LIMIT))
        fail_msg("verdict %u is %d (%s), should be %d", w.verdict, r, e.msg, yes);
    if (!yes)
        return;
    for (unsigned k = 0; k < N; k++)
        should += take[k];
    assert_int_equal(changed, should);
    carry_out(m, &w, take);
}

static void write_words(struct fix *f, struct model *m, int64_t id)
{
    char text[16];
    unsigned what = roll(3), number = roll(3) ? ++m->last : 0;
    text_of(number, text);
    if (what == 0) {
        OK(gh_ledger_set_caption(f->l, NULL, id, text, err));
        m->common = number;
    } else if (what == 1) {
        unsigned p = roll(PLACES);
        OK(gh_ledger_set_caption_of(f->l, NULL, id, two[p], text, err));
        m->own[p] = number;
    } else {
        unsigned k = roll(FILES);
        OK(gh_ledger_set_alt(f->l, NULL, id, k + 1, text, err));
        m->alt[k] = number;
    }
}

/* Everything due is made again. */
static void make_due(struct fix *f, struct model *m, int64_t id)
{
    struct gh_claim c = {0};
    struct gh_err e;
    while (gh_ledger_claim(f->l, NULL, 7, 0, &c, NULL, &e) == 1) {
        GH_AUTO(gh_item_free) struct gh_item item = {0};
        OK(gh_ledger_get(f->l, id, &item, err));
        unsigned number = gh_file_number(&item, c.file);
        const char *places[PLACES];
        size_t n = 0;
        for (unsigned p = 0; p < PLACES; p++)
            if (m->state[(number - 1) * PLACES + p] == GH_REN_DUE)
                places[n++] = two[p];
        plan(f, &c, places, n);
        for (unsigned p = 0; p < PLACES; p++) {
            unsigned r = (number - 1) * PLACES + p;
            if (m->state[r] != GH_REN_DUE)
                continue;
            stage(f, &c, two[p]);
            m->state[r] = GH_REN_STAGED;
            m->bytes[r] = ++m->last;
            m->decided[r] = m->out[r] = false;
        }
        OK(gh_ledger_attempt_end(f->l, NULL, c.file, c.token, GH_ATTEMPT_DONE, NULL, 0, NULL, err));
        gh_claim_free(&c);
    }
}

static void go_out(struct fix *f, struct model *m, int64_t id)
{
    let_out(f, id);
    if (m->frozen)
        return;
    m->n_turns = 0;
    if (m->embargo)
        return;
    for (unsigned r = 0; r < N; r++) {
        m->was_out |= m->state[r] == GH_REN_APPROVED;
        m->old_gone |= m->replaces && m->state[r] == GH_REN_APPROVED;
        if (m->state[r] == GH_REN_APPROVED)
            m->state[r] = GH_REN_PUBLISHING;
        m->pending[r] = false;
        if (m->decided[r]) {
            m->out[r] = true;
            m->out_caption[r] = m->said_caption[r];
            m->out_alt[r] = m->said_alt[r];
        }
    }
}

static void undo(struct fix *f, struct model *m, int64_t id)
{
    unsigned should = 0, n = 0;
    struct gh_err e;
    for (unsigned r = 0; r < N; r++) {
        bool covered = m->pending[r];
        for (unsigned t = 0; t < m->n_turns; t++)
            covered |= m->turns[t].covers[r];
        should += covered;
    }
    assert_int_equal(gh_ledger_undo(f->l, NULL, id, &n, &e), should ? 0 : -GH_LIMIT);
    assert_int_equal(n, should);
    for (unsigned r = 0; r < N; r++) {
        if (m->state[r] == GH_REN_APPROVED || turn_of(m, r) >= 0)
            m->state[r] = GH_REN_STAGED;
        m->pending[r] = false;
        m->decided[r] = m->out[r];
        m->said_caption[r] = m->out_caption[r];
        m->said_alt[r] = m->out_alt[r];
    }
    m->n_turns = 0;
}

/* The gates, the order of the files, and what it takes the place of. */
static void arrange(struct fix *f, struct model *m, int64_t id)
{
    static const struct {
        size_t n;
        unsigned numbers[2];
    } orders[] = {{0, {0}}, {1, {2}}, {2, {3, 1}}};
    struct gh_err e;
    bool approved = false, set = roll(2);
    unsigned order = roll(GH_LEN(orders));
    for (unsigned r = 0; r < N; r++)
        approved |= m->state[r] == GH_REN_APPROVED;
    switch (roll(4)) {
    case 0:
        assert_int_equal(m->frozen ? gh_ledger_thaw(f->l, NULL, &e)
                                   : gh_ledger_freeze(f->l, NULL, "flood", &e),
                         0);
        m->frozen = !m->frozen;
        return;
    case 1:
        assert_int_equal(gh_ledger_embargo(f->l, NULL, id, set ? gh_now_ms() + 3600000 : 0, &e),
                         m->was_out ? -GH_LIMIT : 0);
        m->embargo = m->was_out ? m->embargo : set;
        return;
    case 2:
        assert_int_equal(gh_ledger_replaces(f->l, NULL, id, set ? m->old : 0, &e),
                         m->was_out || approved || (set && m->old_gone) ? -GH_LIMIT : 0);
        m->replaces = m->was_out || approved || (set && m->old_gone) ? m->replaces : set;
        return;
    default:
        assert_int_equal(
            gh_ledger_order(f->l, NULL, id, orders[order].numbers, orders[order].n, &e),
            m->was_out || approved ? -GH_LIMIT : 0);
        m->order = m->was_out || approved ? m->order : order;
    }
}

/* A submission to decide on, and an older one that is out whole and that it may take the place of.
 */
static int64_t begin(struct fix *f, struct model *m)
{
    bool frozen = m->frozen;
    struct gh_err e;
    *m = (struct model){.frozen = frozen};
    if (frozen)
        OK(gh_ledger_thaw(f->l, NULL, err));
    m->old = staged(f, "old.jpg");
    assert_int_equal(decide(f, GH_APPROVE, m->old, NULL, NULL, &e), 0);
    publish(f, m->old);
    if (frozen)
        OK(gh_ledger_freeze(f->l, NULL, "flood", err));
    int64_t id = drop(f, "roads", "a.jpg", FILES, GH_PHOTO, NULL);
    make_due(f, m, id);
    return id;
}

/* The old one goes with the new one: not before, and not without it. */
static void compare_old(struct fix *f, const struct model *m, int64_t id)
{
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    OK(gh_ledger_get(f->l, m->old, &item, err));
    assert_int_equal(item.sub.replaced_by, m->old_gone ? id : 0);
    for (size_t i = 0; i < item.n_renditions; i++)
        assert_string_equal(gh_ren_state_name(item.renditions[i].state),
                            m->old_gone ? "withdrawn" : "published");
}

static void random_decisions_agree_with_the_reference(void **state)
{
    struct fix *f = *state;
    struct model m = {0};
    unsigned replaced = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        dice = round + 7;
        int64_t id = begin(f, &m);
        for (unsigned step = 0; step < STEPS; step++) {
            unsigned what = roll(10);
            if (what < 2)
                look(f, &m, id);
            else if (what < 3)
                write_words(f, &m, id);
            else if (what < 4)
                make_due(f, &m, id);
            else
                say(f, &m, id);
            if (roll(15) == 0)
                undo(f, &m, id);
            if (roll(12) == 0)
                arrange(f, &m, id);
            if (roll(15) == 0)
                go_out(f, &m, id);
            if (roll(20) == 0) {
                go_out(f, &m, id);
                publish(f, id);
                for (unsigned r = 0; r < N; r++)
                    if (m.state[r] == GH_REN_PUBLISHING)
                        m.state[r] = GH_REN_PUBLISHED;
            }
            compare(f, &m, id);
            compare_old(f, &m, id);
            unsigned over = 0;
            for (unsigned r = 0; r < N; r++)
                over += m.state[r] == GH_REN_WITHDRAWN;
            if (over == N) { /* nothing can be said any more: the next one */
                replaced += m.old_gone;
                id = begin(f, &m);
            }
        }
    }
    assert_true(replaced > 0);
    chain_holds(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {T(random_decisions_agree_with_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
