/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files on pages: the address of an output, and the picture that stands for an item. The address
 * holds the hash of the bytes, so that what is shown is what is there, for good.
 */
#ifndef GH_DESK_MEDIA_H
#define GH_DESK_MEDIA_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** "/r/ITEM/RENDITION/HASH" of a rendition as ghatd answers it; null when it has no file. New. */
json_t *gh_media_address(int64_t item, const json_t *rendition);
/** "/p/ITEM/RENDITION/HASH-360.jpg" of an output (of 'p'), "/o/ITEM/FILE/…" of an original (of
 * 'o'): a preview of that edge; null without a hash. New. */
json_t *gh_media_preview(char of, int64_t item, int64_t id, const char *sha256, unsigned edge);
/** "/o/ITEM/FILE/HASH/bytes" of a file that came, as ghatd lists it; null without a hash. New. */
json_t *gh_media_original(int64_t item, const json_t *file);
/** The smallest video of an item, to be played: as gh_media_picture; null when it has none. New. */
json_t *gh_media_film(int64_t item, const json_t *renditions);
/** Six moments of the item's video, from its smallest output: [{"src", "at", "at_ms"}], at in
 * seconds; null when it has none. New. */
json_t *gh_media_stills(int64_t item, const json_t *renditions);
/** Is it a moving picture? */
bool gh_media_moves(const json_t *rendition);
/** The output that shows an item on a card: {"src", "preview", "width", "height", "video"}; null
 * when there is none. A photo before a video, enough pixels for a phone, few bytes. New. */
json_t *gh_media_picture(int64_t item, const json_t *renditions);

#endif
