/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libavformat's byte streams over an open descriptor: no file is ever opened by name. Each context
 * has an offset of its own (pread, pwrite), so several may share one descriptor, in several
 * threads.
 */
#ifndef GH_PIPELINE_INPUT_AVIO_H
#define GH_PIPELINE_INPUT_AVIO_H

#include "base/err.h"

#include <stdint.h>

struct AVIOContext;

/** Read fd (borrowed) from its beginning. *ret is the caller's (gh_avio_free). GH_SYSTEM: no
 * regular file. */
GH_MUST_USE int gh_avio_reader(int fd, struct AVIOContext **ret, struct gh_err *err);
/** Write fd (borrowed, empty) from its beginning; growing beyond max bytes fails with
 * AVERROR(EFBIG). 0: no limit. */
GH_MUST_USE int gh_avio_writer(int fd, uint64_t max, struct AVIOContext **ret, struct gh_err *err);
/** errno of the first read or write that failed, or 0; io may be NULL. */
int gh_avio_errno(const struct AVIOContext *io);
void gh_avio_free(struct AVIOContext **io);

#endif
