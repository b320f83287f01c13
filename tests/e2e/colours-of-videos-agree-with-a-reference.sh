#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One picture of known colours, brought by zimg into every range, matrix and curve a phone or camera may use, comes out of Ghat as it went in:
# BT.709 and tagged so, greys grey, whites not crushed, ten bits dithered to eight.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
ffmpeg -nostdin -v error -f lavfi -i nullsrc=s=16x16 -vf zscale -frames:v 1 -f null - 2>/dev/null || skip "this ffmpeg has no zscale"

# Sixteen patches of 160x120: greys, then colours.
cat >patches.py <<'P'
import sys
C = [(0, 0, 0), (40, 40, 40), (90, 90, 90), (128, 128, 128), (160, 160, 160), (190, 190, 190), (220, 220, 220), (255, 255, 255),
     (170, 60, 50), (60, 140, 70), (60, 70, 160), (180, 160, 60), (60, 150, 160), (150, 70, 150), (200, 150, 120), (100, 80, 60)]
if sys.argv[1] == 'make':
    for y in range(480):
        sys.stdout.buffer.write(b''.join(bytes(C[y // 120 * 4 + x // 160]) for x in range(640)))
else:
    data, greys, colours, name = sys.stdin.buffer.read(), int(sys.argv[2]), int(sys.argv[3]), sys.argv[1]
    bad = []
    for i, want in enumerate(C):
        x0, y0 = i % 4 * 160, i // 4 * 120
        px = [data[((y0 + y) * 640 + x0 + x) * 3:][:3] for y in range(20, 100, 8) for x in range(20, 140, 8)]
        got = tuple(sum(p[k] for p in px) / len(px) for k in range(3))
        limit = greys if i < 8 else colours
        if max(abs(g - w) for g, w in zip(got, want)) > limit or (i < 8 and max(got) - min(got) > 4):
            bad.append(f'{want} came out as ({got[0]:.0f}, {got[1]:.0f}, {got[2]:.0f})')
    print('\n'.join(f'{name}: {b}' for b in bad))
    sys.exit(bool(bad))
P
python3 patches.py make >picture.rgb
# clip NAME ZSCALE PIX_FMT CODEC…: the picture for half a second.
clip() {
    local name=$1 conversion=$2 format=$3
    shift 3
    ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt rgb24 -s 640x480 -i picture.rgb -vf "format=gbrp,$conversion,format=$format,loop=12:1:0,fps=25" \
        "$@" "$name" 2>make.err || { cat make.err >&2; die "cannot make $name"; }
}
# judge NAME GREYS COLOURS: how far patches may be off, in levels of 255.
judge() {
    ghat render -p x.video -o out "$1" >lines 2>&1 || { cat lines; die "$1"; }
    out=out/x.video/${1%.*}.mp4
    python3 "$ROOT/tests/e2e/video_judge.py" "$out" size=640x480 sound=no || die "$1"
    ffmpeg -nostdin -v error -i "$out" -frames:v 1 -vf "zscale=pin=709:tin=709:min=709:rin=limited:p=709:t=709:m=gbr:r=full,format=gbrp,format=rgb24" -f rawvideo - |
        python3 patches.py "$1" "$2" "$3" || die "colours of $1"
}
x264='-c:v libx264 -preset veryfast -crf 8' x265='-c:v libx265 -preset ultrafast -crf 6 -x265-params log-level=error'
in=pin=709:tin=709:min=gbr:rin=full
t709='-color_primaries bt709 -color_trc bt709 -colorspace bt709'

step "standard range"
clip limited.mp4 "zscale=$in:p=709:t=709:m=709:r=limited" yuv420p $x264 $t709 -color_range tv
judge limited.mp4 4 5
clip full.mp4 "zscale=$in:p=709:t=709:m=709:r=full" yuv420p $x264 $t709 -color_range pc
judge full.mp4 4 5
clip yuvj.avi "zscale=$in:p=709:t=709:m=470bg:r=full" yuvj420p -c:v mjpeg -q:v 1
judge yuvj.avi 5 8
clip bt601.mp4 "zscale=$in:p=709:t=709:m=170m:r=limited" yuv420p $x264 -colorspace smpte170m -color_range tv
judge bt601.mp4 4 5
clip untagged-sd.mkv "zscale=$in:p=709:t=709:m=170m:r=limited" yuv420p $x264
judge untagged-sd.mkv 4 5
clip ten-bit.mkv "zscale=$in:p=709:t=709:m=709:r=limited" yuv420p10le $x265 $t709
judge ten-bit.mkv 4 5
clip prores.mov "zscale=$in:p=709:t=709:m=709:r=limited" yuv422p10le -c:v prores_ks -profile:v 3 $t709
judge prores.mov 4 5
clip rgb.mkv null rgb24 -c:v libx264rgb -preset veryfast -crf 4
judge rgb.mkv 4 5
clip bt2020.mp4 "zscale=$in:p=2020:t=2020_10:m=2020_ncl:r=limited" yuv420p10le $x265 -color_primaries bt2020 -color_trc bt2020-10 -colorspace bt2020nc
judge bt2020.mp4 6 12

step "high dynamic range: what lies below white of 203 cd/m2 is near standard range, white leaves room for highlights"
sdr="zscale=$in:p=709:m=gbr:t=linear:npl=203,format=gbrpf32le"
clip pq.mp4 "$sdr,zscale=tin=linear:pin=709:min=gbr:npl=203:p=2020:t=smpte2084:m=2020_ncl:r=limited" yuv420p10le $x265 -tag:v hvc1 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc
judge pq.mp4 36 20
clip hlg.mp4 "$sdr,zscale=tin=linear:pin=709:min=gbr:npl=203:p=2020:t=arib-std-b67:m=2020_ncl:r=limited" yuv420p10le $x265 -tag:v hvc1 -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc
judge hlg.mp4 36 30

step "ten bits become eight with dither, not with steps"
ffmpeg -nostdin -v error -y -f lavfi -i "nullsrc=s=640x480:r=25:d=0.4,format=yuv420p10le,geq=lum='400+X/20':cb=512:cr=512" $x265 -x265-params log-level=error:lossless=1 $t709 ramp.mkv
ghat render -p yt.video -o out ramp.mkv >/dev/null
# In a column whose value lies between two levels, both occur.
ffmpeg -nostdin -v error -i out/yt.video/ramp.mp4 -frames:v 1 -vf format=gray,crop=20:480:290:0 -f rawvideo - | od -An -v -tu1 -w20 | awk '{ for (i = 1; i <= NF; i++) seen[$i]++ } END { for (v in seen) if (seen[v] > 480) n++; exit !(n >= 2) }' || die "ten bits were cut to eight"
