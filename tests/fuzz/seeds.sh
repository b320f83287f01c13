#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Make the small files fuzz_photo and fuzz_video start from, one of each format, codec and trap (ffmpeg, vips, exiftool, python3).
# What it makes is committed in tests/fuzz/corpus; by hand: tests/fuzz/seeds.sh
set -eu
cd "$(dirname "$0")/corpus"
mkdir -p fuzz_photo fuzz_video fuzz_bmp
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
ff() { ffmpeg -v error -nostdin -y "$@" </dev/null; }
pic=(-f lavfi -i "testsrc2=size=96x64:rate=1" -frames:v 1)
p=fuzz_photo v=fuzz_video
ff "${pic[@]}" -pix_fmt rgb24 "$tmp/a.png"
ff "${pic[@]}" -pix_fmt yuvj420p $p/420.jpg
ff "${pic[@]}" -pix_fmt yuvj444p $p/444.jpg
vips colourspace "$tmp/a.png" "$tmp/g.v" b-w; vips copy "$tmp/g.v" "$p/grey.jpg[strip]"
vips copy "$tmp/a.png" "$p/progressive.jpg[interlace,strip]"
vips icc_transform "$tmp/a.png" "$tmp/c.v" cmyk --input-profile srgb; vips copy "$tmp/c.v" "$p/cmyk.jpg[strip]"
cp $p/420.jpg $p/exif.jpg
exiftool -q -overwrite_original -Orientation#=6 -GPSLatitude=22.57 -GPSLatitudeRef=N -Artist=A -Copyright=C -SerialNumber=12 \
    -XMP:Description=d -XMP:RegionName=Somebody -XMP:RegionType=Face -IPTC:Caption-Abstract=c -Comment=k -DateTimeOriginal='2026:01:02 03:04:05' $p/exif.jpg
vips icc_export "$tmp/a.png" "$tmp/i.v" --output-profile p3 2>/dev/null && vips copy "$tmp/i.v" "$p/p3.jpg"
vips copy "$tmp/a.png" "$p/rgb.png[strip,compression=9]"
ff "${pic[@]}" -pix_fmt rgba64be -s 24x16 $p/deep-alpha.png
ff "${pic[@]}" -pix_fmt pal8 $p/palette.png
vips copy "$tmp/a.png" "$p/lossy.webp[strip]"
vips copy "$tmp/a.png" "$p/lossless.webp[lossless,strip]"
ff -f lavfi -i "testsrc2=size=48x32:rate=5" -frames:v 3 $p/moving.gif
ff -f lavfi -i "testsrc2=size=48x32:rate=5" -frames:v 3 $p/moving.webp
vips copy "$tmp/a.png" "$p/lzw.tiff[compression=lzw,strip]"
vips copy "$tmp/a.png" "$p/jpeg.tiff[compression=jpeg,tile,tile-width=64,tile-height=64,strip]"
vips copy "$tmp/a.png" "$p/hevc.heic[compression=hevc,strip]"
vips copy "$tmp/a.png" "$p/av1.avif[compression=av1,strip]"
ff "${pic[@]}" -s 24x16 $p/24.bmp
ff "${pic[@]}" -s 24x16 -pix_fmt bgra $p/32.bmp
ff "${pic[@]}" -s 24x16 -pix_fmt pal8 $p/palette.bmp
ff "${pic[@]}" -s 24x16 -pix_fmt rgb565le $p/565.bmp
python3 - $p/rle8.bmp $p/rle4.bmp <<'PY'
import struct, sys
for path, bits, runs in ((sys.argv[1], 8, b'\5\1\3\2\0\0\0\4\1\2\3\4\4\0\0\0\0\2\2\1\3\1\0\1'), (sys.argv[2], 4, b'\5\x12\3\x34\0\0\0\5\x12\x34\x50\0\0\0\0\1')):
    palette = b''.join(bytes((i * 16, i * 8, i, 0)) for i in range(16))
    at = 54 + len(palette)
    open(path, 'wb').write(struct.pack('<2sIII', b'BM', at + len(runs), 0, at) + struct.pack('<IiiHHIIiiII', 40, 8, 4, 1, bits, 1 if bits == 8 else 2, len(runs), 0, 0, 16, 0)
                           + palette + runs)
