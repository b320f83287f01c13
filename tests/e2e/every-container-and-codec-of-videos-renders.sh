#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# MP4, MOV, 3GP, MKV, WebM, AVI and MPEG-TS with every codec on the list render to H.264 and AAC; anything else is refused with its name.
. tests/e2e/lib.sh
unset GHAT_CONF
mkdir -p "$TMPDIR/in"
cd "$TMPDIR/in"
make() {
    local name=$1
    shift
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=352x288:r=25:d=1.6 -f lavfi -i sine=440:d=1.6:r=48000 "$@" "$name" 2>"$TMPDIR/make" ||
        { cat "$TMPDIR/make" >&2; die "cannot make $name"; }
}
x264='-c:v libx264 -preset ultrafast -pix_fmt yuv420p' x265='-c:v libx265 -preset ultrafast -x265-params log-level=error'

step "good ones"
make h264-aac.mp4 $x264 -c:a aac
make h264-pcm.mov $x264 -c:a pcm_s16le
make h264-444-eac3.mkv $x264 -pix_fmt yuv444p -c:a eac3
make h264-aac.ts $x264 -c:a aac
make rgb-alac.mkv -c:v libx264rgb -preset ultrafast -pix_fmt rgb24 -c:a alac
make hevc-aac.mp4 $x265 -tag:v hvc1 -c:a aac
make hevc10-flac.mkv $x265 -pix_fmt yuv420p10le -c:a flac
make av1-opus.webm -c:v libaom-av1 -cpu-used 8 -usage realtime -c:a libopus
make av1-aac.mp4 -c:v libaom-av1 -cpu-used 8 -usage realtime -c:a aac
make vp8-vorbis.webm -c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis
make vp9-opus.webm -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus
make mpeg2-mp2.ts -c:v mpeg2video -q:v 4 -c:a mp2
make mpeg1-mp2.ts -c:v mpeg1video -q:v 4 -c:a mp2
make mpeg2-ac3.mkv -c:v mpeg2video -q:v 4 -c:a ac3
make mpeg4-mp3.avi -c:v mpeg4 -vtag xvid -c:a libmp3lame
make divx3-mp3.avi -c:v msmpeg4 -c:a libmp3lame
make mpeg4-aac.3gp -c:v mpeg4 -c:a aac
make h263-aac.3gp -c:v h263 -c:a aac
if ffmpeg -hide_banner -encoders 2>/dev/null | seen libopencore_amrnb; then make h263-amr.3gp -c:v h263 -ac 1 -ar 8000 -c:a libopencore_amrnb; fi
make h263-pcm.mov -c:v h263 -c:a pcm_s16be
make mjpeg-pcm.avi -c:v mjpeg -q:v 4 -c:a pcm_s16le
make mjpeg422-adpcm.mov -c:v mjpeg -q:v 4 -pix_fmt yuvj422p -c:a adpcm_ima_qt
make prores-pcm24.mov -c:v prores_ks -profile:v 2 -pix_fmt yuv422p10le -c:a pcm_s24le
make prores4444-pcm.mov -c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le -c:a pcm_s16le
make dv-pcm.avi -s 720x576 -c:v dvvideo -pix_fmt yuv420p -ar 48000 -ac 2 -c:a pcm_s16le
ghat render -p wa.video -o "$TMPDIR/out" * >"$TMPDIR/lines" 2>&1 || { cat "$TMPDIR/lines"; die "not all were rendered"; }
for f in *; do
    out="$TMPDIR/out/wa.video/${f%.*}.mp4"
    [ -s "$out" ] || { cat "$TMPDIR/lines"; die "$f gave nothing"; }
    python3 "$ROOT/tests/e2e/video_judge.py" "$out" profile=Main bframes=0 gop=2 seconds=1.6 fps=25 || die "$f"
done

step "a container that is not on the list is named, and so is a codec"
mkdir "$TMPDIR/bad"
cd "$TMPDIR/bad"
make huffyuv.avi -c:v huffyuv -c:a pcm_s16le
make ffv1.mkv -c:v ffv1 -c:a flac
make theora.mkv -c:v libtheora -c:a libvorbis
make cinepak.mov -t 0.2 -c:v cinepak -an
make asf.wmv -c:v wmv2 -c:a wmav2
make flv.flv -c:v flv -ar 44100 -c:a libmp3lame
make ogg.ogv -c:v libtheora -c:a libvorbis
make mpeg.mpg -c:v mpeg2video -c:a mp2
for f in *; do
    rc=0
    ghat render -p wa.video -o "$TMPDIR/none" "$f" >"$TMPDIR/lines" 2>"$TMPDIR/err" || rc=$?
    same "exit for $f" $rc 1
    same "lines for $f" "$(wc -l <"$TMPDIR/err")" 1
    has "$TMPDIR/err" "\"${f%.*}\""
done
[ -z "$(find "$TMPDIR/none" -type f)" ] || die "something was made of what is refused"
