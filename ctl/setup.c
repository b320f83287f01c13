/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ghat setup: six questions, each of which may be left open, some with what follows from them, and
 * what a person would have written with the answers: keys of ghat.conf, a file with the password of
 * the mail server, a department with its card, folder and group, the first approver. On a terminal
 * a wrong answer is asked for again at once; nothing is written before all answers, and all of
 * ghat.conf, are found to be right.
 */
#include "ctl/client.h"
#include "ctl/department.h"
#include "ctl/hidden.h"
#include "ctl/print.h"

#include "daemon/engine/paths.h"
#include "daemon/ledger/people.h"
#include "daemon/site/settings.h"

#include "base/address.h"
#include "base/config.h"
#include "base/credential.h"
#include "base/file.h"
#include "base/ini.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONF_MAX (1 << 20) /* bytes of a configuration, and of answers */
#define ANSWER_MAX 150     /* bytes: what fits into a line with its key */

#define SECRET_MAX 1024 /* bytes of a password */
#define SECRET_FILE "smtp-password"
#define FIRST 0 /* of those that follow from no other */

enum {
    CORPORATION,
    PLACEMENTS,
    SERVER,
    FROM,
    LOGIN,
    PASSWORD,
    APPROVER,
    MAIL,
    DEPARTMENT,
    LANGUAGES,
    QUESTIONS
};

static const struct {
    const char *name, *ask;
    const char *section, *key; /* of ghat.conf; NULL: it goes elsewhere */
    unsigned after;            /* asked when that one was answered; FIRST: in any case */
    bool must;                 /* and not left open then */
} questions[QUESTIONS] = {
    [CORPORATION] = {.name = "corporation",
                     .ask = "Corporation, as named in what leaves",
                     .section = "policy",
                     .key = "corporation"},
    [PLACEMENTS] = {.name = "placements",
                    .ask = "Placements or platforms to make (ghat placements lists them)",
                    .section = "placements",
                    .key = "make"},
    [SERVER] = {.name = "mail-server",
                .ask = "Mail server for notices, like smtp://mail.example.org:587",
                .section = "post",
                .key = "smtp"},
    [FROM] = {.name = "mail-from",
              .ask = "  The sender's address there, like ghat@example.org",
              .section = "post",
              .key = "from",
              .after = SERVER,
              .must = true},
    [LOGIN] = {.name = "mail-login",
               .ask = "  Name to log in with there, if it wants one",
               .section = "post",
               .key = "login",
               .after = SERVER},
    [PASSWORD] = {.name = "mail-password-file",
                  .ask = "  Password (not shown)",
                  .after = LOGIN,
                  .must = true},
    [APPROVER] = {.name = "approver", .ask = "First approver, the name to log in with, like rina"},
    [MAIL] = {.name = "mail", .ask = "  Mail address of that person", .after = APPROVER},
    [DEPARTMENT] = {.name = "department", .ask = "First department, the name of its folder"},
    [LANGUAGES] = {.name = "languages",
                   .ask = "Languages of its notes, like bn,en",
                   .after = DEPARTMENT},
};

struct answers {
    char *given[QUESTIONS]; /* NULL: left open. Of the password: the file it is read from */
    char *password;         /* itself; NULL: none */
};

static void free_answers(struct answers *a)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        free(a->given[i]);
    gh_credential_free(&a->password);
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

/* A line, which is not shown while it is typed where secret. */
static int ask_line(const char *ask, bool secret, char **line, size_t *size, struct gh_err *err)
{
    if (secret)
        return gh_ask_hidden(ask, line, size, err);
    printf("%s: ", ask);
    fflush(stdout);
    return getline(line, size, stdin) < 0
               ? gh_fail(err, GH_USAGE, "the answers ended early; nothing was written")
               : 0;
}

static int take_line(struct answers *a, size_t i, char *line, struct gh_err *err)
{
    if (i != PASSWORD)
        return set_answer(a, i, gh_strip(line), err);
    line[strcspn(line, "\n")] = '\0';
    if (strlen(line) > SECRET_MAX)
        return gh_fail(err, GH_USAGE, "a password of at most %d bytes", SECRET_MAX);
    gh_credential_free(&a->password);
    a->password = *line ? gh_strdup(line) : NULL;
    return 0;
}

static bool is_open(const struct answers *a, size_t i)
{
    return i == PASSWORD ? !a->password : !a->given[i];
}

