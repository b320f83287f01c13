/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Streams of what changes (Server-Sent Events): a page that somebody looks at keeps one open, and
 * is told which items were touched, as far as that person sees them. One thread asks ghatd once a
 * second whether anything changed, and only then, in each person's name, what; with nobody watching
 * it sleeps. A stream that has nothing to say is suspended, and costs no time; one whose browser is
 * gone ends within a second, within half a minute when the net took it away. Approvers are told
 * which items other approvers have open (?item=NUMBER of their streams).
 */
#ifndef GH_DESK_LIVE_H
#define GH_DESK_LIVE_H

#include "desk/desk.h"

#include <stdint.h>
#include <sys/types.h>

#define GH_LIVE_MAX 512         /* streams in all; who gets none polls */
#define GH_LIVE_PERSON 8        /* of one person; for one more the oldest ends */
#define GH_LIVE_ADDRESS 40      /* from one address: an office, or a proxy, still fetches pages */
#define GH_LIVE_MS (15 * 60000) /* a stream lives so long; the page opens the next */

struct gh_stream;

int gh_live_start(const struct gh_desk *desk, struct gh_err *err);
/** End all streams, so that nothing is suspended when the server stops. */
void gh_live_stop(void);

/** A stream for the person of this request, which begins with what ghatd answered to "changes" (an
 * object). Released with gh_live_close. NULL: there are too many. */
struct gh_stream *gh_live_open(const struct gh_req *q, const json_t *changes);
/** The next bytes of it, as libmicrohttpd's reader of contents asks for them; suspends the
 * connection when there are none. */
ssize_t gh_live_read(void *stream, uint64_t pos, char *buf, size_t max);
void gh_live_close(void *stream);

#endif
