/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ledger: what came, what was made of it, who decided what. One connection, used by the loop's thread only; no
 * caller may know that it is SQLite. Every mutator is one transaction (compare-and-set on the old state, audit row
 * included), durable when it returns, unless inside gh_ledger_begin … gh_ledger_commit, where the outer commit makes
 * all of them durable with one fsync. Classes: GH_LIMIT illegal step or refused decision (the message is for people) ·
 * GH_USAGE no such thing · GH_AGAIN (ESTALE) the lease is no longer yours · GH_CONFIG ledger of another version,
 * damaged or in use · GH_SYSTEM the disk: stop taking work.
 */
#ifndef GH_DAEMON_LEDGER_H
#define GH_DAEMON_LEDGER_H

#include "base/err.h"
#include "base/hash.h"
#include "base/media.h"
#include "daemon/states.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_LEDGER_STRIKES 2 /* crashes of a file until it is quarantined */
#define GH_LEDGER_WAIT_MAX_MS                                                                                          \
    (3600ll * 1000)                /* not_before_ms further off than this is the work of a clock set back              \
                                    */
#define GH_LEDGER_INTERRUPTIONS 20 /* attempts ended by ourselves until a file is suspect */

struct gh_ledger;

/* Who does it, and when. NULL wherever one is taken: "ghatd", now. */
struct gh_who {
    const char *actor; /* "ghatd", "uid:1000", "desk:rina", … */
    int64_t now_ms;    /* wall clock; 0 = now */
};

/* ------------------------------------------------------------------------------------------- opening */

/** Open, creating it when the file is missing. Refuses (GH_CONFIG) damaged ones and other versions; never re-creates.
 */
GH_MUST_USE int gh_ledger_open(const char *path, struct gh_ledger **ret, struct gh_err *err);
/** Read only, for `ghat verify` while ghatd runs or not. Mutators fail. */
GH_MUST_USE int gh_ledger_open_ro(const char *path, struct gh_ledger **ret, struct gh_err *err);
void gh_ledger_close(struct gh_ledger **l);

/** Group commit; nests. A mutator that fails inside undoes only itself. */
GH_MUST_USE int gh_ledger_begin(struct gh_ledger *l, struct gh_err *err);
GH_MUST_USE int gh_ledger_commit(struct gh_ledger *l, struct gh_err *err);
void gh_ledger_rollback(struct gh_ledger *l); /* everything since the outermost begin */

/**
 * Called after each commit, once for every submission it touched: rewrite its note, publish it, look for work. fn may
 * call the ledger (touches made there are reported in a further round).
 */
typedef void gh_touched_fn(struct gh_ledger *l, int64_t submission, void *arg);
void gh_ledger_on_touched(struct gh_ledger *l, gh_touched_fn *fn, void *arg);

/** On start, once: running → due as interrupted. ret_n (may be NULL): how many files. */
GH_MUST_USE int gh_ledger_recover(struct gh_ledger *l, const struct gh_who *who, unsigned *ret_n, struct gh_err *err);

/* ------------------------------------------------------------------------------------------- intake */

enum gh_sub_kind { GH_KIND_FILE, GH_KIND_FOLDER };
enum gh_role { GH_ROLE_MEDIA, GH_ROLE_CAPTION };
enum gh_source { GH_SOURCE_PRESENT, GH_SOURCE_TAKEN }; /* is the dropped file still in the drop folder? */

struct gh_new_file {
    const void *name; /* as dropped, relative to the submission's folder; any bytes */
    size_t name_len;
    char sha256[GH_SHA_HEX]; /* "" only for a file that was never copied (size 0, refused before) */
    uint64_t size;
    int64_t mtime_ms;
    uint64_t dev, ino; /* of the dropped file */
    enum gh_role role;
    enum gh_media guess; /* by name only, for the order of work; GH_MEDIA_NONE counts as photo */
};

struct gh_new_sub {
    const char *department; /* slug */
    const void *name;       /* dropped file's or folder's own name; any bytes */
    size_t name_len;
    enum gh_sub_kind kind;
    enum gh_sub_state state; /* ARRIVING, RECEIVED, QUARANTINED (reason) or DUPLICATE (duplicate_of) */
    const char *caption;     /* UTF-8, NULL none */
    int64_t dropped_ms;      /* when it was first seen */
    const char *reason;      /* for QUARANTINED: plain words for the officer */
    int64_t duplicate_of;    /* 0 none */
    bool urgent;
    const struct gh_new_file *files;
    size_t n_files;
};