/* ------------------------------------------------------------------------------------ checking */

static char *set_key(char *text, const char *section, const char *key, const char *value)
{
    char *now = gh_ini_set(text, section, key, value);
    free(text);
    return now;
}

static void check_placements(const struct gh_conf *conf, struct gh_problems *problems)
{
    struct gh_profiles profiles = {0};
    struct gh_err err = {0};
    if (gh_installed_profiles(conf, &profiles, &err) < 0)
        gh_problem(problems, "%s", err.msg);
    else
        gh_settings_check_placements(conf, &profiles, problems);
    gh_profiles_free(&profiles);
}

/* Is ghat.conf right with these answers in it? secret: the file of the password. *ret_text (may be
 * NULL): what it is then, the caller's. */
static int try_conf(const char *path, const struct answers *a, const char *secret, char **ret_text,
                    struct gh_conf *ret, struct gh_err *err)
{
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    GH_AUTO_FREE char *text = NULL;
    size_t n;
    TRY(gh_read_file(AT_FDCWD, path, CONF_MAX, &text, &n, err));
    for (size_t i = 0; i < QUESTIONS; i++)
        if (questions[i].key && a->given[i])
            text = set_key(text, questions[i].section, questions[i].key, a->given[i]);
    if (a->password)
        text = set_key(text, "post", "password_file", secret);
    gh_conf_parse(text, path, ret, &problems);
    check_placements(ret, &problems);
    TRY(gh_problems_fail(&problems, err));
    if (ret_text)
        *ret_text = gh_steal(&text);
    return 0;
}

/* By itself, before ghat.conf is tried with it. */
static int check_answer(size_t i, const char *value, struct gh_err *err)
{
    GH_AUTO(gh_problems_free) struct gh_problems problems = {0};
    char name[33];
    if (i == APPROVER && !gh_user_name(value, name))
        return gh_fail(err, GH_USAGE,
                       "approver: a name is a letter and up to 31 letters, digits, dots, hyphens");
    if (i == MAIL && !gh_address_is_plain(value))
        return gh_fail(err, GH_USAGE, "mail: a plain address like rina@example.org");
    if (i == DEPARTMENT)
        return gh_department_check_name(value, err);
    if (i == LANGUAGES)
        gh_department_check_languages(value, "the department's card", &problems);
    return gh_problems_fail(&problems, err);
}

/* What was just answered on the terminal. A server alone wants a sender, who is asked for next. */
static int check_now(const char *path, const struct answers *a, size_t i, struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    struct answers tried = *a;
    char sender[] = "ghat@example.org";
    if (is_open(a, i))
        return 0;
    if (i != PASSWORD)
        TRY(check_answer(i, a->given[i], err));
    if (!questions[i].key)
        return 0;
    if (i == SERVER)
        tried.given[FROM] = sender;
    TRY(try_conf(path, &tried, "", NULL, &conf, err));
    return i == LOGIN && gh_conf_tells_password(&conf)
               ? gh_fail(err, GH_CONFIG, "no password is sent with [post] tls = off")
               : 0;
}

/* ------------------------------------------------------------------------------------- asking */

/* One question, until its answer is right or it is left open where that may be. */
static int ask_one(struct answers *a, size_t i, const char *path, char **line, size_t *size,
                   struct gh_err *err)
{
    for (bool again = is_open(a, i); again;) {
        struct gh_err why = {0};
        TRY(ask_line(questions[i].ask, i == PASSWORD, line, size, err));
        if (take_line(a, i, *line, &why) == 0 && check_now(path, a, i, &why) == 0) {
            again = questions[i].must && is_open(a, i);
            continue;
        }
        gh_print_line(stdout, "  %s", why.msg);
        free(a->given[i]);
        a->given[i] = NULL;
    }
    return 0;
}

/* On the terminal, what was not given. Enter leaves a question open. */
static int ask_person(struct answers *a, const char *path, struct gh_err *err)
{
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO_FREE char *line = NULL;
    size_t size = 0;
    int r = try_conf(path, a, "", NULL, &conf, err); /* what is wrong already is mended first */
    if (r == 0)
        printf("Six questions; Enter leaves one open, and all can be changed later.\n");
    for (size_t i = 0; i < QUESTIONS && r == 0; i++)
        if (questions[i].after == FIRST || !is_open(a, questions[i].after))
            r = ask_one(a, i, path, &line, &size, err);
    if (line)
        explicit_bzero(line, size);
    return r;
}

