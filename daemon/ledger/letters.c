/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices spread over letters, letters claimed and ended. Every mutator is one transaction. */
#include "daemon/ledger/letters.h"

#include "daemon/ledger/db.h"

#include "base/clock.h"
#include "base/hash.h"

#include <inttypes.h>
#include <string.h>

#define SPREAD 200  /* notices in one transaction … */
#define LINES 400   /* … and in about so many lines of letters, written or read */
#define LOOKED 64   /* letters in one transaction, claimed or with nothing to say */
#define EXPIRE 1000 /* letters out of date in one */
#define SECOND_MS 1000
#define MINUTE_MS (60 * (int64_t)SECOND_MS)

static const char *const states[GH_LETTER_STATES] = {
    [GH_LETTER_WAITING] = "waiting", [GH_LETTER_SENDING] = "sending", [GH_LETTER_SENT] = "sent",
    [GH_LETTER_FAILED] = "failed",   [GH_LETTER_DROPPED] = "dropped",
};

const char *gh_letter_state_name(enum gh_letter_state s)
{
    return (unsigned)s < GH_LETTER_STATES ? states[s] : "?";
}

static enum gh_letter_state state_of(const char *name)
{
    unsigned s = 0;
    while (s + 1 < GH_LETTER_STATES && strcmp(states[s], name) != 0)
        s++;
    return (enum gh_letter_state)s;
}

int64_t gh_letter_backoff(unsigned tries)
{
    static const int64_t minutes[GH_LETTER_TRIES - 1] = {1, 5, 30, 120, 360};
    return tries >= 1 && tries < GH_LETTER_TRIES ? minutes[tries - 1] * MINUTE_MS : -1;
}

/* -------------------------------------------------------------------------------------- notices */

int gh_ledger_tell(struct gh_ledger *l, const struct gh_notice *n, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "INSERT INTO notice(kind, subject, revision, recipient, channel, made_ms,"
                  " not_before_ms) VALUES(?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                  "ttittii", n->kind, n->subject, n->revision, n->recipient, n->channel, n->made_ms,
                  GH_MAX(n->not_before_ms, n->made_ms)));
    return 0;
}

int gh_ledger_told(struct gh_ledger *l, const char *kind, const char *subject, int64_t revision,
                   struct gh_err *err)
{
    int64_t n;
    return gh_db_int(l, &n, err,
                     "SELECT id FROM notice WHERE kind = ? AND subject = ? AND revision = ?"
                     " LIMIT 1",
                     "tti", kind, subject, revision);
}

#define NOTICE                                                                                     \
    "SELECT n.id, n.kind, n.subject, n.revision, n.recipient, n.channel, n.made_ms,"               \
    " n.not_before_ms FROM notice n"

static struct gh_notice notice_of(struct gh_stmt *s)
{
    return (struct gh_notice){.id = gh_col_i64(s, 0),
                              .kind = gh_col_text(s, 1),
                              .subject = gh_col_text(s, 2),
                              .revision = gh_col_i64(s, 3),
                              .recipient = gh_col_text(s, 4),
                              .channel = gh_col_text(s, 5),
                              .made_ms = gh_col_i64(s, 6),
                              .not_before_ms = gh_col_i64(s, 7)};
}

/* A copy that outlives its row. */
struct kept {
    struct gh_notice notice;
    char kind[32], subject[80], recipient[96], channel[8];
};

static void keep(struct kept *k, struct gh_notice n)
{
    GH_COPY(k->kind, n.kind);
    GH_COPY(k->subject, n.subject);
    GH_COPY(k->recipient, n.recipient);
    GH_COPY(k->channel, n.channel);
    k->notice = n;
    k->notice.kind = k->kind;
    k->notice.subject = k->subject;
    k->notice.recipient = k->recipient;
    k->notice.channel = k->channel;
}

