/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the agency says of a placement: rows that stay, each with its row of the audit. GH_LIMIT:
 * it cannot be said, with the reason for people. */
#include "daemon/ledger/db.h"
#include "daemon/ledger/outside.h"

#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define LINKS_MAX 20    /* posts of one placement: an album in several */
#define REFUSALS_MAX 20 /* refusals of one placement */
#define WORDS_MAX 2000  /* bytes of a platform's words */

bool gh_delivery_is_out(const struct gh_rendition *r)
{
    return r->state == GH_REN_PUBLISHED || r->state == GH_REN_COLLECTED;
}

bool gh_delivery_stands(const struct gh_item *item, size_t i)
{
    const struct gh_delivery *d = &item->deliveries[i];
    if (d->said != GH_SAID_POSTED)
        return false;
    for (size_t k = i + 1; k < item->n_deliveries; k++)
        if (item->deliveries[k].said == GH_SAID_REMOVED &&
            gh_streq(item->deliveries[k].placement, d->placement))
            return false;
    return true;
}

const char *gh_delivery_link(const struct gh_item *item, const char *placement)
{
    for (size_t i = item->n_deliveries; i-- > 0;)
        if (gh_streq(item->deliveries[i].placement, placement) && gh_delivery_stands(item, i))
            return item->deliveries[i].text;
    return NULL;
}

const struct gh_take *gh_delivery_take(const struct gh_item *item, const char *placement,
                                       int64_t now_ms)
{
    for (size_t i = 0; i < item->n_takes; i++)
        if (gh_streq(item->takes[i].placement, placement) && item->takes[i].until_ms > now_ms)
            return &item->takes[i];
    return NULL;
}

/* --------------------------------------------------------------------------------------- checks */

/* What is pasted is shown to people as a link: one of the web, whole, that hides no other host. */
static int check_link(const char *link, struct gh_err *err)
{
    size_t n = link ? strlen(link) : 0;
    const char *host = NULL;
    if (n > GH_LINK_MAX)
        return gh_fail(err, GH_LIMIT, "a link has at most %d bytes", GH_LINK_MAX);
    if (n && !strncasecmp(link, "https://", 8))
        host = link + 8;
    else if (n && !strncasecmp(link, "http://", 7))
        host = link + 7;
    size_t host_n = host ? strcspn(host, "/?#") : 0;
    bool plain = host_n > 0 && gh_utf8_valid(link, n);
    for (const unsigned char *c = (const unsigned char *)link; plain && *c; c++)
        plain = *c > ' ' && *c != 0x7f && !strchr("\"<>\\^`{|}", *c);
    if (plain && !memchr(host, '@', host_n) && (memchr(host, '.', host_n) || *host == '['))
        return 0;
    return gh_fail(err, GH_LIMIT,
                   "this is no link to a post: copy the address of the post, which begins with "
                   "https://");
}

static int no_placement(const struct gh_item *item, const char *placement, struct gh_err *err)
{
    return gh_fail_code(err, GH_LIMIT, ENOTSUP, "nothing of submission %" PRId64 " is out for %.*s",
                        item->sub.id, (int)gh_utf8_cut(placement, 64), placement);
}

/* How many outputs of the placement are out, to be collected, or were out. */
struct standing {
    unsigned out, published, gone;
};

static struct standing standing_of(const struct gh_item *item, const char *placement)
{
    struct standing s = {0};
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        if (!gh_streq(r->placement, placement))
            continue;
        s.out += gh_delivery_is_out(r);
        s.published += r->state == GH_REN_PUBLISHED;
        s.gone += gh_is_gone(r);
    }
    return s;
}

static unsigned count_said(const struct gh_item *item, const char *placement, enum gh_said said)
{
    unsigned n = 0;
    for (size_t i = 0; i < item->n_deliveries; i++)
        n += item->deliveries[i].said == said && gh_streq(item->deliveries[i].placement, placement);
    return n;
}

/* ---------------------------------------------------------------------------------------- saying
 */

