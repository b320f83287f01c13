/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which side probes a file: photo/ or video/. What either reports is checked here as the parent
 * will check it. Classes: those of the probes.
 */
#include "pipeline/child/media.h"

#include "pipeline/photo/photo.h"
#include "pipeline/video/video.h"

#include <unistd.h>

static int probe_by_kind(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                         struct gh_probe *ret, struct gh_err *err)
{
    uint8_t head[GH_SNIFF_BYTES];
    char format[16];
    ssize_t n = pread(fd, head, sizeof(head), 0);
    if (n < 0)
        return gh_fail_errno(err, GH_OK, "cannot read the file");
    if (n == 0)
        return gh_fail(err, GH_INPUT, "the file is empty");
    switch (gh_sniff(head, (size_t)n, format)) {
    case GH_PHOTO:
        return gh_photo_probe(ctx, fd, format, depth, ret, err);
    case GH_VIDEO:
        return gh_video_probe(ctx, fd, depth, ret, err);
    default:
        return gh_sniff_refuse(fd, err);
    }
}

int gh_probe_media(const struct gh_ctx *ctx, int fd, enum gh_probe_depth depth,
                   struct gh_probe *ret, struct gh_err *err)
{
    struct gh_probe found = {0};
    struct gh_err why;
    TRY(probe_by_kind(ctx, fd, depth, &found, err));
    /* Headers may say anything. What the parent would refuse as a lie is not sent to it: here it is
     * known to be the file's fault, not this process's. */
    if (gh_probe_check(&found, &why) < 0)
        return gh_fail(err, GH_INPUT, "damaged: its headers are out of range (%s)", why.msg);
    *ret = found;
    return 0;
}
