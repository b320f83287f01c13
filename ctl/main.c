/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ghat: finds the command in the table and runs it. */
#include "ctl/ctl.h"

#include "base/log.h"
#include "base/str.h"

#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PLACES "  -p, --placements NAME,…  only these placements\n"
#define AS "  --as USER                who decides, for the record\n"
#define FOCAL "  --focal X,Y              the point crops keep, as shares of width and height: 0.5,0.3\n"
#define JSON "  --json                   for programs\n"

static const struct gh_cmd commands[] = {
    {"render",
     "[-p NAME,…] [-m POLICY] [-o DIR] [-j N] [--logo PNG] [--label TEXT] [--focal X,Y] [--thumb-at TIME] [--json] "
     "FILE…",
     "make every rendition of files, here and now", gh_cmd_render,
     "  --logo PNG               paint it into the corner of photos\n"
     "  --label TEXT             write it into the corner of photos\n" FOCAL},
    {"plan", "[-p NAME,…] [--focal X,Y] [--json] FILE…", "say what would be made of files, and why", gh_cmd_plan,
     FOCAL},
    {"probe", "[--json] FILE…", "say what files are", gh_cmd_probe, NULL},
    {"profiles", "[check]", "list the placements, or what no longer complies with them", gh_cmd_profiles, NULL},
    {"filters", "", "list the filters and their options", gh_cmd_filters, NULL},
    {"status", "[--json]", "how ghatd is doing", gh_cmd_status, JSON},
    {"list", "[--state S] [--department D] [--limit N] [--before ID] [--all] [--json]", "list submissions", gh_cmd_list,
     "  --state S                those in this state (of a submission or a rendition)\n"
     "  --department D           those of this department\n"
     "  --limit N                the newest N (100 for a table; --json gives all)\n"
     "  --before ID              those before that one\n"
     "  --all                    all of them\n" JSON},
    {"show", "ID [--json]", "everything about a submission", gh_cmd_show, JSON},
    {"log", "ID [--json]", "who did what with a submission, and when", gh_cmd_log, JSON},
    {"approve", "ID… [-p NAME,…] [--as USER]", "approve what is staged; it goes to the outbox", gh_cmd_decide,
     PLACES AS JSON},
    {"hold", "ID… [-p NAME,…] [--reason TEXT] [--as USER]", "put the decision off", gh_cmd_decide, PLACES AS JSON},
    {"release", "ID… [-p NAME,…] [--as USER]", "let what was held be decided again", gh_cmd_decide, PLACES AS JSON},
    {"reject", "ID… --reason TEXT [-p NAME,…] [--as USER]", "reject; the department reads the reason", gh_cmd_decide,
     "  --reason TEXT            why; mandatory\n" PLACES AS JSON},
    {"withdraw", "ID… --reason TEXT [-p NAME,…] [--as USER]", "take approved files out of the outbox again",
     gh_cmd_decide, "  --reason TEXT            why; mandatory\n" PLACES AS JSON},
    {"collected", "ID… [-p NAME,…] [--as USER]", "note that the agency has it", gh_cmd_decide, PLACES AS JSON},
    {"retry", "ID… [-p NAME,…]", "try again what failed or was quarantined", gh_cmd_decide, PLACES AS JSON},
    {"rerender", "ID… [-p NAME,…]", "make staged or rejected outputs again", gh_cmd_decide, PLACES AS JSON},
    {"caption", "ID [TEXT | --file FILE]", "show or replace the caption; what was approved keeps its own",
     gh_cmd_caption, "  --file FILE              read it from FILE (- for standard input)\n" AS JSON},
    {"urgent", "ID [--off]", "move a submission to the head of the queue", gh_cmd_urgent,
     "  --off                    back to its place\n" AS JSON},
    {"thumb", "ID TIME|auto", "take the thumbnail of a video from another moment", gh_cmd_choose,
     "  TIME                     seconds, or minutes:seconds, from the beginning; auto: choose again\n" AS JSON},
    {"focal", "ID X,Y|auto", "choose the point that crops keep", gh_cmd_choose,
     "  X,Y                      as shares of width and height: 0.5,0.3; auto: choose again\n" AS JSON},
    {"department", "list | show NAME [--json]", "departments and their nodal officers", gh_cmd_department, JSON},
    {"doctor", "[--confirm-clock] [--json]", "look for what is wrong with this installation", gh_cmd_doctor, JSON},
    {"verify", "[--ledger] [--json] [PATH]", "check the ledger's chain, every file it names, and the outbox",
     gh_cmd_verify,
     "  --ledger                 the ledger and all its files (the default)\n  PATH                     check an "
     "outbox folder's files against its "
     "manifest\n" JSON},
    {"report", "[--day YYYY-MM-DD] [--json]", "what a day brought, department by department", gh_cmd_report,
     "  --day YYYY-MM-DD         that day (default: today)\n" JSON},
    {"sweep", "", "delete now what was kept long enough", gh_cmd_sweep, NULL},
    {"backup", "DIR [--json]", "copy the ledger into a folder, checked, named by date", gh_cmd_backup, JSON},
};