/** One submission with its files, sources PRESENT. ret_file_ids may be NULL, else holds n_files. */
GH_MUST_USE int gh_ledger_add(struct gh_ledger *l, const struct gh_who *who, const struct gh_new_sub *sub,
                              int64_t *ret_id, int64_t *ret_file_ids, struct gh_err *err);
/** One more file for an existing submission (arriving: part of it; later: a new revision). */
GH_MUST_USE int gh_ledger_add_file(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                   const struct gh_new_file *file, int64_t *ret_file_id, struct gh_err *err);
/** arriving → received. */
GH_MUST_USE int gh_ledger_received(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                   struct gh_err *err);
/** The dropped file was moved away (taken_name: its name below drop/.taken/, "" when it was deleted). Repeating is
 * fine. */
GH_MUST_USE int gh_ledger_source_taken(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                       const char *taken_name, struct gh_err *err);
/**
 * A new caption (NULL or "": none): revision + 1, and every approval given for the old one is void. What is already
 * published keeps its approved caption until somebody approves again. Equal caption: nothing happens.
 */
GH_MUST_USE int gh_ledger_set_caption(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                      const char *caption, struct gh_err *err);
GH_MUST_USE int gh_ledger_set_urgent(struct gh_ledger *l, const struct gh_who *who, int64_t submission, bool urgent,
                                     struct gh_err *err);
/**
 * The newest submission of that name, if it has a file of file_name that is known to be cut off or damaged: that file
 * is set aside (work none, its reason says so), what was never made of it is forgotten, and a quarantined submission is
 * received again, to be given the better copy by gh_ledger_add_file. Returns 1 and the submission (2: it was still
 * waited for), or 0.
 */
GH_MUST_USE int gh_ledger_reopen(struct gh_ledger *l, const struct gh_who *who, const char *department,
                                 const void *name, size_t name_len, const void *file_name, size_t file_name_len,
                                 int64_t *ret_id, struct gh_err *err);
/** arriving | received | rendering → quarantined; its files are no longer worked on. reason: plain words for the
 * officer. */
GH_MUST_USE int gh_ledger_quarantine(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                     const char *reason, struct gh_err *err);
/** The department recalls it: as quarantine before it is staged, rejects what is staged or held after. GH_LIMIT once
 * approved. */
GH_MUST_USE int gh_ledger_cancel(struct gh_ledger *l, const struct gh_who *who, int64_t submission, struct gh_err *err);

/* A media or caption file with the same bytes from the same department. */
struct gh_match {
    int64_t submission, file;
    enum gh_sub_state state;
    enum gh_source source;
    bool resendable; /* it was quarantined, or all of it rejected or withdrawn: the same bytes may come again */
    bool same_name;  /* the file has the name asked for */
    int64_t dropped_ms;
};
/**
 * The newest submission of department having these bytes; same name with source PRESENT first (an intake to resume:
 * mark it taken, add nothing). DUPLICATE submissions are found only while their source is PRESENT. Returns 1, or 0 when
 * there is none.
 */
GH_MUST_USE int gh_ledger_find_bytes(struct gh_ledger *l, const char *department, const char *sha256, const void *name,
                                     size_t name_len, struct gh_match *ret, struct gh_err *err);
/** Newest live submission (not duplicate) of that department and dropped name: 1 and its id, or 0. For late captions,
 * cancel. */
GH_MUST_USE int gh_ledger_find_name(struct gh_ledger *l, const char *department, const void *name, size_t name_len,
                                    int64_t *ret_id, struct gh_err *err);

/** The newest submissions of that dropped name, duplicates too, newest first: at most max into ret_ids. Returns how
 * many. */
GH_MUST_USE int gh_ledger_same_name(struct gh_ledger *l, const char *department, const void *name, size_t name_len,
                                    int64_t *ret_ids, size_t max, struct gh_err *err);

/* ------------------------------------------------------------------------------------------- work */

struct gh_claim {
    int64_t file, submission;
    uint64_t token;          /* fencing: goes with every report about this attempt */
    unsigned attempt;        /* this one, counted from 1 and already committed */
    char sha256[GH_SHA_HEX]; /* of the original in the spool */
    char department[64];
    uint64_t size;
    enum gh_media guess;
    bool urgent;
    char (*wanted)[32]; /* placements still due from an earlier plan; n_wanted 0: plan all of them */
    size_t n_wanted;
};
void gh_claim_free(struct gh_claim *claim);
/**
 * The next file due now: urgent first, photos before videos, departments in turn, oldest first. media is a set of
 * 1u << enum gh_media (by guess) it may take. lease_ms 0: valid until this process ends. Returns 1, or 0 when nothing
 * is due; ret_next_ms (may be NULL, only set then): when the next one becomes due, 0 never.
 */
