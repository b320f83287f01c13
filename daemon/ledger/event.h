/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events that departments announce, in the ledger: what, when and where, until when its first
 * picture is expected, and what came of it. When is computed by the caller (daemon/event/). Every
 * mutator is one transaction with its row in the audit and the notices it causes. Classes as in
 * ledger.h: GH_LIMIT a step that the table of rules does not have (the message is for people),
 * GH_USAGE no such event.
 */
#ifndef GH_DAEMON_LEDGER_EVENT_H
#define GH_DAEMON_LEDGER_EVENT_H

#include "daemon/ledger/question.h"

#define GH_EVENT_TITLE 300     /* bytes; of a place, too */
#define GH_EVENT_WARD 60       /* bytes */
#define GH_EVENT_MATERIAL 2000 /* bytes; of a reason, too */
#define GH_EVENT_UID 255       /* bytes of what a calendar file calls it */
#define GH_EVENT_COMING 500    /* of one department, that are not over */

enum gh_event_state {
    GH_EVENT_ANNOUNCED,
    GH_EVENT_CHANGED,
    GH_EVENT_COVERED,
    GH_EVENT_MISSED,
    GH_EVENT_CANCELLED,
    GH_EVENT_STATES
};
const char *gh_event_state_name(enum gh_event_state s);
bool gh_event_state_parse(const char *name, enum gh_event_state *ret);

enum gh_event_act {
    GH_EVENT_ANNOUNCE,
    GH_EVENT_CHANGE,
    GH_EVENT_CANCEL,
    GH_EVENT_COVER, /* something of it came */
    GH_EVENT_MISS,  /* nothing came until the end of the next day */
    GH_EVENT_ACTS
};
const char *gh_event_act_name(enum gh_event_act a);
/* The rules, as data: may one in these roles (enum gh_question_role) do it with an event in that
 * state, that has begun or not? *ret_to (may be NULL): the state that follows. */
bool gh_event_may(enum gh_event_act act, enum gh_event_state from, bool begun, unsigned roles,
                  enum gh_event_state *ret_to);

/* What is announced. Times are milliseconds of the wall clock. */
struct gh_event_said {
    const char *title;
    int64_t starts_ms, ends_ms;
    bool all_day;                        /* from midnight to midnight */
    const char *place, *ward, *material; /* "": not said */
};

struct gh_event_new {
    const char *department; /* slug */
    const char *uid;        /* of a calendar file, one for a department; NULL: Ghat's own */
    int64_t sequence;       /* of a calendar file */
    struct gh_event_said said;
    const char *folder; /* the name that its folder should have; it gets another if it is taken */
    int64_t expect_ms;  /* until then something of it is expected, or it is told … */
    int64_t miss_ms;    /* … and then it is missed; not before expect_ms */
};
/** by: card counts for nothing; by->department: it must be this one's. */
GH_MUST_USE int gh_ledger_announce(struct gh_ledger *l, const struct gh_question_by *by,
                                   const struct gh_event_new *fresh, int64_t *ret_id,
                                   struct gh_err *err);
/** The same event otherwise; one that was cancelled takes place after all. id: of the event;
 * fresh->department counts for nothing; uid: it gets this one, if no other event of the department
 * has it; NULL: it keeps its own. Returns 1 when nothing differs, and nothing was
 * done but to keep the sequence. */
GH_MUST_USE int gh_ledger_change_event(struct gh_ledger *l, const struct gh_question_by *by,
                                       int64_t id, const struct gh_event_new *fresh,
                                       struct gh_err *err);
GH_MUST_USE int gh_ledger_cancel_event(struct gh_ledger *l, const struct gh_question_by *by,
                                       int64_t id, int64_t sequence, const char *reason,
                                       struct gh_err *err);
/** The submission is of the event, which is covered by that. Repeating is fine. */
GH_MUST_USE int gh_ledger_event_came(struct gh_ledger *l, const struct gh_who *who, int64_t id,
                                     int64_t submission, struct gh_err *err);
/** What has fallen due: nothing came until it was expected, which department and agency are told,
 * once; nothing came until the end of the next day, and it is missed. One that was covered, changed
 * or cancelled meanwhile stays as it is; one of which something came before it was changed is
 * covered by that. *ret_state (may be NULL): what it is then. */
GH_MUST_USE int gh_ledger_event_due(struct gh_ledger *l, const struct gh_question_by *by,
                                    int64_t id, enum gh_event_state *ret_state, struct gh_err *err);

/* -------------------------------------------------------------------------------------- reading */

