#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The whole way: ten photos and a clip are put into a folder of a real Samba, decided in a browser on a phone in Bengali, all but one, and the officer
# reads over Samba, in Bengali, what went out, what did not, and why. Needs npm's registry once: else skipped.
. tests/e2e/lib.sh
. tests/desk/browser.sh
configure publish.undo=0 desk.url=http://desk.test desk.second_factor=none placements.make=fb.photo,x.photo,fb.video placements.not=yt.thumb
department Water water 'languages = bn,en'
samba Water
start
desk_up
person rina --role approver --language bn
cd "$TMPDIR"
ffmpeg -nostdin -v error -f lavfi -i testsrc=s=1280x960:r=1 -frames:v 10 p%02d.jpg
cp "$(media clip.mp4)" clip.mp4
printf 'শীতের মেলা' >caption.txt
smb water 'prompt off; mkdir মেলা; cd মেলা; mput p*.jpg; put clip.mp4; put caption.txt' 2>"$TMPDIR/put" >&2 || die "put: $(cat "$TMPDIR/put")"
cd "$ROOT"
arrives 'মেলা' staged 240
last=$(item "$ID" '[.files[] | select(.name == "p10.jpg") | .number][0]')

step "in the browser"
rc=0
GHAT_PASSWORD='eight lamps burn' timeout $((400 * GHAT_SLOW)) node tests/desk/folder.mjs "${DESK/127.0.0.1/localhost}" "$ID" "$last" >"$TMPDIR/said" 2>&1 || rc=$?
cat "$TMPDIR/said"
same "the browser's verdict" "$rc" 0

step "what became of it"
within 60 "it is out" in_outbox "$ID"
same "out" "$(sql "SELECT group_concat(n, ' ') FROM (SELECT placement || ' ' || count(*) AS n FROM rendition WHERE submission = $ID AND state IN ('published','approved') GROUP BY placement ORDER BY placement)")" \
    "fb.photo 9 fb.video 1 x.photo 9"
same "rejected" "$(item "$ID" '[.renditions[] | select(.state == "rejected") | .number] | map(tostring) | join(" ")')" "$last $last"

step "what the officer reads over Samba"
reads() { smb water "get Status\\মেলা.txt $TMPDIR/note" && says "$TMPDIR/note" "$1"; }
within 60 "what went out" reads 'অনুমোদিত, এজেন্সির জন্য প্রস্তুত'
within 60 "which did not" reads ': p10.jpg'
within 60 "and why one did not" reads "$(sed -n 's/^reason: //p' "$TMPDIR/said")"
