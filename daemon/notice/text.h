/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of letters: numbers, states, departments and links; never a caption, a picture, a
 * token. */
#ifndef GH_DAEMON_NOTICE_TEXT_H
#define GH_DAEMON_NOTICE_TEXT_H

#include "daemon/ledger/letters.h"
#include "daemon/site/settings.h"

#include "base/str.h"

/* A letter in the making: notices are added, then it is finished. Zero-initialise, set what the
 * first line says; release with gh_post_text_free. */
struct gh_post_text {
    struct gh_ledger *ledger;
    const struct gh_settings *settings;
    const struct gh_words *words;
    int64_t now_ms;

    struct gh_str subject, body; /* body: a paragraph a notice */
    unsigned n;                  /* paragraphs */
    uint64_t waits, collect;     /* counted, and said in one paragraph each */
};
/** Classes as the ledger's. */
GH_MUST_USE int gh_post_text_add(struct gh_post_text *t, const struct gh_notice *n,
                                 const struct gh_notice_about *about, struct gh_err *err);
/** subject and body are whole. digest: of a day. */
void gh_post_text_finish(struct gh_post_text *t, bool digest);
void gh_post_text_free(struct gh_post_text *t);

#endif
