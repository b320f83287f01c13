/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a terminal's lines end. Nothing is cut: a word longer than a line is left to the terminal.
 */
#include "ctl/wrap.h"

#include "ctl/table.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LEAST 40 /* columns: a narrower window breaks lines itself */

/* 0: what is written there is read by a program. */
static int columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return 0;
    return size.ws_col < LEAST ? 0 : size.ws_col;
}

void gh_print_wrapped(const char *head, const char *text)
{
    int all = columns(), indent = gh_table_width(head), at = indent;
    fputs(head, stdout);
    if (!all) {
        printf("%s\n", text);
        return;
    }
    while (*text) {
        size_t blanks = strspn(text, " "), n = blanks + strcspn(text + blanks, " ");
        GH_AUTO_FREE char *word = gh_strndup(text, n);
        int width = gh_table_width(word);
        if (at > indent && at + width > all) {
            printf("\n%*s%s", indent, "", word + blanks);
            at = indent + width - (int)blanks;
        } else {
            fputs(word, stdout);
            at += width;
        }
        text += n;
    }
    putchar('\n');
}
