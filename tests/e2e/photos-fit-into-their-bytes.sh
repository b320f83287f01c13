#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A picture no encoder makes small: first its quality goes down, then its size, in few encodes; when even that is too much it is refused with
# the figures. Judges: the file's size, exiftool, djpeg.
. tests/e2e/lib.sh
judge() { python3 "$ROOT/tests/e2e/photo_judge.py" "$@"; }
configure
cd "$TMPDIR"
# profile NAME BYTES_MAX [SHRINK_MIN]
profile() {
    printf '%s\n' '[profile]' "name = $1" 'title = t' 'platform = none' 'kind = photo' 'checked = 2026-11-26' 'source = none' '[limits]' \
        "bytes_max = $2" 'width = 1..1200' '[target]' 'quality = 90' 'quality_min = 60' "${3:+shrink_min = $3}" 'subsampling = 420' \
        '[filters]' 'orient =' 'fit = mode=inside sizes=1200x1200' 'colour = to=srgb' >"$T/etc/profiles/$1.profile"
}
profile t.free 9M
judge noise noise.ppm 1000 750
vips copy noise.ppm noise.png
judge draw drawn.ppm 1000 750
vips copy drawn.ppm drawn.png
ghat render -p t.free -o out noise.png drawn.png >lines
free=$(stat -c %s out/t.free/noise.jpg)
profile t.quality $((free * 65 / 100)) 300 # between the quality of 90 and of 60
profile t.size $((free / 6)) 300           # less than 60 can do
profile t.refused 4000
ghat render --json -p t.quality,t.size,t.refused -o out noise.png >lines 2>errors && die "what is impossible was made"
encodes() { jq -s -r ".[] | select(.placement == \"$1\") | .encodes" lines; }
for p in t.quality t.size; do
    most=$(sed -n 's/^bytes_max = //p' "$T/etc/profiles/$p.profile")
    got=$(stat -c %s "out/$p/noise.jpg")
    [ "$got" -le "$most" ] || die "$p: $got of $most bytes"
    # white noise loses more than any photograph by being made smaller
    [ "$got" -ge $((most * $([ $p = t.size ] && echo 40 || echo 80) / 100)) ] || die "$p: only $got of $most bytes: more was given away than needed"
    djpeg -ppm "out/$p/noise.jpg" >got.ppm || die "$p does not decode"
    echo "  $p: $got of $most bytes, $(exiftool -s3 -ImageSize "out/$p/noise.jpg"), $(encodes $p) encodes"
    [ "$(encodes $p)" -le 3 ] || die "$p took $(encodes $p) encodes"
done
same "size when quality is enough" "$(exiftool -s3 -ImageSize out/t.quality/noise.jpg)" 1000x750
[ "$(exiftool -s3 -ImageWidth out/t.size/noise.jpg)" -lt 1000 ] || die "the size did not go down"
[ ! -e out/t.refused/noise.jpg ] || die "t.refused was made"
has errors '4000'
grep -E 'quality 60' errors || die "the reason does not say how far it went: $(cat errors)"
step "what fits at once is encoded once"
ghat render --json -p t.free,t.size -o once drawn.png >lines
same encodes "$(encodes t.free) $(encodes t.size)" "1 1"
