/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets with descriptors over SOCK_SEQPACKET between ghatd (or ghat) and the worker. A packet is
 * a head and a body of fixed size (base/contract.h). Class: GH_BUG for a packet that cannot be
 * sent, GH_INPUT for one that is malformed when it arrives, GH_SYSTEM when the socket fails.
 */
#ifndef GH_BASE_WIRE_H
#define GH_BASE_WIRE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define GH_WIRE_MAGIC 0x47484154u /* "GHAT" */
#define GH_WIRE_MAX_FDS 4
#define GH_WIRE_MAX 65536 /* bytes of a packet */

struct gh_wire_head {
    uint32_t magic;
    uint16_t type;
    uint16_t fds;  /* descriptors that come with it */
    uint32_t size; /* bytes of the body */
    uint32_t seq;  /* what it means depends on the type: the index of an encode, … */
};

/** A connected pair, close-on-exec. Both descriptors are the caller's. */
GH_MUST_USE int gh_wire_pair(int ret_fds[2], struct gh_err *err);
/** Send one packet; fds stay the caller's. Blocks only if the socket does. */
GH_MUST_USE int gh_wire_send(int sock, uint16_t type, uint32_t seq, const void *body, size_t size,
                             const int *fds, size_t n_fds, struct gh_err *err);
/**
 * Receive one packet into body (at most max bytes). Returns 1 for a packet, 0 for end of stream, or
 * -GH_AGAIN with err->code EAGAIN when a non-blocking socket has none. Received descriptors are
 * close-on-exec and the caller's: ret_fds holds GH_WIRE_MAX_FDS entries, -1 where there is none.
 */
GH_MUST_USE int gh_wire_recv(int sock, struct gh_wire_head *ret_head, void *body, size_t max,
                             int *ret_fds, struct gh_err *err);

#endif
