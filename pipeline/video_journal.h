/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an encode has made so far, packet by packet, in a file that outlives the process: an attempt that was
 * interrupted goes on at its last key picture instead of at the first. GOPs are closed and packets carry the number of
 * their picture, so what follows joins without a seam. Each record has a checksum: a torn or foreign tail is cut off.
 * Class: GH_AGAIN (disk full), GH_SYSTEM.
 */
#ifndef GH_PIPELINE_VIDEO_JOURNAL_H
#define GH_PIPELINE_VIDEO_JOURNAL_H

#include "base/err.h"
#include "base/look.h"

#include <libavcodec/avcodec.h>

struct gh_journal;
/** fd (borrowed) is read and cut to what can be gone on from. maker: what must be equal for that; any number. */
void gh_journal_open(int fd, uint32_t maker, struct gh_journal **ret);
void gh_journal_close(struct gh_journal **j);
/** Average rate of the attempt that is kept in fd (gh_venc_conf.kbps_cap), 0 when there is none. */
uint32_t gh_journal_cap(int fd);
/** Pictures that are complete: the encode goes on with the one of this number. */
int64_t gh_journal_pictures(const struct gh_journal *j);
/** Empty it and begin: before the first add when pictures() is 0. */
GH_MUST_USE int gh_journal_begin(struct gh_journal *j, uint32_t cap, struct gh_err *err);
/** The next packet kept: 1, or 0 after the last. *ret_glanced: whether *ret_glance was kept with it. */
GH_MUST_USE int gh_journal_next(struct gh_journal *j, AVPacket *ret, struct gh_glance *ret_glance, bool *ret_glanced,
                                struct gh_err *err);
/** After the last add: next() begins with the first packet. */
void gh_journal_rewind(struct gh_journal *j);
/** Append; pts and dts count pictures. glance may be NULL. */
GH_MUST_USE int gh_journal_add(struct gh_journal *j, const AVPacket *pkt, const struct gh_glance *glance,
                               struct gh_err *err);

#endif
