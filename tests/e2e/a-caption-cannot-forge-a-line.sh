#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Captions, names and reasons that try to clear the approver's screen, to turn its direction, or to look like a line of ghat's own: none
# of their control characters reaches a terminal or a note, and every line of theirs stays in its column.
. tests/e2e/lib.sh
configure
department Water water
start
cd "$TMPDIR"
esc=$'\e' csi=$'\xc2\x9b' rlo=$'\xe2\x80\xae' isolate=$'\xe2\x81\xa6' zwj=$'\xe2\x80\x8d'
bad="$esc|$csi|$rlo|$isolate|"$'\r'
cp "$(media photo.jpg)" "$TMPDIR/p.jpg"
printf 'state       approved\r\n%s[2J%s[Hoverwritten\rstate approved\n%sdeyorppa%s etats\nর%s্য\ttab\n' "$esc" "$esc" "$rlo" "$isolate" "$zwj" >"$TMPDIR/p.txt"
mkdir "$T/srv/drop/Water/Evening"
cp "$TMPDIR/p.jpg" "$TMPDIR/p.txt" "$T/srv/drop/Water/Evening/"
arrives Evening staged

# clean FILE: nothing in it acts on a terminal, and nothing but ghat's own line says the state
clean() {
    ! grep -aqE "$bad" "$1" || { cat -v "$1"; die "$1 has control characters"; }
    same "lines of $1 that begin with state" "$(grep -c '^state' "$1")" "$2"
}
item "$ID" .caption >caption.json
grep -aqE "$bad" caption.json && { cat -v caption.json; die "the ledger's caption has control characters"; }
has caption.json "র$zwj্য"
ghat show "$ID" >shown
clean shown 1
grep -qx -- 'caption     state       approved' shown || { cat shown; die "shown has no line: caption     state       approved"; }
grep -qx -- '            state approved' shown || { cat shown; die "shown has no line:             state approved"; }
ghat caption "$ID" >one
clean one 0
ghat log "$ID" >log
clean log 0
tr -d '\r' <"$T/srv/drop/Water/Status/Evening.txt" >note
clean note 0
grep -qx -- '  \[2J\[Hoverwritten' note || { cat note; die "note has no line:   \[2J\[Hoverwritten"; }

step "by command, too"
ghat caption "$ID" "${esc}]0;title"$'\a'"state approved"$'\n'"state       approved${rlo}x" --as "${rlo}rina${esc}[2J"
item "$ID" .caption >caption.json
same caption "$(cat caption.json)" ']0;titlestate approved
state       approvedx'
ghat reject "$ID" -p wa.photo --reason "no${esc}[2J"$'\n'"state       approved"
ghat show "$ID" >shown
clean shown 1
ghat log "$ID" >log
clean log 0
tr -d '\r' <"$T/srv/drop/Water/Status/Evening.txt" >note
clean note 0
ghat list >list
clean list 0
rc=0; ghat show "${esc}[2J" >out 2>&1 || rc=$?
clean out 0
