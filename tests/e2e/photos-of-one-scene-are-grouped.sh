#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In a folder of many photos those of one scene are told as a group, the sharpest first. None is dropped. What was made for another
# department is known there as well.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads
start
judge() { python3 "$ROOT/tests/e2e/photo_judge.py" "$@"; }

# A burst of three: as it is, moved and a little brighter, and out of focus; and two other scenes.
cd "$TMPDIR"
mkdir burst
judge person scene.ppm 1400 1000 40
judge ground other.ppm 1400 1000 leaves
judge draw third.ppm 1400 1000
vips crop scene.ppm a.v 0 0 1360 980
vips crop scene.ppm b.v 14 8 1360 980
vips linear b.v b2.v 1.05 4 --uchar
vips gaussblur a.v c.v 6
vips copy c.v 'burst/1-blurred.jpg[Q=92]'
vips copy a.v 'burst/2-sharp.jpg[Q=92]'
vips copy other.ppm 'burst/3-leaves.jpg[Q=92]'
vips copy b2.v 'burst/4-moved.jpg[Q=92]'
vips copy third.ppm 'burst/5-quarters.jpg[Q=92]'
cd - >/dev/null

step "a folder of five: three of one scene, the one out of focus last"
cp -r "$TMPDIR/burst" "$T/srv/drop/Water/Visit"
arrives Visit staged 120
groups=$(item "$ID" '.alike | tostring')
same "groups" "$(jq -c 'map(sort)' <<<"$groups")" '[[1,2,4]]'
same "the last of them" "$(jq '.[0][2]' <<<"$groups")" 1
same "files that were dropped" "$(item "$ID" '[.files[] | select(.work != "done")] | length')" 0
ghat show "$ID" >"$TMPDIR/show"
has "$TMPDIR/show" "the sharpest first"

step "another department gets the same outputs again, and the same groups"
cp -r "$TMPDIR/burst" "$T/srv/drop/Roads/Visit again"
arrives "Visit again" staged 120
same "groups there" "$(item "$ID" '.alike | tostring')" "$groups"