/* What an answer follows from has one, too; the password is read where there is nobody to ask. */
static int check_answers(struct answers *a, struct gh_err *err)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        if (questions[i].after != FIRST && a->given[i] && is_open(a, questions[i].after))
            return gh_fail(err, GH_USAGE, "%s wants %s", questions[i].name,
                           questions[questions[i].after].name);
    for (size_t i = 0; i < QUESTIONS; i++)
        if (a->given[i])
            TRY(check_answer(i, a->given[i], err));
    if (!a->given[PASSWORD])
        return 0;
    TRY(gh_credential_read(a->given[PASSWORD], SECRET_FILE, SECRET_MAX, &a->password, NULL, err));
    a->password[strcspn(a->password, "\r\n")] = '\0';
    return *a->password
               ? 0
               : gh_fail(err, GH_CONFIG, "%s: there is no password in it", a->given[PASSWORD]);
}

/* ------------------------------------------------------------------------------------- writing */

/* Beside ghat.conf, for ghat-post to read and for nobody else but root. */
static int write_secret(int dir, const char *secret, const char *user, struct gh_err *err)
{
    const struct passwd *pw = getpwnam(user);
    bool root = geteuid() == 0;
    TRY(gh_write_file(dir, SECRET_FILE, secret, strlen(secret), 0600, err));
    GH_AUTO_FD fd = openat(dir, SECRET_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return gh_fail_errno(err, GH_SYSTEM, "%s", SECRET_FILE);
    if (pw && root && (fchown(fd, 0, pw->pw_gid) < 0 || fchmod(fd, 0640) < 0))
        return gh_fail_errno(err, GH_SYSTEM, "%s: its owner and mode", SECRET_FILE);
    if (!pw)
        gh_print_line(stdout, "there is no user %s: whoever ghat-post runs as must be let read %s",
                      user, SECRET_FILE);
    else if (!root && pw->pw_uid != geteuid())
        gh_print_line(stdout, "not root: %s must be let read %s (chgrp, chmod 640)", user,
                      SECRET_FILE);
    return 0;
}

/* What ghat-post would not start with. A login of before may have systemd's credential. */
static int check_mail(const struct gh_conf *conf, const struct answers *a, struct gh_err *err)
{
    GH_AUTO(gh_credential_free) char *secret = NULL;
    if (a->given[SERVER] && gh_conf_tells_password(conf))
        return gh_fail(err, GH_CONFIG, "mail-login: no password is sent with [post] tls = off");
    if (!a->given[LOGIN] || a->password)
        return 0;
    if (!conf->password_file)
        return gh_fail(err, GH_USAGE, "mail-login wants mail-password-file");
    return gh_credential_read(conf->password_file, SECRET_FILE, SECRET_MAX, &secret, NULL, err);
}

static int write_conf(struct gh_ctl *ctl, const struct answers *a, struct gh_err *err)
{
    bool named, changed = false;
    const char *path = gh_conf_path(ctl->conf_path, &named), *slash = strrchr(path, '/');
    GH_AUTO_FREE char *folder =
        slash ? gh_strndup(path, (size_t)(slash - path) + 1) : gh_strdup("./");
    GH_AUTO_FREE char *secret = gh_asprintf("%s" SECRET_FILE, folder);
    GH_AUTO(gh_conf_free) struct gh_conf conf = {0};
    GH_AUTO_FREE char *text = NULL;
    GH_AUTO_FD dir = -1;
    for (size_t i = 0; i < QUESTIONS; i++)
        changed |= questions[i].key && a->given[i];
    TRY(try_conf(path, a, secret, &text, &conf, err));
    TRY(check_mail(&conf, a, err));
    if (!changed)
        return 0;
    TRY(gh_open_dir(AT_FDCWD, folder, &dir, err));
    if (a->password) {
        TRY(write_secret(dir, a->password, conf.post_user, err));
        gh_print_line(stdout, "%s is written", secret);
    }
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
    if (a->given[SERVER])
        gh_print_line(stdout, "then: systemctl enable --now ghat-post (or restart it): it sends");
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
    bool any = false, named;
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
    if (r == 0)
        r = any || file ? check_answers(&a, &err)
                        : ask_person(&a, gh_conf_path(ctl->conf_path, &named), &err);
    int code = r < 0 ? gh_ctl_fail(argv[0], &err) : carry_out(ctl, argv[0], &a);
    free_answers(&a);
    return code;
}
