#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which system calls a child makes once its filter is up, for each format, by strace. Shown as a table; fails when a child is killed, or
# is refused something nobody has looked at. By hand with files: system-calls-by-format.sh FILE… (B, ROOT and TMPDIR set).
set -u
command -v strace >/dev/null || { echo "no strace here"; exit 77; }
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
fi
cat >"$TMPDIR/table.awk" <<'AWK'
{ pid = $1; line = substr($0, length($1) + 1); sub(/^ +/, "", line) }
# A child is what has entered the long filter (the short one has six instructions), and every thread it makes.
line ~ /^seccomp\(SECCOMP_SET_MODE_FILTER, 0, \{len=/ && line ~ /= 0$/ && line !~ /len=6,/ { child[pid] = 1; seen++; next }
/killed by SIGSYS/ { killed++ }
!(pid in child) { next }
line ~ /<unfinished \.\.\.>$/ { sub(/<unfinished.*/, "", line); begun[pid] = line; next }
line ~ /^<\.\.\. [a-z_0-9]+ resumed>/ { sub(/^<[^>]*>/, "", line); line = begun[pid] line; sub(/ +\)/, ")", line) }
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
exit $bad
