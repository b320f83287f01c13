#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Length, rate, film and sound of a video are those of the picture and sound that are used, whatever its header says, leaves out, or adds.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
quiet='-nostdin -v error -y'
pic() { echo "-f lavfi -i testsrc2=s=320x180:r=${2:-30}:d=$1"; }
tone() { echo "-f lavfi -i sine=440:d=$1"; }
h264='-c:v libx264 -preset ultrafast -pix_fmt yuv420p'
# made FILE LENGTH RATE PLACEMENTS…: all of them are made, of that length (to a tenth of a second) and rate.
made() {
    local file=$1 length=$2 rate=$3 p out
    shift 3
    rm -rf out
    ghat render -p "$(IFS=,; echo "$*")" -o out "$file" >lines 2>errors || { cat lines errors; die "$file is not made"; }
    for p in "$@"; do
        out=out/$p/${file%.*}.mp4
        [ -f "$out" ] || { cat lines; die "$file: no $p"; }
        ffprobe -v error -select_streams v -show_entries stream=duration,r_frame_rate -of csv=p=0 "$out" >said
        python3 - "$length" "$rate" "$(cat said)" <<'PY' || die "$file: $p is $(cat said), not $length s at $rate"
import sys
from fractions import Fraction
rate, length = sys.argv[3].split(",")
sys.exit(not (abs(float(length) - float(sys.argv[1])) < 0.1 and abs(float(Fraction(rate)) - float(sys.argv[2])) < 0.01))
PY
    done
}
# planned FILE PLACEMENT TEXT: its line in the plan has the text.
planned() {
    ghat plan -p "$2" "$1" >plan 2>&1 || { cat plan; die "$1 has no plan"; }
    grep -q "$3" plan || { cat plan; die "$1: $2 lacks \"$3\""; }
}
# loud FILE FROM, silent FILE FROM: three tenths of a second of its sound.
level() { ffmpeg -nostdin -hide_banner -i "$1" -af "atrim=$2:$(python3 -c "print($2 + 0.3)"),volumedetect" -vn -f null - 2>&1 | sed -n 's/.*max_volume: \(-*[0-9]*\).*/\1/p'; }
# moves FILE FROM UNTIL: how many pictures clearly differ from the one before.
moves() {
    ffmpeg $quiet -i "$1" -vf "trim=$2:$3,scale=80:45,format=gray" -f rawvideo - >raw
    python3 - <<'PY'
raw, n = open("raw", "rb").read(), 80 * 45
frames = [raw[i:i + n] for i in range(0, len(raw), n)]
print(sum(max(abs(x - y) for x, y in zip(a, b)) > 12 for a, b in zip(frames, frames[1:])))
PY
}
loud() { [ "$(level "$1" "$2")" -gt -40 ] || die "$1 is silent at $2 s"; }
silent() { [ "$(level "$1" "$2")" -lt -60 ] || die "$1 is not silent at $2 s"; }

# --- no length in the header: a browser's recording
# shellcheck disable=SC2046
ffmpeg $quiet -f lavfi -i color=gray:s=64x36:r=5:d=200 $(tone 200) -c:v libvpx -deadline realtime -cpu-used 8 -b:v 10k -c:a libopus -b:a 8k \
    -f webm -live 1 - >browser.webm
ghat probe --json browser.webm | seen -E '"seconds": *(200\.|199\.9)' || die "a browser's recording was not measured"
made browser.webm 200 5 fb.video tg.video yt.video
for p in x.video wa.video story.video; do planned browser.webm $p 'skipped .*longer than'; done

# --- fragments, all ones where the length belongs, and nothing at all
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 6) $(tone 6) $h264 -g 15 -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof frag.mp4
python3 - <<'PY'
data = bytearray(open("frag.mp4", "rb").read())
for name, at in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
    i = -1
    while (i := data.find(name, i + 1)) >= 0:
        data[i + at:i + at + 4] = b"\xff" * 4
open("frag_ones.mp4", "wb").write(data)
PY
for f in frag.mp4 frag_ones.mp4; do made $f 6 30 x.video fb.video; done

