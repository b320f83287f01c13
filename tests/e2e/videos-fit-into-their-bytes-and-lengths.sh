#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Byte limits hold for pictures that no encoder likes; longer clips take the lower rungs of the ladder; over-long ones are refused, cut or
# split, as the profile says; landscape becomes vertical with its own blur or by a crop.
. tests/e2e/lib.sh
configure
cd "$TMPDIR"
quiet='-nostdin -v error -y'
judged() { python3 "$ROOT/tests/e2e/video_judge.py" "$@" || die "$1"; }
render() { ghat render -o out "$@" >lines 2>&1 || { cat lines; die "ghat render $*"; }; }
bytes() { stat -c %s "$1"; }
# own NAME FROM SED…: a profile of one's own, made of a shipped one.
own() {
    local name=$1 from=$2
    shift 2
    sed -e "s/^name = .*/name = $name/" -e '/^sizes_exact/d' "$@" "$ROOT/profiles/$from.profile" >"$T/etc/profiles/$name.profile"
}

step "noise, the worst there is, within 450 kB and 250 kB"
ffmpeg $quiet -f lavfi -i "nullsrc=s=640x360:r=25:d=5,geq=random(1)*255:128:128" -f lavfi -i anoisesrc=d=5 -c:v libx264 -preset ultrafast -crf 30 -pix_fmt yuv420p -c:a aac noise.mp4
for limit in 450000 250000; do
    own "tight.video" wa.video -e "s/^bytes_max = .*/bytes_max = $limit/" -e '/^ladder/d' -e 's/^kbps_floor = .*/kbps_floor = 60k/' -e 's/^audio_kbps = .*/audio_kbps = 48k/' -e 's/^passthrough = .*/passthrough = no/'
    rc=0
    ghat render -p tight.video -o tight noise.mp4 >lines 2>err || rc=$?
    [ $rc = 0 ] || { cat lines err; die "exit $rc at $limit"; }
    [ -s tight/tight.video/noise.mp4 ] || { cat lines err; die "nothing within $limit"; }
    [ "$(bytes tight/tight.video/noise.mp4)" -le "$limit" ] || die "$(bytes tight/tight.video/noise.mp4) bytes are more than $limit"
    [ "$(bytes tight/tight.video/noise.mp4)" -ge $((limit / 2)) ] || die "$(bytes tight/tight.video/noise.mp4) bytes make little of $limit"
    judged tight/tight.video/noise.mp4 profile=Main bframes=0 seconds=5
done

step "the ladder: longer clips are smaller, and all fit"
ffmpeg $quiet -f lavfi -i testsrc2=s=1280x720:r=10:d=10 -c:v libx264 -preset ultrafast -crf 20 -g 10 -pix_fmt yuv420p ten.mp4
for n in 1=1280x720 10=848x47 14=640x360; do
    for ((i = 0; i < ${n%=*}; i++)); do echo "file ten.mp4"; done >list
    ffmpeg $quiet -f concat -i list -c copy rung.mp4
    ghat plan -p wa.video rung.mp4 >plan
    grep -q "${n#*=}" plan || { cat plan; die "${n%=*}0 s are not planned as ${n#*=}"; }
done

step "over-long: refused, cut, split"
own "refuse.video" wa.video -e 's/^trim = .*/trim = max=4 over=refuse/' -e 's/^passthrough = .*/passthrough = no/'
own "cut.video" wa.video -e 's/^trim = .*/trim = max=4 over=cut/' -e 's/^passthrough = .*/passthrough = no/'
own "split.video" wa.video -e 's/^trim = .*/trim = max=4 over=split/' -e 's/^passthrough = .*/passthrough = no/'
# Each second has its own brightness: what is where can be told.
ffmpeg $quiet -f lavfi -i "nullsrc=s=320x240:r=25:d=10,geq=lum='20+20*floor(T)':cb=128:cr=128" -f lavfi -i "aevalsrc='0.3*sin(2*PI*(300+100*floor(t))*t)':d=10" \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac seconds.mp4
render -p refuse.video,cut.video,split.video seconds.mp4
seen "skipped: 10.0 s is longer than the 4 s allowed" <lines || { cat lines; die "no reason for the refusal"; }
same "what there is" "$(ls out/refuse.video out/cut.video out/split.video 2>/dev/null | grep mp4 | tr '\n' ' ')" "seconds.mp4 seconds-1of3.mp4 seconds-2of3.mp4 seconds-3of3.mp4 "
judged out/cut.video/seconds.mp4 seconds=4
second() { ffmpeg $quiet -ss "$2" -i "$1" -frames:v 1 -vf "scale=1:1:flags=area,format=yuv420p,extractplanes=y" -f rawvideo - | od -An -tu1 | awk '{ print int(($1 - 20) / 20 + 0.5) }'; }
same "second 3 of the cut" "$(second out/cut.video/seconds.mp4 3.5)" 3
for part in 1=0=0 2=0=3 3=3.1=9; do
    IFS='=' read -r k at want <<<"$part"
    judged "out/split.video/seconds-${k}of3.mp4" seconds=3.333
    same "part $k at $at" "$(second "out/split.video/seconds-${k}of3.mp4" "$at")" "$want"
