/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of kinds and their words. Whatever comes from people (reasons, titles) is made one line
 * without control characters before it is said. */
#include "daemon/notice/text.h"

#include "daemon/notice/kinds.h"
#include "daemon/site/days.h"

#include "base/reasons.h"
#include "base/speak.h"
#include "base/words.h"

#include <inttypes.h>
#include <string.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define DECISIONS 200 /* that one daily list shows */

/* %1$s the number, %2$s the department, %3$s a time, a day, a reason, or the number of a question.
 */
static const struct {
    const char *kind, *text;
    enum { NOTHING, WHEN, DAY, REASON, QUESTION } third;
} forms[] = {
    {"undecided", GH_W("Item %1$s (%2$s) has waited for a decision since %3$s."), WHEN},
    {"uncollected", GH_W("Item %1$s (%2$s) is approved, and nobody has collected it."), NOTHING},
    {"rejected", GH_W("Item %1$s (%2$s) was rejected: %3$s"), REASON},
    {"held-for", GH_W("Item %1$s (%2$s) is held until question %3$s is answered."), QUESTION},
    {"held", GH_W("Item %1$s (%2$s) is held: %3$s"), REASON},
    {"withdrawn", GH_W("Item %1$s (%2$s) is withdrawn. Wherever it was posted, take it down: %3$s"),
     REASON},
    {"asked", GH_W("Question %1$s to %2$s was asked; the answer is due %3$s."), WHEN},
    {"remind", GH_W("Question %1$s to %2$s is still open; the answer is due %3$s."), WHEN},
    {"due", GH_W("Question %1$s to %2$s is overdue since %3$s."), WHEN},
    {"escalate", GH_W("Question %1$s to %2$s is overdue since %3$s."), WHEN},
    {"again", GH_W("Question %1$s to %2$s is overdue since %3$s."), WHEN},
    {"answer", GH_W("Question %1$s to %2$s was answered."), NOTHING},
    {"note", GH_W("Something was added to the answer to question %1$s (%2$s)."), NOTHING},
    {"extend", GH_W("Question %1$s to %2$s has more time; the answer is due %3$s."), WHEN},
    {"withdraw", GH_W("Question %1$s to %2$s is withdrawn; no answer is needed."), NOTHING},
    {"event-announce", GH_W("Event %1$s of %2$s is announced; it begins %3$s."), WHEN},
    {"event-change", GH_W("Event %1$s of %2$s was changed; it begins %3$s."), WHEN},
    {"event-cancel", GH_W("Event %1$s of %2$s is cancelled; it was to begin %3$s."), WHEN},
    {"event-miss", GH_W("Nothing came of event %1$s of %2$s, which began %3$s."), WHEN},
    {"nothing", GH_W("%2$s has sent nothing (%3$s)."), DAY},
};

static void end_paragraph(struct gh_post_text *t, const char *path, int64_t number)
{
    const char *url = t->settings->conf.desk_url;
    gh_str_puts(&t->body, "\n");
    if (url && path)
        gh_str_printf(&t->body, number ? "%s%s%" PRId64 "\n" : "%s%s\n", url, path, number);
    gh_str_puts(&t->body, "\n");
    t->n++;
}

/* A sentence, which is the subject when it is the first. */
static void say(struct gh_post_text *t, const char *sentence)
{
    if (!t->subject.len)
        gh_str_puts(&t->subject, sentence);
    gh_str_puts(&t->body, sentence);
}

static void say_department(struct gh_post_text *t, const char *slug, struct gh_str *out)
{
    const struct gh_department *d = gh_departments_find(&t->settings->departments, slug);
    const char *title = d && d->title ? d->title : slug;
    gh_str_display(out, title, strlen(title));
}

/* The number by which a thing is known, in the reader's digits; links have those of all. */
static void say_number(struct gh_post_text *t, int64_t number, struct gh_str *out)
{
    char text[24];
    GH_FORMAT(text, "%" PRId64, number);
    gh_speak_text(out, t->words, text);
}

static void add_form(struct gh_post_text *t, size_t form, int64_t number,
                     const struct gh_notice_about *about)
{
    GH_AUTO_STR id = {0}, department = {0}, third = {0}, sentence = {0};
    say_number(t, number, &id);
    say_department(t, about->department, &department);
    if (forms[form].third == WHEN || forms[form].third == DAY)
        gh_speak(&third, t->words,
                 forms[form].third == DAY || about->all_day ? GH_SPEAK_DAY : GH_SPEAK_WHEN,
                 about->at_ms, t->now_ms);
    if (forms[form].third == REASON)
        gh_reason_say(&third, t->words, &t->settings->reasons, about->reason, " · ");
    if (forms[form].third == QUESTION)
        say_number(t, about->question, &third);
    GH_FILL(&sentence, gh_word(t->words, NULL, forms[form].text), gh_str_text(&id),
            gh_str_text(&department), gh_str_text(&third));
    while (sentence.len && strchr(": ", sentence.data[sentence.len - 1])) /* no reason was given */
        sentence.data[--sentence.len] = '\0';
    say(t, gh_str_text(&sentence));
}