static int has_room(struct gh_ledger *l, const char *channel, bool *ret, struct gh_err *err)
{
    int64_t n = 0;
    TRY(gh_db_int(l, &n, err,
                  "SELECT count(*) FROM letter WHERE state IN ('waiting','sending')"
                  " AND channel = ?",
                  "t", channel));
    *ret = n < GH_LETTERS_WAITING;
    return 0;
}

/* Those whose way has room, and those that are out of date. */
static int due_notices(struct gh_ledger *l, int64_t now_ms, struct kept *ret, size_t *ret_n,
                       struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    bool mail, hook;
    int r;
    *ret_n = 0;
    TRY(has_room(l, "mail", &mail, err));
    TRY(has_room(l, "hook", &hook, err));
    TRY(gh_db_query(l, &s, err,
                    NOTICE " WHERE n.state = 'new' AND n.not_before_ms <= ?1"
                           " AND (n.not_before_ms < ?2"
                           " OR CASE n.channel WHEN 'hook' THEN ?3 ELSE ?4 END)"
                           " ORDER BY n.not_before_ms, n.id LIMIT ?5",
                    "iiiii", now_ms, now_ms - GH_NOTICE_STALE_MS, (int64_t)hook, (int64_t)mail,
                    (int64_t)SPREAD));
    while ((r = gh_db_step(&s, err)) > 0)
        keep(&ret[(*ret_n)++], notice_of(&s));
    return r;
}

/* ------------------------------------------------------------------------------------ spreading */

/* The letter to that address that nobody has claimed yet; 0: none with room in it. */
static int open_letter(struct gh_ledger *l, const struct gh_letter_to *to, int64_t *ret,
                       struct gh_err *err)
{
    *ret = 0;
    return gh_db_int(l, ret, err,
                     "SELECT t.id FROM letter t WHERE t.address = ? AND t.channel = ?"
                     " AND t.digest = ? AND t.state = 'waiting' AND t.tries = 0"
                     " AND (SELECT count(*) FROM letter_line x WHERE x.letter = t.id) < ?"
                     " ORDER BY t.id DESC LIMIT 1",
                     "ttii", to->address, to->channel, (int64_t)to->digest,
                     (int64_t)GH_LETTER_LINES);
}

static int put_line(struct gh_ledger *l, int64_t notice, const struct gh_letter_to *to,
                    int64_t now_ms, struct gh_err *err)
{
    int64_t letter;
    bool hook = !strcmp(to->channel, "hook"); /* one message a notice, for programs */
    TRY(hook ? (letter = 0, 0) : open_letter(l, to, &letter, err));
    if (!letter) {
        TRY(gh_db_run(l, err,
                      "INSERT INTO letter(channel, address, language, digest, state, made_ms,"
                      " not_before_ms) VALUES(?,?,?,?,'waiting',?,?)",
                      "tttiii", to->channel, to->address, to->language, (int64_t)to->digest, now_ms,
                      to->not_before_ms));
        letter = gh_last_id(l);
    }
    /* what is urgent takes along what waits */
    TRY(gh_db_run(l, err,
                  "UPDATE letter SET not_before_ms = ?1 WHERE id = ?2"
                  " AND not_before_ms > ?1",
                  "ii", to->not_before_ms, letter));
    TRY(gh_db_run(l, err,
                  "INSERT INTO letter_line(letter, notice) VALUES(?,?) ON CONFLICT DO NOTHING",
                  "ii", letter, notice));
    return 0;
}

/* Returns over how many letters. */
static int spread_one(struct gh_ledger *l, const struct gh_notice *n, int64_t now_ms,
                      gh_letter_to_fn *fn, void *arg, struct gh_err *err)
{
    struct gh_letter_to to[GH_NOTICE_ADDRESSES];
    bool stale = n->not_before_ms < now_ms - GH_NOTICE_STALE_MS;
    size_t n_to = stale ? 0 : fn(n, arg, to, GH_NOTICE_ADDRESSES);
    for (size_t i = 0; i < n_to; i++)
        TRY(put_line(l, n->id, &to[i], now_ms, err));
    TRY(gh_db_run(l, err, "UPDATE notice SET state = ? WHERE id = ?", "ti",
                  n_to ? "spread" : "dropped", n->id));
    return (int)n_to;
}

