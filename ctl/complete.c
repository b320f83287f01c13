/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for a shell's completion, taken from what the table of commands says to people, so that
 * the two cannot differ. */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

/* Options, and words in small letters alone, which stand for themselves: list, off. */
static bool is_said(const char *word, size_t n, bool options_only)
{
    size_t dashes = strspn(word, "-");
    if (!n || dashes > 2 || (options_only && !dashes))
        return false;
    size_t small = strspn(word + dashes,
                          dashes ? "abcdefghijklmnopqrstuvwxyz-" : "abcdefghijklmnopqrstuvwxyz");
    return small && dashes + small == n;
}

static void print_words(const char *text, bool options_only)
{
    static const char between[] = " |[]\n,";
    for (const char *at = text; *at;) {
        size_t n = strcspn(at, between);
        if (is_said(at, n, options_only))
            printf("%.*s\n", (int)n, at);
        at += n;
        at += strspn(at, between);
    }
}

void gh_complete(const struct gh_cmd *cmd)
{
    print_words(cmd->args, false);
    if (cmd->more)
        print_words(cmd->more, true);
}
