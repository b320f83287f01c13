/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NAL units of H.264 and HEVC: how they are framed, their emulation prevention bytes, and the bits
 * in them (Rec. ITU-T H.264 sections 7.3.1, 7.4.1, 9.1 and annex B; H.265 has the same).
 */
#ifndef GH_PIPELINE_VIDEO_NAL_H
#define GH_PIPELINE_VIDEO_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How NAL units are framed. */
struct gh_nal_form {
    bool hevc;
    uint8_t length_size; /* 1, 2 or 4 bytes of length before each; 0: start codes */
};

struct gh_nal {
    const uint8_t *frame; /* where its framing starts */
    const uint8_t *at;    /* its header, 1 byte of H.264, 2 of HEVC */
    size_t len;           /* of header and payload; zeros before the next start code do not count */
};

struct gh_nal_cursor {
    struct gh_nal_form form;
    const uint8_t *p, *end;
};

/** From a stream's extradata (avcC, hvcC or Annex B; may be NULL). */
struct gh_nal_form gh_nal_form_of(bool hevc, const uint8_t *extra, size_t n);
/** The next unit; false at the end, and where the framing is damaged. */
bool gh_nal_next(struct gh_nal_cursor *c, struct gh_nal *ret);
unsigned gh_nal_type(struct gh_nal_form form, const struct gh_nal *nal);
size_t gh_nal_head(struct gh_nal_form form);
/** Copy without emulation prevention bytes; out has n bytes. Returns the length. */
size_t gh_nal_unescape(const uint8_t *in, size_t n, uint8_t *out);
/** Copy with them; out has n + n / 2 + 1 bytes. Returns the length. */
size_t gh_nal_escape(const uint8_t *in, size_t n, uint8_t *out);

/* Reading bits; behind the last one there are zeros, and over is set. */
struct gh_bits {
    const uint8_t *p;
    size_t at, n; /* in bits */
    bool over;
};
uint32_t gh_bits_get(struct gh_bits *b, unsigned n); /* n ≤ 32 */
void gh_bits_skip(struct gh_bits *b, size_t n);
uint32_t gh_bits_ue(struct gh_bits *b); /* Exp-Golomb; of a signed value the code number */
/** Whether anything but the trailing bits (a one, then zeros) is left. */
bool gh_bits_more(const struct gh_bits *b);

/* Writing bits into zeroed bytes that are enough for them. */
struct gh_bits_out {
    uint8_t *p;
    size_t at; /* in bits */
};
void gh_bits_put(struct gh_bits_out *b, unsigned n, uint32_t v);
void gh_bits_put_ue(struct gh_bits_out *b, uint32_t v);
/** Append bits [from, until) of what in reads. */
void gh_bits_copy(struct gh_bits_out *b, const struct gh_bits *in, size_t from, size_t until);
/** A one, then zeros up to a whole byte. Returns the number of bytes. */
size_t gh_bits_trail(struct gh_bits_out *b);

#endif
