/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where AAC has room for words: fill and data elements at the head of a packet (ISO/IEC 14496-3,
 * 4.4.2.1 and 4.4.2.7), comments of program configurations (4.4.1.1), what follows an
 * AudioSpecificConfig (1.6.2.1). Behind the first element that holds sound a packet is
 * Huffman-coded and is not read.
 */
#include "pipeline/audio/audio.h"

#include "base/str.h"

#include <string.h>

enum { DATA_STREAM = 4, PROGRAM = 5, FILL = 6 }; /* id_syn_ele */
enum { EXT_FILL = 0 };                           /* extension_type: bits without meaning */
/* of an AudioSpecificConfig: audioObjectType, index of the rate, syncExtensionType */
enum { AAC_LC = 2, SBR = 5, PS = 29, ESCAPED_RATE = 15, SYNC_SBR = 0x2b7, SYNC_PS = 0x548 };
/* widths of fields in bits */
enum { ID_BITS = 3, TAG_BITS = 4, TYPE_BITS = 4, FILL_SIZE = 4, DATA_SIZE = 8, MORE_SIZE = 8 };

struct bits {
    uint8_t *p;
    size_t at, n; /* in bits */
};

static bool has_bits(const struct bits *b, size_t n)
{
    return n <= b->n - b->at;
}

static unsigned get_bits(struct bits *b, unsigned n)
{
    unsigned v = 0;
    for (; n; n--, b->at++)
        v = v << 1 | (b->p[b->at / 8] >> (7 - b->at % 8) & 1u);
    return v;
}

static bool skip_bits(struct bits *b, size_t n)
{
    if (!has_bits(b, n))
        return false;
    b->at += n;
    return true;
}

/* Set n bits to zero; whether any was not. */
static bool blank_bits(struct bits *b, size_t n)
{
    bool any = false;
    for (; n; n--, b->at++) {
        uint8_t bit = (uint8_t)(128u >> b->at % 8);
        any = any || b->p[b->at / 8] & bit;
        b->p[b->at / 8] &= (uint8_t)~bit;
    }
    return any;
}

/* The element's size in bytes: width bits, and where they are all ones eight more, less more_by. */
static bool read_size(struct bits *b, unsigned width, unsigned more_by, size_t *ret)
{
    if (!has_bits(b, width))
        return false;
    *ret = get_bits(b, width);
    if (*ret != (1u << width) - 1)
        return true;
    if (!has_bits(b, MORE_SIZE))
        return false;
    *ret = *ret + get_bits(b, MORE_SIZE) - more_by;
    return true;
}

/* Skip a program configuration up to its comment; *ret_n: bytes of that. False: it is cut off. */
static bool skip_program(struct bits *b, size_t *ret_n)
{
    if (!has_bits(b, 4 + 2 + 4 + 4 + 4 + 4 + 2 + 3 + 4 + 3))
        return false;
    get_bits(b, 4 + 2 + 4);
    size_t pairs = get_bits(b, 4); /* channels in front, beside, behind: five bits each */
    pairs += get_bits(b, 4);
    pairs += get_bits(b, 4);
    size_t singles = get_bits(b, 2); /* low frequencies, data: four bits */
    singles += get_bits(b, 3);
    pairs += get_bits(b, 4); /* coupling */
    static const unsigned mixdowns[] = {4, 4, 3};
    for (size_t i = 0; i < GH_LEN(mixdowns); i++)
        if (!has_bits(b, 1) || (get_bits(b, 1) && !skip_bits(b, mixdowns[i])))
            return false;
    size_t rest = pairs * 5 + singles * 4;
    if (!skip_bits(b, rest))
        return false;
    b->at = (b->at + 7) / 8 * 8;
    if (b->at > b->n || !has_bits(b, 8))
        return false;
    *ret_n = get_bits(b, 8);
    return has_bits(b, *ret_n * 8);
}

/* Blank one element; false when it is of another kind, or does not fit into the packet: then
 * nothing of it is changed. */
