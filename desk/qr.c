/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libqrencode's modules, row by row, runs of dark ones as one stroke each. */
#include "desk/qr.h"

#include "base/json.h"
#include "base/str.h"

#include <qrencode.h>

#define MARGIN 4 /* modules of quiet zone, as ISO 18004 wants it */

/* Returns the width; 0 when text is too long. */
static int qr_path(const char *text, struct gh_str *out)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    if (!code)
        return 0;
    int width = code->width;
    for (int y = 0; y < width; y++) {
        for (int x = 0; x < width; x++) {
            int from = x;
            while (x < width && code->data[y * width + x] & 1)
                x++;
            if (x > from)
                gh_str_printf(out, "M%d %dh%dv1h-%dz", from + MARGIN, y + MARGIN, x - from,
                              x - from);
        }
    }
    QRcode_free(code);
    return width + 2 * MARGIN;
}

void gh_qr_add(json_t *totp)
{
    GH_AUTO_STR path = {0};
    int width = json_is_object(totp) ? qr_path(gh_j_text(totp, "uri"), &path) : 0;
    if (!width)
        return;
    json_object_set_new(totp, "qr", json_string(gh_str_text(&path)));
    json_object_set_new(totp, "width", json_integer(width));
}
