/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Echo is off only between two calls of tcsetattr(), and what would end or stop the program in
 * between is let in while it waits for the line, noted, and done once echo is on again. */
#include "ctl/hidden.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

static volatile sig_atomic_t came; /* the signal; 0: none */

static void note(int signal)
{
    came = signal;
}

/* What signals did before, and which were let in. */
struct before {
    struct sigaction actions[GH_LEN(signals)];
    sigset_t mask;
};

/* They are held back, except while the line is waited for; what is ignored stays so. */
static void hold_signals(struct before *b)
{
    struct sigaction noted = {.sa_handler = note};
    sigset_t held;
    sigemptyset(&held);
    sigemptyset(&noted.sa_mask);
    for (size_t i = 0; i < GH_LEN(signals); i++)
        sigaddset(&held, signals[i]);
    sigprocmask(SIG_BLOCK, &held, &b->mask);
    for (size_t i = 0; i < GH_LEN(signals); i++) {
        sigaction(signals[i], NULL, &b->actions[i]);
        if (b->actions[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &noted, NULL);
    }
}

static void release_signals(const struct before *b)
{
    for (size_t i = 0; i < GH_LEN(signals); i++)
        sigaction(signals[i], &b->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &b->mask, NULL);
}

/* It may say that it did so and have done less. */
static bool hide(const struct termios *shown)
{
    struct termios t = *shown;
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &t) == 0 && tcgetattr(STDIN_FILENO, &t) == 0 &&
           !(t.c_lflag & ECHO);
}

/* The line, or what came instead. A terminal gives whole lines, so once there is something, there
 * is all of it. Returns the number of bytes, -1: none. */
static ssize_t read_line(const struct before *b, char **line, size_t *size)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!came && ppoll(&p, 1, NULL, &b->mask) < 0 && errno == EINTR)
        ;
    return came ? -1 : getline(line, size, stdin);
}

int gh_ask_hidden(const char *ask, char **line, size_t *size, struct gh_err *err)
{
    struct termios shown;
    struct before b;
    ssize_t n;
    bool hidden;
    if (tcgetattr(STDIN_FILENO, &shown) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "the terminal cannot hide what is typed");
    do {
        came = 0;
        hold_signals(&b);
        hidden = hide(&shown);
        n = -1;
        if (hidden) {
            printf("%s: ", ask);
            fflush(stdout);
            n = read_line(&b, line, size);
        }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        if (hidden)
            putchar('\n');
        fflush(stdout);
        release_signals(&b);
        if (came)
            raise(came); /* it ends here, or stops and asks once more */
    } while (came && hidden);
    if (!hidden)
        return gh_fail(err, GH_SYSTEM, "the terminal cannot hide what is typed");
    return n < 0 ? gh_fail(err, GH_USAGE, "the answers ended early; nothing was written") : 0;
}
