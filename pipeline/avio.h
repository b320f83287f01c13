/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libavformat's byte streams over a descriptor that was handed in: no file is ever opened by name. Each context has an
 * offset of its own (pread, pwrite), so several may share one descriptor, from several threads.
 */
#ifndef GH_PIPELINE_AVIO_H
#define GH_PIPELINE_AVIO_H

#include "base/err.h"

#include <stdint.h>

struct AVIOContext;

/** Read fd (borrowed) from its beginning. GH_SYSTEM when it has no size; *ret is the caller's: gh_avio_free. */
GH_MUST_USE int gh_avio_reader(int fd, struct AVIOContext **ret, struct gh_err *err);
/** Write fd (borrowed, empty) from its beginning; growing beyond max bytes fails with AVERROR(EFBIG). 0: no limit. */
GH_MUST_USE int gh_avio_writer(int fd, uint64_t max, struct AVIOContext **ret, struct gh_err *err);
/** A failed write or read is kept: its errno, or 0. */
int gh_avio_errno(const struct AVIOContext *io);
void gh_avio_free(struct AVIOContext **io);

#endif