/* ---------------------------------------------------------------------------------------- lists */

struct decisions {
    struct gh_post_text *text;
    unsigned n;
};

static bool add_decision(const struct gh_decision_row *row, void *arg)
{
    static const struct {
        const char *verdict, *word;
    } words[] = {
        {"approve", GH_WC("decided", "approved")}, {"hold", GH_WC("decided", "held")},
        {"reject", GH_WC("decided", "rejected")},  {"withdraw", GH_WC("decided", "withdrawn")},
        {"release", GH_WC("decided", "released")}, {"collected", GH_WC("decided", "collected")}};
    struct decisions *d = arg;
    struct gh_post_text *t = d->text;
    const char *word = row->verdict;
    if (d->n++ >= DECISIONS) /* counted */
        return true;
    for (size_t i = 0; i < GH_LEN(words); i++)
        if (!strcmp(words[i].verdict, row->verdict))
            word = gh_word(t->words, "decided", words[i].word);
    gh_str_puts(&t->body, "\n  ");
    gh_speak(&t->body, t->words, GH_SPEAK_TIME, row->time_ms, t->now_ms);
    gh_str_puts(&t->body, "  ");
    say_number(t, row->submission, &t->body);
    gh_str_printf(&t->body, "  %s", word);
    return true;
}

/* What was decided in somebody's name within a day, up to the moment that the notice names: for
 * whoever did not do it. */
static int add_decisions(struct gh_post_text *t, const struct gh_notice *n, struct gh_err *err)
{
    GH_AUTO_STR since = {0}, sentence = {0};
    struct decisions d = {.text = t};
    int64_t to = n->revision * 1000, from = to - DAY_MS;
    const char *user = strchr(n->recipient, ':');
    gh_speak(&since, t->words, GH_SPEAK_WHEN, from, t->now_ms);
    GH_FILL(&sentence, gh_word(t->words, NULL, GH_W("Decided in your name since %s:")),
            gh_str_text(&since));
    say(t, gh_str_text(&sentence));
    TRY(gh_ledger_decisions_of(t->ledger, user ? user + 1 : "", from, to, add_decision, &d, err));
    if (d.n > DECISIONS) {
        gh_str_puts(&t->body, "\n  … +");
        gh_speak(&t->body, t->words, GH_SPEAK_NUMBER, (int64_t)d.n - DECISIONS, t->now_ms);
    }
    gh_str_printf(&t->body, "\n%s",
                  gh_word(t->words, NULL,
                          GH_W("If you did not decide one of these, tell your administrator at "
                               "once.")));
    end_paragraph(t, NULL, 0);
    return 0;
}

/* "  dropped: 12", on a line of its own. */
static void add_figure(struct gh_post_text *t, const char *word, uint64_t n)
{
    gh_str_printf(&t->body, "\n  %s: ", word);
    gh_speak(&t->body, t->words, GH_SPEAK_NUMBER, (int64_t)n, t->now_ms);
}

/* What may have several causes is told with each of them. */
static void add_reasons(struct gh_post_text *t, const struct gh_report *r)
{
    for (size_t i = 0; i < GH_REPORT_REASONS; i++) {
        struct gh_reason reason = {.label = gh_word(t->words, "figure", GH_WC("figure", "other"))};
        if (!r->reasons[i])
            continue;
        if (i < GH_REPORT_REASONS - 1)
            (void)gh_reason_at(&t->settings->reasons, i, t->words, &reason);
        gh_str_puts(&t->body, "\n    ");
        gh_str_display(&t->body, reason.label, strlen(reason.label));
        gh_str_puts(&t->body, ": ");
        gh_speak(&t->body, t->words, GH_SPEAK_NUMBER, (int64_t)r->reasons[i], t->now_ms);
    }
}

static void add_figures(struct gh_post_text *t, const struct gh_report *r, unsigned without)
{
    const struct {
        const char *word;
        uint64_t n;
        bool if_any; /* told when there is any only */
    } figures[] = {{GH_WC("figure", "dropped"), r->n.dropped, false},
                   {GH_WC("figure", "days without anything"), without, false},
                   {GH_WC("figure", "refused"), r->n.refused, false},
                   {GH_WC("figure", "ready for a decision"), r->n.staged, false},
                   {GH_WC("figure", "approved"), r->n.approved, false},
                   {GH_WC("figure", "rejected"), r->n.rejected, false},
                   {GH_WC("figure", "collected"), r->n.collected, false},
                   {GH_WC("figure", "posted"), r->n.posted, false},
                   {GH_WC("figure", "links to posts"), r->n.links, true},
                   {GH_WC("figure", "questions"), r->questions.asked, true},
                   {GH_WC("figure", "answered in time"), r->questions.in_time, true},
                   {GH_WC("figure", "not answered in time"), r->questions.missed, true},
                   {GH_WC("figure", "events"), r->events.announced, true},
                   {GH_WC("figure", "events of which pictures came"), r->events.covered, true},
                   {GH_WC("figure", "events of which nothing came"), r->events.missed, true}};
    for (size_t i = 0; i < GH_LEN(figures); i++) {
        if (!figures[i].if_any || figures[i].n)
            add_figure(t, gh_word(t->words, "figure", figures[i].word), figures[i].n);
        if (!strcmp(figures[i].word, "rejected"))
            add_reasons(t, r);
    }
}

