/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests of ghat-post, which claims letters and says what became of them, and those of
 * administrators who look at what waits. */
#include "daemon/control/control_int.h"

#include "daemon/control/metrics.h"
#include "daemon/intake/intake.h"
#include "daemon/notice/notice.h"
#include "daemon/upkeep/clock_trust.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <string.h>

#define CLAIM 8       /* letters at once, unless fewer are asked for */
#define LIST_MOST 500 /* letters that one answer shows */
#define WHY_MAX 239   /* bytes of a server's words that are kept */

static json_t *notice_json(const struct gh_post_letter *p)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:o}", "kind", p->notice->kind, "subject",
                     p->notice->subject, "revision", (json_int_t)p->notice->revision, "recipient",
                     p->notice->recipient, "department",
                     gh_json_text(*p->department ? p->department : NULL));
}

static void add_claimed(const struct gh_post_letter *p, void *arg)
{
    const struct gh_letter *t = p->letter;
    json_array_append_new(
        arg, json_pack("{s:I, s:i, s:s, s:s, s:s, s:o, s:o, s:I, s:o}", "id", (json_int_t)t->id,
                       "tries", (int)t->tries, "to", t->address, "language", t->language, "hash",
                       t->hash, "subject", gh_json_text(p->subject), "text", gh_json_text(p->text),
                       "made_ms", (json_int_t)t->made_ms, "notice", notice_json(p)));
}

static int take_channel(const struct gh_call *call, const char **ret, struct gh_err *err)
{
    TRY(gh_arg_text(call, "channel", 8, ret, err));
    if (!gh_streq(*ret, "mail") && !gh_streq(*ret, "hook"))
        return gh_fail(err, GH_USAGE, "\"channel\" is mail or hook");
    return 0;
}

/* Each way is heard on its own: they are threads of ghat-post. */
static void note_asked(const struct gh_call *call, const char *channel)
{
    struct gh_metrics *m = call->p->metrics;
    if (m)
        *(gh_streq(channel, "mail") ? &m->asked.mail_ms : &m->asked.hook_ms) = gh_now_ms();
}

int gh_post_waits(const struct gh_call *call, int64_t now_ms, struct gh_post_waits *ret,
                  struct gh_err *err)
{
    const struct gh_conf *conf = &call->p->settings->conf;
    const struct gh_metrics *m = call->p->metrics;
    int64_t long_ago = now_ms - GH_POST_LEASE_MS;
    *ret = (struct gh_post_waits){0};
    if (!conf->smtp && !conf->webhook)
        return 0;
    TRY(gh_ledger_letters_due(call->p->ledger, now_ms, &ret->since_ms, err));
    bool silent = m && ((conf->smtp && m->asked.mail_ms < long_ago) ||
                        (conf->webhook && m->asked.hook_ms < long_ago));
    ret->away = silent && ret->since_ms && ret->since_ms < long_ago;
    return 0;
}

int gh_answer_post(struct gh_call *call, struct gh_err *err)
{
    struct gh_post_waits waits;
    TRY(gh_post_waits(call, gh_now_ms(), &waits, err));
    gh_answer(
        call, "post",
        json_pack("{s:o, s:b}", "due_since", gh_json_time(waits.since_ms), "away", waits.away));
    return 0;
}

int gh_req_post_claim(struct gh_call *call, struct gh_err *err)
{
    const char *channel;
    json_t *list = json_array(), *limit = json_object_get(call->request, "limit");
    unsigned max = (unsigned)GH_CLAMP(json_integer_value(limit), 1, CLAIM);
    gh_answer(call, "letters", list);
    TRY(take_channel(call, &channel, err));
    note_asked(call, channel);
    gh_clock_trust_check(call->p->clock);
    if (*call->p->clock->doubt) { /* by a clock that is ahead all of them are out of date */
        gh_answer(call, "more", json_false());
        return 0;
    }
    const struct gh_post_coming coming = {gh_intake_coming, call->p->intake};
    int n = gh_post_claim(call->p->ledger, call->p->settings, coming, channel, gh_now_ms(), max,
                          add_claimed, list, err);
    TRY(n);
    gh_answer(call, "more", json_boolean(n > 0));
    return 0;
}