GH_MUST_USE int gh_ledger_claim(struct gh_ledger *l, const struct gh_who *who, unsigned media, int64_t lease_ms,
                                struct gh_claim *ret, int64_t *ret_next_ms, struct gh_err *err);
/** What the worker found: JSON text for people and scripts, and the medium it really is. */
GH_MUST_USE int gh_ledger_probed(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                                 enum gh_media media, const char *probe_json, uint32_t found, struct gh_err *err);

/* One output planned; part counts from 1. */
struct gh_plan_row {
    const char *placement;
    unsigned part, parts;
    const char *how; /* "encode", "merged", "pass" */
    const char *why; /* for a skipped one: plain words */
    bool skipped;
    const char *profile; /* digest */
    const char *recipe;  /* gh_recipe_hash; "" when skipped */
};
/** New rows become due → running (or skipped); known ones due → running again; known due ones not in rows → skipped. */
GH_MUST_USE int gh_ledger_plan(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                               const struct gh_plan_row *rows, size_t n, struct gh_err *err);

/* One output made, verified and durable in staging. */
struct gh_staged {
    const char *placement;
    unsigned part;
    const char *sha256;
    uint64_t bytes;
    uint32_t w, h;
    int64_t duration_us;
    uint32_t removed;        /* GH_META bits */
    const char *checks_json; /* one object a limit */
    const char *stage;       /* path below staging/ */
    const char *note;        /* "first frame of 22", may be NULL */
};
/** running → staged. */
GH_MUST_USE int gh_ledger_staged(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                                 const struct gh_staged *out, struct gh_err *err);
/** running → failed, plain words. checks_json may be NULL. */
GH_MUST_USE int gh_ledger_failed(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                                 const char *placement, unsigned part, const char *reason, const char *checks_json,
                                 struct gh_err *err);
/** running → skipped: this output turned out not to be servable, no failure. */
GH_MUST_USE int gh_ledger_skipped(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                                  const char *placement, unsigned part, const char *reason, struct gh_err *err);

enum gh_attempt {
    GH_ATTEMPT_DONE,        /* every output reported; those still running → failed */
    GH_ATTEMPT_REFUSED,     /* the input is at fault (reason, plain words): the file is bad, running → failed */
    GH_ATTEMPT_CRASHED,     /* a strike: due again, at two the file is bad */
    GH_ATTEMPT_INTERRUPTED, /* our own stop, crash or fault: due again; at twenty the file is bad */
    GH_ATTEMPT_AGAIN,       /* disk full and the like: due again, nothing counted */
    GH_ATTEMPT_INCOMPLETE,  /* damaged, and so young that the rest may be on its way: due again, with its reason */
};
/**
 * The attempt is over; running renditions → due where the file is due again. not_before_ms: no earlier than that (0 at
 * once). The submission moves on by itself (staged, or quarantined when nothing could be made). ret_bad (may be NULL):
 * the file is given up.
 */
GH_MUST_USE int gh_ledger_attempt_end(struct gh_ledger *l, const struct gh_who *who, int64_t file, uint64_t token,
                                      enum gh_attempt how, const char *reason, int64_t not_before_ms, bool *ret_bad,
                                      struct gh_err *err);
/** A staged (or later) output of equal recipe, placement and profile, to link instead of making it again. Returns 1, or
 * 0; free with gh_rendition_free. */
struct gh_rendition;
GH_MUST_USE int gh_ledger_find_recipe(struct gh_ledger *l, const char *recipe, const char *placement,
                                      const char *profile, struct gh_rendition *ret, struct gh_err *err);

/* ------------------------------------------------------------------------------------------- decisions */

enum gh_verdict {
    GH_APPROVE,  /* staged | held → approved. Needs set_hash. */
    GH_HOLD,     /* staged → held */
    GH_RELEASE,  /* held → staged */
    GH_REJECT,   /* staged | held → rejected. Needs reason. */
    GH_WITHDRAW, /* approved | published | collected → withdrawn. Needs reason. */
    GH_COLLECT,  /* published → collected */
    GH_RETRY,    /* failed → due; a quarantined submission → received */
    GH_RERENDER, /* staged | rejected | held → due */
    GH_VERDICTS
};
const char *gh_verdict_name(enum gh_verdict v); /* "approve" … */
bool gh_verdict_parse(const char *name, enum gh_verdict *ret);

