# SPDX-License-Identifier: GPL-3.0-or-later
# What the fault tests share: a small day's work, dropped, as a template that drive.py copies, breaks and judges.
EVERY=${GHAT_FAULT_EVERY:-}
[ -z "${SAN:-}" ] || skip "faults are preloaded, which a sanitizer does not like"
small=$(media small.png)
dir=$TMPDIR/made
mkdir -p "$dir"
for name in smptebars:two rgbtestsrc:three; do
    ffmpeg -nostdin -v error -y -f lavfi -i "${name%:*}=s=640x480" -frames:v 1 "$dir/${name#*:}.png"
done
head -c 3000 "$small" >"$dir/broken.png"
# The sandbox holds here, or tests/sandbox fails: proving it at each of thousands of starts is a fifth of a run.
worker=$TMPDIR/worker
printf '#!/bin/sh\n[ "$1" = --selftest ] || exec "%s/ghat-worker" "$@"\n' "$B" >"$worker"
chmod +x "$worker"
expect_log . # faults make noise; what counts is the end

# What is dropped: a photo, a folder of two with a caption, and one broken file.
drop_all() {
    department Water water
    mkdir "$T/srv/drop/Water/Opening"
    cp "$small" "$T/srv/drop/Water/one.png"
    cp "$dir/two.png" "$dir/three.png" "$T/srv/drop/Water/Opening/"
    echo 'Opening of the pump' >"$T/srv/drop/Water/Opening/caption.txt"
    cp "$dir/broken.png" "$T/srv/drop/Water/broken.png"
}
# drive KIND TEMPLATE MODE…: each EVERY-th of the numbered steps, in each mode; another sample each time. GHAT_FAULT_SHARD=i/n: of those only
# each n-th, from the i-th. GHAT_FAULT_LOG: a file that gets each step that held; those in it already are not tried again.
# GHAT_FAULT_JOBS: so many at once. GHAT_FAULT_KEEP_GOING=1: go on after one that failed.
drive() {
    WAS=$T EVERY=$EVERY DROPPED="$small
$dir/two.png
$dir/three.png
$dir/broken.png" WAITS=${waits:-} python3 tests/fault/drive.py "$@" || exit 1
}
