/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat setup: six questions, each of which may be left open, and what a person would have written
 * with their answers: keys of ghat.conf, a department with its card, folder and group, the first
 * approver. Nothing is written before all of ghat.conf is found to be right.
 */
#include "ctl/client.h"
#include "ctl/department.h"
#include "ctl/print.h"

#include "base/config.h"
#include "base/file.h"
#include "base/ini.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONF_MAX (1 << 20) /* bytes of a configuration, and of answers */
#define ANSWER_MAX 150     /* bytes: what fits into a line with its key */

enum { CORPORATION, LANGUAGES, PLACEMENTS, MAIL, APPROVER, DEPARTMENT, QUESTIONS };

static const struct {
    const char *name, *ask;
    const char *section, *key; /* of ghat.conf; NULL: it goes elsewhere */
} questions[QUESTIONS] = {
    [CORPORATION] = {"corporation", "Corporation, as named in what leaves", "policy",
                     "corporation"},
    [LANGUAGES] = {"languages", "Languages of notes, like bn,en", NULL, NULL},
    [PLACEMENTS] = {"placements", "Placements or platforms to make (ghat placements lists them)",
                    "placements", "make"},
    [MAIL] = {"mail", "Mail address of the first approver", NULL, NULL},
    [APPROVER] = {"approver", "First approver, the name to log in with, like rina", NULL, NULL},
    [DEPARTMENT] = {"department", "First department, the name of its folder", NULL, NULL},
};

struct answers {
    char *given[QUESTIONS]; /* NULL: left open */
};

static void free_answers(struct answers *a)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        free(a->given[i]);
}

static int set_answer(struct answers *a, size_t i, const char *value, struct gh_err *err)
{
    size_t n = strlen(value);
    if (n > ANSWER_MAX || strpbrk(value, "\n\r\t\"") || strstr(value, " ;"))
        return gh_fail(err, GH_USAGE, "%s: at most %d bytes, on one line, without quotes or \" ;\"",
                       questions[i].name, ANSWER_MAX);
    free(a->given[i]);
    a->given[i] = n ? gh_strdup(value) : NULL;
    return 0;
}

static int read_answer(void *arg, const char *section, const char *key, const char *value,
                       unsigned line, struct gh_err *err)
{
    (void)line;
    for (size_t i = 0; i < QUESTIONS && !*section; i++)
        if (!strcmp(questions[i].name, key))
            return set_answer(arg, i, value, err);
    return gh_fail(err, GH_CONFIG, "there is no question %s", key);
}

static int read_answers(struct answers *a, const char *path, struct gh_err *err)
{
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO_FREE char *text = NULL;
    size_t n;
    TRY(gh_read_file(AT_FDCWD, path, CONF_MAX, &text, &n, err));
    gh_ini_each(text, path, read_answer, a, &problems);
    return gh_problems_fail(&problems, err);
}

/* On the terminal, what was not given. Enter leaves a question open. */
static int ask_person(struct answers *a, struct gh_err *err)
{
    GH_AUTO_FREE char *line = NULL;
    size_t size = 0;
    printf("Six questions; Enter leaves one open, and all can be changed later.\n");
    for (size_t i = 0; i < QUESTIONS; i++) {
        while (!a->given[i]) {
            struct gh_err why = {0};
            printf("%s: ", questions[i].ask);
            fflush(stdout);
            ssize_t n = getline(&line, &size, stdin);
            if (n < 0)
                return gh_fail(err, GH_USAGE, "the answers ended early; nothing was written");
            if (set_answer(a, i, gh_strip(line), &why) == 0)
                break;
            gh_print_line(stdout, "%s", why.msg);
        }
    }
    return 0;
}

/* ------------------------------------------------------------------------------------- writing */

