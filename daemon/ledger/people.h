/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * People, as the ledger knows them: their names and roles, what they prove themselves with, and the
 * sessions in which they are logged in. No password is kept, and no token: of a token its SHA-256,
 * of a password the SHA-256 of what the desk made of it (argon2id, 32 bytes). What is checked
 * against what is daemon/control/'s. Classes as in ledger.h; GH_USAGE with code ENOENT: there is no
 * such person, session or invitation. Texts are UTF-8.
 */
#ifndef GH_DAEMON_LEDGER_PEOPLE_H
#define GH_DAEMON_LEDGER_PEOPLE_H

#include "daemon/ledger/ledger.h"

#define GH_SALT_HEX 33  /* 16 bytes as hex digits and a NUL */
#define GH_TOKEN_HEX 65 /* of a session: 32 bytes as hex digits and a NUL */
#define GH_INVITE_HEX 33
#define GH_TOTP_HEX 41 /* 20 bytes, as RFC 4226 wants */

/* What somebody may be; several at once are allowed. */
enum gh_role {
    GH_APPROVER = 1,      /* sees everything, decides */
    GH_AGENCY = 2,        /* sees what is published, collects it */
    GH_OFFICER = 4,       /* sees what is of the own departments */
    GH_ADMINISTRATOR = 8, /* people, the record; decides nothing */
    GH_VIEWER = 16,       /* sees, and changes nothing */
    GH_ROLES_ALL = 31,
};
/** "approver", …; of a set, the first one. */
const char *gh_role_name(unsigned role);
/** 0: there is no such role. */
unsigned gh_role_parse(const char *name);

/* What a person can switch off. What was withdrawn and what is overdue is told in any case. */
enum gh_mute {
    GH_MUTE_WAITING = 1,   /* what waits for a decision */
    GH_MUTE_DECIDED = 2,   /* what was decided of the department's items */
    GH_MUTE_COLLECT = 4,   /* what is to be collected */
    GH_MUTE_QUESTIONS = 8, /* what was asked, answered and extended */
    GH_MUTE_EVENTS = 16,
    GH_MUTE_REPORT = 32, /* what comes once a week */
    GH_MUTE_ALL = 63,
};
/** "waiting", …; "?" for none of them. */
const char *gh_mute_name(unsigned mute);
/** 0: nothing is called so. */
unsigned gh_mute_parse(const char *name);

/** text as a name to log in with, in small letters; false: it is none, and ret is "". */
bool gh_user_name(const char *text, char ret[33]);

struct gh_user {
    int64_t id;
    char name[33]; /* [a-z][a-z0-9._-]*, as the audit names them */
    char full[121], language[9], phone[41], email[121];
    unsigned roles;        /* enum gh_role */
    char departments[512]; /* slugs, with a comma before, between and behind: ",roads,water," */
    unsigned scheme;       /* of colours at the desk: 0 the device's, 1 light, 2 dark */
    bool keys;             /* the desk's keyboard shortcuts */
    unsigned mute;         /* notices that are switched off, a set of enum gh_mute */
    bool digest;           /* notices that can wait come once a day */
    int64_t made_ms, locked_ms;
    /* "" salt: no password is set */
    char salt[GH_SALT_HEX], proof_sha[GH_SHA_HEX];
    uint32_t ops, mem_kib;                         /* of argon2id */
    char totp[GH_TOTP_HEX], totp_new[GH_TOTP_HEX]; /* "" none; the second is not confirmed yet */
    int64_t totp_step;                             /* of the last code that was taken */
    char deputy[33]; /* the name of who stands in until then, "" nobody */
    int64_t deputy_until_ms;
    char deputy_of[33]; /* who this one stands in for as approver now, "" nobody */
    int64_t invited_ms; /* until when an invitation is open, 0 none */
    int64_t last_ms;    /* when any session was last seen, 0 never */
};

/** By name; GH_USAGE, code ENOENT: nobody. now_ms: for deputies. */
GH_MUST_USE int gh_ledger_user(struct gh_ledger *l, const char *name, int64_t now_ms,
                               struct gh_user *ret, struct gh_err *err);
typedef bool gh_user_fn(const struct gh_user *user, void *arg);
/** All of them in order of name, until fn returns false. */
GH_MUST_USE int gh_ledger_users(struct gh_ledger *l, int64_t now_ms, gh_user_fn *fn, void *arg,
                                struct gh_err *err);
/** A new one: name, full, language, phone, email, roles and departments of *user. GH_LIMIT: the
 * name is taken. */
GH_MUST_USE int gh_ledger_user_add(struct gh_ledger *l, const struct gh_who *who,
                                   const struct gh_user *user, struct gh_err *err);
/** What people set themselves of one that is there: language, phone, email, scheme, keys, mute,
 * digest. */
GH_MUST_USE int gh_ledger_user_reach(struct gh_ledger *l, const struct gh_who *who,
                                     const struct gh_user *user, struct gh_err *err);
