/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The outbox: what is approved, and nothing else. In outbox/<day>/<department>-<id>/ lie
 *   <placement>/<department>-<id>-<placement>-<sha8>.<ext>, caption.txt, SHA256SUMS, manifest.json,
 * written in this order, the manifest by rename. Names are a function of the ledger, so writing it
 * again changes nothing: a publication that was interrupted anywhere is simply repeated. Classes:
 * GH_BUG when a file there, or the staged one, is not what was approved, or no decision covers it
 * (nothing is overwritten), GH_AGAIN for a full disk, GH_SYSTEM.
 */
#ifndef GH_DAEMON_PUBLISH_OUTBOX_H
#define GH_DAEMON_PUBLISH_OUTBOX_H

#include "daemon/ledger/ledger.h"
#include "daemon/plan/profile.h"
#include "daemon/site/department.h"

struct gh_str;
typedef struct json_t json_t;

#define GH_OUTBOX_TEXTS 3
/* What lies in every folder of the outbox beside the files, the manifest last. */
extern const char *const gh_outbox_texts[GH_OUTBOX_TEXTS];
/* Below quarantine/: what was in the outbox and, as far as a restored ledger knows, should not be;
 * and, until it may go out again, what should. Its paths are those of the outbox. */
#define GH_OUTBOX_ASIDE "unknown"

/* Where files come from; borrowed descriptors. */
struct gh_outbox_from {
    int staging;
    int quarantine; /* what was put aside is taken where staging has it no more */
};
/**
 * Make the outbox folder of this item what its decisions say: add approved files, remove withdrawn
 * ones, replace the three texts. manifest is the text of manifest.json. outbox is a borrowed
 * descriptor. Safe in a pool thread.
 */
GH_MUST_USE int gh_outbox_write(const struct gh_outbox_from *from, int outbox,
                                const struct gh_item *item, const char *manifest,
                                struct gh_err *err);
/** Is a file of it that should be in the outbox not there? */
bool gh_outbox_lacks(int outbox, const struct gh_item *item);
/** Is a file of it that was withdrawn still there? */
bool gh_outbox_exceeds(int outbox, const struct gh_item *item);
/** Only remove what was withdrawn of it, durably, and say so in its sums and its manifest; all else
 * stays as it is. manifest is the text that will be its manifest.json one day. Safe in a pool
 * thread. */
GH_MUST_USE int gh_outbox_withdraw(int outbox, const struct gh_item *item, const char *manifest,
                                   struct gh_err *err);
/** What SHA256SUMS and manifest.json say of files that are not in this folder any more is taken out
 * of them; to the withdrawn files of the manifest those of newer are added (NULL: none). */
GH_MUST_USE int gh_outbox_trim(int folder, const char *newer, struct gh_err *err);
/** The folder of an item below outbox/, "2026-11-23/roads-12"; 128 bytes are enough. */
void gh_outbox_folder(const struct gh_submission *sub, char *ret, size_t size);
/**
 * A file in that folder, "<placement>/roads-12-<placement>-0a1b2c3d.jpg"; 256 bytes are enough.
 * Where a person gave an order, names sort by it:
 * "<placement>/roads-12-<placement>-02-0a1b2c3d.jpg".
 */
void gh_outbox_path(const struct gh_item *item, const struct gh_rendition *r, char *ret,
                    size_t size);
/**
 * The text of caption.txt: the words with which what is out was approved. One caption for all is
 * there alone; captions that differ follow each other, each under its placements; then come the
 * alt texts of the files. Appends.
 */
void gh_outbox_caption(const struct gh_item *item, struct gh_str *out);
/** The text of SHA256SUMS. Appends. */
void gh_outbox_sums(const struct gh_item *item, struct gh_str *out);
/** Is this rendition in the outbox, or on its way there? */
bool gh_outbox_has(const struct gh_rendition *r);

/* What a manifest tells beside the item itself. All of it is borrowed. */
struct gh_manifest_about {
    const struct gh_department *department; /* may be NULL */
    const struct gh_profiles *profiles;     /* may be NULL */
    /* The item that this one replaces, and that replaces this one; NULL: there is none. */
    const struct gh_item *old, *successor;
    int64_t now_ms; /* wall clock */
    /* The newest row of the audit, which stands for all before it; head NULL: not told. */
    int64_t audit_seq;
    const char *audit_head;
};
/** manifest.json of an item (new reference). */
json_t *gh_manifest(const struct gh_item *item, const struct gh_manifest_about *about);
/** As gh_outbox_trim, of its text. The caller's to free; NULL: nothing of it changes, or it is no
 * manifest. */
char *gh_manifest_trim(const char *text, size_t n, int folder, const char *newer);

#endif
