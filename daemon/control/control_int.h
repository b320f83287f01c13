/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the handlers of requests share: the arguments of a request, each checked with a message that
 * names it (GH_USAGE), and the fields of the reply. */
#ifndef GH_DAEMON_CONTROL_CONTROL_INT_H
#define GH_DAEMON_CONTROL_CONTROL_INT_H

#include "daemon/control/control.h"
#include "daemon/ledger/ledger.h"

#include <jansson.h>

#define GH_ARG_PLACEMENTS 48 /* names in a request */
#define GH_ARG_FILES 1000    /* numbers of files in a request */

/** A number above 0, which must be there. */
GH_MUST_USE int gh_arg_id(const struct gh_call *call, const char *name, int64_t *ret,
                          struct gh_err *err);
/** A text of at most max bytes, or NULL when it is missing or null. Borrowed from the request. */
GH_MUST_USE int gh_arg_text(const struct gh_call *call, const char *name, size_t max,
                            const char **ret, struct gh_err *err);
/** True or false; def when it is missing. */
GH_MUST_USE int gh_arg_bool(const struct gh_call *call, const char *name, bool def, bool *ret,
                            struct gh_err *err);
/** "placements": [name, …]; *ret_n is 0 when it is missing. ret holds GH_ARG_PLACEMENTS names,
 * which are borrowed from the request. */
GH_MUST_USE int gh_arg_placements(const struct gh_call *call, const char **ret, size_t *ret_n,
                                  struct gh_err *err);
/** "files": [number, …], as gh_file_number counts them; *ret_n is 0 when it is missing. *ret is the
 * caller's to free. */
GH_MUST_USE int gh_arg_files(const struct gh_call *call, unsigned **ret, size_t *ret_n,
                             struct gh_err *err);
/** "handle": "12@7f3a9c" of what show answered for submission id: the part behind the @, or NULL
 * when it is missing. Borrowed from the request. */
GH_MUST_USE int gh_arg_handle(const struct gh_call *call, int64_t id, const char **ret,
                              struct gh_err *err);
/** Midnight of a day ("2026-11-23", NULL: today) and of the day after it, local time. */
GH_MUST_USE int gh_day_span(const char *day, int64_t *ret_from, int64_t *ret_to,
                            struct gh_err *err);
/** Set a field of the reply; takes the reference. NULL, a value that could not be made, is answered
 * as null: whatever a request meets, it never ends ghatd. */
void gh_answer(struct gh_call *call, const char *name, json_t *value);

struct gh_person;
/** Name, designation, mobile, e-mail; null each where it is not set (new reference). */
json_t *gh_person_json(const struct gh_person *p);

/** Whom to call in a department; null where there is none (new reference). */
json_t *gh_contacts_json(const struct gh_call *call, const char *department);
struct gh_event;
/** An event (new reference). */
json_t *gh_event_json(const struct gh_call *call, const struct gh_event *e);
json_t *gh_notice_json(const struct gh_notice *n);

/* What could have gone out by mail or webhook, and did not. */
struct gh_post_waits {
    int64_t since_ms; /* when the oldest of it was due; 0: none is, or there is no way out */
    bool away;        /* and ghat-post has not asked for any for longer than a claim may take */
};
GH_MUST_USE int gh_post_waits(const struct gh_call *call, int64_t now_ms, struct gh_post_waits *ret,
                              struct gh_err *err);
/** The same as "post" of an answer: {"due_since": time or null, "away": bool}. */
GH_MUST_USE int gh_answer_post(struct gh_call *call, struct gh_err *err);

/** "department", by its slug, its folder or its title: its slug, borrowed; NULL: not said. */
GH_MUST_USE int gh_arg_department(struct gh_call *call, const char **ret, struct gh_err *err);
/** Who asks, for questions and events: at the command everybody; over the desk in the roles of the
 * person, for the department only where it is the own one. department may be NULL. */
struct gh_question_by gh_caller(const struct gh_call *call, const char *department);
/** Of which departments their questions and events are seen, as gh_view_of says of each; NULL: of
 * all. Borrowed. */
const char *gh_seen_departments(const struct gh_call *call);

/** "frozen" of the reply: who froze all publication and why, or null. */
GH_MUST_USE int gh_answer_frozen(struct gh_call *call, struct gh_err *err);

/** "place" of the reply: where in the order of changes it was made, for the request changes. */
void gh_answer_place(struct gh_call *call);
/** "platform_refused" of the reply: what platforms refused and nobody dealt with. */
GH_MUST_USE int gh_answer_refusals(struct gh_call *call, struct gh_err *err);

/** "pleas" of the reply: departments that ask to withdraw something, and wait for an answer. */
GH_MUST_USE int gh_answer_pleas(struct gh_call *call, struct gh_err *err);
/** "plea" of the reply: the last one about a submission, null: none. */
GH_MUST_USE int gh_answer_plea(struct gh_call *call, int64_t id, struct gh_err *err);

