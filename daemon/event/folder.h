/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folders of events in a department's drop folder, and the form to copy in its Status/. */
#ifndef GH_DAEMON_EVENT_FOLDER_H
#define GH_DAEMON_EVENT_FOLDER_H

#include "daemon/event/event.h"

/** Make the folders of what comes within a month, remove empty ones of what is over for a week,
 * and write the form.
 * A department that is offline has none; it gets them when it is back. */
GH_MUST_USE int gh_event_folders(const struct gh_events_parts *p, const struct gh_department *d,
                                 int64_t now_ms, struct gh_err *err);

#endif
