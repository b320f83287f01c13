#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A department's card names a logo and a label: both are in its pictures and in nobody else's; a changed logo makes other recipes; a logo
# that is missing, or is no picture, is a mistake of the configuration, named with the card. ghat focal moves crops, and only crops.
. tests/e2e/lib.sh
cd "$TMPDIR"
configure
mkdir -p "$T/etc/logos"
ffmpeg -nostdin -v error -y -f lavfi -i color=red:s=80x80,format=rgba -frames:v 1 -f image2 -c:v png "$T/etc/logos/water.png"
department Water water
department Roads roads
printf '[overlay]\nlogo = water.png\nlogo_options = corner=top-left size=20 margin=0 opacity=100\nlabel = জল সরবরাহ বিভাগ\nlabel_options = corner=bottom-right size=10 margin=0\n' \
    >>"$T/etc/departments/water.conf"
ffmpeg -nostdin -v error -y -f lavfi -i color=0x00a000:s=1600x1200,format=yuvj420p -frames:v 1 -q:v 2 -f image2 plain.jpg

# Mean R G B of a part of a picture, left top width height in pixels.
part() { vips crop "$1" part.ppm "$2" "$3" "$4" "$5" && tail -c $((3 * $4 * $5)) part.ppm | od -An -v -tu1 -w3 | awk '{ r += $1; g += $2; b += $3 } END { print int(r / NR), int(g / NR), int(b / NR) }'; }
is_red() { awk '{ exit !($1 > 150 && $2 < 80) }' <<<"$1"; }
is_green() { awk '{ exit !($1 < 60 && $2 > 120) }' <<<"$1"; }
staged() { echo "$T/srv/staging/$(item "$ID" ".renditions[] | select(.placement == \"$1\") | .stage")"; }

start
cp plain.jpg "$T/srv/drop/Water/plain.jpg"
cp plain.jpg "$T/srv/drop/Roads/plain-too.jpg"
step "the logo's corner is red, the label's is no longer the picture's colour, the middle is untouched"
arrives plain.jpg staged
out=$(staged fb.photo)
same size "$(vipsheader -f width "$out")x$(vipsheader -f height "$out")" 1600x1200
is_red "$(part "$out" 20 20 100 100)" || die "no logo: $(part "$out" 20 20 100 100)"
is_green "$(part "$out" 700 500 200 200)" || die "the middle was painted over"
is_green "$(part "$out" 1300 1120 260 60)" && die "no label: $(part "$out" 1300 1120 260 60)"
water=$(item "$ID" '.renditions[] | select(.placement == "fb.photo") | .sha256')

step "another department's picture of the same bytes has neither"
arrives plain-too.jpg staged
is_green "$(part "$(staged fb.photo)" 20 20 100 100)" || die "the logo of another department"
[ "$water" != "$(item "$ID" '.renditions[] | select(.placement == "fb.photo") | .sha256')" ] || die "shared what must differ"

step "a changed logo is another recipe"
ffmpeg -nostdin -v error -y -f lavfi -i color=blue:s=80x80,format=rgba -frames:v 1 -f image2 -c:v png "$T/etc/logos/water.png"
kill -HUP "$DAEMON"
within 30 "the reload is in the log" grep -q event=reloaded "$LOG"
ID=$(number_of plain.jpg)
ghat rerender "$ID"
other() { [ "$(item "$ID" .state)" = staged ] && [ "$(item "$ID" '.renditions[] | select(.placement == "fb.photo") | .sha256')" != "$water" ]; }
within 60 "it is painted anew" other

step "a point chosen by a person moves crops and nothing else"
ffmpeg -nostdin -v error -y -f lavfi -i color=green:s=2000x1000,format=yuvj420p -vf "drawbox=x=1800:w=200:h=1000:t=fill:c=red" -frames:v 1 -q:v 2 -f image2 wide.jpg
cp wide.jpg "$T/srv/drop/Roads/wide.jpg"
arrives wide.jpg staged
whole() { item "$ID" '[.renditions[] | select(.placement == "fb.photo") | {sha256, staged_ms}] | tojson'; }
kept=$(whole)
ghat focal "$ID" 1.0,0.5 --as rina
right() { [ "$(item "$ID" .state)" = staged ] && f=$(staged yt.thumb) && [ -e "$f" ] && is_red "$(part "$f" 1240 300 30 100)"; }
within 60 "the crop keeps the right edge" right
ghat focal "$ID" 0.0,0.5
left() { [ "$(item "$ID" .state)" = staged ] && f=$(staged yt.thumb) && [ -e "$f" ] && ! is_red "$(part "$f" 1240 300 30 100)"; }
within 60 "the crop keeps the left edge" left
same "what is not cropped was not made again" "$(whole)" "$kept"
ghat log "$ID" | seen "crops keep 1.0000,0.5000" || die "the log does not say where"
rc=0; ghat focal "$ID" 2,1 2>err || rc=$?
same "exit of a point outside" $rc 2
stop

step "a card whose logo is not there, or no picture, is named"
rm "$T/etc/logos/water.png"
rc=0; ghatd -c "$CONF" --check >out 2>err || rc=$?
same exit $rc 1
has err departments/water.conf
has err logos/water.png
echo "no picture" >"$T/etc/logos/water.png"
rc=0; ghatd -c "$CONF" --check >out 2>err || rc=$?
same exit $rc 1
has err logos/water.png
