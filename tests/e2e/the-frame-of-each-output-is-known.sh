#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which part of the upright original each output shows is kept and shown: of a photo on its side, of a video, after a focal point was
# chosen, and where an output made for another department is used again. What is told is what the output shows.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads
start
judge() { python3 tests/e2e/photo_judge.py "$@"; }
frame() { item "$1" ".renditions[] | select(.placement == \"$2\") | .crop | [.x, .y, .width, .height, .source_width, .source_height] | join(\" \")"; }

step "a photo stored on its side: the frame is in pixels of the upright picture, and shows what the output shows"
judge draw "$TMPDIR/up.ppm" 1800 600
judge store "$TMPDIR/up.ppm" "$TMPDIR/side.ppm" 6
vips copy "$TMPDIR/side.ppm" "$TMPDIR/side.jpg[Q=97,strip]"
exiftool -q -overwrite_original -n -IFD0:Orientation=6 "$TMPDIR/side.jpg"
cp "$TMPDIR/side.jpg" "$T/srv/drop/Water/side.jpg"
arrives side.jpg staged
photo=$ID
read -r x y w h sw sh <<<"$(frame "$photo" ig.photo)"
same "size of the original" "$sw $sh" "1800 600"
[ "$w" -lt 1800 ] && [ "$h" = 600 ] && [ $((x + w)) -le 1800 ] || die "ig.photo shows $w x $h at $x,$y"
ow=$(item "$photo" '.renditions[] | select(.placement == "ig.photo") | .width') oh=$(item "$photo" '.renditions[] | select(.placement == "ig.photo") | .height')
vips crop "$TMPDIR/up.ppm" "$TMPDIR/cut.v" "$x" "$y" "$w" "$h"
vips thumbnail "$TMPDIR/cut.v" "$TMPDIR/cut.ppm" "$ow" --height "$oh" --size force
djpeg -ppm "$T/srv/staging/$(item "$photo" '.renditions[] | select(.placement == "ig.photo") | .stage')" >"$TMPDIR/out.ppm"
db=$(judge psnr "$TMPDIR/cut.ppm" "$TMPDIR/out.ppm")
jq -en "$db > 30" >/dev/null || die "the frame that is told is not what the output shows: $db dB"
same "a placement that shows everything" "$(frame "$photo" fb.photo)" "0 0 1800 600 1800 600"
ghat show "$photo" >"$TMPDIR/show"
has "$TMPDIR/show" "shows ${w}x$h at $x,$y of 1800x600"

step "a point that somebody chose moves it"
ghat focal "$photo" 0,0.5
moved() { [ "$(frame "$photo" ig.photo)" = "0 0 $w $h 1800 600" ]; }
within 60 "the crop is made again at the left edge" moved

step "another department sends the same photo: the output is used again, its frame with it"
cp "$TMPDIR/side.jpg" "$T/srv/drop/Roads/again.jpg"
arrives again.jpg staged
same "frame of the copy" "$(frame "$ID" fb.photo)" "0 0 1800 600 1800 600"
same "frames that are not known" "$(item "$ID" '[.renditions[] | select(.state == "staged" and .crop == null)] | length')" 0

step "a video: cropped to its middle, and shown whole where it is passed through or padded"
cp "$(media clip.mp4)" "$T/srv/drop/Water/clip.mp4"
arrives clip.mp4 staged 180
same "frames that are not known" "$(item "$ID" '[.renditions[] | select(.state == "staged" and .crop == null)] | length')" 0
same "frames that leave the picture" "$(item "$ID" '[.renditions[] | select(.state == "staged") | .crop
    | select(.x + .width > .source_width or .y + .height > .source_height or .source_width != 640 or .source_height != 360)] | length')" 0