/** The same, and full name, roles and departments. Roles are looked up at every request, so
 * that one that is taken away is gone at once. */
GH_MUST_USE int gh_ledger_user_set(struct gh_ledger *l, const struct gh_who *who,
                                   const struct gh_user *user, struct gh_err *err);
/** Lock: every session and invitation of that person ends in the same commit, and nobody stands in
 * any more. lock false: unlock; GH_LIMIT when it is so already. */
GH_MUST_USE int gh_ledger_user_lock(struct gh_ledger *l, const struct gh_who *who, const char *name,
                                    bool lock, struct gh_err *err);
GH_MUST_USE int gh_ledger_user_remove(struct gh_ledger *l, const struct gh_who *who,
                                      const char *name, struct gh_err *err);
/** Who stands in until then; NULL: nobody any more. */
GH_MUST_USE int gh_ledger_user_deputy(struct gh_ledger *l, const struct gh_who *who, int64_t user,
                                      const char *deputy, int64_t until_ms, struct gh_err *err);

/* What a first login starts from. */
struct gh_invite {
    char token_sha[GH_SHA_HEX];
    int64_t expires_ms;
    char salt[GH_SALT_HEX], totp[GH_TOTP_HEX];
};
/** Invite: password, second factor and sessions are gone, the last invitation, too. */
GH_MUST_USE int gh_ledger_invite(struct gh_ledger *l, const struct gh_who *who, const char *name,
                                 const struct gh_invite *invite, struct gh_err *err);
/** The invitation of that token and whom it is for; GH_USAGE, code ENOENT: none, used or over. */
GH_MUST_USE int gh_ledger_invited(struct gh_ledger *l, const char *token_sha, int64_t now_ms,
                                  struct gh_user *ret_user, struct gh_invite *ret,
                                  struct gh_err *err);

/** A new password of user->id: salt, proof_sha, ops, mem_kib; its totp and totp_step, too. Ends
 * every session but `but` (0: all), and the invitation. how: for the audit. */
GH_MUST_USE int gh_ledger_set_password(struct gh_ledger *l, const struct gh_who *who,
                                       const struct gh_user *user, int64_t but, const char *how,
                                       struct gh_err *err);
/** totp, totp_new and totp_step of user->id; audited when totp changes. */
GH_MUST_USE int gh_ledger_set_totp(struct gh_ledger *l, const struct gh_who *who,
                                   const struct gh_user *user, struct gh_err *err);

struct gh_session {
    int64_t id, user;
    int64_t made_ms, seen_ms; /* seen: at most GH_SEEN_WRITTEN_MS behind */
    int64_t confirmed_ms;     /* when the password was given last */
    bool trusted;
    char device[201], address[65]; /* as the desk says */
};
#define GH_SESSION_IDLE_MS ((int64_t)12 * 3600 * 1000)
#define GH_SESSION_TRUSTED_MS ((int64_t)14 * 24 * 3600 * 1000)
#define GH_SESSION_MOST_MS ((int64_t)30 * 24 * 3600 * 1000)
#define GH_SEEN_WRITTEN_MS ((int64_t)15 * 60 * 1000)
#define GH_SESSIONS_EACH 20 /* of a person; one more ends the one that was not seen longest */

/** When it ends if nothing is heard of it from now on. */
int64_t gh_session_expires(const struct gh_session *s);
/** Log in: a session of token_sha, and totp_step of *user in the same commit. Sets s->id. */
GH_MUST_USE int gh_ledger_session_begin(struct gh_ledger *l, const struct gh_who *who,
                                        const struct gh_user *user, const char *token_sha,
                                        struct gh_session *s, struct gh_err *err);
/** The session of that token and whose it is. GH_USAGE, code ENOENT: none, ended, expired, or of
 * somebody who is locked. */
GH_MUST_USE int gh_ledger_session(struct gh_ledger *l, const char *token_sha, int64_t now_ms,
                                  struct gh_session *ret, struct gh_user *ret_user,
                                  struct gh_err *err);
typedef bool gh_session_fn(const struct gh_session *s, void *arg);
/** Those of a person, the newest first. */
GH_MUST_USE int gh_ledger_sessions(struct gh_ledger *l, int64_t user, int64_t now_ms,
                                   gh_session_fn *fn, void *arg, struct gh_err *err);
/** Not audited. */
GH_MUST_USE int gh_ledger_session_seen(struct gh_ledger *l, int64_t id, int64_t now_ms,
                                       struct gh_err *err);
/** The password was given again. Not audited. */
GH_MUST_USE int gh_ledger_session_confirmed(struct gh_ledger *l, int64_t id, int64_t now_ms,
                                            struct gh_err *err);
/** One of that person's; GH_USAGE, code ENOENT: there is none. how: for the audit. */
GH_MUST_USE int gh_ledger_session_end(struct gh_ledger *l, const struct gh_who *who, int64_t user,
                                      int64_t id, const char *how, struct gh_err *err);

#endif
