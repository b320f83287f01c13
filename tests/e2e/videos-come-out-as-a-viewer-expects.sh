#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Times, tracks and sizes: variable and odd rates become constant without drift, slow motion stays in time, edit lists are honoured, the
# right one of several tracks is taken, covers and data are left out, odd and changing sizes come out whole.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
quiet='-nostdin -v error -y' x264='-c:v libx264 -preset ultrafast -pix_fmt yuv420p'
run() { ffmpeg $quiet "$@" 2>make.err || { cat make.err >&2; die "ffmpeg $*"; }; }
render() { ghat render -o out "$@" >lines 2>&1 || { cat lines; die "ghat render $*"; }; }
judged() { python3 "$ROOT/tests/e2e/video_judge.py" "$@" || die "$1"; }
# Brightness of a picture at a time, 0..255.
luma() { ffmpeg $quiet -ss "$2" -i "$1" -frames:v 1 -vf scale=1:1:flags=area,format=gray -f rawvideo - | od -An -tu1 | tr -d ' '; }
near() { [ $(($2 - $3)) -le "$4" ] && [ $(($3 - $2)) -le "$4" ] || die "$1: $2, should be $3"; }
# Moments (ms) of the last white flash and the last beep of a file.
last_flash() { ffmpeg $quiet -i "$1" -vf "scale=32:32:flags=area,format=gray,showinfo" -f null - -v info 2>&1 | sed -n 's/.*pts_time:\([0-9.]*\).*mean:\[\([0-9]*\).*/\1 \2/p' | awk '$2 > 150 { t = $1 } END { printf "%d", t * 1000 }'; }
last_beep() { ffmpeg -nostdin -hide_banner -i "$1" -vn -af "silencedetect=n=-30dB:d=0.3" -f null - 2>&1 | sed -n 's/.*silence_end: \([0-9.]*\).*/\1/p' | awk '$1 < 19.5 { t = $1 } END { printf "%d", t * 1000 }'; }
# 20 s; a flash of a fifth of a second and a beep as long, from second 1 and from second 18 on.
flashes="color=black:s=320x240:r=RATE:d=20,drawbox=c=white:t=fill:enable='between(t,0.999,1.199)+between(t,17.999,18.199)'"
beeps="aevalsrc='0.5*sin(2*PI*1000*t)*(between(t,1,1.2)+between(t,18,18.2))':s=48000:d=20"

step "variable rate: no drift over its length, and sound stays with it"
run -f lavfi -i "${flashes/RATE/60}" -f lavfi -i "$beeps" -vf "select='not(mod(n,2))+gt(random(1),0.6)+between(t,17.99,18.01)+between(t,18.19,18.22)'" -fps_mode vfr $x264 -c:a aac vfr.mp4
render -p wa.video vfr.mp4
judged out/wa.video/vfr.mp4 seconds=20
flash=$(last_flash out/wa.video/vfr.mp4)
near "last flash" "$flash" 18167 35
near "beep beside flash" "$(last_beep out/wa.video/vfr.mp4)" $((flash - 167)) 40

step "rates: 12 and 15 are raised where there is a minimum, 50, 60 and 120 are divided, time stays"
for r in 12=12=24 15=15=30 24000/1001=24000/1001=24 50=25= 60=30=30 120=30= 240=30=; do
    IFS='=' read -r rate chat short <<<"$r"
    run -f lavfi -i "color=black:s=320x240:r=$rate:d=4,drawbox=c=white:t=fill:enable='gte(t,1.999)'" $x264 rate.mp4
    render -p "${short:+story.video,}wa.video" rate.mp4
    for p in wa.video=$chat ${short:+story.video=$short}; do
        judged "out/${p%%=*}/rate.mp4" fps="${p#*=}" seconds=4 $([ "${p%%=*}" = wa.video ] && echo sound=no)
        near "before the change at $rate" "$(luma "out/${p%%=*}/rate.mp4" 1.85)" 0 8
        [ "$(luma "out/${p%%=*}/rate.mp4" 2.1)" -gt 40 ] || die "after the change at $rate"
    done
