/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Status/Ghat.txt: what concerns a department as a whole and keeps its files waiting. One at a
 * time; each replaces the one before. Nothing here fails: where no placard can be written there is
 * none.
 */
#ifndef GH_DAEMON_STORE_PLACARD_H
#define GH_DAEMON_STORE_PLACARD_H

#include "daemon/site/department.h"

enum gh_placard {
    GH_PLACARD_DISK_FULL,
    GH_PLACARD_SHARE_FULL,
    GH_PLACARD_NOT_CONFIRMED, /* its folder is another one than before */
};

/** Write it into Status/ of folder, the opened department's folder, in each of its languages. d may
 * be NULL: those of a department without a card. */
void gh_placard_put(const struct gh_department *d, int folder, enum gh_placard what);
void gh_placard_remove(int folder);

#endif