static bool blank_element(struct bits *b, bool *ret_any)
{
    size_t n;
    if (!has_bits(b, ID_BITS))
        return false;
    unsigned kind = get_bits(b, ID_BITS);
    if (kind == FILL) {
        if (!read_size(b, FILL_SIZE, 1, &n) || !has_bits(b, n * 8))
            return false;
        struct bits type = *b;
        if (n && get_bits(&type, TYPE_BITS) == EXT_FILL)
            *ret_any = blank_bits(b, n * 8) || *ret_any;
        else
            b->at += n * 8; /* range control, spectral bands: part of the sound */
        return true;
    }
    if (kind == PROGRAM) {
        if (!skip_program(b, &n))
            return false;
        *ret_any = blank_bits(b, n * 8) || *ret_any;
        return true;
    }
    if (kind != DATA_STREAM || !has_bits(b, TAG_BITS + 1))
        return false;
    get_bits(b, TAG_BITS);
    bool aligned = get_bits(b, 1);
    if (!read_size(b, DATA_SIZE, 0, &n))
        return false;
    if (aligned)
        b->at = (b->at + 7) / 8 * 8;
    if (b->at > b->n || !has_bits(b, n * 8))
        return false;
    *ret_any = blank_bits(b, n * 8) || *ret_any;
    return true;
}

/* --------------------------------------------------------------------------- AudioSpecificConfig
 */

static bool skip_rate(struct bits *b)
{
    return has_bits(b, 4) && (get_bits(b, 4) != ESCAPED_RATE || skip_bits(b, 24));
}

/* Skip what says that there is SBR, and PS, where packets tell it, too. */
static void skip_extension(struct bits *b)
{
    struct bits next = *b;
    if (!has_bits(&next, 11 + 5 + 1) || get_bits(&next, 11) != SYNC_SBR ||
        get_bits(&next, 5) != SBR)
        return;
    if (get_bits(&next, 1) && !skip_rate(&next))
        return;
    *b = next;
    if (has_bits(&next, 11 + 1) && get_bits(&next, 11) == SYNC_PS) {
        get_bits(&next, 1);
        *b = next;
    }
}

/* Skip up to the end of the decoder's own part; *ret_comment: bytes of a comment that is there. */
static bool skip_config(struct bits *b, bool *ret_program, size_t *ret_comment)
{
    if (!has_bits(b, 5))
        return false;
    unsigned object = get_bits(b, 5);
    if (!skip_rate(b) || !has_bits(b, 4))
        return false;
    unsigned channels = get_bits(b, 4);
    if (object == SBR || object == PS) {
        if (!skip_rate(b) || !has_bits(b, 5))
            return false;
        object = get_bits(b, 5);
    }
    if (object != AAC_LC || !has_bits(b, 3))
        return false;
    get_bits(b, 1); /* samples of a frame */
    if (get_bits(b, 2))
        return false; /* a core coder, or an extension: not in LC */
    *ret_program = !channels;
    *ret_comment = 0;
    return channels || skip_program(b, ret_comment);
}

bool gh_aac_config(const uint8_t *config, size_t n, uint8_t out[GH_AAC_CONFIG_MAX], size_t *ret_n,
                   bool *ret_more)
{
    struct bits b = {(uint8_t *)(uintptr_t)config, 0, n * 8}; /* only read */
    bool program;
    size_t comment;
    if (!skip_config(&b, &program, &comment))
        return false;
    size_t cut = b.at, from = cut + comment * 8;
    b.at = from;
    skip_extension(&b);
    size_t bits = b.at - comment * 8;
    if ((bits + 7) / 8 > GH_AAC_CONFIG_MAX)
        return false;
    memset(out, 0, GH_AAC_CONFIG_MAX);
    for (size_t i = 0; i < bits; i++) {
        size_t at = i < cut ? i : i + comment * 8;
        if (!(program && i >= cut - 8 && i < cut)) /* the comment's length becomes 0 */
            out[i / 8] |= (uint8_t)((config[at / 8] >> (7 - at % 8) & 1) << (7 - i % 8));
    }
    *ret_n = (bits + 7) / 8;
    *ret_more = comment > 0;
    for (; b.at < b.n; b.at++)
        *ret_more = *ret_more || config[b.at / 8] >> (7 - b.at % 8) & 1;
    return true;
}

bool gh_aac_is_plain(const uint8_t *config, size_t n)
{
    return n >= 2 && config[0] >> 3 == AAC_LC &&
           ((config[0] & 7) << 1 | config[1] >> 7) != ESCAPED_RATE;
}

bool gh_aac_blank(uint8_t *packet, size_t n)
{
    struct bits b = {packet, 0, n * 8};
    bool any = false;
    while (blank_element(&b, &any))
        ;
    return any;
}