struct gh_event {
    int64_t id, sequence, starts_ms, ends_ms, made_ms, changed_ms, covered_ms;
    int64_t expect_ms, miss_ms; /* as of struct gh_event_new */
    int64_t told_ms;            /* when it was told that nothing had come; 0: it was not */
    char department[64];
    char *uid, *title, *place, *ward, *material, *folder, *made_by, *reason;
    enum gh_event_state state;
    unsigned revision;
    bool all_day;
    int64_t came;     /* submissions of it */
    int64_t came_out; /* … of which something is out, or was */
    int64_t out_ms;   /* when the first of that went out; 0: nothing is out */
};
void gh_event_free(struct gh_event *e);
/** Make of it what the outside knows at that time: nothing came but what is out. */
void gh_event_hide_inside(struct gh_event *e, int64_t now_ms);
/** Refuse: there is no such event, or not for whoever asks. GH_USAGE, code ENOENT. */
GH_MUST_USE int gh_no_event(int64_t id, struct gh_err *err);
GH_MUST_USE int gh_ledger_event(struct gh_ledger *l, int64_t id, struct gh_event *ret,
                                struct gh_err *err);
/** By what a calendar file calls it: 1 and its number, or 0. */
GH_MUST_USE int gh_ledger_event_of_uid(struct gh_ledger *l, const char *department, const char *uid,
                                       int64_t *ret, struct gh_err *err);
/** By the name of a folder that it has, or had: 1 and its number, or 0. */
GH_MUST_USE int gh_ledger_event_of_folder(struct gh_ledger *l, const char *department,
                                          const char *folder, int64_t *ret, struct gh_err *err);

struct gh_event_filter {
    const char *departments; /* of these only: ",roads,water,"; NULL: all */
    const char *department;  /* NULL: all */
    const char *state;       /* by name; NULL: all */
    bool waits;              /* of which something is still expected, or late */
    bool limited;            /* state is as the outside knows it at now_ms … */
    const char *own;         /* … but of these departments (",roads,water,"; NULL: none) */
    int64_t now_ms;
    int64_t from_ms, to_ms; /* that end after, and begin before; 0: any */
    int64_t after_ms,
        after;      /* behind the event of this number, that begins then; 0: from the top */
    unsigned limit; /* 0: no limit */
};
struct gh_event_list {
    struct gh_event *list;
    size_t n;
};
void gh_event_list_free(struct gh_event_list *list);
/** In the order in which they begin. *ret is the caller's to free. */
GH_MUST_USE int gh_ledger_events(struct gh_ledger *l, const struct gh_event_filter *filter,
                                 struct gh_event_list *ret, struct gh_err *err);
/** Is it late at that time: something should have come, and did not? */
bool gh_event_is_late(const struct gh_event *e, int64_t now_ms);
/** The next event that falls due (gh_ledger_event_due): 1, its number and when; or 0. */
GH_MUST_USE int gh_ledger_next_event_due(struct gh_ledger *l, int64_t *ret_id, int64_t *ret_ms,
                                         struct gh_err *err);
/** Its submissions, the oldest first; *ret is the caller's to free. */
GH_MUST_USE int gh_ledger_event_items(struct gh_ledger *l, int64_t id, int64_t **ret, size_t *ret_n,
                                      struct gh_err *err);
/** Folders of a department that no event needs any more: of others than the one it has now, of
 * cancelled ones, of those that ended before over_ms. fn returns whether the folder is gone, or not
 * to be looked for again; nor is it when all of that was before give_up_ms. */
typedef bool gh_event_folder_fn(const char *folder, void *arg);
GH_MUST_USE int gh_ledger_event_folders_over(struct gh_ledger *l, const char *department,
                                             int64_t over_ms, int64_t give_up_ms,
                                             gh_event_folder_fn *fn, void *arg, struct gh_err *err);
/* What a dropped file said of one event, and what was done; kept for its note. */
struct gh_event_read {
    int64_t event; /* 0: none came of it */
    char *act;     /* "announce", "change", "cancel"; "same", "older": nothing was done; "refuse" */
    char *title, *place, *ward, *material;
    int64_t starts_ms, ends_ms; /* 0: not said */
    bool all_day;
    char *error;  /* why, when refused; "" */
    char *folder; /* of the event, as it is called now; read only */
};
struct gh_event_reads {
    struct gh_event_read *list;
    size_t n;
};
void gh_event_reads_free(struct gh_event_reads *reads);
/** Keep them with the submission of the file, in their order. */
GH_MUST_USE int gh_ledger_add_event_reads(struct gh_ledger *l, int64_t submission,
                                          const struct gh_event_reads *reads, struct gh_err *err);
/** *ret is the caller's to free. */
GH_MUST_USE int gh_ledger_event_reads(struct gh_ledger *l, int64_t submission,
                                      struct gh_event_reads *ret, struct gh_err *err);
/** As gh_ledger_notices. */
GH_MUST_USE int gh_ledger_event_notices(struct gh_ledger *l, int64_t id, gh_notice_fn *fn,
                                        void *arg, struct gh_err *err);

/** Called after a commit that touched an event, with its number. */
void gh_ledger_on_event(struct gh_ledger *l, gh_touched_fn *fn, void *arg);

#endif
