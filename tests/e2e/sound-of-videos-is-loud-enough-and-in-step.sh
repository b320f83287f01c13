#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# FFmpeg's own EBU R128 meter agrees: -14 LUFS within 1, true peaks below -1 dBTP; 5.1, mono and 44.1 kHz become stereo of 48 kHz; the first
# usable track is taken; a video without sound gets a silent track where one is demanded; sound and picture are in step at both ends.
. tests/e2e/lib.sh
unset GHAT_CONF
mkdir "$TMPDIR/in"
cd "$TMPDIR/in"
make() {
    local name=$1
    shift
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=320x240:r=25:d=6 "$@" -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$name" 2>../make.err || { cat ../make.err >&2; die "cannot make $name"; }
}
meter() { ffmpeg -nostdin -hide_banner -i "$1" -map 0:a:0 -af ebur128=peak=true -f null - 2>&1 | awk '/Summary/ { s = 1 } s && /I:/ { i = $2 } s && /Peak:/ { p = $2 } END { print i, p }'; }
within_1() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a - b <= 1 && b - a <= 1) }'; }
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a == "-inf" || a <= b) }'; }
judged() { python3 "$ROOT/tests/e2e/video_judge.py" "$@" || die "$1"; }

make loud.mkv -f lavfi -i anoisesrc=c=pink:d=6:r=48000:a=0.9 -ac 2 -c:a pcm_s16le
make peaky.mkv -f lavfi -i "aevalsrc='0.06*sin(2*PI*300*t)+0.9*lt(mod(t,0.5),0.003)*sin(2*PI*2500*t)':s=48000:d=6" -ac 2 -c:a flac
make mono441.mp4 -f lavfi -i "aevalsrc='0.2*sin(2*PI*300*t)*(0.6+0.4*sin(2*PI*2*t))':s=44100:d=6" -ac 1 -c:a aac
make six.mkv -f lavfi -i "aevalsrc='0.2*sin(2*PI*300*t)|0.2*sin(2*PI*350*t)|0.3*sin(2*PI*500*t)|0.5*sin(2*PI*50*t)|0.1*sin(2*PI*700*t)|0.1*sin(2*PI*800*t)':c=5.1:s=48000:d=6" -c:a ac3
make telephone.avi -f lavfi -i sine=600:d=6:r=8000 -c:a pcm_u8
make short.mp4 -f lavfi -i sine=500:d=2:r=48000 -c:a aac
make late.mkv -f lavfi -itsoffset 1.5 -i sine=500:d=3:r=48000 -c:a flac
make none.mp4
make silent.mp4 -f lavfi -i anullsrc=d=6 -c:a aac
make second.mkv -f lavfi -i sine=500:d=6:r=48000 -f lavfi -i sine=900:d=6:r=48000 -map 0 -map 1 -map 2 -c:a:0 tta -c:a:1 flac
ghat render -p tg.video -o ../out * >../lines 2>&1 && ghat render -p wa.video -o ../out none.mp4 >>../lines 2>&1 || { cat ../lines; die "not all were rendered"; }
cd ../out

step "as loud as asked, peaks below the limit, stereo of 48 kHz, as long as the picture"
for n in loud peaky mono441 six telephone late short second; do
    read -r lufs peak < <(meter tg.video/$n.mp4)
    judged tg.video/$n.mp4 seconds=6
    below "$peak" -1 || die "$n peaks at $peak dBTP"
    [ $n = peaky ] || within_1 "$lufs" -14 || die "$n is of $lufs LUFS"
done

step "a silent track where one is demanded, and only there"
for n in none silent; do
    judged tg.video/$n.mp4 seconds=6
    below "$(meter tg.video/$n.mp4 | cut -d' ' -f2)" -70 || die "$n is not silent"
done
judged wa.video/none.mp4 seconds=6 sound=no

step "a track that cannot be decoded is passed over"
tone() { ffmpeg -nostdin -hide_banner -i "$1" -af "bandpass=f=$2:w=50,volumedetect" -f null - 2>&1 | sed -n 's/.*mean_volume: \(-*[0-9]*\).*/\1/p'; }
[ "$(tone tg.video/second.mp4 900)" -gt -25 ] || die "the second track is not heard"

step "sound that begins late and ends early stays where it was"
ffmpeg -nostdin -hide_banner -i tg.video/late.mp4 -vn -af silencedetect=n=-40dB:d=0.5 -f null - 2>&1 | sed -n 's/.*silence_\(start\|end\): \([-0-9.]*\).*/\2/p' >moments
awk 'NR == 2 { exit !($1 > 1.46 && $1 < 1.54) }' moments || { cat moments; die "the sound does not begin at 1.5 s"; }
awk 'NR == 3 { exit !($1 > 4.46 && $1 < 4.54) }' moments || { cat moments; die "the sound does not end at 4.5 s"; }
