/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox of a process that owns a device. Drivers' libraries decide what they open and call,
 * so what is allowed cannot be listed; what encoding never needs can: the network, other processes,
 * programs, settings of the machine. Of files it reaches the device and those that belong to it,
 * and reads those that libraries are loaded from. It parses no input, so this is enough.
 */
#include "pipeline/walls/sandbox.h"

#include "base/landlock.h"
#include "base/seccomp.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>

#define CALL(name) SCMP_SYS(name)

static const int forbidden[] = {
    /* the network, and sockets of others */
    CALL(socket),
    CALL(connect),
    CALL(bind),
    CALL(listen),
    CALL(accept),
    CALL(accept4),
    /* programs and processes */
    CALL(execve),
    CALL(execveat),
    CALL(fork),
    CALL(vfork),
    CALL(ptrace),
    CALL(process_vm_readv),
    CALL(process_vm_writev),
    CALL(kill),
    CALL(tkill),
    CALL(rt_sigqueueinfo),
    CALL(pidfd_open),
    CALL(pidfd_send_signal),
    CALL(pidfd_getfd),
    CALL(kcmp),
    CALL(setns),
    CALL(unshare),
    CALL(prlimit64),
    CALL(setpriority),
    CALL(migrate_pages),
    CALL(move_pages),
    /* files' attributes, which Landlock does not control */
    CALL(chmod),
    CALL(fchmod),
    CALL(fchmodat),
    CALL(chown),
    CALL(fchown),
    CALL(lchown),
    CALL(fchownat),
    CALL(setxattr),
    CALL(lsetxattr),
    CALL(fsetxattr),
    CALL(removexattr),
    CALL(lremovexattr),
    CALL(fremovexattr),
    CALL(utime),
    CALL(utimes),
    CALL(utimensat),
    CALL(futimesat),
    CALL(open_by_handle_at),
    /* the machine */
    CALL(mount),
    CALL(umount2),
    CALL(pivot_root),
    CALL(chroot),
    CALL(move_mount),
    CALL(open_tree),
    CALL(fsopen),
    CALL(fsmount),
    CALL(fsconfig),
    CALL(fspick),
    CALL(mount_setattr),
    CALL(swapon),
    CALL(swapoff),
    CALL(reboot),
    CALL(kexec_load),
    CALL(kexec_file_load),
    CALL(init_module),
    CALL(finit_module),
    CALL(delete_module),
    CALL(bpf),
    CALL(perf_event_open),
    CALL(userfaultfd),
    CALL(io_uring_setup),
    CALL(io_uring_enter),
    CALL(io_uring_register),
    CALL(keyctl),
    CALL(add_key),
    CALL(request_key),
    CALL(settimeofday),
    CALL(clock_settime),
    CALL(clock_adjtime),
    CALL(adjtimex),
    CALL(sethostname),
    CALL(setdomainname),
    CALL(syslog),
    CALL(acct),
    CALL(quotactl),
    CALL(personality),
    CALL(iopl),
    CALL(ioperm),
    CALL(shmget),
    CALL(shmat),
    CALL(msgget),
    CALL(semget),
};

static int enter_filter(struct gh_err *err)
{
    /* its flags lie in memory: glibc falls back to clone */
    static const struct gh_seccomp_refusal refused[] = {{CALL(clone3), ENOSYS}};
    const struct scmp_arg_cmp process = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    const struct scmp_arg_cmp typing = SCMP_A1(SCMP_CMP_EQ, TIOCSTI, 0);
    const struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);
    const struct gh_seccomp_rule rules[] = {
        {SCMP_ACT_ERRNO(EPERM), CALL(clone), process},
        {SCMP_ACT_ERRNO(EPERM), CALL(ioctl), typing},
        {SCMP_ACT_ERRNO(EPERM), CALL(tgkill), other},
    };
    return gh_seccomp_load(
        &(struct gh_seccomp_policy){
            .otherwise = SCMP_ACT_ALLOW,
            .named = SCMP_ACT_ERRNO(EPERM),
            .calls = forbidden,
            .n_calls = GH_LEN(forbidden),
            .refused = refused,
            .n_refused = GH_LEN(refused),
            .rules = rules,
            .n_rules = GH_LEN(rules),
        },
        err);
}

#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)
#define IOCTL_DEV (1u << 15) /* of Landlock's ABI 5 */
#define USE (WRITE | IOCTL_DEV)

static int enter_landlock(const char *device, struct gh_err *err)
{
    bool nvidia = strstr(device, "/nvidia") != NULL; /* has three files for one device */
    const struct {
        const char *path;
        uint64_t rights;
    } rules[] = {
        {"/usr", READ},
        {"/lib", READ},
        {"/lib64", READ},
        {"/etc/ld.so.cache", READ_FILE},
        {"/etc/drirc", READ_FILE},
        {"/sys", READ}, /* which driver a device has */
        {"/proc/self", READ},
        {"/proc/driver", READ},
        {"/proc/devices", READ_FILE},
        {"/proc/modules", READ_FILE},
        {"/dev", LANDLOCK_ACCESS_FS_READ_DIR},
        {"/dev/null", WRITE},
        {device, USE},
        {nvidia ? "/dev/nvidiactl" : "", USE},
        {nvidia ? "/dev/nvidia-uvm" : "", USE},
    };
    unsigned abi;
    GH_AUTO_FD ruleset = -1;
    TRY(gh_landlock_prepare(&ruleset, &abi, err));
    for (size_t i = 0; i < GH_LEN(rules); i++)
        if (rules[i].path[0])
            TRY(gh_landlock_allow(ruleset, abi, rules[i].path, rules[i].rights, err));
    return gh_landlock_enter(ruleset, err);
}

int gh_device_walls(const char *device, bool landlock, struct gh_err *err)
{
    if (landlock)
        TRY(enter_landlock(device, err));
    return enter_filter(err);
}
