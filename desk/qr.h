/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A QR code as the path of an SVG, which templates can write as any other text. */
#ifndef GH_DESK_QR_H
#define GH_DESK_QR_H

#include <jansson.h>

/** Add the picture of totp's "uri": "qr", a path of modules one unit wide, and "width", of the
 * whole in units, with the quiet zone. Anything but an object is left alone. */
void gh_qr_add(json_t *totp);

#endif
