/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * States of submissions and renditions, and which may follow which: two tables. The names are a
 * contract (ledger, JSON, scripts). Whatever is not in a table is refused by the ledger.
 */
#ifndef GH_DAEMON_LEDGER_STATES_H
#define GH_DAEMON_LEDGER_STATES_H

#include <stdbool.h>
#include <stddef.h>

#define GH_SUB_STATES(X)                                                                           \
    X(ARRIVING, "arriving")       /* part of the contract; not used: intake keeps it */            \
    X(RECEIVED, "received")       /* every byte safe in the spool */                               \
    X(RENDERING, "rendering")     /* at least one of its files is or was in work */                \
    X(STAGED, "staged")           /* all made that can be made, something waits for a decision */  \
    X(DECIDED, "decided")         /* nothing waits for a decision */                               \
    X(DELIVERED, "delivered")     /* all that was published is collected */                        \
    X(QUARANTINED, "quarantined") /* nothing could be made of it; its reason says why */           \
    X(DUPLICATE, "duplicate")     /* the same bytes came before from the same department */

#define GH_REN_STATES(X)                                                                           \
    X(DUE, "due")                                                                                  \
    X(RUNNING, "running")                                                                          \
    X(STAGED, "staged")                                                                            \
    X(HELD, "held")                                                                                \
    X(APPROVED, "approved")                                                                        \
    X(PUBLISHING, "publishing") /* on its way out: it cannot be undone any more */                 \
    X(PUBLISHED, "published")                                                                      \
    X(COLLECTED, "collected")                                                                      \
    X(REJECTED, "rejected")                                                                        \
    X(WITHDRAWN, "withdrawn")                                                                      \
    X(SKIPPED, "skipped")                                                                          \
    X(FAILED, "failed")

enum gh_sub_state {
#define GH_X(id, name) GH_SUB_##id,
    GH_SUB_STATES(GH_X)
#undef GH_X
        GH_SUB_STATES_N
};

enum gh_ren_state {
#define GH_X(id, name) GH_REN_##id,
    GH_REN_STATES(GH_X)
#undef GH_X
        GH_REN_STATES_N
};

/** The contract name; never NULL for a valid value. */
const char *gh_sub_state_name(enum gh_sub_state s);
const char *gh_ren_state_name(enum gh_ren_state s);
bool gh_sub_state_parse(const char *name, enum gh_sub_state *ret);
bool gh_ren_state_parse(const char *name, enum gh_ren_state *ret);

/** Is the step in the table? A state never follows itself. */
bool gh_sub_may(enum gh_sub_state from, enum gh_sub_state to);
bool gh_ren_may(enum gh_ren_state from, enum gh_ren_state to);

/* What the renditions and files of one submission look like, for deriving its state. */
struct gh_tally {
    /* how many renditions are in each state */
    unsigned rendition[GH_REN_STATES_N];
    unsigned files_due, files_running, files_done, files_bad; /* media files by work */
};
/**
 * The state a submission should be in. ARRIVING, QUARANTINED and DUPLICATE are left alone: only
 * explicit steps leave them. QUARANTINED comes out when all work is over and nothing could be made.
 */
enum gh_sub_state gh_sub_derive(enum gh_sub_state now, const struct gh_tally *tally);

#endif
