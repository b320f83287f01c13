/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links to the desk, and QR codes of them on a terminal, for a phone that looks at it. */
#ifndef GH_CTL_QR_H
#define GH_CTL_QR_H

#include <jansson.h>

/** Print the "link" of an answer, and under it the link as a QR code of half blocks, dark on light
 * whatever the terminal's colours (ECMA-48 sequences say so), with the light margin that ISO/IEC
 * 18004 wants; no code where stdout is no terminal that shows UTF-8, or the link is too long. Where
 * the desk's address is not known, the path with the answer's "token" behind it, and what is
 * missing. */
void gh_qr_print_link(const json_t *answer, const char *path);

#endif
