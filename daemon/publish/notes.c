/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a note says: which of the situations of notes_text.h an item is in, and the facts about it
 * that an officer needs. */
#include "daemon/publish/notes.h"

#include "daemon/publish/notes_text.h"

#include "base/file.h"
#include "base/reasons.h"
#include "base/speak.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#define EOL "\r\n"
#define RECALLED "recalled by the department" /* in every reason of a recall */
#define MINUTE_MS 60000
#define MINUTES_MAX 120 /* a longer time is told in hours */
#define NAMES_TOLD 12   /* of files in one line; a folder may have hundreds */

/* ----------------------------------------------------------------------------------- which case */

static bool was_out(const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_renditions; i++)
        if (item->renditions[i].publishing_ms > 0)
            return true;
    return false;
}

static unsigned states_seen(const struct gh_item *item)
{
    unsigned seen = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        seen |= 1u << gh_state_outside(&item->renditions[i]);
    return seen & ~(1u << GH_REN_SKIPPED | 1u << GH_REN_FAILED);
}

/* The words for a decided item: a state that all renditions share has words of its own. */
static enum gh_case decided_case(unsigned seen)
{
    static const struct {
        enum gh_ren_state state;
        enum gh_case say;
    } rows[] = {
        {GH_REN_PUBLISHING, GH_CASE_APPROVED}, {GH_REN_PUBLISHED, GH_CASE_PUBLISHED},
        {GH_REN_COLLECTED, GH_CASE_COLLECTED}, {GH_REN_REJECTED, GH_CASE_REJECTED},
        {GH_REN_WITHDRAWN, GH_CASE_WITHDRAWN},
    };
    if (seen == (1u << GH_REN_PUBLISHING | 1u << GH_REN_PUBLISHED))
        return GH_CASE_APPROVED;
    if (seen >> GH_REN_STAGED & 1u)
        return GH_CASE_STAGED;
    for (size_t i = 0; i < GH_LEN(rows); i++)
        if (seen == 1u << rows[i].state)
            return rows[i].say;
    return GH_CASE_MIXED;
}

static bool is_retrying(const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].work == GH_WORK_DUE &&
            item->files[i].strikes + item->files[i].interrupted > 0)
            return true;
    return false;
}

static const struct gh_reason_text *words_for(const char *reason)
{
    for (const struct gh_reason_text *r = gh_reasons; r->piece; r++)
        if (strcasestr(reason, r->piece))
            return r;
    return NULL;
}

const char *gh_note_plain(const char *reason)
{
    const struct gh_reason_text *words = words_for(reason);
    return words ? words->say : NULL;
}

/* Refused once, and looked at again after a while, for a reason that will not change meanwhile. */
static bool is_lost(const struct gh_file *f)
{
    const struct gh_reason_text *words =
        f->work == GH_WORK_DUE && f->reason ? words_for(f->reason) : NULL;
    return words && words->final;
}

static bool is_incomplete(const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].work == GH_WORK_DUE && item->files[i].reason &&
            !is_lost(&item->files[i]))
            return true;
    return false;
}

/* Every media file of it was refused for good, though one of them is looked at again. */
static bool is_all_lost(const struct gh_item *item)
{
    size_t lost = 0;
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        if (f->role == GH_FILE_MEDIA && !is_lost(f) && f->work != GH_WORK_BAD)
            return false;
        lost += is_lost(f);
    }
    return lost > 0;
}

static bool is_recalled(const struct gh_item *item)
{
    if (item->sub.reason && strstr(item->sub.reason, RECALLED))
        return true;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (item->renditions[i].state == GH_REN_REJECTED && item->renditions[i].reason &&
            strstr(item->renditions[i].reason, RECALLED))
            return true;
    return false;
}

