#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Folders with hostile names, a department that is a symbolic link, one that becomes one, and a spool that is replaced: nothing is read or
# written where they point, what is ignored is named in the log, and the other departments go on.
. tests/e2e/lib.sh
expect_log 'event=(link-ignored|department-offline|drop-offline|folder-offline) '
configure
department Water water
victim=$TMPDIR/victim
mkdir -p "$victim/sub"
cp "$(media photo.jpg)" "$victim/private.jpg"
before=$(cd "$victim" && find . | sort)
ln -s "$victim" "$T/srv/drop/Linked"
odd=("$(printf 'a\nb')" "$(printf '\033[31mred')" '<img src=x onerror=alert(1)>' '-rf' '$(reboot)' "$(printf 'x\xff\xfe')" "$(printf 'r\xe2\x80\xaegpj')" '=cmd|calc' '%s%n' "$(head -c 200 /dev/zero | tr '\0' n)" 'জল' '..hidden')
for n in "${odd[@]}"; do mkdir -p "$T/srv/drop/$n"; done
start
i=0
for n in "${odd[@]}"; do
    i=$((i + 1))
    cp "$(another "o$i.jpg" "$n")" "$T/srv/drop/$n/o$i.jpg"
done
cp "$(media photo.jpg)" "$T/srv/drop/Water/photo.jpg"
arrives photo.jpg staged
step "the link is named and not followed"
within 20 "it is in the log" grep -q 'event=link-ignored name=.*Linked' "$LOG"
[ "$(list '[.[] | select(.name == "private.jpg")] | length')" = 0 ] || die "a file behind a link was taken"
step "odd names: each is taken, and shown as text"
for j in 1 2 3 4 5 6 7 8 9 10 11; do arrives "o$j.jpg" staged 120; done
ghat list --json | jq -e . >/dev/null || die "no JSON"
ghat list | seen -P '[\x00-\x08\x0b-\x1f\x7f]' && die "a name reaches the terminal as it is"
grep -qP '\x1b' "$LOG" && die "an escape sequence is in the log"
list '[.[].department] | map(test("^[a-z0-9][a-z0-9-]*$")) | all' >/dev/null || die "a department's name in files is not plain"
ID=$(number_of o3.jpg)
ghat approve --whatever-is-there "$ID" >/dev/null
within 60 "an odd department's item is published" in_outbox "$ID"
find "$T/srv/outbox" | seen -P '[^A-Za-z0-9/._~-]' && die "a name in the outbox is not plain"

step "a department that becomes a link while ghatd runs"
mv "$T/srv/drop/Water" "$T/srv/Water.old"
ln -s "$victim" "$T/srv/drop/Water"
cp "$(another late.jpg late)" "$victim/late.jpg"
department Roads roads
cp "$(another road.jpg road)" "$T/srv/drop/Roads/road.jpg"
arrives road.jpg staged
taken_late() { [ -n "$(number_of late.jpg)" ]; }
never 7 "a file behind the new link is taken" taken_late
rm "$T/srv/drop/Water" "$victim/late.jpg"
mv "$T/srv/Water.old" "$T/srv/drop/Water"
cp "$(another back.jpg back)" "$T/srv/drop/Water/back.jpg"
arrives back.jpg staged

step "a spool that is replaced while ghatd runs"
mv "$T/srv/spool" "$T/srv/spool.real"
ln -s "$victim/sub" "$T/srv/spool"
cp "$(another spooled.jpg spooled)" "$T/srv/drop/Water/spooled.jpg"
arrives spooled.jpg staged
same "the link's target" "$(cd "$victim" && find . | sort)" "$before"
stop
step "and before a start: what is missing is named, nothing is made up"
mkdir "$T/srv/empty"
rm "$T/srv/spool"
ln -s "$T/srv/empty" "$T/srv/spool"
rc=0
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || rc=$?
[ $rc != 0 ] || die "ghat verify does not miss the originals"
grep -qi 'spool\|original' "$TMPDIR/verify" || { cat "$TMPDIR/verify"; die "it does not say what is missing"; }
rm "$T/srv/spool"
mv "$T/srv/spool.real" "$T/srv/spool"
start
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || { cat "$TMPDIR/verify"; die "after putting it back the ledger does not verify"; }
