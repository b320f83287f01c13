#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Four departments that mean harm, for two minutes (LOAD_S; LOAD_FOLDERS: instead of 40), beside an honest one: one keeps its files (ghatd may read, not write), one sends
# sparse files, one has 40 folders of 7,900 folders and touches them seven times a second, one calls everything urgent. The honest one's
# photos are staged within twice the time they take when nobody else is there, ghat status answers within 100 ms (99 of 100), nothing is
# copied again and again, and the disk does not fill. A machine that others use makes it fail: it is not part of make check.
. tests/e2e/lib.sh
seconds=${LOAD_S:-120}
nuisance() { python3 "$ROOT/tests/e2e/nuisance.py" "$@"; }
configure intake.scan=2s
for d in Honest Locked Holes Flood Loud; do department $d "${d,,}"; done
drop=$T/srv/drop
# As its user ghat: without root's right to write everywhere.
setpriv --bounding-set=-dac_override,-dac_read_search,-fowner "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
DAEMON=$!
within 60 "ghatd answers on its socket" ghat status
expect_log cannot-take-away
expect_log no-status-folder
expect_log note-not-written
expect_log share-full

# send NAME: drop a photo, print the milliseconds until it is staged.
send() {
    local file began
    file=$(another "$1" "load $1")
    began=$(date +%s%3N)
    cp "$file" "$drop/Honest/.$1" && mv "$drop/Honest/.$1" "$drop/Honest/$1"
    until ghat list --department honest --state staged --json | jq -se --arg n "$1" 'any(.[]; .name == $n)' >/dev/null 2>&1; do
        [ $(($(date +%s%3N) - began)) -lt 60000 ] || die "$1 is not staged after a minute"
        pause 0.05
    done
    echo $(($(date +%s%3N) - began))
}
part() { sort -n "$1" | awk -v p="$2" '{ v[NR] = $1 } END { i = int(NR * p); print v[i < 1 ? 1 : i] }'; }

step "alone"
for i in 1 2 3 4 5 6 7 8; do send "idle$i.jpg"; done >"$TMPDIR/idle"
idle=$(part "$TMPDIR/idle" 0.5)

step "in bad company"
nuisance folders "$drop/Flood" "${LOAD_FOLDERS:-40}" 7900
nuisance touch "$drop/Flood" $((seconds + 10)) 7 &
harm=$!
nuisance sparse "$drop/Holes" $((seconds + 10)) 20 4000 &
harm+=" $!"
for i in 1 2 3 4 5 6; do cp "$(another l$i.jpg "locked $i")" "$drop/Locked/l$i.jpg"; done
chown -R 65534 "$drop/Locked" && chmod 0755 "$drop/Locked"
(
    end=$((SECONDS + seconds + 10)) n=0
    while [ $SECONDS -lt $end ]; do
        n=$((n + 1))
        mkdir "$drop/Loud/!$n"
        cp "$(another u$n.jpg "urgent $n")" "$drop/Loud/!$n/u$n.jpg"
        pause 0.5
    done
) &
harm+=" $!"
nuisance ask "$T/c.sock" "$seconds" >"$TMPDIR/asked.json" &
asking=$!
end=$((SECONDS + seconds)) n=0
while [ $SECONDS -lt $end ]; do
    n=$((n + 1))
    send "load$n.jpg" >>"$TMPDIR/load"
done
wait $asking || die "ghatd does not answer"
kill $harm 2>/dev/null || :
wait $harm || :

step "what it was like"
echo "idle: $idle ms; of $n photos under load half in $(part "$TMPDIR/load" 0.5) ms, nine of ten in $(part "$TMPDIR/load" 0.9) ms"
cat "$TMPDIR/asked.json"
spool=$(du -sm "$T/srv/spool" | cut -f1)
echo "the spool has $spool MB; $(ghat list --department locked --all --json | jq -s length) items of the locked department"
[ "$(part "$TMPDIR/load" 0.9)" -le $((2 * idle)) ] || die "photos take more than twice their idle time"
jq -e '.p99 < 100' "$TMPDIR/asked.json" >/dev/null || die "ghat status takes too long"
[ "$spool" -lt 1000 ] || die "the spool fills"
[ "$(ghat list --department locked --all --json | jq -s length)" -le 6 ] || die "the locked department's files are recorded again and again"
