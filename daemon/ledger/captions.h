/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words that go with what is published: the common caption, those of single placements, the alt
 * texts of files. Each change is a revision; approvals keep the words that they were given for.
 */
#ifndef GH_DAEMON_LEDGER_CAPTIONS_H
#define GH_DAEMON_LEDGER_CAPTIONS_H

#include "base/err.h"
#include "daemon/ledger/open.h"

#include <stdint.h>

/**
 * A new caption (NULL or "": none): revision + 1, and every approval given for the old one is void.
 * What is already published keeps its approved caption until somebody approves again. Equal
 * caption: nothing happens.
 */
GH_MUST_USE int gh_ledger_set_caption(struct gh_ledger *l, const struct gh_who *who,
                                      int64_t submission, const char *caption, struct gh_err *err);
/** The caption of one placement, where the common one does not do; NULL or "": the common one
 * again. It voids no approval of another placement. */
GH_MUST_USE int gh_ledger_set_caption_of(struct gh_ledger *l, const struct gh_who *who,
                                         int64_t submission, const char *placement,
                                         const char *caption, struct gh_err *err);
/** What a media file shows, for those who cannot see it; NULL or "": nobody says. number: see
 * gh_file_number. */
GH_MUST_USE int gh_ledger_set_alt(struct gh_ledger *l, const struct gh_who *who, int64_t submission,
                                  unsigned number, const char *alt, struct gh_err *err);

#endif
