/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The main configuration, ghat.conf: an INI file in which everything has a default. Departments and profiles lie in the
 * folders departments/ and profiles/ beside it. Class: GH_CONFIG, the message starts with file:line.
 */
#ifndef GH_BASE_CONFIG_H
#define GH_BASE_CONFIG_H

#include "base/ini.h"
#include "base/job.h"

#define GH_FOREVER 0 /* a duration in [retention]: "forever" */

struct gh_conf {
    char *file; /* where it was read; NULL: defaults only */
    char *dir;  /* folder of file (departments/ and profiles/ lie there), absolute or as given; never NULL */

    /* [paths], all owned, never NULL after loading */
    char *root, *state, *control;
    char *drop, *staging, *outbox, *archive, *quarantine, *spool; /* default below root */
    char *profiles;                                               /* shipped profiles */
    char *worker;                                                 /* the program ghat-worker */

    /* [intake] */
    uint64_t quiet_ms;     /* a file must not change for so long */
    uint64_t quiet_max_ms; /* as long as the learnt quiet time of a department may grow */
    uint64_t scan_ms;      /* full look at drop/, whatever inotify says */
    bool inotify;
    uint64_t max_bytes;     /* of one dropped file */
    uint64_t reserve;       /* free bytes kept: below it intake and work pause */
    uint64_t text_wait_ms;  /* a lone caption waits so long for its media */
    uint32_t depth;         /* folders below a submission's */
    uint32_t files;         /* in one folder submission */
    uint64_t taken_keep_ms; /* a file moved to .taken/ stays there so long */
    uint64_t notes_keep_ms; /* a note stays in Status/ so long after all is over */
    char *marker;           /* a file that must be in drop/ for it to be mounted; NULL none */

    /* [retention]: how long after the last that happened to a submission; GH_FOREVER: never deleted */
    uint64_t keep_originals_ms, keep_staging_ms, keep_outbox_ms, keep_quarantine_ms;

    /* [workers] */
    uint32_t workers, video_workers; /* 0: automatic */
    uint32_t lanes;                  /* pieces of a video encoded at the same time; 0: automatic */
    uint64_t keep_ms;                /* videos as long as this go on where they were; 0: none */
    uint32_t encoder;                /* enum gh_encoder, of videos */
    char *encoder_device;            /* its file; NULL: the usual one */
    uint32_t seccomp_only;           /* a kernel without Landlock is acceptable */

    /* [policy] */
    uint32_t policy;                        /* enum gh_policy */
    bool allow_location;                    /* the admin's word that policy archive may publish positions */
    char *artist, *copyright, *corporation; /* UTF-8, NULL when not set */

    struct gh_limits limits; /* [limits] */
    uint32_t log_level;      /* [log] level, enum gh_level */

    /* [access]: groups, used where they exist */
    char *agency_group, *desk_group, *admin_group, *desk_user;
};

/** The defaults alone. *ret is the caller's. */
void gh_conf_default(struct gh_conf *ret);
/**
 * Read path (NULL: $GHAT_CONF, else SYSCONFDIR/ghat/ghat.conf, which may be missing unless named by somebody). Problems
 * go to *problems (may be NULL); any makes it fail with the first.
 */
GH_MUST_USE int gh_conf_load(const char *path, struct gh_conf *ret, struct gh_problems *problems, struct gh_err *err);
/** Parse text over the defaults; file is for messages and dir. */
void gh_conf_parse(const char *text, const char *file, struct gh_conf *ret, struct gh_problems *problems);
void gh_conf_free(struct gh_conf *conf);
/** Path of ghat.conf that gh_conf_load(path) reads; ret_named: somebody asked for it. Borrowed. */
const char *gh_conf_path(const char *path, bool *ret_named);

#endif
