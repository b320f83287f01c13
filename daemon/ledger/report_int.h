/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the report share: its rows while they are counted, and the medians of what
 * took how long. Pure. */
#ifndef GH_DAEMON_LEDGER_REPORT_INT_H
#define GH_DAEMON_LEDGER_REPORT_INT_H

#include "daemon/ledger/report.h"

/* Durations of one kind, until their median is known. */
struct gh_spans {
    int64_t *list;
    size_t n, room;
};
enum gh_took_kind {
    GH_TOOK_STAGED,
    GH_TOOK_APPROVED,
    GH_TOOK_COLLECTED,
    GH_TOOK_POSTED,
    GH_TOOK_COUNTED,
    GH_TOOK_WALL,
    GH_TOOKS
};
struct gh_report_row {
    struct gh_report r;
    struct gh_spans took[GH_TOOKS];
};

struct gh_report_rows {
    const struct gh_report_ask *ask;  /* borrowed */
    struct gh_report_row all, **rows; /* sorted */
    size_t n, last, day;              /* row and day that were found last */
};
void gh_report_rows_init(struct gh_report_rows *w, const struct gh_report_ask *ask);
void gh_report_rows_free(struct gh_report_rows *w);
/** The row of a department, made where there is none yet; NULL: it is none of those asked for. */
struct gh_report_row *gh_report_row_of(struct gh_report_rows *w, const char *department);
#define GH_FIGURE(name) offsetof(struct gh_day_figures, name)
/** One more of a figure, or one less, of the department, of all, and of the day of ms, which is one
 * of the report. figure: GH_FIGURE(name). */
void gh_report_count(struct gh_report_rows *w, struct gh_report_row *row, size_t figure, int64_t ms,
                     bool less);
void gh_report_add_took(struct gh_report_rows *w, struct gh_report_row *row,
                        enum gh_took_kind which, int64_t ms);
/** Find the median and the longest of one kind; they are forgotten then. */
void gh_report_finish_took(struct gh_report_row *row, enum gh_took_kind which);
/** Hand over what has anything; the rows are empty then. */
void gh_report_hand_over(struct gh_report_rows *w, struct gh_reports *ret);

#endif
