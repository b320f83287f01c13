#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Placements that share a file have limits of their own. When the file outgrows the strictest, that placement gets an encode of its own, or a
# failure of its own, and the others get theirs all the same: from `ghat render` and from ghatd alike, for what is encoded and what is passed through.
. tests/e2e/lib.sh
configure placements.make=roomy.video,hopeless.video placements.also=roomy.video
cd "$TMPDIR"
quiet='-nostdin -v error -y'
bytes() { stat -c %s "$1"; }
size_of() { ffprobe -v error -select_streams v:0 -show_entries stream=width,height -of csv=p=0:s=x "$1" | first; }
# own NAME BYTES SIZE [SED…]: a profile that asks for little and has one limit, of bytes.
own() {
    local name=$1 limit=$2 size=$3
    shift 3
    sed -e "s/^name = .*/name = $name/" -e "s/^title = .*/title = $name/" -e "s/^bytes_max = .*/bytes_max = $limit/" -e '/^ladder/d' -e 's/^kbps_floor = .*/kbps_floor = 1k/' \
        -e 's/^maxrate = .*/maxrate = 1500k/' -e 's/^audio_kbps = .*/audio_kbps = 32k/' -e "s/^fit = .*/fit = mode=inside sizes=$size/" -e 's/^passthrough = .*/passthrough = no/' \
        "$@" "$ROOT/profiles/wa.video.profile" >"$T/etc/profiles/$name.profile"
}
# x264 makes at least 8.7 kB of this, whatever it is asked for.
ffmpeg $quiet -f lavfi -i "nullsrc=s=1280x720:r=25:d=1.6,geq=random(1)*255:128:128" -c:v libx264 -preset ultrafast -crf 25 -pix_fmt yuv420p noise.mp4

step "what the three have in common is one file"
own roomy.video 90000000 1280x720
own small.video 8200 160x90
own hopeless.video 7600 1280x720
ghat plan --json -p roomy.video,small.video,hopeless.video noise.mp4 >plan
same "encodes planned" "$(jq '.encodes | length' plan)" 1

step "ghat render: the one that cannot hold it fails alone, the small one is small"
rc=0
ghat render -p roomy.video,small.video,hopeless.video -o out noise.mp4 >lines 2>err || rc=$?
[ $rc != 0 ] || { cat lines; die "noise of 1280x720 within 7.6 kB is no failure"; }
for p in roomy small; do
    [ -s out/$p.video/noise.mp4 ] || { cat lines err; die "nothing for $p.video"; }
    decodes out/$p.video/noise.mp4
done
same "complaints" "$(wc -l <err)" 1
has err hopeless.video
[ ! -e out/hopeless.video/noise.mp4 ] || die "more than its limit allows is handed out"
same "size of the small one" "$(size_of out/small.video/noise.mp4)" 160x90
[ "$(bytes out/small.video/noise.mp4)" -le 8200 ] || die "the small one has $(bytes out/small.video/noise.mp4) bytes"
same "size of the roomy one" "$(size_of out/roomy.video/noise.mp4)" 1280x720
[ "$(bytes out/roomy.video/noise.mp4)" -gt 20000 ] || die "the roomy one was pressed into another's limit"

step "what is passed through, too: its container may be larger than the one it came in"
ffmpeg $quiet -f lavfi -i testsrc2=s=320x240:r=25:d=3 -c:v libx264 -profile:v main -bf 0 -x264-params keyint=25:scenecut=0 -preset ultrafast -crf 30 \
    -pix_fmt yuv420p -color_primaries bt709 -color_trc bt709 -colorspace bt709 -bsf:v filter_units=remove_types=6 -fflags +bitexact \
    -flags +bitexact -use_editlist 0 -write_btrt 0 pass.mp4
own roomy.video 90000000 320x240 -e 's/^passthrough = .*/passthrough = yes/'
ghat render -p roomy.video -o through pass.mp4 >lines
seen "passed through" <lines || { cat lines; die "it is not passed through"; }
limit=$(($(bytes through/roomy.video/pass.mp4) - 1))
[ "$(bytes pass.mp4)" -le $limit ] || die "its own container is the larger one: $(bytes pass.mp4) bytes, passed through $((limit + 1))"
own exact.video $limit 320x240 -e 's/^passthrough = .*/passthrough = yes/'
ghat render -p roomy.video,exact.video -o through2 pass.mp4 >lines 2>err || { cat lines err; die "passing through fails for one of two"; }
seen -E 'roomy.video.*passed through' <lines || { cat lines; die "the one with room is not passed through"; }
seen -E 'exact.video.*encoded' <lines || { cat lines; die "the one without is not encoded"; }
[ "$(bytes through2/exact.video/pass.mp4)" -le $limit ] || die "more than its limit"

step "ghatd: staged for one, and failed for the other with words the officer can use"
own roomy.video 90000000 320x240
own hopeless.video 3000 320x240
department Water water
start
cp pass.mp4 "$T/srv/drop/Water/film.mp4"
arrives film.mp4 staged 600
same placements "$(item "$ID" '.placements | to_entries | map("\(.key)=\(.value)") | sort | join(" ")')" "hopeless.video=failed roomy.video=staged"
note_says "$T/srv/drop/Water/Status/film.mp4.txt" '- hopeless.video: The file is too large.'
stop
