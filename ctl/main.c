/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of commands: one row drives finding, help and the usage line. */
#include "ctl/ctl.h"
#include "ctl/print.h"

#include "base/log.h"
#include "base/str.h"

#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Options that several commands have. */
#define PLACES                                                                                     \
    "  -p, --placements NAME,…  only these placements\n"                                         \
    "  -f, --files N,…          only these files, as ghat show counts them\n"
#define AS "  --as USER                who decides, for the record\n"
#define WHY                                                                                        \
    "  --why KEY,…              reasons by their short names (ghat reasons), and what to do\n"   \
    "  --reason TEXT            why, in your own words\n"
#define UNDO "  --undo                   let it wait until it can no longer be undone\n"
#define FOCAL                                                                                      \
    "  --focal X,Y              the point crops keep, as shares of width and height: 0.5,0.3\n"
#define JSON "  --json                   for programs\n"

static const struct gh_cmd commands[] = {
    {"render",
     "[-p NAME,…] [-m POLICY] [-o DIR] [-j N] [--logo PNG] [--label TEXT] [--focal X,Y] "
     "[--thumb-at TIME] [--json] FILE…",
     "make every rendition of files, here and now", gh_cmd_render,
     "  --logo PNG               paint it into the corner of photos\n"
     "  --label TEXT             write it into the corner of photos\n" FOCAL},
    {"plan", "[-p NAME,…] [--focal X,Y] [--json] FILE…", "say what would be made of files, and why",
     gh_cmd_plan, FOCAL},
    {"probe", "[--json] FILE…", "say what files are", gh_cmd_probe, NULL},
    {"profiles", "[check]", "list the placements, or what no longer complies with them",
     gh_cmd_profiles, NULL},
    {"placements", "[--department D] [--json]",
     "which placements are made, of what, and who says so", gh_cmd_placements,
     "  --department D           as it is for this department\n" JSON},
    {"filters", "", "list the filters and their options", gh_cmd_filters, NULL},
    {"status", "[--json | --check | --watch]", "how ghatd is doing", gh_cmd_status,
     "  --check                  one line and an exit code for monitoring: 0 well, 1 a warning, 2 "
     "critical\n"
     "  --watch                  on the whole terminal, every two seconds\n" JSON},
    {"metrics", "[--openmetrics | --http]", "figures for Prometheus", gh_cmd_metrics,
     "  --openmetrics            in the form of OpenMetrics\n"
     "  --http                   answer the request on standard input (ghat-metrics.socket)\n"},
    {"list", "[--state S] [--department D] [--limit N] [--before ID] [--all] [--json]",
     "list submissions", gh_cmd_list,
     "  --state S                those in this state (of a submission or a rendition)\n"
     "  --department D           those of this department\n"
     "  --limit N                the newest N (100 for a table; --json gives all)\n"
     "  --before ID              those before that one\n"
     "  --all                    all of them\n" JSON},
    {"show", "ID [--json]", "everything about a submission", gh_cmd_show, JSON},
    {"log", "ID [--json]", "who did what with a submission, and when", gh_cmd_log, JSON},
    {"approve", "ID@SET… [-p NAME,…] [-f N,…] [--as USER]",
     "approve what was shown; it goes to the outbox", gh_cmd_decide,
     "  ID@SET                   what ghat show printed; ID alone shows it and asks\n"
     "  --whatever-is-there      without a look at it\n" UNDO PLACES AS JSON},
    {"undo", "ID [--as USER]", "take back decisions that nobody outside has seen", gh_cmd_undo,
     AS JSON},
    {"embargo", "ID TIME|off [--as USER]", "let nothing of it out before TIME", gh_cmd_embargo,
     "  TIME                     YYYY-MM-DD HH:MM, or HH:MM for the next time that it is so\n" AS
         JSON},
    {"order", "ID N,…|none [--as USER]", "in which order its files are shown", gh_cmd_order,
     "  N,…                      files, as ghat show counts them; the others follow\n" AS JSON},
    {"replaces", "NEW OLD|none [--as USER]", "correct: OLD is withdrawn when NEW goes out",
     gh_cmd_replaces, AS JSON},
    {"freeze", "REASON [--as USER]", "let nothing out, whatever was approved, until ghat thaw",
     gh_cmd_freeze, AS JSON},
    {"thaw", "[--as USER]", "let out again what was approved", gh_cmd_freeze, AS JSON},
    {"hold", "ID[@SET]… [-p NAME,…] [-f N,…] [--why KEY,…] [--reason TEXT] [--as USER]",
     "put the decision off", gh_cmd_decide, WHY UNDO PLACES AS JSON},
    {"release", "ID[@SET]… [-p NAME,…] [-f N,…] [--as USER]", "let what was held be decided again",
     gh_cmd_decide, PLACES AS JSON},
    {"reject", "ID[@SET]… --why KEY,… | --reason TEXT [-p NAME,…] [-f N,…] [--as USER]",
     "reject; the department reads the reason", gh_cmd_decide, WHY UNDO PLACES AS JSON},
    {"withdraw", "ID[@SET]… --why KEY,… | --reason TEXT [-p NAME,…] [-f N,…] [--as USER]",
     "take approved files out of the outbox again", gh_cmd_decide, WHY PLACES AS JSON},
    {"reasons", "[--json]", "reasons that are given often, and their short names", gh_cmd_reasons,
     JSON},
    {"collected", "ID[@SET]… [-p NAME,…] [-f N,…] [--as USER]", "note that the agency has it",
     gh_cmd_decide, PLACES AS JSON},
    {"take", "ID PLACEMENT [--off] [--as USER]", "post it yourself: nobody else starts on it",
     gh_cmd_take, "  --off                    let others\n" AS JSON},
    {"posted", "ID PLACEMENT LINK [--as USER]", "under which link it can be read", gh_cmd_posted,
     AS JSON},
    {"refused", "ID PLACEMENT TEXT [--as USER]", "the platform refused it, in its words",
     gh_cmd_posted, AS JSON},
    {"acknowledge", "ID [--taken-down] [--as USER]", "the agency knows what was withdrawn",
     gh_cmd_acknowledge, "  --taken-down             and took down the posts of it\n" AS JSON},
    {"retry", "ID[@SET]… [-p NAME,…] [-f N,…]", "try again what failed or was quarantined",
     gh_cmd_decide, PLACES AS JSON},
    {"rerender", "ID[@SET]… [-p NAME,…] [-f N,…]", "make staged or rejected outputs again",
     gh_cmd_decide, PLACES AS JSON},
    {"caption", "ID [TEXT | --file FILE] [-p NAME]",
     "show or replace the caption; what was approved keeps its own", gh_cmd_caption,
     "  -p, --placement NAME     for this placement only; \"\": the common one again\n"
     "  --file FILE              read it from FILE (- for standard input)\n" AS JSON},
    {"alt", "ID N TEXT", "say what file N shows, for those who cannot see it", gh_cmd_alt, AS JSON},
    {"urgent", "ID [--off]", "move a submission to the head of the queue", gh_cmd_urgent,
     "  --off                    back to its place\n" AS JSON},
    {"thumb", "ID TIME|auto", "take the thumbnail of a video from another moment", gh_cmd_choose,
     "  TIME                     seconds, or minutes:seconds, from the beginning; auto: choose "
     "again\n" AS JSON},
    {"focal", "ID X,Y|auto", "choose the point that crops keep", gh_cmd_choose,
     "  X,Y                      as shares of width and height: 0.5,0.3; auto: choose again\n" AS
         JSON},
    {"ask", "ID|DEPARTMENT|--event ID TEXT [--urgent] [--hold] [--as USER]",
     "ask a department something, about a submission or an event, or not", gh_cmd_ask,
     "  --event ID               about an event, instead of a submission or a department\n"
     "  --urgent                 by the clock on the wall, nights and holidays too\n"
     "  --hold                   hold the submission until it is answered\n" AS JSON},
    {"answer", "QUESTION TEXT [--as USER]", "answer a question for the department", gh_cmd_answer,
     AS JSON},
    {"extend", "QUESTION TEXT [--as USER]", "ask for more time, once, with the reason",
     gh_cmd_answer, AS JSON},
    {"questions",
     "[QUESTION | reopen QUESTION TEXT | close QUESTION | withdraw QUESTION [TEXT] | recompute "
     "QUESTION] [--department D] [--state S]",
     "questions by the time they are due, or one of them", gh_cmd_questions,
     "  --department D           those to this department\n"
     "  --state S                open, answered, closed or withdrawn\n"
     "  reopen                   ask again, with a new clock\n"
     "  recompute                by the calendar that the department has now\n" AS JSON},
    {"event",
     "[list] | show EVENT | add DEPARTMENT TITLE --date D --time T … | change EVENT [TITLE] … | "
     "cancel EVENT [REASON]",
     "events that departments announce, and what came of them", gh_cmd_event,
     "  --date D                 day/month/year, like 04/12/2026\n"
     "  --time T                 like 11:00 or 11:00-13:00, or: all day\n"
     "  --until T, --place P, --ward W\n"
     "  --material TEXT          what is expected of it\n"
     "  --department D           of the list: those of this department\n"
     "  --state S                announced, changed, covered, missed or cancelled\n"
     "  --from DAY, --to DAY     YYYY-MM-DD (default: from today on)\n" AS JSON},
    {"setup", "[--answers FILE] [--corporation TEXT] [--languages bn,en] …",
     "six questions for a new installation, as root", gh_cmd_setup,
     "  --answers FILE           asks nothing: lines like corporation = Kolkata Municipal "
     "Corporation\n"
     "  --corporation TEXT, --languages bn,en, --placements NAME,…, --approver NAME, --mail A,\n"
     "  --department NAME        the same, one by one; A is the approver's address\n"
     "  --mail-server URL, --mail-from A, --mail-login NAME\n"
     "  --mail-password-file F   for notices; the password is copied to where ghat-post reads "
     "it\n"},
    {"notices", "[--state S] | retry [LETTER] [--as USER]",
     "mails and messages that wait, or failed", gh_cmd_notices,
     "  --state S                waiting, sending, sent, failed or dropped\n"
     "  retry                    try what failed again: one letter, or all\n" AS JSON},
    {"department", "list | show NAME | confirm NAME… | add NAME [--group G] … [--json]",
     "departments and their nodal officers", gh_cmd_department,
     "  add                      as root: its card, its folder, and a group for its officers\n"
     "  --group G                a group that is there, not one made for it\n"
     "  --title TEXT, --languages bn,en\n"
     "  --officer NAME, --designation TEXT, --mobile N, --email A\n"
     "                           of the nodal officer\n"
     "  confirm                  the folder that it has now is its own\n" JSON},
    {"user",
     "list | show NAME | add NAME --role ROLE,… [--department D,…] | set NAME … | "
     "lock|unlock|reset|"
     "remove NAME",
     "people of the desk, and links for their first login", gh_cmd_user,
     "  --role ROLE,…            approver, agency, officer, admin, viewer\n"
     "  --department SLUG,…      of an officer\n"
     "  --full TEXT              the name as people write it\n"
     "  --phone N, --email A     how to reach them\n"
     "  --language bn|en|hi      of the pages and mails\n"
     "  --mute KIND,…            what is not mailed: waiting, decided, collect, questions, "
     "events,\n"
     "                           report; \"\": nothing of it\n"
     "  --digest yes|no          mails of a day together\n" AS JSON},
    {"display", "list | add NAME | remove NAME",
     "screens on a wall that show how much waits, and the links they open", gh_cmd_display,
     AS JSON},
    {"feed", "list | add NAME | remove NAME",
     "calendars that follow the events, and the secret links they read", gh_cmd_display, AS JSON},
    {"doctor", "[--confirm-clock] [--json]", "look for what is wrong with this installation",
     gh_cmd_doctor, JSON},
    {"verify", "[--ledger] [--against MANIFEST|HEAD] [--json] [PATH]",
     "check the ledger's chain, every file it names, and the outbox", gh_cmd_verify,
     "  --ledger                 the ledger and all its files (the default)\n"
     "  --against MANIFEST|HEAD  is what was recorded until then still there? HEAD: SEQUENCE:HASH\n"
     "  PATH                     check an outbox folder's files against its manifest\n" JSON},
    {"report",
     "[--day DAY | --from DAY --to DAY] [--department NAME] [--by day|week] [--language CODE] "
     "[--csv] [--json]",
     "what a day brought, department by department, and who sent nothing", gh_cmd_report,
     "  --day YYYY-MM-DD         that day (default: today)\n"
     "  --from DAY, --to DAY     from that day to that one, both included (default: today)\n"
     "  --department NAME        of that one only\n"
     "  --by day|week            with --csv or --json: what is counted, day by day or week by "
     "week\n"
     "  --language CODE          in the words of a language, like bn (default: en)\n"
     "  --csv                    for a spreadsheet, times in seconds\n" JSON},
    {"sweep", "", "delete now what was kept long enough", gh_cmd_sweep, NULL},
    {"backup", "DIR [--keep N] [--verify | --list] [--json]",
     "copy the ledger, every file that it names and the configuration into a folder", gh_cmd_backup,
     "  --keep N                 afterwards N backups stay, the newest\n"
     "  --verify                 make none: read everything that the backups there consist of\n"
     "  --list                   make none: list those that are there\n" JSON},
    {"restore", "DIR [WHEN] [--ledger] [--force] [--json]",
     "write an installation back from a backup; it starts frozen", gh_cmd_restore,
     "  WHEN                     how the name of a backup begins, like 2026-11-29 (default: the "
     "newest)\n"
     "  --ledger                 only the ledger: the files are there\n"
     "  --force                  rename what would be replaced\n" JSON},
};

