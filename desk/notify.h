/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What systemd is told of a service of Type=notify, over a socket that was opened before the walls
 * (sd_notify(3) opens one each time). */
#ifndef GH_DESK_NOTIFY_H
#define GH_DESK_NOTIFY_H

#include <stdint.h>

/** A descriptor for gh_notify, the caller's; -1: nobody wants to be told. */
int gh_notify_open(void);
/** Tell, like "READY=1". fd may be -1. */
void gh_notify(int fd, const char *text);
/** Half of the time after which systemd takes a silent service for stuck, milliseconds; 0: it does
 * not look. */
int64_t gh_notify_watchdog_ms(void);

#endif