static int say(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
               const char *placement, enum gh_said said, const char *text, struct gh_err *err)
{
    TRY(gh_db_run(l, err,
                  "INSERT INTO delivery(submission, placement, said, time_ms, actor, text)"
                  " VALUES(?,?,?,?,?,?)",
                  "ittitt", item->sub.id, placement, gh_said_name(said), gh_who_now(who),
                  gh_who_actor(who), text));
    TRY(gh_db_run(l, err, "DELETE FROM take WHERE submission = ? AND placement = ?", "it",
                  item->sub.id, placement));
    return gh_audit(l, who, item->sub.id, "submission", item->sub.id, gh_said_name(said), err,
                    "%s%s%s", placement, *text ? " " : "", text);
}

/* Whoever posts it, or tried to, has it. */
static int collect(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *item,
                   const char *placement, struct gh_err *err)
{
    const struct gh_decision_req req = {.verdict = GH_COLLECT,
                                        .submission = item->sub.id,
                                        .placements = &placement,
                                        .n_placements = 1};
    if (!standing_of(item, placement).published)
        return 0;
    return gh_ledger_decide(l, who, &req, NULL, err);
}

/* Returns 1 when this very link was given for the placement already, and the post still stands. */
static int known_link(struct gh_ledger *l, const struct gh_item *item, const char *placement,
                      const char *link, struct gh_err *err)
{
    int64_t other = 0;
    int n = gh_db_int(
        l, &other, err,
        "SELECT submission FROM delivery WHERE said = 'posted' AND text = ? AND submission <> ?",
        "ti", link, item->sub.id);
    TRY(n);
    if (n)
        return gh_fail(err, GH_LIMIT,
                       "this is the link of submission %" PRId64 ": copy the one of this post",
                       other);
    for (size_t i = 0; i < item->n_deliveries; i++) {
        const struct gh_delivery *d = &item->deliveries[i];
        if (gh_streq(d->placement, placement) && gh_streq(d->text, link) &&
            gh_delivery_stands(item, i))
            return 1;
    }
    return 0;
}

int gh_ledger_posted(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                     const char *placement, const char *link, unsigned *ret_changed,
                     struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    TRY(check_link(link, err));
    GH_TX(l, err);
    TRY(gh_ledger_get(l, submission, &item, err));
    struct standing is = standing_of(&item, placement);
    if (!is.out && !is.gone)
        return no_placement(&item, placement, err);
    int known = known_link(l, &item, placement, link, err);
    TRY(known);
    if (!known && count_said(&item, placement, GH_SAID_POSTED) >= LINKS_MAX)
        return gh_fail(err, GH_LIMIT, "%d links of one placement are enough", LINKS_MAX);
    TRY(collect(l, &once, &item, placement, err));
    if (!known) {
        TRY(say(l, &once, &item, placement, GH_SAID_POSTED, link, err));
        TRY(gh_db_run(l, err, "UPDATE submission SET posted_ms = ? WHERE id = ? AND posted_ms = 0",
                      "ii", once.now_ms, submission));
        /* it is public, and withdrawn: the agency has to take it down */
        TRY(gh_db_run(l, err,
                      "UPDATE rendition SET gone_ms = 0, gone_by = NULL WHERE submission = ?"
                      " AND placement = ? AND " GH_SQL_IS_GONE("rendition"),
                      "it", submission, placement));
    }
    TRY(gh_tx_commit(&tx, err));
    if (ret_changed)
        *ret_changed = !known;
    return 0;
}

int gh_ledger_platform_refused(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                               const char *placement, const char *text, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    if (!text || !*text)
        return gh_fail(err, GH_LIMIT, "say what the platform said: the approver will read it");
    if (strlen(text) > WORDS_MAX)
        return gh_fail(err, GH_LIMIT, "what the platform said has at most %d bytes", WORDS_MAX);
    GH_TX(l, err);
    TRY(gh_ledger_get(l, submission, &item, err));
    if (!standing_of(&item, placement).out)
        return no_placement(&item, placement, err);
    if (count_said(&item, placement, GH_SAID_REFUSED) >= REFUSALS_MAX)
        return gh_fail(err, GH_LIMIT, "it was refused %d times: ask the approver to withdraw it",
                       REFUSALS_MAX);
    TRY(collect(l, &once, &item, placement, err));
    TRY(say(l, &once, &item, placement, GH_SAID_REFUSED, text, err));
    return gh_tx_commit(&tx, err);
}

