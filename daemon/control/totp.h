/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, 30 seconds and 6 digits, what every app
 * understands. Secrets are hex digits, GH_TOTP_HEX with the NUL. */
#ifndef GH_DAEMON_CONTROL_TOTP_H
#define GH_DAEMON_CONTROL_TOTP_H

#include "daemon/ledger/people.h"

#define GH_TOTP_STEP_MS 30000

/** Is it a code of now, or of the step before or after (clocks differ), and of a step later than
 * `after`? Returns the step, or 0. */
int64_t gh_totp_step(const char secret[GH_TOTP_HEX], const char *code, int64_t after,
                     int64_t now_ms);
/** The secret as people type it (base32), and as an app takes it out of a QR code. Both are the
 * caller's. */
char *gh_totp_text(const char secret[GH_TOTP_HEX]);
char *gh_totp_uri(const char secret[GH_TOTP_HEX], const char *name);

#endif
