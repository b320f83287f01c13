#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which system calls a child makes once its filter is up, for each format, by strace. Shown as a table; fails when a child is killed, or
# is refused something nobody has looked at. By hand with files: system-calls-by-format.sh FILE… (B, ROOT and TMPDIR set).
set -u
[ -n "${SAN:-}" ] && { echo "a sanitizer build has no filter"; exit 77; }
corpus=$ROOT/../shared/corpus
files=("$@")
if [ ${#files[@]} = 0 ]; then
    [ -d "$corpus" ] || { echo "no ../shared/corpus"; exit 77; }
    for f in photos/{craft-beer.jpg,Channel_digital_image_CMYK_color.jpg,IMG_2682.heic,8bit-sRGB.avif,4.webp,16-bit-grey-alpha.png,G31D.TIF} \
        photos/rotating-squares.gif videos/{sample_15fps_720p_1s.mp4,bbb_960x540_60fps_vp8.webm,sample.avi,bbb_2500ms.ts} \
        videos/{sowt-with-video.mov,pixel7_videoOnly_cleaned.mp4}; do
        [ -e "$corpus/$f" ] && files+=("$corpus/$f")
    done
    made() { ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x240:r=10:d=1 -f lavfi -i sine=440:d=1:r=44100 "${@:2}" "$TMPDIR/$1" </dev/null && files+=("$TMPDIR/$1"); }
    made a.bmp -frames:v 1
    made a.wmv -c:v wmv2 -c:a wmav2
    made a.vob -c:v mpeg2video -c:a ac3
    made a.flv -c:v flv -c:a libmp3lame
    made a.h264 -c:v libx264 -pix_fmt yuv420p -an -f h264
    made a.hevc -c:v libx265 -x265-params log-level=error -pix_fmt yuv420p -an -f hevc
fi
cat >"$TMPDIR/table.awk" <<'AWK'
{ pid = $1; line = substr($0, length($1) + 1); sub(/^ +/, "", line) }
# strace cuts a call in two where another thread's comes between: the halves are one line again before anything is read from them.
line ~ /<unfinished \.\.\.>$/ { sub(/ *<unfinished.*/, "", line); begun[pid] = line; next }
line ~ /^<\.\.\. [a-z_0-9]+ resumed>/ { sub(/^<[^>]*>/, "", line); line = begun[pid] line; sub(/ +\)/, ")", line) }
# A child is what has entered the long filter (the short one has six instructions), and every thread it makes.
line ~ /^seccomp\(SECCOMP_SET_MODE_FILTER, 0, \{len=/ && line ~ /= 0$/ && line !~ /len=6,/ { child[pid] = 1; seen++; next }
/killed by SIGSYS/ { killed++ }
!(pid in child) { next }
line ~ /^clone\(/ && match(line, /= [0-9]+$/) { child[substr(line, RSTART + 2)] = 1 }
match(line, /^[a-z_0-9]+\(/) { call = substr(line, 1, RLENGTH - 1); n[call]++ }
match(line, /= -1 E[A-Z]+/) {
    code = substr(line, RSTART + 5, RLENGTH - 5)
    if (code ~ /EAGAIN|EPIPE|ECONNRESET|ETIMEDOUT/) next
    if (call == "clone3") next                            # glibc falls back to clone
    if (line ~ /overcommit_memory|\/gconv\/|\/sys\/devices\/system\/cpu|\/proc\/(self\/)?(stat|status|cpuinfo)"/) next
    if (call == "openat" && line ~ /localtime|zoneinfo/) next
    refused[call " " code]++
    if (!(call in example)) example[call] = line
}
END {
    text = name ":"
    for (c in n) text = text " " c " " n[c]
    print text
    if (!seen) { print "    no child was seen"; bad = 1 }
    for (x in refused) { split(x, part, " "); print "    refused " x " (" refused[x] " times): " example[part[1]]; bad = 1 }
    if (killed) { print "    " killed " children were killed by SIGSYS"; bad = 1 }
    exit bad
}
AWK
bad=0
for f in "${files[@]}"; do
    strace -f -qq -o "$TMPDIR/trace" "$B/ghat" render -o "$TMPDIR/out" "$f" >"$TMPDIR/said" 2>&1
    awk -v name="$(basename "$f")" -f "$TMPDIR/table.awk" "$TMPDIR/trace" || { tail -n 3 "$TMPDIR/said"; bad=1; }
done
# A document is read by a child of ghatd only.
if [ $# = 0 ]; then
    T=$TMPDIR/g
    mkdir -p "$T/etc" "$T/srv/drop/Water" "$T/srv/drop/Roads" "$T/state" "$TMPDIR/Evening"
    printf '[paths]\nroot = %s/srv\nstate = %s/state\ncontrol = %s/c.sock\n[intake]\nquiet = 1s\n' "$T" "$T" "$T" >"$T/etc/ghat.conf"
    ffmpeg -v error -nostdin -f lavfi -i testsrc2=size=64x48 -frames:v 1 "$TMPDIR/Evening/a.jpg" </dev/null
    python3 - "$TMPDIR/Evening/caption.docx" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('লেখা.xml', '<x/>')
    z.writestr('word/document.xml', '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>রাস্তা</w:t></w:r></w:p></w:document>')
PY
    cp -r "$TMPDIR/Evening" "$T/srv/drop/Water/"
    cp -r "$TMPDIR/Evening" "$T/srv/drop/Roads/" # two children at least: one may have been forked before ghatd was ready
    strace -f -qq -s 100 -o "$TMPDIR/trace" "$B/ghatd" -c "$T/etc/ghat.conf" >"$TMPDIR/said" 2>&1 &
    tracer=$! end=$((SECONDS + 60)) shown=
    while [ $SECONDS -lt $end ] && [ "$(grep -c রাস্তা <<<"$shown")" -lt 2 ]; do
        read -rt 0.5 <> <(:) || :
        shown=$(for n in 1 2; do "$B/ghat" -c "$T/etc/ghat.conf" show $n 2>/dev/null; done)
    done
    [ "$(grep -c রাস্তা <<<"$shown")" = 2 ] || { echo "the document was not read: $shown"; tail "$TMPDIR/said"; bad=1; }
    pkill -TERM -P $tracer
    wait $tracer
    # what comes before is the self-test, which tries what is forbidden
    sed -n '/event=ready/,$p' "$TMPDIR/trace" >"$TMPDIR/ready"
    awk -v name="caption.docx and a photo" -f "$TMPDIR/table.awk" "$TMPDIR/ready" || bad=1
fi
exit $bad
