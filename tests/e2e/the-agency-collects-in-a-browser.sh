#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The agency's day in a browser on a phone, with the real ghatd: two are approved, one is taken and shared, everything comes as a ZIP, a link is
# pasted; one is replaced and one withdrawn, and the agency says that it knows. Afterwards the ledger has it all. Needs npm's registry once: else skipped.
. tests/e2e/lib.sh
. tests/desk/browser.sh
configure publish.undo=0 desk.url=http://desk.test desk.second_factor=none
department Water water
start
desk_up
person rina --role approver --language en
person agni --role agency --language en
drop=$T/srv/drop/Water
ids=()
for n in one two three; do
    mkdir "$TMPDIR/$n"
    cp "$(another $n.jpg $n)" "$TMPDIR/$n/$n.jpg"
    echo "The bridge, picture $n" >"$TMPDIR/$n/caption.txt"
    mv "$TMPDIR/$n" "$drop/"
    arrives $n staged
    ids+=("$ID")
done
step "in the browser"
rc=0
GHAT_PASSWORD='eight lamps burn' timeout $((400 * GHAT_SLOW)) node tests/desk/collect.mjs "${DESK/127.0.0.1/localhost}" "$TMPDIR" "${ids[@]}" >"$TMPDIR/said" 2>&1 || rc=$?
cat "$TMPDIR/said"
same "the browser's verdict" "$rc" 0

step "what was shared and downloaded is what was approved"
sum() { sql "SELECT sha256 FROM rendition WHERE submission = $1 AND placement = 'x.photo'"; }
has "$TMPDIR/said" "shared $(sum "${ids[0]}") image/jpeg The bridge, picture one"
unzip -tq "$TMPDIR/new.zip" >/dev/null || die "unzip"
unzip -qd "$TMPDIR/unzipped" "$TMPDIR/new.zip"
find "$TMPDIR/unzipped" -name '*.jpg' -exec sha256sum {} + | cut -d' ' -f1 | sort -u >"$TMPDIR/sums"
sql "SELECT DISTINCT sha256 FROM rendition WHERE submission IN (${ids[0]}, ${ids[1]}) AND state = 'withdrawn' AND published_ms > 0" | sort -u | diff - "$TMPDIR/sums" ||
    die "the ZIP is not what was approved"

step "what the ledger knows"
same "the link" "$(sql "SELECT text FROM delivery WHERE submission = ${ids[0]} AND said = 'posted'")" https://example.org/posts/1
same "taken down" "$(sql "SELECT count(*) FROM delivery WHERE submission = ${ids[0]} AND said = 'removed'")" 1
same "not acknowledged" "$(sql "SELECT count(*) FROM rendition WHERE state = 'withdrawn' AND published_ms > 0 AND gone_ms = 0")" 0
same "replaced" "$(item "${ids[0]}" .replaced_by)" "${ids[2]}"
same "why" "$(item "${ids[1]}" '[.renditions[] | select(.placement == "x.photo") | .reason] | unique | join("")')" "The road is another one"
same "the new one" "$(item "${ids[2]}" '.placements["x.photo"]')" published
ghat verify >/dev/null || die "ghat verify"
