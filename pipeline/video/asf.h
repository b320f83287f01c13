/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libavformat does not report of ASF files (WMV). */
#ifndef GH_PIPELINE_VIDEO_ASF_H
#define GH_PIPELINE_VIDEO_ASF_H

#include <stdbool.h>

/** Whether the header of the file in fd (borrowed) says that its contents are encrypted. False for
 * any other kind of file. */
bool gh_asf_encrypted(int fd);

#endif
