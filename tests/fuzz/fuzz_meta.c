/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Photo metadata: the look at JPEG segments, EXIF, XMP and IPTC, and what every policy writes of
 * it; the walk through a JPEG. */
#include "base/text.h"
#include "pipeline/meta/scan.h"
#include "pipeline/meta/write.h"
#include "pipeline/photo/jpeg_walk.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    GH_AUTO_META m = {0};
    uint8_t kind = data[0];
    data++;
    size--;
    struct gh_err err;
    if (kind % 3 == 0)
        gh_meta_jpeg(data, size, &m);
    else if (kind % 3 == 1)
        gh_meta_exif(data, size, &m);
    else
        gh_meta_tiff(data, size, &m);
    /* a JPEG that is whole has an end, for whoever looks */
    if (kind % 3 == 0 && gh_jpeg_walk(data, size, &err) == 0 && !m.end)
        __builtin_trap();
    if (m.bits >= 1u << GH_META_BITS || m.orient > 8 || m.xmp_orient > 8 || m.end > size ||
        (m.caption.len && !gh_text_is_clean(m.caption.data, m.caption.len)) ||
        m.caption.len > GH_SOURCE_TEXT_MAX)
        __builtin_trap();
    for (uint32_t policy = 0; policy < GH_POLICIES; policy++) {
        struct gh_recipe recipe = {.policy = policy, .artist = "A", .copyright = "C"};
        GH_AUTO_META_OUT out = {0};
        gh_meta_write(&m, &recipe, 100, 100, &out);
        if (policy == GH_POLICY_ARCHIVE)
            continue;
        /* what a policy writes of anything is within what it allows */
        for (size_t i = 0; i < out.n; i++) {
            GH_AUTO_META left = {0};
            const struct gh_segment *s = &out.segments[i];
            if (s->n > 6 && !memcmp(s->bytes, "Exif", 4))
                gh_meta_exif(s->bytes, s->n, &left);
            if (left.bits & ~gh_policy_allows((enum gh_policy)policy))
                __builtin_trap();
        }
    }
    return 0;
}
