/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When is a dropped thing complete? When what we saw of it has not changed for its quiet time on our own monotonic
 * clock; time stamps in the file are compared with each other, never with a clock. And what belongs together among
 * loose files. Pure.
 */
#ifndef GH_DAEMON_SETTLE_H
#define GH_DAEMON_SETTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum gh_seen_kind { GH_SEEN_FILE, GH_SEEN_FOLDER, GH_SEEN_OTHER };

/* What one look showed. Comparable with memcmp after zero-initialisation. */
struct gh_print {
    uint64_t kind; /* enum gh_seen_kind */
    uint64_t dev, ino, nlink;
    uint64_t size; /* bytes; of a folder: number of entries below */
    int64_t mtime_ns;
    uint64_t digest; /* of a folder: of everything below */
    uint64_t mode;   /* file type bits */
};
struct gh_print gh_print_of(const struct stat *st);
/** Is it the same file, not written to? (Names, links and owners may have changed.) */
bool gh_print_same_bytes(const struct gh_print *a, const struct gh_print *b);

struct gh_settle {
    struct gh_print last;
    bool seen;
    int64_t changed_ms; /* monotonic: last time a look or a hint told of a change */
    int64_t longest_ms; /* longest pause that was followed by a change */
};
/** Note a look. Returns true when something changed since the last. */
bool gh_settle_look(struct gh_settle *s, const struct gh_print *print, int64_t now_ms);
/** An event says that something may have happened. */
void gh_settle_hint(struct gh_settle *s, int64_t now_ms);
/** Milliseconds to wait until it has been quiet for quiet_ms; 0 when it has. */
int64_t gh_settle_wait(const struct gh_settle *s, int64_t now_ms, int64_t quiet_ms);

/**
 * What the pauses of one file teach: the quiet time that would have been safe, when a pause came close to quiet_ms; 0
 * when none did. Longer ones are no lesson: they were waited for by other means.
 */
int64_t gh_settle_lesson(const struct gh_settle *s, int64_t quiet_ms);

/* -- loose files of one stem -- */
enum gh_group {
    GH_GROUP_ALONE,    /* this file is a submission of its own */
    GH_GROUP_TOGETHER, /* all of them are one */
    GH_GROUP_TEXT,     /* a text without media */
};
/** names: all loose files of one stem in a department's folder (n ≥ 1, of which one is asked about). */
enum gh_group gh_settle_group(const char *const *names, size_t n);

#endif
