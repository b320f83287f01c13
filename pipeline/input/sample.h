/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking a fingerprint (base/fingerprint.h): of the source from the frames that are decoded anyway,
 * of an output by decoding some of its key pictures and its sound while its packets are read.
 * Nothing here fails an input: what cannot be sampled is left out.
 */
#ifndef GH_PIPELINE_INPUT_SAMPLE_H
#define GH_PIPELINE_INPUT_SAMPLE_H

#include "base/fingerprint.h"
#include "pipeline/input/in.h"

/**
 * Sample a picture. pic: the part its crop names, turned upright by its orient; NULL: area of the
 * stored picture (all of it when area is NULL or empty). False when its samples cannot be read as
 * brightness.
 */
bool gh_signature_take(const AVFrame *frame, const struct gh_pic *pic, const struct gh_rect *area,
                       int64_t at_us, struct gh_signature *ret);
/** Add a decoded frame of sound that starts at at_us. */
void gh_levels_take(struct gh_levels *levels, const AVFrame *sound, int64_t at_us);

/** Largest magnitude of a decoded frame of sound; full scale is 1. */
double gh_sound_peak(const AVFrame *sound);

struct gh_sampler;
/** Takes the fingerprint of an output while its packets are read. area: the part of the picture
 * that counts, of the stored one; empty: all. in and *fingerprint are borrowed. NULL when its
 * picture cannot be decoded. */
struct gh_sampler *gh_sampler_new(const struct gh_ctx *ctx, const struct gh_vin *in,
                                  const struct gh_rect *area, struct gh_fingerprint *fingerprint);
void gh_sampler_free(struct gh_sampler **l);
/** One packet of either stream, in the order of the file; borrowed. */
void gh_sampler_packet(struct gh_sampler *l, const AVPacket *pkt);

#endif