static const struct gh_cmd *find_command(const char *name)
{
    for (size_t i = 0; i < GH_LEN(commands); i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

int gh_ctl_fail(const char *command, const struct gh_err *err)
{
    fflush(stdout);
    gh_print_line(stderr, "ghat %s: %s", command, err->msg);
    return err->cls == GH_USAGE ? GH_EXIT_USAGE : GH_EXIT_FAILED;
}

int gh_ctl_usage(const char *command, const char *fmt, ...)
{
    va_list ap;
    const struct gh_cmd *cmd = find_command(command);
    fflush(stdout);
    va_start(ap, fmt);
    GH_AUTO_FREE char *why = gh_vasprintf(fmt, ap);
    va_end(ap);
    gh_print_line(stderr, "ghat %s: %s (usage: ghat %s%s%s)", command, why, command,
                  cmd && *cmd->args ? " " : "", cmd ? cmd->args : "");
    return GH_EXIT_USAGE;
}

static void help_all(FILE *out)
{
    fprintf(out, "usage: ghat [-c FILE] COMMAND …\n\n");
    for (size_t i = 0; i < GH_LEN(commands); i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\n  -c FILE     configuration (else $GHAT_CONF, else " GH_SYSCONFDIR
                 "/ghat/ghat.conf)\n"
                 "  --version   version of this program and its libraries; does the sandbox hold\n"
                 "\nghat COMMAND --help says more. Exit codes: 0 done, 1 something failed, 2 the "
                 "command line is wrong.\n");
}

static void help_one(const struct gh_cmd *cmd)
{
    printf("usage: ghat %s%s%s\n%s\n", cmd->name, *cmd->args ? " " : "", cmd->args, cmd->help);
    if (cmd->more)
        printf("\n%s", cmd->more);
}

/* words: those before the one that is being typed. */
static void complete(int n, char **words)
{
    int at = 0;
    while (at < n && words[at][0] == '-')
        at += strcmp(words[at], "-c") ? 1 : 2;
    const struct gh_cmd *cmd = at < n ? find_command(words[at]) : NULL;
    if (cmd)
        gh_complete(cmd);
    for (size_t i = 0; i < GH_LEN(commands) && at == n; i++)
        puts(commands[i].name);
    if (at == n)
        puts("-c\n--help\n--version\nhelp");
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
    signal(SIGPIPE, SIG_IGN); /* a pager that is closed must not end a command half-way */
    gh_log_init("ghat", GH_LOG_WARNING);
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (!strcmp(argv[at], "-c") && at + 1 < argc) {
            ctl.conf_path = argv[++at];
        } else if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
            help_all(stdout);
            return GH_EXIT_OK;
        } else if (!strcmp(argv[at], "--version")) {
            gh_print_version(&ctl);
            return GH_EXIT_OK;
        } else if (!strcmp(argv[at], "--complete")) {
            complete(argc - at - 1, argv + at + 1);
            return GH_EXIT_OK;
        } else {
            gh_print_line(stderr, "ghat: there is no option %s here (ghat --help)", argv[at]);
            return GH_EXIT_USAGE;
        }
    }
    if (at < argc && !strcmp(argv[at], "help")) {
        const struct gh_cmd *about = at + 1 < argc ? find_command(argv[at + 1]) : NULL;
        about ? help_one(about) : help_all(stdout);
        return GH_EXIT_OK;
    }
    const struct gh_cmd *cmd = at < argc ? find_command(argv[at]) : NULL;
    if (!cmd) {
        if (at < argc)
            gh_print_line(stderr, "ghat: there is no command %s (ghat --help lists them)",
                          argv[at]);
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
