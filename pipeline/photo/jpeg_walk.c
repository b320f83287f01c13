/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The grammar of ITU-T T.81 annex B for baseline, extended and progressive Huffman frames, one pass
 * over the bytes. Entropy-coded data is searched for markers only. Class: GH_INPUT.
 */
#include "pipeline/photo/jpeg_walk.h"

#include "base/media.h"

#include <stdbool.h>
#include <string.h>

enum {
    SOF0 = 0xc0,
    SOF1 = 0xc1,
    SOF2 = 0xc2,
    DHT = 0xc4,
    RST0 = 0xd0,
    RST7 = 0xd7,
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    DQT = 0xdb,
    DRI = 0xdd,
    APP0 = 0xe0,
    APP15 = 0xef,
    COM = 0xfe,
};

#define EOB_RUN 32767

struct component {
    uint8_t id, h, v, quant;
};

struct walk {
    const uint8_t *bytes;
    size_t n, at;
    bool frame, progressive;
    uint32_t w, h, scans, restart;
    struct component parts[3];
    unsigned n_parts, h_max, v_max;
    bool quant[4], huff[2][4]; /* defined so far; huff: DC, AC */
    unsigned begun;            /* components whose DC has been sent, as bits */
};

static int wrong(const struct walk *w, const char *what, struct gh_err *err)
{
    return gh_fail(err, GH_INPUT, "damaged picture: %s at byte %zu", what, w->at);
}

static unsigned u16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* ------------------------------------------------------------------------------------- segments */

static int read_quant(struct walk *w, const uint8_t *p, size_t n, struct gh_err *err)
{
    while (n) {
        size_t size = p[0] >> 4 ? 129 : 65;
        if (p[0] >> 4 > 1 || (p[0] & 15) > 3 || n < size)
            return wrong(w, "a bad quantisation table", err);
        for (size_t i = 1; i < size; i += size / 64)
            if (!p[i] && (size == 65 || !p[i + 1]))
                return wrong(w, "a quantisation step of nothing", err);
        w->quant[p[0] & 3] = true;
        p += size;
        n -= size;
    }
    return 0;
}

static int read_huff(struct walk *w, const uint8_t *p, size_t n, struct gh_err *err)
{
    while (n) {
        if (n < 17 || p[0] >> 4 > 1 || (p[0] & 15) > 3)
            return wrong(w, "a bad Huffman table", err);
        size_t codes = 0;
        uint32_t room = 1; /* codes of this length that are free */
        for (unsigned len = 1; len <= 16; len++) {
            room *= 2;
            if (p[len] > room)
                return wrong(w, "a Huffman table with too many codes", err);
            room -= p[len];
            codes += p[len];
        }
        if (!codes || codes > 256 || !room || n < 17 + codes) /* the code of all ones stays free */
            return wrong(w, "a bad Huffman table", err);
        w->huff[p[0] >> 4][p[0] & 3] = true;
        p += 17 + codes;
        n -= 17 + codes;
    }
    return 0;
}

static int read_frame(struct walk *w, const uint8_t *p, size_t n, struct gh_err *err)
{
    if (w->frame)
        return wrong(w, "a second frame", err);
    if (n < 6 || p[0] != 8 || (p[5] != 1 && p[5] != 3) || n != 6 + 3 * (size_t)p[5])
        return wrong(w, "a frame of an unknown kind", err);
    w->h = u16(p + 1);
    w->w = u16(p + 3);
    w->n_parts = p[5];
    if (!w->w || !w->h)
        return wrong(w, "a frame without a size", err);
    for (unsigned i = 0; i < w->n_parts; i++) {
        struct component *c = &w->parts[i];
        *c = (struct component){p[6 + 3 * i], p[7 + 3 * i] >> 4, p[7 + 3 * i] & 15, p[8 + 3 * i]};
        if (!c->h || c->h > 4 || !c->v || c->v > 4 || c->quant > 3)
            return wrong(w, "a component of an impossible shape", err);
        w->h_max = GH_MAX(w->h_max, c->h);
        w->v_max = GH_MAX(w->v_max, c->v);
    }
    w->frame = true;
    return 0;
}

/* ---------------------------------------------------------------------------------------- scans */

/* Blocks in a scan of these components: whole MCUs when they are interleaved, else those of the one
 * component. */
static uint64_t blocks_of(const struct walk *w, const unsigned *parts, unsigned n)
{
    uint32_t mcus_x = (w->w + 8 * w->h_max - 1) / (8 * w->h_max),
             mcus_y = (w->h + 8 * w->v_max - 1) / (8 * w->v_max);
    uint64_t blocks = 0;
    if (n == 1) {
        const struct component *c = &w->parts[parts[0]];
        uint32_t cw = (w->w * c->h + w->h_max - 1) / w->h_max,
                 ch = (w->h * c->v + w->v_max - 1) / w->v_max;
        return (uint64_t)((cw + 7) / 8) * ((ch + 7) / 8);
    }
    for (unsigned i = 0; i < n; i++)
        blocks += (uint64_t)mcus_x * mcus_y * w->parts[parts[i]].h * w->parts[parts[i]].v;
    return blocks;
}

