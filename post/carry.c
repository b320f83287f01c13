/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One way out as a thread: it claims letters, sends them, and says what became of each. What was
 * sent is said until ghatd has heard it, so that a ghatd that is started again meanwhile has it
 * sent no second time. A way that is dead or slow delays no other.
 */
#include "post/carry.h"

#include "base/client.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define ASK_MS 10000 /* for ghatd's answer */
#define LOOK_MS 2000 /* between two looks when nothing is due */
#define TELL_MS 500  /* between two trials to say what became of a letter */
#define AT_ONCE 4    /* letters of one claim: all of them, slow as can be, are within the lease */
#define TELL_MOST_MS ((int64_t)10 * 60 * 1000) /* what was not sent: the lease is nearly over */

/* False: told to end. */
static bool rest(const struct gh_carrier *c, int64_t ms)
{
    for (int64_t end = gh_mono_ms() + ms; gh_mono_ms() < end && !*c->ending;) {
        struct timespec some = {.tv_nsec = 100 * 1000000};
        nanosleep(&some, NULL);
    }
    return !*c->ending;
}

static int tell(const struct gh_carrier *c, const json_t *letter, enum gh_outcome outcome,
                const char *why, struct gh_err *err)
{
    static const char *const results[] = {
        [GH_OUTCOME_SENT] = "sent", [GH_OUTCOME_AGAIN] = "again", [GH_OUTCOME_FAILED] = "failed"};
    json_t *reply = NULL;
    int r = gh_client_ask(c->settings->socket,
                          json_pack("{s:s, s:I, s:I, s:s, s:s}", "request", "post-done", "id",
                                    (json_int_t)gh_j_int(letter, "id"), "tries",
                                    (json_int_t)gh_j_int(letter, "tries"), "result",
                                    results[outcome], "why", why),
                          ASK_MS, &reply, NULL, err);
    json_decref(reply);
    return r;
}

bool gh_carrier_gives_up(enum gh_outcome outcome, int cls, int64_t tried_ms)
{
    return cls == GH_LIMIT || cls == GH_USAGE ||
           (outcome != GH_OUTCOME_SENT && tried_ms > TELL_MOST_MS);
}

static void report(const struct gh_carrier *c, const json_t *letter, enum gh_outcome outcome,
                   const char *why)
{
    struct gh_err err = {0};
    int64_t begun = gh_mono_ms();
    int64_t id = gh_j_int(letter, "id");
    if (outcome == GH_OUTCOME_SENT)
        gh_log(GH_LOG_INFO, "sent", "letter=%" PRId64 " channel=%s", id, c->channel);
    else
        gh_log(GH_LOG_NOTICE, "not-sent", "letter=%" PRId64 " channel=%s again=%s why=%s", id,
               c->channel, outcome == GH_OUTCOME_AGAIN ? "yes" : "no", gh_log_quote(why));
    /* ghatd is away, or busy: it has to know, or the letter goes out again when its lease is over.
     * Told to end, this is tried once more. */
    while (tell(c, letter, outcome, why, &err) < 0) {
        if (gh_carrier_gives_up(outcome, err.cls, gh_mono_ms() - begun) || !rest(c, TELL_MS)) {
            gh_log_err(GH_LOG_NOTICE, "not-told", &err, "letter=%" PRId64, id);
            return;
        }
        err = (struct gh_err){0};
    }
}

static void carry(const struct gh_carrier *c, const json_t *letter)
{
    GH_AUTO_STR why = {0};
    GH_AUTO_FREE char *notice = json_dumps(json_object_get(letter, "notice"), JSON_COMPACT);
    const struct gh_parcel p = {.to = gh_j_text(letter, "to"),
                                .language = gh_j_text(letter, "language"),
                                .hash = gh_j_text(letter, "hash"),
                                .subject = gh_j_text(letter, "subject"),
                                .text = gh_j_text(letter, "text"),
                                .notice = notice ? notice : "{}",
                                .now_ms = gh_now_ms()};
    enum gh_outcome outcome = c->send(c->sender, &p, &why);
    report(c, letter, outcome, gh_str_text(&why));
}

/* Returns whether more may be due. */
static bool round_of(const struct gh_carrier *c, bool *away)
{
    struct gh_err err = {0};
    json_t *reply = NULL, *letter;
    size_t i;
    int r = gh_client_ask(c->settings->socket,
                          json_pack("{s:s, s:s, s:i}", "request", "post-claim", "channel",
                                    c->channel, "limit", AT_ONCE),
                          ASK_MS, &reply, NULL, &err);
    if (r < 0 && !*away)
        gh_log_err(GH_LOG_NOTICE, "ghatd-away", &err, "channel=%s", c->channel);
    *away = r < 0;
    if (r < 0)
        return false;
    json_array_foreach (json_object_get(reply, "letters"), i, letter)
        carry(c, letter);
    bool more = json_is_true(json_object_get(reply, "more"));
    json_decref(reply);
    return more;
}

void *gh_carrier_run(void *arg)
{
    struct gh_carrier *c = arg;
    bool away = false;
    while (!*c->ending)
        if (!round_of(c, &away))
            rest(c, LOOK_MS);
    return NULL;
}
