/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The main configuration, ghat.conf: an INI file in which everything has a default. Departments and
 * profiles lie in the folders departments/ and profiles/ beside it. Class: GH_CONFIG, the message
 * starts with file:line.
 */
#ifndef GH_BASE_CONFIG_H
#define GH_BASE_CONFIG_H

#include "base/contract.h"
#include "base/ini.h"

#define GH_UNDO_UNSET UINT64_MAX
#define GH_UNDO_MS 60000 /* where it is asked for, and nothing says how long */
#define GH_FOREVER 0     /* a duration in [retention]: "forever" */

struct gh_conf {
    char *file; /* where it was read; NULL: built-in defaults only */
    /* the folder of file, with departments/ and profiles/ in it; relative if file is; never NULL */
    char *dir;

    /* [paths], all owned, never NULL after loading */
    char *root, *state, *control;
    /* below root unless they are given */
    char *drop, *staging, *outbox, *receipts, *archive, *quarantine, *spool;
    char *profiles; /* the folder of the shipped profiles */
    char *worker;   /* the program ghat-worker */

    /* [intake] */
    uint64_t quiet_ms;     /* a file is complete when it has not changed for this long */
    uint64_t quiet_max_ms; /* upper bound of the quiet time learnt for a department */
    uint64_t scan_ms;      /* period of the full scan of drop/, with inotify or without */
    bool inotify;
    bool at_once;       /* take photos in when they were closed, where they are always whole then */
    uint64_t max_bytes; /* of one dropped file */
    uint64_t reserve;   /* free bytes kept: below it intake and work pause */
    uint32_t share;     /* percent of the free disk that undecided files of one department fill */
    uint64_t text_wait_ms;  /* how long a caption without media waits for them */
    uint32_t depth;         /* levels of folders within a submission, at most */
    uint32_t files;         /* of one folder submission, at most */
    uint64_t taken_keep_ms; /* how long a file stays in .taken/ */
    uint64_t notes_keep_ms; /* how long a note stays in Status/ after the end of its submission */
    char *marker;           /* drop/ counts as mounted only with this file in it; NULL: always */

    /* [retention]: counted from the last event of a submission; GH_FOREVER: never deleted */
    uint64_t keep_originals_ms, keep_staging_ms, keep_outbox_ms, keep_quarantine_ms;
    uint64_t keep_letters_ms;     /* what was sent, and the notices in it */
    uint64_t keep_unsupported_ms; /* originals and quarantine of what is of no kind that is taken */

    /* [workers] */
    uint32_t workers, video_workers; /* 0: automatic */
    uint32_t lanes;                  /* pieces of a video encoded at the same time; 0: automatic */
    uint64_t keep_ms;      /* shortest video whose encodes resume after a crash; 0: none */
    uint32_t encoder;      /* enum gh_encoder, of videos */
    char *encoder_device;  /* its device file; NULL: the usual one */
    uint32_t seccomp_only; /* 1: a kernel without Landlock is acceptable */

    /* [policy] */
    uint32_t policy; /* enum gh_policy */
    /* the administrator confirms that policy archive may publish positions */
    bool allow_location;
    char *artist, *copyright, *corporation; /* UTF-8, NULL when not set */

    /* [placements]: which are made; words with commas, NULL when not set */
    char *place_make, *place_also, *place_not;

    struct gh_limits limits; /* [limits] */
    uint32_t log_level;      /* [log] level, enum gh_level */

    /* [publish] */
    uint64_t undo_ms; /* how long an approval can be undone; GH_UNDO_UNSET: nothing says so */

    /* [questions]: hours and dates as daemon/calendar/calendar.h reads them */
    char *duty;          /* hours in which questions are answered, never NULL */
    char *holidays;      /* an iCalendar file: offices are closed on its days; NULL: none */
    char *closed, *open; /* dates, for every department; NULL: none */
    uint32_t cap_wall;   /* 1: the 12 hours of an extended question are those of the wall */
    bool late_extension; /* more time may be asked for after the due time */

    /* [events] */
    uint64_t event_expect_ms; /* counted, after the end: then something of it is there */

    /* [desk] */
    char *timezone;    /* of all dates and hours; NULL: the machine's */
    char *desk_socket; /* where ghatd listens for the desk; never NULL after loading */
    char *desk_url;    /* how people reach the desk, without a slash at its end; NULL: unknown */
    uint32_t second_factor; /* 1: of approvers */
    bool self_approval;     /* who sent something may approve it */
    char *tls_certificate;  /* a file; NULL: systemd's credential tls-certificate */
    char *tls_key;          /* likewise, tls-key */
    char *silent; /* "17:00": then it is told which departments sent nothing; never NULL */

    /* [post]: notices by mail and webhook; NULL where nothing is said */
    char *smtp;            /* smtp://host:port, smtps://host; NULL: no mail */
    char *from;            /* the sender's address */
    char *login;           /* whom the server lets in */
    char *password_file;   /* NULL: systemd's credential smtp-password */
    char *ca;              /* certificates that are trusted instead of the machine's */
    uint32_t tls_off;      /* 1: none */
    char *webhook;         /* NULL: none */
    char *webhook_key;     /* file of the key of its signature; NULL: credential webhook-key */
    char *webhook_body;    /* template of what it is sent, a person at a time; NULL: JSON */
    char *hours;           /* when what can wait is sent, never NULL */
    char *daily;           /* "20:00", of digests, never NULL */
    uint64_t undecided_ms; /* counted: then those who stand in are told; 0 never */

    /* [access]: groups, used where they exist */
    char *agency_group, *desk_group, *admin_group, *desk_user;
    char *post_user; /* of ghat-post */
};

/** The defaults alone. *ret: release with gh_conf_free. */
void gh_conf_default(struct gh_conf *ret);
/**
 * Read path; NULL: $GHAT_CONF, else SYSCONFDIR/ghat/ghat.conf. Only that last one may be missing.
 * All problems are added to *problems (may be NULL), and any makes the call fail with the first of
 * them. *ret: release with gh_conf_free; untouched on failure.
 */
GH_MUST_USE int gh_conf_load(const char *path, struct gh_conf *ret, struct gh_problems *problems,
                             struct gh_err *err);
/** Parse text over the defaults. file: its path, for messages and for ret->dir. *ret is filled also
 * when there are problems. */
void gh_conf_parse(const char *text, const char *file, struct gh_conf *ret,
                   struct gh_problems *problems);
void gh_conf_free(struct gh_conf *conf);
/** [post] login would send its password over an unencrypted connection. */
bool gh_conf_tells_password(const struct gh_conf *conf);
/** [post] daily as minutes since midnight; false: it is no time. */
bool gh_conf_daily(const struct gh_conf *conf, unsigned *ret_minute);
/** [desk] daily likewise; false: never. */
bool gh_conf_silent(const struct gh_conf *conf, unsigned *ret_minute);
/** The path that gh_conf_load(path) reads. Borrowed. *ret_named: an argument or the environment
 * named it. */
const char *gh_conf_path(const char *path, bool *ret_named);

#endif