static enum gh_case case_of(const struct gh_item *item)
{
    unsigned seen = states_seen(item);
    switch (item->sub.state) {
    case GH_SUB_ARRIVING:
        return GH_CASE_ARRIVING;
    case GH_SUB_RECEIVED:
        return GH_CASE_RECEIVED;
    case GH_SUB_RENDERING:
        return is_all_lost(item)     ? GH_CASE_QUARANTINED
               : is_incomplete(item) ? GH_CASE_INCOMPLETE
               : is_retrying(item)   ? GH_CASE_RETRYING
                                     : GH_CASE_RENDERING;
    case GH_SUB_STAGED:
        return seen == 1u << GH_REN_HELD ? GH_CASE_HELD : GH_CASE_STAGED;
    case GH_SUB_DECIDED:
    case GH_SUB_DELIVERED:
        if (item->sub.question && !item->n_renditions)
            return GH_CASE_ANSWERED;
        if (item->sub.state == GH_SUB_DELIVERED && !item->n_renditions && !is_recalled(item))
            return GH_CASE_EVENTS;
        return is_recalled(item) ? GH_CASE_RECALLED : decided_case(seen);
    case GH_SUB_QUARANTINED:
        return is_recalled(item) ? GH_CASE_RECALLED : GH_CASE_QUARANTINED;
    case GH_SUB_DUPLICATE:
        return GH_CASE_DUPLICATE;
    case GH_SUB_STATES_N:
        break;
    }
    return GH_CASE_RECEIVED;
}

/* ------------------------------------------------------------------------------------ its facts */

static const char *label(const struct gh_words *w, enum gh_label which)
{
    return gh_word(w, "note", gh_label_texts[which]);
}

static void add_label(struct gh_str *out, const struct gh_words *w, enum gh_label which)
{
    gh_str_printf(out, "%s: ", label(w, which));
}

/* A line of a label and a number, which is an id: its digits are not grouped. */
static void add_id(struct gh_str *out, const struct gh_words *w, enum gh_label which, int64_t id)
{
    char number[32];
    GH_FORMAT(number, "%" PRId64, id);
    add_label(out, w, which);
    gh_speak_text(out, w, number);
    gh_str_puts(out, EOL);
}

static void add_time(struct gh_str *out, const struct gh_words *w, enum gh_label which, int64_t ms)
{
    if (ms <= 0)
        return;
    add_label(out, w, which);
    gh_speak(out, w, GH_SPEAK_STAMP, ms, 0);
    gh_str_puts(out, EOL);
}

/* "about 5 minutes, until about 14:35". The time of day stays true when the note grows old. */
static void add_time_left(struct gh_str *out, const struct gh_words *w,
                          const struct gh_note_about *about)
{
    GH_AUTO_STR number = {0};
    GH_AUTO_STR span = {0};
    GH_AUTO_STR until = {0};
    char text[32];
    struct tm tm;
    int64_t minutes = (about->left_ms + MINUTE_MS - 1) / MINUTE_MS;
    time_t t = (time_t)((about->now_ms + about->left_ms) / 1000);
    if (about->left_ms < 0 || !localtime_r(&t, &tm))
        return;
    minutes = GH_MAX(minutes, (int64_t)1);
    bool hours = minutes > MINUTES_MAX;
    uint64_t n = (uint64_t)(hours ? (minutes + 30) / 60 : minutes);
    GH_FORMAT(text, "%" PRIu64, n);
    gh_speak_text(&number, w, text);
    GH_FILL(&span,
            hours ? gh_word_n(w, "duration", "%s hour", "%s hours", n)
                  : gh_word_n(w, "duration", "%s minute", "%s minutes", n),
            gh_str_text(&number));
    GH_FORMAT(text, "%02d:%02d", tm.tm_hour, tm.tm_min);
    gh_speak_text(&until, w, text);
    add_label(out, w, GH_LABEL_LEFT);
    GH_FILL(out, label(w, GH_LABEL_ABOUT), gh_str_text(&span), gh_str_text(&until));
    gh_str_puts(out, EOL);
}

static const char *plain_reason(const char *reason, const struct gh_words *w)
{
    const char *plain = gh_note_plain(reason);
    return plain ? gh_word(w, NULL, plain) : NULL;
}

/* Why nothing came of it: as the submission says, else as the first of its lost files does. */
static const char *why_nothing(const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_files && !item->sub.reason; i++)
        if (is_lost(&item->files[i]))
            return item->files[i].reason;
    return item->sub.reason;
}

