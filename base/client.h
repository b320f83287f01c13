/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asking ghatd over its control socket: one JSON object in a line each way, and sometimes a
 * descriptor with the reply. What may be asked is the table of daemon/control/; whether the caller
 * may ask it, ghatd decides by the credentials of the socket.
 */
#ifndef GH_BASE_CLIENT_H
#define GH_BASE_CLIENT_H

#include "base/err.h"

#include <jansson.h>
#include <stdint.h>

/**
 * One request on a connection of its own, one reply. Blocks for timeout_ms milliseconds at most.
 *
 * socket_path: where ghatd listens (gh_conf.control). request: an object; its reference is taken,
 * also on failure, so that json_pack() may stand in the call; NULL, which json_pack() returns for
 * text that is not UTF-8, is GH_USAGE. ret: the reply, an object whose "ok" is true; a new
 * reference. ret_fd: the descriptor that came with it, close-on-exec and the caller's, or -1; where
 * it is NULL, a descriptor that comes is closed.
 *
 * When ghatd refuses: the class it names, and its message. GH_AGAIN when there is no whole reply in
 * time, GH_CONFIG for a path that no socket can have, GH_SYSTEM when it cannot be reached (with the
 * errno of connect() in err->code) or talks nonsense.
 */
GH_MUST_USE int gh_client_ask(const char *socket_path, json_t *request, int64_t timeout_ms,
                              json_t **ret, int *ret_fd, struct gh_err *err);

/**
 * The same, but a refusal is no error: *ret is the reply as it came, whatever its "ok" says, so
 * that the caller can read why. Errors are those of the conversation alone. stop_fd: borrowed; once
 * it can be read from, waiting ends with GH_AGAIN; -1: only the time ends it.
 */
GH_MUST_USE int gh_client_talk(const char *socket_path, json_t *request, int64_t timeout_ms,
                               int stop_fd, json_t **ret, int *ret_fd, struct gh_err *err);
/** What a reply whose "ok" is not true means as an error: its class and message. */
int gh_client_refusal(const json_t *reply, struct gh_err *err);

#endif
