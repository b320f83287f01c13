#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Previews are made when somebody asks, from the very bytes of an output, or from an original of whatever format: small, upright, without
# metadata. They are shared by equal bytes, refused in words where there is nothing to show, made ahead once somebody has looked, and
# removed with what they show.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads
start
judge() { python3 tests/e2e/photo_judge.py "$@"; }
ask() { python3 tests/e2e/ask.py "$T/c.sock" "$@"; }
file() { ask "{\"request\": \"file\", \"id\": $1, $2}" "${3:-$TMPDIR/preview}"; }
kept() { find "$T/srv/staging/.preview" -name '*.jpg' | wc -l; }
# small FILE EDGE W H: a whole JPEG whose longer edge is EDGE, in the shape of W × H, that says nothing about anybody.
small() {
    djpeg -ppm "$1" >"$TMPDIR/small.ppm"
    exiftool -n -p '$ImageWidth $ImageHeight' "$1" | awk -v e="$2" -v w="$3" -v h="$4" '{ most = $1 > $2 ? $1 : $2; off = $1 * h / w - $2; exit !(most == e && off > -1.5 && off < 1.5) }' ||
        die "$(exiftool -s3 -ImageSize "$1") is not $3x$4 within $2"
    left=$(exiftool -a -G1 -s "$1" | grep -vE '^\[(ExifTool|System|File|Composite|JFIF)\]' || :)
    [ -z "$left" ] || die "it carries $left"
}

step "nobody asked: no preview is made"
cp "$(media photo.jpg)" "$T/srv/drop/Water/Opening.jpg"
arrives Opening.jpg staged
photo=$ID
pause 2
same "previews" "$(kept)" 0

step "each output as it would go out, from its own bytes, and never those of another"
while IFS=$'\t' read -r rendition sha w h stage; do
    answer=$(file "$photo" "\"rendition\": $rendition, \"preview\": 360")
    same "the hash that comes with it" "$(jq -r .sha256 <<<"$answer")" "$sha"
    small "$TMPDIR/preview" 360 "$w" "$h"
    djpeg -ppm "$T/srv/staging/$stage" >"$TMPDIR/whole.ppm"
    vips thumbnail "$TMPDIR/whole.ppm" "$TMPDIR/whole-small.ppm" "$(sed -n 2p "$TMPDIR/small.ppm" | cut -d' ' -f1)" \
        --height "$(sed -n 2p "$TMPDIR/small.ppm" | cut -d' ' -f2)" --size force
    db=$(judge psnr "$TMPDIR/small.ppm" "$TMPDIR/whole-small.ppm")
    jq -en "$db > 22" >/dev/null || die "the preview of $stage is not like it: $db dB"
    cmp "$TMPDIR/preview" "$T/srv/staging/.preview/$sha-360.jpg"
done < <(ghat show "$photo" --json | jq -r '.renditions[] | [.rendition, .sha256, .width, .height, .stage] | @tsv')
same "previews: one for each different output" "$(kept)" "$(ghat show "$photo" --json | jq '[.renditions[].sha256] | unique | length')"

step "an original, upright, at both sizes, and its own bytes"
original=$(item "$photo" '.files[0].file')
for edge in 360 1600; do
    file "$photo" "\"file\": $original, \"original\": true, \"preview\": $edge" >/dev/null
    small "$TMPDIR/preview" $edge 1600 1200
done
file "$photo" "\"file\": $original, \"original\": true" "$TMPDIR/bytes" >/dev/null
cmp "$TMPDIR/bytes" "$(media photo.jpg)"

