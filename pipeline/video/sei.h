/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SEI messages of H.264 and HEVC bitstreams: cameras put positions there, encoders their settings.
 * Found in both; of H.264 only what showing needs is kept, written anew.
 */
#ifndef GH_PIPELINE_VIDEO_SEI_H
#define GH_PIPELINE_VIDEO_SEI_H

#include "pipeline/video/avc.h"
#include "pipeline/video/nal.h"

/** GH_META bits of an SEI unit. sps: of the stream, NULL where it is not known. */
uint32_t gh_sei_scan(struct gh_nal_form form, const struct gh_nal *nal,
                     const struct gh_avc_sps *sps);
/**
 * Of an SEI unit of H.264: how the picture is shown, without delays and time codes, and where
 * decoding may begin; nothing else, and neither twice. out has GH_SEI_CLEAN_MAX bytes. Returns the
 * number of bytes, header included; 0: nothing is needed.
 */
#define GH_SEI_CLEAN_MAX 32
size_t gh_sei_clean(const struct gh_nal *nal, const struct gh_avc_sps *sps,
                    uint8_t out[GH_SEI_CLEAN_MAX]);

#endif
