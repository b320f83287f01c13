/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * F11: random sequences of what officers do (drop, drop again, edit, rename, fold into folders,
 * recall), against a model of what the ledger must say. The model knows names and contents only:
 * the same bytes again are a duplicate, new bytes a submission, however they were named or moved,
 * unless all that had them was recalled. Once with files that wait for their quiet time, and once
 * with photos that do not. GHAT_MODEL_SEED: one more seed. GHAT_MODEL_STEPS: deeds of
 * each sequence (40).
 */
#include "tests/unit/house.h"

#define CONTENTS 8
#define NAMES 5

struct model {
    /* submissions that have these bytes and were not recalled: 0 or 1 */
    unsigned live[CONTENTS];
    unsigned received, duplicates; /* rows of submissions that must be there, recalled ones apart */
    unsigned recalled, commands;   /* recalled submissions; recalls that were carried out */
    unsigned vain;                 /* recalls of nothing */
    /* content of the newest submission under a name that is no duplicate; -1 none */
    int newest[NAMES];
    bool newest_recalled[NAMES];
};

static unsigned random_below(uint64_t *state, unsigned n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33) % n;
}

static void tally(struct house *h, unsigned ret[GH_SUB_STATES_N])
{
    struct gh_err err = {0};
    struct gh_counts counts = {0};
    OK(gh_ledger_counts(h->d.ledger, &counts, &err));
    for (int i = 0; i < GH_SUB_STATES_N; i++)
        ret[i] = (unsigned)counts.submissions[i];
}

static bool drop_is_empty(struct house *h)
{
    bool empty = true;
    DIR *dir = fdopendir(openat(h->water, ".", O_RDONLY | O_DIRECTORY));
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));)
        empty &= e->d_name[0] == '.' || gh_streq(e->d_name, "Status");
    closedir(dir);
    return empty;
}

static bool as_modelled(struct house *h, const struct model *m)
{
    unsigned n[GH_SUB_STATES_N];
    tally(h, n);
    return n[GH_SUB_RECEIVED] == m->received &&
           n[GH_SUB_DUPLICATE] == m->duplicates + m->commands &&
           n[GH_SUB_QUARANTINED] == m->recalled + m->vain && drop_is_empty(h);
}

/* Run until the ledger says what the model says, and nothing is left in the folder. */
static void agrees(struct house *h, const struct model *m, uint64_t seed, unsigned step,
                   const char *deed)
{
    unsigned n[GH_SUB_STATES_N];
    for (int i = 0; i < PATIENCE_MS / 20 && !as_modelled(h, m); i++)
        run_for(h, 20);
    tally(h, n);
    if (!as_modelled(h, m))
        fail_msg("seed %" PRIu64
                 " step %u (%s): received %u, should be %u; duplicates %u, should be %u; "
                 "quarantined %u, should be "
                 "%u; the folder is %s",
                 seed, step, deed, n[GH_SUB_RECEIVED], m->received, n[GH_SUB_DUPLICATE],
                 m->duplicates + m->commands, n[GH_SUB_QUARANTINED], m->recalled + m->vain,
                 drop_is_empty(h) ? "empty" : "not empty");
}

static void text_of(unsigned content, char ret[32])
{
    snprintf(ret, 32, "the bytes of photo %u", content);
}

/* What must become of these bytes when they settle under this name. */
static void settles(struct model *m, unsigned name, unsigned content)
{
    if (m->live[content]) {
        m->duplicates++;
        return;
    }
    m->live[content] = 1;
    m->received++;
    m->newest[name] = (int)content;
    m->newest_recalled[name] = false;
}

static const char *deed(struct house *h, struct model *m, uint64_t *rng)
{
    bool at_once = h->d.settings.conf.at_once;
    unsigned name = random_below(rng, NAMES), content = random_below(rng, CONTENTS);
    char file[32], other[32], bytes[32];
    snprintf(file, sizeof(file), "n%u.jpg", name);
    text_of(content, bytes);
    switch (random_below(rng, 7)) {
    case 0: /* drop, and the client renames it into place */
        put(h, "upload.part", bytes);
        assert_int_equal(renameat(h->water, "upload.part", h->water, file), 0);
        settles(m, name, content);
        return "renamed into place";
    case 1: /* saved twice before it had settled: the last counts */
        put(h, file, "a first try");
        put(h, file, bytes);
        settles(m, name, content);
        return "edited";
    case 2:          /* renamed before it had settled */
        if (at_once) /* it is another drop then */
            return "nothing";
        snprintf(other, sizeof(other), "m%u.jpg", name);
        put(h, other, bytes);
        run_for(h, 10 + random_below(rng, 30));
        assert_int_equal(renameat(h->water, other, h->water, file), 0);
        settles(m, name, content);
        return "renamed";
    case 3: /* two names at once, which may have the same bytes */
    {
        unsigned second = random_below(rng, CONTENTS), name2 = (name + 1) % NAMES;
        snprintf(other, sizeof(other), "n%u.jpg", name2);
        put(h, file, bytes);
        text_of(second, bytes);
        put(h, other, bytes);
        bool was = m->live[content];
        settles(m, name, content);
        if (second == content && !was) { /* either may be the first */
            m->duplicates++;
            m->newest[name] = m->newest[name2] = -2;
        } else {
            settles(m, name2, second);
        }
        return "two at once";
    }
    case 4: { /* recall what was dropped last under that name */
        if (m->newest[name] == -2)
            return "nothing";
        snprintf(other, sizeof(other), "cancel n%u.txt", name);
        put(h, other, "please");
        if (m->newest[name] < 0) {
            m->vain++;
            return "recall of nothing";
        }
        m->commands++;
        if (!m->newest_recalled[name]) {
            m->recalled++;
            m->received--;
            m->live[m->newest[name]] = 0;
            m->newest_recalled[name] = true;
        } else {
            m->commands--;
            m->vain++;
        }
        return "recall";
    }
    case 5: /* dropped and taken back at once */
        put(h, file, bytes);
        assert_int_equal(unlinkat(h->water, file, 0), 0);
        return "taken back";
    default:
        put(h, file, bytes);
        settles(m, name, content);
        return "dropped";
    }
}

static void sequence(uint64_t seed, bool at_once)
{
    HOUSE *h = house_new(true);
    h->d.settings.conf.at_once = at_once;
    struct model m = {0};
    uint64_t rng = seed;
    const char *steps = getenv("GHAT_MODEL_STEPS");
    for (int i = 0; i < NAMES; i++)
        m.newest[i] = -1;
    run_for(h, 50);
    for (unsigned step = 0; step < (steps ? (unsigned)atoi(steps) : 40); step++) {
        for (int i = 0; i < GH_QUIET_PROOFS && at_once; i++)
            gh_quiet_whole(h->d.quiet, "water", true);
        const char *what = deed(h, &m, &rng);
        agrees(h, &m, seed, step, what);
        if (random_below(&rng, 12) == 0) { /* now and then a restart */
            house_close(h);
            house_open(h);
            run_for(h, 50);
        }
    }
}

static void test_sequences(void **state)
{
    (void)state;
    const char *own = getenv("GHAT_MODEL_SEED");
    for (int at_once = 0; at_once < 2; at_once++) {
        sequence(1, at_once);
        sequence(2026, at_once);
        if (own)
            sequence(strtoull(own, NULL, 10), at_once);
    }
}

int main(void)
{
    signal(SIGIO, SIG_IGN);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sequences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
