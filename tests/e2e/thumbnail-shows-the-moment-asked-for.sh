#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The thumbnail of a video is a frame worth seeing; ghat thumb takes it from another moment, makes that placement alone again, and the
# approval of the one before is void; ghat render --thumb-at does the same on the command line.
. tests/e2e/lib.sh
cd "$TMPDIR"
configure
department Water water

# Black for two seconds, red, blurred grey, blue, white: a second or two each, with something in them to look at.
clip=$TMPDIR/scenes.mp4
scene() { echo "color=$1:s=640x360:r=25:d=$2,drawgrid=w=80:h=60:t=4:c=$3"; }
ffmpeg -nostdin -v error -y -f lavfi -i "color=black:s=640x360:r=25:d=2" -f lavfi -i "$(scene red 3 yellow)" -f lavfi -i "color=gray:s=640x360:r=25:d=2" \
    -f lavfi -i "$(scene blue 3 white)" -f lavfi -i "color=white:s=640x360:r=25:d=2" -f lavfi -i "sine=440:d=12" \
    -filter_complex "[0][1][2][3][4]concat=n=5:v=1[v]" -map "[v]" -map 5 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac "$clip"

# Mean colour of a picture: "red", "blue", "dark", "light" or "grey".
colour() {
    local r g b
    read -r r g b < <(djpeg -scale 1/8 -pnm "$1" | tail -c +15 | od -An -v -tu1 -w3 | awk '{ r += $1; g += $2; b += $3 } END { print int(r / NR), int(g / NR), int(b / NR) }')
    if [ "$r" -gt $((b + 60)) ]; then echo red
    elif [ "$b" -gt $((r + 60)) ]; then echo blue
    elif [ "$r" -lt 40 ]; then echo dark
    elif [ "$r" -gt 215 ]; then echo light
    else echo grey; fi
}

step "on the command line"
ghat render -p yt.thumb -o chosen "$clip" >/dev/null
case $(colour chosen/yt.thumb/scenes.jpg) in red | blue) ;; *) die "a frame that is $(colour chosen/yt.thumb/scenes.jpg) was chosen" ;; esac
for want in 0.5=dark 3.5=red 8=blue 0:11.5=light 9999=dark; do # beyond the end: the first picture
    ghat render -p yt.thumb --thumb-at "${want%=*}" -o at "$clip" >/dev/null
    same "thumbnail at ${want%=*}" "$(colour at/yt.thumb/scenes.jpg)" "${want#*=}"
done
for bad in x -1 1:99 1.5:3 ''; do
    rc=0
    ghat render -p yt.thumb --thumb-at "$bad" -o at "$clip" >/dev/null 2>&1 || rc=$?
    same "exit of --thumb-at '$bad'" $rc 2
done

step "in the daemon"
start
cp "$clip" "$T/srv/drop/Water/Opening.mp4"
arrives Opening.mp4 staged 240
thumb() { echo "$T/srv/staging/$(item "$ID" '.renditions[] | select(.placement == "yt.thumb") | .stage')"; }
others() { item "$ID" '[.renditions[] | select(.placement != "yt.thumb") | {placement, sha256, staged_ms, state}] | sort_by(.placement) | tojson'; }
before=$(others)
first=$(colour "$(thumb)")
want=blue at=0:08
[ "$first" = red ] || { want=red at=3.5; }
shown() { [ "$(item "$ID" '.placements["yt.thumb"]')" = staged ] && [ "$(colour "$(thumb)")" = "$1" ]; }
ghat thumb "$ID" $at --as Asha
within 60 "the thumbnail is $want" shown $want
same "the other placements" "$(others)" "$before"
ghat log "$ID" | seen "thumbnail at" || die "the log does not say who chose the moment"

step "it is kept for the next time"
ghat rerender "$ID" -p yt.thumb
within 60 "the thumbnail is $want again" shown $want
ghat thumb "$ID" auto
within 60 "the thumbnail is chosen again" shown "$first"

step "what is no moment, and what has no video"
rc=0; ghat thumb "$ID" soon 2>/dev/null || rc=$?
same exit $rc 2
cp "$(media small.png)" "$T/srv/drop/Water/map.png"
arrives map.png staged
rc=0; ghat thumb "$ID" 1 2>err || rc=$?
same exit $rc 1
has err "has no placement that this concerns"
