#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A photo that says everything about everybody, under each policy: exiftool finds exactly the fields that may leave. Credit names the
# corporation and the department, and keeps the date. No text of the photo leaves but under archive: ghat show suggests it as a caption. What was
# removed is in ghat show and in the manifest.
. tests/e2e/lib.sh
configure policy.corporation='Kolkata Municipal Corporation' policy.allow_location=yes
caption='বর্ষার আগে নতুন জলাধার'
cd "$TMPDIR"
cp "$(media photo.jpg)" all.jpg
ffmpeg -nostdin -v error -y -i all.jpg -vf scale=160:-1 -f image2 thumb.jpg
exiftool -q -m -overwrite_original "-ThumbnailImage<=thumb.jpg" -Make=SECRETmake -Model=SECRETmodel -LensSerialNumber=SECRETlens -OwnerName=SECRETowner \
    -EXIF:Software=SECRETsoft -HostComputer=SECREThost -XPAuthor=SECRETauthor -XPComment=SECRETxp -OffsetTimeOriginal=+05:30 -ImageDescription="$caption" \
    -ImageUniqueID=5EC4E7 -XMP:Description="$caption" -XMP-iptcCore:Location=SECRETplace -XMP:PersonInImage=SECRETface -XMP-xmpMM:DocumentID=SECRETdocument \
    -IPTC:CodedCharacterSet=UTF8 "-IPTC:Caption-Abstract=$caption" -IPTC:City=SECRETcity -IPTC:By-line=SECRETline -IPTC:OriginatingProgram=SECRETprogram \
    -Photoshop:PhotoshopQuality=9 -Comment=SECRETcomment all.jpg
# exiftool writes no MakerNote of its own making: one is put beside the other entries, as undefined bytes
python3 - all.jpg <<'PY'
import struct, sys
data = open(sys.argv[1], 'rb').read()
at = data.index(b'Exif\0\0') + 6
end = at - 8 + struct.unpack('>H', data[at - 8:at - 6])[0]
tiff = bytearray(data[at:end])
order = '>' if tiff[:2] == b'MM' else '<'
u16 = lambda o: struct.unpack(order + 'H', tiff[o:o + 2])[0]
u32 = lambda o: struct.unpack(order + 'I', tiff[o:o + 4])[0]
main = u32(4)
pointer = next(main + 2 + 12 * i for i in range(u16(main)) if u16(main + 2 + 12 * i) == 0x8769)
old = u32(pointer + 8)
note = b'SECRETnote of the maker'
entries = [bytes(tiff[old + 2 + 12 * i:old + 14 + 12 * i]) for i in range(u16(old))]
new = len(tiff) + len(tiff) % 2
entries.append(struct.pack(order + 'HHII', 0x927c, 7, len(note), new + 2 + 12 * (len(entries) + 1) + 4))
entries.sort(key=lambda e: struct.unpack(order + 'H', e[:2])[0])
tiff += bytes(new - len(tiff)) + struct.pack(order + 'H', len(entries)) + b''.join(entries) + bytes(4) + note
tiff[pointer + 8:pointer + 12] = struct.pack(order + 'I', new)
segment = b'Exif\0\0' + bytes(tiff)
open(sys.argv[1], 'wb').write(data[:at - 8] + struct.pack('>H', len(segment) + 2) + segment + data[end:])
PY
exiftool -q -u -EXIF:all -a -G1 -s all.jpg >said
for f in 'MakerNote' GPSLatitude OwnerName SerialNumber ThumbnailOffset; do has said $f; done