/** In which state the submission is now: "id", "state", "placements" of the reply. */
GH_MUST_USE int gh_answer_state(struct gh_call *call, int64_t id, struct gh_err *err);

/* Handlers, listed in gh_requests. */
int gh_req_embargo(struct gh_call *call, struct gh_err *err);
int gh_req_order(struct gh_call *call, struct gh_err *err);
int gh_req_replaces(struct gh_call *call, struct gh_err *err);
int gh_req_status(struct gh_call *call, struct gh_err *err);
int gh_req_metrics(struct gh_call *call, struct gh_err *err);
int gh_req_page_times(struct gh_call *call, struct gh_err *err);
int gh_req_list(struct gh_call *call, struct gh_err *err);
int gh_req_queue(struct gh_call *call, struct gh_err *err);
int gh_req_show(struct gh_call *call, struct gh_err *err);
int gh_req_log(struct gh_call *call, struct gh_err *err);
int gh_req_file(struct gh_call *call, struct gh_err *err);
int gh_req_changes(struct gh_call *call, struct gh_err *err);
int gh_req_departments(struct gh_call *call, struct gh_err *err);
int gh_req_profiles(struct gh_call *call, struct gh_err *err);
int gh_req_reasons(struct gh_call *call, struct gh_err *err);
int gh_req_decide(struct gh_call *call, struct gh_err *err);
int gh_req_caption(struct gh_call *call, struct gh_err *err);
int gh_req_freeze(struct gh_call *call, struct gh_err *err);
int gh_req_thaw(struct gh_call *call, struct gh_err *err);
int gh_req_undo(struct gh_call *call, struct gh_err *err);
int gh_req_alt(struct gh_call *call, struct gh_err *err);
int gh_req_recall(struct gh_call *call, struct gh_err *err);
int gh_req_urgent(struct gh_call *call, struct gh_err *err);
int gh_req_thumb(struct gh_call *call, struct gh_err *err);
int gh_req_report(struct gh_call *call, struct gh_err *err);
int gh_req_focal(struct gh_call *call, struct gh_err *err);
int gh_req_ask(struct gh_call *call, struct gh_err *err);
int gh_req_answer(struct gh_call *call, struct gh_err *err);
int gh_req_extend(struct gh_call *call, struct gh_err *err);
int gh_req_reopen(struct gh_call *call, struct gh_err *err);
int gh_req_close(struct gh_call *call, struct gh_err *err);
int gh_req_withdraw_question(struct gh_call *call, struct gh_err *err);
int gh_req_recompute(struct gh_call *call, struct gh_err *err);
int gh_req_questions(struct gh_call *call, struct gh_err *err);
int gh_req_question_counts(struct gh_call *call, struct gh_err *err);
int gh_req_question(struct gh_call *call, struct gh_err *err);
int gh_req_events(struct gh_call *call, struct gh_err *err);
int gh_req_event(struct gh_call *call, struct gh_err *err);
int gh_req_event_add(struct gh_call *call, struct gh_err *err);
int gh_req_event_change(struct gh_call *call, struct gh_err *err);
int gh_req_event_cancel(struct gh_call *call, struct gh_err *err);
int gh_req_posted(struct gh_call *call, struct gh_err *err);
int gh_req_refused(struct gh_call *call, struct gh_err *err);
int gh_req_take(struct gh_call *call, struct gh_err *err);
int gh_req_acknowledge(struct gh_call *call, struct gh_err *err);
int gh_req_bundle_make(struct gh_call *call, struct gh_err *err);
int gh_req_bundle(struct gh_call *call, struct gh_err *err);
int gh_req_bundles(struct gh_call *call, struct gh_err *err);
int gh_req_bundle_file(struct gh_call *call, struct gh_err *err);
int gh_req_bundle_collected(struct gh_call *call, struct gh_err *err);
int gh_req_ask_withdraw(struct gh_call *call, struct gh_err *err);
int gh_req_stays(struct gh_call *call, struct gh_err *err);
int gh_req_outgoing(struct gh_call *call, struct gh_err *err);
int gh_req_post_claim(struct gh_call *call, struct gh_err *err);
int gh_req_post_done(struct gh_call *call, struct gh_err *err);
int gh_req_notices(struct gh_call *call, struct gh_err *err);
int gh_req_notices_retry(struct gh_call *call, struct gh_err *err);
int gh_req_sweep(struct gh_call *call, struct gh_err *err);
int gh_req_clock(struct gh_call *call, struct gh_err *err);
int gh_req_reload(struct gh_call *call, struct gh_err *err);
int gh_req_department_confirm(struct gh_call *call, struct gh_err *err);

#endif
