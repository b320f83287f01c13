/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bundles: frozen lists of what somebody downloads as one ZIP file. A list is kept under a number,
 * so that a download that is resumed goes on with the same bytes whatever happened meanwhile; what
 * of it is not out any more is found each time it is asked for. The newest few of a person are
 * kept. Beside them, the CRC-32 of outputs, which such a file needs before their bytes.
 */
#ifndef GH_DAEMON_LEDGER_BUNDLE_H
#define GH_DAEMON_LEDGER_BUNDLE_H

#include "base/err.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_BUNDLE_FILES 2000                       /* entries of one list */
#define GH_BUNDLE_BYTES (256ull << 30)             /* bytes of one list */
#define GH_BUNDLE_TEXT (4u << 20)                  /* bytes of the texts in it */
#define GH_BUNDLE_PERSON 8                         /* lists kept of one person */
#define GH_BUNDLE_KEEP_MS (7ll * 24 * 3600 * 1000) /* … for so long */

struct gh_bundle {
    int64_t id, person, made_ms;
    char what[16];         /* "new", "2026-11-29" or "#12" */
    char etag[GH_SHA_HEX]; /* the same for the same entries of the same bytes */
    bool more;             /* what was asked for did not fit */
    size_t n;
    uint64_t bytes;  /* of all entries */
    size_t unsummed; /* entries whose CRC-32 is not known yet */
    size_t lost;     /* entries whose bytes are not there any more */
};

/* An output, or a text beside one. */
struct gh_bundle_entry {
    int64_t submission, rendition; /* with which it is out, or withdrawn */
    char *name;                    /* in the ZIP file */
    char *path;                    /* below outbox/; "" of a text */
    char *text;                    /* NULL of an output */
    char sha256[GH_SHA_HEX];
    uint64_t bytes;
    int64_t time_ms; /* wall clock */
    uint32_t crc;
    bool has_crc, lost;
};
void gh_bundle_entry_free(struct gh_bundle_entry *e);

/** Keep a new list of n entries, and forget the oldest ones of that person. *ret: its number. */
GH_MUST_USE int gh_ledger_bundle_make(struct gh_ledger *l, const struct gh_who *who, int64_t person,
                                      const char *what, bool more,
                                      const struct gh_bundle_entry *list, size_t n, int64_t *ret,
                                      struct gh_err *err);
/** One list of that person; GH_USAGE, code ENOENT: there is none of that number. */
GH_MUST_USE int gh_ledger_bundle(struct gh_ledger *l, int64_t id, int64_t person,
                                 struct gh_bundle *ret, struct gh_err *err);
typedef bool gh_bundle_fn(const struct gh_bundle *b, void *arg);
/** Those of a person, the newest first, until fn returns false. */
GH_MUST_USE int gh_ledger_bundles(struct gh_ledger *l, int64_t person, gh_bundle_fn *fn, void *arg,
                                  struct gh_err *err);
typedef bool gh_bundle_entry_fn(const struct gh_bundle_entry *e, void *arg);
/** Its entries from number `from` on, in order, until fn returns false; e is borrowed. */
GH_MUST_USE int gh_ledger_bundle_entries(struct gh_ledger *l, int64_t id, size_t from,
                                         gh_bundle_entry_fn *fn, void *arg, struct gh_err *err);
/** Its outputs that are not out any more, or are not the same bytes: each with the placement and
 * the reason, borrowed, until fn returns false. */
typedef bool gh_bundle_gone_fn(int64_t submission, const char *placement, const char *reason,
                               void *arg);
GH_MUST_USE int gh_ledger_bundle_gone(struct gh_ledger *l, int64_t id, gh_bundle_gone_fn *fn,
                                      void *arg, struct gh_err *err);

/** Submissions of which something is out and was first published on that day ("2026-11-29"), in
 * order of id, at most max. Returns how many. */
GH_MUST_USE int gh_ledger_out_on(struct gh_ledger *l, const char *day, int64_t *ret, size_t max,
                                 struct gh_err *err);
/** Submissions with something that is to be collected, in order of id, at most max. */
GH_MUST_USE int gh_ledger_uncollected(struct gh_ledger *l, int64_t *ret, size_t max,
                                      struct gh_err *err);
/** How many outputs are to be collected, and their bytes. */
GH_MUST_USE int gh_ledger_uncollected_size(struct gh_ledger *l, size_t *ret_n, uint64_t *ret_bytes,
                                           struct gh_err *err);

/** An output in some list whose CRC-32 is not known: *ret_path below outbox/, the caller's. Returns
 * 1, or 0: there is none. */
GH_MUST_USE int gh_ledger_crc_wanted(struct gh_ledger *l, char ret_sha256[GH_SHA_HEX],
                                     char **ret_path, struct gh_err *err);
/** It is found: crc; or NULL: its bytes cannot be read any more at that path, while equal ones may
 * lie elsewhere. */
GH_MUST_USE int gh_ledger_crc_found(struct gh_ledger *l, const char *sha256, const char *path,
                                    const uint32_t *crc, struct gh_err *err);

#endif
