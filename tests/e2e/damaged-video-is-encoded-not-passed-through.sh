#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Damage that a decoder conceals, without calling it an error, is found by the decode that feeds the encoders: such a video is planned again and
# encoded, in one run, and says so. Whole, the same video is passed through.
. tests/e2e/lib.sh
mkdir "$TMPDIR/profiles"
for p in yt.video wa.video; do cp "profiles/$p.profile" "$TMPDIR/profiles/"; done
configure paths.profiles="$TMPDIR/profiles" placements.also=all
department Water water
cd "$TMPDIR"
quiet='-nostdin -v error -y'
ffmpeg $quiet -f lavfi -i testsrc2=s=1280x720:r=30:d=3 -f lavfi -i sine=d=3 -c:v libx264 -preset veryfast -profile:v high -b:v 8M -pix_fmt yuv420p \
    -g 60 -bf 0 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -c:a aac -ar 48000 -ac 2 -movflags +faststart whole.mp4
# Bytes of a P picture's slice, behind its header, such that the decoder conceals what it lost and calls nothing an error.
python3 - <<'P' || die "no damage was concealed: nothing is tested"
import os, subprocess, sys
sys.dont_write_bytecode = True
sys.path.insert(0, os.environ["ROOT"] + "/tests/e2e")
from video_judge import run
data = open("whole.mp4", "rb").read()
lines = run("ffprobe", "-select_streams", "v", "-show_entries", "packet=pos,size,flags", "-of", "csv=p=0", "whole.mp4")[0].split()
packets = [l.split(",")[:3] for l in lines[30:] if "K" not in l]
found = 0
for n, (size, pos, _) in enumerate(packets[:40]):
    broken = bytearray(data)
    for i in range(3):
        broken[int(pos) + int(size) * (4 + n % 5) // 10 + i * 7] ^= 0x5A
    open("damaged.mp4", "wb").write(broken)
    said = subprocess.run(["ffmpeg", "-nostdin", "-threads", "1", "-v", "info", "-i", "damaged.mp4", "-map", "0:v", "-f", "null", "-"],
                          capture_output=True, text=True).stderr
    if "concealing" in said and not run("ffmpeg", "-nostdin", "-i", "damaged.mp4", "-f", "null", "-")[1]:
        found += 1
        open(f"damaged{found}.mp4", "wb").write(broken)
        if found == 3:
            break
sys.exit(not found)
P

mv damaged1.mp4 damaged.mp4
for f in whole damaged; do
    ghat render --json -o out $f.mp4 >$f.json || die "$f.mp4: $(cat $f.json)"
done
how() { jq -r --arg p "$2" 'select(.placement == $p) | .how // .skipped' "$1.json"; }
same "whole" "$(how whole yt.video)" "passed through"
same "damaged" "$(how damaged yt.video)" "shared"
for f in damaged?.mp4; do
    ghat plan -p yt.video $f | seen 'not passed through: it does not decode cleanly' || die "$f: it would pass, or the plan does not say why"
done
same "pictures of the pass" "$(ffmpeg $quiet -i out/yt.video/whole.mp4 -map 0:v -f md5 -)" "$(ffmpeg $quiet -i whole.mp4 -map 0:v -f md5 -)"
[ -z "$(ffmpeg -nostdin -v info -i out/yt.video/damaged.mp4 -f null - 2>&1 | grep concealing)" ] || die "the damage left"

step "the same through the daemon: the later plan is the one the ledger keeps"
cd "$ROOT"
start
for f in whole damaged; do
    cp "$TMPDIR/$f.mp4" "$T/srv/drop/Water/$f.mp4"
    arrives $f.mp4 staged 120
    item "$ID" '[.renditions[] | "\(.placement)=\(.how)"] | sort | join(" ")' >"$TMPDIR/$f.how"
done
same "whole, in the ledger" "$(cat "$TMPDIR/whole.how")" "wa.video=encode yt.video=pass"
same "damaged, in the ledger" "$(cat "$TMPDIR/damaged.how")" "wa.video=encode yt.video=merged"
same "attempts" "$(item "$ID" '.files[0].attempts')" 1
