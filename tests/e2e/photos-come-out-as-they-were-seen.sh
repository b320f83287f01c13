#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever a photo is stored as, it comes out upright and in sRGB as a viewer shows it: the eight orientations of EXIF and of XMP alone,
# grey, 16 bits, bitmaps, transparency on the profile's colour, CMYK with and without a profile, wide colours. Judges: djpeg, vips, exiftool.
. tests/e2e/lib.sh
judge() { python3 "$ROOT/tests/e2e/photo_judge.py" "$@"; }
configure
printf '%s\n' '[profile]' 'name = t.photo' 'title = t' 'platform = none' 'kind = photo' 'checked = 2026-11-26' 'source = none' '[limits]' \
    'width = 1..600' '[target]' 'quality = 95' 'quality_min = 80' '[filters]' 'orient =' 'fit = mode=inside sizes=600x600' \
    'colour = to=srgb background=#204060' >"$T/etc/profiles/t.photo.profile"
cd "$TMPDIR"
# made FILE…: rendered; each as out/<stem>.ppm
made() {
    ghat render -p t.photo -o out "$@" >lines || die "not all were made"
    local f
    for f; do f=$(basename "${f%.*}") && djpeg -ppm "out/t.photo/$f.jpg" >"out/$f.ppm"; done
}
# like A B DB: the same picture
like() { awk -v p="$(judge psnr "$1" "$2")" -v least="$3" 'BEGIN { exit !(p >= least) }' || die "$1 and $2 differ: $(judge psnr "$1" "$2") dB"; }
# near WHAT R G B  R G B  MOST
near() { awk -v a="$2" -v b="$3" -v most="$4" 'BEGIN { split(a, p, " "); split(b, q, " "); for (i = 1; i <= 3; i++) if ((p[i] - q[i]) ^ 2 > most ^ 2) exit 1 }' || die "$1: $2, should be $3"; }

step "eight orientations, odd edges, in EXIF of JPEG, in XMP alone, in TIFF and PNG: one picture"
judge draw up.ppm 201 147
files=()
for o in 1 2 3 4 5 6 7 8; do
    judge store up.ppm stored.ppm $o
    vips copy stored.ppm "exif$o.jpg[Q=97,strip]" # else it writes an orientation of its own
    files+=("exif$o.jpg")
    if [ $o -ge 5 ]; then
        exiftool -q -n -XMP-tiff:Orientation=$o -o "xmp$o.jpg" "exif$o.jpg"
        files+=("xmp$o.jpg")
    fi
    exiftool -q -overwrite_original -n -IFD0:Orientation=$o "exif$o.jpg"
done
for o in 5 6 8; do
    judge store up.ppm stored.ppm $o
    vips copy stored.ppm "tiff$o.tif"
    vips copy stored.ppm "png$o.png"
    exiftool -q -overwrite_original -n -IFD0:Orientation=$o "tiff$o.tif" "png$o.png"
    files+=("tiff$o.tif" "png$o.png")
done
made "${files[@]}"
for f in "${files[@]}"; do like "out/${f%.*}.ppm" up.ppm 30; done
exiftool -q -n -if '$Orientation and $Orientation != 1' -p '$FileName would be turned twice' out/t.photo | seen . && die "an orientation is left"

step "grey stays grey, 16 bits and palettes keep their numbers"
vips colourspace up.ppm grey.jpg[Q=97] b-w
vips colourspace up.ppm grey16.png grey16
vips colourspace up.ppm deep.png rgb16
vips copy up.ppm 'palette.png[palette,Q=100,dither=0]'
vips copy up.ppm 'lossless.webp[lossless]'
vips copy up.ppm 'packed.tif[compression=lzw]'
vipsheader -f format deep.png | seen USHORT || die "no 16 bits"
    same "bands" "$(vipsheader -f bands grey16.png)" 1