/* Is it kept for a short time only, since every photo and video of it is of no kind that is taken?
 */
static bool is_unsupported(const struct gh_item *item)
{
    size_t media = 0;
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        media += f->role == GH_FILE_MEDIA;
        if (f->role == GH_FILE_MEDIA &&
            (f->work != GH_WORK_BAD || !f->reason || !gh_starts(f->reason, GH_REASON_UNSUPPORTED)))
            return false;
    }
    return media > 0 && item->sub.state == GH_SUB_QUARANTINED;
}

/* A technical reason: in plain words where there are some, and as it is for whoever is asked to
 * help. */
static void add_reason(struct gh_str *out, const struct gh_words *w, const char *why)
{
    const char *plain = plain_reason(why, w);
    if (plain) {
        add_label(out, w, GH_LABEL_REASON);
        gh_str_printf(out, "%s" EOL, plain);
    }
    add_label(out, w, plain ? GH_LABEL_DETAIL : GH_LABEL_REASON);
    gh_str_display(out, why, strlen(why));
    gh_str_puts(out, EOL);
}

/* The reasons the authority gave, each once, though several placements may have it. */
static void add_authority_reasons(struct gh_str *out, const struct gh_words *w,
                                  const struct gh_item *item, const struct gh_reasons *own)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        bool said = false;
        if ((r->state != GH_REN_REJECTED && r->state != GH_REN_WITHDRAWN &&
             r->state != GH_REN_HELD) ||
            r->turned || !r->reason || !*r->reason)
            continue;
        for (size_t k = 0; k < i && !said; k++)
            said = item->renditions[k].state == r->state && !item->renditions[k].turned &&
                   gh_streq(item->renditions[k].reason, r->reason);
        if (said)
            continue;
        add_label(out, w, GH_LABEL_AUTHORITY_SAYS);
        gh_reason_say(out, w, own, r->reason, EOL "  ");
        gh_str_puts(out, EOL);
    }
}

static const char *title_of(const struct gh_profiles *profiles, const char *placement)
{
    const struct gh_profile *p = profiles ? gh_profiles_find(profiles, placement) : NULL;
    return p && *p->title ? p->title : placement;
}

/* Renditions are sorted by placement. */
static bool is_first_of_placement(const struct gh_item *item, size_t i)
{
    return i == 0 || strcmp(item->renditions[i - 1].placement, item->renditions[i].placement) != 0;
}

static const struct gh_file *file_of(const struct gh_item *item, int64_t id)
{
    for (size_t i = 0; i < item->n_files; i++)
        if (item->files[i].id == id)
            return &item->files[i];
    return NULL;
}

/* Is the reason this placement's own? What is wrong with a whole file is told once, by
 * add_bad_files or as the reason of the item. */
static bool is_impossible(const struct gh_item *item, const struct gh_rendition *r)
{
    const struct gh_file *f = file_of(item, r->file);
    return (r->state == GH_REN_SKIPPED || r->state == GH_REN_FAILED) && r->reason && *r->reason &&
           (!f || f->work != GH_WORK_BAD);
}

/* A heading, before the first line of its list only. */
static void add_heading(struct gh_str *out, const struct gh_words *w, enum gh_label which,
                        bool *done)
{
    if (!*done)
        gh_str_printf(out, "%s:" EOL, label(w, which));
    *done = true;
}

/* The states of a placement's outputs, as far as the officer is told: a bit each. */
static unsigned place_states(const struct gh_item *item, const char *placement)
{
    unsigned seen = 0;
    for (size_t i = 0; i < item->n_renditions; i++)
        if (!strcmp(item->renditions[i].placement, placement))
            seen |= 1u << gh_state_outside(&item->renditions[i]);
    return seen;
}

/* Which pictures are in another state than the placement they were made for. Why something cannot
 * be made there is told by add_impossible_places. */
