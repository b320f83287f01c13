/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listening sockets that the program was handed (sd_listen_fds(3)). */
#ifndef GH_DESK_SOCKETS_H
#define GH_DESK_SOCKETS_H

#include "desk/server.h"

/** LISTEN_FDS says how many, LISTEN_FDNAMES how each is called: "https", or anything else for http.
 * GH_CONFIG: there is none, two of one kind, one that is no socket, or they are another process's.
 */
GH_MUST_USE int gh_sockets_inherited(struct gh_listeners *ret, struct gh_err *err);

#endif