/* The week from Monday to Sunday that was over when the notice was written. */
static int add_week(struct gh_post_text *t, const struct gh_notice *n, const char *department,
                    struct gh_err *err)
{
    GH_AUTO(gh_reports_free) struct gh_reports reports = {.n = 0};
    GH_AUTO(gh_days_free) struct gh_days days = {.n = 0};
    GH_AUTO_STR title = {0}, sentence = {0};
    const struct gh_department *d = gh_departments_find(&t->settings->departments, department);
    int64_t today = gh_day_of(n->revision * 1000);
    char only[80];
    GH_FORMAT(only, ",%s,", department);
    gh_days_of(gh_moment_of(today - 7, 0, false), gh_moment_of(today, 0, false), 7, &days);
    const struct gh_report_ask ask = {.days = days.begin,
                                      .n_days = days.n,
                                      .now_ms = t->now_ms,
                                      .departments = only,
                                      .outside = true,
                                      .reasons = &t->settings->reasons};
    TRY(gh_ledger_report(t->ledger, &ask, &reports, err));
    say_department(t, department, &title);
    GH_FILL(&sentence, gh_word(t->words, NULL, GH_W("%s: the last seven days")),
            gh_str_text(&title));
    say(t, gh_str_text(&sentence));
    add_figures(t, &reports.all,
                d ? gh_days_without(d, &days, &reports, &reports.all, t->now_ms, NULL) : 0);
    end_paragraph(t, NULL, 0);
    return 0;
}

/* -------------------------------------------------------------------------------------- a letter
 */

/* What says no more than how many. */
static bool is_counted(struct gh_post_text *t, const char *kind)
{
    if (!strcmp(kind, "waits"))
        return ++t->waits;
    if (!strcmp(kind, "collect"))
        return ++t->collect;
    return false;
}

/* Where the desk shows what a notice is about. */
static const char *page_of(const char *subject)
{
    return gh_starts(subject, "item:")      ? "/i/"
           : gh_starts(subject, "event:")   ? "/event/"
           : gh_starts(subject, "nothing:") ? "/report"
                                            : "/question/";
}

int gh_post_text_add(struct gh_post_text *t, const struct gh_notice *n,
                     const struct gh_notice_about *about, struct gh_err *err)
{
    const char *kind = gh_post_kind_of(n->kind)->kind, *number = strchr(n->subject, ':');
    /* a department's short name may begin with a digit */
    int64_t id = number && !gh_starts(n->subject, "nothing:") ? strtoll(number + 1, NULL, 10) : 0;
    if (is_counted(t, kind))
        return 0;
    if (!strcmp(kind, "decisions"))
        return add_decisions(t, n, err);
    if (!strcmp(kind, "week"))
        return add_week(t, n, about->department, err);
    if (!strcmp(kind, "held") && about->question)
        kind = "held-for";
    for (size_t i = 0; i < GH_LEN(forms); i++)
        if (!strcmp(forms[i].kind, kind)) {
            add_form(t, i, id, about);
            end_paragraph(t, page_of(n->subject), id);
            return 0;
        }
    return 0;
}

static void add_count(struct gh_post_text *t, const char *text, uint64_t n, const char *path)
{
    GH_AUTO_STR number = {0}, sentence = {0};
    gh_speak(&number, t->words, GH_SPEAK_NUMBER, (int64_t)n, t->now_ms);
    GH_FILL(&sentence, text, gh_str_text(&number));
    say(t, gh_str_text(&sentence));
    end_paragraph(t, path, 0);
}

void gh_post_text_finish(struct gh_post_text *t, bool digest)
{
    if (t->waits)
        add_count(t,
                  gh_word_n(t->words, NULL, "%s item waits for your decision.",
                            "%s items wait for your decision.", t->waits),
                  t->waits, "/q");
    if (t->collect)
        add_count(t,
                  gh_word_n(t->words, NULL, "%s item is approved and out.",
                            "%s items are approved and out.", t->collect),
                  t->collect, "/");
    if (digest) {
        t->subject.len = 0;
        gh_str_puts(&t->subject, gh_word(t->words, NULL, GH_W("Ghat: the day's news")));
    } else if (t->n > 1 && !t->waits) {
        gh_str_puts(&t->subject, " …");
    }
    gh_str_puts(&t->body, "-- \n");
    gh_str_puts(&t->body,
                gh_word(t->words, NULL,
                        GH_W("This mail tells, and decides nothing. What you are told you set on "
                             "your page at the desk.")));
    gh_str_puts(&t->body, "\n");
}

void gh_post_text_free(struct gh_post_text *t)
{
    gh_str_free(&t->subject);
    gh_str_free(&t->body);
}
