/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ghat command: a table of commands, each in a file of its own. A command gets its arguments with argv[0] being its
 * name, answers on stdout, complains in one line on stderr, and returns the exit code: 0 done, 1 something failed, 2
 * the words are off.
 */
#ifndef GH_CTL_CTL_H
#define GH_CTL_CTL_H

#include "base/err.h"

#include <stdbool.h>

struct gh_ctl {
    const char *conf_path; /* -c FILE, else $GHAT_CONF, else NULL: the built-in place */
    bool conf_given;       /* somebody named it: a missing file is an error */
};

struct gh_cmd {
    const char *name;
    const char *args; /* "[-p NAME,…] FILE…" */
    const char *help; /* one line */
    int (*run)(struct gh_ctl *ctl, int argc, char **argv);
    const char *more; /* options, one a line; NULL none */
};

enum { GH_EXIT_OK = 0, GH_EXIT_FAILED = 1, GH_EXIT_USAGE = 2 };

/** Print "ghat <command>: message" on stderr; returns the exit code for err's class (2 for GH_USAGE, else 1). */
int gh_ctl_fail(const char *command, const struct gh_err *err);
/** The same for a usage error, with the command's usage line. Returns 2. */
int gh_ctl_usage(const char *command, const char *fmt, ...) GH_PRINTF(2, 3);

/* The commands, in the table of ctl/main.c. */
int gh_cmd_render(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_plan(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_probe(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_profiles(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_filters(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_status(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_list(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_show(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_log(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_decide(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_caption(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_urgent(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_choose(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_department(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_doctor(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_verify(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_report(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_sweep(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_backup(struct gh_ctl *ctl, int argc, char **argv);

#endif
