/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of several tracks is the film, and which sound is heard, where the header cannot tell. */
#ifndef GH_PIPELINE_VIDEO_TRACKS_H
#define GH_PIPELINE_VIDEO_TRACKS_H

#include "pipeline/input/in.h"

/** Whether there are several tracks of a kind, of which the header does not say enough to choose.
 */
bool gh_tracks_doubted(const struct gh_vin *in);
/**
 * Choose by what is in the tracks: the film is one with pictures, no still; its sound the first
 * that is not silent throughout. Reads packets and decodes sound, as far as that takes. *ctx: gets
 * film_track and sound_track. in: the file as it was opened without them, borrowed.
 */
GH_MUST_USE int gh_tracks_choose(struct gh_ctx *ctx, int fd, const struct gh_vin *in,
                                 struct gh_err *err);
/** GH_INPUT when picture or sound are encrypted. */
GH_MUST_USE int gh_tracks_check(const struct gh_vin *in, struct gh_err *err);
/** GH_INPUT, always, with the text of that refusal. */
GH_MUST_USE int gh_tracks_refuse_encrypted(struct gh_err *err);

#endif
