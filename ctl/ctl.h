/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ghat command: a table of commands, each in a file of its own. A command gets its arguments in
 * argv[1] and on, argv[0] being its name; it answers on stdout, complains in one line on stderr,
 * and returns the exit code.
 */
#ifndef GH_CTL_CTL_H
#define GH_CTL_CTL_H

#include "base/err.h"

#include <stdbool.h>

struct gh_ctl {
    const char *conf_path; /* -c FILE, for gh_conf_load; NULL: not given */
};

struct gh_cmd {
    const char *name;
    const char *args; /* "[-p NAME,…] FILE…" */
    const char *help; /* one line */
    int (*run)(struct gh_ctl *ctl, int argc, char **argv);
    const char *more; /* its options, a line each; NULL: none */
};

/* done; something failed; the command line is wrong */
enum { GH_EXIT_OK = 0, GH_EXIT_FAILED = 1, GH_EXIT_USAGE = 2 };

/** Print "ghat <command>: <message>" on stderr. Returns the exit code that fits err's class. */
int gh_ctl_fail(const char *command, const struct gh_err *err);
/** The same for a wrong command line, with the command's usage. Returns GH_EXIT_USAGE. */
int gh_ctl_usage(const char *command, const char *fmt, ...) GH_PRINTF(2, 3);

/** Print the versions of the program and its libraries, and whether the sandbox holds here. */
void gh_print_version(const struct gh_ctl *ctl);
/** Print the words that may follow a command, a line each: its options, and those that stand for
 * themselves. Some come more than once. */
void gh_complete(const struct gh_cmd *cmd);

/* The commands, in the table of ctl/main.c. */
int gh_cmd_render(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_plan(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_probe(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_profiles(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_placements(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_filters(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_status(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_list(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_show(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_log(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_reasons(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_decide(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_caption(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_freeze(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_ask(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_answer(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_event(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_questions(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_notices(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_embargo(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_order(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_replaces(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_undo(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_alt(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_urgent(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_choose(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_department(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_doctor(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_verify(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_report(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_posted(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_take(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_acknowledge(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_metrics(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_setup(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_sweep(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_display(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_user(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_backup(struct gh_ctl *ctl, int argc, char **argv);
int gh_cmd_restore(struct gh_ctl *ctl, int argc, char **argv);

#endif