# --- tracks that are neither picture nor sound
printf '1\n00:00:40,000 --> 00:00:41,000\nlate\n' >late.srt
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 6) $(tone 6) -i late.srt $h264 -c:a aac -c:s srt subtitles.mkv
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 6) $(tone 6) -i late.srt $h264 -c:a aac -c:s mov_text subtitles.mp4
for f in subtitles.mkv subtitles.mp4; do made $f 6 30 x.video; done
# and when such a file is cut off, its subtitles do not hide that
head -c $(($(stat -c %s subtitles.mkv) * 55 / 100)) subtitles.mkv >half.mkv
ghat render -p x.video -o half half.mkv >/dev/null 2>err && die "half a file is made"
grep -q 'cut off: it ends after' err || { cat err; die "half.mkv: the reason"; }

# --- pauses: the rate is that of what moves, and pauses are filled
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 20) -vf "select='lt(t,2)+gt(t,18)*lt(t,19)'" -vsync vfr $h264 screen.mp4
ffmpeg $quiet -i screen.mp4 -c copy screen.mkv
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 8) -vf "select='lt(t,2)+gt(t,6)'" -vsync vfr $h264 gap.mp4
made screen.mp4 19 30 yt.video fb.video
made screen.mkv 19 30 yt.video
made gap.mp4 8 30 yt.video
# every one of the first sixty pictures is there
[ "$(moves out/yt.video/gap.mp4 0 2)" -ge 57 ] || die "gap.mp4 moves in jerks"

# --- a still beside the film is never the film, in any order and container
for order in "0:v 1:v" "1:v 0:v"; do
    set -- $order
    for e in mp4 mkv; do
        # shellcheck disable=SC2046
        ffmpeg $quiet $(pic 4) -f lavfi -i testsrc2=s=640x480:r=30:d=0.03 -map $1 -map $2 $h264 -disposition:v:0 default -disposition:v:1 default two.$e
        made two.$e 4 30 x.video
    done
done
# --- a muted first sound track beside one with sound is not taken; the first with sound is
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 3) -f lavfi -i anullsrc=r=48000:cl=stereo:d=3 $(tone 3) -map 0:v -map 1:a -map 2:a $h264 -c:a aac -t 3 muted.mkv
ffmpeg $quiet -i muted.mkv -map 0 -c copy muted.mp4
for f in muted.mkv muted.mp4; do made $f 3 30 x.video; loud out/x.video/muted.mp4 1; done
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 3) $(tone 3) -f lavfi -i anullsrc=r=48000:cl=stereo:d=3 -map 0:v -map 1:a -map 2:a $h264 -c:a aac -t 3 spare.mp4
made spare.mp4 3 30 x.video
loud out/x.video/spare.mp4 1

# --- a low rate: a length that is off by half a picture is none of anybody's faults
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 13 1) $h264 slow.mp4
python3 - <<'PY'
data = bytearray(open("slow.mp4", "rb").read())
for name, at in ((b"mvhd", 20), (b"tkhd", 24), (b"elst", 12)):
    i = data.find(name)
    data[i + at:i + at + 4] = (12500).to_bytes(4, "big")
open("slow.mp4", "wb").write(data)
PY
rm -rf out
ghat render -p fb.video,x.video,wa.video -o out slow.mp4 >/dev/null 2>err || { cat err; die "13 pictures at one a second"; }

# --- sound before the first picture is heard, and the first picture stands
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 6) $h264 picture.mp4
ffmpeg $quiet -f lavfi -i "aevalsrc='0.5*sin(2*PI*440*t)*(between(t,0.3,1)+between(t,4,4.6))':d=8" -c:a aac sound.m4a
for e in mp4 mkv; do
    ffmpeg $quiet -itsoffset 2 -i picture.mp4 -i sound.m4a -map 0:v -map 1:a -c copy first.$e
    made first.$e 8 30 fb.video x.video
    loud out/x.video/first.mp4 0.5
    silent out/x.video/first.mp4 2.5
    loud out/x.video/first.mp4 4.2
    [ "$(moves out/x.video/first.mp4 0 1.9)" -lt 2 ] || die "first.$e: the first picture does not stand"
    [ "$(moves out/x.video/first.mp4 2.2 4)" -gt 40 ] || die "first.$e: it stands for longer"
done
# --- and where the sound outlasts the picture, the last picture stays
# shellcheck disable=SC2046
ffmpeg $quiet $(pic 3) $(tone 6) $h264 -c:a aac tail.mp4
made tail.mp4 6 30 x.video
loud out/x.video/tail.mp4 5
