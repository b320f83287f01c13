#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every video of the corpus renders to every placement that can take it, and the judge finds nothing wrong. Placements that are off unless
# chosen take half of the time: of every video they are for make corpus (GHAT_CORPUS_ALL=1), of one for make check.
. tests/corpus/lib.sh
if [ -z "${GHAT_CORPUS_ALL:-}" ]; then
    names() { sed 's|.*/||; s|\.profile$||' | paste -sd,; }
    places=(-p "$(grep -L '^default = no' profiles/*.video.profile profiles/vertical.short.profile | names)")
    off=$(grep -l '^default = no' profiles/*.video.profile | names)
    one=$(find "$S/corpus/videos" -type f -printf '%s %p\n' | sort -n | sed -n 's/^[0-9]* //p' | sed -n 3p)
    "$B/ghat" render -p "$off" -o "$OUT" "$one" >/dev/null || exit 1
    [ "$(find "$OUT" -type f | wc -l)" -ge 3 ] || { echo "$one did not come to $off"; exit 1; }
fi
judged videos
ok=$?
# What was not made must have been skipped for a reason, never silently.
grep -i skip "$TMPDIR/lines"
exit $ok
