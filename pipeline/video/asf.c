/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A walk over the objects of an ASF header ("Advanced Systems Format Specification", 2.0 to 3 and
 * 10.1), for those that say that the file is protected. At most MOST_OBJECTS heads are read.
 */
#include "pipeline/video/asf.h"

#include "base/str.h"

#include <string.h>
#include <unistd.h>

#define MOST_OBJECTS 1000
#define OBJECT_HEAD 24    /* a GUID and 64 bits of size */
#define HEADER_HEAD 30    /* bytes of the header object before the objects in it */
#define EXTENSION_HEAD 46 /* … of the header extension object */

static const uint8_t header[16] =
    "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",
                     extension[16] =
                         "\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65";

/* The content encryption object, the extended and the advanced one. */
static const uint8_t encryptions[3][16] = {
    "\xfb\xb3\x11\x22\x23\xbd\xd2\x11\xb4\xb7\x00\xa0\xc9\x55\xfc\x6e",
    "\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c",
    "\x33\x85\x05\x43\x81\x69\xe6\x49\x9b\x74\xad\x12\xcb\x86\xd5\x8c",
};

static uint64_t le64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

bool gh_asf_encrypted(int fd)
{
    uint8_t object[OBJECT_HEAD];
    if (pread(fd, object, sizeof(object), 0) != OBJECT_HEAD || memcmp(object, header, 16) != 0)
        return false;
    uint64_t at = HEADER_HEAD, end = GH_MIN(le64(object + 16), (uint64_t)INT64_MAX / 2);
    for (unsigned i = 0; i < MOST_OBJECTS && at + OBJECT_HEAD <= end; i++) {
        if (pread(fd, object, sizeof(object), (off_t)at) != OBJECT_HEAD)
            return false;
        for (size_t k = 0; k < GH_LEN(encryptions); k++)
            if (!memcmp(object, encryptions[k], 16))
                return true;
        uint64_t size = le64(object + 16);
        if (size < OBJECT_HEAD || size > end - at)
            return false;
        at += memcmp(object, extension, 16) ? size : EXTENSION_HEAD;
    }
    return false;
}
