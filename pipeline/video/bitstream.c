/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of NAL units (Rec. ITU-T H.264 table 7-1, H.265 table 7-1) and the rule for each kind,
 * used for what is passed through, and again for what is read of the result.
 */
#include "pipeline/video/bitstream.h"

#include "base/media.h"
#include "base/str.h"
#include "pipeline/video/sei.h"

#include <string.h>

/* What a unit is to us. FOREIGN: no decoder of ours reads it, so anything may be in it. */
enum kind { FOREIGN, CODED, SEI, PARAMETERS, DELIMITER, MARK, FILLER, ENHANCEMENT };

static const uint8_t h264_kinds[32] = {
    [1] = CODED,     [5] = CODED, [6] = SEI,   [7] = PARAMETERS, [8] = PARAMETERS,
    [9] = DELIMITER, [10] = MARK, [11] = MARK, [12] = FILLER,
};
static const uint8_t hevc_kinds[64] = {
    [0 ... 9] = CODED, [16 ... 21] = CODED,       [32 ... 34] = PARAMETERS,
    [35] = DELIMITER,  [36 ... 37] = MARK,        [38] = FILLER,
    [39 ... 40] = SEI, [62 ... 63] = ENHANCEMENT, /* Dolby Vision */
};

static enum kind kind_of(struct gh_nal_form form, const struct gh_nal *nal)
{
    unsigned type = gh_nal_type(form, nal);
    return form.hevc ? hevc_kinds[type] : h264_kinds[type];
}

void gh_bitstream_open(struct gh_bitstream *b, bool hevc, const uint8_t *extra, size_t n)
{
    b->form = gh_nal_form_of(hevc, extra, n);
    b->has_avc = !hevc && gh_avc_read(extra, n, &b->avc);
}

/* What SEI messages refer to, where it is known and the same for all pictures. */
static const struct gh_avc_sps *sps_of(const struct gh_bitstream *b)
{
    return b->has_avc && b->avc.one_timing ? &b->avc.sps[b->avc.sps_id] : NULL;
}

uint32_t gh_bitstream_meta(const struct gh_bitstream *b)
{
    return b->has_avc && b->avc.more ? GH_META(UNKNOWN) : 0;
}

/* ff … ff 80 */
static bool is_filler(const uint8_t *p, size_t n)
{
    while (n && *p == 0xff) {
        p++;
        n--;
    }
    return !n || (n == 1 && *p == 0x80);
}

static bool is_within_syntax(enum kind kind, const uint8_t *payload, size_t n)
{
    while (n && !payload[n - 1])
        n--;
    switch (kind) {
    case CODED:
    case ENHANCEMENT:
        return true;
    case DELIMITER: /* three bits, then the trailing ones */
        return n <= 1 && (!n || (*payload & 0x1f) == 0x10);
    case MARK:
        return !n;
    case FILLER:
        return is_filler(payload, n);
    default:
        return false;
    }
}

uint32_t gh_bitstream_scan(const struct gh_bitstream *b, const uint8_t *bytes, size_t n,
                           bool *ret_fits)
{
    uint32_t meta = 0;
    struct gh_nal_cursor c = {b->form, bytes, bytes + n};
    struct gh_nal nal;
    size_t head = gh_nal_head(b->form);
    while (gh_nal_next(&c, &nal)) {
        if (nal.len < head)
            continue;
        enum kind kind = kind_of(b->form, &nal);
        bool more = false;
        if (kind == SEI) {
            meta |= gh_sei_scan(b->form, &nal, sps_of(b));
        } else if (kind == PARAMETERS) {
            if (b->has_avc && !gh_avc_has(&b->avc, nal.at, nal.len, &more) && ret_fits)
                *ret_fits = false;
            meta |= more ? GH_META(UNKNOWN) : 0;
        } else if (!is_within_syntax(kind, nal.at + head, nal.len - head)) {
            meta |= GH_META(UNKNOWN);
        }
    }
    if (b->form.length_size && c.p != c.end)
        meta |= GH_META(UNKNOWN); /* bytes that are in no unit */
    return meta;
}

static void put_frame(const struct gh_nal_form *form, const struct gh_nal *nal, size_t len,
                      uint8_t *out)
{
    memcpy(out, nal->frame, (size_t)(nal->at - nal->frame));
    for (size_t i = 0; i < form->length_size; i++)
        out[i] = (uint8_t)(len >> 8 * (form->length_size - 1 - i));
}

size_t gh_bitstream_clean(const struct gh_bitstream *b, const uint8_t *bytes, size_t n,
                          uint8_t *out)
{
    struct gh_nal_cursor c = {b->form, bytes, bytes + n};
    struct gh_nal nal;
    size_t k = 0;
    while (gh_nal_next(&c, &nal)) {
        uint8_t sei[GH_SEI_CLEAN_MAX];
        const uint8_t *from = nal.at;
        size_t head = (size_t)(nal.at - nal.frame), len = nal.len;
        enum kind kind = len ? kind_of(b->form, &nal) : FOREIGN;
        if (kind == SEI) {
            from = sei;
            len = gh_sei_clean(&nal, sps_of(b), sei);
        } else if (kind != CODED && (kind != PARAMETERS || b->has_avc)) {
            len = 0;
        }
        if (!len || len > nal.len)
            continue;
        put_frame(&b->form, &nal, len, out + k);
        memcpy(out + k + head, from, len);
        k += head + len;
    }
    return k;
}
