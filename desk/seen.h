/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a card shows, in one word: a digest over the renditions that can be approved, their bytes
 * and the caption. A card's form carries it, and what is approved must still have the same.
 */
#ifndef GH_DESK_SEEN_H
#define GH_DESK_SEEN_H

#include "base/hash.h"

#include <jansson.h>

/** item: as queue or show answers it. */
void gh_seen_digest(const json_t *item, char ret[GH_SHA_HEX]);

#endif
