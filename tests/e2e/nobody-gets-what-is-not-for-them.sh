#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every role at every address of the desk for items in every state, by HTTP against the real ghatd: the wrong role gets 404 or 403 and never content,
# not even a word of the caption; nothing changes. An embargo is a lock before its time, and none after it; a freeze likewise.
. tests/e2e/lib.sh
configure publish.undo=0 desk.url=http://desk.test desk.second_factor=none
department Water water
department Roads roads
start
desk_up
person rina --role approver
person vik --role viewer
person agni --role agency
person omar --role officer --department water
person ruma --role officer --department roads
person adi --role admin
declare -A N=()
for s in staged held rejected embargoed frozen published collected withdrawn never-out; do
    mkdir "$TMPDIR/$s"
    cp "$(another "$s.jpg" "$s")" "$TMPDIR/$s/"
    echo "zebra-$s" >"$TMPDIR/$s/caption.txt"
    mv "$TMPDIR/$s" "$T/srv/drop/Water/$s"
done
for s in staged held rejected embargoed frozen published collected withdrawn never-out; do
    arrives "$s" staged
    N[$s]=$ID
done
for s in published collected withdrawn; do
    ghat approve --whatever-is-there "${N[$s]}" -p fb.photo,x.photo >/dev/null
    within 30 "$s is out" in_outbox "${N[$s]}"
done
ghat collected "${N[collected]}" >/dev/null
ghat withdraw "${N[withdrawn]}" --reason 'wrong bridge' >/dev/null
ghat hold "${N[held]}" >/dev/null
ghat reject "${N[rejected]}" --reason 'not clear' >/dev/null
ghat embargo "${N[never-out]}" "$(date -d '+1 day' '+%Y-%m-%d %H:%M:%S')" >/dev/null
ghat approve --whatever-is-there "${N[never-out]}" -p fb.photo >/dev/null
ghat withdraw "${N[never-out]}" --reason 'not any more' >/dev/null
ghat freeze 'a flood' >/dev/null
ghat approve --whatever-is-there "${N[frozen]}" -p fb.photo >/dev/null
until=$(($(date +%s) + 45 * GHAT_SLOW))
ghat embargo "${N[embargoed]}" "$(date -d "@$until" '+%Y-%m-%d %H:%M:%S')" >/dev/null
ghat approve --whatever-is-there "${N[embargoed]}" -p fb.photo >/dev/null
gone_from_outbox() { [ -z "$(find "$(outbox_of "${N[withdrawn]}")" -name '*.jpg')" ]; }
within 20 "what is withdrawn is gone" gone_from_outbox

ALL='["staged","held","rejected","embargoed","frozen","published","collected","withdrawn","never-out"]'
jq -n --argjson all "$ALL" --arg rina "${WHO[rina]}" --arg vik "${WHO[vik]}" --arg agni "${WHO[agni]}" --arg omar "${WHO[omar]}" --arg ruma "${WHO[ruma]}" --arg adi "${WHO[adi]}" '
    def role(cookie; sees; bytes; originals; decides): {cookie: cookie, sees: sees, bytes: bytes, originals: originals, decides: decides};
    ($all - ["never"]) as $every |
    {approver: role($rina; $every; $every; $every; true), viewer: role($vik; $every; $every; $every; false),
     agency: role($agni; ["published", "collected", "withdrawn"]; ["published", "collected"]; []; false), officer: role($omar; $every; $every; $every; false),
     "officer of another department": role($ruma; []; []; []; false), administrator: role($adi; []; []; []; false), nobody: role(""; []; []; []; false)}' >"$TMPDIR/roles"
items() {
    local s
    for s in "${!N[@]}"; do
        ghat show "${N[$s]}" --json | jq --arg s "$s" '{($s): (. + {state: $s, word: ("zebra-" + $s)})}'
    done | jq -s add >"$TMPDIR/items"
}
states() { ghat list --json | jq -c '[.id, .state, .placements, .caption]' | sort; }
walk() { tests/e2e/walk_roles.py "$DESK" "$TMPDIR/items" "$TMPDIR/roles" >"$TMPDIR/walked" || die "$(sed -n '1,20p' "$TMPDIR/walked")"; }
items
states >"$TMPDIR/before"
step "before: frozen, and under embargo"
walk
first <"$TMPDIR/walked"
[ "$(date +%s)" -lt "$until" ] || echo "this machine is slow: the walk took longer than the embargo; all was frozen meanwhile"
states | cmp - "$TMPDIR/before" || die "a wrong role changed something"
seen 'zebra-published' <(web agni /today) || die "the agency does not see what is out"
step "thawed: what was frozen is out, what is under embargo is not until its time"
ghat thaw >/dev/null
within 20 "what was frozen is out" in_outbox "${N[frozen]}"
seen 'zebra-frozen' <(web agni /today) || die "the agency does not see what was frozen"
out=
while [ -z "$out" ]; do
    now=$(date +%s)
    for path in "/i/${N[embargoed]}" /today; do
        web agni "$path" >"$TMPDIR/page"
        ! seen 'zebra-embargoed' "$TMPDIR/page" || out=$(date +%s)
    done
    [ -z "$out" ] || [ "$out" -ge "$until" ] || die "out at $out, before $until"
    [ "$now" -lt $((until + 60 * GHAT_SLOW)) ] || die "the embargo does not end"
    pause 0.3
done
step "after"
jq '.agency |= (.sees += ["frozen", "embargoed"] | .bytes += ["frozen", "embargoed"])' "$TMPDIR/roles" >"$TMPDIR/roles2"
mv "$TMPDIR/roles2" "$TMPDIR/roles"
items
walk
ghat verify >/dev/null || die "ghat verify"
