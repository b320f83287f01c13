#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Clients that send a byte now and then are cut off by a deadline that bytes do not prolong; with 500 silent sockets, trickling ones and a flood of
# logins an approver's page stays quick; malformed and smuggled requests end their connection. The desk is locked in meanwhile.
. tests/desk/lib.sh
up
[ -z "$SAN" ] || skip "times under a sanitizer say nothing"
step "walls: seccomp and no new privileges, in each thread"
[ "$(ls /proc/$DESK_PID/task | wc -l)" -ge 6 ] || die "threads are missing"
for t in /proc/$DESK_PID/task/*; do
    same "a thread's filter" "$(awk '/^(Seccomp|NoNewPrivs):/ { printf "%s ", $2 }' $t/status)" "1 2 "
done
cat >"$TMPDIR/crowd.py" <<'PY'
import http.client, socket, sys, threading, time, statistics
port, session = int(sys.argv[1]), sys.argv[2]
def connect(i):
    s = socket.socket()
    s.bind((f'127.0.{1 + i // 200}.{1 + i % 200}', 0))
    s.settimeout(40)
    s.connect(('127.0.0.1', port))
    return s
silent = [connect(i) for i in range(500)]
trickle = [connect(600 + i) for i in range(20)]
cut = [None] * len(trickle)
def drip(i):
    start = time.monotonic()
    try:
        for c in b'GET /q HTTP/1.1\r\nHost: x\r\nX-Slow: ' + b'a' * 4000:
            trickle[i].send(bytes([c]))
            time.sleep(0.25)
    except OSError:
        cut[i] = time.monotonic() - start
for i in range(len(trickle)):
    threading.Thread(target=drip, args=(i,), daemon=True).start()
def logins(i):
    for _ in range(30):
        c = http.client.HTTPConnection('127.0.0.1', port, timeout=60, source_address=(f'127.0.9.{1 + i}', 0))
        try:
            c.request('POST', '/login', 'name=rina&password=x', {'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin'})
            c.getresponse().read()
        except OSError:
            pass
for i in range(12):
    threading.Thread(target=logins, args=(i,), daemon=True).start()
kept = http.client.HTTPConnection('127.0.0.1', port, timeout=30) # a page, a while of reading, and the next one
kept.request('GET', '/login')
kept.getresponse().read()
read_since = time.monotonic()
socket_kept, again = kept.sock, None
times = []
end = time.monotonic() + 25
while time.monotonic() < end:
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
    start = time.monotonic()
    c.request('GET', '/q', headers={'Cookie': '__Host-ghat=' + session})
    r = c.getresponse()
    assert r.status == 200, r.status
    r.read()
    times.append(time.monotonic() - start)
    c.close()
    if again is None and time.monotonic() - read_since > 18:
        kept.request('GET', '/login')
        again = kept.getresponse()
        again.read()
    time.sleep(0.2)
p50, p99 = statistics.median(times), sorted(times)[int(len(times) * 0.99)]
print(f'{len(times)} pages: p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms')
assert p50 < 0.2, 'an approver waits'
assert again and again.status == 200 and kept.sock is socket_kept, 'whoever reads a page for a while is cut off'
late = [c for c in cut if c is None or c > 22]
assert not late, f'{len(late)} trickling clients were not cut off: {cut}'
gone = 0
for s in silent:
    s.setblocking(False)
    try:
        gone += s.recv(1) == b''
    except BlockingIOError:
        pass
    except OSError:
        gone += 1
assert gone == 500, f'{500 - gone} silent sockets are still there'
PY
step "a crowd"
python3 "$TMPDIR/crowd.py" "${DESK##*:}" "$(printf '%64s' '' | tr ' ' a)"
step "malformed and smuggled requests"
# What is no request line, and whose end comes in the same moment, may wait for the desk's own limit of 30 s.
raw() { printf "$1" | timeout 70 python3 -c '
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60)
s.sendall(sys.stdin.buffer.read()); s.shutdown(socket.SHUT_WR)
out = b""
while True:
    got = s.recv(65536)
    if not got: break
    out += got
print(out.count(b"HTTP/1.1 "), out[9:12].decode("latin-1"))' "${DESK##*:}"; }
for r in 'GET /q HTTP/1.1\r\nHost : x\r\n\r\n' 'GET /q\r\n\r\n' 'GET /q HTTP/9.9\r\nHost: x\r\n\r\n' 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n' \
    'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /q HTTP/1.1\r\n\r\n' \
    'GET /login HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nGET /login HTTP/1.1\r\nHost: x\r\n\r\n' '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' '\0\0\0\0\r\n\r\n'; do
    answer=$(raw "$r" || :)
    # libmicrohttpd writes the head of its own refusals twice; the connection ends after them
    case $answer in '0 '* | '1 '[345]* | '2 400') ;; *) die "$r: $answer" ;; esac
done
kill -0 "$DESK_PID" || die "the desk died"
same "afterwards" "$(status_of rina /q)" 200
