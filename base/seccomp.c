/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that speaks to libseccomp when a filter is made. */
#include "base/seccomp.h"

#include "base/cleanup.h"

#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Of SCMP_FLTATR_CTL_OPTIMIZE: a tree instead of a list, as the kernel runs a filter once for every
 * system call there is when it is installed. */
#define BINARY_TREE 2

void gh_seccomp_release(scmp_filter_ctx *filter)
{
    if (*filter)
        seccomp_release(*filter);
    *filter = NULL;
}

/* 0 or a negative errno, as libseccomp answers. */
static int add_each(scmp_filter_ctx filter, const struct gh_seccomp_rule *rules, size_t n)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        r = seccomp_rule_add_array(filter, rules[i].action, rules[i].call, 1, &rules[i].arg);
    return r;
}

static int add_itself_alone(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    const struct scmp_arg_cmp process = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    const struct scmp_arg_cmp own = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp foreign = SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);
    const struct scmp_arg_cmp set_name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
    const struct gh_seccomp_rule rules[] = {
        {SCMP_ACT_ALLOW, SCMP_SYS(mmap), no_exec},
        {SCMP_ACT_ERRNO(EACCES), SCMP_SYS(mmap), exec},
        {SCMP_ACT_ALLOW, SCMP_SYS(mprotect), no_exec},
        {SCMP_ACT_ERRNO(EACCES), SCMP_SYS(mprotect), exec},
        {SCMP_ACT_ALLOW, SCMP_SYS(clone), thread},
        {SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), process},
        {SCMP_ACT_ALLOW, SCMP_SYS(tgkill), own},
        {SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), foreign},
        {SCMP_ACT_ALLOW, SCMP_SYS(prctl), set_name},
    };
    return add_each(filter, rules, GH_LEN(rules));
}

static int add_rules(scmp_filter_ctx filter, const struct gh_seccomp_policy *p)
{
    int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (r == 0)
        r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
    for (size_t i = 0; r == 0 && i < p->n_calls; i++)
        r = seccomp_rule_add(filter, p->named, p->calls[i], 0);
    for (size_t i = 0; r == 0 && i < p->n_refused; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)p->refused[i].error),
                             p->refused[i].call, 0);
    if (r == 0)
        r = add_each(filter, p->rules, p->n_rules);
    if (r == 0 && p->itself_alone)
        r = add_itself_alone(filter);
    return r;
}

int gh_seccomp_build(const struct gh_seccomp_policy *policy, scmp_filter_ctx *ret_filter,
                     struct gh_err *err)
{
    GH_AUTO(gh_seccomp_release) scmp_filter_ctx filter = seccomp_init(policy->otherwise);
    int r = filter ? add_rules(filter, policy) : -ENOMEM;
    errno = -r;
    if (r < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot build the system call filter");
    *ret_filter = gh_steal(&filter);
    return 0;
}

int gh_seccomp_load(const struct gh_seccomp_policy *policy, struct gh_err *err)
{
    GH_AUTO(gh_seccomp_release) scmp_filter_ctx filter = NULL;
    TRY(gh_seccomp_build(policy, &filter, err));
    int r = seccomp_load(filter);
    errno = -r;
    return r < 0 ? gh_fail_errno(err, GH_SYSTEM, "cannot enter the system call filter") : 0;
}
