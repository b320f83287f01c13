#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A caption written in Word: in a folder, beside a photo of the same name, late, as a recall; read by a worker, in the sandbox. One that is
# damaged, locked, or wants too much leaves the photo without a caption and no trace of a process; other office formats are refused with
# words that help, in both languages.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water

# docx FILE PARAGRAPH…
docx() {
    python3 - "$@" <<'PY'
import sys, zipfile
W = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
body = ''.join(f'<w:p><w:r><w:t xml:space="preserve">{p}</w:t></w:r></w:p>' for p in sys.argv[2:])
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('[Content_Types].xml', '<Types/>')
    z.writestr('docProps/লেখা.xml', '<x/>')
    z.writestr('word/document.xml', f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')
PY
}
photo() { cp "$(media photo.jpg)" "$1"; exiftool -q -overwrite_original -Software="$2" "$1"; }

step "in a folder, and beside a photo"
mkdir "$TMPDIR/Evening"
photo "$TMPDIR/Evening/a.jpg" one
docx "$TMPDIR/Evening/caption.docx" 'নতুন জলাধার' '' 'Ward 12 &amp; 13' '&#x202e;state approved'
cp -r "$TMPDIR/Evening" "$drop/"
arrives Evening staged
same caption "$(item "$ID" .caption)" $'নতুন জলাধার\n\nWard 12 & 13\nstate approved'
same role "$(item "$ID" '[.files[] | select(.role == "caption")] | length')" 1
photo "$TMPDIR/IMG_1.jpg" two
docx "$TMPDIR/IMG_1.docx" 'The new tank'
cp "$TMPDIR/IMG_1.docx" "$TMPDIR/IMG_1.jpg" "$drop/"
arrives IMG_1.jpg staged
same caption "$(item "$ID" .caption)" 'The new tank'
[ ! -e "$drop/IMG_1.docx" ] || die "the document is still there"

step "a later one is a revision, and one can recall"
docx "$TMPDIR/IMG_1.docx" 'The new tank, corrected'
cp "$TMPDIR/IMG_1.docx" "$drop/"
corrected() { [ "$(item "$ID" .caption)" = 'The new tank, corrected' ]; }
within 30 "the caption is corrected" corrected
cp "$TMPDIR/IMG_1.docx" "$drop/cancel IMG_1.docx"
recalled() { state_is IMG_1.jpg decided; }
within 30 "it is recalled" recalled

step "what cannot be read costs the caption only"
expect_log caption-unreadable
for bad in damaged locked bomb; do
    mkdir "$TMPDIR/$bad"
    photo "$TMPDIR/$bad/p.jpg" "$bad"
done
docx "$TMPDIR/x.docx" one two three
head -c 300 "$TMPDIR/x.docx" >"$TMPDIR/damaged/caption.docx"
printf '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more' >"$TMPDIR/locked/caption.docx"
python3 - "$TMPDIR/bomb/caption.docx" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('word/document.xml', '<a>' + ' ' * (300 << 20) + '</a>')
PY
for bad in damaged locked bomb; do
    cp -r "$TMPDIR/$bad" "$drop/"
    arrives $bad staged
    same caption "$(item "$ID" '.caption // "none"')" none
done
has "$LOG" 'has a password'
has "$LOG" 'unpacks to too much'

step "other office formats"
for e in doc odt rtf pages; do echo text >"$drop/caption.$e"; done
for e in doc odt rtf pages; do
    refused() { [ -e "$drop/Status/caption.$e.txt" ]; }
    within 30 "caption.$e is refused" refused
    note_says "$drop/Status/caption.$e.txt" 'Please save the caption as .docx or .txt'
    note_says "$drop/Status/caption.$e.txt" 'সেভ করে পাঠান'
    [ -e "$drop/caption.$e" ] || die "caption.$e was taken away"
done