static void add_other_files(struct gh_str *out, const struct gh_words *w,
                            const struct gh_item *item, const char *placement, unsigned states)
{
    for (unsigned state = 0; states >> state; state++) {
        size_t n = 0;
        if (!(states & 1u << state) || state == GH_REN_SKIPPED || state == GH_REN_FAILED)
            continue;
        for (size_t i = 0; i < item->n_renditions; i++) {
            const struct gh_rendition *r = &item->renditions[i];
            const struct gh_file *f = file_of(item, r->file);
            bool told = i > 0 && item->renditions[i - 1].file == r->file &&
                        !strcmp(item->renditions[i - 1].placement, placement) &&
                        gh_state_outside(&item->renditions[i - 1]) == state; /* an earlier part */
            if (!f || strcmp(r->placement, placement) != 0 || gh_state_outside(r) != state ||
                told || ++n > NAMES_TOLD)
                continue;
            if (n == 1)
                gh_str_printf(
                    out, "      %s: ", gh_word(w, "note: state at a place", gh_ren_texts[state]));
            else
                gh_str_puts(out, ", ");
            gh_str_display(out, f->name, f->name_len);
        }
        if (n)
            gh_str_puts(out, n > NAMES_TOLD ? ", …" EOL : EOL);
    }
}

static void add_places(struct gh_str *out, const struct gh_words *w, const struct gh_item *item,
                       const struct gh_profiles *profiles)
{
    bool headed = false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const char *placement = item->renditions[i].placement;
        unsigned states = place_states(item, placement);
        enum gh_ren_state state = gh_ren_most_urgent(states);
        if (!is_first_of_placement(item, i) || state == GH_REN_SKIPPED ||
            item->sub.state == GH_SUB_QUARANTINED)
            continue;
        add_heading(out, w, GH_LABEL_PLACES, &headed);
        gh_str_printf(out, "  - %s: %s" EOL, title_of(profiles, placement),
                      gh_word(w, "note: state at a place", gh_ren_texts[state]));
        add_other_files(out, w, item, placement, states & ~(1u << state));
    }
}

/* The number of pictures in a file of which the first was taken, as the worker noted it; 0: it is
 * one picture, or nothing was made of it. */
static unsigned long pictures_in(const struct gh_rendition *r)
{
    static const char *const starts[] = {"first picture of ", "first frame of "};
    for (size_t i = 0; r->note && i < GH_LEN(starts); i++)
        if (gh_starts(r->note, starts[i]))
            return strtoul(r->note + strlen(starts[i]), NULL, 10);
    return 0;
}

/* Files of many pages, each once: their renditions lie beside each other or not. */
static void add_first_only(struct gh_str *out, const struct gh_words *w, const struct gh_item *item)
{
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        const struct gh_file *f = file_of(item, r->file);
        unsigned long n = pictures_in(r);
        GH_AUTO_STR digits = {0};
        char number[32];
        bool told = false;
        for (size_t k = 0; k < i && !told; k++)
            told = item->renditions[k].file == r->file && pictures_in(&item->renditions[k]) > 0;
        if (n < 2 || told)
            continue;
        if (f && item->sub.kind == GH_KIND_FOLDER) {
            gh_str_display(out, f->name, f->name_len);
            gh_str_puts(out, " · ");
        }
        GH_FORMAT(number, "%lu", n);
        gh_speak_text(&digits, w, number);
        GH_FILL(out, label(w, GH_LABEL_FIRST_ONLY), gh_str_text(&digits));
        gh_str_puts(out, EOL);
    }
}

static void add_impossible_places(struct gh_str *out, const struct gh_words *w,
                                  const struct gh_item *item, const struct gh_profiles *profiles)
{
    bool headed = false;
    for (size_t i = 0; i < item->n_renditions; i++) {
        const struct gh_rendition *r = &item->renditions[i];
        const struct gh_file *f = file_of(item, r->file);
        if (!is_impossible(item, r) || is_recalled(item))
            continue;
        add_heading(out, w, GH_LABEL_NOT_MADE, &headed);
        const char *plain = plain_reason(r->reason, w);
        gh_str_printf(out, "  - %s", title_of(profiles, r->placement));
        if (f && item->sub.kind == GH_KIND_FOLDER) {
            gh_str_puts(out, " · ");
            gh_str_display(out, f->name, f->name_len);
        }
        gh_str_printf(out, ": %s%s", plain ? plain : "", plain ? " (" : "");
        gh_str_display(out, r->reason, strlen(r->reason));
        gh_str_puts(out, plain ? ")" EOL : EOL);
    }
}

