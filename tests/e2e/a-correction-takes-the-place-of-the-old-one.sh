#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat replaces NEW OLD: the approval of NEW withdraws OLD in one commit, when it goes out and not before; both manifests show both. It is part
# of what is seen. ghat order: names and the manifest keep the order that a person gave; what is out keeps its own.
. tests/e2e/lib.sh
configure publish.undo=3s
department Water water
start
cp "$(another old.jpg old)" "$T/srv/drop/Water/old.jpg"
arrives old.jpg staged
old=$ID
ghat caption "$old" 'The bridge opens on Monday' >/dev/null
mkdir "$TMPDIR/New"
for f in a b c; do mv "$(another $f.jpg $f)" "$TMPDIR/New/"; done
printf 'The bridge opens on Tuesday' >"$TMPDIR/New/caption.txt"
mv "$TMPDIR/New" "$T/srv/drop/Water/"
arrives New staged
new=$ID
! ghat replaces "$new" "$old" 2>"$TMPDIR/e" || die "it replaces what never went out"
grep -q 'nothing to correct' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"
ghat approve --whatever-is-there "$old" -p x.photo,fb.photo >/dev/null
within 20 "the old one is out" in_outbox "$old"

step "what is approved is what was seen, order and correction too"
handle=$(ghat show "$new" --json | jq -r .handle)
ghat order "$new" 3,1 >/dev/null
ghat replaces "$new" "$old" >/dev/null
! ghat approve "$handle" -p x.photo 2>"$TMPDIR/e" || die "approved in another order than was seen"
grep -q 'the order of its files, or what it replaces' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"
ghat show "$new" >"$TMPDIR/shown"
grep -q "^replaces .*submission $old," "$TMPDIR/shown" && grep -q '^order .*file 3, 1, 2$' "$TMPDIR/shown" || die "$(cat "$TMPDIR/shown")"

step "undone, the old one stays"
ghat approve "$(ghat show "$new" --json | jq -r .handle)" -p x.photo >/dev/null
! ghat order "$new" 1,2,3 2>/dev/null || die "another order of what is approved"
ghat undo "$new" >/dev/null
sleep 4
same "the old one" "$(item "$old" '.placements["x.photo"]')" published

step "approved, the old one goes with it"
ghat approve "$(ghat show "$new" --json | jq -r .handle)" -p x.photo >/dev/null
same "inside, both are as they were" "$(item "$old" '.placements["x.photo"]') $(item "$new" '.placements["x.photo"]')" 'published approved'
within 20 "the new one is out" in_outbox "$new"
within 20 "the old one is withdrawn" in_outbox "$old"
same "the old one" "$(item "$old" '[.placements["x.photo"], .placements["fb.photo"], .replaced_by] | map(tostring) | join(" ")')" "withdrawn withdrawn $new"
m=$(outbox_of "$new")/manifest.json
o=$(outbox_of "$old")/manifest.json
same "files of the old one" "$(find "$(outbox_of "$old")" -name '*.jpg')" ''
same "the new manifest" "$(jq -r '"\(.replaces.id) \(.replaces.caption) \(.replaces.files | length)"' "$m")" "$old The bridge opens on Monday 2"
same "the old manifest" "$(jq -r '"\(.replaced_by.id) \(.replaced_by.caption) \(.files | length) \(.withdrawn | length)"' "$o")" "$new The bridge opens on Tuesday 0 2"
same "reasons" "$(jq -r '[.withdrawn[].reason] | unique | join(" ")' "$o")" "replaced by submission $new"
same "order in the manifest" "$(jq -r '[.files[] | "\(.position) \(.original_name)"] | join(", ")' "$m")" '1 c.jpg, 2 a.jpg, 3 b.jpg'
same "order of names" "$(find "$(outbox_of "$new")/x.photo" -printf '%f\n' | grep -o -- "-x.photo-0[0-9]" | sort | tr -d '\n')" '-x.photo-01-x.photo-02-x.photo-03'
same "one moment" "$(sql "SELECT count(DISTINCT time_ms) FROM audit WHERE action IN ('publishing', 'replaced') AND seq >= (SELECT min(seq) - 2 FROM audit WHERE action = 'replaced') AND seq <= (SELECT min(seq) FROM audit WHERE action = 'replaced')")" 1
! ghat approve --whatever-is-there "$old" -p tg.photo 2>"$TMPDIR/e" || die "more of the old one"
grep -q 'was replaced by' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"
ghat verify >/dev/null || die "ghat verify"

step "more than a post takes is warned of"
mkdir "$TMPDIR/Many"
for f in a b c d e; do mv "$(another m$f.jpg m$f)" "$TMPDIR/Many/"; done
mv "$TMPDIR/Many" "$T/srv/drop/Water/"
arrives Many staged 180
ghat approve --whatever-is-there "$ID" -p x.photo | seen '^warning: 5 files are approved for x.photo; one post takes 4$' || die "no warning"
