#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A decision names what was shown, by a handle: a caption that comes between the look and the command is never published by it. Pictures and
# placements are chosen one by one. Only what the decision is about can make it void. Without a terminal to ask on, nothing is approved unseen.
. tests/e2e/lib.sh
configure
department Water water
start
mkdir "$TMPDIR/Opening"
another a.jpg one >/dev/null
another b.jpg two >/dev/null
mv "$TMPDIR"/[ab].jpg "$TMPDIR/Opening/"
echo 'The pump runs' >"$TMPDIR/Opening/caption.txt"
mv "$TMPDIR/Opening" "$T/srv/drop/Water/"
arrives Opening staged
handle() { ghat show "$ID" --json | jq -r .handle; }
out() { sql "SELECT count(*) FROM rendition WHERE submission = $ID AND state IN ('approved','published')"; }

step "show counts the files and prints a handle, the same one until something changes"
one=$(handle)
[[ $one =~ ^$ID@[0-9a-f]{6}$ ]] || die "the handle is $one"
same "shown again" "$(handle)" "$one"
ghat show "$ID" >"$TMPDIR/shown"
grep -q "^file 1 .*a.jpg" "$TMPDIR/shown" && grep -q "^file 2 .*b.jpg" "$TMPDIR/shown" || die "files are not counted"
grep -q "ghat approve $one" "$TMPDIR/shown" || die "the handle is not printed"

step "nothing is approved unseen"
rc=0
ghat approve "$ID" </dev/null 2>"$TMPDIR/e" || rc=$?
same "exit code" "$rc" 2
grep -q -- --whatever-is-there "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"
same approved "$(out)" 0

step "a caption that comes in between is not published"
echo 'THE MAYOR IS LATE' >"$T/srv/drop/Water/Opening.txt"
new() { [ "$(item "$ID" .caption)" = 'THE MAYOR IS LATE' ]; }
within 30 "the caption is new" new
! ghat approve "$one" 2>"$TMPDIR/e" || die "approved under words nobody saw"
grep -q 'the caption for .* is another one' "$TMPDIR/e" || die "it does not say what changed: $(cat "$TMPDIR/e")"
same approved "$(out)" 0

step "one picture for one placement; a caption of another placement changes nothing about it"
ghat caption "$ID" 'The pump runs again'
two=$(handle)
ghat caption "$ID" -p tg.photo 'All about the pump'
ghat approve "$two" -f 2 -p x.photo --as rina >"$TMPDIR/said"
same "what it says" "$(sed 's,outbox/[0-9-]*/,outbox/DAY/,' "$TMPDIR/said")" "approved: b.jpg for x.photo; now in outbox/DAY/water-$ID"
within 30 "it is out" in_outbox "$ID"
m=$(outbox_of "$ID")/manifest.json
same "what is out" "$(jq -r '.files[] | "\(.original_name) \(.placement) \(.caption)"' "$m")" "b.jpg x.photo The pump runs again"
! ghat approve "$two" -p tg.photo 2>"$TMPDIR/e" || die "approved under another caption"
grep -q 'the caption for tg.photo' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"

step "two placements of both, under captions of their own, with an alt text"
ghat alt "$ID" 1 'A pump, running'
ghat approve "$(handle)" -p fb.photo,tg.photo >"$TMPDIR/said"
grep -q '^approved: a.jpg, b.jpg for fb.photo, tg.photo; now in ' "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
five() { [ "$(jq '.files | length' "$m")" = 5 ]; }
within 30 "all are out" five
within 30 "the ledger says so" in_outbox "$ID"
same captions "$(jq -r '[.files[] | "\(.placement): \(.caption)"] | unique | join("; ")' "$m")" \
    "fb.photo: The pump runs again; tg.photo: All about the pump; x.photo: The pump runs again"
same "alt text" "$(jq -r '.files[] | select(.original_name == "a.jpg") | .alt_text' "$m" | sort -u)" 'A pump, running'
(cd "$(dirname "$m")" && sha256sum --strict -c SHA256SUMS >/dev/null) || die "SHA256SUMS"
grep -q '^All about the pump$' "$(dirname "$m")/caption.txt" || die "caption.txt"

step "other decisions choose likewise"
ghat reject "$(handle)" -f 1 -p ig.photo --reason 'Crop cuts the banner' >"$TMPDIR/said"
grep -q '^rejected: a.jpg for ig.photo; the submission is staged$' "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
same rejected "$(sql "SELECT count(*) FROM rendition WHERE submission = $ID AND state = 'rejected'")" 1

step "on a terminal it shows what it is about, and asks"
ask() { printf '%s\n' "$1" | script -qec "$B/ghat -c $T/etc/ghat.conf approve $ID -f 2 -p wa.photo" /dev/null >"$TMPDIR/asked"; }
ask n
grep -q 'b.jpg for wa.photo' "$TMPDIR/asked" && grep -q 'The pump runs again' "$TMPDIR/asked" || die "$(cat "$TMPDIR/asked")"
same "after no" "$(sql "SELECT state FROM rendition r JOIN file f ON f.id = r.file WHERE r.submission = $ID AND placement = 'wa.photo' AND f.name = CAST('b.jpg' AS BLOB)")" staged
ask y
grep -q 'approved: b.jpg for wa.photo' "$TMPDIR/asked" || die "$(cat "$TMPDIR/asked")"
within 30 "it is out" in_outbox "$ID"
ghat verify >/dev/null || die "ghat verify"

step "a name that is no text is refused by every command, and nothing is changed without it"
before=$(sql 'SELECT count(*) FROM audit')
for c in "approve --whatever-is-there $ID" "hold $ID" "undo $ID" "caption $ID x" "alt $ID 1 x" "urgent $ID" "focal $ID 0.5,0.5" "freeze x" thaw; do
    # shellcheck disable=SC2086
    ! ghat $c --as $'r\xffna' >/dev/null 2>&1 || die "$c took it"
done
same "audit rows" "$(sql 'SELECT count(*) FROM audit')" "$before"
