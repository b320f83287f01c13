/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The syntax of H.264's parameter sets, walked for where it ends. A set is cut there: its bits are
 * copied, HRD parameters excepted, and what follows them is not.
 */
#include "pipeline/video/avc.h"

#include "base/str.h"
#include "pipeline/video/nal.h"

#include <string.h>

enum { SPS = 7, PPS = 8 };                 /* nal_unit_type */
enum { SPS_HEAD = 0x67, PPS_HEAD = 0x68 }; /* header bytes: nal_ref_idc 3 */
enum { CHROMA_420 = 1, CHROMA_444 = 3 };
#define EXTENDED_SAR 255
#define CPBS_MAX 32
#define POC_CYCLE_MAX 255
#define CONFIG_HEAD 6 /* bytes of avcC before the first parameter set */
#define SETS_MAX 31   /* sequence parameter sets of avcC: five bits */
/* profile_idc of those without the second half of a picture parameter set */
enum { BASELINE = 66, MAIN = 77, EXTENDED = 88 };

/* Where the syntax of a set ends, and what of it is left out (bits). */
struct extent {
    size_t end, skip_from, skip_until;
    uint32_t chroma, depth_luma, depth_chroma; /* of an SPS: less 8 */
    uint32_t id;
    struct gh_avc_sps sps;
};

static void skip_scaling_list(struct gh_bits *b, unsigned size)
{
    int last = 8, next = 8;
    for (unsigned i = 0; i < size && next; i++) {
        uint32_t code = gh_bits_ue(b);
        int delta = code & 1 ? (int)(code / 2 + 1) : -(int)(code / 2);
        if (delta < -128 || delta > 127)
            b->over = true;
        else
            next = (last + delta + 256) % 256;
        last = next ? next : last;
    }
}

static void skip_scaling_lists(struct gh_bits *b, unsigned small, unsigned large)
{
    for (unsigned i = 0; i < small + large && !b->over; i++)
        if (gh_bits_get(b, 1))
            skip_scaling_list(b, i < small ? 16 : 64);
}

