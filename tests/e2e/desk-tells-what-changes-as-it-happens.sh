#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# /live tells a person what changes of what that person may see, in lines with a place from which it goes on; a place that is forgotten, and a start of
# ghatd in between, say to look at everything. Without anybody watching the desk asks nothing; watching, it asks once a second whether anything changed,
# however many watch. Streams are bounded per person and in all, and 300 of them do not hold up the end of the desk.
. tests/desk/lib.sh
up
# stream NAME USER QUERY [CURL OPTION…]: what is said is $TMPDIR/NAME.
STREAMS=()
stream() {
    curl -sSN -b "$(cookie "$2")" -D "$TMPDIR/$1.head" "${@:4}" "$DESK/live${3:-}" >"$TMPDIR/$1" 2>/dev/null &
    STREAMS+=($!)
}
says() { grep -F "$2" "$TMPDIR/$1"; }
looks() { asked '.request == "health"' | wc -l; }
step "nobody watches: nothing is asked"
before=$(wc -l <"$TMPDIR/fake.log")
read -rt 2.5 <> <(:) || :
same "what was asked" "$(wc -l <"$TMPDIR/fake.log")" "$before"
step "it begins at once, as a stream that no proxy holds back"
place=$(get rina /q | sed -n 's/.*data-place="\([0-9a-f.]*\)".*/\1/p')
[ -n "$place" ] || die "the page does not say when it was made"
stream one rina "?after=$place"
stream two agency "?after=$place"
within 20 "the first line" says one 'event: beat'
within 20 "the first line for the agency" says two 'event: beat'
for h in 'Content-Type: text/event-stream' 'X-Accel-Buffering: no' 'no-transform'; do grep -F "$h" "$TMPDIR/one.head" >/dev/null || die "lacks $h: $(cat "$TMPDIR/one.head")"; done
! grep -i '^content-encoding' "$TMPDIR/one.head" || die "a stream is compressed"
step "what changes is told, and only to whom it is shown"
touch_items 2 2 5
within 20 "a line" says one '"id":5'
seen -F '"id":2' "$TMPDIR/one" || die "the approver is not told of item 2"
within 20 "a line for the agency" says two '"id":5'
! seen -F '"id":2' "$TMPDIR/two" || die "the agency is told of what it does not see"
same "item 2 in one line" "$(grep -oF '"id":2' "$TMPDIR/one" | wc -l)" 1
step "a browser that comes back goes on from where it was"
last=$(sed -n 's/^id: //p' "$TMPDIR/one" | tail -n 1)
touch_items 4
within 20 "the line that is missed" says one '"id":4'
stream back rina "?after=$place" -H "Last-Event-ID: $last"
within 20 "its beginning" says back 'event: beat'
seen -F '"id":4' "$TMPDIR/back" || die "what it missed is not told: $(cat "$TMPDIR/back")"
! seen -F '"id":5' "$TMPDIR/back" || die "it is told what it knew"
step "a place that is no longer known, or never was: look at everything"
for odd in "${place%.*}.99999" 0123456789abcdef.1 x; do
    stream odd rina "?after=$odd"
    within 20 "$odd" says odd 'event: all'
    rm "$TMPDIR/odd"
done
same "the poll says so, too" "$(get rina "/count?after=${place%.*}.99999" | jq -c '[.new, .all]')" '[true,true]'
same "and tells what changed" "$(get agency "/count?after=$place" | jq -c '[.changes[].id]')" '[5,4]'
same "nobody" "$(status_of '' /live)" 303
step "ghatd goes and comes back: look at everything"
fake_down
fake_up
within 30 "told" says one 'event: all'
touch_items 6
within 30 "and goes on" says one '"id":6'
step "approvers are told who else looks at an item, and when nobody does any more; nobody else is"
stream list sunil
stream mine sunil '?item=3'
stream other sunil '?item=4'
stream agent agency '?item=3'
within 20 "its beginning" says agent 'event: beat'
within 20 "its beginning" says other 'event: beat'
stream looks rina '?item=3'
RINA=${STREAMS[-1]}
for s in list mine; do within 20 "$s is told" says $s '[{"id":3,"name":"Rina Chatterjee"}]'; done
within 20 "and who came later" says looks '[{"id":3,"name":"sunil"}]'
kill "$RINA"
for s in list mine; do within 60 "$s is told that nobody looks" says $s 'data: []'; done
! seen -h 'event: looking' "$TMPDIR/other" "$TMPDIR/agent" || die "others are told"

