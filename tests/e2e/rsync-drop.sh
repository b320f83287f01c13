#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rsync into a drop folder: its temporary names are never taken, also not when the connection is slow or is cut off.
. tests/e2e/lib.sh
configure intake.scan=1s
department Water water
start
drop=$T/srv/drop/Water
mkdir -p "$TMPDIR/out/Event"
cp "$(another a.jpg a)" "$TMPDIR/out/a.jpg"
cp "$(another b.jpg b)" "$TMPDIR/out/Event/b.jpg"
cp "$(another c.jpg c)" "$TMPDIR/out/Event/c.jpg"
rsync -a "$TMPDIR/out/" "$drop/"
arrives a.jpg staged
arrives Event staged
same files "$(item "$ID" '.files | length')" 2
same submissions "$(list length)" 2
step "slow, and cut off in the middle"
src=$(another big.jpg big)
for i in 1 2 3 4 5 6; do cat "$(media photo.jpg)"; done >>"$src" # rsync's throttle needs some length
size=$(($(stat -c %s "$src") / 1024))
timeout 4 rsync --bwlimit=$((size / 8 + 1)) --inplace "$src" "$drop/inplace.jpg" || :
timeout 4 rsync --bwlimit=$((size / 8 + 1)) "$src" "$drop/" || :
pause 0.2
rsync "$src" "$drop/big.jpg"
arrives big.jpg staged
same hash "$(item "$ID" '.files[0].sha256')" "$(hash_of "$src")"
list '[.[].name] | map(select(test("^\\."))) | length == 0' >/dev/null || die "a temporary name became a submission"