/* Files of a folder that could not be used though others could. */
static void add_bad_files(struct gh_str *out, const struct gh_words *w, const struct gh_item *item)
{
    bool headed = false;
    for (size_t i = 0; i < item->n_files; i++) {
        const struct gh_file *f = &item->files[i];
        if ((f->work != GH_WORK_BAD && !is_lost(f)) || item->sub.kind != GH_KIND_FOLDER ||
            is_recalled(item))
            continue;
        add_heading(out, w, GH_LABEL_BAD_FILES, &headed);
        gh_str_puts(out, "  - ");
        gh_str_display(out, f->name, f->name_len);
        const char *plain = f->reason ? plain_reason(f->reason, w) : NULL;
        if (f->reason) {
            gh_str_puts(out, ": ");
            gh_str_display(out, plain ? plain : f->reason, strlen(plain ? plain : f->reason));
        }
        gh_str_puts(out, EOL);
    }
}

/* The caption line by line, with the line ends of the note. Lines after the first are indented:
 * none of them can look like a line of ours. */
static void add_caption(struct gh_str *out, const char *text)
{
    size_t n = strlen(text);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    for (size_t i = 0; i < n;) {
        const char *end = memchr(text + i, '\n', n - i);
        size_t len = end ? (size_t)(end - text) - i : n - i;
        GH_AUTO_FREE char *line = gh_strndup(text + i, len);
        gh_text_clean(line); /* it may be older than the rule that captions are */
        gh_str_printf(out, "%s%s" EOL, i ? "  " : "", line);
        i += len + 1;
    }
}

/* "Friday, 4 December 2026, 11:00 – 13:00": a date misread shows itself. */
static void add_event_time(struct gh_str *out, const struct gh_words *w,
                           const struct gh_event_read *r)
{
    gh_str_puts(out, "    ");
    gh_speak(out, w, GH_SPEAK_WEEKDAY, r->starts_ms, 0);
    gh_str_puts(out, ", ");
    if (r->all_day) {
        gh_str_puts(out, label(w, GH_LABEL_ALL_DAY));
    } else {
        gh_speak(out, w, GH_SPEAK_TIME, r->starts_ms, 0);
        gh_str_puts(out, " – ");
        gh_speak(out, w, GH_SPEAK_TIME, r->ends_ms, 0);
    }
    gh_str_puts(out, EOL);
}

static void add_event_field(struct gh_str *out, const struct gh_words *w, enum gh_label which,
                            const char *text)
{
    if (!*text)
        return;
    gh_str_printf(out, "    %s: ", label(w, which));
    gh_str_display(out, text, strlen(text));
    gh_str_puts(out, EOL);
}

static void add_event(struct gh_str *out, const struct gh_words *w, const struct gh_event_read *r)
{
    const struct gh_event_text *t = gh_event_texts;
    const char *plain = *r->error ? plain_reason(r->error, w) : NULL;
    char number[32];
    GH_AUTO_STR digits = {0};
    while (t->act && strcmp(t->act, r->act) != 0)
        t++;
    gh_str_puts(out, "  - ");
    gh_str_display(out, r->title, strlen(r->title));
    gh_str_printf(out, "%s%s" EOL, *r->title ? ": " : "",
                  t->act ? gh_word(w, "note: event", t->say) : "");
    if (*r->error) {
        gh_str_puts(out, "    ");
        gh_str_display(out, plain ? plain : r->error, strlen(plain ? plain : r->error));
        gh_str_puts(out, EOL);
    }
    if (r->starts_ms > 0)
        add_event_time(out, w, r);
    add_event_field(out, w, GH_LABEL_PLACE, r->place);
    add_event_field(out, w, GH_LABEL_WARD, r->ward);
    add_event_field(out, w, GH_LABEL_EXPECTED, r->material);
    if (!r->event)
        return;
    GH_FORMAT(number, "%" PRId64, r->event);
    gh_speak_text(&digits, w, number);
    add_event_field(out, w, GH_LABEL_EVENT_NUMBER, gh_str_text(&digits));
    if (strcmp(r->act, "cancel") != 0)
        add_event_field(out, w, GH_LABEL_FOLDER, r->folder);
}

