/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libqrencode makes the modules; two of them, one above the other, are one character. */
#include "ctl/qr.h"

#include "base/json.h"
#include "base/str.h"
#include "ctl/print.h"

#include <langinfo.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MARGIN 4 /* light modules on each side */

static bool is_dark(const QRcode *code, int x, int y)
{
    if (x < 0 || y < 0 || x >= code->width || y >= code->width)
        return false;
    return code->data[y * code->width + x] & 1;
}

static void print_code(const char *text)
{
    static const char *const blocks[] = {" ", "▀", "▄", "█"}; /* dark: none, upper, lower, both */
    GH_AUTO_STR out = {0};
    if (!isatty(STDOUT_FILENO) || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        return;
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return;
    for (int y = -MARGIN; y < code->width + MARGIN; y += 2) {
        gh_str_puts(&out, "\033[38;5;16;48;5;231m");
        for (int x = -MARGIN; x < code->width + MARGIN; x++)
            gh_str_puts(&out, blocks[is_dark(code, x, y) + 2 * is_dark(code, x, y + 1)]);
        gh_str_puts(&out, "\033[0m\n");
    }
    QRcode_free(code);
    fputs(gh_str_text(&out), stdout);
}

void gh_qr_print_link(const json_t *answer, const char *path)
{
    const char *link = gh_j_text(answer, "link");
    if (!*link) {
        gh_print_line(stdout,
                      "%s%s  (behind the address of the desk: [desk] url in ghat.conf is not set)",
                      path, gh_j_text(answer, "token"));
        return;
    }
    gh_print_line(stdout, "%s", link);
    print_code(link);
}
