/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and texts of the files of questions, and the folder brought to what it should be. A file
 * whose name has the form of ours, in any language, and which is none of those wanted, goes. */
#include "daemon/question/folder.h"

#include "daemon/site/folder.h"
#include "daemon/store/status.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/speak.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#define EOL "\r\n"

/* ------------------------------------------------------------------------------------ languages */

/* File names are English where that is one of the languages: they are typed on any machine. */
static const struct gh_words *words_of_name(const struct gh_department *d)
{
    const struct gh_words *words[GH_DEPARTMENT_LANGUAGES], *english = gh_words_of("en");
    size_t n = gh_department_words(d, words);
    for (size_t i = 0; i < n; i++)
        if (words[i] == english)
            return english;
    return words[0];
}

static char *number_words(const struct gh_words *w, int64_t n)
{
    GH_AUTO_STR s = {0};
    char text[32];
    gh_format(text, sizeof(text), "%" PRId64, n);
    gh_speak_text(&s, w, text);
    return gh_strdup(s.data);
}

/* -------------------------------------------------------------------------------------- its name
 */

/* What stands before the first argument tells such a file from others. */
static const char *file_pattern(const struct gh_words *w)
{
    return gh_word(w, "name of a file", "! Question %1$s - answer by %2$s.txt");
}

/* "14.15", or "Wed 11.00" when that is another day than the one on which it was asked. */
static char *time_in_name(const struct gh_words *w, const struct gh_question_round *r)
{
    GH_AUTO_STR s = {0};
    char text[16];
    time_t t = (time_t)(r->due_ms / 1000);
    struct tm tm = {0};
    localtime_r(&t, &tm);
    if (gh_day_of(r->due_ms) != gh_day_of(r->began_ms))
        gh_str_printf(&s, "%s ", gh_weekday_word(w, (unsigned)tm.tm_wday));
    gh_format(text, sizeof(text), "%02d.%02d", tm.tm_hour, tm.tm_min);
    gh_speak_text(&s, w, text);
    return gh_strdup(s.data);
}

static void file_name(const struct gh_question *q, const struct gh_department *d,
                      struct gh_str *out)
{
    const struct gh_words *w = words_of_name(d);
    GH_AUTO_FREE char *number = number_words(w, q->id);
    GH_AUTO_FREE char *when = time_in_name(w, gh_question_now(q));
    GH_FILL(out, file_pattern(w), number, when);
}

static bool is_ours(const char *name)
{
    const struct gh_words *w;
    for (size_t i = 0; (w = gh_words_at(i)); i++) {
        const char *pattern = file_pattern(w);
        if (!strncmp(name, pattern, strcspn(pattern, "%")))
            return true;
    }
    return false;
}

/* -------------------------------------------------------------------------------------- its text
 */

static void add_moment(struct gh_str *out, const struct gh_words *w, int64_t ms)
{
    gh_speak(out, w, GH_SPEAK_WEEKDAY, ms, 0);
    gh_str_puts(out, ", ");
    gh_speak(out, w, GH_SPEAK_TIME, ms, 0);
}

/* What somebody wrote: each line indented, so that none can look like one of ours. */
static void add_text(struct gh_str *out, const char *head, const char *text)
{
    if (!*text)
        return;
    gh_str_printf(out, "%s:" EOL, head);
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        gh_str_puts(out, "  ");
        gh_str_display(out, text, n);
        gh_str_puts(out, EOL);
    }
}

static void add_thread(struct gh_str *out, const struct gh_words *w, const struct gh_question *q)
{
    const char *const heads[GH_QUESTION_ACTS] = {
        [GH_QUESTION_ASK] = gh_word(w, "question", "The question"),
        [GH_QUESTION_REOPEN] = gh_word(w, "question", "Asked again"),
        [GH_QUESTION_ANSWER] = gh_word(w, "question", "Your answer"),
        [GH_QUESTION_NOTE] = gh_word(w, "question", "You added"),
    };
    for (size_t i = 0; i < q->n_messages; i++)
        if (heads[q->messages[i].kind])
            add_text(out, heads[q->messages[i].kind], q->messages[i].text);
}

static void add_clock(struct gh_str *out, const struct gh_words *w, const struct gh_question *q,
                      const struct gh_question_stand *stand)
{
    const struct gh_question_round *r = gh_question_now(q);
    GH_AUTO(gh_calendar_free) struct gh_calendar c = {0};
    gh_str_printf(out, "%s: ", gh_word(w, "question", "Answer by"));
    add_moment(out, w, r->due_ms);
    gh_str_puts(out, EOL);
    if (stand->missed)
        gh_str_printf(out, "%s" EOL, gh_word(w, "question", "This is overdue. Please answer now."));
    if (r->extended_ms) {
        GH_AUTO_STR why = {0};
        gh_str_display(&why, r->extended_why, strlen(r->extended_why));
        GH_FILL(out, gh_word(w, "question", "More time was given; the reason: %s"),
                gh_str_text(&why));
        gh_str_puts(out, EOL);
    }
    if (q->urgent)
        gh_str_printf(out, "%s" EOL,
                      gh_word(w, "question", "Urgent: nights and holidays count, too."));
    if (gh_calendar_parse(r->calendar, &c, NULL) < 0)
        return;
    GH_AUTO_STR explained = {0};
    gh_calendar_explain(&c, r->began_ms, r->due_ms, w, &explained);
    gh_str_printf(out, "%s: %s" EOL, gh_word(w, "question", "Why this time"),
                  gh_str_text(&explained));
}

