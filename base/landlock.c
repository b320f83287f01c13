/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Landlock: a ruleset that handles every right the running kernel knows and allows none, so that
 * nothing on any file system, no TCP port, and no process outside can be reached. Numbers are those
 * of <linux/landlock.h>, written out because Debian 12's header ends at the ABI of its own kernel.
 * Class: GH_SYSTEM.
 */
#include "base/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <sys/syscall.h>

/* Number of file system rights by ABI: from 13 of the first, with refer (2), truncate (3) and
 * ioctl_dev (5) added. */
static const unsigned fs_rights[] = {0, 13, 14, 15, 15, 16};
#define ABI_NET 4
#define NET_BIND 1 /* of TCP */
#define NET_CONNECT 2
#define ABI_SCOPED 6
#define SCOPES 3 /* abstract sockets and signals */

struct ruleset_attr {
    uint64_t fs, net, scoped;
};

/* A kernel that has no Landlock says ENOSYS or EOPNOTSUPP; EPERM and EACCES come from the filter of
 * a container or unit in front of it. */
static int fail_absent(struct gh_err *err)
{
    bool forbidden = errno == EPERM || errno == EACCES;
    return gh_fail_errno(
        err, GH_SYSTEM,
        forbidden
            ? "Landlock is forbidden here, by the system call filter of a container or unit "
              "(let landlock_create_ruleset, landlock_add_rule and landlock_restrict_self "
              "through, or use the option that accepts seccomp alone)"
            : "this kernel has no Landlock (it needs lsm=landlock, or the option that accepts "
              "seccomp alone)");
}

static int prepare(uint64_t net, int *ret_fd, unsigned *ret_abi, struct gh_err *err)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return fail_absent(err);
    unsigned rights = fs_rights[GH_MIN((size_t)abi, GH_LEN(fs_rights) - 1)];
    struct ruleset_attr attr = {.fs = (1ull << rights) - 1};
    size_t size = sizeof(attr.fs);
    if (abi >= ABI_NET) {
        attr.net = net;
        size = sizeof(attr.fs) + sizeof(attr.net);
    }
    if (abi >= ABI_SCOPED) {
        attr.scoped = SCOPES;
        size = sizeof(attr);
    }
    long fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make a Landlock ruleset");
    *ret_fd = (int)fd;
    *ret_abi = (unsigned)abi;
    return 0;
}

int gh_landlock_prepare(int *ret_fd, unsigned *ret_abi, struct gh_err *err)
{
    return prepare(NET_BIND | NET_CONNECT, ret_fd, ret_abi, err);
}

int gh_landlock_prepare_out(int *ret_fd, unsigned *ret_abi, struct gh_err *err)
{
    return prepare(NET_BIND, ret_fd, ret_abi, err);
}

int gh_landlock_allow(int ruleset, unsigned abi, const char *path, uint64_t rights,
                      struct gh_err *err)
{
    unsigned known = fs_rights[GH_MIN((size_t)abi, GH_LEN(fs_rights) - 1)];
    GH_AUTO_FD fd = open(path, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = {.allowed_access = rights & ((1ull << known) - 1),
                                              .parent_fd = fd};
    if (fd < 0)
        return 0;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot let %s be reached", path);
    return 0;
}

int gh_landlock_enter(int ruleset, struct gh_err *err)
{
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot enter the Landlock ruleset");
    return 0;
}