struct gh_decision_req {
    enum gh_verdict verdict;
    int64_t submission;
    const char *const *placements; /* NULL or n 0: the whole submission */
    size_t n_placements;
    const char *reason;
    const char *set_hash; /* of what was seen; see gh_ledger_set_hash */
};
/**
 * Decide; refuses (GH_LIMIT) when nothing is in a state for it, the set hash is not that of what is there now, a reason
 * is missing. Repeating a decision that stands is fine: ret_changed (may be NULL) is then 0.
 */
GH_MUST_USE int gh_ledger_decide(struct gh_ledger *l, const struct gh_who *who, const struct gh_decision_req *req,
                                 unsigned *ret_changed, struct gh_err *err);
/**
 * H(number of outputs, each "placement sha256", caption bytes) over what an approval of these placements would approve
 * now: the staged ones (the held ones when they are named or nothing is staged), and, when the caption changed since it
 * was approved, all those approved before, since they share its caption.txt. Returns their number, 0 none.
 */
GH_MUST_USE int gh_ledger_set_hash(struct gh_ledger *l, int64_t submission, const char *const *placements, size_t n,
                                   char ret_hex[GH_SHA_HEX], struct gh_err *err);
/**
 * The outbox shows this state of the item durably (manifest last): its approved renditions → published, unless decided
 * otherwise since it was read; what changed in between is still due for publishing.
 */
struct gh_item;
GH_MUST_USE int gh_ledger_published(struct gh_ledger *l, const struct gh_who *who, const struct gh_item *shown,
                                    struct gh_err *err);

/* ------------------------------------------------------------------------------------------- reading */

enum gh_work { GH_WORK_NONE, GH_WORK_DUE, GH_WORK_RUNNING, GH_WORK_DONE, GH_WORK_BAD };
const char *gh_work_name(enum gh_work w);

struct gh_file {
    int64_t id, submission;
    char *name; /* name_len bytes and a NUL */
    size_t name_len;
    char sha256[GH_SHA_HEX];
    uint64_t size, dev, ino;
    int64_t mtime_ms, not_before_ms;
    enum gh_role role;
    enum gh_source source;
    char *taken_name;
    enum gh_media guess, media;
    enum gh_work work;
    char *probe;    /* JSON text or NULL */
    char *reason;   /* why it is bad, or NULL */
    uint32_t found; /* GH_META bits in the original */
    unsigned attempts, strikes, interrupted;
    uint64_t token;
    int64_t revision; /* of the submission it came with */
};

struct gh_rendition {
    int64_t id, submission, file;
    char placement[32];
    unsigned part, parts;
    enum gh_ren_state state;
    char how[16];
    char profile[17], recipe[GH_SHA_HEX], sha256[GH_SHA_HEX];
    uint64_t bytes;
    uint32_t w, h, removed;
    int64_t duration_us;
    char *checks, *reason, *note, *stage; /* stage: path below staging/; may be NULL each */
    char *decided_by;
    int64_t staged_ms, approved_ms, published_ms, collected_ms, decided_ms;
};

struct gh_submission {
    int64_t id;
    char department[64];
    char *name; /* name_len bytes and a NUL */
    size_t name_len;
    enum gh_sub_kind kind;
    enum gh_sub_state state;
    char *caption;          /* NULL none */
    char *approved_caption; /* what the last approval saw, NULL none */
    int64_t caption_ms, dropped_ms, received_ms, staged_ms, approved_ms, decided_ms, delivered_ms;
    char *reason;
    int64_t duplicate_of;
    bool urgent;
    int64_t revision, approved_revision; /* of the caption and the set of files; 0 = never approved */
    int64_t manifest;                    /* counts decisions that change the outbox … */
    int64_t manifest_done;               /* … and which of them the outbox shows */
    char outbox_day[11];                 /* "" before the first approval */
    char *approved_by;                   /* of the last approval */
    unsigned retired;                    /* enum gh_kept: deleted after their time */
};

struct gh_item {
    struct gh_submission sub;
    struct gh_file *files; /* in order of id */
    size_t n_files;
    struct gh_rendition *renditions; /* in order of placement, file, part */
    size_t n_renditions;
};
void gh_item_free(struct gh_item *item);
void gh_submission_free(struct gh_submission *sub);
void gh_rendition_free(struct gh_rendition *r);