static void add_how(struct gh_str *out, const struct gh_words *w, const char *number,
                    const struct gh_question_stand *stand)
{
    GH_FILL(
        out,
        gh_word(
            w, "question",
            "To answer: write it down and save it in your department's folder as \"answer "
            "%1$s.txt\", or from Word as .docx. To send pictures with it, make a folder \"answer "
            "%1$s\" with the text and the pictures in it."),
        number);
    gh_str_puts(out, EOL);
    if (!stand->longer_ms)
        return;
    GH_AUTO_STR when = {0};
    add_moment(&when, w, stand->longer_ms);
    GH_FILL(
        out,
        gh_word(
            w, "question",
            "If you need more time: save the reason as \"more time %1$s.txt\" before that time; "
            "the answer is then due %2$s. That is possible once."),
        number, gh_str_text(&when));
    gh_str_puts(out, EOL);
}

static void add_language(struct gh_str *out, const struct gh_words *w, const struct gh_question *q,
                         const struct gh_department *d, const struct gh_question_stand *stand)
{
    GH_AUTO_FREE char *number = number_words(w, q->id);
    GH_FILL(out, gh_word(w, "question", "Question %s"), number);
    gh_str_printf(out, " · %s" EOL, d->title);
    gh_str_printf(out, "%s: %s" EOL, gh_word(w, "question", "Asked by"),
                  q->asked_as == GH_BY_APPROVER ? gh_word(w, "question", "the authority")
                                                : gh_word(w, "question", "the agency"));
    if (q->submission) {
        GH_AUTO_FREE char *about = number_words(w, q->submission);
        GH_FILL(out, gh_word(w, "question", "About what was sent with the number %s"), about);
        gh_str_puts(out, EOL);
    }
    add_clock(out, w, q, stand);
    gh_str_puts(out, EOL);
    add_thread(out, w, q);
    gh_str_puts(out, EOL);
    add_how(out, w, number, stand);
}

/* In the languages of the card, in its order. */
static void file_text(const struct gh_question *q, const struct gh_department *d,
                      const struct gh_settings *s, int64_t now_ms, struct gh_str *out)
{
    const struct gh_words *words[GH_DEPARTMENT_LANGUAGES];
    struct gh_question_stand stand;
    size_t n = gh_department_words(d, words);
    gh_question_stands(gh_question_now(q), s, now_ms, &stand);
    for (size_t i = 0; i < n; i++) {
        if (i)
            gh_str_puts(out, EOL "----------------------------------------" EOL EOL);
        add_language(out, words[i], q, d, &stand);
    }
}

/* ------------------------------------------------------------------------------------ the folder
 */

/* Remove files of questions whose names are not among the n names. */
static void remove_others(int dir, char *const *names, size_t n)
{
    GH_AUTO_FD status = -1;
    if (gh_open_dir(dir, GH_STATUS_DIR, &status, NULL) < 0)
        return;
    int fd = openat(status, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *e; list && (e = readdir(list));) {
        bool wanted = !is_ours(e->d_name);
        for (size_t i = 0; i < n && !wanted; i++)
            wanted = gh_streq(names[i], e->d_name);
        if (!wanted)
            unlinkat(status, e->d_name, 0);
    }
    if (list)
        closedir(list);
}

static int write_one(const struct gh_questions_parts *p, const struct gh_department *d, int dir,
                     int64_t id, char **ret_name, struct gh_err *err)
{
    GH_AUTO(gh_question_free) struct gh_question q = {0};
    GH_AUTO_STR name = {0}, text = {0};
    TRY(gh_ledger_question(p->ledger, id, &q, err));
    file_name(&q, d, &name);
    file_text(&q, d, p->settings, gh_now_ms(), &text);
    *ret_name = gh_strdup(gh_str_text(&name));
    return gh_status_put(dir, *ret_name, text.data, text.len, err);
}

int gh_question_folder(const struct gh_questions_parts *p, const struct gh_department *d,
                       struct gh_err *err)
{
    const struct gh_question_filter open = {.department = d->slug,
                                            .state = gh_question_state_name(GH_QUESTION_OPEN)};
    GH_AUTO(gh_question_list_free) struct gh_question_list there = {0};
    GH_AUTO_FD dir = -1;
    TRY(gh_ledger_questions(p->ledger, &open, &there, err));
    size_t n = there.n;
    if (gh_folder_open(p->ledger, p->dirs->drop, d->folder, &dir, err) < 0)
        return gh_folder_offline(err) ? 0 : -(int)err->cls; /* written when it is back */
    GH_AUTO_FREE char **names = gh_alloc((n + 1) * sizeof(*names));
    int r = 0;
    for (size_t i = 0; i < n && r == 0; i++)
        r = write_one(p, d, dir, there.list[i].id, &names[i], err);
    if (r == 0)
        remove_others(dir, names, n);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    return r;
}
