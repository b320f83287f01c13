#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghatd and ghat link no media library, neither themselves nor through another; the worker links no ledger.
set -u
media='libav|libsw|libvips|libjpeg|libturbojpeg|libzimg|libheif|libde265|libexif|libpng|libwebp|libtiff|libx26|liblcms|libglib'
bad=0
for p in ghatd ghat; do
    readelf -d "$B/$p" | grep NEEDED >"$TMPDIR/$p" || { echo "$B/$p is not built"; exit 1; }
    if grep -E "$media" "$TMPDIR/$p"; then echo "$p links these itself"; bad=1; fi
    if ldd "$B/$p" | grep -E "$media"; then echo "$p loads these through another library"; bad=1; fi
done
if readelf -d "$B/ghat-worker" | grep -E 'libsqlite|libsystemd'; then echo "ghat-worker links these"; bad=1; fi
readelf -d "$B/ghat-worker" | grep -q libavcodec || { echo "ghat-worker links no libavcodec: this test looks at the wrong file"; bad=1; }
exit $bad
