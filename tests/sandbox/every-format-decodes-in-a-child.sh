#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A file of every format goes through a forked, locked-in child. A nursery that was warmed too little (a codec that wants to open a file) or
# too much (a thread that is gone after the fork) shows here: as a death by SIGSYS, or as a hang.
set -u
corpus=$ROOT/../shared/corpus
files=()
add() { [ -s "$1" ] && files+=("$1"); }
ff() { ffmpeg -v error -nostdin -f lavfi -i "testsrc2=size=640x480:rate=25:duration=6" "${@:2}" "$1" </dev/null && add "$1"; }
sound=(-f lavfi -i "sine=frequency=440:duration=6" -shortest)
if [ -d "$corpus" ]; then
    while read -r f; do add "$f"; done < <(find "$corpus/photos" "$corpus/orientation" -type f | sort)
fi
for e in jpg png webp gif bmp; do ff "$TMPDIR/a.$e" -frames:v 1; done
ff "$TMPDIR/a.tiff" -frames:v 1 -pix_fmt rgb24
for e in heic avif; do vips copy "$TMPDIR/a.png" "$TMPDIR/b.$e" 2>/dev/null && add "$TMPDIR/b.$e"; done
ff "$TMPDIR/h264.mp4" "${sound[@]}" -c:v libx264 -pix_fmt yuv420p -preset ultrafast
ff "$TMPDIR/hevc.mov" "${sound[@]}" -c:v libx265 -x265-params log-level=error -preset ultrafast -pix_fmt yuv420p
ff "$TMPDIR/vp9.webm" "${sound[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -pix_fmt yuv420p
ff "$TMPDIR/vp8.mkv" "${sound[@]}" -c:v libvpx -deadline realtime -cpu-used 8
ff "$TMPDIR/av1.mp4" -c:v libsvtav1 -preset 12 -pix_fmt yuv420p
ff "$TMPDIR/mpeg4.avi" "${sound[@]}" -c:v mpeg4
ff "$TMPDIR/mpeg2.ts" "${sound[@]}" -c:v mpeg2video -f mpegts
ff "$TMPDIR/wmv2.wmv" "${sound[@]}" -c:v wmv2 -c:a wmav2
ff "$TMPDIR/mpeg2.vob" "${sound[@]}" -c:v mpeg2video -c:a ac3 -f vob
ff "$TMPDIR/flv1.flv" "${sound[@]}" -ar 44100 -c:v flv -c:a libmp3lame
ff "$TMPDIR/bare.h264" -c:v libx264 -bf 2 -pix_fmt yuv420p -preset ultrafast -f h264
ff "$TMPDIR/bare.hevc" -c:v libx265 -x265-params log-level=error -preset ultrafast -pix_fmt yuv420p -f hevc
ff "$TMPDIR/prores.mov" "${sound[@]}" -c:v prores_ks -c:a pcm_s16le
ff "$TMPDIR/mjpeg.mov" "${sound[@]}" -c:v mjpeg -c:a pcm_s16be
[ ${#files[@]} -ge 22 ] || { echo "only ${#files[@]} files could be made"; exit 1; }
# Enough for the slowest file many times over; a child that hangs is stopped by the engine after a minute of silence.
timeout $((540 * GHAT_SLOW)) "$B/ghat" render -o "$TMPDIR/out" "${files[@]}" >"$TMPDIR/said" 2>"$TMPDIR/errors"
rc=$?
bad=0
[ $rc = 0 ] || { echo "ghat render: exit $rc"; cat "$TMPDIR/errors"; bad=1; }
grep -E 'SIG[A-Z]+|hangs|before it was ready' "$TMPDIR/errors" && bad=1
n=$(find "$TMPDIR/out" -type f | wc -l)
[ "$n" -ge $((${#files[@]} * 3)) ] || { echo "${#files[@]} files gave only $n outputs"; bad=1; }
while read -r f; do
    djpeg -fast "$f" >/dev/null || { echo "$f: djpeg warns, or fails"; bad=1; } # a warning is 2
done < <(find "$TMPDIR/out" -name '*.jpg')
echo "${#files[@]} files, $n outputs"
exit $bad
