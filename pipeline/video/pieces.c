/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where encodes are cut into pieces, and how the pieces are joined. Numbers of pictures count from
 * the start of each encode, in whichever lane they are made. Runs before the lanes' threads start
 * and after they have ended. Classes: those of gh_venc_join and gh_venc_finish.
 */
#include "pipeline/video/pieces.h"

#include "base/str.h"
#include "pipeline/input/in.h"

#include <libavutil/avstring.h>

#define STEP_US 1000000 /* of video that is joined at a time, for each encode in turn */

unsigned gh_pieces_lanes(const struct gh_ctx *ctx, const struct gh_probe *probe,
                         const struct gh_recipe *recipes, size_t n)
{
    /* Seeking is exact only where the file has an index and is not damaged. */
    if (!ctx->shelves || !av_match_name(probe->format, "mov,matroska") || probe->damaged)
        return 1;
    unsigned lanes = GH_LANES;
    for (size_t i = 0; i < n; i++) {
        if (recipes[i].media != GH_VIDEO || recipes[i].how != GH_HOW_ENCODE)
            continue;
        if (ctx->remotes && ctx->remotes[i]) /* there is one hardware encoder, and it is fast */
            return 1;
        unsigned shelves = 0;
        while (shelves < GH_JOB_SHELVES && ctx->shelves[i][shelves] >= 0)
            shelves++;
        /* An average rate needs one rate control for the whole; a cap holds for each piece. */
        lanes = recipes[i].video.bitrate_kbps ? 1 : GH_MIN(lanes, shelves + 1);
        if (lanes == 1)
            break;
    }
    return lanes;
}

static int64_t pictures(const struct gh_recipe *recipe, int64_t us)
{
    struct gh_rational fps = recipe->pic.fps;
    return us > 0 ? av_rescale(us, fps.num, (int64_t)fps.den * 1000000) : 0;
}

unsigned gh_pieces_of(const struct gh_recipe *recipe, int64_t from, int64_t length_us,
                      const int64_t *bounds, unsigned lanes, struct gh_piece ret[GH_LANES])
{
    unsigned n = 0;
    int64_t gop = gh_venc_gop(recipe), start_us = GH_MAX(recipe->pic.start_us, 0), begin = 0;
    if (recipe->pic.fps.num <= 0 || recipe->pic.fps.den <= 0)
        lanes = 1;
    for (unsigned k = 0; k < lanes; k++) {
        int64_t end =
            k + 1 < lanes ? pictures(recipe, bounds[k + 1] - start_us) / gop * gop : INT64_MAX;
        /* lengths in headers are not exact: no piece that may turn out to be empty */
        if (end > pictures(recipe, length_us) - gop)
            end = INT64_MAX;
        int64_t first = GH_MAX(begin, from);
        if (first < end)
            ret[n++] = (struct gh_piece){.lane = k, .from = first, .until = end};
        begin = end;
    }
    return n;
}

/* Join up to this moment of the encode. True when it has ended, successfully or not. */
static bool join_some(struct gh_joint *j, int64_t us)
{
    struct gh_branch_out *out = j->outs[0];
    struct gh_venc *others[GH_LANES];
    for (unsigned i = 1; i < j->n; i++)
        others[i - 1] = j->outs[i]->enc;
    int64_t until = pictures(gh_venc_recipe(out->enc), us);
    int r = gh_venc_join(out->enc, others, j->n - 1, until, &out->err);
    if (r == 0)
        return false;
    if (r < 0 || gh_venc_finish(out->enc, &out->result, &out->fingerprint, &out->err) < 0)
        out->failed = true;
    out->done = true;
    return true;
}

void gh_pieces_join(struct gh_joint *joints, size_t n, void (*sign)(void *arg), void *arg)
{
    bool over[GH_JOB_MAX_ENCODES] = {false};
    size_t left = n;
    for (int64_t us = STEP_US; left; us += STEP_US) {
        for (size_t i = 0; i < n; i++) {
            if (over[i] || !join_some(&joints[i], us))
                continue;
            over[i] = true;
            left--;
        }
        sign(arg);
    }
}
