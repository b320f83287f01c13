/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work on files: claims with their leases, what an attempt found, planned and made, how it ended.
 */
#ifndef GH_DAEMON_LEDGER_ATTEMPTS_H
#define GH_DAEMON_LEDGER_ATTEMPTS_H

#include "base/err.h"
#include "base/hash.h"
#include "base/media.h"
#include "daemon/ledger/item.h"
#include "daemon/ledger/open.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_LEDGER_STRIKES 2 /* crashes of a file until it is quarantined */
/* No file waits, and no lease lasts, longer than this: one that ends further off was given before
 * the clock was set back. Milliseconds. */
#define GH_LEDGER_WAIT_MAX_MS ((int64_t)3600 * 1000)
#define GH_LEDGER_INTERRUPTIONS 20 /* attempts ended by ourselves until a file is suspect */

struct gh_claim {
    int64_t file, submission;
    uint64_t token;          /* fencing: goes with every report about this attempt */
    unsigned attempt;        /* this one, counted from 1 and already committed */
    char sha256[GH_SHA_HEX]; /* of the original in the spool */
    char department[64];
    uint64_t size;
    enum gh_media guess;
    bool urgent;
    /* placements still due from an earlier plan; n_wanted 0: plan all of them */
    char (*wanted)[32];
    size_t n_wanted;
};
void gh_claim_free(struct gh_claim *claim);
/**
 * The next file due now: urgent first, photos before videos, departments in turn (the one served
 * longest ago, however many there are), oldest first. media is a set of 1u << enum gh_media (by
 * guess) it may take. lease_ms, at most GH_LEDGER_WAIT_MAX_MS: after that time the file is due
 * again unless gh_ledger_renew was called; 0: never, until gh_ledger_recover. Returns 1, or 0 when
 * nothing is due; ret_next_ms (may be NULL, only set then): when the next one becomes due, 0 never.
 */
GH_MUST_USE int gh_ledger_claim(struct gh_ledger *l, const struct gh_who *who, unsigned media,
                                int64_t lease_ms, struct gh_claim *ret, int64_t *ret_next_ms,
                                struct gh_err *err);
/** The attempt goes on: its lease lasts lease_ms from now. GH_AGAIN, code ESTALE: it was taken
 * away. Not audited; several in one gh_ledger_begin … commit are one sync. */
GH_MUST_USE int gh_ledger_renew(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                uint64_t token, int64_t lease_ms, struct gh_err *err);
/** Whose lease ran out is due again, as interrupted; gh_ledger_claim does it, too. ret_n (may be
 * NULL): how many. A report that comes in time but finds the ledger busy is still taken: a lease
 * that ran out holds until this finds it. */
GH_MUST_USE int gh_ledger_recover_lapsed(struct gh_ledger *l, const struct gh_who *who,
                                         unsigned *ret_n, struct gh_err *err);
/** What the worker found: JSON text for people and scripts, and the medium it really is. */
GH_MUST_USE int gh_ledger_probed(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                 uint64_t token, enum gh_media media, const char *probe_json,
                                 uint32_t found, struct gh_err *err);

/** What a photo looks like; NULL: as another file of the same bytes, whose outputs it got. Not
 * audited. */
GH_MUST_USE int gh_ledger_looked(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                 uint64_t token, const struct gh_look *look, struct gh_err *err);

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
/** New rows become due → running (or skipped); known ones due → running again; known due ones not
 * in rows → skipped. */
GH_MUST_USE int gh_ledger_plan(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                               uint64_t token, const struct gh_plan_row *rows, size_t n,
                               struct gh_err *err);

/* One output made, verified and durable in staging. */
struct gh_staged {
    const char *placement;
    unsigned part;
    const char *sha256;
    bool has_crc; /* crc is the CRC-32 of the same bytes; it is kept with their hash */
    uint32_t crc;
    uint64_t bytes;
    uint32_t w, h;
    struct gh_rect crop;   /* the part of the upright source that it shows … */
    uint32_t src_w, src_h; /* … and the source's size; pixels */
    int64_t duration_us;
    uint32_t removed;        /* GH_META bits */
    const char *checks_json; /* one object a limit */
    const char *stage;       /* path below staging/ */
    const char *note;        /* "first frame of 22", may be NULL */
};
/** running → staged. */
GH_MUST_USE int gh_ledger_staged(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                 uint64_t token, const struct gh_staged *out, struct gh_err *err);
/** running → failed, plain words. checks_json may be NULL. */
GH_MUST_USE int gh_ledger_failed(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                 uint64_t token, const char *placement, unsigned part,
                                 const char *reason, const char *checks_json, struct gh_err *err);
/** running → skipped: this output turned out not to be servable, no failure. */
GH_MUST_USE int gh_ledger_skipped(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                  uint64_t token, const char *placement, unsigned part,
                                  const char *reason, struct gh_err *err);

enum gh_attempt_end {
    GH_ATTEMPT_DONE, /* every output reported; those still running → failed */
    /* the input is at fault (reason, plain words): the file is bad, running → failed */
    GH_ATTEMPT_REFUSED,
    GH_ATTEMPT_CRASHED,     /* a strike: due again, at two the file is bad */
    GH_ATTEMPT_INTERRUPTED, /* our own stop, crash or fault: due again; at twenty the file is bad */
    GH_ATTEMPT_AGAIN,       /* disk full and the like: due again, nothing counted */
    /* damaged, and so young that the rest may be on its way: due again, with its reason */
    GH_ATTEMPT_INCOMPLETE,
};
/**
 * The attempt is over; running renditions → due where the file is due again. not_before_ms: no
 * earlier than that (0 at once). The submission moves on by itself (staged, or quarantined when
 * nothing could be made). ret_bad (may be NULL): the file is given up.
 */
GH_MUST_USE int gh_ledger_attempt_end(struct gh_ledger *l, const struct gh_who *who, int64_t file,
                                      uint64_t token, enum gh_attempt_end how, const char *reason,
                                      int64_t not_before_ms, bool *ret_bad, struct gh_err *err);

/** A staged (or later) output of equal recipe, placement and profile, to link instead of making it
 * again. Returns 1, or 0; free with gh_rendition_free. */
GH_MUST_USE int gh_ledger_find_recipe(struct gh_ledger *l, const char *recipe,
                                      const char *placement, const char *profile,
                                      struct gh_rendition *ret, struct gh_err *err);

#endif