/* Go past the entropy-coded data to the marker after it; restart markers must be announced, and be
 * in sequence. */
static int skip_data(struct walk *w, uint64_t bits_least, struct gh_err *err)
{
    size_t begin = w->at;
    unsigned restart = RST0;
    for (;;) {
        const uint8_t *ff = w->at < w->n ? memchr(w->bytes + w->at, 0xff, w->n - w->at) : NULL;
        if (!ff || ff + 1 == w->bytes + w->n)
            return wrong(w, "the end is missing", err);
        w->at = (size_t)(ff - w->bytes);
        uint8_t next = ff[1];
        if (next >= RST0 && next <= RST7) {
            if (!w->restart || next != restart)
                return wrong(w, "a restart out of order", err);
            restart = next == RST7 ? RST0 : restart + 1;
        } else if (next) {
            break;
        }
        w->at += 2;
    }
    if (w->at == begin || (uint64_t)(w->at - begin) * 8 < bits_least)
        return wrong(w, "a scan that is too short", err);
    return 0;
}

static int find_part(const struct walk *w, uint8_t id)
{
    for (unsigned i = 0; i < w->n_parts; i++)
        if (w->parts[i].id == id)
            return (int)i;
    return -1;
}

static int read_scan(struct walk *w, const uint8_t *p, size_t n, struct gh_err *err)
{
    unsigned parts[3] = {0}, count = n ? p[0] : 0;
    if (!w->frame || !count || count > w->n_parts || n != 4 + 2 * (size_t)count)
        return wrong(w, "a bad scan", err);
    unsigned from = p[1 + 2 * count], to = p[2 + 2 * count], high = p[3 + 2 * count] >> 4;
    bool dc = from == 0, ac = to > 0;
    if (w->progressive ? from > to || to > 63 || (dc && ac) || (ac && count > 1)
                       : from || to != 63 || p[3 + 2 * count])
        return wrong(w, "a scan of an impossible part", err);
    for (unsigned i = 0; i < count; i++) {
        int part = find_part(w, p[1 + 2 * i]);
        unsigned dc_table = p[2 + 2 * i] >> 4, ac_table = p[2 + 2 * i] & 15;
        if (part < 0 || dc_table > 3 || ac_table > 3 || !w->quant[w->parts[part].quant])
            return wrong(w, "a scan of an unknown component", err);
        if ((dc && !high && !w->huff[0][dc_table]) || (ac && !w->huff[1][ac_table]))
            return wrong(w, "a scan without its tables", err);
        if (!w->progressive ? w->begun >> part & 1 : !dc && !(w->begun >> part & 1))
            return wrong(w, "a scan out of order", err);
        w->begun |= dc ? 1u << part : 0;
        parts[i] = (unsigned)part;
    }
    w->scans++;
    /* Each block takes at least a bit for DC and one for its end; in a progressive AC scan one run
     * of ends may cover EOB_RUN blocks. */
    uint64_t blocks = blocks_of(w, parts, count);
    return skip_data(w, w->progressive ? dc ? blocks : blocks / EOB_RUN : 2 * blocks, err);
}

/* ------------------------------------------------------------------------------------- the file */

static int read_segment(struct walk *w, uint8_t marker, const uint8_t *p, size_t n,
                        struct gh_err *err)
{
    if ((marker >= APP0 && marker <= APP15) || marker == COM)
        return 0;
    switch (marker) {
    case DQT:
        return read_quant(w, p, n, err);
    case DHT:
        return read_huff(w, p, n, err);
    case SOF0:
    case SOF1:
    case SOF2:
        w->progressive = marker == SOF2;
        return read_frame(w, p, n, err);
    case SOS:
        return read_scan(w, p, n, err);
    case DRI:
        if (n != 2)
            return wrong(w, "a bad restart interval", err);
        w->restart = u16(p);
        return 0;
    default:
        return wrong(w, "an unexpected marker", err);
    }
}

int gh_jpeg_walk(const uint8_t *bytes, size_t n, struct gh_err *err)
{
    struct walk w = {.bytes = bytes, .n = n};
    if (n < 4 || bytes[0] != 0xff || bytes[1] != SOI)
        return wrong(&w, "no start", err);
    w.at = 2;
    while (w.at + 2 <= n && !(bytes[w.at] == 0xff && bytes[w.at + 1] == EOI)) {
        if (w.at + 4 > n || bytes[w.at] != 0xff)
            return wrong(&w, "no marker", err);
        size_t len = u16(bytes + w.at + 2);
        if (len < 2 || len > n - w.at - 2)
            return wrong(&w, "a segment that is longer than the file", err);
        const uint8_t *segment = bytes + w.at;
        w.at += 2 + len;
        TRY(read_segment(&w, segment[1], segment + 4, len - 2, err));
    }
    if (w.at + 2 > n)
        return wrong(&w, "the end is missing", err);
    if (!w.frame || w.begun != (1u << w.n_parts) - 1)
        return wrong(&w, "not every component was sent", err);
    return 0;
}
