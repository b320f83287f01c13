/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What changed lately, for those who watch: the last submissions that were touched, numbered in the
 * order of their commits. In memory only: a start begins a new series under another name, and who
 * asks with a number of an older one, or of one that is forgotten, is told to look at everything.
 */
#ifndef GH_DAEMON_CONTROL_CHANGES_H
#define GH_DAEMON_CONTROL_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GH_CHANGES 4096   /* are remembered */
#define GH_PLACE_BYTES 48 /* of a place "<boot>.<seq>" with its NUL */

struct gh_changes {
    char boot[17]; /* 16 hex digits: which series; drawn at random */
    uint64_t seq;  /* of the latest; 0: none yet */
    int64_t submissions[GH_CHANGES];
};

void gh_changes_init(struct gh_changes *c);
void gh_changes_add(struct gh_changes *c, int64_t submission);
/** The place of now: whoever asks with it is told what comes later. */
void gh_changes_place(const struct gh_changes *c, char ret[GH_PLACE_BYTES]);
/**
 * The submissions touched after a place "<boot>.<seq>" of this series, each once, the latest last,
 * at most max of them, the latest; ret holds max. *ret_all: the place is not known, or there were
 * more: whoever watches must look at everything. Returns how many.
 */
size_t gh_changes_after(const struct gh_changes *c, const char *place, int64_t *ret, size_t max,
                        bool *ret_all);

#endif
