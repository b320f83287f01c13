/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When is a dropped thing complete? When observations of it have not changed for its quiet time, on
 * our own monotonic clock; a file's time stamps are compared with each other, never with a clock.
 * And which loose files belong together. Pure: no I/O, no clock.
 */
#ifndef GH_DAEMON_INTAKE_SETTLE_H
#define GH_DAEMON_INTAKE_SETTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum gh_seen_kind { GH_SEEN_FILE, GH_SEEN_FOLDER, GH_SEEN_OTHER };

/* One observation. Comparable with memcmp, because it has no padding. */
struct gh_print {
    uint64_t kind; /* enum gh_seen_kind */
    uint64_t dev, ino, nlink;
    uint64_t size;    /* bytes of a file; number of files below a folder */
    int64_t mtime_ns; /* of a file, else 0 */
    uint64_t digest;  /* of all files below a folder, else 0 */
    uint64_t mode;    /* file type bits */
};
_Static_assert(sizeof(struct gh_print) == 8 * sizeof(uint64_t), "compared with memcmp");
/** The observation that lstat or fstat made; of a folder without what lies below. */
struct gh_print gh_print_of(const struct stat *st);
/** Is it the same file, not written to in between? Names, links and owners may have changed. */
bool gh_print_same_bytes(const struct gh_print *a, const struct gh_print *b);

struct gh_settle {
    struct gh_print last; /* observation */
    bool seen;            /* there was one */
    int64_t changed_ms;   /* when an observation or a hint last told of a change, monotonic */
    int64_t longest_ms;   /* longest pause that was followed by a change */
    bool closed;          /* its writer was seen to close it, and it is still that file */
    int64_t reopened_ms;  /* longest pause after that which was followed by more of the writer */
};
/** Note an observation. Returns true when it differs from the last one. */
bool gh_settle_observe(struct gh_settle *s, const struct gh_print *print, int64_t now_ms);
/** An event says that something may have changed. */
void gh_settle_hint(struct gh_settle *s, int64_t now_ms);
/** A writer closed it, so an event says. */
void gh_settle_closed(struct gh_settle *s, int64_t now_ms);
/** Its name was given to it by a rename, or it cannot be told what happened: whether it was closed
 * is unknown. */
void gh_settle_arrived(struct gh_settle *s, int64_t now_ms);
/** Milliseconds until it will have been quiet for quiet_ms; 0 when it has. */
int64_t gh_settle_wait(const struct gh_settle *s, int64_t now_ms, int64_t quiet_ms);

/* One part in GH_SETTLE_BREATH of the quiet time after it was closed a file is at its point: then
 * most writers have done what they do after closing (names of programs, time stamps). */
#define GH_SETTLE_BREATH 10
/** Milliseconds until a file is at its point, 0 when it is; -1 when it has none, as nobody was seen
 * to close it, or its writer came back after an earlier one. */
int64_t gh_settle_point(const struct gh_settle *s, int64_t now_ms, int64_t quiet_ms);
/* Was a file, which has settled now, whole at its point? */
enum gh_whole {
    GH_WHOLE_UNKNOWN, /* it had none */
    GH_WHOLE_YES,
    GH_WHOLE_NO, /* its writer came back */
};
enum gh_whole gh_settle_whole(const struct gh_settle *s, int64_t quiet_ms);

/**
 * The quiet time that would have been safe for this file, when one of its pauses was longer than
 * half of quiet_ms; 0 when none was. Pauses longer than quiet_ms do not count: the file was kept
 * from being taken in by other means, because it was open.
 */
int64_t gh_settle_lesson(const struct gh_settle *s, int64_t quiet_ms);

/* What loose files of one stem are. */
enum gh_group {
    GH_GROUP_ALONE,    /* each is a submission of its own */
    GH_GROUP_TOGETHER, /* all of them are one submission */
    GH_GROUP_TEXT,     /* texts without media */
};
/** names: all n ≥ 1 loose files of one stem in a department's folder. */
enum gh_group gh_settle_group(const char *const *names, size_t n);

#endif