for format in bgr24 bgra rgb565le pal8; do ffmpeg -nostdin -v error -y -i up.ppm -pix_fmt $format bmp-$format.bmp; done
made grey.jpg grey16.png deep.png palette.png lossless.webp packed.tif bmp-*.bmp
cmp out/bmp-bgr24.ppm out/packed.ppm && cmp out/bmp-bgra.ppm out/packed.ppm || die "a bitmap of 24 or 32 bits is another picture"
like out/bmp-rgb565le.ppm up.ppm 27
like out/bmp-pal8.ppm up.ppm 14
vips colourspace up.ppm grey.ppm b-w
for f in grey grey16; do like out/$f.ppm grey.ppm 38; done
for f in deep lossless packed; do like out/$f.ppm up.ppm 30; done
like out/palette.ppm up.ppm 27
read -r r g b <<<"$(judge mean out/grey.ppm 20 20 50 40)"
[ "$r$g" = "$g$b" ] || die "grey has a colour: $r $g $b"

step "what is transparent shows the profile's colour, what is half transparent half of it"
vips bandjoin_const up.ppm clear.png 0
vips bandjoin_const up.ppm solid.png 255
vips bandjoin_const up.ppm half.png 128
made clear.png solid.png half.png
near clear "$(judge mean out/clear.ppm 20 20 150 110)" "32 64 96" 3
like out/solid.ppm up.ppm 30
read -r r g b <<<"$(judge mean up.ppm 20 20 50 40)"
near half "$(judge mean out/half.ppm 20 20 50 40)" "$(((r + 32) / 2)) $(((g + 64) / 2)) $(((b + 96) / 2))" 4

step "CMYK goes through its profile, and through a usual one when it has none"
judge patches patches.ppm 40
vips icc_transform patches.ppm 'cmyk.jpg[Q=97]' cmyk --input-profile srgb --intent relative
vips icc_transform patches.ppm ctiff.tif cmyk --input-profile srgb --intent relative
vips copy cmyk.jpg 'bare.jpg[Q=97,strip]'
same "a profile" "$(exiftool -s3 -ICC_Profile:ColorSpaceData bare.jpg)" ""
vipsheader -f interpretation cmyk.jpg bare.jpg | grep -ci cmyk | seen 2 || die "not CMYK"
made cmyk.jpg bare.jpg ctiff.tif
vips icc_transform cmyk.jpg want.ppm srgb --embedded --intent relative --black-point-compensation
for f in cmyk bare ctiff; do
    diff=$(judge patchdiff out/$f.ppm want.ppm 4)
    [ "$diff" -le 5 ] || die "$f: $diff levels from vips"
done
vipsheader -f interpretation out/t.photo/cmyk.jpg | seen -i srgb || die "not sRGB"

step "Display P3, Adobe RGB and ProPhoto become the sRGB that vips and lcms make of them, and lose their profile"
for space in p3 adobe prophoto; do
    judge profile $space.icc $space
    vips copy patches.ppm plain.jpg[Q=98,subsample-mode=off]
    cp plain.jpg $space.jpg
    exiftool -q -overwrite_original "-ICC_Profile<=$space.icc" $space.jpg
    vips copy $space.jpg ${space}-png.png
    vips copy $space.jpg ${space}-tiff.tif
    vips icc_transform $space.jpg want.ppm srgb --embedded --intent relative --black-point-compensation
    made $space.jpg ${space}-png.png ${space}-tiff.tif
    moved=$(judge patchdiff patches.ppm want.ppm 4)
    [ "$moved" -gt 20 ] || die "$space is as good as sRGB: the test tests nothing"
    for f in $space ${space}-png ${space}-tiff; do
        diff=$(judge patchdiff out/$f.ppm want.ppm 4)
        [ "$diff" -le 5 ] || die "$f: $diff levels from vips"
        same "profile of $f" "$(exiftool -s3 -ProfileDescription out/t.photo/$f.jpg)" ""
    done
    echo "  $space moves colours by up to $moved levels"
done
