/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an encode has made so far, packet by packet, in a file that outlives the process: an attempt
 * that was interrupted continues at its last key picture instead of at the first. GOPs are closed
 * and a packet's time stamp is the number of its picture, so what follows fits on exactly. Each
 * record has a checksum: an incomplete or damaged end is cut off. Classes: GH_AGAIN (disk full),
 * GH_SYSTEM.
 */
#ifndef GH_PIPELINE_VIDEO_JOURNAL_H
#define GH_PIPELINE_VIDEO_JOURNAL_H

#include "base/err.h"
#include "base/fingerprint.h"

#include <libavcodec/avcodec.h>

struct gh_journal;
/** Read fd (borrowed) up to the last place where an encode can continue. maker: a number that must
 * be the same as when it was written, else nothing is kept. *ret: gh_journal_close. */
void gh_journal_open(int fd, uint32_t maker, struct gh_journal **ret);
void gh_journal_close(struct gh_journal **j);
/** kbps_cap (gh_venc_conf) of the attempt whose packets fd has; 0: there is none. */
uint32_t gh_journal_cap(int fd);
/** Pictures that are complete: the encode continues with the one of this number. */
int64_t gh_journal_pictures(const struct gh_journal *j);
/** Empty it and write a head: before the first gh_journal_add when gh_journal_pictures is 0. */
GH_MUST_USE int gh_journal_begin(struct gh_journal *j, uint32_t cap, struct gh_err *err);
/** The next packet that was kept, which is the caller's: 1; 0 after the last, and what follows in
 * the file is cut off. *ret_has_signature: whether *ret_signature was kept with it. */
GH_MUST_USE int gh_journal_next(struct gh_journal *j, AVPacket *ret,
                                struct gh_signature *ret_signature, bool *ret_has_signature,
                                struct gh_err *err);
/** After the last gh_journal_add: gh_journal_next begins with the first packet. */
void gh_journal_rewind(struct gh_journal *j);
/** Append a packet (borrowed), whose pts and dts count pictures. signature may be NULL. */
GH_MUST_USE int gh_journal_add(struct gh_journal *j, const AVPacket *pkt,
                               const struct gh_signature *signature, struct gh_err *err);

#endif