step "formats that no browser shows: a picture on its side in TIFF, AVIF, and the poster and stills of a video"
judge draw "$TMPDIR/up.ppm" 1200 700
judge store "$TMPDIR/up.ppm" "$TMPDIR/side.ppm" 6
vips copy "$TMPDIR/side.ppm" "$TMPDIR/side.tif"
exiftool -q -overwrite_original -n -IFD0:Orientation=6 "$TMPDIR/side.tif"
vips heifsave "$TMPDIR/up.ppm" "$TMPDIR/plain.avif" --compression av1 --speed 9
for name in side.tif plain.avif; do
    cp "$TMPDIR/$name" "$T/srv/drop/Water/$name"
    arrives $name staged
    file "$ID" "\"file\": $(item "$ID" '.files[0].file'), \"original\": true, \"preview\": 360" >/dev/null
    small "$TMPDIR/preview" 360 1200 700
    judge mean "$TMPDIR/small.ppm" 20 20 100 60 | awk '{ exit !($1 > 170 && $2 < 100 && $3 < 80) }' || die "$name is not upright, or not in its colours"
done
cp "$(media clip.mp4)" "$T/srv/drop/Roads/clip.mp4"
arrives clip.mp4 staged 180
video=$ID
rendition=$(item "$video" '[.renditions[] | select(.state == "staged" and .duration > 0)][0].rendition')
file "$video" "\"rendition\": $rendition, \"preview\": 360" >/dev/null
small "$TMPDIR/preview" 360 16 9
last=0
for still in 1 2 3 4 5 6; do
    answer=$(file "$video" "\"rendition\": $rendition, \"preview\": 160, \"still\": $still" "$TMPDIR/still$still.jpg")
    small "$TMPDIR/still$still.jpg" 160 16 9
    jq -e ".at_seconds > $last and .at_seconds < 6" <<<"$answer" >/dev/null || die "still $still: $answer"
    last=$(jq .at_seconds <<<"$answer")
done
same "different stills" "$(sha256sum "$TMPDIR"/still?.jpg | cut -c1-64 | sort -u | wc -l)" 6
rc=0; file "$photo" "\"rendition\": $(item "$photo" '.renditions[0].rendition'), \"preview\": 160, \"still\": 1" >"$TMPDIR/no" || rc=$?
same "a still of a photo" "$rc $(jq -r '.class' "$TMPDIR/no")" "1 limit"
has "$TMPDIR/no" "no preview can be made"
rc=0; file "$photo" "\"rendition\": $(item "$photo" '.renditions[0].rendition'), \"preview\": 361" >"$TMPDIR/no" || rc=$?
has "$TMPDIR/no" "must be 360 or 1600"

step "what is no picture says so in words"
head -c 3000 "$(media photo.jpg)" >"$T/srv/drop/Water/broken.jpg"
arrives broken.jpg quarantined
rc=0; file "$ID" "\"file\": $(item "$ID" '.files[0].file'), \"original\": true, \"preview\": 360" >"$TMPDIR/no" || rc=$?
same "refused" $rc 1
has "$TMPDIR/no" "no preview can be made: damaged"

step "somebody has looked: what is staged from now on has its previews without being asked for"
before=$(kept)
cp "$(another new.jpg "by itself")" "$T/srv/drop/Roads/new.jpg"
arrives new.jpg staged
all_there() {
    local sha
    for sha in $(ghat show "$ID" --json | jq -r '.renditions[].sha256'); do [ -s "$T/srv/staging/.preview/$sha-360.jpg" ] || return 1; done
    [ -s "$T/srv/staging/.preview/$(item "$ID" '.files[0].sha256')-1600.jpg" ]
}
within 60 "its previews are there" all_there
[ "$(kept)" -gt "$before" ] || die "nothing was made"

step "the installation is in order with them, and what is gone takes them along"
ghat verify
old=$(item "$photo" '.renditions[] | select(.placement == "ig.photo") | .sha256')
touch "$T/srv/staging/.preview/$(printf '0%.0s' $(seq 64))-360.jpg" "$T/srv/staging/.preview/$old-1600.jpg"
sqlite3 "$T/state/ledger.db" "SELECT 1" >/dev/null
ghat sweep
swept() { [ ! -e "$T/srv/staging/.preview/$(printf '0%.0s' $(seq 64))-360.jpg" ]; }
within 30 "what shows nothing is swept" swept
[ -e "$T/srv/staging/.preview/$old-1600.jpg" ] || die "a preview of what is there was swept"
