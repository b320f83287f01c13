/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a report: a department each, and one of all. Medians are found without sorting. */
#include "daemon/ledger/report_int.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const size_t took_at[GH_TOOKS] = {
    [GH_TOOK_STAGED] = offsetof(struct gh_report, to_staged),
    [GH_TOOK_APPROVED] = offsetof(struct gh_report, to_approved),
    [GH_TOOK_COLLECTED] = offsetof(struct gh_report, to_collected),
    [GH_TOOK_POSTED] = offsetof(struct gh_report, to_posted),
    [GH_TOOK_COUNTED] = offsetof(struct gh_report, questions.counted),
    [GH_TOOK_WALL] = offsetof(struct gh_report, questions.wall),
};

/* ---------------------------------------------------------------------------------------- rows */

static void init_row(struct gh_report_row *row, size_t n_days)
{
    *row = (struct gh_report_row){.r = {.days = gh_alloc(n_days * sizeof(*row->r.days))}};
    for (size_t i = 0; i < GH_TOOKS; i++)
        *(struct gh_took *)((char *)&row->r + took_at[i]) = (struct gh_took){-1, -1};
}

static void free_row(struct gh_report_row *row)
{
    for (size_t i = 0; i < GH_TOOKS; i++)
        free(row->took[i].list);
    free(row->r.days);
}

static bool is_asked(const struct gh_report_rows *w, const char *department)
{
    char mark[80];
    GH_FORMAT(mark, ",%s,", department);
    return !w->ask->departments || strstr(w->ask->departments, mark);
}

struct gh_report_row *gh_report_row_of(struct gh_report_rows *w, const char *department)
{
    size_t low = 0, high = w->n;
    if (w->last < w->n && !strcmp(w->rows[w->last]->r.department, department))
        return w->rows[w->last];
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(w->rows[middle]->r.department, department) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    w->last = low;
    if (low < w->n && !strcmp(w->rows[low]->r.department, department))
        return w->rows[low];
    if (!is_asked(w, department))
        return NULL;
    w->rows = gh_realloc(w->rows, (w->n + 1) * sizeof(struct gh_report_row *));
    memmove(w->rows + low + 1, w->rows + low, (w->n++ - low) * sizeof(struct gh_report_row *));
    w->rows[low] = gh_alloc(sizeof(struct gh_report_row));
    init_row(w->rows[low], w->ask->n_days);
    GH_COPY(w->rows[low]->r.department, department);
    return w->rows[low];
}

/* The day of a moment, which is within the span. */
static size_t day_of(struct gh_report_rows *w, int64_t ms)
{
    const int64_t *days = w->ask->days;
    if (ms < days[w->day])
        w->day = 0;
    while (w->day + 1 < w->ask->n_days && ms >= days[w->day + 1])
        w->day++;
    return w->day;
}

void gh_report_count(struct gh_report_rows *w, struct gh_report_row *row, size_t figure, int64_t ms,
                     bool less)
{
    size_t day = day_of(w, ms);
    struct gh_day_figures *const all[] = {&row->r.n, &row->r.days[day], &w->all.r.n,
                                          &w->all.r.days[day]};
    for (size_t i = 0; i < GH_LEN(all); i++)
        *(uint32_t *)((char *)all[i] + figure) += less ? -1U : 1U;
}

static void add_span(struct gh_spans *s, int64_t ms)
{
    if (s->n == s->room) {
        s->room = 2 * s->room + 16;
        s->list = gh_realloc(s->list, s->room * sizeof(*s->list));
    }
    s->list[s->n++] = ms;
}

void gh_report_add_took(struct gh_report_rows *w, struct gh_report_row *row,
                        enum gh_took_kind which, int64_t ms)
{
    add_span(&row->took[which], ms);
    add_span(&w->all.took[which], ms);
}

/* ------------------------------------------------------------------------------------- medians */

/* The element that would be at k, were the list sorted: what lies before it is not greater, and
 * what lies behind it not smaller. */
static int64_t select_nth(int64_t *v, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        int64_t pivot = v[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;; i++, j--) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i >= j)
                break;
            int64_t other = v[i];
            v[i] = v[j];
            v[j] = other;
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return v[k];
}

void gh_report_finish_took(struct gh_report_row *row, enum gh_took_kind which)
{
    struct gh_spans *s = &row->took[which];
    struct gh_took *t = (struct gh_took *)((char *)&row->r + took_at[which]);
    for (size_t k = 0; k < s->n; k++)
        t->max_ms = k ? GH_MAX(t->max_ms, s->list[k]) : s->list[k];
    if (s->n)
        t->median_ms = select_nth(s->list, s->n, s->n / 2);
    free(s->list);
    *s = (struct gh_spans){0};
}

/* ------------------------------------------------------------------------------------ the whole */

void gh_report_rows_init(struct gh_report_rows *w, const struct gh_report_ask *ask)
{
    *w = (struct gh_report_rows){.ask = ask};
    init_row(&w->all, ask->n_days);
}

void gh_report_rows_free(struct gh_report_rows *w)
{
    free_row(&w->all);
    for (size_t i = 0; i < w->n; i++) {
        free_row(w->rows[i]);
        free(w->rows[i]);
    }
    free(w->rows);
    *w = (struct gh_report_rows){0};
}

/* Whoever sent words only. */
static bool is_nothing(const struct gh_report_row *row)
{
    static const struct gh_day_figures none;
    return !memcmp(&row->r.n, &none, sizeof(none)) && !row->r.questions.asked &&
           !row->r.events.announced;
}

/* Its days are the receiver's then. */
static void hand_over(struct gh_report_row *row, struct gh_report *ret)
{
    *ret = row->r;
    row->r.days = NULL;
}

void gh_report_hand_over(struct gh_report_rows *w, struct gh_reports *ret)
{
    ret->n_days = w->ask->n_days;
    ret->list = gh_alloc(w->n * sizeof(*ret->list) + 1);
    hand_over(&w->all, &ret->all);
    for (size_t i = 0; i < w->n; i++)
        if (!is_nothing(w->rows[i]))
            hand_over(w->rows[i], &ret->list[ret->n++]);
}

void gh_reports_free(struct gh_reports *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->list[i].days);
    free(r->all.days);
    free(r->list);
    *r = (struct gh_reports){0};
}