/* Nobody claimed it for so long, or said what became of it. */
#define STALE_LETTER                                                                               \
    "(state = 'waiting' OR (state = 'sending' AND lease_ms <= ?1)) AND not_before_ms < ?2"

int gh_ledger_spread(struct gh_ledger *l, int64_t now_ms, gh_letter_to_fn *fn, void *arg,
                     struct gh_err *err)
{
    GH_AUTO_FREE struct kept *due = gh_alloc(SPREAD * sizeof(*due));
    size_t n = 0;
    int64_t stale = 0;
    TRY(gh_db_int(l, &stale, err, "SELECT 1 FROM letter WHERE " STALE_LETTER " LIMIT 1", "ii",
                  now_ms, now_ms - GH_NOTICE_STALE_MS));
    TRY(due_notices(l, now_ms, due, &n, err));
    if (n == 0 && !stale)
        return 0;
    GH_TX(l, err);
    if (stale)
        TRY(gh_db_run(l, err,
                      "UPDATE letter SET state = 'dropped', error = 'out of date', ended_ms = ?1,"
                      " lease_ms = 0 WHERE id IN (SELECT id FROM letter WHERE " STALE_LETTER
                      " LIMIT ?3)",
                      "iii", now_ms, now_ms - GH_NOTICE_STALE_MS, (int64_t)EXPIRE));
    size_t done = 0;
    for (int lines = 0; done < n && lines < LINES; done++) {
        int r = spread_one(l, &due[done].notice, now_ms, fn, arg, err);
        TRY(r);
        lines += r;
    }
    TRY(gh_tx_commit(&tx, err));
    return (int)done;
}

/* ------------------------------------------------------------------------------------- claiming */

#define LETTER                                                                                     \
    "SELECT id, channel, address, language, digest, hash, state, made_ms, not_before_ms, tries,"   \
    " lease_ms, error, ended_ms FROM letter"

static void read_letter(struct gh_stmt *s, struct gh_letter *ret)
{
    *ret = (struct gh_letter){.id = gh_col_i64(s, 0),
                              .digest = gh_col_i64(s, 4) != 0,
                              .state = state_of(gh_col_text(s, 6)),
                              .made_ms = gh_col_i64(s, 7),
                              .not_before_ms = gh_col_i64(s, 8),
                              .tries = (unsigned)gh_col_i64(s, 9),
                              .lease_ms = gh_col_i64(s, 10),
                              .ended_ms = gh_col_i64(s, 12)};
    GH_COPY(ret->channel, gh_col_text(s, 1));
    GH_COPY(ret->address, gh_col_text(s, 2));
    GH_COPY(ret->language, gh_col_text(s, 3));
    GH_COPY(ret->hash, gh_col_text(s, 5));
    GH_COPY(ret->error, gh_col_text(s, 11));
}

static int next_letter(struct gh_ledger *l, const char *channel, int64_t now_ms,
                       struct gh_letter *ret, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err,
                    LETTER " WHERE channel = ?1 AND ((state = 'waiting' AND not_before_ms <= ?2)"
                           " OR (state = 'sending' AND lease_ms <= ?2))"
                           " ORDER BY not_before_ms, id LIMIT 1",
                    "ti", channel, now_ms));
    int r = gh_db_step(&s, err);
    if (r > 0)
        read_letter(&s, ret);
    return r;
}

/* What the notices of a letter are known by makes what the letter is known by: the same in a
 * ledger that was restored. */
static bool add_key(const struct gh_notice *n, void *arg)
{
    gh_str_printf(arg, "%s %s %" PRId64 " %s %s\n", n->kind, n->subject, n->revision, n->recipient,
                  n->channel);
    return true;
}