static bool has_chroma_format(uint32_t profile)
{
    static const uint8_t having[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
    return memchr(having, (int)profile, sizeof(having));
}

static void read_hrd(struct gh_bits *b, struct gh_avc_sps *sps)
{
    uint32_t cpbs = gh_bits_ue(b) + 1;
    gh_bits_skip(b, 4 + 4); /* scales */
    b->over = b->over || cpbs > CPBS_MAX;
    for (uint32_t i = 0; i < cpbs && !b->over; i++) {
        gh_bits_ue(b);
        gh_bits_ue(b);
        gh_bits_skip(b, 1);
    }
    gh_bits_skip(b, 5);
    sps->delay_bits = gh_bits_get(b, 5) + 1;
    sps->delay_bits += gh_bits_get(b, 5) + 1;
    gh_bits_skip(b, 5);
}

static void read_vui(struct gh_bits *b, struct extent *e)
{
    if (gh_bits_get(b, 1) && gh_bits_get(b, 8) == EXTENDED_SAR)
        gh_bits_skip(b, 16 + 16);
    if (gh_bits_get(b, 1))
        gh_bits_skip(b, 1); /* overscan */
    if (gh_bits_get(b, 1)) {
        gh_bits_skip(b, 3 + 1);
        if (gh_bits_get(b, 1))
            gh_bits_skip(b, 8 + 8 + 8); /* colours */
    }
    if (gh_bits_get(b, 1)) {
        gh_bits_ue(b); /* place of the chroma samples */
        gh_bits_ue(b);
    }
    if (gh_bits_get(b, 1))
        gh_bits_skip(b, 32 + 32 + 1); /* rate */
    e->skip_from = b->at;
    unsigned hrds = 0;
    for (int i = 0; i < 2; i++)
        if (gh_bits_get(b, 1)) {
            read_hrd(b, &e->sps);
            hrds++;
        }
    if (hrds)
        gh_bits_skip(b, 1); /* low delay */
    e->skip_until = b->at;
    e->sps.pic_struct = gh_bits_get(b, 1);
    if (gh_bits_get(b, 1)) {
        gh_bits_skip(b, 1);
        for (int i = 0; i < 6; i++)
            gh_bits_ue(b);
    }
}

static void read_order(struct gh_bits *b)
{
    gh_bits_ue(b); /* frame_num */
    uint32_t kind = gh_bits_ue(b);
    if (kind == 0)
        gh_bits_ue(b);
    if (kind != 1)
        return;
    gh_bits_skip(b, 1);
    gh_bits_ue(b);
    gh_bits_ue(b);
    uint32_t cycle = gh_bits_ue(b);
    b->over = b->over || cycle > POC_CYCLE_MAX;
    for (uint32_t i = 0; i < cycle && !b->over; i++)
        gh_bits_ue(b);
}

static void read_sps(struct gh_bits *b, struct extent *e)
{
    uint32_t profile = gh_bits_get(b, 8);
    gh_bits_skip(b, 8 + 8);
    e->id = gh_bits_ue(b);
    e->chroma = CHROMA_420;
    if (has_chroma_format(profile)) {
        e->chroma = gh_bits_ue(b);
        if (e->chroma == CHROMA_444)
            gh_bits_skip(b, 1);
        e->depth_luma = gh_bits_ue(b);
        e->depth_chroma = gh_bits_ue(b);
        gh_bits_skip(b, 1);
        if (gh_bits_get(b, 1))
            skip_scaling_lists(b, 6, e->chroma == CHROMA_444 ? 6 : 2);
    }
    e->sps.known = true;
    e->sps.more_in_pps = profile != BASELINE && profile != MAIN && profile != EXTENDED;
    e->sps.lists_8x8 = e->chroma == CHROMA_444 ? 6 : 2;
    read_order(b);
    gh_bits_ue(b); /* reference frames */
    gh_bits_skip(b, 1);
    gh_bits_ue(b); /* width and height */
    gh_bits_ue(b);
    if (!gh_bits_get(b, 1))
        gh_bits_skip(b, 1);
    gh_bits_skip(b, 1);
    if (gh_bits_get(b, 1))
        for (int i = 0; i < 4; i++)
            gh_bits_ue(b); /* cropping */
    if (gh_bits_get(b, 1))
        read_vui(b, e);
    b->over = b->over || e->id >= GH_AVC_SPS_IDS || e->chroma > CHROMA_444 || e->depth_luma > 7 ||
              e->depth_chroma > 7;
}

static void read_pps(const struct gh_avc *avc, struct gh_bits *b, struct extent *e)
{
    e->id = gh_bits_ue(b);
    uint32_t of = gh_bits_ue(b);
    if (of >= GH_AVC_SPS_IDS || !avc->sps[of].known) {
        b->over = true;
        return;
    }
    gh_bits_skip(b, 1 + 1);
    uint32_t groups = gh_bits_ue(b);
    gh_bits_ue(b); /* numbers of references */
    gh_bits_ue(b);
    gh_bits_skip(b, 1 + 2); /* weights */
    for (int i = 0; i < 3; i++)
        gh_bits_ue(b); /* quantisers */
    gh_bits_skip(b, 1 + 1);
    /* Decoders of the profiles that people have ignore redundant pictures: nothing is shown of
     * them. */
    bool redundant = gh_bits_get(b, 1);
    b->over = b->over || groups || redundant;
    if (!avc->sps[of].more_in_pps || !gh_bits_more(b))
        return;
    bool transform = gh_bits_get(b, 1);
    if (gh_bits_get(b, 1))
        skip_scaling_lists(b, 6, transform ? avc->sps[of].lists_8x8 : 0);
    gh_bits_ue(b);
}

/* Write a parameter set up to the end of its syntax. 0: it cannot be read. */
static size_t cut_set(const struct gh_avc *avc, const uint8_t *nal, size_t n, struct extent *e,
                      uint8_t out[GH_AVC_CONFIG_MAX], bool *ret_more)
{
    uint8_t raw[GH_AVC_CONFIG_MAX], cut[GH_AVC_CONFIG_MAX] = {0},
                                    coded[GH_AVC_CONFIG_MAX * 3 / 2 + 2];
    *e = (struct extent){0};
    *ret_more = false;
    while (n && !nal[n - 1])
        n--;
    if (n < 2)
        return 0;
    bool is_sps = (nal[0] & 0x1f) == SPS;
    /* What does not fit is behind the syntax of any set that is read whole. */
    size_t taken = GH_MIN(n - 1, sizeof(raw)), len = gh_nal_unescape(nal + 1, taken, raw);
    struct gh_bits b = {.p = raw, .n = len * 8};
    if (is_sps)
        read_sps(&b, e);
    else
        read_pps(avc, &b, e);
    if (b.over)
        return 0;
    e->end = b.at;
    *ret_more = taken < n - 1 || gh_bits_more(&b);
    struct gh_bits_out w = {.p = cut};
    gh_bits_put(&w, 8, is_sps ? SPS_HEAD : PPS_HEAD);
    if (e->skip_until) {
        gh_bits_copy(&w, &b, 0, e->skip_from);
        gh_bits_put(&w, 2, 0); /* no HRD */
        gh_bits_copy(&w, &b, e->skip_until, e->end);
    } else {
        gh_bits_copy(&w, &b, 0, e->end);
    }
    if (w.at / 8 + 2 > sizeof(cut))
        return 0;
    size_t k = gh_nal_escape(cut, gh_bits_trail(&w), coded);
    if (k > GH_AVC_CONFIG_MAX)
        return 0;
    memcpy(out, coded, k);
    return k;
}

/* ----------------------------------------------------------------------------------------- avcC */

struct reader {
    const uint8_t *p, *end;
};

/* The next set of avcC, after its length of two bytes. */
static bool next_set(struct reader *r, const uint8_t **ret, size_t *ret_n)
{
    if (r->end - r->p < 2)
        return false;
    size_t n = (size_t)r->p[0] << 8 | r->p[1];
    if (n > (size_t)(r->end - r->p) - 2)
        return false;
    *ret = r->p + 2;
    *ret_n = n;
    r->p += 2 + n;
    return true;
}

static bool append_set(struct gh_avc *avc, const uint8_t *set, size_t n)
{
    if (avc->n + 2 + n > sizeof(avc->config))
        return false;
    avc->config[avc->n++] = (uint8_t)(n >> 8);
    avc->config[avc->n++] = (uint8_t)n;
    memcpy(avc->config + avc->n, set, n);
    avc->n += n;
    return true;
}

static bool takes_sps(struct gh_avc *avc, const struct extent *e, bool first)
{
    if (avc->sps[e->id].known)
        return false; /* two of one number */
    avc->sps[e->id] = e->sps;
    const struct gh_avc_sps *one = &avc->sps[avc->sps_id];
    if (first)
        avc->sps_id = e->id;
    else
        avc->one_timing = avc->one_timing && one->pic_struct == e->sps.pic_struct &&
                          one->delay_bits == e->sps.delay_bits;
    return true;
}

/* Read the sets of one kind behind their number. */
static bool read_sets(struct gh_avc *avc, struct reader *r, unsigned type, unsigned mask,
                      struct extent *ret_first)
{
    if (r->p >= r->end)
        return false;
    unsigned count = *r->p++ & mask;
    avc->config[avc->n++] = (uint8_t)(count | (mask ^ 0xff));
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *set;
        size_t n;
        uint8_t cut[GH_AVC_CONFIG_MAX];
        struct extent e;
        bool more;
        if (!next_set(r, &set, &n) || !n || (set[0] & 0x1f) != type)
            return false;
        size_t k = cut_set(avc, set, n, &e, cut, &more);
        if (!k || (type == SPS && !takes_sps(avc, &e, i == 0)) || !append_set(avc, cut, k))
            return false;
        avc->more = avc->more || more;
        if (i == 0)
            *ret_first = e;
    }
    return count > 0 && avc->n < sizeof(avc->config);
}

