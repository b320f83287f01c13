#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Animations are their first frame and say so; of several pictures in one file the main one is taken and what lies behind it is gone; very
# wide, very tall, tiny and odd pictures fit; nothing is enlarged that need not be; shapes are rounded into the range. Judges: djpeg,
# exiftool, a walk over the JPEG's own markers.
. tests/e2e/lib.sh
judge() { python3 "$ROOT/tests/e2e/photo_judge.py" "$@"; }
configure
cd "$TMPDIR"
ff() { ffmpeg -nostdin -v error -y "$@"; }
like() { awk -v p="$(judge psnr "$1" "$2")" -v least="$3" 'BEGIN { exit !(p >= least) }' || die "$1 and $2 differ: $(judge psnr "$1" "$2") dB"; }
size_of() { exiftool -s3 -ImageSize "$1"; }

step "an animation is its first frame, and says so"
ff -f lavfi -i color=red:s=200x150:r=10:d=0.1,format=rgb24 -f lavfi -i "color=blue:s=200x150:r=10:d=0.4,hue=h=n*40+20,format=rgb24" \
    -filter_complex '[0][1]concat' -f gif a.gif
vips copy 'a.gif[n=-1]' a.webp
same pages "$(vipsheader -f n-pages a.gif) $(vipsheader -f n-pages a.webp)" "5 5"
for f in a.gif a.webp; do
    ghat render -p fb.photo --json -o "$f.out" $f >lines
    same "size of $f" "$(size_of "$f.out/fb.photo/a.jpg")" 200x150
    djpeg -ppm "$f.out/fb.photo/a.jpg" >a.ppm
    read -r r _ b <<<"$(judge mean a.ppm 50 50 100 50)"
    [ "$r" -gt 230 ] && [ "$b" -lt 30 ] || die "$f: not its first frame: $r $b"
    has lines 'first frame of 5'
done

step "MPO and motion photos: the main picture only, and nothing behind it"
judge draw up.ppm 320 240
vips copy up.ppm 'main.jpg[Q=96,strip]'
ff -f lavfi -i color=blue:s=640x480 -frames:v 1 -f image2 second.jpg
cp "$(media short.mp4)" clip.mp4
cat main.jpg second.jpg >stereo.jpg
cat main.jpg clip.mp4 >motion.jpg
exiftool -q -overwrite_original -m -XMP-GCamera:MicroVideo=1 -XMP-GCamera:MicroVideoOffset="$(stat -c %s clip.mp4)" motion.jpg
# a real MPO: an APP2 MPF index of two pictures behind the first's SOI
python3 - main.jpg second.jpg mpo.mpo <<'PY'
import struct, sys
main, second = (open(p, 'rb').read() for p in sys.argv[1:3])
def index(size):
    entries = struct.pack('<IIIHH', 0x030000, size, 0, 0, 0) + struct.pack('<IIIHH', 0x020002, len(second), size - 10, 0, 0)
    ifd = struct.pack('<H', 3) + struct.pack('<HHI4s', 0xb000, 7, 4, b'0100') + struct.pack('<HHII', 0xb001, 4, 1, 2)
    ifd += struct.pack('<HHII', 0xb002, 7, len(entries), 8 + 2 + 36 + 4) + bytes(4)
    body = b'MPF\0II*\0' + struct.pack('<I', 8) + ifd + entries
    return b'\xff\xe2' + struct.pack('>H', len(body) + 2) + body
size = len(main) + len(index(1 << 12))
open(sys.argv[3], 'wb').write(main[:2] + index(size) + main[2:] + second)
PY
same "pictures exiftool finds" "$(exiftool -s3 -MPF:NumberOfImages mpo.mpo)" 2
for f in stereo.jpg motion.jpg mpo.mpo; do
    has <(judge jpeg $f) trailing
    judge jpeg $f | seen 'trailing 0' && die "$f has nothing behind its end"
    ghat render -p fb.photo,wa.photo -o kinds $f >lines
    for p in fb.photo wa.photo; do
        out=kinds/$p/${f%.*}.jpg
        judge jpeg $out | seen 'trailing 0' || die "$out: $(judge jpeg $out)"
        same "size of $out" "$(size_of $out)" 320x240
        same "what is left of $out" "$(exiftool -s3 -MPF:all -XMP-GCamera:all $out)" ""
    done
    djpeg -ppm "kinds/fb.photo/${f%.*}.jpg" >got.ppm
    like got.ppm up.ppm 30
done

