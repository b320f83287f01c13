/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line that a terminal does not show while it is typed. */
#ifndef GH_CTL_HIDDEN_H
#define GH_CTL_HIDDEN_H

#include "base/err.h"

#include <stdio.h>

/**
 * Print the question and read a line from stdin, which must be a terminal, as getline(3) does:
 * *line and *size are the caller's. However it ends, by a signal as well, the terminal shows again
 * what is typed; a signal that stops or ends the program does so after that. GH_SYSTEM: the
 * terminal cannot hide what is typed, and nothing was asked; GH_USAGE: there is no line any more.
 */
GH_MUST_USE int gh_ask_hidden(const char *ask, char **line, size_t *size, struct gh_err *err);

#endif