static const struct gh_cmd *find(const char *name)
{
    for (size_t i = 0; i < GH_LEN(commands); i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

int gh_ctl_fail(const char *command, const struct gh_err *err)
{
    fflush(stdout);
    fprintf(stderr, "ghat %s: %s\n", command, err->msg);
    return err->cls == GH_USAGE ? GH_EXIT_USAGE : GH_EXIT_FAILED;
}

int gh_ctl_usage(const char *command, const char *fmt, ...)
{
    va_list ap;
    const struct gh_cmd *cmd = find(command);
    fflush(stdout);
    fprintf(stderr, "ghat %s: ", command);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fprintf(stderr, " (usage: ghat %s%s%s)\n", command, cmd && *cmd->args ? " " : "", cmd ? cmd->args : "");
    return GH_EXIT_USAGE;
}

static void help_all(FILE *out)
{
    fprintf(out, "usage: ghat [-c FILE] COMMAND …\n\n");
    for (size_t i = 0; i < GH_LEN(commands); i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].help);
    fprintf(out,
            "\n  -c FILE     configuration (else $GHAT_CONF, else " GH_SYSCONFDIR "/ghat/ghat.conf)\n"
            "  --version   version of this program\n"
            "\nghat COMMAND --help says more. Exit codes: 0 done, 1 something failed, 2 the command line is wrong.\n");
}

static void help_one(const struct gh_cmd *cmd)
{
    printf("usage: ghat %s%s%s\n%s\n", cmd->name, *cmd->args ? " " : "", cmd->args, cmd->help);
    if (cmd->more)
        printf("\n%s", cmd->more);
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    struct gh_ctl ctl = {0};
    int at = 1;
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a closed pager is no reason to die half-way */
    gh_log_init("ghat", GH_LOG_WARNING);
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (!strcmp(argv[at], "-c") && at + 1 < argc) {
            ctl.conf_path = argv[++at];
            ctl.conf_given = true;
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            help_all(stdout);
            return GH_EXIT_OK;
        } else if (!strcmp(argv[at], "--version")) {
            printf("ghat %s\n", GH_VERSION);
            return GH_EXIT_OK;
        } else {
            fprintf(stderr, "ghat: there is no option %s here (ghat --help)\n", argv[at]);
            return GH_EXIT_USAGE;
        }
    }
    if (at < argc && !strcmp(argv[at], "help")) {
        const struct gh_cmd *about = at + 1 < argc ? find(argv[at + 1]) : NULL;
        about ? help_one(about) : help_all(stdout);
        return GH_EXIT_OK;
    }
    const struct gh_cmd *cmd = at < argc ? find(argv[at]) : NULL;
    if (!cmd) {
        if (at < argc)
            fprintf(stderr, "ghat: there is no command %s (ghat --help lists them)\n", argv[at]);
        else
            help_all(stderr);
        return GH_EXIT_USAGE;
    }
    if (wants_help(argc - at, argv + at)) {
        help_one(cmd);
        return GH_EXIT_OK;
    }
    int r = cmd->run(&ctl, argc - at, argv + at);
    if (fflush(stdout) != 0 && r == GH_EXIT_OK)
        r = GH_EXIT_FAILED;
    return r;
}