/** Everything about one submission. GH_USAGE when there is none. */
GH_MUST_USE int gh_ledger_get(struct gh_ledger *l, int64_t id, struct gh_item *ret, struct gh_err *err);

struct gh_list_filter {
    const char *department; /* NULL: all */
    const char *state;      /* a submission's or a rendition's state by name; NULL: all */
    int64_t after;          /* ids greater than this */
    int64_t before;         /* ids less than this; 0: no limit */
    unsigned limit;         /* 0: no limit */
    bool newest;            /* from the newest down */
    bool brief; /* only what an overview needs: names, hashes of originals, states, times of the submission, reasons */
};
/**
 * Submissions in order of id; fn returns false to stop. item is borrowed. A brief list is one reading of one moment: fn
 * must not write to the ledger.
 */
typedef bool gh_item_fn(const struct gh_item *item, void *arg);
GH_MUST_USE int gh_ledger_list(struct gh_ledger *l, const struct gh_list_filter *filter, gh_item_fn *fn, void *arg,
                               struct gh_err *err);

/** Media files that wait for work, sorted by urgency, kind, department, then in order of their turn. due is borrowed.
 */
struct gh_due {
    int64_t submission, not_before_ms;
    const char *department;
    uint64_t bytes;
    enum gh_media guess;
    bool urgent;
};
typedef bool gh_due_fn(const struct gh_due *due, void *arg);
GH_MUST_USE int gh_ledger_each_due(struct gh_ledger *l, gh_due_fn *fn, void *arg, struct gh_err *err);

/** Files whose source is still PRESENT (an interrupted intake), for the start-up pass. file is borrowed. */
typedef bool gh_present_fn(const struct gh_submission *sub, const struct gh_file *file, void *arg);
GH_MUST_USE int gh_ledger_each_present(struct gh_ledger *l, gh_present_fn *fn, void *arg, struct gh_err *err);
/** Ids of submissions whose outbox folder lags behind their decisions. *ret is the caller's to free. */
GH_MUST_USE int gh_ledger_unpublished(struct gh_ledger *l, int64_t **ret, size_t *ret_n, struct gh_err *err);
/** Is a spool blob referred to? Returns 1 or 0. */
GH_MUST_USE int gh_ledger_has_blob(struct gh_ledger *l, const char *sha256, struct gh_err *err);

struct gh_audit_row {
    int64_t seq, time_ms, submission; /* submission 0: none */
    const char *actor, *subject, *action, *detail;
    const char *prev, *hash;
};
typedef bool gh_audit_fn(const struct gh_audit_row *row, void *arg);
/** Audit rows of one submission (0: all) in order; fn returns false to stop. */
GH_MUST_USE int gh_ledger_log(struct gh_ledger *l, int64_t submission, gh_audit_fn *fn, void *arg, struct gh_err *err);
/** An audit row of its own: reloads, retention, start and stop. */
GH_MUST_USE int gh_ledger_note(struct gh_ledger *l, const struct gh_who *who, int64_t submission, const char *action,
                               const char *detail, struct gh_err *err);
/** Time of the newest audit row, 0 when there is none. */
GH_MUST_USE int gh_ledger_last_event(struct gh_ledger *l, int64_t *ret_ms, struct gh_err *err);
/** Recompute the hash chain. GH_LIMIT naming the first row that does not fit. ret_rows may be NULL. */
GH_MUST_USE int gh_ledger_verify_chain(struct gh_ledger *l, int64_t *ret_rows, struct gh_err *err);

/* Outputs that wait or are out (staged, held, approved, published), by the text of the profile they were made with. */
struct gh_made_row {
    const char *placement, *profile; /* digest */
    uint64_t n;
    int64_t submission; /* in the second call only */
    enum gh_ren_state state;
};
typedef bool gh_made_fn(const struct gh_made_row *made, void *arg);
/** One call of fn for each placement and digest there is. */
GH_MUST_USE int gh_ledger_made(struct gh_ledger *l, gh_made_fn *fn, void *arg, struct gh_err *err);
/** One call of fn for each output of that placement and digest. */
GH_MUST_USE int gh_ledger_made_with(struct gh_ledger *l, const char *placement, const char *profile, gh_made_fn *fn,
                                    void *arg, struct gh_err *err);

