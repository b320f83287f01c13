/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is at the other end of a connection of the control socket: as the kernel says, never as the
 * peer says. */
#ifndef GH_DAEMON_CONTROL_PEER_H
#define GH_DAEMON_CONTROL_PEER_H

#include "daemon/control/control.h"

#include "base/config.h"

#define GH_NO_UID                                                                                  \
    ((uid_t)-1) /* also what the kernel says of a process that nobody logged in for                \
                 */

/** The peer of fd; GH_ROLE_NOBODY where the kernel does not tell. */
void gh_peer_of(const struct gh_conf *conf, int fd, struct gh_peer *ret);
/** The user that process pid of user uid was logged in as, before sudo or su; GH_NO_UID: unknown.
 * proc: where the kernel's processes are, "/proc". */
uid_t gh_login_uid(const char *proc, pid_t pid, uid_t uid);

#endif