static int name_letter(struct gh_ledger *l, struct gh_letter *t, struct gh_err *err)
{
    GH_AUTO_STR keys = {0};
    if (*t->hash)
        return 0;
    gh_str_printf(&keys, "%s %s\n", t->channel, t->address);
    TRY(gh_ledger_letter_lines(l, t->id, add_key, &keys, err));
    gh_hash_mem(keys.data, keys.len, t->hash);
    return 0;
}

static int finish(struct gh_ledger *l, int64_t letter, enum gh_letter_state to, const char *why,
                  int64_t now_ms, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "UPDATE letter SET state = ?, error = ?, ended_ms = ?, lease_ms = 0"
                  " WHERE id = ?",
                  "ttii", states[to], why ? why : "", now_ms, letter));
    return 0;
}

static int claim_one(struct gh_ledger *l, struct gh_letter *t, int64_t now_ms, int64_t lease_ms,
                     gh_letter_claim_fn *fn, void *arg, struct gh_err *err)
{
    if (t->not_before_ms < now_ms - GH_NOTICE_STALE_MS) /* nobody claimed it for so long */
        return finish(l, t->id, GH_LETTER_DROPPED, "out of date", now_ms, err);
    if (t->tries >= GH_LETTER_TRIES) /* whoever had it died with it each time */
        return finish(l, t->id, GH_LETTER_FAILED, "nobody said what became of it", now_ms, err);
    TRY(name_letter(l, t, err));
    t->tries++;
    t->lease_ms = now_ms + lease_ms;
    int says = fn(t, arg, err);
    TRY(says);
    if (says == GH_LETTER_PUT_OFF)
        return gh_db_run(l, err,
                         "UPDATE letter SET state = 'waiting', lease_ms = 0, not_before_ms = ?"
                         " WHERE id = ?",
                         "ii", now_ms + GH_LETTER_PUT_OFF_MS, t->id);
    if (!says)
        return finish(l, t->id, GH_LETTER_DROPPED, NULL, now_ms, err);
    TRY(gh_db_run(l, err,
                  "UPDATE letter SET state = 'sending', tries = ?, lease_ms = ?, hash = ?"
                  " WHERE id = ?",
                  "iiti", (int64_t)t->tries, t->lease_ms, t->hash, t->id));
    return 1;
}

int gh_ledger_claim_letters(struct gh_ledger *l, const char *channel, int64_t now_ms,
                            int64_t lease_ms, unsigned max, gh_letter_claim_fn *fn, void *arg,
                            struct gh_err *err)
{
    struct gh_letter t;
    unsigned looked = 0;
    int64_t lines = 0, of_this = 0;
    int r = 1;
    GH_TX(l, err);
    while (max > 0 && looked++ < LOOKED && lines < LINES &&
           (r = next_letter(l, channel, now_ms, &t, err)) > 0) {
        TRY(gh_db_int(l, &of_this, err, "SELECT count(*) FROM letter_line WHERE letter = ?", "i",
                      t.id));
        lines += of_this;
        int claimed = claim_one(l, &t, now_ms, lease_ms, fn, arg, err);
        TRY(claimed);
        max -= (unsigned)claimed;
    }
    TRY(r);
    TRY(gh_tx_commit(&tx, err));
    return r; /* of the last one: there may be another */
}

int gh_ledger_put_off(struct gh_ledger *l, int64_t letter, const int64_t *notices, size_t n,
                      int64_t now_ms, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "INSERT INTO letter(channel, address, language, digest, state, made_ms,"
                  " not_before_ms) SELECT channel, address, language, digest, 'waiting', made_ms, ?"
                  " FROM letter WHERE id = ?",
                  "ii", now_ms + GH_LETTER_PUT_OFF_MS, letter));
    int64_t other = gh_last_id(l);
    for (size_t i = 0; i < n; i++)
        TRY(gh_db_run(l, err, "UPDATE letter_line SET letter = ? WHERE letter = ? AND notice = ?",
                      "iii", other, letter, notices[i]));
    return 0;
}