step "very wide, very tall, one pixel, odd: each placement makes a picture within its limits"
shapes="6001x97 83x5003 1x1 2x1 1x3 801x533"
for s in $shapes; do
    ff -f lavfi -i "testsrc2=s=${s/x*/}x${s/*x/},format=rgb24" -frames:v 1 -f image2 -c:v png $s.png 2>/dev/null ||
        { judge noise $s.ppm ${s/x/ } && vips copy $s.ppm $s.png; }
    ghat render -o shapes $s.png >lines 2>errors || { cat errors; die "$s"; }
    for p in $PHOTOS; do
        out=shapes/$p/$s.jpg
        if [ ! -e $out ] && [[ $s == ?x? ]]; then # fewer pixels than the platform takes: said, not silently left out
            grep -h "$p" lines errors | seen -i skip || die "$out is missing without a reason"
            continue
        fi
        djpeg -ppm $out >got.ppm || die "$out"
        got=$(size_of $out) w=${s/x*/} h=${s/*x/}
        case $p in
        ig.photo) [[ $got == 1080x1350 || $got == 1080x1080 || $got == 1080x566 ]] || die "$out is $got" ;;
        story.photo) same "size of $out" $got 1080x1920 ;;
        yt.thumb) same "size of $out" $got 1280x720 ;;
        fb.photo | wa.photo | x.photo) # inside: never larger, the shape kept within a pixel
            [ "${got/x*/}" -le "$w" ] && [ "${got/*x/}" -le "$h" ] || die "$out was enlarged to $got"
            awk -v w="$w" -v h="$h" -v gw="${got/x*/}" -v gh="${got/*x/}" 'BEGIN { f = w > h ? gw / w : gh / h; d = w > h ? gh - h * f : gw - w * f; exit !(d < 1.01 && d > -1.01) }' ||
                die "$out is out of shape: $got" ;;
        tg.photo) awk -v w="${got/x*/}" -v h="${got/*x/}" 'BEGIN { exit !(w <= 20 * h && h <= 20 * w && w + h <= 10000) }' || die "$out is $got" ;;
        esac
    done
done
same "an odd picture keeps its size" "$(size_of shapes/fb.photo/801x533.jpg)" 801x533

step "1080 × 566, never 565: rounded into the range"
for s in 1910x1000 2000x1047 4000x2000; do
    ff -f lavfi -i testsrc2=s=$s,format=yuvj444p -frames:v 1 -q:v 3 -f image2 $s.jpg
    ghat render -p ig.photo -o range $s.jpg >lines
    same "$s" "$(size_of range/ig.photo/$s.jpg)" 1080x566
done

step "a head is kept when a tall picture is cut to a wide one"
for y in 12 22 34; do
    judge person person.ppm 400 700 $y
    vips copy person.ppm "head$y.jpg[Q=92,strip]"
    ghat render -p yt.thumb -o heads head$y.jpg >lines
    djpeg -scale 1/4 -ppm heads/yt.thumb/head$y.jpg >got.ppm
    read -r first last height <<<"$(judge rows got.ppm 224 172 140)"
    [ "$first" -gt 0 ] && [ "$last" -lt $((height - 1)) ] || die "the head at $y % is cut: rows $first to $last of $height"
    # 2 × 1.3 × 0.12 of the width: its whole height
    [ $((last - first)) -gt $((320 * 28 / 100)) ] || die "the head at $y % is not whole: rows $first to $last of $height"
done

step "what only has the colour of skin does not pull a crop away from what the picture shows"
for kind in leaves brick sand planks; do
    judge ground ground.ppm 400 700 $kind
    for y in 25 50 75; do
        judge violet ground.ppm ball.ppm $y
        vips copy ball.ppm "ball.jpg[Q=92,strip]"
        ghat render -p yt.thumb -o grounds ball.jpg >lines
        djpeg -scale 1/4 -ppm grounds/yt.thumb/ball.jpg >got.ppm
        read -r first last height <<<"$(judge rows got.ppm 130 60 190)"
        # of 2 × 0.2 of the width
        [ $((last - first)) -gt $((320 * 35 / 100)) ] ||
            die "the ball at $y % on $kind: rows $first to $last of $height"
    done
done

step "graphics keep the colour of every pixel, photographs do not need it; progressive only where it is taken"
ff -f lavfi -i color=white:s=900x600,format=rgb24 -vf 'drawbox=100:100:300:200:red:fill,drawbox=500:300:301:203:blue:fill,drawgrid=w=90:h=60:t=3:c=green' -frames:v 1 -f image2 -c:v png poster.png
vips copy poster.png 'poster444.jpg[Q=96,subsample-mode=off,strip]'
judge noise n.ppm 300 200
vips resize n.ppm smooth.png 3 --kernel cubic
vips copy smooth.png 'photo.jpg[Q=95,strip]'
ghat render -p fb.photo,ig.photo -o kinds poster.png poster444.jpg smooth.png photo.jpg >lines
for f in poster poster444; do judge jpeg kinds/fb.photo/$f.jpg | seen '1x1,1x1,1x1' || die "$f: $(judge jpeg kinds/fb.photo/$f.jpg)"; done
for f in smooth photo; do judge jpeg kinds/fb.photo/$f.jpg | seen '2x2,1x1,1x1' || die "$f: $(judge jpeg kinds/fb.photo/$f.jpg)"; done
for f in poster photo; do judge jpeg kinds/ig.photo/$f.jpg | seen baseline || die "ig.photo $f is progressive"; done
