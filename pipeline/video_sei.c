/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SEI messages: Rec. ITU-T H.264 section 7.3.2.3 and annex D, H.265 section 7.3.2.4. */
#include "pipeline/video_sei.h"

#include "base/media.h"
#include "base/str.h"

#include <string.h>

#define SEI_H264 6
#define FILLER_H264 12
#define SEI_HEVC_PREFIX 39
#define SEI_HEVC_SUFFIX 40
#define USER_UNREGISTERED 5

struct nal {
    const uint8_t *frame; /* where its framing starts */
    const uint8_t *at;
    size_t len;
};

struct cursor {
    struct gh_nal_form form;
    const uint8_t *p, *end;
};

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

static bool next(struct cursor *c, struct nal *ret)
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
    return true;
}

static bool is_sei(struct gh_nal_form form, const struct nal *nal)
{
    if (nal->len < 3)
        return false;
    unsigned type = form.hevc ? nal->at[0] >> 1 & 0x3f : nal->at[0] & 0x1f;
    return form.hevc ? type == SEI_HEVC_PREFIX || type == SEI_HEVC_SUFFIX : type == SEI_H264;
}

/* Take emulation prevention bytes out; returns the length. */
static size_t unescape(const uint8_t *in, size_t n, uint8_t *out)
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

static size_t escape(const uint8_t *in, size_t n, uint8_t *out)
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

struct message {
    size_t start, payload, end; /* offsets in the unescaped bytes */
    uint32_t type;
};

static bool next_message(const uint8_t *b, size_t n, size_t at, struct message *ret)
{
    *ret = (struct message){.start = at};
    size_t size = 0;
    while (at < n && b[at] == 0xff) {
        ret->type += 255;
        at++;
    }
    if (at + 1 >= n)
        return false;
    ret->type += b[at++];
    while (at < n && b[at] == 0xff) {
        size += 255;
        at++;
    }
    if (at >= n)
        return false;
    size += b[at++];
    ret->payload = at;
    ret->end = at + size;
    return size <= n - at;
}

static uint32_t classify(const uint8_t *uuid, size_t n)
{
    static const struct {
        uint8_t uuid[16];
        uint32_t meta;
    } known[] = {
        {{0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7, 0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee, 0xef},
         GH_META(ENCODER)}, /* x264 */
        {{0x2c, 0xa2, 0xde, 0x09, 0xb5, 0x17, 0x47, 0xdb, 0xbb, 0x55, 0xa4, 0xfe, 0x7f, 0xc2, 0xfc, 0x4e},
         GH_META(ENCODER)}, /* x265 */
        {{0x17, 0xee, 0x8c, 0x60, 0xf8, 0x4d, 0x11, 0xd9, 0x8c, 0xd6, 0x08, 0x00, 0x20, 0x0c, 0x9a,
          0x66}, /* AVCHD, "MDPM" */
         GH_META(GPS) | GH_META(CAMERA) | GH_META(DATE)},
    };
    for (size_t i = 0; n >= 16 && i < GH_LEN(known); i++)
        if (!memcmp(uuid, known[i].uuid, 16))
            return known[i].meta;
    return GH_META(UNKNOWN);
}

uint32_t gh_sei_scan(struct gh_nal_form form, const uint8_t *bytes, size_t n)
{
    uint32_t meta = 0;
    struct cursor c = {form, bytes, bytes + n};
    struct nal nal;
    size_t head = form.hevc ? 2 : 1;
    while (next(&c, &nal)) {
        if (!is_sei(form, &nal))
            continue;
        uint8_t raw[1024];
        size_t len = unescape(nal.at + head, GH_MIN(nal.len - head, sizeof raw), raw);
        struct message m;
        for (size_t at = 0; at + 2 < len; at = m.end) {
            bool whole = next_message(raw, len, at, &m);
            if (m.type == USER_UNREGISTERED && m.payload && m.payload <= len)
                meta |= classify(raw + m.payload, len - m.payload);
            if (!whole)
                break;
        }
    }
    return meta;
}

/* Buffering period, picture timing, recovery point: what a decoder's clock and a seek may need. */
static bool needed(uint32_t type)
{
    return type == 0 || type == 1 || type == 6;
}

/* Rewrite one SEI unit (header byte included) into out; 0 when nothing of it stays. */
static size_t strip_unit(const struct nal *nal, uint8_t *out)
{
    GH_AUTO_FREE uint8_t *raw = gh_alloc(nal->len);
    GH_AUTO_FREE uint8_t *kept = gh_alloc(nal->len + 1);
    size_t len = unescape(nal->at + 1, nal->len - 1, raw), k = 0;
    bool dropped = false;
    struct message m;
    for (size_t at = 0; at + 2 < len; at = m.end) {
        if (!next_message(raw, len, at, &m)) {
            dropped = true;
            break;
        }
        if (needed(m.type)) {
            memcpy(kept + k, raw + m.start, m.end - m.start);
            k += m.end - m.start;
        } else {
            dropped = true;
        }
    }
    if (!dropped && k) {
        memcpy(out, nal->at, nal->len);
        return nal->len;
    }
    if (!k)
        return 0;
    kept[k++] = 0x80; /* rbsp_trailing_bits */
    GH_AUTO_FREE uint8_t *coded = gh_alloc(k + k / 2 + 2);
    size_t n = escape(kept, k, coded);
    if (n + 1 > nal->len)
        return 0;
    out[0] = nal->at[0];
    memcpy(out + 1, coded, n);
    return n + 1;
}

size_t gh_sei_strip(struct gh_nal_form form, const uint8_t *bytes, size_t n, uint8_t *out)
{
    struct cursor c = {form, bytes, bytes + n};
    struct nal nal;
    size_t k = 0;
    const uint8_t *last = bytes;
    while (next(&c, &nal)) {
        size_t head = (size_t)(nal.at - nal.frame), len = nal.len;
        last = c.p;
        if (len && (nal.at[0] & 0x1f) == FILLER_H264)
            continue;
        if (is_sei(form, &nal)) {
            len = strip_unit(&nal, out + k + head);
            if (!len)
                continue;
        } else {
            memcpy(out + k + head, nal.at, len);
        }
        memcpy(out + k, nal.frame, head);
        for (size_t i = 0; i < form.length_size; i++)
            out[k + i] = (uint8_t)(len >> 8 * (form.length_size - 1 - i));
        k += head + len;
    }
    memcpy(out + k, last, (size_t)(bytes + n - last));
    return k + (size_t)(bytes + n - last);
}