# fields FILE: every field that is in it, groups and names, without what only describes the JPEG and its numbers
fields() {
    exiftool -a -u -G1 -s "$1" | sed -nE 's/^\[([^]]+)\] +([^ ]+) +:.*/\1:\2/p' | grep -vE '^(ExifTool|System|File|JFIF|Composite):' | LC_ALL=C sort | tr '\n' ' '
}
structure="ExifIFD:ColorSpace ExifIFD:ExifImageHeight ExifIFD:ExifImageWidth ExifIFD:ExifVersion"
words="IFD0:Artist IFD0:Copyright IPTC:ApplicationRecordVersion IPTC:By-line IPTC:CodedCharacterSet IPTC:CopyrightNotice IPTC:Credit XMP-dc:Creator XMP-dc:Rights"
dates="ExifIFD:DateTimeOriginal ExifIFD:OffsetTimeOriginal"
camera="ExifIFD:ComponentsConfiguration ExifIFD:FlashpixVersion IFD0:Make IFD0:Model IFD0:Orientation IFD0:ResolutionUnit IFD0:Software IFD0:XResolution IFD0:YCbCrPositioning IFD0:YResolution"
sorted() { printf '%s\n' $* | LC_ALL=C sort | tr '\n' ' '; }
for policy in strip credit keep archive; do
    step "$policy"
    ghat render -m $policy -p fb.photo -o $policy all.jpg >lines
    out=$policy/fb.photo/all.jpg
    case $policy in
    strip) same fields "$(fields $out)" "" ;;
    credit) same fields "$(fields $out)" "$(sorted $structure $words $dates)" ;;
    keep) same fields "$(fields $out)" "$(sorted $structure $words $dates $camera)" ;;
    archive) # its EXIF, byte for byte
        exiftool -b -EXIF all.jpg >exif.in
        exiftool -b -EXIF $out >exif.out
        cmp exif.in exif.out || die "not the EXIF it came with"
        same "what is not EXIF" "$(exiftool -s3 -Comment -PersonInImage -City -XMP:Location $out)" "" ;;
    esac
    [ $policy = archive ] || ! grep -aE "SECRET(owner|lens|host|author|xp|place|face|doc|city|line|prog|comment|note)|$caption|5EC4E7|SN123456|private|Somebody" $out || die "$policy: it still says so"
done
has <(exiftool -s3 -Make keep/fb.photo/all.jpg) SECRETmake
# What publishes does not start on such a policy without the admin's word.
sed 's/allow_location=yes/metadata=archive/' "$CONF" >no.conf
rc=0; ghatd -c no.conf --check >out.txt 2>errors || rc=$?
same "exit of ghatd --check" $rc 1
has errors allow_location

step "credit names the corporation and the department, and says what it removed"
department Water water 'title = জল সরবরাহ বিভাগ'
start
cp all.jpg "$T/srv/drop/Water/all.jpg"
arrives all.jpg staged
out=$T/srv/staging/$(item "$ID" '.renditions[] | select(.placement == "fb.photo") | .stage')
value() { exiftool -s3 -sep '|' "$1" "$out"; }
same artist "$(value -IFD0:Artist)" 'Kolkata Municipal Corporation; জল সরবরাহ বিভাগ'
same creators "$(value -XMP-dc:Creator)" 'Kolkata Municipal Corporation|জল সরবরাহ বিভাগ'
has <(value -IPTC:By-line) 'Kolkata Municipal Corporation|জল সরবরাহ' # the standard has room for 32 bytes each
same "credit line" "$(value -IPTC:Credit)" 'Kolkata Municipal Corporation'
for f in IFD0:Copyright XMP-dc:Rights IPTC:CopyrightNotice; do same $f "$(value -$f)" '© Kolkata Municipal Corporation, জল সরবরাহ বিভাগ'; done
for f in IFD0:ImageDescription XMP-dc:Description IPTC:Caption-Abstract; do same $f "$(value -$f)" ''; done
same "suggested caption" "$(item "$ID" '.files[0].suggested_caption')" "$caption"
same caption "$(item "$ID" .caption)" null
ghat show "$ID" >shown
has shown "suggested caption"
has shown "$caption"
same taken "$(value -DateTimeOriginal) $(value -OffsetTimeOriginal)" '2026:11:23 09:15:00 +05:30'
ghat approve --whatever-is-there "$ID" -p fb.photo --as rina
manifest() { outbox_of "$ID" | seen . && [ -e "$(outbox_of "$ID")/manifest.json" ]; }
within 60 "it is in the outbox" manifest
grep -rqa "$caption" "$(outbox_of "$ID")" && die "the photo's own caption is in the outbox"
ghat show "$ID" --json | jq -r '.renditions[] | select(.placement == "fb.photo") | .removed | if type == "array" then .[] else . end' >removed
jq -r '.. | objects | .removed? // empty | if type == "array" then .[] else . end' "$(outbox_of "$ID")/manifest.json" >removed.manifest
for f in removed removed.manifest; do
    for what in GPS serial owner thumbnail maker comment; do grep -qi "$what" $f || { cat $f; die "$f does not name: $what"; }; done
done

step "another department's photo of the same bytes names that department"
department Roads roads 'title = Roads'
kill -HUP "$DAEMON"
cp all.jpg "$T/srv/drop/Roads/theirs.jpg"
arrives theirs.jpg staged
out=$T/srv/staging/$(item "$ID" '.renditions[] | select(.placement == "fb.photo") | .stage')
same artist "$(value -IFD0:Artist)" 'Kolkata Municipal Corporation; Roads'