/* What profiles beyond Main have behind the sets. */
static void write_tail(struct gh_avc *avc, struct reader *r, const struct extent *sps)
{
    size_t given = (size_t)(r->end - r->p), had = 0;
    if (sps->sps.more_in_pps && avc->n + 4 <= sizeof(avc->config)) {
        avc->config[avc->n++] = (uint8_t)(0xfc | sps->chroma);
        avc->config[avc->n++] = (uint8_t)(0xf8 | sps->depth_luma);
        avc->config[avc->n++] = (uint8_t)(0xf8 | sps->depth_chroma);
        avc->config[avc->n++] = 0; /* no SPS extensions */
        had = given >= 4 && !r->p[3] ? 4 : given < 4 ? given : 0;
    }
    avc->more = avc->more || given > had;
}

bool gh_avc_read(const uint8_t *extra, size_t n, struct gh_avc *ret)
{
    *ret = (struct gh_avc){.one_timing = true};
    if (!extra || n <= CONFIG_HEAD || extra[0] != 1)
        return false;
    struct reader r = {extra + CONFIG_HEAD - 1, extra + n};
    struct extent sps = {0}, pps = {0};
    ret->config[0] = 1;
    ret->config[4] = (uint8_t)(0xfc | (extra[4] & 3));
    ret->n = CONFIG_HEAD - 1;
    if (!read_sets(ret, &r, SPS, SETS_MAX, &sps) || !read_sets(ret, &r, PPS, 0xff, &pps))
        return false;
    /* profile, constraints, and level, as the first set says them */
    memcpy(ret->config + 1, ret->config + CONFIG_HEAD + 2 + 1, 3);
    write_tail(ret, &r, &sps);
    return true;
}

bool gh_avc_has(const struct gh_avc *avc, const uint8_t *nal, size_t n, bool *ret_more)
{
    uint8_t cut[GH_AVC_CONFIG_MAX];
    struct extent e;
    size_t k = cut_set(avc, nal, n, &e, cut, ret_more);
    struct reader r = {avc->config + CONFIG_HEAD - 1, avc->config + avc->n};
    for (unsigned mask = SETS_MAX; k; mask = 0xff) {
        const uint8_t *set;
        size_t len;
        unsigned count = r.p < r.end ? *r.p++ & mask : 0;
        for (unsigned i = 0; i < count && next_set(&r, &set, &len); i++)
            if (len == k && !memcmp(set, cut, k))
                return true;
        if (mask == 0xff)
            break;
    }
    return false;
}