step "only so many of one person: for one more the oldest makes way, and is told to ask; nobody is locked out by what was left behind"
for i in $(seq 12); do
    stream many$i anjali
    within 20 "stream $i" says many$i 'event: beat'
done
for i in 1 2 3 4; do
    within 20 "stream $i makes way" says many$i 'event: elsewhere'
    wait "${STREAMS[-$((13 - i))]}" || : # it ends
done
same "the others" "$(grep -lF elsewhere "$TMPDIR"/many* | wc -l)" 4
same "the poll of that person" "$(status_of anjali /count)" 200
step "a browser that goes leaves nothing behind, not even until the next line"
for i in 5 6 7 8 9 10 11 12; do kill "${STREAMS[-$((13 - i))]}"; done
for i in 1 2 3 4 5 6 7 8; do stream more$i anjali; done
for i in 1 2 3 4 5 6 7 8; do within 20 "stream $i" says more$i 'event: beat'; done
step "where an address has as many as it may, one's own oldest makes way as well, and nobody else gets one"
cat >"$TMPDIR/address.py" <<'PY'
import socket, sys
def opened(person):
    s = socket.socket()
    s.bind(('127.3.0.1', 0))
    s.settimeout(60)
    s.connect(('127.0.0.1', int(sys.argv[1])))
    s.sendall(b'GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: __Host-ghat=%064x\r\n\r\n' % (0xd000 + person))
    return s, until(s, b'\r\n\r\n')
def until(s, what, got=b''):
    while what not in got:
        more = s.recv(4096)
        assert more, got
        got += more
    return got
full = [opened(i // 8) for i in range(40)]
for n in range(9):  # each time one is over whose end is not sent yet
    s, head = opened(0)
    assert b' 200 ' in head and b'event-stream' in head, (n, head)
    full.append((s, head))
for s, head in full[:8]:
    until(s, b'elsewhere', head)
assert b'event-stream' not in opened(5)[1], 'one more than an address may have'
PY
python3 "$TMPDIR/address.py" "${DESK##*:}" || die "an address that has as many as it may"
step "however many watch, whether anything changed is asked once a second"
cat >"$TMPDIR/crowd.py" <<'PY'
import json, socket, sys, time
port, n = int(sys.argv[1]), int(sys.argv[2])
def connect(i):
    s = socket.socket()
    s.bind((f'127.1.{i // 100}.{1 + i % 100 // 20}', 0))
    s.settimeout(60)
    s.connect(('127.0.0.1', port))
    s.sendall(b'GET /live HTTP/1.1\r\nHost: localhost\r\nCookie: __Host-ghat=%064x\r\n\r\n' % (0xc000 + i))
    return s
crowd = [connect(i) for i in range(n)]
for s in crowd:
    got = b''
    while b'event: beat' not in got:
        more = s.recv(4096)
        assert more, got
        got += more
    assert got.startswith(b'HTTP/1.1 200'), got
print('open', flush=True)
for s in crowd:
    got = b''
    while b'"id":7' not in got:
        more = s.recv(4096)
        assert more, got
        got += more
print('told', flush=True)
ended = 0
for s in crowd:
    try:
        while s.recv(4096):
            pass
    except ConnectionResetError:
        pass
    ended += 1
print('ended', ended, flush=True)
PY
python3 "$TMPDIR/crowd.py" "${DESK##*:}" 300 >"$TMPDIR/crowd" 2>&1 &
CROWD=$!
within 60 "300 streams" grep open "$TMPDIR/crowd"
from=$(looks)
from_ms=$(date +%s%3N)
read -rt 4 <> <(:) || :
took=$(($(date +%s%3N) - from_ms))
n=$(($(looks) - from))
[ $n -ge 1 ] && [ $n -le $((took / 1000 + 2)) ] || die "asked $n times in $took ms"
step "all 300 are told"
touch_items 7
within 60 "each of them" grep told "$TMPDIR/crowd"
step "the end, with 300 of them suspended"
kill -TERM "$DESK_PID"
rc=0
wait "$DESK_PID" || rc=$?
DESK_PID=
same "its exit" "$rc" 0
wait "$CROWD" || die "$(cat "$TMPDIR/crowd")"
grep -F 'ended 300' "$TMPDIR/crowd" >/dev/null || die "not all streams ended: $(cat "$TMPDIR/crowd")"
for p in "${STREAMS[@]}"; do wait "$p" || :; done
