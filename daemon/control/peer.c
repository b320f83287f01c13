/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Roles follow from the credentials that a peer had when it connected. Its login uid is a note for
 * the audit and gives no right: it is read from /proc by the number of the process, which may have
 * ended meanwhile, so that another one of the same user may have its number.
 */
#include "daemon/control/peer.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/str.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define UID_TEXT 16 /* bytes of a uid in decimal, and more */

static bool in_group(int fd, gid_t primary, const char *name)
{
    struct group *g = name ? getgrnam(name) : NULL;
    gid_t groups[256];
    socklen_t len = sizeof(groups);
    if (!g)
        return false;
    if (g->gr_gid == primary)
        return true;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
        return false;
    for (size_t i = 0; i < len / sizeof(*groups); i++)
        if (groups[i] == g->gr_gid)
            return true;
    return false;
}

static enum gh_control_role role_of(const struct gh_conf *conf, int fd, const struct ucred *cred)
{
    if (cred->uid == 0 || cred->uid == geteuid() || in_group(fd, cred->gid, conf->admin_group))
        return GH_ROLE_ADMIN;
    struct passwd *desk = conf->desk_user ? getpwnam(conf->desk_user) : NULL;
    if ((desk && desk->pw_uid == cred->uid) || in_group(fd, cred->gid, conf->desk_group))
        return GH_ROLE_DESK;
    struct passwd *post = conf->post_user ? getpwnam(conf->post_user) : NULL;
    if (post && post->pw_uid == cred->uid)
        return GH_ROLE_POST;
    return GH_ROLE_NOBODY;
}

uid_t gh_login_uid(const char *proc, pid_t pid, uid_t uid)
{
    char path[128], text[UID_TEXT];
    struct stat st;
    uint64_t login;
    snprintf(path, sizeof(path), "%s/%d", proc, (int)pid);
    /* The folder stays that of this one process: once it has ended, nothing can be read there. */
    GH_AUTO_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    GH_AUTO_FD fd = dir < 0 ? -1 : openat(dir, "loginuid", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (n <= 0 || fstat(dir, &st) < 0 || st.st_uid != uid)
        return GH_NO_UID;
    text[n] = 0;
    return gh_parse_u64(gh_strip(text), GH_NO_UID, &login) ? (uid_t)login : GH_NO_UID;
}

void gh_peer_of(const struct gh_conf *conf, int fd, struct gh_peer *ret)
{
    struct ucred cred;
    socklen_t len = sizeof(cred);
    *ret = (struct gh_peer){.role = GH_ROLE_NOBODY, .uid = GH_NO_UID, .login_uid = GH_NO_UID};
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
        return;
    ret->uid = cred.uid;
    ret->role = role_of(conf, fd, &cred);
    ret->login_uid = gh_login_uid("/proc", cred.pid, cred.uid);
}
