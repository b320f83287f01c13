/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets of a program: in a file that ghat.conf names, or one of systemd's credentials
 * (systemd.exec(5), LoadCredential=), which are files below $CREDENTIALS_DIRECTORY.
 */
#ifndef GH_BASE_CREDENTIAL_H
#define GH_BASE_CREDENTIAL_H

#include "base/err.h"

#include <stddef.h>

/**
 * Read the file at path or, where path is NULL, the credential; at most max bytes. *ret is a text
 * of the caller's to free (gh_credential_free) and stays NULL where there is neither; ret_len may
 * be NULL. GH_CONFIG: a file that is named cannot be read, or is longer.
 */
GH_MUST_USE int gh_credential_read(const char *path, const char *credential, size_t max, char **ret,
                                   size_t *ret_len, struct gh_err *err);
/** Overwrite, free, and set to NULL. */
void gh_credential_free(char **text);

#endif
