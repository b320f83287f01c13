#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each page in Debian's Chromium: nothing is wider than the screen, no target is below 44 px, axe finds nothing serious, no script or policy complains.
# In Bengali at 360 px and in English at 1280; GHAT_DESK_ALL=1: every language, width and scheme. The pictures stay in build/desk-looks/. Needs
# the two packages of tests/desk/package-lock.json, from npm's registry: without them it is skipped.
. tests/desk/lib.sh
. tests/desk/browser.sh
desk_media
for n in c d e; do ffmpeg -nostdin -v error -y -f lavfi -i "mandelbrot=s=1280x854:start_scale=0.0${#n}" -frames:v 1 -f image2 "$TMPDIR/media/$n.jpg"; done
looks=("bn 360 light" "en 1280 light")
if [ -n "${GHAT_DESK_ALL:-}" ]; then
    looks=()
    for l in bn en hi; do for w in 360 1280; do for s in light dark; do looks+=("$l $w $s"); done; done; done
fi
rc=0
for look in "${looks[@]}"; do
    export FAKE_LANGUAGE=${look%% *}
    fake_up
    [ -n "$DESK_PID" ] || desk_up
    read -r l w s <<<"$look"
    timeout 300 node tests/desk/look.mjs "${DESK/127.0.0.1/localhost}" "$ROOT/build/desk-looks" "$l" "$w" "$s" || { echo "FAILED: $look"; rc=1; }
    fake_down
done
exit $rc
