/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row an encoder: its name, its usual device file. And the shared memory in which pictures go
 * to a process that owns a device. */
#include "base/encoders.h"

#include "base/str.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
    const char *name, *device;
} rows[GH_ENCODERS] = {
    [GH_ENCODER_SOFTWARE] = {"software", NULL},
    [GH_ENCODER_VAAPI] = {"vaapi", "/dev/dri/renderD128"},
    [GH_ENCODER_QSV] = {"qsv", "/dev/dri/renderD128"},
    [GH_ENCODER_NVENC] = {"nvenc", "/dev/nvidia0"},
    [GH_ENCODER_V4L2] = {"v4l2", "/dev/video11"},
    [GH_ENCODER_LOOPBACK] = {"loopback", NULL},
};

const char *gh_encoder_name(uint32_t encoder)
{
    return encoder < GH_ENCODERS ? rows[encoder].name : "?";
}

const char *gh_encoder_device(uint32_t encoder)
{
    return encoder < GH_ENCODERS ? rows[encoder].device : NULL;
}

bool gh_encoder_find(const char *name, uint32_t *ret)
{
    for (uint32_t i = 0; i < GH_ENCODERS; i++)
        if (gh_streq(rows[i].name, name)) {
            *ret = i;
            return true;
        }
    return false;
}

int gh_device_memory(uint32_t w, uint32_t h, int *ret_fd, struct gh_err *err)
{
    GH_AUTO_FD fd = memfd_create("pictures", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || ftruncate(fd, (off_t)(gh_device_picture_bytes(w, h) * GH_DEVICE_SLOTS)) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return gh_fail_errno(err, GH_SYSTEM, "cannot make memory for pictures");
    *ret_fd = gh_steal_fd(&fd);
    return 0;
}