int gh_ledger_letter_lines(struct gh_ledger *l, int64_t letter, gh_notice_fn *fn, void *arg,
                           struct gh_err *err)
{
    GH_AUTO_FREE struct kept *all = gh_alloc(GH_LETTER_LINES * sizeof(*all));
    size_t n = 0;
    int r;
    {
        GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
        TRY(gh_db_query(l, &s, err,
                        NOTICE " JOIN letter_line x ON x.notice = n.id WHERE x.letter = ?"
                               " ORDER BY n.id",
                        "i", letter));
        while (n < GH_LETTER_LINES && (r = gh_db_step(&s, err)) > 0)
            keep(&all[n++], notice_of(&s));
        TRY(r);
    }
    for (size_t i = 0; i < n && fn(&all[i].notice, arg); i++) {
    }
    return 0;
}

/* --------------------------------------------------------------------------- what became of it */

int gh_ledger_end_letter(struct gh_ledger *l, int64_t letter, unsigned tries,
                         enum gh_letter_end end, const char *why, int64_t now_ms,
                         struct gh_err *err)
{
    int64_t known = 0, later = gh_letter_backoff(tries);
    GH_TX(l, err);
    TRY(gh_db_int(l, &known, err,
                  "SELECT 1 + (state = 'sending') FROM letter WHERE id = ? AND tries = ?"
                  " AND state IN ('sending','sent')",
                  "ii", letter, (int64_t)tries));
    if (known == 1 && end == GH_LETTER_ARRIVED)
        return 0; /* said before: nothing is changed */
    if (known != 2)
        return gh_fail(err, GH_LIMIT, "letter %" PRId64 " is not on its way any more", letter);
    if (end == GH_LETTER_ARRIVED)
        TRY(finish(l, letter, GH_LETTER_SENT, NULL, now_ms, err));
    else if (end == GH_LETTER_REFUSED || later < 0)
        TRY(finish(l, letter, GH_LETTER_FAILED, why, now_ms, err));
    else
        TRY(gh_db_run(l, err,
                      "UPDATE letter SET state = 'waiting', error = ?, lease_ms = 0,"
                      " not_before_ms = ? WHERE id = ?",
                      "tii", why ? why : "", now_ms + later, letter));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_retry_letters(struct gh_ledger *l, const struct gh_who *who, int64_t letter,
                            struct gh_err *err)
{
    GH_TX(l, err);
    int n = gh_db_run(l, err,
                      "UPDATE letter SET state = 'waiting', not_before_ms = ?1, ended_ms = 0,"
                      " tries = 1 WHERE state = 'failed' AND (?2 = 0 OR id = ?2)",
                      "ii", gh_who_now(who), letter);
    TRY(n);
    if (n == 0 && letter)
        return gh_fail(err, GH_LIMIT, "letter %" PRId64 " has not failed", letter);
    TRY(gh_audit(l, who, 0, "letter", letter, "retry", err, "%d letters", n));
    TRY(gh_tx_commit(&tx, err));
    return n;
}

/* -------------------------------------------------------------------------------------- reading */

int gh_ledger_letters(struct gh_ledger *l, enum gh_letter_state state, size_t max, gh_letter_fn *fn,
                      void *arg, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    struct gh_letter t;
    int r;
    TRY(gh_db_query(l, &s, err,
                    LETTER " WHERE CASE WHEN ?1 = '?' THEN state IN ('waiting','sending','failed')"
                           " ELSE state = ?1 END ORDER BY id DESC LIMIT ?2",
                    "ti", gh_letter_state_name(state), (int64_t)max));
    while ((r = gh_db_step(&s, err)) > 0) {
        read_letter(&s, &t);
        if (!fn(&t, arg))
            return 0;
    }
    return r;
}

int gh_ledger_letter_counts(struct gh_ledger *l, struct gh_letter_counts *ret, struct gh_err *err)
{
    int r;
    *ret = (struct gh_letter_counts){0};
    TRY(gh_db_int(l, &ret->notices, err, "SELECT count(*) FROM notice WHERE state = 'new'", ""));
    TRY(gh_db_int(l, &ret->oldest_ms, err,
                  "SELECT coalesce(min(not_before_ms), 0) FROM letter WHERE state = 'waiting'",
                  ""));
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    TRY(gh_db_query(l, &s, err, "SELECT state, count(*) FROM letter GROUP BY state", ""));
    while ((r = gh_db_step(&s, err)) > 0)
        ret->letters[state_of(gh_col_text(&s, 0))] = gh_col_i64(&s, 1);
    return r;
}

int gh_ledger_letters_due(struct gh_ledger *l, int64_t now_ms, int64_t *ret_since_ms,
                          struct gh_err *err)
{
    *ret_since_ms = 0;
    TRY(gh_db_int(l, ret_since_ms, err,
                  "SELECT coalesce(min(since), 0) FROM (SELECT min(not_before_ms) AS since"
                  " FROM notice WHERE state = 'new' AND not_before_ms <= ?1"
                  " UNION ALL SELECT min(not_before_ms) FROM letter WHERE state = 'waiting'"
                  " AND not_before_ms <= ?1"
                  " UNION ALL SELECT min(lease_ms) FROM letter WHERE state = 'sending'"
                  " AND lease_ms <= ?1)",
                  "i", now_ms));
    return 0;
}

/* ----------------------------------------------------------------------------------- forgetting */

#define LONG_OVER                                                                                  \
    "SELECT id FROM letter WHERE state IN ('sent','dropped') AND not_before_ms < ?1"               \
    " AND ended_ms < ?1 ORDER BY id LIMIT ?2"

int gh_ledger_forget_letters(struct gh_ledger *l, int64_t before_ms, size_t max, struct gh_err *err)
{
    int64_t n = (int64_t)max;
    GH_TX(l, err);
    TRY(gh_db_run(l, err, "DELETE FROM letter_line WHERE letter IN (" LONG_OVER ")", "ii",
                  before_ms, n));
    int letters =
        gh_db_run(l, err, "DELETE FROM letter WHERE id IN (" LONG_OVER ")", "ii", before_ms, n);
    TRY(letters);
    /* they are made in the order of their numbers: younger ones are not looked at */
    int notices = gh_db_run(
        l, err,
        "DELETE FROM notice WHERE id IN (SELECT n.id FROM notice n WHERE n.state <> 'new'"
        " AND n.id < coalesce((SELECT id FROM notice WHERE made_ms >= ?1 ORDER BY id LIMIT 1),"
        " (SELECT max(id) + 1 FROM notice))"
        " AND NOT EXISTS (SELECT 1 FROM letter_line x WHERE x.notice = n.id) ORDER BY n.id"
        " LIMIT ?2)",
        "ii", before_ms, n);
    TRY(notices);
    if (letters + notices == 0)
        return 0;
    TRY(gh_tx_commit(&tx, err));
    return letters + notices;
}

/* ------------------------------------------------------------------------- whether it still holds
 */

/* Of a department a day is read, not all that it ever sent. */
#define BY_DROPPED GH_SQL_BY(submission_dropped)

/*
 * Whether what a kind says of a subject is still so: a query of its number, its revision, now, its
 * recipient, and what stands behind the colon, that has a row then. What has no row here says what
 * happened, and that stays so.
 */
static const struct {
    const char *subject, *kind; /* kind: by its beginning */
    const char *values;         /* how many of the five it takes */
    const char *sql;
} checks[] = {
    {"question:", "remind", "iii",
     "SELECT 1 FROM question q JOIN question_round r ON r.question = q.id AND r.round = q.round"
     " WHERE q.id = ?1 AND q.round = ?2 AND q.state = 'open' AND r.due_ms > ?3"},
    {"question:", "due", "iii",
     "SELECT 1 FROM question q JOIN question_round r ON r.question = q.id AND r.round = q.round"
     " WHERE q.id = ?1 AND q.round = ?2 AND q.state = 'open' AND r.due_ms <= ?3"},
    {"question:", "again", "iii",
     "SELECT 1 FROM question q JOIN question_round r ON r.question = q.id AND r.round = q.round"
     " WHERE q.id = ?1 AND q.round = ?2 AND q.state = 'open' AND r.due_ms <= ?3"},
    {"question:", "escalate", "iii",
     "SELECT 1 FROM question q JOIN question_round r ON r.question = q.id AND r.round = q.round"
     " WHERE q.id = ?1 AND q.round = ?2 AND q.state = 'open' AND r.due_ms <= ?3"},
    {"question:", "extend", "ii",
     "SELECT 1 FROM question WHERE id = ?1 AND round = ?2 AND state = 'open'"},
    {"question:", "asked", "i", "SELECT 1 FROM question WHERE id = ?1 AND state = 'open'"},
    {"event:", "event-announce", "ii",
     "SELECT 1 FROM event WHERE id = ?1 AND revision = ?2 AND state <> 'cancelled'"},
    {"event:", "event-change", "ii",
     "SELECT 1 FROM event WHERE id = ?1 AND revision = ?2 AND state <> 'cancelled'"},
    {"event:", "event-cancel", "i", "SELECT 1 FROM event WHERE id = ?1 AND state = 'cancelled'"},
    {"event:", "event-miss", "i",
     "SELECT 1 FROM event WHERE id = ?1 AND told_ms > 0 AND state IN "
     "('announced','changed','missed')"},
    /* the revision is when that day began; words for Ghat are nothing sent */
    {"nothing:", "nothing", "iiitt",
     "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM submission" BY_DROPPED " WHERE department = ?5"
     " AND dropped_ms >= ?2 * 1000 AND dropped_ms < ?2 * 1000 + 86400000 AND (state <> 'delivered' "
     "OR delivered_ms > 0))"},
    {"item:", "waits", "i",
     "SELECT 1 FROM rendition WHERE submission = ?1 AND state = 'staged' LIMIT 1"},
    {"item:", "undecided", "i",
     "SELECT 1 FROM rendition WHERE submission = ?1 AND state = 'staged' LIMIT 1"},
    /* to the officer it is news that it went out, whoever was quick to collect it */
    {"item:", "collect", "iiit",
     "SELECT 1 FROM rendition WHERE submission = ?1 AND (state = 'published'"
     " OR (state = 'collected' AND substr(?4, 1, 8) = 'officer:')) LIMIT 1"},
    {"item:", "uncollected", "i",
     "SELECT 1 FROM rendition WHERE submission = ?1 AND state = 'published' LIMIT 1"},
    {"item:", "rejected", "i",
     "SELECT 1 FROM rendition WHERE submission = ?1 AND state = 'rejected' LIMIT 1"},
    {"item:", "held", "i",
     "SELECT 1 FROM rendition WHERE submission = ?1 AND state = 'held' LIMIT 1"},
};

int gh_ledger_notice_holds(struct gh_ledger *l, const struct gh_notice *n, int64_t now_ms,
                           struct gh_err *err)
{
    const char *number = strchr(n->subject, ':');
    int64_t holds = 0, id = number ? strtoll(number + 1, NULL, 10) : 0;
    for (size_t i = 0; i < GH_LEN(checks); i++)
        if (gh_starts(n->subject, checks[i].subject) && gh_starts(n->kind, checks[i].kind))
            return gh_db_int(l, &holds, err, checks[i].sql, checks[i].values, id, n->revision,
                             now_ms, n->recipient, number ? number + 1 : "");
    return 1;
}
