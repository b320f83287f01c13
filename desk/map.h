/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The crop map: which part of an original each placement shows. */
#ifndef GH_DESK_MAP_H
#define GH_DESK_MAP_H

#include <jansson.h>

/**
 * Of an item as ghatd shows it: {"src", "width", "height", "one", "frames": [{"x", "y", "width",
 * "height", "names", "n"}]}, for its first photo, in pixels of the upright original; equal frames
 * once, those that show everything not at all. "one": it is the only file, so that a point chosen
 * on it is right for all. null: nothing of it is cropped, or nobody knows how. places: [{"name",
 * "title"}] of placements, borrowed. New reference.
 */
json_t *gh_map_json(const json_t *item, const json_t *places);

#endif