PY
cp $p/*.bmp fuzz_bmp/
clip=(-f lavfi -i "testsrc2=size=64x48:rate=10:duration=0.6")
tone=(-f lavfi -i "sine=frequency=440:duration=0.6:sample_rate=44100" -shortest -b:a 24k)
x264=(-c:v libx264 -preset ultrafast -crf 40 -pix_fmt yuv420p)
ff "${clip[@]}" "${tone[@]}" "${x264[@]}" -bf 2 -c:a aac -movflags faststart $v/h264-aac.mp4
ff "${clip[@]}" "${x264[@]}" -metadata location=+22.57+088.36/ -metadata comment=c -timecode 01:00:00:00 $v/h264-meta.mov
ff -display_rotation 90 -i $v/h264-aac.mp4 -c copy $v/turned.mp4 2>/dev/null || ff -i $v/h264-aac.mp4 -c copy -metadata:s:v rotate=90 $v/turned.mp4
ff -ss 0.25 -i $v/h264-aac.mp4 -c copy $v/edit-list.mp4
ff "${clip[@]}" "${x264[@]}" -movflags frag_keyframe+empty_moov -g 2 $v/fragments.mp4
ff "${clip[@]}" -c:v libx265 -preset ultrafast -crf 40 -pix_fmt yuv420p -x265-params log-level=error -tag:v hvc1 $v/hevc.mp4
ff "${clip[@]}" -c:v libx265 -preset ultrafast -crf 40 -pix_fmt yuv420p10le -color_trc arib-std-b67 -color_primaries bt2020 -colorspace bt2020nc -x265-params log-level=error $v/hlg.mp4
ff "${clip[@]}" -c:v libaom-av1 -cpu-used 8 -usage realtime -crf 60 -pix_fmt yuv420p $v/av1.mp4
ff "${clip[@]}" "${tone[@]}" -b:a 64k -c:v libvpx -deadline realtime -b:v 50k -c:a libvorbis $v/vp8-vorbis.webm
ff "${clip[@]}" "${tone[@]}" -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 50k -c:a libopus $v/vp9-opus.webm
ff "${clip[@]}" "${tone[@]}" -c:v mpeg4 -q:v 20 -c:a libmp3lame $v/mpeg4-mp3.avi
ff "${clip[@]}" -c:v mjpeg -q:v 20 -frames:v 3 $v/mjpeg.avi
ff "${clip[@]}" "${tone[@]}" -b:a 64k -c:v mpeg2video -q:v 20 -c:a mp2 -f mpegts $v/mpeg2-mp2.ts
ff "${clip[@]}" "${tone[@]}" "${x264[@]}" -b:a 64k -c:a ac3 -f mpegts $v/h264-ac3.ts
ff "${clip[@]}" -c:v prores_ks -profile:v 0 -q:v 40 -frames:v 2 $v/prores.mov
ff "${clip[@]}" "${tone[@]}" -c:v h263 -s 128x96 -q:v 20 -c:a pcm_s16be -frames:v 3 -t 0.1 $v/h263-pcm.mov
ff "${clip[@]}" -vf "tinterlace=interleave_top" -c:v libx264 -preset ultrafast -crf 40 -flags +ilme+ildct -x264-params interlaced=1 $v/interlaced.mkv
ff "${clip[@]}" "${tone[@]}" -c:v wmv1 -q:v 20 -c:a wmav1 $v/wmv1.wmv
ff "${clip[@]}" "${tone[@]}" -c:v wmv2 -q:v 20 -c:a wmav2 $v/wmv2.wmv
ff "${clip[@]}" "${tone[@]}" -b:a 64k -c:v mpeg2video -q:v 20 -c:a mp2 $v/mpeg2.mpg
ff "${clip[@]}" "${tone[@]}" -b:a 64k -c:v mpeg2video -q:v 20 -c:a ac3 $v/mpeg2.vob
ff "${clip[@]}" "${tone[@]}" -c:v flv -q:v 20 -c:a libmp3lame $v/flv1.flv
ff "${clip[@]}" "${tone[@]}" "${x264[@]}" -c:a aac $v/h264.flv
ff "${clip[@]}" "${x264[@]}" -bf 2 -f h264 $v/bare.h264
ff "${clip[@]}" -c:v libx265 -preset ultrafast -crf 40 -pix_fmt yuv420p -x265-params log-level=error -f hevc $v/bare.hevc
# No encoder of AMR is in Debian, but any bits are a sound.
for kind in nb:'#!AMR\n':3c:31 wb:'#!AMR-WB\n':44:60; do
    IFS=: read -r name head mode size <<<"$kind"
    python3 -c 'import os, sys; head, mode, size = sys.argv[1:]
sys.stdout.buffer.write(head.replace("\\n", "\n").encode() + b"".join(bytes([int(mode, 16)]) + bytes((i * 37 + k * 11) & 255 for k in range(int(size))) for i in range(30)))' \
        "$head" "$mode" "$size" >"$tmp/$name.amr"
    ff "${clip[@]}" -i "$tmp/$name.amr" -map 0:v -map 1:a -s 128x96 -c:v h263 -q:v 20 -c:a copy $v/h263-amr$name.3gp
done
{ printf 'IMKH\1\1\0\0\2\0\0\1'; head -c 28 /dev/zero; cat $v/mpeg2.mpg; } >$v/recorder.mpg
ff -f lavfi -i "testsrc2=size=96x64:rate=10:duration=0.3" "${x264[@]}" -f h264 "$tmp/2.h264"
ff "${clip[@]}" "${x264[@]}" -f h264 "$tmp/1.h264"
cat "$tmp/1.h264" "$tmp/2.h264" >"$tmp/two.h264" && ff -r 10 -i "$tmp/two.h264" -c copy $v/two-sizes.mp4
du -sbc $p $v
