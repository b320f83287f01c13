/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of previews, and their names. */
#include "base/preview.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define CARD_EDGE 360
#define SCREEN_EDGE 1600
#define STILL_EDGE 160
#define SHA_LEN (GH_SHA_HEX - 1)

uint32_t gh_preview_edge(enum gh_preview p)
{
    return p == GH_PREVIEW_CARD ? CARD_EDGE : p == GH_PREVIEW_SCREEN ? SCREEN_EDGE : STILL_EDGE;
}

bool gh_preview_parse(int64_t edge, int64_t still, enum gh_preview *ret)
{
    for (unsigned p = 0; p < GH_PREVIEWS; p++) {
        int64_t number = p >= GH_PREVIEW_STILL ? (int64_t)p - GH_PREVIEW_STILL + 1 : 0;
        if (gh_preview_edge((enum gh_preview)p) == edge && number == still) {
            *ret = (enum gh_preview)p;
            return true;
        }
    }
    return false;
}

int64_t gh_preview_moment_us(enum gh_preview p, int64_t duration_us)
{
    if (p < GH_PREVIEW_STILL || duration_us <= 0)
        return 0;
    return duration_us / (2 * GH_PREVIEW_STILLS) * (2 * (p - GH_PREVIEW_STILL) + 1);
}

enum gh_preview gh_preview_nth(unsigned set, unsigned n)
{
    unsigned p = 0;
    while (p < GH_PREVIEWS && (!(set & 1u << p) || n--))
        p++;
    return (enum gh_preview)p;
}

void gh_preview_name(const char *sha256, enum gh_preview p, char ret[GH_PREVIEW_NAME])
{
    char still[8] = "";
    if (p >= GH_PREVIEW_STILL)
        snprintf(still, sizeof(still), "-%u", (unsigned)(p - GH_PREVIEW_STILL + 1) % 10);
    snprintf(ret, GH_PREVIEW_NAME, "%.64s-%u%s.jpg", sha256, gh_preview_edge(p), still);
}

bool gh_preview_name_sha(const char *name, char ret_sha256[GH_SHA_HEX])
{
    char should[GH_PREVIEW_NAME];
    if (strspn(name, "0123456789abcdef") != SHA_LEN)
        return false;
    for (unsigned p = 0; p < GH_PREVIEWS; p++) {
        gh_preview_name(name, (enum gh_preview)p, should);
        if (!gh_streq(name, should))
            continue;
        memcpy(ret_sha256, name, SHA_LEN);
        ret_sha256[SHA_LEN] = '\0';
        return true;
    }
    return false;
}