struct gh_counts {
    uint64_t submissions[GH_SUB_STATES_N];
    uint64_t renditions[GH_REN_STATES_N];
    uint64_t files_due, files_running, files_bad;
    uint64_t decided_today, staged_today, collected_today; /* submissions, since local midnight given */
    int64_t drop_to_staged_ms, staged_to_approved_ms, approved_to_collected_ms; /* medians of the last 200, -1 none */
};
GH_MUST_USE int gh_ledger_counts(struct gh_ledger *l, int64_t midnight_ms, struct gh_counts *ret, struct gh_err *err);

/* What a span of time brought for one department. Submissions; times -1 when there is none. */
struct gh_took {
    int64_t median_ms, max_ms;
};
struct gh_report {
    char department[64];
    uint64_t dropped, duplicates, refused; /* dropped then, and of those: came before, quarantined now */
    uint64_t staged, approved, rejected, collected;
    struct gh_took to_staged, to_approved, to_collected; /* of those staged, approved, collected then */
};
/** from_ms to before to_ms; one row a department with anything in it. *ret is the caller's to free. */
GH_MUST_USE int gh_ledger_report(struct gh_ledger *l, int64_t from_ms, int64_t to_ms, struct gh_report **ret,
                                 size_t *ret_n, struct gh_err *err);

/** Keep settings that must survive (adaptive quiet times, …): a small key → text table. */
GH_MUST_USE int gh_ledger_setting(struct gh_ledger *l, const char *key, char **ret,
                                  struct gh_err *err); /* *ret NULL when absent */
GH_MUST_USE int gh_ledger_set_setting(struct gh_ledger *l, const char *key, const char *value, struct gh_err *err);
/** The moment of a submission's videos that somebody chose for their thumbnails, microseconds; -1: nobody did. */
GH_MUST_USE int gh_ledger_thumb(struct gh_ledger *l, int64_t submission, int64_t *ret_us, struct gh_err *err);
GH_MUST_USE int gh_ledger_set_thumb(struct gh_ledger *l, int64_t submission, int64_t us, struct gh_err *err);
/** The point of a submission's pictures that somebody chose for crops to keep: focal_x, focal_y, has_focal of *ret. */
struct gh_plan_opts;
GH_MUST_USE int gh_ledger_focal(struct gh_ledger *l, int64_t submission, struct gh_plan_opts *ret, struct gh_err *err);
/** x, y as in gh_plan_opts; has false: nobody chooses any more. */
GH_MUST_USE int gh_ledger_set_focal(struct gh_ledger *l, int64_t submission, bool has, uint32_t x, uint32_t y,
                                    struct gh_err *err);
/* Files of a submission that are kept for a time ([retention]); bits of gh_submission.retired. */
enum gh_kept { GH_KEPT_ORIGINALS = 1, GH_KEPT_STAGING = 2, GH_KEPT_OUTBOX = 4, GH_KEPT_QUARANTINE = 8 };
const char *gh_kept_name(enum gh_kept what);
/**
 * Submissions whose files of that sort may go: nothing of them is undecided, in work, unpublished or (outbox) still to
 * be collected, and nothing happened to them since before_ms. In order of id, greater than after; returns how many.
 */
GH_MUST_USE int gh_ledger_retirable(struct gh_ledger *l, enum gh_kept what, int64_t before_ms, int64_t after,
                                    int64_t *ret_ids, size_t max, struct gh_err *err);
/** These files are about to be deleted: marked and audited, and half-way until gh_ledger_retired. */
GH_MUST_USE int gh_ledger_retire(struct gh_ledger *l, const struct gh_who *who, enum gh_kept what, const int64_t *ids,
                                 size_t n, int64_t kept_ms, struct gh_err *err);
/** All that gh_ledger_retire announced is deleted. */
GH_MUST_USE int gh_ledger_retired(struct gh_ledger *l, struct gh_err *err);
/** What was announced and not finished (ghatd died): returns how many ids. */
GH_MUST_USE int gh_ledger_retiring(struct gh_ledger *l, enum gh_kept *ret_what, int64_t *ret_ids, size_t max,
                                   struct gh_err *err);

/**
 * A consistent copy while running, checked and durable; path must not exist (GH_USAGE). ret_rows (may be NULL): of its
 * audit. A ledger restored from it leaves out the next 100000 numbers, so that none is given twice.
 */
GH_MUST_USE int gh_ledger_backup(struct gh_ledger *l, const char *path, int64_t *ret_rows, struct gh_err *err);

#endif
