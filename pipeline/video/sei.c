/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SEI messages (Rec. ITU-T H.264 section 7.3.2.3 and annex D, H.265 section 7.3.2.4 and annex D).
 * Cannot fail: what does not add up is metadata of an unknown kind, and is not kept.
 */
#include "pipeline/video/sei.h"

#include "base/media.h"
#include "base/str.h"

#include <string.h>

enum { /* payloadType */
       BUFFERING_PERIOD = 0,
       PICTURE_TIMING = 1,
       USER_UNREGISTERED = 5,
       RECOVERY_POINT = 6,
       ACTIVE_PARAMETER_SETS = 129, /* this, and the next two, of HEVC */
       DECODED_PICTURE_HASH = 132,
       TIME_CODE = 136,
       MASTERING_DISPLAY = 137,
       CONTENT_LIGHT = 144,
       ALTERNATIVE_TRANSFER = 147,
};
#define UUID 16
#define SEI_HEAD 6 /* header byte of H.264's unit */
#define TRAILING_BITS 0x80
#define MORE 0xff           /* of a type or size: another byte follows */
#define RECOVERY_MAX 0xffff /* MaxFrameNum - 1 */
#define BUFFERING_MAX 64    /* bytes; some ten are usual */
#define TIMING_MAX 40       /* with three time codes */
#define RECOVERY_BYTES_MAX 5
#define PIC_STRUCTS 9

struct message {
    uint32_t type;
    size_t payload, end; /* offsets in the unescaped bytes */
};

static bool next_message(const uint8_t *b, size_t n, size_t at, struct message *ret)
{
    *ret = (struct message){0};
    size_t size = 0;
    while (at < n && b[at] == MORE) {
        ret->type += MORE;
        at++;
    }
    if (at + 1 >= n)
        return false;
    ret->type += b[at++];
    while (at < n && b[at] == MORE) {
        size += MORE;
        at++;
    }
    if (at >= n)
        return false;
    size += b[at++];
    ret->payload = at;
    ret->end = at + size;
    return size <= n - at;
}

/* -------------------------------------------------------------------------------- what was found
 */

static uint32_t meta_of_uuid(const uint8_t *uuid, size_t n)
{
    static const struct {
        uint8_t uuid[UUID];
        uint32_t meta;
    } known[] = {
        /* x264 */
        {{0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7, 0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee,
          0xef},
         GH_META(ENCODER)},
        /* x265 */
        {{0x2c, 0xa2, 0xde, 0x09, 0xb5, 0x17, 0x47, 0xdb, 0xbb, 0x55, 0xa4, 0xfe, 0x7f, 0xc2, 0xfc,
          0x4e},
         GH_META(ENCODER)},
        /* AVCHD's "MDPM": position, camera, time */
        {{0x17, 0xee, 0x8c, 0x60, 0xf8, 0x4d, 0x11, 0xd9, 0x8c, 0xd6, 0x08, 0x00, 0x20, 0x0c, 0x9a,
          0x66},
         GH_META(GPS) | GH_META(CAMERA) | GH_META(DATE)},
    };
    for (size_t i = 0; n >= UUID && i < GH_LEN(known); i++)
        if (!memcmp(uuid, known[i].uuid, UUID))
            return known[i].meta;
    return GH_META(UNKNOWN);
}

/* Messages that say nothing of a person or a place, while they are no longer than their syntax. */
static bool is_technical(bool hevc, uint32_t type, size_t size)
{
    static const struct {
        uint32_t type;
        size_t most;
        bool hevc_only;
    } known[] = {
        {BUFFERING_PERIOD, BUFFERING_MAX, false},
        {PICTURE_TIMING, TIMING_MAX, false},
        {RECOVERY_POINT, RECOVERY_BYTES_MAX, false},
        {ACTIVE_PARAMETER_SETS, 32, true},
        {DECODED_PICTURE_HASH, 49, true},
        {MASTERING_DISPLAY, 24, false},
        {CONTENT_LIGHT, 4, false},
        {ALTERNATIVE_TRANSFER, 1, false},
    };
    for (size_t i = 0; i < GH_LEN(known); i++)
        if (known[i].type == type)
            return size <= known[i].most && (hevc || !known[i].hevc_only);
    return false;
}

/* Number of time codes that each pic_struct may have (table D-1). */
static const uint8_t codes_of[PIC_STRUCTS] = {1, 1, 1, 2, 2, 3, 3, 2, 3};

static uint32_t meta_of_timing(const uint8_t *p, size_t n, const struct gh_avc_sps *sps)
{
    struct gh_bits b = {.p = p, .n = n * 8};
    gh_bits_skip(&b, sps->delay_bits);
    if (!sps->pic_struct)
        return gh_bits_more(&b) && b.at < b.n ? GH_META(UNKNOWN) : 0;
    uint32_t shown = gh_bits_get(&b, 4);
    if (shown >= PIC_STRUCTS)
        return GH_META(UNKNOWN);
    for (unsigned i = 0; i < codes_of[shown]; i++)
        if (gh_bits_get(&b, 1))
            return GH_META(DATE); /* a time code */
    return b.over || (b.at < b.n && gh_bits_more(&b)) ? GH_META(UNKNOWN) : 0;
}

