/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the audit proves of decisions and manifests: each approval that something in the outbox
 * stands on has a row there, of exactly its set; what was undone there counts for nothing; each
 * manifest is the one that was recorded. The chain has no key: it proves all of that against
 * whoever could not write the whole chain anew, and `against` proves it against those who could.
 */
#ifndef GH_DAEMON_VERIFY_PROOF_H
#define GH_DAEMON_VERIFY_PROOF_H

#include "daemon/ledger/ledger.h"

struct gh_proof;
/** Read the audit once. *ret is the caller's (gh_proof_free). */
GH_MUST_USE int gh_proof_read(struct gh_ledger *l, struct gh_proof **ret, struct gh_err *err);
void gh_proof_free(struct gh_proof **p);

/** Called for each problem with one line for people, valid during the call only. */
typedef void gh_proof_fn(const char *line, void *arg);
/** The decisions that the approved and published outputs of an item stand on. */
GH_MUST_USE int gh_proof_decisions(const struct gh_proof *p, struct gh_ledger *l,
                                   const struct gh_item *item, gh_proof_fn *fn, void *arg,
                                   struct gh_err *err);
/** The bytes of its manifest.json, as they lie in the outbox. */
void gh_proof_manifest(const struct gh_proof *p, const struct gh_item *item, const char *text,
                       size_t n, gh_proof_fn *fn, void *arg);

#endif