static int write_conf(struct gh_ctl *ctl, const struct answers *a, struct gh_err *err)
{
    bool named, changed = false;
    const char *path = gh_conf_path(ctl->conf_path, &named);
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO_FREE char *text = NULL;
    size_t n;
    TRY(gh_read_file(AT_FDCWD, path, CONF_MAX, &text, &n, err));
    for (size_t i = 0; i < QUESTIONS; i++) {
        if (!questions[i].key || !a->given[i])
            continue;
        char *now = gh_ini_set(text, questions[i].section, questions[i].key, a->given[i]);
        free(text);
        text = now;
        changed = true;
    }
    gh_conf_parse(text, path, &conf, &problems);
    TRY(gh_problems_fail(&problems, err));
    if (!changed)
        return 0;
    const char *slash = strrchr(path, '/');
    GH_AUTO_FREE char *folder = slash ? gh_strndup(path, (size_t)(slash - path) + 1) : NULL;
    GH_AUTO_FD dir = -1;
    TRY(gh_open_dir(AT_FDCWD, folder ? folder : ".", &dir, err));
    TRY(gh_write_file(dir, slash ? slash + 1 : path, text, strlen(text), 0644, err));
    gh_print_line(stdout, "%s is written", path);
    return 0;
}

static bool reload(struct gh_ctl *ctl)
{
    json_t *answer = NULL;
    struct gh_err err = {0};
    int r = gh_ask(ctl, json_pack("{s:s}", "request", "reload"), &answer, &err);
    if (r < 0)
        gh_print_line(stdout, "ghatd was not told: %s", err.msg);
    json_decref(answer);
    return r == 0;
}

static int add_approver(struct gh_ctl *ctl, const struct answers *a)
{
    char user[] = "user", add[] = "add", role[] = "--role", approver[] = "approver",
         email[] = "--email";
    char *argv[] = {user, add, a->given[APPROVER], role, approver, email, a->given[MAIL], NULL};
    return gh_cmd_user(ctl, a->given[MAIL] ? 7 : 5, argv);
}

static int carry_out(struct gh_ctl *ctl, const char *command, const struct answers *a)
{
    struct gh_err err = {0};
    int result = GH_EXIT_OK;
    if (write_conf(ctl, a, &err) < 0)
        return gh_ctl_fail(command, &err);
    bool told = reload(ctl);
    if (a->given[DEPARTMENT])
        result = gh_department_add(ctl, command,
                                   &(struct gh_new_department){.name = a->given[DEPARTMENT],
                                                               .languages = a->given[LANGUAGES]});
    if (a->given[APPROVER] && told) {
        int added = add_approver(ctl, a);
        result = GH_MAX(result, added);
    } else if (a->given[APPROVER]) {
        gh_print_line(stdout, "then: ghat user add %s --role approver", a->given[APPROVER]);
    }
    gh_print_line(stdout, "ghat doctor says what is still missing");
    return told ? result : GH_EXIT_FAILED;
}

int gh_cmd_setup(struct gh_ctl *ctl, int argc, char **argv)
{
    const char *file = NULL, *given[QUESTIONS] = {NULL};
    struct gh_opt opts[QUESTIONS + 1] = {{"--answers", NULL, &file, NULL}};
    char names[QUESTIONS][32];
    struct answers a = {0};
    struct gh_err err = {0};
    bool any = false;
    int r = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        GH_FORMAT(names[i], "--%s", questions[i].name);
        opts[1 + i] = (struct gh_opt){names[i], NULL, &given[i], NULL};
    }
    int n = gh_options(argc, argv, opts, GH_LEN(opts));
    if (n < 0)
        return GH_EXIT_USAGE;
    if (n > 0)
        return gh_ctl_usage(argv[0], "it takes options only");
    if (file)
        r = read_answers(&a, file, &err);
    for (size_t i = 0; i < QUESTIONS && r == 0; i++) {
        any |= given[i] != NULL;
        if (given[i])
            r = set_answer(&a, i, given[i], &err);
    }
    if (r == 0 && !any && !file && !isatty(STDIN_FILENO))
        r = gh_fail(&err, GH_USAGE, "there is no terminal to ask on: give --answers FILE");
    if (r == 0 && !any && !file)
        r = ask_person(&a, &err);
    int code = r < 0 ? gh_ctl_fail(argv[0], &err) : carry_out(ctl, argv[0], &a);
    free_answers(&a);
    return code;
}