uint32_t gh_sei_scan(struct gh_nal_form form, const struct gh_nal *nal,
                     const struct gh_avc_sps *sps)
{
    uint32_t meta = 0;
    size_t head = gh_nal_head(form);
    if (nal->len <= head)
        return 0;
    GH_AUTO_FREE uint8_t *raw = gh_alloc(nal->len);
    size_t len = gh_nal_unescape(nal->at + head, nal->len - head, raw);
    while (len && !raw[len - 1])
        len--;
    struct message m;
    size_t at = 0;
    for (; at + 2 < len; at = m.end) {
        bool whole = next_message(raw, len, at, &m);
        size_t has = m.payload && m.payload <= len ? GH_MIN(m.end, len) - m.payload : 0;
        if (m.type == USER_UNREGISTERED)
            meta |= meta_of_uuid(raw + m.payload, has);
        else if (m.type == TIME_CODE && form.hevc)
            meta |= GH_META(DATE);
        else if (!whole || !is_technical(form.hevc, m.type, m.end - m.payload))
            meta |= GH_META(UNKNOWN);
        else if (m.type == PICTURE_TIMING && !form.hevc && sps)
            meta |= meta_of_timing(raw + m.payload, has, sps);
        if (!whole)
            return meta;
    }
    return at + 1 == len && raw[at] == TRAILING_BITS ? meta : meta | GH_META(UNKNOWN);
}

/* ------------------------------------------------------------------------------------ what is kept
 */

/* Append a message of at most 255 bytes; b holds its payload. */
static void append(uint8_t *out, size_t *k, uint32_t type, const uint8_t *payload,
                   struct gh_bits_out *b)
{
    size_t n = b->at % 8 ? gh_bits_trail(b) : b->at / 8;
    out[(*k)++] = (uint8_t)type;
    out[(*k)++] = (uint8_t)n;
    memcpy(out + *k, payload, n);
    *k += n;
}

static void keep_timing(const uint8_t *p, size_t n, const struct gh_avc_sps *sps, uint8_t *out,
                        size_t *k)
{
    struct gh_bits b = {.p = p, .n = n * 8};
    uint8_t payload[8] = {0};
    struct gh_bits_out w = {.p = payload};
    if (!sps || !sps->pic_struct)
        return;
    gh_bits_skip(&b, sps->delay_bits);
    uint32_t shown = gh_bits_get(&b, 4);
    if (b.over || shown >= PIC_STRUCTS)
        return;
    gh_bits_put(&w, 4, shown);
    gh_bits_put(&w, codes_of[shown], 0);
    append(out, k, PICTURE_TIMING, payload, &w);
}

static void keep_recovery(const uint8_t *p, size_t n, uint8_t *out, size_t *k)
{
    struct gh_bits b = {.p = p, .n = n * 8};
    uint8_t payload[8] = {0};
    struct gh_bits_out w = {.p = payload};
    uint32_t frames = gh_bits_ue(&b), flags = gh_bits_get(&b, 2);
    if (b.over || frames > RECOVERY_MAX)
        return;
    gh_bits_put_ue(&w, frames);
    gh_bits_put(&w, 2, flags);
    gh_bits_put(&w, 2, 0); /* no slice groups */
    append(out, k, RECOVERY_POINT, payload, &w);
}

size_t gh_sei_clean(const struct gh_nal *nal, const struct gh_avc_sps *sps,
                    uint8_t out[GH_SEI_CLEAN_MAX])
{
    GH_AUTO_FREE uint8_t *raw = gh_alloc(nal->len);
    uint8_t kept[GH_SEI_CLEAN_MAX / 2];
    size_t len = gh_nal_unescape(nal->at + 1, nal->len - 1, raw), k = 0;
    bool timing = false, recovery = false;
    struct message m;
    for (size_t at = 0; at + 2 < len && next_message(raw, len, at, &m); at = m.end) {
        size_t n = m.end - m.payload;
        if (m.type == PICTURE_TIMING && !timing)
            keep_timing(raw + m.payload, n, sps, kept, &k);
        else if (m.type == RECOVERY_POINT && !recovery)
            keep_recovery(raw + m.payload, n, kept, &k);
        timing = timing || m.type == PICTURE_TIMING;
        recovery = recovery || m.type == RECOVERY_POINT;
    }
    if (!k)
        return 0;
    kept[k++] = TRAILING_BITS;
    out[0] = SEI_HEAD;
    return 1 + gh_nal_escape(kept, k, out + 1);
}
