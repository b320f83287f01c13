/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fill and data elements at the head of an AAC packet (ISO/IEC 14496-3, 4.4.2.1 and 4.4.2.7), where encoders write
 * their names. What comes after the first element with sound in it is Huffman-coded and left alone.
 */
#include "pipeline/audio.h"

#include "base/str.h"

enum { DATA_STREAM = 4, FILL = 6 };     /* id_syn_ele */
enum { EXT_FILL = 0 };                  /* extension_type: bits without meaning */
enum { AAC_LC = 2, ESCAPED_RATE = 15 }; /* of an AudioSpecificConfig */

struct bits {
    uint8_t *p;
    size_t at, n; /* in bits */
};

static bool has(const struct bits *b, size_t n)
{
    return n <= b->n - b->at;
}

static unsigned get(struct bits *b, unsigned n)
{
    unsigned v = 0;
    for (; n; n--, b->at++)
        v = v << 1 | (b->p[b->at / 8] >> (7 - b->at % 8) & 1u);
    return v;
}

static bool blank(struct bits *b, size_t n)
{
    bool any = false;
    for (; n; n--, b->at++) {
        uint8_t bit = (uint8_t)(128u >> b->at % 8);
        any = any || b->p[b->at / 8] & bit;
        b->p[b->at / 8] &= (uint8_t)~bit;
    }
    return any;
}

/* count, with its escape: both elements have one, of so many bits. */
static bool count(struct bits *b, unsigned width, unsigned more_by, size_t *ret)
{
    if (!has(b, width))
        return false;
    *ret = get(b, width);
    if (*ret != (1u << width) - 1)
        return true;
    if (!has(b, 8))
        return false;
    *ret = *ret + get(b, 8) - more_by;
    return true;
}

/* One element; false when it is of another kind, or does not fit into the packet: nothing of it is changed then. */
static bool element(struct bits *b, bool *ret_any)
{
    size_t n;
    if (!has(b, 3))
        return false;
    unsigned kind = get(b, 3);
    if (kind == FILL) {
        if (!count(b, 4, 1, &n) || !has(b, n * 8))
            return false;
        struct bits type = *b;
        if (n && get(&type, 4) == EXT_FILL)
            *ret_any = blank(b, n * 8) || *ret_any;
        else
            b->at += n * 8; /* range control, spectral bands: part of the sound */
        return true;
    }
    if (kind != DATA_STREAM || !has(b, 5))
        return false;
    get(b, 4);
    bool aligned = get(b, 1);
    if (!count(b, 8, 0, &n))
        return false;
    if (aligned)
        b->at = (b->at + 7) / 8 * 8;
    if (b->at > b->n || !has(b, n * 8))
        return false;
    *ret_any = blank(b, n * 8) || *ret_any;
    return true;
}

bool gh_aac_is_plain(const uint8_t *config, size_t n)
{
    return n >= 2 && config[0] >> 3 == AAC_LC && ((config[0] & 7) << 1 | config[1] >> 7) != ESCAPED_RATE;
}

bool gh_aac_blank(uint8_t *packet, size_t n)
{
    struct bits b = {packet, 0, n * 8};
    bool any = false;
    while (element(&b, &any))
        ;
    return any;
}
