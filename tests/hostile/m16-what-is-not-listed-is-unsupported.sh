#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M16: drawings, documents, camera raw files, archives, programs and sounds are refused as unsupported, whatever their names say.
. tests/hostile/lib.sh
heads() { printf "$2" >"$IN/$1"; head -c 5000 /dev/zero >>"$IN/$1"; }
printf '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>' >"$IN/svg.jpg"
printf '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>' >"$IN/bare-svg.png"
heads pdf.jpg '%%PDF-1.7\n'
heads eps.jpg '%%!PS-Adobe-3.0 EPSF-3.0\n'
heads dos-eps.jpg '\xc5\xd0\xd3\xc6'
heads psd.jpg '8BPS\0\1'
heads zip.jpg 'PK\3\4'
heads doc.jpg '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'
heads bmp.jpg 'BM'
heads ico.jpg '\0\0\1\0'
heads jxl.jpg '\xff\x0a'
heads jxl-box.jpg '\0\0\0\x0cJXL \r\n\x87\n'
heads jp2.jpg '\0\0\0\x0cjP  \r\n\x87\n'
heads orf.jpg 'IIRO\x08\0\0\0'
heads rw2.jpg 'IIU\0\x08\0\0\0'
heads raf.jpg 'FUJIFILMCCD-RAW 0201'
heads exr.jpg 'v/1\1'
heads hdr.jpg '#?RADIANCE\n'
heads ppm.jpg 'P6\n9 9\n255\n'
heads fits.jpg 'SIMPLE  =                    T'
heads mat.jpg 'MATLAB 5.0 MAT-file'
heads xcf.jpg 'gimp xcf v011'
heads exe.jpg 'MZ\x90'
heads elf.mp4 '\x7fELF\2\1\1'
heads wav.mp4 'RIFF\x24\x13\0\0WAVEfmt '
heads mp3.mp4 'ID3\4\0\0'
heads html.jpg '<!DOCTYPE html><script>alert(1)</script>'
heads text.jpg 'Dear Sir or Madam,\n'
heads csv.png '1,2,3\n4,5,6\n'
craft tiff_dng dng.tif
craft tiff_nef nef.tif
craft tiff_cfa cfa.tif
heads cr2.tif 'II*\0\x10\0\0\0CR\2\0'
for f in "$IN"/*; do
    P=fb.photo,x.video refused 'unsupported type' "$f"
done
craft tiff_plain plain.tif
P=fb.photo accepted "$IN/plain.tif"
# A polyglot is what its first bytes say, made anew: nothing of the rest leaves.
cp "$(photo)" "$IN/polyglot.jpg"
printf 'PK\3\4POLYGLOT<script>alert(1)</script>' >>"$IN/polyglot.jpg"
P=fb.photo accepted "$IN/polyglot.jpg"
grep -qa 'POLYGLOT\|<script' "$OUT/fb.photo/polyglot.jpg" && fail "the tail of a polyglot left"
# Video containers that are not ours: named, refused.
ff -i "$(clip)" -c:v libtheora -c:a libvorbis -f ogg "$IN/ogg.mp4"
ff -i "$(clip)" -c:v mpeg2video -an -f mpeg2video "$IN/es.mp4"
P=x.video refused 'is not taken as a video' "$IN/ogg.mp4" "$IN/es.mp4"
# What is listed is known by its bytes, whatever its name says.
ff -i "$(clip)" -c:v flv1 -c:a mp3 -ar 44100 -f flv "$IN/flv.jpg"
ff -i "$(clip)" -c:v mpeg1video -c:a mp2 -f mpeg "$IN/ps.png"
ff -i "$(clip)" -c:v wmv2 -c:a wmav2 -f asf "$IN/asf.mp4"
ff -i "$(clip)" -c:v copy -an -f h264 "$IN/bare.mov"
P=x.video accepted "$IN/flv.jpg" "$IN/ps.png" "$IN/asf.mp4" "$IN/bare.mov"
ff -i "$(photo)" "$IN/bitmap.bmp" && mv "$IN/bitmap.bmp" "$IN/bitmap.jpg"
P=fb.photo accepted "$IN/bitmap.jpg"
done_
