/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: names of metadata kinds, policies and colours, and what each policy lets out. And the
 * notation of a focal point. */
#include "base/media.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *title;
} meta_kinds[] = {
#define GH_META_ROW(id, name, title) {name, title},
    GH_META_KINDS(GH_META_ROW)
#undef GH_META_ROW
};

const char *gh_meta_name(unsigned b)
{
    return b < GH_LEN(meta_kinds) ? meta_kinds[b].name : NULL;
}

const char *gh_meta_title(unsigned b)
{
    return b < GH_LEN(meta_kinds) ? meta_kinds[b].title : NULL;
}

void gh_meta_describe(uint32_t bits, struct gh_str *out)
{
    bool any = false;
    for (unsigned b = 0; b < GH_META_BITS; b++) {
        if (!(bits & 1u << b))
            continue;
        gh_str_printf(out, "%s%s", any ? ", " : "", meta_kinds[b].title);
        any = true;
    }
    if (!any)
        gh_str_puts(out, "nothing");
}

/* Position, serial numbers, owners, faces, embedded pictures and texts that nobody has approved
 * leave under policy archive only. */
#define CREDIT_BITS (GH_META(DATE) | GH_META(CREDIT) | GH_META(XMP) | GH_META(IPTC))
#define KEEP_BITS (CREDIT_BITS | GH_META(CAMERA) | GH_META(EXIF_OTHER) | GH_META(SOFTWARE))
#define NEVER_BITS                                                                                 \
    (GH_META(MPF) | GH_META(TRAILER) | GH_META(UDTA) | GH_META(DATA_TRACK) | GH_META(CHAPTERS) |   \
     GH_META(ENCODER))

static const struct {
    const char *name;
    uint32_t allows;
} policies[GH_POLICIES] = {
    [GH_POLICY_STRIP] = {"strip", 0},
    [GH_POLICY_CREDIT] = {"credit", CREDIT_BITS},
    [GH_POLICY_KEEP] = {"keep", KEEP_BITS},
    [GH_POLICY_ARCHIVE] = {"archive", ((1u << GH_META_BITS) - 1) & ~NEVER_BITS},
};

const char *gh_policy_name(enum gh_policy p)
{
    return (unsigned)p < GH_POLICIES ? policies[p].name : "unknown";
}

bool gh_policy_parse(const char *name, enum gh_policy *ret)
{
    for (unsigned p = 0; p < GH_POLICIES; p++) {
        if (!gh_streq(policies[p].name, name))
            continue;
        *ret = (enum gh_policy)p;
        return true;
    }
    return false;
}

uint32_t gh_policy_allows(enum gh_policy p)
{
    return (unsigned)p < GH_POLICIES ? policies[p].allows : 0;
}

const char *gh_colour_name(enum gh_colour c)
{
    static const char *const names[] = {
        [GH_COLOUR_UNKNOWN] = "unknown", [GH_COLOUR_SRGB] = "sRGB",
        [GH_COLOUR_PROFILE] = "profile", [GH_COLOUR_CMYK] = "CMYK",
        [GH_COLOUR_GREY] = "grey",       [GH_COLOUR_BT709] = "BT.709",
        [GH_COLOUR_BT601] = "BT.601",    [GH_COLOUR_BT2020] = "BT.2020",
        [GH_COLOUR_PQ] = "PQ",           [GH_COLOUR_HLG] = "HLG",
    };
    return (unsigned)c < GH_LEN(names) ? names[c] : "unknown";
}

/* A number from 0 to 1, in 1/10000. */
static bool parse_share(const char *text, size_t n, uint32_t *ret)
{
    char copy[16], *end;
    if (!n || n >= sizeof(copy) || strspn(text, "0123456789.") < n)
        return false;
    memcpy(copy, text, n);
    copy[n] = 0;
    double v = strtod(copy, &end);
    if (*end || !(v >= 0 && v <= 1))
        return false;
    *ret = (uint32_t)(v * GH_FOCAL_WHOLE + 0.5);
    return true;
}

bool gh_focal_parse(const char *text, struct gh_focal *ret)
{
    const char *comma = strchr(text, ',');
    uint32_t x, y;
    if (!comma || !parse_share(text, (size_t)(comma - text), &x) ||
        !parse_share(comma + 1, strlen(comma + 1), &y))
        return false;
    *ret = (struct gh_focal){true, x, y};
    return true;
}

unsigned gh_look_distance(const struct gh_look *a, const struct gh_look *b)
{
    return (unsigned)__builtin_popcountll(a->hash ^ b->hash);
}
