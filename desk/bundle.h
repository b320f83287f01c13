/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A download of many files as one: the bytes of a ZIP file made while they are sent, of a list that
 * ghatd keeps. Each file is asked for when its turn comes, and again while it is being sent: what
 * was withdrawn meanwhile ends the download. In memory are the list and one block.
 */
#ifndef GH_DESK_BUNDLE_H
#define GH_DESK_BUNDLE_H

#include "desk/desk.h"
#include "desk/zip.h"

#include <stdint.h>
#include <sys/types.h>

#define GH_BUNDLES_AT_ONCE 64        /* downloads in all */
#define GH_BUNDLE_BLOCK (128u << 10) /* bytes read at once, for each of them */

struct gh_bundle;

/** The list of that number for the person of this request; entries: as ghatd answers them.
 * GH_AGAIN: too many are being sent; GH_INPUT: a name in it cannot stand in a ZIP file. Released
 * with gh_bundle_close. */
GH_MUST_USE int gh_bundle_open(const struct gh_req *q, int64_t number, const json_t *entries,
                               struct gh_bundle **ret, struct gh_err *err);
/** Of the whole, bytes. */
uint64_t gh_bundle_size(const struct gh_bundle *b);
/** Begin at that byte, which is sent as the first one. */
void gh_bundle_begin_at(struct gh_bundle *b, uint64_t from);
/** The bytes at pos behind that, as libmicrohttpd's reader of contents asks for them. */
ssize_t gh_bundle_read(void *bundle, uint64_t pos, char *buf, size_t max);
void gh_bundle_close(void *bundle);

#endif
