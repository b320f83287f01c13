#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M13: position, serial numbers, names, comments, thumbnails, trailers and container notes of the source are in no byte of any
# output.
. tests/hostile/lib.sh
p=$IN/p.jpg v=$IN/v.mp4
cp "$(photo)" "$p"
exiftool -q -overwrite_original "-ThumbnailImage<=$(photo)" -GPSLatitude=22.5726 -GPSLatitudeRef=N -GPSLongitude=88.3639 -GPSLongitudeRef=E \
    -SerialNumber=SECRETserial -LensSerialNumber=SECRETlens -OwnerName=SECRETowner -HostComputer=SECREThost -UserComment=SECRETuser -Make=SECRETmake \
    -Software=SECRETsoft -ImageUniqueID=SECRETid -XMP:PersonInImage=SECRETface -XMP:Creator=SECRETcreator -XMP:Location=SECRETplace \
    "-IPTC:Caption-Abstract=SECRETcaption" -IPTC:Headline=SECREThead -IPTC:ObjectName=SECRETname -IPTC:Keywords=SECRETword \
    -IPTC:SpecialInstructions=SECRETorder -ImageDescription=SECRETdesc -XPTitle=SECRETtitle -XPSubject=SECRETsubject -XPKeywords=SECRETkeys -XMP:Title=SECRETtitle \
    -XMP:Description=SECRETdesc -XMP:Subject=SECRETword -XMP:Headline=SECREThead -XMP:Instructions=SECRETorder -IPTC:City=SECRETcity -Comment=SECRETcomment "$p" || die exiftool
printf 'SECRETtrailer ftypmp42' >>"$p"
ff -i "$(clip)" -c copy -metadata location=+22.5726+088.3639/ -metadata comment=SECRETcomment -metadata title=SECRETtitle -metadata artist=SECRETartist \
    -metadata make=SECRETmake -metadata:s:v title=SECRETstream -timecode 01:02:03:04 "$v"
ff -i "$(clip)" -c copy -movflags use_metadata_tags -metadata com.apple.quicktime.location.ISO6709=+22.5726+088.3639+009/ -metadata SECRETkey=SECRETvalue "$IN/keys.mov"
for policy in strip credit keep; do
    for f in "$p" "$v" "$IN/keys.mov"; do
        P=fb.photo,tg.photo,wa.photo,yt.video,x.video,yt.thumb
        render "$f" -m $policy
        [ "$RC" = 0 ] || fail "$(basename "$f") is refused"
        # names of a camera and of a program are what keep keeps
        [ $policy = keep ] && may='(?!make|soft)' || may=
        grep -rlaP "SECRET$may|22\.57|088\.36|ISO6709" "$OUT" && fail "$policy: those outputs of $(basename "$f") still say something"
        while read -r out; do
            exiftool -a -u -g1 -s "$out" | grep -iE '^(GPS|Serial|Owner|Location|UserComment|PersonInImage|ThumbnailImage|Creator |Title|Comment|HandlerVendor|TimeCode)' &&
                fail "$policy: $out still says that"
        done < <(find "$OUT" -type f)
    done
done
grep -q SECRET "$p" && grep -q SECRET "$v" || fail "the sources say nothing themselves"
done_
