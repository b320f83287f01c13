/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ghat-post is given: notices spread, letters claimed, their words made. */
#include "daemon/notice/notice.h"
#include "daemon/notice/text.h"
#include "daemon/notice/whom.h"

#include "base/log.h"
#include "base/words.h"

#include <inttypes.h>
#include <string.h>

struct claiming {
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    struct gh_post_coming coming;
    struct gh_whom *whom;
    int64_t now_ms;
    gh_post_letter_fn *fn;
    void *arg;
    int failed; /* a negative class, with err */
    struct gh_err err;

    /* of the letter at hand */
    const struct gh_letter *letter;
    struct gh_post_text text;
    struct gh_notice first;
    char kind[32], subject[80], recipient[96], department[64];
    unsigned n;
    int64_t later[GH_LETTER_LINES]; /* notices of it that are put off */
    size_t n_later;
};

/* Does the notice still go to where the letter goes? Since it was spread somebody may have been
 * locked, lost a role, switched the kind off, or have another address. */
static bool is_meant(const struct claiming *c, const struct gh_notice *n)
{
    struct gh_letter_to to[GH_NOTICE_ADDRESSES];
    size_t n_to = gh_whom_of(n, c->whom, to, GH_LEN(to));
    for (size_t i = 0; i < n_to; i++)
        if (!strcmp(to[i].channel, c->letter->channel) &&
            !strcasecmp(to[i].address, c->letter->address))
            return true;
    return false;
}

/* It says that nothing was sent, and something is on its way now: when that came to nothing, it is
 * true after all. */
static bool is_coming(const struct claiming *c, const struct gh_notice *n)
{
    return c->coming.is && gh_starts(n->subject, "nothing:") &&
           c->coming.is(c->coming.arg, strchr(n->subject, ':') + 1);
}

static bool add_notice(const struct gh_notice *n, void *arg)
{
    struct claiming *c = arg;
    struct gh_notice_about about;
    int holds = gh_ledger_notice_holds(c->ledger, n, c->now_ms, &c->err);
    if (holds <= 0) {
        c->failed = holds;
        return holds == 0;
    }
    if (!is_meant(c, n))
        return true;
    if (is_coming(c, n)) {
        c->later[c->n_later++] = n->id;
        return true;
    }
    c->failed = gh_ledger_notice_about(c->ledger, n, &about, &c->err);
    if (c->failed < 0)
        return false;
    if (c->n++ == 0) {
        c->first = *n;
        GH_COPY(c->kind, n->kind);
        GH_COPY(c->subject, n->subject);
        GH_COPY(c->recipient, n->recipient);
        GH_COPY(c->department, about.department);
        c->first.kind = c->kind;
        c->first.subject = c->subject;
        c->first.recipient = c->recipient;
    }
    c->failed = gh_post_text_add(&c->text, n, &about, &c->err);
    return c->failed >= 0;
}

static int write_letter(struct claiming *c, const struct gh_letter *letter, struct gh_err *err)
{
    TRY(gh_ledger_letter_lines(c->ledger, letter->id, add_notice, c, err));
    if (c->failed < 0) {
        *err = c->err;
        return c->failed;
    }
    if (c->n == 0)
        return c->n_later ? GH_LETTER_PUT_OFF : 0;
    if (c->n_later)
        TRY(gh_ledger_put_off(c->ledger, letter->id, c->later, c->n_later, c->now_ms, err));
    gh_post_text_finish(&c->text, letter->digest);
    c->fn(&(struct gh_post_letter){.letter = letter,
                                   .subject = gh_str_text(&c->text.subject),
                                   .text = gh_str_text(&c->text.body),
                                   .notice = &c->first,
                                   .department = c->department},
          c->arg);
    return 1;
}

static int claim_letter(const struct gh_letter *letter, void *arg, struct gh_err *err)
{
    struct claiming *c = arg;
    c->text = (struct gh_post_text){.ledger = c->ledger,
                                    .settings = c->settings,
                                    .words = gh_words_of(letter->language),
                                    .now_ms = c->now_ms};
    c->letter = letter;
    c->n = 0;
    c->n_later = 0;
    c->failed = 0;
    int r = write_letter(c, letter, err);
    gh_post_text_free(&c->text);
    if (r < 0)
        gh_log_err(GH_LOG_WARNING, "letter-failed", err, "letter=%" PRId64, letter->id);
    return r;
}

int gh_post_claim(struct gh_ledger *l, const struct gh_settings *s, struct gh_post_coming coming,
                  const char *channel, int64_t now_ms, unsigned max, gh_post_letter_fn *fn,
                  void *arg, struct gh_err *err)
{
    GH_AUTO(gh_calendar_free) struct gh_calendar hours = {0};
    GH_AUTO(gh_whom_free) struct gh_whom whom = {.ledger = l, .settings = s};
    GH_AUTO_FREE struct claiming *c = gh_alloc(sizeof(*c));
    *c = (struct claiming){.ledger = l,
                           .settings = s,
                           .coming = coming,
                           .whom = &whom,
                           .now_ms = now_ms,
                           .fn = fn,
                           .arg = arg};
    whom.clock = (struct gh_post_clock){.hours = &hours, .now_ms = now_ms};
    gh_conf_daily(&s->conf, &whom.clock.daily);
    TRY(gh_calendar_parse(s->conf.hours, &hours, err));
    TRY(gh_whom_load(&whom, err));
    int n = gh_ledger_spread(l, now_ms, gh_whom_of, &whom, err);
    TRY(n);
    int more =
        gh_ledger_claim_letters(l, channel, now_ms, GH_POST_LEASE_MS, max, claim_letter, c, err);
    TRY(more);
    return n + more;
}
