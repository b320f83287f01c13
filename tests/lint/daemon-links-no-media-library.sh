#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghatd, ghat and ghat-desk link no media library, neither themselves nor through another; the worker links no ledger.
set -u
media='libav|libsw|libvips|libjpeg|libturbojpeg|libzimg|libheif|libde265|libexif|libpng|libwebp|libtiff|libx26|liblcms|libarchive|libexpat|libglib'
bad=0
for p in ghatd ghat ghat-desk; do
    readelf -d "$B/$p" | grep NEEDED >"$TMPDIR/$p" || { echo "$B/$p is not built"; exit 1; }
    if grep -E "$media" "$TMPDIR/$p"; then echo "$p links these itself"; bad=1; fi
    if ldd "$B/$p" | grep -E "$media"; then echo "$p loads these through another library"; bad=1; fi
done
if ldd "$B/ghat-desk" | grep -E 'libsqlite|libcurl|libssl'; then echo "ghat-desk loads these"; bad=1; fi
if readelf -d "$B/ghat-worker" | grep -E 'libsqlite|libsystemd'; then echo "ghat-worker links these"; bad=1; fi
readelf -d "$B/ghat-worker" | grep libavcodec >/dev/null || { echo "ghat-worker links no libavcodec: this test looks at the wrong file"; bad=1; }
exit $bad
