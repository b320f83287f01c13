/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses of mail, as they may stand in an envelope and a header. Pure. */
#ifndef GH_BASE_ADDRESS_H
#define GH_BASE_ADDRESS_H

#include <stdbool.h>

#define GH_ADDRESS_MAX 120 /* bytes */

/**
 * Is text one plain address, name@domain in ASCII, without quotes, comments, blanks and control
 * characters? Whatever passes can neither begin another header or recipient nor be read as an
 * option. Of other addresses (quoted names, domains that are not ASCII) none passes.
 */
bool gh_address_is_plain(const char *text);

#endif