static void add_events(struct gh_str *out, const struct gh_words *w,
                       const struct gh_event_reads *reads)
{
    bool headed = false;
    for (size_t i = 0; reads && i < reads->n; i++) {
        add_heading(out, w, GH_LABEL_EVENTS, &headed);
        add_event(out, w, &reads->list[i]);
    }
}

static void add_language(struct gh_str *out, const struct gh_words *w, const struct gh_item *item,
                         const struct gh_note_about *about)
{
    const struct gh_submission *s = &item->sub;
    enum gh_case is = case_of(item);
    const struct gh_case_text *texts = &gh_case_texts[is];
    gh_str_printf(out, "%s · %s · ", label(w, GH_LABEL_TITLE),
                  about->department && about->department->title ? about->department->title
                                                                : s->department);
    gh_str_display(out, s->name, s->name_len);
    gh_str_puts(out, EOL);
    add_label(out, w, GH_LABEL_STATE);
    gh_str_printf(out, "%s" EOL "%s" EOL, gh_word(w, "note: state", texts->head),
                  gh_word(w, NULL, texts->what));
    if (*texts->act)
        gh_str_printf(out, "%s" EOL, gh_word(w, NULL, texts->act));
    if (is == GH_CASE_RECEIVED || is == GH_CASE_RENDERING || is == GH_CASE_RETRYING)
        add_time_left(out, w, about);
    if (is == GH_CASE_QUARANTINED && why_nothing(item))
        add_reason(out, w, why_nothing(item));
    if (is != GH_CASE_RECALLED)
        add_authority_reasons(out, w, item, about->reasons);
    if (s->duplicate_of)
        add_id(out, w, GH_LABEL_DUPLICATE_OF, s->duplicate_of);
    if (s->question)
        add_id(out, w, GH_LABEL_QUESTION, s->question);
    add_events(out, w, about->events);
    gh_str_puts(out, EOL);
    add_id(out, w, GH_LABEL_NUMBER, s->id);
    add_time(out, w, GH_LABEL_DROPPED, s->dropped_ms);
    if (about->keep_unsupported_ms && is_unsupported(item))
        add_time(out, w, GH_LABEL_KEPT, s->dropped_ms + about->keep_unsupported_ms);
    add_time(out, w, GH_LABEL_STAGED, s->staged_ms);
    if (was_out(item))
        add_time(out, w, GH_LABEL_APPROVED, s->approved_ms);
    add_time(out, w, GH_LABEL_COLLECTED, s->delivered_ms);
    if (s->caption && *s->caption) {
        add_label(out, w, GH_LABEL_CAPTION);
        add_caption(out, s->caption);
    } else if (s->state < GH_SUB_DECIDED && !(about->events && about->events->n)) {
        gh_str_printf(out, "%s" EOL, label(w, GH_LABEL_NO_CAPTION));
    }
    add_first_only(out, w, item);
    add_bad_files(out, w, item);
    add_places(out, w, item, about->profiles);
    add_impossible_places(out, w, item, about->profiles);
}

void gh_note_text(const struct gh_item *item, const struct gh_note_about *about, struct gh_str *out)
{
    const struct gh_words *words[GH_DEPARTMENT_LANGUAGES];
    size_t n = gh_department_words(about->department, words);
    for (size_t i = 0; i < n; i++) {
        if (i)
            gh_str_puts(out, EOL "----------------------------------------" EOL EOL);
        add_language(out, words[i], item, about);
    }
}

/* ------------------------------------------------------------------------------------- its name */

void gh_note_name(const void *name, size_t name_len, char ret[256])
{
    static const char suffix[] = ".txt";
    GH_AUTO_FREE char *text = gh_strndup(name, name_len);
    size_t keep = gh_utf8_cut(text, 255 - strlen(suffix));
    memcpy(ret, text, keep);
    memcpy(ret + keep, suffix, sizeof(suffix));
}
