#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hold, release, reject with a reason, withdraw with a reason: each does what it says, needs what it needs, and is in the record.
. tests/e2e/lib.sh
configure
department Water water
start
cp "$(media photo.jpg)" "$T/srv/drop/Water/Opening.jpg"
arrives Opening.jpg staged
of() { item "$ID" ".placements[\"$1\"]"; }

step "held placements are not approved along with the rest"
ghat hold "$ID" -p ig.photo --as rina
same held "$(of ig.photo)" held

step "a rejection needs a reason, the department reads it"
! ghat reject "$ID" -p x.photo 2>"$TMPDIR/e" || die "rejected without a reason"
same "state of x.photo" "$(of x.photo)" staged
ghat reject "$ID" -p x.photo --reason 'The banner is wrong' --as rina
same rejected "$(of x.photo)" rejected
note="$T/srv/drop/Water/Status/Opening.jpg.txt"
within 10 "the note gives the reason" grep -q 'The banner is wrong' "$note"

step "the rest is approved; what was held can be approved later; what was rejected cannot"
ghat approve --whatever-is-there "$ID" --as rina
within 30 "the outbox has it" in_outbox "$ID"
m=$(outbox_of "$ID")/manifest.json
same approved "$(jq -r '[.files[].placement] | sort | join(" ")' "$m")" "fb.photo story.photo tg.photo wa.photo yt.thumb"
! ghat approve --whatever-is-there "$ID" -p x.photo 2>/dev/null || die "a rejected placement was approved"
same "x.photo" "$(of x.photo)" rejected
ghat approve --whatever-is-there "$ID" -p ig.photo
there() { jq -e '.files[] | select(.placement == "ig.photo")' "$m"; }
within 30 "ig.photo is in the outbox" there
within 30 "and the ledger knows" in_outbox "$ID"

step "withdrawn: the file goes, the manifest says so, the sums agree"
! ghat withdraw "$ID" -p fb.photo 2>/dev/null || die "withdrawn without a reason"
ghat withdraw "$ID" -p fb.photo --reason 'Wrong date in it' --as mita
gone() { ! ls "$(outbox_of "$ID")"/fb.photo/*.jpg && [ "$(jq -r '.withdrawn[0].placement' "$m")" = fb.photo ]; }
within 30 "the file is gone" gone
same reason "$(jq -r '.withdrawn[0].reason' "$m")" 'Wrong date in it'
within 30 "published" in_outbox "$ID"
(cd "$(outbox_of "$ID")" && sha256sum --strict -c SHA256SUMS >/dev/null && ! grep -q fb.photo SHA256SUMS) || die "SHA256SUMS"
same withdrawn "$(of fb.photo)" withdrawn

step "a rejected item never gets an outbox"
cp "$(another b.jpg two)" "$T/srv/drop/Water/b.jpg"
arrives b.jpg staged
ghat reject "$ID" --reason 'No permission for this picture'
same state "$(item "$ID" .state)" decided
[ -z "$(outbox_of "$ID")" ] || die "a rejected item is in the outbox"

step "who did what is in the record"
ghat log "$ID" --json | jq -s -e 'any(.[]; (.action | test("reject")) or (.detail // "" | test("reject")))' >/dev/null || die "the log does not show the rejection"
