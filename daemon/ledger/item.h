/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ledger knows of one submission: itself, its files, its renditions, its captions. */
#ifndef GH_DAEMON_LEDGER_ITEM_H
#define GH_DAEMON_LEDGER_ITEM_H

#include "base/err.h"
#include "base/hash.h"
#include "base/media.h"
#include "daemon/ledger/intake.h"
#include "daemon/ledger/states.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gh_file_work { GH_WORK_NONE, GH_WORK_DUE, GH_WORK_RUNNING, GH_WORK_DONE, GH_WORK_BAD };
const char *gh_work_name(enum gh_file_work w);

struct gh_file {
    int64_t id, submission;
    char *name; /* name_len bytes and a NUL */
    size_t name_len;
    char sha256[GH_SHA_HEX];
    uint64_t size, dev, ino;
    int64_t mtime_ms, not_before_ms;
    enum gh_file_role role;
    enum gh_source source;
    char *taken_name;
    enum gh_media guess, media;
    enum gh_file_work work;
    char *probe;    /* JSON text or NULL */
    char *reason;   /* why it is bad, or NULL */
    uint32_t found; /* GH_META bits in the original */
    unsigned attempts, strikes, interrupted;
    uint64_t token;
    int64_t revision; /* of the submission it came with */
    char *alt;        /* NULL none */
    unsigned place;   /* in the order that a person gave, from 1; 0 none */
    struct gh_look look;
};

struct gh_rendition {
    int64_t id, submission, file;
    char placement[32];
    unsigned part, parts;
    enum gh_ren_state state;
    char how[16];
    char profile[17], recipe[GH_SHA_HEX], sha256[GH_SHA_HEX];
    uint64_t bytes;
    uint32_t w, h, removed;
    /* the part of the upright source that it shows; src_w 0: made before that was kept */
    struct gh_rect crop;
    uint32_t src_w, src_h;
    int64_t duration_us;
    char *checks, *reason, *note, *stage; /* stage: path below staging/; may be NULL each */
    char *decided_by;
    int64_t staged_ms, approved_ms, publishing_ms, published_ms, collected_ms, decided_ms;
    int64_t decision; /* the last one that approves these very bytes; 0 none … */
    char *approved_caption, *approved_alt; /* … and the words they were approved with */
    /* The last one that the outside may see, and its words. Where it is another one, `decision` is
     * pending: it can be undone for undo_ms. */
    int64_t out, undo_ms;
    char *out_caption, *out_alt;
    char *out_common, *out_by; /* the common caption of then, NULL none, and who approved */
    /* The hold or rejection it is in, while the outside has not seen it: it can be undone for
     * turned_undo_ms; 0 none. */
    int64_t turned, turned_undo_ms;
    char *collected_by; /* NULL: nobody, or nobody wrote it down */
    int64_t gone_ms;    /* withdrawn, and the agency knows; by whom: gone_by */
    char *gone_by;
};

/* What the agency said of a placement, in order of time. */
enum gh_said { GH_SAID_POSTED, GH_SAID_REFUSED, GH_SAID_REMOVED, GH_SAIDS };
const char *gh_said_name(enum gh_said said);
struct gh_delivery {
    int64_t id, time_ms;
    char placement[32];
    enum gh_said said;
    char *actor, *text; /* of a post its link, of a refusal the platform's words, else "" */
};

/* Who posts a placement now: nobody else starts on it. */
struct gh_take {
    char placement[32];
    char *actor;
    int64_t until_ms; /* wall clock */
};

/* A placement with a caption of its own. */
struct gh_caption {
    char placement[32];
    char *text;
};

struct gh_submission {
    int64_t id;
    char department[64];
    char *name; /* name_len bytes and a NUL */
    size_t name_len;
    enum gh_sub_kind kind;
    enum gh_sub_state state;
    char *caption;          /* NULL none */
    char *approved_caption; /* what the last approval saw, NULL none */
    int64_t caption_ms, dropped_ms, received_ms, staged_ms, approved_ms, decided_ms, delivered_ms;
    char *reason;
    int64_t duplicate_of;
    bool urgent;              /* whoever says so … */
    bool urgent_by_authority; /* … and not the department itself, by the name of a file */
    /* of the caption and the set of files; 0 = never approved */
    int64_t revision, approved_revision;
    int64_t manifest;      /* counts decisions that change the outbox … */
    int64_t manifest_done; /* … and which of them the outbox shows */
    char outbox_day[11];   /* "" before the first approval */
    char *approved_by;     /* of the last approval */
    char *sender;          /* the user who uploaded it; NULL: it was dropped into a folder */
    unsigned retired;      /* enum gh_kept: deleted after their time */
    int64_t question;      /* its files came as an answer; 0: they did not */
    int64_t event;         /* its files lay in the folder of this event; 0: of none */
    int64_t returned_ms;   /* an answer put it back before those who decide; 0: none did */
    int64_t embargo_ms;    /* wall clock: nothing of it goes out before; 0 none */
    /* A correction: the submission that is withdrawn when this one goes out, and the one that this
     * one was withdrawn for; 0 none. */
    int64_t replaces, replaced_by;
    char manifest_sha256[GH_SHA_HEX]; /* of the manifest.json of manifest_done; "" not kept */
    int64_t posted_ms;                /* the first link to a post of it; 0 none */
};

struct gh_item {
    struct gh_submission sub;
    struct gh_file *files; /* in order of id */
    size_t n_files;
    struct gh_rendition *renditions; /* in order of placement, place or file, part */
    size_t n_renditions;
    struct gh_caption *captions; /* in order of placement */
    size_t n_captions;
    struct gh_delivery *deliveries; /* in order of id */
    size_t n_deliveries;
    struct gh_take *takes; /* in order of placement; those that are over, too */
    size_t n_takes;
};
/** What goes with an output of that placement: its own caption, else the common one; "" none. */
const char *gh_caption_for(const struct gh_item *item, const char *placement);
/** The file of that id; NULL: there is none. */
const struct gh_file *gh_file_of(const struct gh_item *item, int64_t file);
/** What people call a file of the submission: its media files are counted from 1; 0: none of them.
 */
unsigned gh_file_number(const struct gh_item *item, int64_t file);
/** Which place a media file has in the order that a person gave, from 1: those that were not named
 * follow in order of number. 0: nobody gave one. */
unsigned gh_file_place(const struct gh_item *item, int64_t file);
void gh_item_free(struct gh_item *item);
void gh_rendition_free(struct gh_rendition *r);

/** Of a set of states (bits 1u << enum gh_ren_state) the one that most needs a person. */
enum gh_ren_state gh_ren_most_urgent(unsigned states);
/** One state for a placement with several files or parts: the one that most needs a person. */
enum gh_ren_state gh_placement_state(const struct gh_item *item, const char *placement);

#endif