/* --------------------------------------------------------------------------------------- a claim
 */

int gh_ledger_take(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                   const char *placement, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    GH_TX(l, err);
    TRY(gh_ledger_get(l, submission, &item, err));
    const char *link = gh_delivery_link(&item, placement);
    const struct gh_take *has = gh_delivery_take(&item, placement, once.now_ms);
    if (!standing_of(&item, placement).out)
        return no_placement(&item, placement, err);
    if (link)
        return gh_fail(err, GH_LIMIT, "it is posted already: %.*s", (int)gh_utf8_cut(link, 200),
                       link);
    if (has && !gh_streq(has->actor, gh_who_actor(who)))
        return gh_fail_code(err, GH_LIMIT, EBUSY, "%s is posting it already", has->actor);
    TRY(gh_db_run(l, err, "DELETE FROM take WHERE submission = ? AND placement = ?", "it",
                  submission, placement));
    TRY(gh_db_run(l, err,
                  "INSERT INTO take(submission, placement, actor, until_ms) VALUES(?,?,?,?)",
                  "itti", submission, placement, gh_who_actor(who), once.now_ms + GH_TAKE_MS));
    TRY(gh_audit(l, &once, submission, "submission", submission, "take", err, "%s", placement));
    return gh_tx_commit(&tx, err);
}

int gh_ledger_take_back(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                        const char *placement, struct gh_err *err)
{
    GH_TX(l, err);
    int n =
        gh_db_run(l, err, "DELETE FROM take WHERE submission = ? AND placement = ? AND actor = ?",
                  "itt", submission, placement, gh_who_actor(who));
    TRY(n);
    if (n)
        TRY(gh_audit(l, who, submission, "submission", submission, "take-back", err, "%s",
                     placement));
    return gh_tx_commit(&tx, err);
}

/* ------------------------------------------------------------------------------ what is withdrawn
 */

/* Is it the first output of its placement that is withdrawn and not acknowledged? */
static bool is_first(const struct gh_item *item, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        const struct gh_rendition *r = &item->renditions[k];
        if (gh_is_gone(r) && !r->gone_ms && gh_streq(r->placement, item->renditions[i].placement))
            return false;
    }
    return true;
}

/* Both numbers only grow: withdrawn stays withdrawn, said stays said. */
void gh_gone_handle(const struct gh_item *item, char ret[static GH_GONE_HANDLE_MAX])
{
    unsigned gone = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        gone += gh_is_gone(&item->renditions[i]);
    snprintf(ret, GH_GONE_HANDLE_MAX, "%u.%zu", gone, item->n_deliveries);
}

/* What everybody knows already is no reason to look again. */
static int check_seen(const struct gh_item *item, const char *seen, struct gh_err *err)
{
    char now[GH_GONE_HANDLE_MAX];
    gh_gone_handle(item, now);
    if (!seen || gh_streq(seen, now))
        return 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (gh_is_gone(&item->renditions[i]) && !item->renditions[i].gone_ms)
            return gh_fail_code(err, GH_LIMIT, ESTALE,
                                "more of submission %" PRId64
                                " was withdrawn or posted since it was shown: look again",
                                item->sub.id);
    return 0;
}

int gh_ledger_acknowledge(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                          bool removed, const char *seen, unsigned *ret_changed, struct gh_err *err)
{
    const struct gh_who once = gh_who_at_once(who);
    GH_AUTO(gh_item_free) struct gh_item item = {0};
    unsigned gone = 0;
    GH_TX(l, err);
    TRY(gh_ledger_get(l, submission, &item, err));
    TRY(check_seen(&item, seen, err));
    for (size_t i = 0; i < item.n_renditions; i++) {
        const struct gh_rendition *r = &item.renditions[i];
        gone += gh_is_gone(r);
        if (!gh_is_gone(r) || r->gone_ms || !is_first(&item, i) ||
            !gh_delivery_link(&item, r->placement))
            continue;
        if (!removed)
            return gh_fail_code(err, GH_LIMIT, EBUSY,
                                "%s of submission %" PRId64
                                " was posted: take the post down first, and say so",
                                r->placement, submission);
        TRY(say(l, &once, &item, r->placement, GH_SAID_REMOVED, "", err));
    }
    if (!gone)
        return gh_fail_code(err, GH_LIMIT, ENOTSUP,
                            "nothing of submission %" PRId64 " was withdrawn after it was out",
                            submission);
    int n = gh_db_run(l, err,
                      "UPDATE rendition SET gone_ms = ?, gone_by = ? WHERE submission = ?"
                      " AND gone_ms = 0 AND " GH_SQL_IS_GONE("rendition"),
                      "iti", once.now_ms, gh_who_actor(who), submission);
    TRY(n);
    if (n)
        TRY(gh_audit(l, &once, submission, "submission", submission, "acknowledge", err, "%d files",
                     n));
    TRY(gh_tx_commit(&tx, err));
    if (ret_changed)
        *ret_changed = (unsigned)n;
    return 0;
}

