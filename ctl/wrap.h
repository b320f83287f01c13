/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long lines on a terminal, broken between words. */
#ifndef GH_CTL_WRAP_H
#define GH_CTL_WRAP_H

/** A line on stdout: head as it is, then text. Where stdout is a terminal, text is broken between
 * words at its width and goes on below where it began; elsewhere it is one line. Both are in the
 * form of gh_str_display. */
void gh_print_wrapped(const char *head, const char *text);

#endif
