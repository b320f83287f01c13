/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NAL units walked by length or by start code, escaped and unescaped, and read bit by bit. Nothing
 * here fails: damaged framing ends the walk, bits that are not there are zeros.
 */
#include "pipeline/video/nal.h"

#include "base/str.h"

#define EXP_GOLOMB_MAX 31 /* leading zeros of a code that fits 32 bits */

struct gh_nal_form gh_nal_form_of(bool hevc, const uint8_t *extra, size_t n)
{
    struct gh_nal_form form = {.hevc = hevc};
    size_t at = hevc ? 21 : 4;
    if (extra && n > at && extra[0] == 1)
        form.length_size = (extra[at] & 3) + 1;
    return form;
}

/* The next start code (00 00 01) at or after p, or end. */
static const uint8_t *start_code(const uint8_t *p, const uint8_t *end)
{
    for (; p + 3 <= end; p++)
        if (p[0] == 0 && p[1] == 0 && p[2] == 1)
            return p;
    return end;
}

bool gh_nal_next(struct gh_nal_cursor *c, struct gh_nal *ret)
{
    if (c->p >= c->end)
        return false;
    ret->frame = c->p;
    if (c->form.length_size) {
        size_t len = 0, left = (size_t)(c->end - c->p), head = c->form.length_size;
        if (left < head)
            return false;
        for (size_t i = 0; i < head; i++)
            len = len << 8 | c->p[i];
        if (len > left - head)
            return false;
        ret->at = c->p + head;
        ret->len = len;
        c->p = ret->at + len;
        return true;
    }
    const uint8_t *code = start_code(c->p, c->end);
    if (code == c->end)
        return false;
    ret->at = code + 3;
    c->p = start_code(ret->at, c->end);
    ret->len = (size_t)(c->p - ret->at);
    while (ret->len && !ret->at[ret->len - 1])
        ret->len--;
    return true;
}

unsigned gh_nal_type(struct gh_nal_form form, const struct gh_nal *nal)
{
    return form.hevc ? nal->at[0] >> 1 & 0x3f : nal->at[0] & 0x1f;
}

size_t gh_nal_head(struct gh_nal_form form)
{
    return form.hevc ? 2 : 1;
}

size_t gh_nal_unescape(const uint8_t *in, size_t n, uint8_t *out)
{
    size_t k = 0;
    unsigned zeros = 0;
    for (size_t i = 0; i < n; i++) {
        if (zeros >= 2 && in[i] == 3) {
            zeros = 0;
            continue;
        }
        zeros = in[i] ? 0 : zeros + 1;
        out[k++] = in[i];
    }
    return k;
}

size_t gh_nal_escape(const uint8_t *in, size_t n, uint8_t *out)
{
    size_t k = 0;
    unsigned zeros = 0;
    for (size_t i = 0; i < n; i++) {
        if (zeros >= 2 && in[i] <= 3) {
            out[k++] = 3;
            zeros = 0;
        }
        zeros = in[i] ? 0 : zeros + 1;
        out[k++] = in[i];
    }
    return k;
}

/* ----------------------------------------------------------------------------------------- bits */

static bool bit_at(const struct gh_bits *b, size_t at)
{
    return at < b->n && (b->p[at / 8] >> (7 - at % 8) & 1);
}

uint32_t gh_bits_get(struct gh_bits *b, unsigned n)
{
    uint32_t v = 0;
    for (; n; n--, b->at++) {
        b->over = b->over || b->at >= b->n;
        v = v << 1 | bit_at(b, b->at);
    }
    return v;
}

void gh_bits_skip(struct gh_bits *b, size_t n)
{
    b->over = b->over || n > b->n - GH_MIN(b->at, b->n);
    b->at += n;
}

uint32_t gh_bits_ue(struct gh_bits *b)
{
    unsigned zeros = 0;
    while (!b->over && !gh_bits_get(b, 1))
        if (++zeros > EXP_GOLOMB_MAX)
            b->over = true;
    return b->over ? 0 : (1u << zeros) - 1 + gh_bits_get(b, zeros);
}

bool gh_bits_more(const struct gh_bits *b)
{
    if (!bit_at(b, b->at))
        return b->at < b->n;
    for (size_t i = b->at + 1; i < b->n; i++)
        if (bit_at(b, i))
            return true;
    return false;
}

void gh_bits_put(struct gh_bits_out *b, unsigned n, uint32_t v)
{
    for (; n; n--, b->at++)
        if (v >> (n - 1) & 1)
            b->p[b->at / 8] |= (uint8_t)(128u >> b->at % 8);
}

void gh_bits_put_ue(struct gh_bits_out *b, uint32_t v)
{
    unsigned width = 0;
    while (((uint64_t)v + 1) >> (width + 1))
        width++;
    gh_bits_put(b, width, 0);
    gh_bits_put(b, 1, 1);
    gh_bits_put(b, width, (uint32_t)((uint64_t)v + 1 - ((uint64_t)1 << width)));
}

void gh_bits_copy(struct gh_bits_out *b, const struct gh_bits *in, size_t from, size_t until)
{
    for (; from < until; from++)
        gh_bits_put(b, 1, bit_at(in, from));
}

size_t gh_bits_trail(struct gh_bits_out *b)
{
    gh_bits_put(b, 1, 1);
    b->at = (b->at + 7) / 8 * 8;
    return b->at / 8;
}