done

step "landscape to vertical: padded with its own blur, or cropped"
ffmpeg $quiet -f lavfi -i "color=red:s=640x360:r=25:d=3,drawbox=x=320:w=320:c=blue:t=fill" -f lavfi -i sine=d=3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac wide.mp4
own "crop.video" story.video -e 's/^fit = .*/fit = mode=crop sizes=1080x1920/'
render -p story.video,crop.video wide.mp4
judged out/story.video/wide.mp4 size=1080x1920 seconds=3 fps=25
judged out/crop.video/wide.mp4 size=1080x1920 seconds=3 fps=25
# "r" or "b" for the colour at a point, in shares of the picture
at() { ffmpeg $quiet -i "$1" -frames:v 1 -vf "crop=40:40:iw*$2-20:ih*$3-20,scale=1:1:flags=area,format=rgb24" -f rawvideo - | od -An -tu1 | awk '{ print(($1 > $3 ? "r" : "b") (($1 > 60 || $3 > 60) ? " lit" : " black")) }'; }
for y in 0.05 0.5 0.95; do
    same "padded, left at $y" "$(at out/story.video/wide.mp4 0.1 $y)" "r lit"
    same "padded, right at $y" "$(at out/story.video/wide.mp4 0.9 $y)" "b lit"
done
same "cropped, left" "$(at out/crop.video/wide.mp4 0.1 0.05)" "r lit"
same "cropped, right" "$(at out/crop.video/wide.mp4 0.9 0.95)" "b lit"

step "a crop keeps the point a person chose, in the picture as it is seen"
# A green subject far on the right, and the same clip as a phone stores it: lying, to be turned.
ffmpeg $quiet -f lavfi -i "color=gray:s=640x360:r=25:d=3,drawbox=x=500:y=150:w=60:h=60:c=0x00d000:t=fill" -c:v libx264 -preset ultrafast -pix_fmt yuv420p subject.mp4
ffmpeg $quiet -i subject.mp4 -vf transpose=clock -c:v libx264 -preset ultrafast lying.mp4
ffmpeg $quiet -i lying.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4
# Where green is, in percent of the width: from, to; nothing when there is none.
green() {
    ffmpeg $quiet -ss 1 -i "$1" -frames:v 1 -vf "scale=100:178,format=rgb24" -f rawvideo - | od -An -v -tu1 -w300 |
        awk '{ for (x = 0; x < 100; x++) if ($(3 * x + 2) - $(3 * x + 1) > 60) { if (min == "" || x < min) min = x; if (x > max) max = x } } END { if (min != "") print min, max }'
}
same "the stored size" "$(ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0 turned.mp4 | first | cut -d, -f1,2)" 360,640
same "the clip as a player shows it" "$(green turned.mp4)" "$(green subject.mp4)"
for n in subject turned; do
    render -p crop.video $n.mp4
    same "the middle of $n shows of the subject" "$(green out/crop.video/$n.mp4)" ""
    render -p crop.video --focal 0.828,0.5 $n.mp4
    judged out/crop.video/$n.mp4 size=1080x1920 seconds=3 sound=$([ -n "$(ffprobe -v error -select_streams a -show_entries stream=index -of csv=p=0 out/crop.video/$n.mp4)" ] || echo no)
    green out/crop.video/$n.mp4 >where
    awk '{ exit !($2 - $1 > 24 && $1 > 25 && $2 < 75) }' where || die "the subject of $n is at $(cat where)"
done
