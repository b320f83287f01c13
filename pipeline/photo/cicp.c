/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Code points of colour, and the chunks of PNG (third edition, 11.3.2) that hold them. Damage is
 * left to the decoder: a chunk that is out of bounds ends the search. */
#include "pipeline/photo/cicp.h"

#include "base/err.h"
#include "base/str.h"

#include <string.h>

enum { PRIMARIES_BT2020 = 9, PRIMARIES_P3_DCI = 11, PRIMARIES_P3 = 12 };
enum { TRANSFER_PQ = 16, TRANSFER_HLG = 18 };
#define LUMINANCE_UNIT 0.0001 /* cd/m2, of cLLI and mDCV */

enum gh_colour gh_cicp_colour(const struct gh_cicp *cicp)
{
    if (cicp->transfer == TRANSFER_PQ)
        return GH_COLOUR_PQ;
    if (cicp->transfer == TRANSFER_HLG)
        return GH_COLOUR_HLG;
    if (cicp->primaries == PRIMARIES_BT2020)
        return GH_COLOUR_BT2020;
    return cicp->primaries == PRIMARIES_P3 || cicp->primaries == PRIMARIES_P3_DCI
               ? GH_COLOUR_PROFILE
               : GH_COLOUR_SRGB;
}

double gh_cicp_peak(const struct gh_cicp *cicp)
{
    return cicp->max_cll > 0 ? cicp->max_cll : cicp->mastered;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void read_chunk(const uint8_t *type, const uint8_t *body, size_t len, struct gh_cicp *c)
{
    enum { MDCV_MAX = 16 }; /* the luminances come after eight coordinates */
    if (!memcmp(type, "cICP", 4) && len == 4) {
        c->primaries = body[0];
        c->transfer = body[1];
    } else if (!memcmp(type, "cLLI", 4) && len == 8) {
        c->max_cll = get32(body) * LUMINANCE_UNIT;
    } else if (!memcmp(type, "mDCV", 4) && len == 24) {
        c->mastered = get32(body + MDCV_MAX) * LUMINANCE_UNIT;
    }
}

void gh_cicp_png(const uint8_t *bytes, size_t n, struct gh_cicp *ret)
{
    enum { SIGNATURE = 8, HEAD = 8, CRC = 4 };
    struct gh_cicp c = {0};
    for (size_t at = SIGNATURE; n >= HEAD + CRC && at <= n - HEAD - CRC;) {
        const uint8_t *head = bytes + at;
        size_t len = get32(head);
        if (len > n - at - HEAD - CRC || !memcmp(head + 4, "IDAT", 4))
            break;
        read_chunk(head + 4, head + HEAD, len, &c);
        at += HEAD + len + CRC;
    }
    *ret = c.primaries || c.transfer ? c : (struct gh_cicp){0};
}
