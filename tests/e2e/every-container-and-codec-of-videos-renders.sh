#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# MP4, MOV, 3GP, MKV, WebM, AVI, MPEG-TS, MPEG-PS, WMV, FLV and bare streams with every codec on the list that can be made here render to H.264
# and AAC; anything else is refused with its name.
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
# Frames of AMR: no encoder of it is in Debian, but any bits are a sound. A second is 50 frames.
python3 - <<'PY'
import random
random.seed(1)
for name, head, mode, size in (('nb', b'#!AMR\n', 0x3c, 31), ('wb', b'#!AMR-WB\n', 0x44, 60)):
    with open('../%s.amr' % name, 'wb') as f:
        f.write(head + b''.join(bytes([mode]) + random.randbytes(size) for _ in range(80)))
PY
for kind in nb wb; do make h263-amr$kind.3gp -i ../$kind.amr -map 0:v -map 2:a -c:v h263 -c:a copy; done
make wmv1-wmav1.wmv -c:v wmv1 -c:a wmav1
make wmv2-wmav2.wmv -c:v wmv2 -c:a wmav2
python3 "$ROOT/tests/e2e/wmv3.py" ../wmv3.avi 40
make wmv3-wmav2.wmv -i ../wmv3.avi -map 2:v -map 1:a -c:v copy -c:a wmav2
make divx3-mp3.asf -c:v msmpeg4 -c:a libmp3lame
make mpeg1-mp2.mpg -c:v mpeg1video -q:v 4 -c:a mp2
make mpeg2-mp2.mpg -c:v mpeg2video -q:v 4 -c:a mp2
make mpeg2-ac3.vob -c:v mpeg2video -q:v 4 -c:a ac3
make mpeg2-pcm.vob -c:v mpeg2video -q:v 4 -ac 2 -c:a pcm_dvd
make h264-mp2.mpg $x264 -c:a mp2
make flv1-mp3.flv -c:v flv -ar 44100 -c:a libmp3lame
make flv1-nellymoser.flv -c:v flv -ar 22050 -ac 1 -c:a nellymoser
make flv1-adpcm.flv -c:v flv -ar 22050 -ac 1 -c:a adpcm_swf
make h264-aac.flv $x264 -c:a aac
make bare-h264.264 $x264 -f h264 -an
make bare-h264-reordered.h264 -c:v libx264 -bf 3 -pix_fmt yuv420p -f h264 -an
make bare-h264-15fps.h264 -r 15 -frames:v 24 $x264 -f h264 -an
make bare-hevc.265 $x265 -f hevc -an
# A recorder puts a head of its own before a program stream, and calls it MP4.
{ printf 'IMKH\1\1\0\0\2\0\0\1'; head -c 28 /dev/zero; cat h264-mp2.mpg; } >recorder-h264.mp4
{ printf 'CAM1 2026-11-28 10:00:00'; cat mpeg2-mp2.mpg; } >recorder-mpeg2.dat
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
    case $f in *15fps*) fps=15 ;; *) fps=25 ;; esac
    case $f in bare-*) sound=no ;; *) sound=yes ;; esac
    python3 "$ROOT/tests/e2e/video_judge.py" "$out" profile=Main bframes=0 gop=2 seconds=1.6 fps=$fps sound=$sound || die "$f"
done

step "a container that is not on the list is named, and so is a codec"
mkdir "$TMPDIR/bad"
cd "$TMPDIR/bad"
make huffyuv.avi -c:v huffyuv -c:a pcm_s16le
make ffv1.mkv -c:v ffv1 -c:a flac
make theora.mkv -c:v libtheora -c:a libvorbis
make cinepak.mov -t 0.2 -c:v cinepak -an
make ogg.ogv -c:v libtheora -c:a libvorbis
for f in *; do
    rc=0
    ghat render -p wa.video -o "$TMPDIR/none" "$f" >"$TMPDIR/lines" 2>"$TMPDIR/err" || rc=$?
    same "exit for $f" $rc 1
    same "lines for $f" "$(wc -l <"$TMPDIR/err")" 1
    has "$TMPDIR/err" "\"${f%.*}\""
done
[ -z "$(find "$TMPDIR/none" -type f)" ] || die "something was made of what is refused"