done
# A phone's slow motion: 120 frames a second were taken, the file plays them in four seconds. What it plays is what is made.
run -f lavfi -i "testsrc2=s=320x240:r=120:d=1" -vf "setpts=4*PTS" -r 30 $x264 slow.mp4
render -p wa.video slow.mp4
judged out/wa.video/slow.mp4 seconds=4 sound=no

step "the edit list is honoured"
run -f lavfi -i "color=white:s=320x240:r=25:d=3,drawbox=c=black:t=fill:enable='gte(t,2)'" -f lavfi -i sine=440:d=3 $x264 -g 75 -c:a aac whole.mp4
run -ss 2 -i whole.mp4 -c copy -map 0 cut.mp4 # starts at the key picture before, hidden by an edit list
ffprobe -v error -show_entries packet=flags -select_streams v -of csv cut.mp4 | seen D || die "the clip hides nothing"
render -p wa.video cut.mp4
judged out/wa.video/cut.mp4 seconds=1
near "first picture" "$(luma out/wa.video/cut.mp4 0)" 0 8

step "of several tracks the default one, else the largest; covers, data, chapters and subtitles are left out"
run -f lavfi -i color=red:s=320x240:r=25:d=2 -f lavfi -i color=blue:s=640x480:r=25:d=2 -f lavfi -i sine=300:d=2 -f lavfi -i sine=900:d=2 \
    -map 0 -map 1 -map 2 -map 3 $x264 -c:a aac -disposition:v:0 default -disposition:v:1 0 default.mkv
run -i default.mkv -map 0 -c copy -disposition:v:0 0 -disposition:v:1 0 largest.mkv
render -p wa.video default.mkv largest.mkv
judged out/wa.video/default.mp4 size=320x240
judged out/wa.video/largest.mp4 size=640x480
run -f lavfi -i color=green:s=900x900 -frames:v 1 -c:v mjpeg -pix_fmt yuvj420p cover.jpg
printf ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=secret\n' >chapters
printf '1\n00:00:00,000 --> 00:00:01,000\nsecret\n' >sub.srt
run -i default.mkv -i cover.jpg -i chapters -i sub.srt -map 1 -map 0:v:0 -map 0:a -map 3 -map_metadata 2 -c:v:1 copy -c:v:0 copy -c:a copy -c:s mov_text \
    -disposition:v:0 attached_pic -metadata location=+22.57+088.36/ -timecode 10:00:00:00 cover.mp4
render -p wa.video,yt.video cover.mp4
judged out/wa.video/cover.mp4 size=320x240
judged out/yt.video/cover.mp4 size=320x240
! grep -q secret out/*/cover.mp4 || die "a chapter or a subtitle is left"

step "odd sizes, non-square pixels, interlaced"
run -f lavfi -i testsrc2=s=321x241:r=25:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv444p odd.mp4
run -f lavfi -i testsrc2=s=720x576:r=25:d=1,setsar=64/45 -c:v mpeg2video -q:v 4 wide.ts
run -f lavfi -i testsrc2=s=720x576:r=50:d=1,setsar=16/15 -vf interlace,fieldorder=tff -c:v libx264 -preset ultrafast -flags +ildct+ilme -x264opts tff=1 -pix_fmt yuv420p interlaced.mp4
render -p x.video odd.mp4 wide.ts interlaced.mp4
judged out/x.video/odd.mp4 sound=no size=320x240
judged out/x.video/wide.mp4 sound=no size=1024x576
judged out/x.video/interlaced.mp4 sound=no size=768x576 seconds=1
ffmpeg -nostdin -hide_banner -i out/x.video/interlaced.mp4 -vf idet -f null - 2>&1 | sed -n 's/.*Multi frame detection: TFF: *\([0-9]*\) BFF: *\([0-9]*\) Prog.*/\1 \2/p' >idet
same "frames that look interlaced" "$(cat idet)" "0 0"

step "a size that changes in the middle"
run -f lavfi -i color=white:s=640x360:r=25:d=1 $x264 -f mpegts a.ts
run -f lavfi -i color=gray:s=360x640:r=25:d=1 -output_ts_offset 1 $x264 -f mpegts b.ts
cat a.ts b.ts >both.ts
render -p wa.video both.ts
judged out/wa.video/both.mp4 size=640x360 sound=no seconds=2
near "after the change" "$(luma out/wa.video/both.mp4 1.8)" 128 8
