#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Videos are encoded by the encoder that was chosen, in a process of its own; whatever becomes of it, they are made all the same,
# in software, and it is said why. Real devices are not needed: libx264 stands in for one, and the others are not there.
. tests/e2e/lib.sh
configure
department Water water
clip=$(media clip.mp4)
PLACES=story.video,tg.video,vertical.short
render() { # ENCODER [FILE]: into $TMPDIR/ENCODER
    ghat render --json --encoder "$1" -p $PLACES -o "$TMPDIR/$1" "${2:-$clip}" >"$TMPDIR/$1.json" 2>"$TMPDIR/$1.err"
}

step "libx264 in a process of its own gives the same pictures as in the worker"
render software || die "software fails: $(cat "$TMPDIR/software.err")"
render loopback || die "loopback fails: $(cat "$TMPDIR/loopback.err")"
n=0
while IFS=$'\t' read -r place how by why; do
    [ "$how" = encoded ] || continue
    n=$((n + 1))
    same "$place by" "$by $why" "loopback -"
    for out in "$TMPDIR/loopback/$place"/*.mp4; do
        same_pictures "$place" "$out" "$TMPDIR/software/$place/$(basename "$out")"
        ffprobe -v error -select_streams v -show_entries stream=codec_name,pix_fmt,color_space,field_order -of csv=p=0 "$out" |
            seen -E '^h264,yuv420p,.*bt709' || die "$out is not what it should be: $(ffprobe -v error -show_streams "$out")"
    done
done < <(jq -r '[.placement, .how, (.encoder // "-"), (.fell_back // "-")] | @tsv' "$TMPDIR/loopback.json")
[ $n -ge 1 ] || die "nothing was encoded: $(cat "$TMPDIR/loopback.json")"

step "an encoder whose device is not there: software, the reason, the same pictures"
for e in vaapi:/dev/dri/renderD128 qsv:/dev/dri/renderD128 nvenc:/dev/nvidia0 v4l2:/dev/video11; do
    name=${e%%:*} device=${e#*:}
    [ ! -e "$device" ] || { echo "  $device exists: $name is not tried"; continue; }
    render "$name" || die "$name fails: $(cat "$TMPDIR/$name.err")"
    has "$TMPDIR/$name.err" "encoded in software: $device: No such file or directory"
    same "lines about it" "$(grep -c 'encoded in software' "$TMPDIR/$name.err")" 1
    same "$name by" "$(jq -rs '[.[] | select(.how == "encoded") | .encoder] | unique | join(",")' "$TMPDIR/$name.json")" software
    same "$name" "$(cd "$TMPDIR/$name" && echo */*.mp4)" "$(cd "$TMPDIR/software" && echo */*.mp4)"
    for out in "$TMPDIR/$name"/*/*.mp4; do same_pictures "$name" "$out" "$TMPDIR/software/${out#"$TMPDIR/$name/"}"; done
done
rc=0
render cuda || rc=$?
[ $rc != 0 ] || die "an encoder there is not was accepted"
has "$TMPDIR/cuda.err" 'software|vaapi|qsv|nvenc|v4l2|loopback'

step "one that stops answering"
ghat render --json --encoder loopback -p story.video -o "$TMPDIR/stall" "$(media long.mp4)" >"$TMPDIR/stall.json" 2>"$TMPDIR/stall.err" &
render_pid=$!
HELPERS="$HELPERS $render_pid"
mine() { # one that belongs to our render: nursery's parent is it
    local p
    for p in $(pgrep -x ghat-device); do
        [ "$(ps -o ppid= -p "$(ps -o ppid= -p "$p" | tr -d ' ')" | tr -d ' ')" = "$1" ] || continue
        [ "$(awk '{print $14 + $15}' "/proc/$p/stat")" -gt 20 ] && WORKING=$p && return 0
    done
    return 1
}
within 60 "the device's process encodes" mine "$render_pid"
mine "$render_pid"
kill -STOP "$WORKING"
wait "$render_pid" || die "the render fails: $(cat "$TMPDIR/stall.err")"
same "by" "$(jq -r '.encoder' "$TMPDIR/stall.json")" software
grep -qE 'encoded in software: it (stalls|does not answer)' "$TMPDIR/stall.err" || die "it does not say why: $(cat "$TMPDIR/stall.err")"
same "frames" "$(ffprobe -v error -count_packets -select_streams v -show_entries stream=nb_read_packets -of csv=p=0 "$TMPDIR"/stall/story.video/*.mp4)" 360
gone() { ! kill -0 "$WORKING" 2>/dev/null; }
within 20 "the process that hung is gone" gone

step "mistakes in the configuration are named"
wrong() { # PATTERN SETTING…
    local pattern=$1
    shift
    configure "$@"
    timeout 20 "$B/ghatd" -c "$CONF" --check >"$TMPDIR/out" 2>&1 && die "accepted: $*"
    grep -qE -- "$pattern" "$TMPDIR/out" || { cat "$TMPDIR/out"; die "does not say $pattern"; }
}
wrong 'ghat.conf:[0-9]+: .*software\|vaapi\|qsv' workers.encoder=cuda
wrong 'must be a file below /dev' workers.encoder=vaapi workers.encoder_device=/etc/passwd
wrong 'has no device' workers.encoder=loopback workers.encoder_device=/dev/dri/renderD128