/* ---------------------------------------------------------------------------------------- reading
 */

/* Named, for by state all that was ever withdrawn or collected would be read. */
#define BY_GONE GH_SQL_BY(rendition_gone)
#define BY_COLLECTED GH_SQL_BY(rendition_collected)

#define IS_UNREAD "gone_ms = 0 AND " GH_SQL_IS_GONE("rendition")
#define UNREAD "SELECT submission FROM rendition" BY_GONE " WHERE " IS_UNREAD

int gh_ledger_outgoing(struct gh_ledger *l, int64_t since_ms, int64_t before, int64_t *ret,
                       size_t max, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    size_t n = 0;
    int r = 0;
    TRY(gh_db_query(l, &s, err,
                    "SELECT submission FROM (SELECT submission FROM rendition"
                    " WHERE state = 'published' UNION SELECT submission FROM rendition" BY_COLLECTED
                    " WHERE collected_ms >= ?1 AND collected_ms > 0 AND state = 'collected'"
                    ") AS t WHERE submission < ?2 AND submission NOT IN (" UNREAD ")"
                    " ORDER BY submission DESC LIMIT ?3",
                    "iii", since_ms, before ? before : INT64_MAX, (int64_t)max));
    while (n < max && (r = gh_db_step(&s, err)) > 0)
        ret[n++] = gh_col_i64(&s, 0);
    return r < 0 ? r : (int)n;
}

int gh_ledger_unread(struct gh_ledger *l, int64_t *ret, size_t max, struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    size_t n = 0;
    int r = 0;
    TRY(gh_db_query(l, &s, err, UNREAD " GROUP BY submission ORDER BY submission DESC LIMIT ?", "i",
                    (int64_t)max));
    while (n < max && (r = gh_db_step(&s, err)) > 0)
        ret[n++] = gh_col_i64(&s, 0);
    return r < 0 ? r : (int)n;
}

int gh_ledger_refusals(struct gh_ledger *l, size_t max, gh_refused_fn *fn, void *arg,
                       struct gh_err *err)
{
    GH_AUTO(gh_stmt_done) struct gh_stmt s = {0};
    int r;
    TRY(gh_db_query(l, &s, err,
                    "SELECT d.submission, d.id, d.time_ms, d.placement, d.actor, d.text"
                    " FROM delivery d WHERE d.said = 'refused' AND NOT EXISTS (SELECT 1"
                    " FROM delivery n WHERE n.submission = d.submission"
                    " AND n.placement = d.placement AND n.id > d.id) AND EXISTS (SELECT 1"
                    " FROM rendition r WHERE r.submission = d.submission"
                    " AND r.placement = d.placement AND r.state IN ('published','collected'))"
                    " ORDER BY d.id DESC LIMIT ?",
                    "i", (int64_t)max));
    while ((r = gh_db_step(&s, err)) > 0) {
        GH_AUTO_FREE char *actor = gh_col_dup(&s, 4), *text = gh_col_dup(&s, 5);
        struct gh_delivery row = {.id = gh_col_i64(&s, 1),
                                  .time_ms = gh_col_i64(&s, 2),
                                  .said = GH_SAID_REFUSED,
                                  .actor = actor,
                                  .text = text};
        GH_COPY(row.placement, gh_col_text(&s, 3));
        if (!fn(gh_col_i64(&s, 0), &row, arg))
            return 0;
    }
    return r;
}
