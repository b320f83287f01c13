/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was dropped: submissions with their files; the same bytes or the same name again. */
#ifndef GH_DAEMON_LEDGER_INTAKE_H
#define GH_DAEMON_LEDGER_INTAKE_H

#include "base/err.h"
#include "base/hash.h"
#include "base/media.h"
#include "daemon/ledger/open.h"
#include "daemon/ledger/states.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gh_sub_kind { GH_KIND_FILE, GH_KIND_FOLDER };
enum gh_file_role { GH_FILE_MEDIA, GH_FILE_CAPTION };
/* is the dropped file still in the drop folder? */
enum gh_source { GH_SOURCE_PRESENT, GH_SOURCE_TAKEN };

struct gh_new_file {
    const void *name; /* as dropped, relative to the submission's folder; any bytes */
    size_t name_len;
    char sha256[GH_SHA_HEX]; /* "" only for a file that was never copied (size 0, refused before) */
    uint64_t size;
    int64_t mtime_ms;
    uint64_t dev, ino; /* of the dropped file */
    enum gh_file_role role;
    enum gh_media guess; /* by name only, for the order of work; GH_MEDIA_NONE counts as photo */
};

struct gh_new_sub {
    const char *department; /* slug */
    const void *name;       /* dropped file's or folder's own name; any bytes */
    size_t name_len;
    enum gh_sub_kind kind;
    /* RECEIVED, QUARANTINED (reason), DUPLICATE (duplicate_of), or DELIVERED (question, events) */
    enum gh_sub_state state;
    const char *caption;  /* UTF-8, NULL none */
    int64_t dropped_ms;   /* when it was first seen */
    const char *reason;   /* for QUARANTINED: plain words for the officer */
    int64_t duplicate_of; /* 0 none */
    int64_t question;     /* they came as an answer; 0: they did not */
    bool events;          /* it is a file that announced events, which may be DELIVERED, too */
    bool urgent;
    const char *sender; /* the user who uploaded it; NULL: it was dropped into a folder */
    const struct gh_new_file *files;
    size_t n_files;
};

/** One submission with its files, sources PRESENT. ret_file_ids may be NULL, else holds n_files. */
GH_MUST_USE int gh_ledger_add(struct gh_ledger *l, const struct gh_who *who,
                              const struct gh_new_sub *sub, int64_t *ret_id, int64_t *ret_file_ids,
                              struct gh_err *err);
/** n ≥ 1 more files for a submission that is there: one new revision of it. ret_ids holds n.
 * GH_LIMIT: it takes no further file. */
GH_MUST_USE int gh_ledger_add_files(struct gh_ledger *l, const struct gh_who *who,
                                    int64_t submission, const struct gh_new_file *files, size_t n,
                                    int64_t *ret_ids, struct gh_err *err);
/** The dropped file was moved away (taken_name: its name below drop/.taken/, "" when it was
 * deleted). Repeating is fine. */
GH_MUST_USE int gh_ledger_source_taken(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                       const char *taken_name, struct gh_err *err);

/** What was moved away has another time stamp (ms since the epoch) and the same bytes. */
GH_MUST_USE int gh_ledger_source_touched(struct gh_ledger *l, int64_t file, int64_t mtime_ms,
                                         struct gh_err *err);

GH_MUST_USE int gh_ledger_set_urgent(struct gh_ledger *l, const struct gh_who *who,
                                     int64_t submission, bool urgent, struct gh_err *err);
/**
 * The newest submission of that name, if it has a file of file_name that is known to be cut off or
 * damaged: that file is set aside (work none, its reason says so), what was never made of it is
 * forgotten, and a quarantined submission is received again, to be given the better copy by
 * gh_ledger_add_files. Returns 1 and the submission (2: it was still waited for), or 0.
 */
GH_MUST_USE int gh_ledger_reopen(struct gh_ledger *l, const struct gh_who *who,
                                 const char *department, const void *name, size_t name_len,
                                 const void *file_name, size_t file_name_len, int64_t *ret_id,
                                 struct gh_err *err);
/** The department recalls it: quarantined before it is staged, and no longer worked on; what is
 * staged or held is rejected. GH_LIMIT once approved. */
GH_MUST_USE int gh_ledger_cancel(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                 struct gh_err *err);

/* A media or caption file with the same bytes from the same department. */
struct gh_match {
    int64_t submission, file;
    enum gh_sub_state state;
    enum gh_source source;
    /* it was quarantined, or all of it rejected or withdrawn: the same bytes may come again */
    bool resendable;
    bool same_name; /* the file has the name asked for */
    int64_t dropped_ms;
};
/**
 * The newest submission of department having these bytes; same name with source PRESENT first (an
 * intake to resume: mark it taken, add nothing). folder: the name of the folder the file lies in;
 * NULL: in none. A name is the same in that folder only. DUPLICATE submissions are found only while
 * their source is PRESENT. Returns 1, or 0 when there is none.
 */
GH_MUST_USE int gh_ledger_find_bytes(struct gh_ledger *l, const char *department,
                                     const char *folder, const char *sha256, const void *name,
                                     size_t name_len, struct gh_match *ret, struct gh_err *err);
/** Newest live submission (not duplicate) of that department and dropped name: 1 and its id, or 0.
 * For late captions, cancel. */
GH_MUST_USE int gh_ledger_find_name(struct gh_ledger *l, const char *department, const void *name,
                                    size_t name_len, int64_t *ret_id, struct gh_err *err);

/** The newest submissions of that dropped name, duplicates too, newest first: at most max into
 * ret_ids. Returns how many. */
GH_MUST_USE int gh_ledger_same_name(struct gh_ledger *l, const char *department, const void *name,
                                    size_t name_len, int64_t *ret_ids, size_t max,
                                    struct gh_err *err);

#endif
