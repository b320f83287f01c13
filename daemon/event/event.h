/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events that departments announce: what people do with them, with the times that follow from the
 * department's calendar, and what the clock does by itself: a folder for each event that comes, and
 * who is told when nothing came of one. The first part is for whoever carries out a request or
 * finds a file; all of it is a mutator of the ledger (classes as there). Loop's thread only.
 */
#ifndef GH_DAEMON_EVENT_EVENT_H
#define GH_DAEMON_EVENT_EVENT_H

#include "daemon/event/form.h"
#include "daemon/ledger/ledger.h"
#include "daemon/loop/loop.h"
#include "daemon/site/settings.h"
#include "daemon/store/dirs.h"

/* who, via, roles and department of *by are the caller's to set. uid and sequence are those of a
 * calendar file; NULL and 0: it is of none. */
GH_MUST_USE int gh_event_announce(struct gh_ledger *l, const struct gh_settings *s,
                                  const struct gh_question_by *by, const char *department,
                                  const char *uid, int64_t sequence,
                                  const struct gh_event_said *said, int64_t *ret_id,
                                  struct gh_err *err);
/** Returns 1 when nothing differs. */
GH_MUST_USE int gh_event_change(struct gh_ledger *l, const struct gh_settings *s,
                                const struct gh_question_by *by, int64_t id, int64_t sequence,
                                const struct gh_event_said *said, struct gh_err *err);
GH_MUST_USE int gh_event_cancel(struct gh_ledger *l, const struct gh_settings *s,
                                const struct gh_question_by *by, int64_t id, int64_t sequence,
                                const char *reason, struct gh_err *err);

/** The event whose folder has that name, and whether it takes place today: then what lies in it is
 * urgent. 0: it is no such folder, or it cannot be told now. */
int64_t gh_event_of_folder(struct gh_ledger *l, const char *department, const char *folder,
                           int64_t now_ms, bool *ret_today);

#define GH_EVENT_FOLDER_STAYS_MS ((int64_t)7 * 24 * 3600 * 1000) /* after the end */
/** Is it the folder of an event that may still be filled? Then it stays, though it is empty. */
bool gh_event_keeps_folder(struct gh_ledger *l, const char *department, const char *folder,
                           int64_t now_ms);

/* ------------------------------------------------------------------------------- by the clock */

struct gh_events;
/* All of it is borrowed until gh_events_close. */
struct gh_events_parts {
    struct gh_loop *loop;
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_dirs *dirs;
    bool (*trusted)(void *arg); /* is the clock to be believed? */
    void *trusted_arg;
};
/** Starts with what fell due while ghatd did not run, and with the folders of all that comes. */
struct gh_events *gh_events_open(const struct gh_events_parts *parts);
/** Something happened to an event, or the settings were read again. */
void gh_events_wake(struct gh_events *e);
/** Nothing more happens by itself. */
void gh_events_stop(struct gh_events *e);
void gh_events_close(struct gh_events **e);

#endif