int gh_req_post_done(struct gh_call *call, struct gh_err *err)
{
    static const char *const results[] = {
        [GH_LETTER_ARRIVED] = "sent", [GH_LETTER_AGAIN] = "again", [GH_LETTER_REFUSED] = "failed"};
    const char *result, *why;
    char kept[WHY_MAX + 1] = "";
    int64_t id, tries;
    unsigned end = 0;
    TRY(gh_arg_id(call, "id", &id, err));
    TRY(gh_arg_id(call, "tries", &tries, err));
    TRY(gh_arg_text(call, "result", 8, &result, err));
    TRY(gh_arg_text(call, "why", 4096, &why, err));
    while (end < GH_LEN(results) && !gh_streq(results[end], result))
        end++;
    if (end == GH_LEN(results) || tries > GH_LETTER_TRIES)
        return gh_fail(err, GH_USAGE, "\"result\" is sent, again or failed");
    GH_AUTO_STR shown = {0};
    if (why)
        gh_str_display(&shown, why, strlen(why));
    GH_COPY(kept, gh_str_text(&shown));
    TRY(gh_ledger_end_letter(call->p->ledger, id, (unsigned)tries, (enum gh_letter_end)end, kept,
                             gh_now_ms(), err));
    if (end == GH_LETTER_REFUSED ||
        (end == GH_LETTER_AGAIN && gh_letter_backoff((unsigned)tries) < 0))
        gh_log(GH_LOG_NOTICE, "letter-failed", "letter=%" PRId64 " why=%s", id, gh_log_quote(kept));
    return 0;
}

/* ------------------------------------------------------------------------------ what waits */

static bool append_letter(const struct gh_letter *t, void *arg)
{
    json_array_append_new(
        arg,
        json_pack("{s:I, s:s, s:s, s:o, s:b, s:i, s:o, s:o, s:o, s:o, s:o}", "id",
                  (json_int_t)t->id, "state", gh_letter_state_name(t->state), "channel", t->channel,
                  "to", gh_json_text(t->address), "digest", t->digest, "tries", (int)t->tries,
                  "made", gh_json_time(t->made_ms), "due", gh_json_time(t->not_before_ms), "ended",
                  gh_json_time(t->ended_ms), "error", gh_json_text(*t->error ? t->error : NULL),
                  "hash", gh_json_text(*t->hash ? t->hash : NULL)));
    return true;
}

static int answer_counts(struct gh_call *call, struct gh_err *err)
{
    struct gh_letter_counts n;
    json_t *o = json_object();
    gh_answer(call, "counts", o);
    TRY(gh_ledger_letter_counts(call->p->ledger, &n, err));
    json_object_set_new(o, "notices", json_integer(n.notices));
    for (unsigned s = 0; s < GH_LETTER_STATES; s++)
        json_object_set_new(o, gh_letter_state_name((enum gh_letter_state)s),
                            json_integer(n.letters[s]));
    json_object_set_new(o, "oldest_due", gh_json_time(n.oldest_ms));
    return 0;
}

int gh_req_notices(struct gh_call *call, struct gh_err *err)
{
    const char *state;
    unsigned s = 0;
    json_t *list = json_array();
    json_int_t limit = json_integer_value(json_object_get(call->request, "limit"));
    const struct gh_conf *conf = &call->p->settings->conf;
    gh_answer(call, "letters", list);
    gh_answer(call, "mail", json_boolean(conf->smtp != NULL));
    gh_answer(call, "webhook", json_boolean(conf->webhook != NULL));
    TRY(gh_arg_text(call, "state", 16, &state, err));
    while (state && s < GH_LETTER_STATES &&
           !gh_streq(state, gh_letter_state_name((enum gh_letter_state)s)))
        s++;
    if (state && s == GH_LETTER_STATES)
        return gh_fail(err, GH_USAGE, "\"state\" is waiting, sending, sent, failed or dropped");
    TRY(answer_counts(call, err));
    TRY(gh_answer_post(call, err));
    return gh_ledger_letters(call->p->ledger, state ? (enum gh_letter_state)s : GH_LETTER_STATES,
                             limit > 0 && limit < LIST_MOST ? (size_t)limit : LIST_MOST,
                             append_letter, list, err);
}

int gh_req_notices_retry(struct gh_call *call, struct gh_err *err)
{
    int64_t id = 0;
    const struct gh_who by = {.actor = call->actor};
    if (json_object_get(call->request, "id"))
        TRY(gh_arg_id(call, "id", &id, err));
    int n = gh_ledger_retry_letters(call->p->ledger, &by, id, err);
    TRY(n);
    gh_answer(call, "letters", json_integer(n));
    return 0;
}
